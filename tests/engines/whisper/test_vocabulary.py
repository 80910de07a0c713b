"""Which words of a second hearing, with a vocabulary in mind, take the place of what was heard first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local_agent.engines.whisper.vocabulary import context_of, corrected, count

if TYPE_CHECKING:
    from conftest import Starter

WORDS = ("Dr. Okafor", "metoprolol", "Siobhan Kelly", "Xeljanz", "Müller")


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        ("Call Dr. Oka for tomorrow.", "call Dr. Okafor tomorrow", "Call Dr. Okafor tomorrow."),
        ("I take met a pro loll.", "I take metoprolol", "I take metoprolol."),
        ("I take metaprolol, twice.", "I take metoprolol twice", "I take metoprolol, twice."),
        ("Is Shavon Kelly in?", "Is Siobhan Kelly in", "Is Siobhan Kelly in?"),
        ("Does Zell Jans help?", "It's Xeljanz help", "Does Xeljanz help?"),
        ("It is Miller's house.", "It is Müller's house", "It is Müller's house."),
        ("Meta prolol or zeljans?", "metoprolol or Xeljanz", "metoprolol or Xeljanz?"),
    ],
)
def test_a_word_of_the_vocabulary_takes_the_place_of_what_sounds_like_it(first: str, again: str, text: str) -> None:
    assert corrected(first, again, WORDS) == text


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("What time is it?", "what time is it"),
        ("What time is it?", "metoprolol, Xeljanz, Dr. Okafor"),
        ("What time is it?", "What time is it? Dr. Okafor, metoprolol"),
        ("What time is it?", ""),
        ("Turn on the lamp.", "Turn off the metoprolol."),
        ("Call the doctor.", "Call Dr. Okafor."),
        ("I saw the sea.", "I saw Siobhan sea."),
        ("", "Dr. Okafor"),
    ],
)
def test_nothing_else_is_taken(first: str, again: str) -> None:
    assert corrected(first, again, WORDS) == first


def test_only_its_words_are_taken() -> None:
    first = "Well, I'd like to see Oka for at three, please."
    again = "well I would like to see Okafor at free please"
    assert corrected(first, again, WORDS) == "Well, I'd like to see Okafor at three, please."


def test_the_context_is_a_text_without_tokens_of_another_meaning() -> None:
    def encode(text: str) -> list[int]:
        return [ord(letter) if letter != "|" else 50_258 for letter in text]

    assert context_of((), encode, 50_257) == []
    assert context_of(("a", "b|"), encode, 50_257) == [ord(letter) for letter in " a, b"]


def test_tokens_are_counted_without_the_weights(starter: Starter, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((starter.whisper / "tokenizer.json").read_bytes())
    assert count(("lamp",), tmp_path) == 1
    assert count(("lamp", "<|endoftext|>"), tmp_path) == count(("lamp", ""), tmp_path)
    assert 8 <= count(("Dr. Okafor", "metoprolol"), tmp_path) <= 16

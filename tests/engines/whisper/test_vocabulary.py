"""Which text of two counts: that of the sound alone, or that with a vocabulary in mind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local_agent.engines.whisper.vocabulary import context_of, count, spelled

if TYPE_CHECKING:
    from conftest import Starter

WORDS = ("Dr. Okafor", "metoprolol", "Siobhan Kelly", "Xeljanz", "Coca-Cola", "Kowalczyk", "布洛芬")


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        ("Call Dr. Oka for tomorrow.", "Call Dr. Okafor tomorrow.", "Call Dr. Okafor tomorrow."),
        ("I take met a pro loll.", "I take metoprolol", "I take metoprolol."),
        ("Is Shavon Kelly in?", "Is Siobhan Kelly in", "Is Siobhan Kelly in?"),
        ("Does Zulgence help?", "Does Xeljanz help,", "Does Xeljanz help?"),
        ("I speak to doctor?", "I speak to Dr. Okafor, please?", "I speak to Dr. Okafor, please?"),
        ("It is Cal's it's house.", "It is Kowalczyk's house.", "It is Kowalczyk's house."),
        ("A coke a colour at twenty-one.", "A Coca-Cola at twenty-one.", "A Coca-Cola at twenty-one."),
        ("我要不落分", "我要布洛芬", "我要布洛芬"),
    ],
)
def test_words_of_the_vocabulary_count_where_something_sounds_like_them(first: str, again: str, text: str) -> None:
    assert spelled(first, again, WORDS) == text


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        ("I take metaproal.", "I take metaprolol, twenty-one.", "I take metoprolol, twenty-one."),
        ("I take met a pro roll.", "I take METOPROLOLO.", "I take metoprolol."),
        ("Ask Calxit.", "Ask Kowalcyk.", "Ask Kowalczyk."),
    ],
)
def test_what_can_only_be_a_word_of_the_vocabulary_is_put_right(first: str, again: str, text: str) -> None:
    assert spelled(first, again, WORDS) == text


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("What time is it?", "what time is it"),
        ("What time is it?", "metoprolol, Xeljanz, Dr. Okafor"),
        ("What time is it?", "What time is it? Dr. Okafor, metoprolol"),
        ("What time is it?", ""),
        ("Turn on the lamp.", "Turn off the metoprolol."),
        ("I saw the sea.", "I saw Siobhan sea."),
        ("I take metaprolol.", "I take metaprolol"),
        ("", "Dr. Okafor"),
        ("我要水", "我要水。布洛芬布洛芬布洛芬"),
    ],
)
def test_without_that_nothing_of_the_second_text_is_taken(first: str, again: str) -> None:
    assert spelled(first, again, WORDS) == first


def test_the_context_is_a_text_without_tokens_of_another_meaning() -> None:
    def encode(text: str) -> list[int]:
        return [ord(letter) if letter != "|" else 50_258 for letter in text]

    assert context_of((), encode, 50_257) == []
    assert context_of(("a", "b|"), encode, 50_257) == [ord(letter) for letter in " a, b."]


def test_tokens_are_counted_without_the_weights(starter: Starter, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((starter.whisper / "tokenizer.json").read_bytes())
    assert count(("lamp",), tmp_path) == 2
    assert count(("lamp", "<|endoftext|>"), tmp_path) < count(("lamp", "<|nothing|>"), tmp_path)
    assert 8 <= count(("Dr. Okafor", "metoprolol"), tmp_path) <= 16

"""How many tokens a second of speech may take, by language."""

from __future__ import annotations

import pytest

from local_agent.engines.whisper.script import tokens_per_second


def as_bytes(text: str) -> list[int]:
    """The tokenizer without any pair: the most that a letter may take."""
    return list(text.encode())


def merged(text: str) -> list[int]:
    return [ord(text[0])]


@pytest.mark.parametrize(("language", "least"), [("hi", 17.7), ("th", 15), ("ta", 15), ("el", 12), ("ru", 9)])
def test_a_script_with_a_token_a_letter_fits(language: str, least: float) -> None:
    assert least <= tokens_per_second(language, merged) <= 25


@pytest.mark.parametrize("language", ["my", "am", "ka"])
def test_a_script_of_which_the_tokenizer_knows_bytes_alone_gets_more(language: str) -> None:
    assert tokens_per_second(language, as_bytes) == 3 * tokens_per_second(language, merged)


def test_what_was_measured_for_english_stays() -> None:
    assert tokens_per_second("en", as_bytes) == 9.0 < tokens_per_second("pl", as_bytes)

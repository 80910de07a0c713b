"""From which token is heard when to which word was said when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from faster_whisper.tokenizer import Tokenizer

from local_agent.engines.whisper.word_times import Word, shifted, word_times


def words(*pieces: str) -> Tokenizer:
    """A tokenizer to which a text is these pieces, a token each."""
    split: Any = lambda tokens: (list(pieces), [[token] for token in tokens])  # noqa: E731
    return cast(Tokenizer, SimpleNamespace(split_tokens_on_unicode=split))


def test_words_of_several_tokens_have_their_marks_but_not_the_pauses_behind() -> None:
    pieces = (" Good", " mor", "ning", ".", " It", "'s", " five", "-", "ish", ".")
    alignment = [(token, state) for token in range(11) for state in range(10 * token, 10 * token + 10)]
    assert word_times(words(*pieces), range(10), alignment) == [
        Word("Good", 0.0, 0.2),
        Word("morning.", 0.2, 0.6),
        Word("It's", 0.8, 1.2),
        Word("five-ish.", 1.2, 1.8),
    ]


def test_scripts_without_spaces_have_a_word_a_character() -> None:
    alignment = [(0, 0), (1, 10), (2, 20), (3, 30)]
    assert word_times(words(" 你", "好", "。"), range(3), alignment) == [Word("你", 0.0, 0.2), Word("好。", 0.2, 0.4)]


def test_times_never_go_back_and_stay_within_the_sound() -> None:
    found = word_times(words(" a", " b", " c"), range(3), [(0, 50), (2, 25)])
    assert all(word.end >= word.start for word in found)
    assert shifted([Word("a", 0.0, 0.5), Word("b", 0.5, 9.0)], 0.25, 0.5, 2.0) == (
        Word("a", 0.5, 0.75),
        Word("b", 0.75, 2.0),
    )
    assert word_times(words(), (), []) == []

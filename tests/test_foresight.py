"""Words that are read into the language model before their sentence is over."""

from __future__ import annotations

import pytest

from local_agent.foresight import lasting


@pytest.mark.parametrize(
    ("partial", "kept"),
    [
        ("", ""),
        ("Turn", ""),
        ("Turn on", ""),
        ("Turn on the", "Turn"),
        ("Well, turn on the lamp in the.", "Well, turn on the lamp"),
        ("Turn on  the lamp now", "Turn on the"),
    ],
)
def test_the_last_words_of_a_partial_transcript_may_change(partial: str, kept: str) -> None:
    assert lasting(partial) == kept

"""How long to wait before a turn is committed."""

from __future__ import annotations

import pytest

from local_agent.plugins.turn import Endpointing, Evidence, finished, patience

WAITS = Endpointing(draft_after=0.1, sure=0.2, bare=0.5, unsure=1.0)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("What is the weather like?", True),
        ("No.", True),
        ("No, thank you.", True),
        ("Yes, I do.", True),
        ("Stop!", True),
        ("It was twenty.", True),
        ("Où est la gare ?", True),
        ("What is the", False),
        ("Is it because", False),
        ("What is the.", False),  # Whisper's full stop after a cut
        ("I would like to, um.", False),
        ("Well,", False),
        ("So I thought...", False),
        ("So I thought…", False),
        ("One thing:", False),
        ("What are you waiting for?", True),  # a question may end in a preposition
        ("Who is she?", True),
        ("turn the light on please", None),
        ("Turn the light on.", None),  # the end of a request as often as not
        ("turn the light on", False),
        ("I do not like that.", None),
        ("seventeen", None),
        ("", None),
        ("...", None),
        ("?", None),
    ],
)
def test_a_transcript_sounds_finished_unfinished_or_neither(text: str, verdict: bool | None) -> None:
    assert finished(text) is verdict


@pytest.mark.parametrize(("text", "wait"), [("Stop now.", 0.2), ("stop now", 0.5), ("stop the", 1.0), ("", 0.5)])
def test_patience_follows_the_verdict(text: str, wait: float) -> None:
    assert patience(Evidence(text), WAITS) == wait


def test_spaces_round_a_transcript_do_not_matter() -> None:
    assert finished("  What now? \n") is True


def test_the_default_waits_are_in_order() -> None:
    waits = Endpointing()
    assert waits.draft_after < waits.sure < waits.bare < waits.unsure

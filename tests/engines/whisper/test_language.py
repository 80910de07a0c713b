"""Which language a call is in."""

from __future__ import annotations

import pytest

from local_agent.engines.whisper.language import Spoken, settled

GERMAN = Spoken("de", 0.97, 3.0)
PERHAPS_GERMAN = Spoken("de", 0.6, 3.0)
YES = Spoken("de", 0.9, 0.4)


@pytest.mark.parametrize(
    ("heard", "before", "expected"),
    [
        (YES, None, "de"),
        (Spoken("en", 0.95, 0.6), GERMAN, "de"),
        (Spoken("en", 0.7, 6.0), GERMAN, "de"),
        (Spoken("en", 0.8, 6.0), GERMAN, "de"),
        (Spoken("en", 0.81, 2.0), GERMAN, "en"),
        (Spoken("en", 0.5, 3.0), PERHAPS_GERMAN, "de"),
        (Spoken("en", 0.7, 1.0), PERHAPS_GERMAN, "en"),
        (Spoken("en", 0.85, 0.5), YES, "de"),
        (Spoken("en", 0.85, 2.5), YES, "en"),
    ],
)
def test_only_a_sure_detection_changes_the_language(heard: Spoken, before: Spoken | None, expected: str) -> None:
    assert settled(heard, before).language == expected


def test_a_language_once_sure_stays_sure() -> None:
    call: Spoken | None = None
    for heard in (GERMAN, Spoken("de", 0.4, 0.5), Spoken("nl", 0.6, 0.5), Spoken("en", 0.79, 4.0)):
        call = settled(heard, call)
        assert call == GERMAN

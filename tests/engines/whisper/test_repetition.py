from __future__ import annotations

import pytest

from local_agent.engines.whisper.repetition import echo, trim


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Turn on the lamp. Turn on the", "Turn on the lamp."),
        ("Turn on the lamp. Turn on the lamp.", "Turn on the lamp."),
        ("one two three four. One, two, three, four. One two", "one two three four."),
        ("no no no no no no", "no"),
        ("ha ha ha ha", "ha"),
        ("turn on the lamp, turn on the clamp. Turn on the", "turn on the lamp, turn on the clamp."),
    ],
)
def test_a_loop_at_the_end_is_cut_off(text: str, left: str) -> None:
    assert trim(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "No, no.",
        "Good morning, Steve. Good morning, Katie.",
        "seven eight seven seven eight nine",
        "two one seven four two one",
        "the cat and the dog and the bird",
        "turn on the lamp and then turn on the radio",
    ],
)
def test_what_people_say_twice_stays(text: str) -> None:
    assert echo(text) is None
    assert trim(text) == text

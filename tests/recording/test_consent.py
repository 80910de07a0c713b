"""Only a plain yes is a yes."""

from __future__ import annotations

import pytest

from local_agent.recording import consent


@pytest.mark.parametrize(
    "text",
    ["Yes.", "yes", "Yeah, sure.", "Okay.", "Yes, please.", "Of course!", "Sure, go ahead.", "Um, yes.",
     "Yes, you may.", "I agree.", "Yes, that's fine.", "Yes, you can record this call."],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert consent.agrees(text) and not consent.declines(text)


@pytest.mark.parametrize(
    "text",
    ["", "No.", "No, thank you.", "Please don't.", "Yes and no.", "Yes, but not now.", "What for?", "Yesterday.",
     "Rather not.", "Sure you want to?", "I don't know.", "You are not allowed to record this.", "Is that okay?",
     "Nope.", "Okay, no."],
)  # fmt: skip
def test_all_else_is_no_yes(text: str) -> None:
    assert not consent.agrees(text)


@pytest.mark.parametrize(
    "text", ["No.", "No, thank you.", "Please don't.", "Rather not.", "Nope.", "Do not record me."]
)
def test_no(text: str) -> None:
    assert consent.declines(text)


@pytest.mark.parametrize("text", ["What is the time?", "Nobody knows.", "Another thing.", "Notes, please."])
def test_another_matter_is_neither(text: str) -> None:
    assert not consent.declines(text) and not consent.agrees(text)


@pytest.mark.parametrize(
    ("text", "stops"),
    [("Stop recording.", True), ("Please stop the recording now.", True), ("Could you end this recording?", True),
     ("stop", False), ("Don't stop recording.", False), ("Who can stop recording an album?", False)],
)  # fmt: skip
def test_stop(text: str, stops: bool) -> None:
    assert consent.stops(text) == stops

"""What a session's own detector tells it, beside other voices and without."""

from __future__ import annotations

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import vad
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.plugins.caller_vad import CallerVad
from local_agent.turns.speech import WINDOW
from tests.plugins.fakeengines import LoudnessVad, run, silence, speech

Kind = vad.VADEventType


def crowd(seconds: float, decibels: float = 67.0) -> NDArray[np.int16]:
    """Sound that is always speech to the detector, of about this level."""
    chance = np.random.default_rng(1)
    count = round(seconds * SPEECH_RATE / WINDOW)
    levels = chance.normal(decibels, 3, count).clip(decibels - 6, decibels + 4)
    sound = chance.standard_normal((count, WINDOW)) * 10 ** (levels[:, None] / 20)
    return sound.clip(-32768, 32767).astype(np.int16).ravel()


def told(detector: vad.VAD, *pieces: NDArray[np.int16]) -> list[vad.VADEvent]:
    async def hear() -> list[vad.VADEvent]:
        stream = detector.stream()
        samples = np.concatenate(pieces)
        for at in range(0, len(samples), WINDOW):
            piece = samples[at : at + WINDOW]
            stream.push_frame(rtc.AudioFrame(piece.tobytes(), SPEECH_RATE, 1, len(piece)))
        stream.end_input()
        events = [event async for event in stream]
        await stream.aclose()
        return events

    return run(hear())


def changes(events: list[vad.VADEvent]) -> list[tuple[Kind, float]]:
    """Beginnings and ends of speech, with the seconds at which they were told."""
    return [(event.type, event.timestamp) for event in events if event.type != Kind.INFERENCE_DONE]


def test_without_other_voices_everything_is_as_the_detector_tells_it() -> None:
    sounds = silence(1), speech("one two three"), silence(1), speech("four five"), silence(1)
    plain, ours = told(LoudnessVad(), *sounds), told(CallerVad(LoudnessVad()), *sounds)
    assert [(event.type, event.samples_index, event.probability) for event in plain] == [
        (event.type, event.samples_index, event.probability) for event in ours
    ]


def test_a_crowd_that_never_pauses_is_silence_after_a_while() -> None:
    events = told(CallerVad(LoudnessVad()), silence(1), crowd(20))
    (began, _), (ended, when) = changes(events)
    assert (began, ended) == (Kind.START_OF_SPEECH, Kind.END_OF_SPEECH) and 2.5 < when < 5.5
    assert not any(event.speaking for event in events[-300:])


def test_a_caller_in_a_crowd_begins_and_ends() -> None:
    caller = np.tile(crowd(0.2, 84), 8)
    events = changes(told(CallerVad(LoudnessVad()), silence(1), crowd(8), caller, crowd(4)))
    assert [kind for kind, _ in events[2:]] == [Kind.START_OF_SPEECH, Kind.END_OF_SPEECH]
    assert events[2][1] == pytest.approx(9.3, abs=0.3) and events[3][1] == pytest.approx(11, abs=0.6)

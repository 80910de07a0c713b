"""Speech to text of whole recordings."""

from __future__ import annotations

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIError
from livekit.agents.metrics import STTMetrics
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.errors import EngineBusy, EngineError
from tests.plugins.fakeengines import FakeEngines, run, speech
from tests.plugins.sttkit import AGAIN, ONCE, Kind, plugin


def frame(samples: NDArray[np.int16], rate: int = SPEECH_RATE, channels: int = 1) -> rtc.AudioFrame:
    return rtc.AudioFrame(samples.tobytes(), rate, channels, len(samples) // channels)


TEXT = "one two three the and"
BUFFERS = {
    "mono": frame(speech(TEXT)),
    "stereo": frame(np.repeat(speech(TEXT), 2), channels=2),
    "48 kHz stereo": frame(np.repeat(speech(TEXT, 48_000), 2), 48_000, 2),
    "8 kHz": frame(speech(TEXT, 8_000), 8_000),
    "frames": [frame(piece) for piece in np.array_split(speech(TEXT), 7)],
}


@pytest.mark.parametrize("name", BUFFERS)
def test_a_recording_is_recognised_whole(engines: FakeEngines, name: str) -> None:
    async def check() -> None:
        measured: list[STTMetrics] = []
        heard_by = plugin(engines)
        heard_by.on("metrics_collected", measured.append)
        event = await heard_by.recognize(BUFFERS[name], conn_options=ONCE)
        assert event.type == Kind.FINAL_TRANSCRIPT and event.request_id
        assert event.alternatives[0].text == f"{TEXT}."
        assert event.alternatives[0].end_time == pytest.approx(len(speech(TEXT)) / SPEECH_RATE, abs=0.05)
        assert len(measured) == 1 and not measured[0].streamed and measured[0].audio_duration > 1

    run(check())


def test_a_recording_is_heard_with_the_vocabulary_of_the_settings() -> None:
    async def check() -> None:
        engines = FakeEngines(vocabulary=("Okafor",))
        await plugin(engines).recognize(BUFFERS["mono"], conn_options=ONCE)
        assert engines.ears.vocabularies == [("Okafor",)]

    run(check())


def test_recognising_a_recording_is_tried_again_when_that_may_help(engines: FakeEngines) -> None:
    async def check() -> None:
        engines.ears.desk.failures = [EngineBusy("busy")]
        event = await plugin(engines).recognize(BUFFERS["mono"], conn_options=AGAIN)
        assert event.alternatives[0].text == f"{TEXT}."
        engines.ears.desk.failures = [EngineError("broken")]
        with pytest.raises(APIError, match="broken"):
            await plugin(engines).recognize(BUFFERS["mono"], conn_options=AGAIN)
        assert len(engines.ears.heard) == 3

    run(check())

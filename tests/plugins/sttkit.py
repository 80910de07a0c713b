"""Talking to a speech-to-text stream in tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.plugins import whisper
from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import WINDOW
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, until

Kind = stt.SpeechEventType
PATIENT = Endpointing(draft_after=0.1, sure=3.0, bare=3.0, unsure=3.0)  # no pause of a test ends a turn
# The gaps between a test's words are no silences, as they are none between spoken words.
STEADY = Endpointing(draft_after=0.1, sure=0.25, bare=0.25, unsure=0.25)
ONCE = APIConnectOptions(max_retry=0)
AGAIN = APIConnectOptions(max_retry=1, retry_interval=0.0)


class Talk:
    """A stream, what was heard from it so far, and a microphone."""

    def __init__(self, stream: whisper.Stream, rate: int = SPEECH_RATE) -> None:
        self.stream, self.rate = stream, rate
        self.events: list[stt.SpeechEvent] = []
        self.said = self.judged = 0  # samples: at `rate` into the stream, and those that it has thought about
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.stream:
            self.events.append(event)

    def hear(self, *pieces: NDArray[np.int16]) -> None:
        samples, step = np.concatenate(pieces), self.rate // 50
        self.said += len(samples)
        for at in range(0, len(samples), step):
            piece = samples[at : at + step]
            self.stream.push_frame(rtc.AudioFrame(piece.tobytes(), self.rate, 1, len(piece)))

    def of(self, kind: Kind) -> list[stt.SpeechEvent]:
        return [event for event in self.events if event.type == kind]

    def texts(self, kind: Kind) -> list[str]:
        return [event.alternatives[0].text for event in self.of(kind)]

    @property
    def kinds(self) -> list[Kind]:
        return [event.type for event in self.events]

    async def until(self, kind: Kind, count: int = 1) -> None:
        await until(lambda: len(self.of(kind)) >= count or self.reading.done(), f"{count} {kind.value}")
        assert len(self.of(kind)) >= count, (self.kinds, self.reading)

    async def settle(self) -> None:
        """Until the stream has heard all that was said so far and thought about it."""
        await until(lambda: self.judged + 2 * WINDOW > self.said * SPEECH_RATE / self.rate, "hearing all of it")
        await asyncio.sleep(0.05)

    def judge(self, floor: InterruptionHandler) -> None:
        """Note which windows the stream has come to, which it shows to the floor one by one."""
        window = floor.window

        def noted(heard: NDArray[np.float32], probability: float) -> float:
            self.judged += WINDOW
            return window(heard, probability)

        floor.window = noted  # type: ignore[method-assign]

    async def rest(self) -> None:
        """End the input and read on to the end of the stream."""
        self.stream.end_input()
        await self.reading


def plugin(engines: FakeEngines, endpointing: Endpointing | None = None, **options: Any) -> whisper.STT:
    options.setdefault("vad", LoudnessVad())
    if endpointing is None:
        endpointing = Endpointing(draft_after=0.1) if options.get("commits_turns") else STEADY
    return whisper.STT(engines=engines.engines, endpointing=endpointing, **options)


@asynccontextmanager
async def talking(
    heard_by: whisper.STT, *, conn: APIConnectOptions = ONCE, rate: int = SPEECH_RATE, **options: Any
) -> AsyncIterator[Talk]:
    talk = Talk(heard_by.stream(conn_options=conn, **options), rate)
    talk.judge(heard_by.floor)
    try:
        yield talk
    finally:
        await talk.stream.aclose()
        talk.reading.cancel()
        await asyncio.gather(talk.reading, return_exceptions=True)

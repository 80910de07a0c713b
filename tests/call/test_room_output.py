"""The voice in a room, on a track nobody hears: what is sent, what comes back to be sent again, what is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent
from numpy.typing import NDArray

from local_agent.audio.playback import BACK, DIP, DUCKED, RATE, RISE
from local_agent.call.room_output import FRAME, QUEUE, Loudspeaker

Work = Callable[["Stage"], Any]


class Stage:
    """A loudspeaker, what it sent, and what it reported."""

    def __init__(self) -> None:
        self.sent: list[NDArray[np.int16]] = []
        self.cuts: list[float] = []
        self.finished: list[PlaybackFinishedEvent] = []
        self.started: list[float] = []
        person = SimpleNamespace(publish_track=self._publish)
        room: Any = SimpleNamespace(local_participant=person)
        self.speaker = Loudspeaker(room)
        self.speaker.tell(lambda piece, rate, at: self.sent.append(piece), self.cuts.append, lambda _: None)
        self.speaker.on("playback_finished", self.finished.append)
        self.speaker.on("playback_started", lambda event: self.started.append(event.created_at))

    async def _publish(self, track: rtc.LocalAudioTrack, options: rtc.TrackPublishOptions) -> Any:
        assert options.source == rtc.TrackSource.SOURCE_MICROPHONE
        return SimpleNamespace(wait_for_subscription=self._subscribed)

    async def _subscribed(self) -> None:
        await asyncio.sleep(0)

    async def say(self, samples: NDArray[np.int16], *, whole: bool = True) -> None:
        for at in range(0, len(samples), FRAME):
            piece = samples[at : at + FRAME]
            await self.speaker.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece)))
        if whole:
            self.speaker.flush()

    @property
    def heard(self) -> NDArray[np.int16]:
        return np.concatenate([np.zeros(0, np.int16), *self.sent])


def on_stage(work: Work) -> None:
    async def guarded() -> None:
        stage = Stage()
        try:
            async with asyncio.timeout(20):
                await work(stage)
        finally:
            await stage.speaker.aclose()

    asyncio.run(guarded())


def ramp(seconds: float) -> NDArray[np.int16]:
    """Every sample another one, for as long as int16 lasts."""
    return (np.arange(int(seconds * RATE)) % 60_000 - 30_000).astype(np.int16)


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  # whatever is waited for has no event of its own
        await asyncio.sleep(0.01)


def test_an_answer_is_sent_whole_and_reported_once() -> None:
    async def work(stage: Stage) -> None:
        samples = ramp(0.505)
        await stage.say(samples)
        await until(lambda: stage.finished)
        assert np.array_equal(stage.heard, samples)
        assert len(stage.started) == 1
        assert not stage.finished[0].interrupted and stage.finished[0].playback_position == len(samples) / RATE
        assert stage.speaker.left() == 0.0

    on_stage(work)


def test_nothing_is_lost_in_a_pause() -> None:
    async def work(stage: Stage) -> None:
        samples = ramp(1.2)
        await stage.say(samples)
        await until(lambda: len(stage.heard) > 0.5 * RATE)
        stage.speaker.pause()
        stage.speaker.pause()
        sent = len(stage.heard)
        await asyncio.sleep(0.3)
        assert len(stage.heard) == sent and len(stage.cuts) == 1
        stage.speaker.resume()
        await until(lambda: stage.finished)
        again = stage.heard[sent:]
        start = len(samples) - len(again)
        assert np.array_equal(again, samples[start:])
        assert sent - (BACK + 0.3) * RATE <= start <= sent  # from before the pause: what stood in the queue, and a word
        assert not stage.finished[0].interrupted

    on_stage(work)


def test_what_is_cleared_ends_interrupted() -> None:
    async def work(stage: Stage) -> None:
        await stage.say(ramp(1.2))
        await until(lambda: len(stage.heard) > 0.4 * RATE)
        stage.speaker.pause()
        stage.speaker.flush()
        stage.speaker.clear_buffer()
        assert not stage.finished  # whoever clears learns of it after that
        await until(lambda: stage.finished)
        assert stage.finished[0].interrupted and 0 < stage.finished[0].playback_position < 0.6
        sent = len(stage.heard)
        stage.speaker.resume()
        await stage.say(ramp(0.1))
        await until(lambda: len(stage.finished) == 2)
        assert len(stage.heard) - sent == int(0.1 * RATE) and not stage.finished[1].interrupted

    on_stage(work)


def test_a_ducked_voice_is_soft_at_once_and_for_a_moment_and_loses_nothing() -> None:
    async def work(stage: Stage) -> None:
        samples = np.full(int(1.5 * RATE), 8_000, np.int16)
        await stage.say(samples)
        await until(lambda: len(stage.heard) > 0.5 * RATE)
        sent = len(stage.heard)
        stage.speaker.duck()
        await until(lambda: stage.finished)
        assert len(stage.cuts) == 1 and not stage.finished[0].interrupted
        again = stage.heard[sent:]
        taken_back = len(stage.heard) - len(samples)
        assert 0 <= taken_back <= (QUEUE / 1000 + 0.05) * RATE  # what stood in the queue, and nothing of before
        soft = np.flatnonzero(again == int(8_000 * DUCKED))
        assert soft[0] < 0.03 * RATE and len(soft) > 0.8 * (DIP - 0.03) * RATE
        assert (again[int((DIP + RISE + 0.02) * RATE) :] == 8_000).all()
        assert (np.abs(np.diff(again[soft[0] :].astype(np.int32))) < 10).all()  # no click

    on_stage(work)


def test_the_last_words_are_ducked_too() -> None:
    async def work(stage: Stage) -> None:
        samples = np.full(int(0.5 * RATE), 8_000, np.int16)
        await stage.say(samples)
        await until(lambda: len(stage.heard) == len(samples))  # what is left stands in the track's queue
        stage.speaker.duck()
        await until(lambda: stage.finished)
        left = len(stage.heard) - len(samples)
        assert left > 0.1 * RATE and (stage.heard[-1000:] < 8_000).all()
        assert stage.finished[0].playback_position == 0.5 and not stage.finished[0].interrupted

    on_stage(work)


def test_a_voice_that_is_held_or_silent_is_not_ducked() -> None:
    async def work(stage: Stage) -> None:
        stage.speaker.duck()
        await stage.say(np.full(RATE, 8_000, np.int16))
        await until(lambda: len(stage.heard) > 0.3 * RATE)
        assert not stage.cuts and (stage.heard == 8_000).all()
        stage.speaker.duck()
        stage.speaker.pause()
        stage.speaker.duck()
        sent = len(stage.heard)
        stage.speaker.resume()
        await until(lambda: stage.finished)
        assert len(stage.cuts) == 2 and (stage.heard[sent:] == 8_000).all()

    on_stage(work)


def test_it_knows_how_much_is_left() -> None:
    async def work(stage: Stage) -> None:
        assert stage.speaker.left() == 0.0
        await stage.say(ramp(0.6), whole=False)
        assert stage.speaker.left() == float("inf")
        stage.speaker.flush()
        assert 0.0 < stage.speaker.left() <= 0.6 + 0.02

    on_stage(work)

"""What every audio output of a session does when the agent is talked over: in a room, at a sound card, into a file, and
with whatever stands before it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from livekit.agents.voice.io import AudioOutput, PlaybackFinishedEvent, TimedString
from livekit.agents.voice.transcription.synchronizer import TranscriptSynchronizer
from numpy.typing import NDArray

from local_agent.audio.agent_voice import AgentVoice
from local_agent.audio.local_io import PullAudioOutput
from local_agent.audio.playback import BACK, DIP, DUCKED, RATE, RISE
from local_agent.audio.samples import SPEECH_RATE
from local_agent.call.room_output import Loudspeaker
from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.recording.recorder import Recorder, Tap
from local_agent.turns.speech import WINDOW

BLOCK = RATE // 50
LAG = 0.25  # s that may pass from a pause until nothing more is told; what a track's queue held counts as unheard
Samples = NDArray[np.int16]


async def in_a_room() -> AsyncIterator[AudioOutput]:
    async def subscribed() -> None:
        await asyncio.sleep(0)

    async def publish(*_: Any) -> Any:
        return SimpleNamespace(wait_for_subscription=subscribed)

    room: Any = SimpleNamespace(local_participant=SimpleNamespace(publish_track=publish))
    speaker = Loudspeaker(room)
    yield speaker
    await speaker.aclose()


async def pulled() -> AsyncIterator[AudioOutput]:
    """As the sound card does in `console`, and a clock in `talk`."""
    mouth = PullAudioOutput()

    async def card() -> None:
        began, count = time.monotonic(), 0
        while True:
            mouth.pull(BLOCK)
            count += 1
            await asyncio.sleep(max(0.0, began + count * BLOCK / RATE - time.monotonic()))

    playing = asyncio.create_task(card())
    yield mouth
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


async def with_words() -> AsyncIterator[AudioOutput]:
    async for mouth in pulled():
        paced = TranscriptSynchronizer(next_in_chain_audio=mouth, next_in_chain_text=None)  # type: ignore[arg-type]
        yield paced.audio_output
        await paced.aclose()


async def recorded() -> AsyncIterator[AudioOutput]:
    async for mouth in pulled():
        yield Tap(mouth, Recorder(Path("nowhere"), bytes(32)))


OUTPUTS = {"room": in_a_room, "card": pulled, "card with words": with_words, "recorded": recorded}


class Stage:
    """An output, what is heard of it, and what it reports."""

    def __init__(self, output: AudioOutput) -> None:
        self.output = output
        inner: AudioOutput | None = output
        while not isinstance(inner, AgentVoice):
            assert inner is not None, "nothing in the chain is an AgentVoice"
            inner = inner.next_in_chain
        self.voice = inner
        self.finished: list[PlaybackFinishedEvent] = []
        self.started: list[object] = []
        self._told: list[tuple[float, Samples]] = []
        output.on("playback_finished", self.finished.append)
        output.on("playback_started", self.started.append)
        self.words: list[str] = []
        inner.tell(self._on_sound, self._on_cut, self.words.append)

    def _on_sound(self, samples: Samples, rate: int, at: float) -> None:
        assert rate == RATE and samples.dtype == np.int16
        self._told.append((at, samples))

    def _on_cut(self, at: float) -> None:
        kept = [(begins, piece[: max(0, round((at - begins) * RATE))]) for begins, piece in self._told]
        self._told = [(begins, piece) for begins, piece in kept if len(piece)]

    @property
    def heard(self) -> Samples:
        return np.concatenate([np.zeros(0, np.int16), *(piece for _, piece in self._told)])

    @property
    def began(self) -> float:
        return self._told[0][0]

    async def say(self, samples: Samples, *, whole: bool = True) -> None:
        for at in range(0, len(samples), BLOCK):
            piece = samples[at : at + BLOCK]
            await self.output.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece)))
        if whole:
            self.output.flush()

    async def hear(self, seconds: float) -> None:
        await until(lambda: len(self.heard) >= seconds * RATE)


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  # whatever is waited for has no event of its own
        await asyncio.sleep(0.01)


@pytest.fixture(params=OUTPUTS, ids=list(OUTPUTS))
def on_stage(request: pytest.FixtureRequest) -> Callable[[Callable[[Stage], Awaitable[None]]], None]:
    def play(scene: Callable[[Stage], Awaitable[None]]) -> None:
        async def guarded() -> None:
            async with asyncio.timeout(20), asynccontextmanager(OUTPUTS[request.param])() as output:
                await scene(Stage(output))

        asyncio.run(guarded())

    return play


Play = Callable[[Callable[[Stage], Awaitable[None]]], None]


def ramp(seconds: float) -> Samples:
    """Every sample another one, for as long as int16 lasts."""
    return (np.arange(int(seconds * RATE)) % 60_000 - 30_000).astype(np.int16)


def test_all_that_is_heard_is_told_with_its_time(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        samples, before = ramp(0.6), time.monotonic()
        await stage.say(samples)
        await until(lambda: stage.finished)
        assert np.array_equal(stage.heard, samples) and len(stage.started) == 1
        assert before <= stage.began <= time.monotonic()
        (end,) = stage.finished
        assert not end.interrupted and abs(end.playback_position - 0.6) < 0.001

    on_stage(scene)


def test_the_words_that_came_with_a_sound_are_told(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        frame = rtc.AudioFrame(ramp(0.1).tobytes(), RATE, 1, RATE // 10)
        frame.userdata[USERDATA_TIMED_TRANSCRIPT] = [TimedString("Good morning,"), TimedString("caller.")]
        await stage.output.capture_frame(frame)
        assert " ".join(stage.words) == "Good morning, caller."

    on_stage(scene)


def test_a_pause_is_silent_at_once_and_loses_nothing(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        samples = ramp(1.2)
        await stage.say(samples)
        await stage.hear(0.5)
        stage.output.pause()
        await asyncio.sleep(0)
        paused = len(stage.heard)
        await asyncio.sleep(0.3)
        assert len(stage.heard) == paused and not stage.finished
        stage.output.resume()
        await until(lambda: stage.finished)
        again = stage.heard[paused:]
        start = len(samples) - len(again)
        assert np.array_equal(again, samples[start:])
        assert paused - (BACK + LAG) * RATE <= start <= paused + 1
        assert not stage.finished[0].interrupted

    on_stage(scene)


def test_what_is_cut_off_tells_how_far_it_got_and_spoils_nothing_after_it(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(ramp(2.0))
        await stage.hear(0.5)
        stage.output.pause()
        stage.output.clear_buffer()
        await until(lambda: stage.finished)
        heard = len(stage.heard)
        assert stage.finished[0].interrupted and abs(stage.finished[0].playback_position - heard / RATE) < 0.03
        stage.output.resume()
        await stage.say(ramp(0.2))
        await until(lambda: len(stage.finished) == 2)
        assert np.array_equal(stage.heard[heard:], ramp(0.2)) and not stage.finished[1].interrupted

    on_stage(scene)


def test_a_ducked_voice_is_soft_for_a_moment_and_loses_nothing(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.voice.duck()  # nothing is said: nothing becomes softer later
        await stage.say(np.full(int(1.2 * RATE), 8_000, np.int16))
        await stage.hear(0.4)
        assert (stage.heard == 8_000).all()
        stage.voice.duck()
        await until(lambda: stage.finished)
        soft = np.flatnonzero(stage.heard == int(8_000 * DUCKED))
        assert len(soft) > 0.8 * (DIP - 0.03) * RATE
        assert (np.abs(np.diff(stage.heard[soft[0] :].astype(np.int32))) < 10).all(), "a click"
        assert (stage.heard[soft[-1] + int((RISE + 0.02) * RATE) :] == 8_000).all()
        assert abs(len(stage.heard) - 1.2 * RATE) < 0.01 * RATE and not stage.finished[0].interrupted

    on_stage(scene)


def test_a_voice_that_was_ducked_at_its_end_leaves_the_next_one_as_it_is(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        for count in (1, 2):
            await stage.say(np.full(int(0.3 * RATE), 8_000, np.int16))
            await stage.hear((count - 1) * 0.3 + 0.2)
            if count == 1:
                stage.voice.duck()
            await until(lambda count=count: len(stage.finished) == count)  # type: ignore[misc]
            await asyncio.sleep(DIP + RISE)
        assert (stage.heard[-int(0.3 * RATE) :] == 8_000).all()

    on_stage(scene)


def test_it_knows_how_much_is_left(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        assert stage.voice.left() == 0.0
        await stage.say(ramp(0.4), whole=False)
        assert stage.voice.left() == float("inf")
        stage.output.flush()
        assert 0.0 < stage.voice.left() <= 0.43
        await until(lambda: stage.finished)
        assert stage.voice.left() == 0.0

    on_stage(scene)


def test_who_talks_over_it_is_heard_before_their_turn_ends(on_stage: Play) -> None:
    """The floor learns from the output that there is no echo; then a sound holds the voice and words end it."""

    async def scene(stage: Stage) -> None:
        handle = SimpleNamespace(allow_interruptions=True, interrupted=False, add_done_callback=lambda _: None)
        handle.interrupt = lambda: setattr(handle, "interrupted", True)
        session: Any = SimpleNamespace(agent_state="speaking", current_speech=handle)
        session.output = SimpleNamespace(audio=stage.output)
        floor = InterruptionHandler()
        floor.attach(session)
        floor.follow(stage.voice)
        speech = np.random.default_rng(1).normal(0, 3_000, 5 * RATE).astype(np.int16)
        await stage.say(speech)
        while not floor.machine.echo.settled:
            floor.window(np.zeros(WINDOW, np.float32), 0.0)
            await asyncio.sleep(WINDOW / SPEECH_RATE)
        floor.window(np.full(WINDOW, 0.1, np.float32), 0.9)
        floor.window(np.full(WINDOW, 0.1, np.float32), 0.9)
        left = stage.voice.left()
        await asyncio.sleep(0.2)
        assert stage.voice.left() == left > 1.0, "the voice was not held"
        assert floor.words("Wait a moment") == "Wait a moment" and handle.interrupted

    on_stage(scene)

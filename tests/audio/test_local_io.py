"""Ear and Mouth: nothing is lost, nothing reported twice, in whatever order push, flush, clear, pause and pull come."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent
from numpy.typing import NDArray

from local_agent.audio.local_io import HEARD_RATE, SPOKEN_RATE, PullAudioOutput, QueueAudioInput

BLOCK = 480  # 10 ms


def sound(count: int, first: int = 1) -> NDArray[np.int16]:
    """Samples that tell where they came from: first, first + 1, ..."""
    return np.arange(first, first + count).astype(np.int16)


def frame(samples: NDArray[np.int16]) -> rtc.AudioFrame:
    return rtc.AudioFrame(samples.tobytes(), SPOKEN_RATE, 1, len(samples))


@dataclass
class Log:
    """What a mouth reported, in order."""

    events: list[str] = field(default_factory=list)
    finished: list[PlaybackFinishedEvent] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def follow(self, mouth: PullAudioOutput) -> PullAudioOutput:
        mouth.on("playback_started", lambda event: self._add("started"))
        mouth.on("playback_finished", self._on_finished)
        return mouth

    def _add(self, what: str) -> None:
        self.events.append(what)
        self.threads.add(threading.get_ident())

    def _on_finished(self, event: PlaybackFinishedEvent) -> None:
        self._add("cut" if event.interrupted else "finished")
        self.finished.append(event)

    @property
    def positions(self) -> list[float]:
        return [event.playback_position for event in self.finished]


async def settle() -> None:
    """Reports travel through the loop."""
    for _ in range(5):
        await asyncio.sleep(0)


def with_mouth(scene: Callable[[PullAudioOutput, Log], Awaitable[None]]) -> None:
    async def play() -> None:
        log = Log()
        await asyncio.wait_for(scene(log.follow(PullAudioOutput()), log), 30)

    asyncio.run(play())


def test_a_segment_is_reported_once_from_first_to_last_sample() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        assert not mouth.pull(BLOCK).any()
        await mouth.capture_frame(frame(sound(600)))
        await mouth.capture_frame(frame(sound(400, 601)))
        mouth.flush()
        await settle()
        assert log.events == []
        first = mouth.pull(BLOCK)
        await settle()
        assert log.events == ["started"]
        second, third = mouth.pull(BLOCK), mouth.pull(BLOCK)
        await settle()
        assert log.events == ["started", "finished"]
        assert log.positions == [1000 / SPOKEN_RATE]
        heard = np.concatenate([first, second, third])
        assert heard[:1000].tolist() == sound(1000).tolist()
        assert not heard[1000:].any()
        mouth.pull(BLOCK)
        mouth.clear_buffer()
        mouth.flush()
        await settle()
        assert log.events == ["started", "finished"]

    with_mouth(scene)


def test_a_segment_that_was_pulled_empty_ends_with_its_flush() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(BLOCK)))
        mouth.pull(BLOCK)
        await settle()
        assert log.events == ["started"]  # more may come: the model still writes
        mouth.pull(BLOCK)
        mouth.flush()
        await settle()
        assert log.events == ["started", "finished"]
        assert log.positions == [BLOCK / SPOKEN_RATE]

    with_mouth(scene)


def test_an_underrun_in_the_middle_is_silence_and_no_event() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(100)))
        assert mouth.pull(BLOCK)[100:].any() == np.False_
        await mouth.capture_frame(frame(sound(100, 101)))
        assert mouth.pull(BLOCK)[:100].tolist() == sound(100, 101).tolist()
        mouth.flush()
        await settle()
        assert log.events == ["started", "finished"]
        assert log.positions == [200 / SPOKEN_RATE]

    with_mouth(scene)


def test_an_interruption_tells_how_far_it_got() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(4800)))
        mouth.flush()
        mouth.pull(BLOCK)
        mouth.clear_buffer()
        await settle()
        assert log.events == ["started", "cut"]
        assert log.positions == [BLOCK / SPOKEN_RATE]
        assert not mouth.pull(BLOCK).any()

    with_mouth(scene)


def test_what_is_cleared_before_it_was_heard_counts_too() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(4800)))
        mouth.clear_buffer()
        mouth.flush()  # as livekit-agents does: the flush of a cancelled answer comes after its clearing
        await settle()
        assert log.events == ["cut"]
        assert log.positions == [0.0]
        await asyncio.wait_for(mouth.wait_for_playout(), 5)

    with_mouth(scene)


def test_pause_keeps_the_audio_and_its_place() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(960)))
        mouth.flush()
        assert mouth.pull(BLOCK).tolist() == sound(BLOCK).tolist()
        mouth.pause()
        assert not mouth.pull(BLOCK).any()
        assert not mouth.pull(10 * BLOCK).any()
        await settle()
        assert log.events == ["started"]
        mouth.resume()
        assert mouth.pull(BLOCK).tolist() == sound(BLOCK, BLOCK + 1).tolist()
        await settle()
        assert log.events == ["started", "finished"]
        assert log.positions == [960 / SPOKEN_RATE]

    with_mouth(scene)


def test_clearing_while_paused_ends_the_segment_and_leaves_the_next_one_whole() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(960)))
        mouth.flush()
        mouth.pull(BLOCK)
        mouth.pause()
        mouth.clear_buffer()
        await settle()
        assert log.events == ["started", "cut"]
        assert log.positions == [BLOCK / SPOKEN_RATE]
        mouth.resume()
        await mouth.capture_frame(frame(sound(BLOCK, 5000)))
        mouth.flush()
        assert mouth.pull(BLOCK).tolist() == sound(BLOCK, 5000).tolist()
        await settle()
        assert log.events == ["started", "cut", "started", "finished"]

    with_mouth(scene)


def test_segments_back_to_back_are_played_whole_and_in_order() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        for number in range(4):
            await mouth.capture_frame(frame(sound(300, 1 + 300 * number)))
            mouth.flush()
        heard = np.concatenate([mouth.pull(BLOCK) for _ in range(3)])
        await settle()
        assert heard[:1200].tolist() == sound(1200).tolist()
        assert log.events == ["started", "finished"] * 4
        assert log.positions == [300 / SPOKEN_RATE] * 4
        await asyncio.wait_for(mouth.wait_for_playout(), 5)

    with_mouth(scene)


def test_clearing_ends_every_segment_that_waits() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        for _ in range(3):
            await mouth.capture_frame(frame(sound(960)))
            mouth.flush()
        mouth.pull(BLOCK)
        mouth.clear_buffer()
        await settle()
        assert log.events == ["started", "cut", "cut", "cut"]
        assert log.positions == [BLOCK / SPOKEN_RATE, 0.0, 0.0]
        await asyncio.wait_for(mouth.wait_for_playout(), 5)

    with_mouth(scene)


def test_a_segment_without_a_sample_ends_nevertheless() -> None:
    """livekit-agents waits for as many ends as it began segments."""

    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(0)))
        mouth.flush()
        await asyncio.wait_for(mouth.wait_for_playout(), 5)
        assert log.events == ["finished"]
        assert log.positions == [0.0]

    with_mouth(scene)


def test_the_sender_may_use_its_memory_again() -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        memory = bytearray(sound(BLOCK).tobytes())
        await mouth.capture_frame(rtc.AudioFrame(memory, SPOKEN_RATE, 1, BLOCK))
        memory[:] = bytes(len(memory))
        assert mouth.pull(BLOCK).tolist() == sound(BLOCK).tolist()

    with_mouth(scene)


def test_another_thread_may_pull_while_the_loop_pushes_and_clears() -> None:
    """Every segment ends exactly once, every report comes on the loop, and no sample is played twice."""

    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        enough = threading.Event()
        heard: list[NDArray[np.int16]] = []

        def card() -> None:
            while not enough.is_set():
                heard.append(mouth.pull(160))

        thread = threading.Thread(target=card)
        thread.start()
        try:
            for number in range(200):
                await mouth.capture_frame(frame(sound(480, 1 + 100 * number)))
                mouth.flush()
                if number % 5 == 4:
                    mouth.clear_buffer()
                await asyncio.sleep(0)
            await asyncio.wait_for(mouth.wait_for_playout(), 20)
        finally:
            enough.set()
            thread.join(10)
        await settle()
        assert len(log.finished) == 200 == mouth.captured_playout_segments
        assert log.events.count("started") <= 200
        assert log.threads == {threading.get_ident()}
        played = round(sum(log.positions) * SPOKEN_RATE)
        assert played == sum(int(np.count_nonzero(block)) for block in heard)

    with_mouth(scene)


def test_after_its_loop_has_closed_a_mouth_plays_on_and_reports_to_nobody() -> None:
    kept: list[tuple[PullAudioOutput, QueueAudioInput, Log]] = []

    async def scene() -> None:
        log = Log()
        mouth = log.follow(PullAudioOutput())
        await mouth.capture_frame(frame(sound(BLOCK)))
        mouth.flush()
        kept.append((mouth, QueueAudioInput(), log))

    asyncio.run(scene())
    mouth, ear, log = kept[0]
    assert mouth.pull(BLOCK).tolist() == sound(BLOCK).tolist()
    ear.put_threadsafe(sound(320))
    assert log.events == []


def test_the_ear_hears_in_order_also_from_another_thread() -> None:
    async def scene() -> None:
        ear = QueueAudioInput()

        def microphone() -> None:
            for number in range(50):
                ear.put_threadsafe(sound(320, 1 + 320 * number))

        thread = threading.Thread(target=microphone)
        thread.start()
        frames = [await asyncio.wait_for(anext(ear), 10) for _ in range(50)]
        thread.join(10)
        assert {one.sample_rate for one in frames} == {HEARD_RATE}
        heard = np.concatenate([np.frombuffer(one.data, np.int16) for one in frames])
        assert heard.tolist() == sound(16_000).tolist()

    asyncio.run(scene())


def test_an_ear_that_nobody_reads_forgets_the_oldest() -> None:
    async def scene() -> None:
        ear = QueueAudioInput()
        for number in range(510):
            ear.put(np.full(320, number, np.int16))
        first = await asyncio.wait_for(anext(ear), 5)
        assert np.frombuffer(first.data, np.int16)[0] == 10

    asyncio.run(scene())


@pytest.mark.parametrize("count", [1, 7, 480, 5000])
def test_a_pull_is_always_as_long_as_asked(count: int) -> None:
    async def scene(mouth: PullAudioOutput, log: Log) -> None:
        await mouth.capture_frame(frame(sound(1000)))
        assert len(mouth.pull(count)) == count

    with_mouth(scene)

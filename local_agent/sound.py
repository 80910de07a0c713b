"""Audio without a room: what the agent hears and says, for `talk` and `console`.

Both ends work at the pace of whoever pulls: a sound card's callback, or a clock.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io
from livekit.agents.voice.transcription.synchronizer import TranscriptSynchronizer
from numpy.typing import NDArray

FRAME = 0.02  # s
HEARD_RATE = 16_000  # Hz, what the agent is given
SPOKEN_RATE = 48_000  # Hz, what is played: every sound card takes it


class Ear(io.AudioInput):
    """What the agent hears: whatever is put in. Frames of int16 mono at HEARD_RATE."""

    def __init__(self) -> None:
        super().__init__(label="Ear")
        self._loop = asyncio.get_running_loop()
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue(maxsize=500)

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()

    def put(self, samples: NDArray[np.int16]) -> None:
        """From the session's own event loop. A full queue (10 s that nobody read) drops the oldest."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(rtc.AudioFrame(samples.tobytes(), HEARD_RATE, 1, len(samples)))

    def put_threadsafe(self, samples: NDArray[np.int16]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.put, samples)


class Mouth(io.AudioOutput):
    """What the agent says, waiting to be pulled. Reports when a segment begins and ends to play."""

    def __init__(self) -> None:
        super().__init__(label="Mouth", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=SPOKEN_RATE)
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting = np.zeros(0, np.int16)
        self._pushed = self._played = 0  # samples of the current segment
        self._flushed = self._started = self._paused = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        with self._lock:
            if self._flushed:  # the segment before was pulled to its end but not reported yet
                self._end_segment(interrupted=False)
            self._waiting = np.concatenate([self._waiting, np.frombuffer(frame.data, np.int16)])
            self._pushed += frame.samples_per_channel

    def flush(self) -> None:
        super().flush()
        with self._lock:
            if self._pushed:
                self._flushed = True
                self._finish_if_played()

    def clear_buffer(self) -> None:
        with self._lock:
            if self._pushed:
                self._end_segment(interrupted=True)

    def pause(self) -> None:
        super().pause()
        self._paused = True

    def resume(self) -> None:
        super().resume()
        self._paused = False

    def pull(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples to play, silence where there is nothing. From any thread."""
        with self._lock:
            piece = np.zeros(0, np.int16) if self._paused else self._waiting[:count]
            self._waiting = self._waiting[len(piece) :]
            if len(piece) and not self._started:
                self._started = True
                self._tell(lambda: self.on_playback_started(created_at=time.time()))
            self._played += len(piece)
            self._finish_if_played()
        return np.concatenate([piece, np.zeros(count - len(piece), np.int16)])

    def _finish_if_played(self) -> None:
        if self._flushed and not len(self._waiting):
            self._end_segment(interrupted=False)

    def _end_segment(self, *, interrupted: bool) -> None:
        position = self._played / SPOKEN_RATE
        self._tell(lambda: self.on_playback_finished(playback_position=position, interrupted=interrupted))
        self._waiting = np.zeros(0, np.int16)
        self._pushed = self._played = 0
        self._flushed = self._started = False

    def _tell(self, report: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(report)


class Booth:
    """Ear and mouth of one session, made on its event loop. ready: called there with both."""

    def __init__(self, ready: Callable[[AgentSession[None], Ear, Mouth], object]) -> None:
        self._ready = ready

    def attach(self, session: AgentSession[None]) -> None:
        ear, mouth = Ear(), Mouth()
        words = TranscriptSynchronizer(next_in_chain_audio=mouth, next_in_chain_text=None)
        session.input.audio = ear
        session.output.audio = words.audio_output
        session.output.transcription = words.text_output
        self._ready(session, ear, mouth)

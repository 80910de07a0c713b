"""Audio without a room: what the agent hears and says, for `talk` and `console`.

Both ends work at the pace of whoever pulls: a sound card's callback, or a clock.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

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
        _call(self._loop, partial(self.put, samples))


@dataclass
class _Segment:
    """One answer, or what came of it so far. waiting: not played yet. played: samples."""

    waiting: deque[NDArray[np.int16]] = field(default_factory=deque)
    played: int = 0
    started: bool = False
    whole: bool = False  # flushed: nothing more comes

    def take(self, count: int) -> NDArray[np.int16]:
        """At most `count` samples off the front."""
        pieces: list[NDArray[np.int16]] = []
        while self.waiting and count:
            piece = self.waiting.popleft()
            if len(piece) > count:
                self.waiting.appendleft(piece[count:])
                piece = piece[:count]
            pieces.append(piece)
            count -= len(piece)
        taken = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
        self.played += len(taken)
        return taken


class Mouth(io.AudioOutput):
    """What the agent says, waiting to be pulled. Reports when a segment begins and when it ends to play, each once."""

    def __init__(self) -> None:
        super().__init__(label="Mouth", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=SPOKEN_RATE)
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._segments: deque[_Segment] = deque()
        self._paused = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        with self._lock:
            if not self._segments or self._segments[-1].whole:
                self._segments.append(_Segment())
            if frame.samples_per_channel:
                # A copy: the frame's memory is its sender's, who may use it again.
                self._segments[-1].waiting.append(np.frombuffer(bytes(frame.data), np.int16))

    def flush(self) -> None:
        super().flush()
        with self._lock:
            if self._segments:
                self._segments[-1].whole = True
            self._end_played()

    def clear_buffer(self) -> None:
        with self._lock:
            while self._segments:
                self._end(interrupted=True)

    def pause(self) -> None:
        super().pause()
        self._paused = True

    def resume(self) -> None:
        super().resume()
        self._paused = False

    def pull(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples to play, silence where there is nothing. From any thread."""
        played = np.zeros(count, np.int16)
        at = 0
        with self._lock:
            while not self._paused and self._segments and at < count:
                segment = self._segments[0]
                piece = segment.take(count - at)
                played[at : at + len(piece)] = piece
                at += len(piece)
                if len(piece) and not segment.started:
                    segment.started = True
                    self._tell(partial(self.on_playback_started, created_at=time.time()))
                if not self._end_played():
                    break
        return played

    def _end_played(self) -> bool:
        """Whether the first segment was played to its end, and is over."""
        if self._segments and self._segments[0].whole and not self._segments[0].waiting:
            self._end(interrupted=False)
            return True
        return False

    def _end(self, *, interrupted: bool) -> None:
        position = self._segments.popleft().played / SPOKEN_RATE
        self._tell(partial(self.on_playback_finished, playback_position=position, interrupted=interrupted))

    def _tell(self, report: Callable[[], None]) -> None:
        _call(self._loop, report)


def _call(loop: asyncio.AbstractEventLoop, report: Callable[[], None]) -> None:
    """Run it on the loop, from any thread; nothing where the loop has closed, for then the call is over."""
    try:
        loop.call_soon_threadsafe(report)
    except RuntimeError:
        if not loop.is_closed():
            raise


class Booth:
    """Ear and mouth of one session, made on its event loop. ready: called there with both.

    words: gets the agent's words at the pace at which they are heard.
    """

    def __init__(
        self, ready: Callable[[AgentSession[None], Ear, Mouth], object], *, words: io.TextOutput | None = None
    ) -> None:
        self._ready, self._words = ready, words

    def attach(self, session: AgentSession[None]) -> None:
        ear, mouth = Ear(), Mouth()
        paced = TranscriptSynchronizer(next_in_chain_audio=mouth, next_in_chain_text=self._words)
        session.input.audio = ear
        session.output.audio = paced.audio_output
        session.output.transcription = paced.text_output
        self._ready(session, ear, mouth)

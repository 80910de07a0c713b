"""Audio without a room: what the agent hears and says, for `talk` and `console`.

Both ends work at the pace of whoever pulls: a sound card's callback, or a clock.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io
from livekit.agents.voice.transcription.synchronizer import TranscriptSynchronizer
from numpy.typing import NDArray

from local_agent.audio.agent_voice import OnCut, OnSound, OnWords, words
from local_agent.audio.playback import RATE, SpokenReply, softened
from local_agent.audio.samples import SPEECH_RATE

FRAME = 0.02  # s
HEARD_RATE = SPEECH_RATE  # what the agent is given
SPOKEN_RATE = RATE  # Hz, what is played


def resampled(samples: NDArray[np.int16], rate: int, to: int) -> NDArray[np.int16]:
    """The same sound, int16 [samples] at `rate`, at `to` Hz."""
    if rate == to:
        return samples
    resampler = rtc.AudioResampler(rate, to, quality=rtc.AudioResamplerQuality.HIGH)
    frames = resampler.push(bytearray(samples.tobytes())) + resampler.flush()
    return np.concatenate([np.frombuffer(bytes(frame.data), np.int16) for frame in frames] or [samples[:0]])


class QueueAudioInput(io.AudioInput):
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


class PullAudioOutput(io.AudioOutput):
    """What the agent says, waiting to be pulled. Reports when a segment begins and when it ends to play, each once. An
    AgentVoice.
    """

    def __init__(self) -> None:
        super().__init__(label="Mouth", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=SPOKEN_RATE)
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._utterances: deque[SpokenReply] = deque()
        self._paused = False
        self._since_duck = SPOKEN_RATE  # samples pulled
        self._told_to = 0.0  # s, time.monotonic(), up to which was told what is heard
        self._on_sound: OnSound = lambda *_: None
        self._on_cut: OnCut = lambda _: None
        self._on_words: OnWords = lambda _: None

    def tell(self, on_sound: OnSound, on_cut: OnCut, on_words: OnWords) -> None:
        self._on_sound, self._on_cut, self._on_words = on_sound, on_cut, on_words

    def left(self) -> float:
        with self._lock:
            return sum(utterance.left for utterance in self._utterances)

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self._on_words(words(frame))
        with self._lock:
            if not self._utterances or self._utterances[-1].whole:
                self._utterances.append(SpokenReply())
            self._utterances[-1].add(frame)

    def flush(self) -> None:
        super().flush()
        with self._lock:
            if self._utterances:
                self._utterances[-1].whole = True
            self._end_played()

    def clear_buffer(self) -> None:
        with self._lock:
            while self._utterances:
                self._end(interrupted=True)
        self._on_cut(self._told_to)

    def pause(self) -> None:
        super().pause()
        self._paused, self._since_duck = True, SPOKEN_RATE
        self._on_cut(self._told_to)

    def duck(self) -> None:
        with self._lock:
            if not self._paused and self._utterances:
                self._since_duck = 0

    def resume(self) -> None:
        super().resume()
        with self._lock:
            if self._paused and self._utterances and self._utterances[0].started:
                self._utterances[0].rewind()
            self._paused = False

    def pull(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples to play, silence where there is nothing. From any thread."""
        played = np.zeros(count, np.int16)
        at, now = 0, time.monotonic()
        with self._lock:
            while not self._paused and self._utterances and at < count:
                utterance = self._utterances[0]
                piece = softened(utterance.take(count - at), (self._since_duck + at) / SPOKEN_RATE)
                played[at : at + len(piece)] = piece
                if len(piece):
                    self._tell(partial(self._on_sound, piece, SPOKEN_RATE, now + at / SPOKEN_RATE))
                at += len(piece)
                if len(piece) and not utterance.started:
                    utterance.started = True
                    self._tell(partial(self.on_playback_started, created_at=time.time()))
                if not self._end_played():
                    break
            self._since_duck += count
            self._told_to = now + at / SPOKEN_RATE if at else self._told_to
        return played

    def _end_played(self) -> bool:
        """Whether the first utterance was played to its end, and is over."""
        if self._utterances and self._utterances[0].left == 0:
            self._end(interrupted=False)
            return True
        return False

    def _end(self, *, interrupted: bool) -> None:
        position = self._utterances.popleft().sent / SPOKEN_RATE
        self._tell(partial(self.on_playback_finished, playback_position=position, interrupted=interrupted))

    def _tell(self, report: Callable[[], object]) -> None:
        _call(self._loop, report)


def _call(loop: asyncio.AbstractEventLoop, report: Callable[[], object]) -> None:
    """Run it on the loop, from any thread; nothing where the loop has closed, for then the call is over."""
    try:
        loop.call_soon_threadsafe(report)
    except RuntimeError:
        if not loop.is_closed():
            raise


class LocalAudio:
    """Ear and mouth of one session, made on its event loop. ready: called there with both.

    words: gets the agent's words at the pace at which they are heard.
    """

    def __init__(
        self,
        ready: Callable[[AgentSession[None], QueueAudioInput, PullAudioOutput], object],
        *,
        words: io.TextOutput | None = None,
    ) -> None:
        self._ready, self._words = ready, words

    def attach(self, session: AgentSession[None]) -> PullAudioOutput:
        ear, mouth = QueueAudioInput(), PullAudioOutput()
        paced = TranscriptSynchronizer(next_in_chain_audio=mouth, next_in_chain_text=self._words)
        session.input.audio = ear
        session.output.audio = paced.audio_output
        session.output.transcription = paced.text_output
        self._ready(session, ear, mouth)
        return mouth

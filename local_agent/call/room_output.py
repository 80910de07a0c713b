"""The agent's voice in a room: a track that stops at once when it is paused, and goes on without a lost word; and that
speaks softly for a moment while nobody knows yet what is to be heard over it.

livekit-agents' own output (room_io) throws away what stands in the track's queue when it is paused: up to 0.2 s of
speech that nobody hears. Here the queue goes back to where it came from.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

import numpy as np
from livekit import rtc
from livekit.agents import utils
from livekit.agents.voice import io

from local_agent.audio.agent_voice import OnCut, OnSound, OnWords, words
from local_agent.audio.playback import RATE, STEP, SpokenReply, softened

FRAME = RATE // 50  # samples sent at once; 20 ms, that of Opus
QUEUE = 200  # ms that may wait in the track, so that a busy event loop leaves no gap


def ready(utterance: SpokenReply) -> int:
    """Samples that can be sent now: whole steps, and what is left at the end."""
    count = min(FRAME, len(utterance) - utterance.sent)
    return count if utterance.whole else count // STEP * STEP


class Loudspeaker(io.AudioOutput):
    """Plays into a room. An AgentVoice."""

    def __init__(self, room: rtc.Room) -> None:
        super().__init__(label="Loudspeaker", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self._room = room
        self._on_sound: OnSound = lambda *_: None
        self._on_cut: OnCut = lambda _: None
        self._on_words: OnWords = lambda _: None
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE)
        self._utterance: SpokenReply | None = None
        self._paused = False
        self._since_duck = RATE  # samples sent
        self._wake = asyncio.Event()
        self._publishing = asyncio.create_task(self._publish())
        self._playing = asyncio.create_task(self._play())

    async def aclose(self) -> None:
        await utils.aio.cancel_and_wait(self._publishing, self._playing)
        await self._source.aclose()

    async def _publish(self) -> None:
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await self._room.local_participant.publish_track(track, options)
        await publication.wait_for_subscription()

    def left(self) -> float:
        """Seconds of speech still to be heard; infinite while more is being made."""
        return 0.0 if self._utterance is None else self._utterance.left + self._source.queued_duration

    def tell(self, on_sound: OnSound, on_cut: OnCut, on_words: OnWords) -> None:
        self._on_sound, self._on_cut, self._on_words = on_sound, on_cut, on_words

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await asyncio.shield(self._publishing)
        await super().capture_frame(frame)
        self._on_words(words(frame))
        if self._utterance is None:
            self._utterance = SpokenReply()
        self._utterance.add(frame)
        self._wake.set()

    def flush(self) -> None:
        super().flush()
        if self._utterance is not None:
            self._utterance.whole = True
            self._wake.set()

    def clear_buffer(self) -> None:
        if self._utterance is not None:
            self._take_back(self._utterance)
            self._end(self._utterance, interrupted=True)

    def pause(self) -> None:
        super().pause()
        if not self._paused and self._utterance is not None:
            self._take_back(self._utterance)
        self._paused, self._since_duck = True, RATE

    def duck(self) -> None:
        """Speak softly for DIP seconds from now on."""
        if not self._paused and self._utterance is not None:
            self._take_back(self._utterance)
            self._since_duck = 0

    def resume(self) -> None:
        super().resume()
        if self._paused and self._utterance is not None and self._utterance.started:
            self._utterance.rewind()
        self._paused = False
        self._wake.set()

    def _take_back(self, utterance: SpokenReply) -> None:
        """Empty the track's queue; what stood in it counts as not sent."""
        queued = self._source.queued_duration
        self._source.clear_queue()
        utterance.sent = max(0, utterance.sent - int(queued * RATE))
        self._on_cut(time.monotonic())

    def _end(self, utterance: SpokenReply, *, interrupted: bool) -> None:
        self._utterance, self._since_duck = None, RATE
        # Soon, not now: whoever flushes and clears at once has to learn of the end after both.
        report = partial(self.on_playback_finished, playback_position=utterance.sent / RATE, interrupted=interrupted)
        asyncio.get_running_loop().call_soon(report)

    async def _play(self) -> None:
        while True:
            await self._wake.wait()
            utterance = self._utterance
            if utterance is None or self._paused:
                self._wake.clear()
            elif count := ready(utterance):
                await self._send(utterance, count)
            elif not utterance.whole:
                self._wake.clear()
            else:
                await self._source.wait_for_playout()
                # Meanwhile it may have been taken back, or be over.
                if utterance is self._utterance and utterance.sent == len(utterance):
                    self._end(utterance, interrupted=False)

    async def _send(self, utterance: SpokenReply, count: int) -> None:
        """The next `count` samples; returns when the track has room for more."""
        at = time.monotonic() + self._source.queued_duration
        piece = utterance.take(count)
        if not utterance.started:
            utterance.started = True
            self.on_playback_started(created_at=time.time())
        piece = softened(piece, self._since_duck / RATE)
        self._since_duck += len(piece)
        self._on_sound(piece, RATE, at)
        padded = np.concatenate([piece, np.zeros(-count % STEP, np.int16)])
        await self._source.capture_frame(rtc.AudioFrame(padded.tobytes(), RATE, 1, len(padded)))

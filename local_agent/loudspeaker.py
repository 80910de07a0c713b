"""The agent's voice in a room: a track that stops at once when it is paused, and goes on without a lost word; and that
speaks softly for a moment while nobody knows yet what is to be heard over it.

livekit-agents' own output (room_io) throws away what stands in the track's queue when it is paused: up to 0.2 s of
speech that nobody hears. Here the queue goes back to where it came from.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from livekit import rtc
from livekit.agents import utils
from livekit.agents.voice import io
from numpy.typing import NDArray

RATE = 48_000  # Hz, that of WebRTC: nothing is resampled after us
FRAME = RATE // 50  # samples sent at once; 20 ms, that of Opus
STEP = RATE // 100  # samples; the track's queue is emptied by 10 ms
QUEUE = 200  # ms that may wait in the track, so that a busy event loop leaves no gap
DIP = 0.25  # s that a ducked voice stays soft: a detector knows speech by then, and has the voice paused
DUCKED = 0.25  # of the amplitude, 12 dB less: clearly softer, and not a word lost
FALL, RISE = 0.01, 0.08  # s to become soft, without a click, and to come back
BACK = 0.3  # s before a pause in which the quietest moment is looked for, to go on from: half a word is no word

OnSound = Callable[[NDArray[np.int16], int, float], object]


def ducked(since: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains of a voice at float64 [samples] seconds since it was ducked."""
    gains: NDArray[np.float64] = np.interp(since, (0.0, FALL, DIP, DIP + RISE), (1.0, DUCKED, DUCKED, 1.0))
    return gains


class _Segment:
    """One answer, or what came of it so far. sent: samples given to the track."""

    def __init__(self) -> None:
        self._samples = bytearray()
        self.sent = 0
        self.whole = False  # flushed: nothing more comes
        self.started = False

    def __len__(self) -> int:
        return len(self._samples) // 2

    def add(self, frame: rtc.AudioFrame) -> None:
        self._samples += bytes(frame.data)

    def ready(self) -> int:
        """Samples that can be sent now: whole steps, and what is left at the end."""
        ready = min(FRAME, len(self) - self.sent)
        return ready if self.whole else ready // STEP * STEP

    def between(self, start: int, end: int) -> NDArray[np.int16]:
        return np.frombuffer(bytes(self._samples[2 * start : 2 * end]), np.int16)

    def rewind(self) -> None:
        """Back to the quietest moment of the last BACK seconds, which is most often one between two words."""
        start = max(0, self.sent - int(BACK * RATE))
        recent = self.between(start, self.sent)
        count = len(recent) // STEP
        if count < 2:
            return
        loudness = np.abs(recent[: count * STEP].reshape(count, STEP).astype(np.int32)).sum(axis=1)
        self.sent = start + int(count - 1 - loudness[::-1].argmin()) * STEP


class Loudspeaker(io.AudioOutput):
    """Plays into a room. on_sound: gets (int16 [samples], Hz, when they are to be heard in time.monotonic() seconds);
    on_cut: from when on nothing is heard of what it was told.
    """

    def __init__(
        self,
        room: rtc.Room,
        *,
        on_sound: OnSound = lambda *_: None,
        on_cut: Callable[[float], object] = lambda _: None,
    ) -> None:
        super().__init__(label="Loudspeaker", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self._room, self._on_sound, self._on_cut = room, on_sound, on_cut
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE)
        self._segment: _Segment | None = None
        self._paused = False
        self._ducked_at = float("-inf")  # time.monotonic() seconds
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
        if self._segment is None:
            return 0.0
        if not self._segment.whole:
            return float("inf")
        return (len(self._segment) - self._segment.sent) / RATE + self._source.queued_duration

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await asyncio.shield(self._publishing)
        await super().capture_frame(frame)
        if self._segment is None:
            self._segment = _Segment()
        self._segment.add(frame)
        self._wake.set()

    def flush(self) -> None:
        super().flush()
        if self._segment is not None:
            self._segment.whole = True
            self._wake.set()

    def clear_buffer(self) -> None:
        if self._segment is not None:
            self._take_back(self._segment)
            self._end(self._segment, interrupted=True)

    def pause(self) -> None:
        super().pause()
        if not self._paused and self._segment is not None:
            self._take_back(self._segment)
        self._paused, self._ducked_at = True, float("-inf")

    def duck(self) -> None:
        """Speak softly for DIP seconds from now on."""
        if not self._paused and self._segment is not None:
            self._take_back(self._segment)
            self._ducked_at = time.monotonic()

    def resume(self) -> None:
        super().resume()
        if self._paused and self._segment is not None and self._segment.started:
            self._segment.rewind()
        self._paused = False
        self._wake.set()

    def _take_back(self, segment: _Segment) -> None:
        """Empty the track's queue; what stood in it counts as not sent."""
        queued = self._source.queued_duration
        self._source.clear_queue()
        segment.sent = max(0, segment.sent - int(queued * RATE))
        self._on_cut(time.monotonic())

    def _end(self, segment: _Segment, *, interrupted: bool) -> None:
        self._segment = None
        # Soon, not now: whoever flushes and clears at once has to learn of the end after both.
        report = partial(self.on_playback_finished, playback_position=segment.sent / RATE, interrupted=interrupted)
        asyncio.get_running_loop().call_soon(report)

    async def _play(self) -> None:
        while True:
            await self._wake.wait()
            segment = self._segment
            if segment is None or self._paused:
                self._wake.clear()
            elif count := segment.ready():
                await self._send(segment, count)
            elif not segment.whole:
                self._wake.clear()
            else:
                await self._source.wait_for_playout()
                # Meanwhile it may have been taken back, or be over.
                if segment is self._segment and segment.sent == len(segment):
                    self._end(segment, interrupted=False)

    async def _send(self, segment: _Segment, count: int) -> None:
        """The next `count` samples; returns when the track has room for more."""
        piece = segment.between(segment.sent, segment.sent + count)
        at = time.monotonic() + self._source.queued_duration
        segment.sent += count
        if not segment.started:
            segment.started = True
            self.on_playback_started(created_at=time.time())
        if at < self._ducked_at + DIP + RISE:
            piece = (piece * ducked(at - self._ducked_at + np.arange(len(piece)) / RATE)).astype(np.int16)
        self._on_sound(piece, RATE, at)
        padded = np.concatenate([piece, np.zeros(-count % STEP, np.int16)])
        await self._source.capture_frame(rtc.AudioFrame(padded.tobytes(), RATE, 1, len(padded)))

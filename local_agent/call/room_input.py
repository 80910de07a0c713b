"""Everybody's microphone in a room, as one: whoever speaks is heard, at once and without being asked for.

livekit-agents' own input (room_io) hears one participant, the first, and nobody after they have left. With one person
in the room, frames pass as they come.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession, utils
from livekit.agents.voice import io
from livekit.agents.voice.events import UserInputTranscribedEvent
from numpy.typing import NDArray

from local_agent.server.rooms import is_person

logger = logging.getLogger("local_agent")

# ms; half a Silero window at 16 kHz: that the caller has fallen silent is seen sooner than with a whole one, and frames
# of 10 ms cost all other stages .01 s each.
INPUT_FRAME = 16
SOURCES = frozenset({rtc.TrackSource.SOURCE_MICROPHONE, rtc.TrackSource.SOURCE_UNKNOWN})
STALLED = 0.05  # s without a frame after which another microphone sets the pace: a muted one sends none
LATE = 6  # frames that may wait for the pace of another microphone; the oldest go first
MEMORY = 60  # frames over which the loudness of a voice is forgotten, a second


@dataclass(eq=False)
class _Microphone:
    """One person's. waiting: frames not passed on yet. at: when the last one came, time.monotonic() seconds."""

    identity: str
    waiting: deque[NDArray[np.int16]] = field(default_factory=deque)
    at: float = 0.0
    loudness: float = 0.0  # mean square, forgotten over MEMORY


class Microphones(io.AudioInput):
    """Frames of int16 mono at `rate` Hz and of `frame_ms` milliseconds, from a room that is connected."""

    def __init__(self, room: rtc.Room, *, rate: int, frame_ms: int) -> None:
        super().__init__(label="Microphones")
        self._room, self._rate, self._frame_ms = room, rate, frame_ms
        self._frames = utils.aio.Chan[rtc.AudioFrame]()
        self._listening: dict[str, asyncio.Task[None]] = {}  # by track
        self._microphones: list[_Microphone] = []
        self._pace: _Microphone | None = None
        self._attached = True
        room.on("track_subscribed", self._on_track)
        room.on("track_unsubscribed", self._on_track_gone)
        for participant in room.remote_participants.values():
            for publication in participant.track_publications.values():
                if publication.track is not None:
                    self._on_track(publication.track, publication, participant)

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.__anext__()

    def on_attached(self) -> None:
        self._attached = True

    def on_detached(self) -> None:
        self._attached = False

    async def aclose(self) -> None:
        self._room.off("track_subscribed", self._on_track)
        self._room.off("track_unsubscribed", self._on_track_gone)
        await utils.aio.cancel_and_wait(*self._listening.values())
        self._frames.close()

    def speaker(self) -> str | None:
        """Identity of the person who was loudest of late."""
        return max(self._microphones, key=lambda one: one.loudness).identity if self._microphones else None

    def _on_track(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        wanted = track.kind == rtc.TrackKind.KIND_AUDIO and publication.source in SOURCES
        if wanted and is_person(participant.kind, participant.attributes) and track.sid not in self._listening:
            listening = asyncio.create_task(self._listen(track, participant.identity))
            self._listening[track.sid] = listening
            listening.add_done_callback(lambda _: self._forget(track.sid, listening))

    def _on_track_gone(self, track: rtc.Track, *_: object) -> None:
        if (listening := self._listening.pop(track.sid, None)) is not None:
            listening.cancel()

    def _forget(self, sid: str, listening: asyncio.Task[None]) -> None:
        if self._listening.get(sid) is listening:
            del self._listening[sid]

    @utils.log_exceptions(logger=logger)
    async def _listen(self, track: rtc.Track, identity: str) -> None:
        microphone = _Microphone(identity)
        self._microphones.append(microphone)
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=self._rate, num_channels=1, frame_size_ms=self._frame_ms
        )
        try:
            async for event in stream:
                self._hear(microphone, event.frame)
        finally:
            self._microphones.remove(microphone)
            await stream.aclose()

    def _hear(self, microphone: _Microphone, frame: rtc.AudioFrame) -> None:
        if not self._attached:
            return
        microphone.at = time.monotonic()
        if len(self._microphones) == 1:
            while microphone.waiting:  # from when there was another
                self._frames.send_nowait(self._mixed())
            self._frames.send_nowait(frame)
            return
        samples = np.frombuffer(bytes(frame.data), np.int16)
        microphone.loudness += (float(np.mean(samples.astype(np.float64) ** 2)) - microphone.loudness) / MEMORY
        microphone.waiting.append(samples)
        pace = self._pace
        if pace not in self._microphones or pace is None or microphone.at - pace.at > STALLED:
            self._pace = pace = microphone
        if pace is microphone:
            while microphone.waiting:
                self._frames.send_nowait(self._mixed())
        elif len(microphone.waiting) > LATE:
            microphone.waiting.popleft()

    def _mixed(self) -> rtc.AudioFrame:
        """The oldest frame of each microphone that has one, added up."""
        pieces = [one.waiting.popleft() for one in self._microphones if one.waiting]
        longest = max(len(piece) for piece in pieces)
        total = np.zeros(longest, np.int32)
        for piece in pieces:
            total[: len(piece)] += piece
        return rtc.AudioFrame(np.clip(total, -32768, 32767).astype(np.int16).tobytes(), self._rate, 1, longest)


def attribute(session: AgentSession[None], microphones: Microphones) -> None:
    """Have transcripts shown as the words of whoever spoke them. Before the session starts."""
    begun = False  # a segment of words is, and stays the same person's to its end

    def on_transcribed(event: UserInputTranscribedEvent) -> None:
        nonlocal begun
        if not begun and (speaker := microphones.speaker()) is not None:
            linked = session.room_io.linked_participant
            if linked is None or linked.identity != speaker:
                session.room_io.set_participant(speaker)
        begun = not event.is_final

    session.on("user_input_transcribed", on_transcribed)

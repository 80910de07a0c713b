"""A person in a room: speaks clips through a microphone that never stops, listens, and notes how long it waited.

Counted as our yardstick does: from the end of the recorded speech to the first of three audible frames of 10 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import numpy as np
from livekit import api, rtc
from numpy.typing import NDArray

from local_agent import wav
from local_agent.bench.clips import Clip, resampled
from local_agent.bench.figures import Turn
from local_agent.errors import ServerError

RATE = 48_000  # Hz of the microphone
FRAME = RATE // 50
HEARD = 16_000  # Hz of what comes back
AUDIBLE = 500  # int16 peak of 10 ms that counts as sound
ENOUGH = 3  # audible frames that are a voice and not a click
QUIET = 1.2  # s without sound that end a reply
PATIENCE = 15.0  # s after the end of speech until a turn counts as missed
GREETED = 20.0  # s until the agent must have been heard, where it speaks first
LONGEST_REPLY = 40.0  # s


@dataclass(frozen=True)
class Line:
    """Where to call: a LiveKit server, its key and secret. greets: the agent speaks first."""

    url: str
    key: str
    secret: str
    greets: bool = True


class Caller:
    """async with Caller(stack, line, number) as caller: await caller.turn(clip)

    said: how many clips this caller has said in earlier calls.
    """

    def __init__(self, stack: str, line: Line, number: int, said: int = 0) -> None:
        self.stack, self.number, self._line = stack, number, line
        self._identity = f"caller-{number}"
        self._room = rtc.Room()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self._playing: NDArray[np.int16] = np.zeros(0, np.int16)
        self._sounds: list[float] = []  # monotonic times of audible frames
        self._heard: list[tuple[float, str]] = []  # what the agent understood of us
        self._said: list[tuple[float, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = said

    async def __aenter__(self) -> Caller:
        self._room.on("track_subscribed", lambda track, *_: self._spawn(self._listen(track)))
        self._room.register_text_stream_handler("lk.transcription", self._on_text)
        grants = api.VideoGrants(room_join=True, room=f"bench-{self.stack}-{self.number}-{self._turns}")
        token = api.AccessToken(self._line.key, self._line.secret).with_identity(self._identity).with_grants(grants)
        await self._room.connect(self._line.url, token.to_jwt())
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(track, options)
        self._spawn(self._microphone())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Hear the greeting out. Raises ServerError where nobody answers the call."""
        deadline = time.monotonic() + GREETED
        while not (self._sounds if self._line.greets else self._room.remote_participants):
            if time.monotonic() > deadline:
                raise ServerError(
                    f"nobody answered caller {self.number} of {self.stack} within {GREETED:g} s",
                    expected="a greeting" if self._line.greets else "an agent in the room",
                    fix="python -m local_agent doctor",
                )
            await asyncio.sleep(0.05)
        await self._quiet(PATIENCE)
        await asyncio.sleep(0.3 if self._line.greets else 1.0)

    async def turn(self, clip: Clip) -> Turn:
        """Say a clip, wait for the reply and hear it out."""
        audio = await asyncio.to_thread(lambda: resampled(*wav.read(clip.path), RATE))
        before = len(self._sounds)
        self._playing = audio
        began = time.monotonic()
        end = began + clip.speech_end
        while time.monotonic() < end + PATIENCE and len(self._sounds) < before + ENOUGH:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        new = self._sounds[before:]
        audible = new[0] if len(new) >= ENOUGH else None
        while len(self._playing):  # noqa: ASYNC110  # the microphone's own pace empties it
            await asyncio.sleep(0.02)
        if audible is not None:
            await self._quiet(LONGEST_REPLY)
        await asyncio.sleep(0.3)
        self._turns += 1
        return Turn(
            stack=self.stack,
            caller=self.number,
            number=self._turns,
            clip=clip.name,
            began=began,
            end=end,
            audible=audible,
            text=clip.text,
            heard=" ".join(text for at, text in self._heard if at >= began),
            said=" ".join(text for at, text in self._said if at >= began),
            spoke_s=round(0.01 * len(self._sounds[before:]), 2),
        )

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=HEARD, num_channels=1, frame_size_ms=10):
            samples = np.frombuffer(event.frame.data, np.int16).astype(np.int32)
            if np.abs(samples).max(initial=0) > AUDIBLE:
                self._sounds.append(time.monotonic())

    def _on_text(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            text = (await reader.read_all()).strip()
            final = (reader.info.attributes or {}).get("lk.transcription_final", "true") == "true"
            if final and text:
                (self._heard if identity == self._identity else self._said).append((time.monotonic(), text))

        self._spawn(read())

    async def _microphone(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            frame, self._playing = self._playing[:FRAME], self._playing[FRAME:]
            frame = np.concatenate([frame, np.zeros(FRAME - len(frame), np.int16)])
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent * FRAME / RATE - time.monotonic()))

    async def _quiet(self, longest: float) -> None:
        """Wait until nothing was audible for QUIET seconds, at most `longest`."""
        began = time.monotonic()
        while time.monotonic() - began < longest:
            last = max(self._sounds[-1] if self._sounds else began, began)
            if time.monotonic() - last >= QUIET:
                return
            await asyncio.sleep(0.05)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

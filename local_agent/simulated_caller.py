"""A person in a room, for measurements and proofs: a microphone that never stops, ears, and the transcripts.

Nothing here is used in a call of the product; what calls it are clients of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Self

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE

RATE = 48_000  # Hz of the microphone
FRAME = RATE // 50
HEARD = SPEECH_RATE  # of what comes back
AUDIBLE = 500  # int16 peak of 10 ms that counts as sound
ENOUGH = 3  # audible frames that are a voice and not a click
QUIET = 1.2  # s without sound that end what is said


class Participant:
    """async with Participant(identity, url, token) as person: person.playing = int16 [samples] at RATE

    heard: what the agent understood of this person, final. said: what it says that it said. sounds: monotonic times of
    audible 10 ms. faults: what ended its microphone or its ears, if anything did. Subclasses may say where to join
    (`door`), keep what comes in (`hear`) and mix what goes out (`mix`).
    """

    def __init__(self, identity: str, url: str = "", token: str = "") -> None:
        self.identity, self.room = identity, rtc.Room()
        self.heard: list[str] = []
        self.said: list[str] = []
        self.sounds: list[float] = []
        self.faults: list[BaseException] = []
        self.playing: NDArray[np.int16] = np.zeros(0, np.int16)
        self._url, self._token = url, token
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        url, token = await self.door()
        self.room.on("track_subscribed", lambda track, *_: self._spawn(self._listen(track)))
        self.room.register_text_stream_handler("lk.transcription", self._on_text)
        await self.room.connect(url, token)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._spawn(self._microphone())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._source.aclose()  # its thread, too: one that lives at the process's exit aborts it

    async def door(self) -> tuple[str, str]:
        """URL of the LiveKit server, and a token for it."""
        return self._url, self._token

    def hear(self, samples: NDArray[np.int16]) -> None:
        """int16 [160] at HEARD came in."""

    def mix(self, frame: NDArray[np.int16]) -> NDArray[np.int16]:
        """int16 [FRAME] to send, of the int16 [FRAME or fewer] that are being played."""
        return np.concatenate([frame, np.zeros(FRAME - len(frame), np.int16)])

    def on_said(self) -> None:
        """The agent's words were added to `said`."""

    async def sound(self, within: float) -> bool:
        """Whether a voice becomes audible within so many seconds."""
        before, deadline = len(self.sounds), time.monotonic() + within
        while len(self.sounds) < before + ENOUGH:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def quiet(self, within: float) -> bool:
        """Whether nothing is audible for QUIET seconds within so many."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            last = max(self.sounds[-1] if self.sounds else began, began)
            if time.monotonic() - last >= QUIET:
                return True
            await asyncio.sleep(0.05)
        return False

    async def played(self) -> None:
        """All that was to be played has been sent."""
        while len(self.playing):  # noqa: ASYNC110  # the microphone's own pace empties it
            await asyncio.sleep(0.02)

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=HEARD, num_channels=1, frame_size_ms=10):
            samples = np.frombuffer(event.frame.data, np.int16).copy()
            self.hear(samples)
            if np.abs(samples.astype(np.int32)).max(initial=0) > AUDIBLE:
                self.sounds.append(time.monotonic())

    def _on_text(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            try:
                text = (await reader.read_all()).strip()
            except rtc.StreamError:  # whoever said it went away in the midst of it
                return
            final = (reader.info.attributes or {}).get("lk.transcription_final", "true") == "true"
            if not final or not text:
                return
            if identity == self.identity:
                self.heard.append(text)
            else:
                self.said.append(text)
                self.on_said()

        self._spawn(read())

    async def _microphone(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            frame, self.playing = self.playing[:FRAME], self.playing[FRAME:]
            await self._source.capture_frame(rtc.AudioFrame(self.mix(frame).tobytes(), RATE, 1, FRAME))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent * FRAME / RATE - time.monotonic()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.faults.append(fault)

"""A person in a room, for tests: a microphone that plays speech at real-time pace, ears, and the transcripts."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

import aiohttp
import numpy as np
from livekit import rtc
from numpy.typing import NDArray

RATE = 48_000
FRAME = RATE // 50
HEARD = 16_000
AUDIBLE = 500  # int16 peak of 10 ms that counts as sound
QUIET = 1.2  # s without sound that ends a reply


class Caller:
    """async with Caller(page_address) as caller: ..."""

    def __init__(self, address: str, room: str = "", identity: str = "caller") -> None:
        self.address, self.room_name, self.identity = address, room, identity
        self.room = rtc.Room()
        self.heard: list[str] = []  # what the agent understood of us, final
        self.said: list[str] = []  # what it says it said
        self.sounds: list[float] = []  # monotonic times of audible 10 ms
        self.audio: list[NDArray[np.int16]] = []  # all that came back, at HEARD Hz
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self._playing = np.zeros(0, np.int16)
        self._tasks: set[asyncio.Task[None]] = set()
        self._spoke = asyncio.Event()

    async def __aenter__(self) -> Caller:
        body = {"participant_identity": self.identity} | ({"room_name": self.room_name} if self.room_name else {})
        url = f"{self.address}/api/livekit/token"
        async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
            assert answer.status in (200, 201), await answer.text()
            details = await answer.json()
        self.room.on("track_subscribed", lambda track, *_: self._spawn(self._listen(track)))
        self.room.register_text_stream_handler("lk.transcription", self._on_text)
        await self.room.connect(details["server_url"], details["participant_token"])
        self.room_name = self.room.name
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._spawn(self._microphone())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=HEARD, num_channels=1, frame_size_ms=10):
            samples = np.frombuffer(event.frame.data, np.int16)
            self.audio.append(samples.copy())
            if np.abs(samples.astype(np.int32)).max(initial=0) > AUDIBLE:
                self.sounds.append(time.monotonic())

    def _on_text(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            text = (await reader.read_all()).strip()
            final = (reader.info.attributes or {}).get("lk.transcription_final", "true") == "true"
            if final and text:
                (self.heard if identity == self.identity else self.said).append(text)
                if self.said:
                    self._spoke.set()

        self._spawn(read())

    async def _microphone(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            frame, self._playing = self._playing[:FRAME], self._playing[FRAME:]
            frame = np.concatenate([frame, np.zeros(FRAME - len(frame), np.int16)])
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent * FRAME / RATE - time.monotonic()))

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Speak int16 [samples] at RATE; returns when the last of it has been sent."""
        self._playing = np.concatenate([self._playing, samples])
        while len(self._playing):  # noqa: ASYNC110  # the microphone's own pace empties it
            await asyncio.sleep(0.02)

    async def wait_for_sound(self, seconds: float) -> bool:
        """Whether anything new becomes audible within `seconds`."""
        before, deadline = len(self.sounds), time.monotonic() + seconds
        while len(self.sounds) <= before + 2:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def wait_for_quiet(self, seconds: float = 40.0) -> bool:
        """Whether it is quiet for QUIET seconds within `seconds`."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            last = max(self.sounds[-1] if self.sounds else began, began)
            if time.monotonic() - last >= QUIET:
                return True
            await asyncio.sleep(0.05)
        return False

    async def hear_greeting(self) -> None:
        assert await self.wait_for_sound(20), "no greeting within 20 s"
        await asyncio.wait_for(self._spoke.wait(), 20)  # its transcript is whole when it was spoken, pauses or not
        assert await self.wait_for_quiet(20), "the greeting does not end"

    async def ask(self, samples: NDArray[np.int16]) -> tuple[str, str, NDArray[np.int16]]:
        """(what was understood, what was answered, int16 [samples] at HEARD Hz) for one spoken question."""
        heard, said, before = len(self.heard), len(self.said), len(self.audio)
        await self.play(samples)
        assert await self.wait_for_sound(20), f"no answer within 20 s; understood: {self.heard[heard:]}"
        assert await self.wait_for_quiet(), "the answer does not end"
        await asyncio.sleep(0.5)
        return " ".join(self.heard[heard:]), " ".join(self.said[said:]), np.concatenate(self.audio[before:])

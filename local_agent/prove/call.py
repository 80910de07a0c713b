"""The spoken call: a real client that asks the page for a token, says a sentence in our own voice and hears the reply.

A process of its own inside the namespace: python -m local_agent.prove.call ADDRESS VOICE prints a `Call` as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_agent import config
from local_agent.errors import ProofVoid
from local_agent.prove.outcome import Call
from local_agent.prove.question import RATE, SENTENCE, speech

HEARD = 16_000  # Hz of what comes back
FRAME = RATE // 50
AUDIBLE = 500  # int16 peak of 10 ms that counts as sound, as everywhere in this project
LEAST_REPLY = 0.2  # s of sound that are a reply and not a click
PATIENCE = 30.0  # s for the agent to be heard
QUIET = 1.2  # s without sound that end what it says


class Caller:
    """async with Caller(address) as caller: call = await caller.ask(speech)"""

    def __init__(self, address: str) -> None:
        from livekit import rtc

        self.address, self.room = address, rtc.Room()
        self.source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self.heard: list[str] = []
        self.said: list[str] = []
        self.sounds: list[float] = []  # monotonic times of audible 10 ms
        self._playing: NDArray[np.int16] = np.zeros(0, np.int16)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Caller:
        import aiohttp
        from livekit import rtc

        body = {"participant_identity": "prover"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.address}/api/livekit/token", json=body) as answer,
        ):
            details = await answer.json()
        self.room.on("track_subscribed", lambda track, *_: self._spawn(self._listen(track)))
        self.room.register_text_stream_handler("lk.transcription", self._on_text)
        await self.room.connect(details["server_url"], details["participant_token"])
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._spawn(self._microphone())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, speech: NDArray[np.int16]) -> Call:
        """Hear the greeting out, say int16 [samples] at RATE, hear the reply out. Raises ProofVoid without a reply."""
        if not await self._sound():
            raise ProofVoid(f"the agent did not greet within {PATIENCE:g} s", fix="python -m local_agent doctor")
        await self._quiet()
        heard, said, before = len(self.heard), len(self.said), len(self.sounds)
        self._playing = speech
        if not await self._sound():
            raise ProofVoid(
                f"no reply was heard within {PATIENCE:g} s to a sentence of {len(SENTENCE.split())} words, of which "
                f"{len(' '.join(self.heard[heard:]).split())} were understood",
                fix="python -m local_agent doctor",
            )
        await self._quiet()
        await asyncio.sleep(0.5)  # the transcript may come after the sound
        understood, answered = " ".join(self.heard[heard:]), " ".join(self.said[said:])
        seconds = round(0.01 * (len(self.sounds) - before), 2)
        if not understood or not answered or seconds < LEAST_REPLY:
            raise ProofVoid(
                f"the call was none: {len(understood.split())} words understood, {len(answered.split())} answered, "
                f"{seconds} s of sound"
            )
        return Call(len(understood.split()), len(understood), len(answered.split()), len(answered), seconds)

    async def _sound(self) -> bool:
        """Whether anything new becomes audible in time, what is said meanwhile being said."""
        before, deadline = len(self.sounds), time.monotonic() + PATIENCE
        while len(self.sounds) <= before + 2:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _quiet(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE and time.monotonic() - self.sounds[-1] < QUIET:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _listen(self, track: Any) -> None:
        from livekit import rtc

        async for event in rtc.AudioStream(track, sample_rate=HEARD, num_channels=1, frame_size_ms=10):
            samples = np.frombuffer(event.frame.data, np.int16).astype(np.int32)
            if np.abs(samples).max(initial=0) > AUDIBLE:
                self.sounds.append(time.monotonic())

    def _on_text(self, reader: Any, identity: str) -> None:
        async def read() -> None:
            text = (await reader.read_all()).strip()
            final = (reader.info.attributes or {}).get("lk.transcription_final", "true") == "true"
            if final and text:
                (self.heard if identity == "prover" else self.said).append(text)

        self._spawn(read())

    async def _microphone(self) -> None:
        from livekit import rtc

        began, sent = time.monotonic(), 0
        while True:
            frame, self._playing = self._playing[:FRAME], self._playing[FRAME:]
            frame = np.concatenate([frame, np.zeros(FRAME - len(frame), np.int16)])
            await self.source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent * FRAME / RATE - time.monotonic()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def hold(address: str, voice: Path) -> Call:
    """Call the agent whose page is at `address`. Raises ProofVoid when no conversation comes about."""
    said = await asyncio.to_thread(speech, voice)
    async with Caller(address) as caller:
        return await caller.ask(said)


def main() -> int:
    config.prepare_process(1)
    try:
        call = asyncio.run(hold(sys.argv[1], Path(sys.argv[2])))
    except ProofVoid as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(call)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

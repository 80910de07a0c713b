"""A voice agent without models: hums instead of speaking, and writes captions as livekit-agents' RoomIO does.

It exists to put the page into every state on demand; what a real agent does is tested elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Coroutine
from typing import Any

import numpy as np
from livekit import api, rtc

from local_agent.call.empty_rooms import GONE

RATE = 48_000
FRAME = RATE // 100  # 10 ms
VOICE = 600  # int16 root mean square that counts as a person's voice
GREETING = "Hello, I am listening."
ANSWER = "I heard you and I am answering with several words so that there is time to interrupt"
RECORDING = {"record": "on", "stop": "", "fail": "failed"}  # what it shows when somebody types that


class FakeAgent:
    """Joins one room as an agent, greets, answers each burst of voice and each typed text, stops when interrupted."""

    def __init__(self, url: str, key: str, secret: str, room: str, *, answer: str = ANSWER) -> None:
        self.url, self.key, self.secret, self.name, self.answer = url, key, secret, room, answer
        self.room = rtc.Room()
        self.source = rtc.AudioSource(RATE, 1, queue_size_ms=60)
        self.heard_until = 0.0  # time.monotonic() of the last frame with voice
        self.voice_frames = 0
        self.speaking: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        self.left = False
        self.leaving: asyncio.Task[None] | None = None
        self.asked_to_forget: list[str] = []

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.done)
        return task

    def done(self, task: asyncio.Task[Any]) -> None:
        """Lets go what failed because the server was killed on purpose; asyncio reports the rest."""
        self.tasks.discard(task)
        if self.left and not task.cancelled():
            task.exception()

    async def join(self) -> None:
        grants = api.VideoGrants(room_join=True, room=self.name, can_update_own_metadata=True)
        token = api.AccessToken(self.key, self.secret).with_identity(f"agent-{uuid.uuid4().hex[:6]}")
        self.room.on("track_subscribed", lambda track, *_: self.spawn(self.listen(track)))
        self.room.on("participant_disconnected", self.on_disconnected)
        self.room.register_text_stream_handler("lk.chat", lambda reader, _: self.spawn(self.read(reader)) and None)
        await self.room.connect(self.url, token.with_kind("agent").with_grants(grants).to_jwt())
        track = rtc.LocalAudioTrack.create_audio_track("voice", self.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self.room.local_participant.register_rpc_method("local_agent.forget", self.forget)
        self.spawn(self.greet())

    async def forget(self, data: rtc.RpcInvocationData) -> str:
        """As `local_agent.call.forgetting` does: tell the page, then say so."""
        self.asked_to_forget.append(data.payload)
        facts = {"last": '{"exchanges": 1}', "everything": '{"exchanges": null}'}[data.payload]
        await self.room.local_participant.publish_data(
            facts, topic="local_agent.forgotten", destination_identities=[data.caller_identity]
        )
        self.say("I forgot.")
        return "forgotten"

    async def greet(self) -> None:
        """As RoomIO does: nobody is greeted before they are there."""
        await self.state("initializing")
        while not self.room.remote_participants:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        self.say(GREETING)

    def on_disconnected(self, person: rtc.RemoteParticipant) -> None:
        """As `vacancy.Attendance` does: the last person to leave for good takes the agent along."""
        if not self.room.remote_participants and person.disconnect_reason in GONE:
            self.left, self.leaving = True, asyncio.create_task(self.room.disconnect())

    async def leave(self) -> None:
        self.left = True
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.room.disconnect()
        await self.source.aclose()

    async def state(self, value: str) -> None:
        await self.room.local_participant.set_attributes({"lk.agent.state": value})

    async def listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=16_000, num_channels=1, frame_size_ms=20):
            samples = np.frombuffer(event.frame.data, np.int16).astype(np.float32)
            now = time.monotonic()
            if np.sqrt(np.mean(samples**2)) > VOICE:
                self.heard_until, self.voice_frames = now, self.voice_frames + 1
                if self.voice_frames == 10 and self.speaking and not self.speaking.done():
                    self.speaking.cancel()
            elif self.voice_frames and now - self.heard_until > 0.5:
                frames, self.voice_frames = self.voice_frames, 0
                if frames >= 10:
                    self.spawn(self.reply())

    async def reply(self) -> None:
        segment = f"SG_{uuid.uuid4().hex[:8]}"
        for words, final in (("can you", False), ("can you hear", False), ("Can you hear me?", True)):
            await self.caption_of_person(segment, words, final)
            await asyncio.sleep(0.1)
        await self.state("thinking")
        await asyncio.sleep(0.3)
        self.say(self.answer)

    async def read(self, reader: rtc.TextStreamReader) -> None:
        text = await reader.read_all()
        await self.state("thinking")
        if text in RECORDING:
            await self.room.local_participant.set_attributes({"local_agent.recording": RECORDING[text]})
        self.say(f"You wrote: {text}.")

    async def caption_of_person(self, segment: str, words: str, final: bool) -> None:
        person = next(iter(self.room.remote_participants.values()), None)
        if person is None:
            return
        writer = await self.room.local_participant.stream_text(
            topic="lk.transcription",
            sender_identity=person.identity,
            attributes={"lk.segment_id": segment, "lk.transcription_final": str(final).lower()},
        )
        await writer.write(words)
        await writer.aclose()

    def say(self, text: str) -> None:
        self.speaking = self.spawn(self.speak(text))

    async def speak(self, text: str) -> None:
        await self.state("speaking")
        writer = await self.room.local_participant.stream_text(
            topic="lk.transcription",
            attributes={"lk.segment_id": f"SG_{uuid.uuid4().hex[:8]}", "lk.transcription_final": "false"},
        )
        try:
            for word in text.split(" "):
                await writer.write(word + " ")
                await self.hum(0.25)
        except asyncio.CancelledError:
            self.source.clear_queue()
        finally:
            await writer.aclose(attributes={"lk.transcription_final": "true"})
            await self.state("listening")

    async def hum(self, seconds: float) -> None:
        for start in range(0, int(seconds * RATE), FRAME):
            t = (start + np.arange(FRAME)) / RATE
            wave = sum(np.sin(2 * np.pi * 160 * k * t) / k for k in range(1, 9)) * (
                0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)
            )
            frame = rtc.AudioFrame((wave * 6000).astype(np.int16).tobytes(), RATE, 1, FRAME)
            await self.source.capture_frame(frame)


class Dispatcher:
    """Gives every new room a FakeAgent, as a worker would. `enabled` False leaves rooms alone."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self.url, self.key, self.secret = url, key, secret
        self.enabled = True
        self.agents: dict[str, FakeAgent] = {}

    async def run(self) -> None:
        async with api.LiveKitAPI("http" + self.url.removeprefix("ws"), self.key, self.secret) as livekit:
            while True:
                await asyncio.sleep(0.1)
                with contextlib.suppress(Exception):  # the server is killed on purpose
                    await self.look(livekit)

    async def look(self, livekit: api.LiveKitAPI) -> None:
        rooms = (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms
        present = {room.sid: room.name for room in rooms}
        for sid in set(self.agents) - set(present):
            await self.agents.pop(sid).leave()
        for sid, name in present.items():
            if self.enabled and sid not in self.agents:
                self.agents[sid] = FakeAgent(self.url, self.key, self.secret, name)
                await self.agents[sid].join()

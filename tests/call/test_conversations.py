"""What comes of each scripted conversation, event by event: conversations.txt, byte for byte.

`python -m tests.call.test_conversations` writes that file anew. A change of it is a change of what callers live
through: read the difference before it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from livekit.agents import AgentSession, inference
from livekit.agents.voice import events
from numpy.typing import NDArray

from local_agent.audio import local_io
from local_agent.audio.local_io import FRAME, SPOKEN_RATE
from local_agent.audio.samples import SPEECH_RATE
from local_agent.call.assistant import Assistant
from local_agent.call.session import Call
from local_agent.call.tools.about import About
from local_agent.errors import EngineError
from tests.call.conversations import CONVERSATIONS, Conversation
from tests.plugins import fakeengines
from tests.plugins.fakeengines import NOISE, FakeEngines, FakeTurn, LoudnessVad, run, silence, speech, tone
from tests.plugins.headless import AUDIBLE
from tests.virtual_time import Clock, virtual_time

RECORD = Path(__file__).with_name("conversations.txt")
SECONDS = {"whisper": 0.06, "llama": 0.12, "piper": 0.05, "ear": 0.03}  # of a piece of work
SOFTER = {"soft": 0.5, "far": 0.2}


class LoggedVoice(local_io.PullAudioOutput):
    """Tells what is done to the agent's voice."""

    def __init__(self, log: Callable[[str], None]) -> None:
        super().__init__()
        self._log = log

    def pause(self) -> None:
        self._log("voice: pause")
        super().pause()

    def resume(self) -> None:
        self._log("voice: resume")
        super().resume()

    def duck(self) -> None:
        self._log("voice: duck")
        super().duck()

    def clear_buffer(self) -> None:
        self._log("voice: cut")
        super().clear_buffer()


class Stage:
    """Holds one conversation. lines: what came of it."""

    def __init__(self, conversation: Conversation, clock: Clock, patch: pytest.MonkeyPatch) -> None:
        self.conversation, self.clock = conversation, clock
        self.lines: list[str] = []
        self.engines = FakeEngines(**{"greeting": "", **conversation.settings})
        self.engines.ear = FakeTurn() if conversation.listens else None
        self.engines.ears.spare = conversation.spare
        self.engines.mind.pieces, self.engines.mouth.seconds = conversation.answer, conversation.word
        self.engines.mouth.sample_rate = SPOKEN_RATE  # a resampler dithers: no two of its sounds are the same
        self.fakes: dict[str, Any] = {
            "whisper": self.engines.ears,
            "llama": self.engines.mind,
            "piper": self.engines.mouth,
        } | ({"ear": self.engines.ear} if self.engines.ear is not None else {})
        for name, fake in self.fakes.items():
            lane = fake.desk.lane
            lane.name, lane.seconds, lane.log = name, SECONDS[name], self.log
        patch.setattr(inference, "VAD", lambda **given: LoudnessVad(given["min_silence_duration"]))
        patch.setattr(local_io, "PullAudioOutput", lambda: LoggedVoice(self.log))
        plain = fakeengines.understood
        patch.setattr(fakeengines, "understood", lambda audio: self._meant(plain(audio)))

    def _meant(self, words: str) -> str:
        return self.conversation.meant.get(words, words)

    def log(self, line: str) -> None:
        self.lines.append(f"{self.clock.ms:6d} {line}")

    async def hold(self) -> None:
        call = Call(self.engines.settings, self.engines.engines)
        self.session = session = call.session
        self._listen(session)
        call.speak_through(local_io.LocalAudio(self._ready).attach(session))
        await call.start(Assistant(self.engines.settings, About.of(self.engines.engines)))
        for part in self.conversation.script.split("|"):
            await self._play(part.strip())
        await session.aclose()

    def _ready(self, _: AgentSession[None], ear: local_io.QueueAudioInput, voice: local_io.PullAudioOutput) -> None:
        self.ear, self.voice, self.heard = ear, voice, False

    async def _hears(self, samples: NDArray[np.int16]) -> None:
        """int16 [samples] at 16 kHz come out of the microphone, and as long the voice is played."""
        step = int(FRAME * SPEECH_RATE)
        for at in range(0, len(samples) - step + 1, step):
            self.ear.put(samples[at : at + step])
            await self._passes(FRAME)

    async def _passes(self, seconds: float) -> None:
        """Nothing comes out of the microphone for so long, as where it is muted."""
        for _ in range(round(seconds / FRAME)):
            loud = bool(np.abs(self.voice.pull(int(FRAME * SPOKEN_RATE)).astype(np.int32)).max() > AUDIBLE)
            if loud != self.heard:
                self.heard = loud
                self.log("voice: heard" if loud else "voice: silent")
            await asyncio.sleep(FRAME)

    async def _play(self, part: str) -> None:
        first, *rest = part.split()
        if first in ("breaks", "is", "writes", "chance", "sounds"):
            self._behave(first, rest)
        elif first == "commit":
            self.session.commit_user_turn()
        elif first == "mute":
            await self._passes(float(rest[0]))
        elif first.startswith("~"):
            await self._hears(tone(NOISE, float(first[1:])))
        elif first.rstrip(":") in SOFTER:
            await self._hears((speech(" ".join(rest)) * SOFTER[first.rstrip(":")]).astype(np.int16))
        elif first[0].isdigit() or first[0] == ".":
            await self._hears(silence(float(first)))
        else:
            await self._hears(speech(part))

    def _behave(self, how: str, given: list[str]) -> None:
        if how == "breaks":
            self.fakes[given[0]].desk.failures.append(EngineError("broken"))
        elif how == "is":
            self.fakes[given[1]].desk.lane.seconds = float(given[2])
        elif how == "writes":
            self.engines.mind.pieces = ()
        elif how == "chance":
            self.engines.mind.end_probability = float(given[0])
        elif self.engines.ear is not None:
            self.engines.ear.probability = float(given[0])

    def _listen(self, session: Any) -> None:
        log = self.log

        def on_item(event: events.ConversationItemAddedEvent) -> None:
            item: Any = event.item
            if item.type == "message":
                cut = " (interrupted)" if item.interrupted else ""
                log(f"{item.role}: {item.text_content}{cut}")

        session.on("conversation_item_added", on_item)
        session.on("user_state_changed", lambda event: log(f"caller is {event.new_state}"))
        session.on("agent_state_changed", lambda event: log(f"agent is {event.new_state}"))
        session.on(
            "user_input_transcribed",
            lambda event: log(f"{'final' if event.is_final else 'interim'}: {event.transcript}"),
        )
        session.on("speech_created", lambda event: log(f"speech by {event.source}"))
        session.on("error", lambda event: log(f"error: {event.error.type}, recoverable {event.error.recoverable}"))
        session.on("close", lambda event: log(f"closed: {event.reason.value}"))


def record(conversation: Conversation) -> str:
    """What comes of it, a line an event: milliseconds, and what."""
    with virtual_time() as clock, pytest.MonkeyPatch.context() as patch:
        stage = Stage(conversation, clock, patch)
        run(stage.hold(), seconds=600)
    return "\n".join([f"## {conversation.name}", *stage.lines, ""])


def kept() -> dict[str, str]:
    """By name of the conversation."""
    parts = RECORD.read_text().split("## ")[1:]
    return {part.split("\n", 1)[0]: "## " + part for part in parts}


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.name)
def test_a_conversation_goes_as_before(conversation: Conversation) -> None:
    assert record(conversation) == kept()[conversation.name]


def test_every_conversation_of_the_record_is_held() -> None:
    assert list(kept()) == [conversation.name for conversation in CONVERSATIONS] and len(CONVERSATIONS) >= 50


if __name__ == "__main__":
    RECORD.write_text("".join(record(conversation) for conversation in CONVERSATIONS))

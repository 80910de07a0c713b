"""An AgentSession without a room: the caller's side is in memory, in real time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from livekit.agents import Agent, AgentSession, CloseEvent, ConversationItemAddedEvent, ErrorEvent
from livekit.agents.llm import ChatMessage
from numpy.typing import NDArray

from local_agent.audio.local_io import FRAME, HEARD_RATE, SPOKEN_RATE, PullAudioOutput, QueueAudioInput
from local_agent.call.assistant import Assistant
from local_agent.plugins.interruptions import InterruptionHandler
from tests.plugins.fakeengines import until

AUDIBLE = 300  # int16 peak


def call(function: str, /, **arguments: Any) -> str:
    """A function call as a language model writes it."""
    return f"<tool_call>\n{json.dumps({'name': function, 'arguments': arguments})}\n</tool_call>"


class Caller:
    """Speaks or writes into a session and notes what comes back. reply: int16 [samples] at SPOKEN_RATE, since `say`.
    calls: names of the functions that `write` led to, and of the agents that the caller was handed to, in order.
    """

    def __init__(self, session: AgentSession[Any], ear: QueueAudioInput, mouth: PullAudioOutput) -> None:
        self.session, self._ear, self._mouth = session, ear, mouth
        self._saying = np.zeros(0, np.int16)
        self._played: list[NDArray[np.int16]] = []
        self.messages: list[ChatMessage] = []
        self.errors: list[Any] = []
        self.closed: list[CloseEvent] = []
        self.calls: list[str] = []
        session.on("conversation_item_added", self._on_item)
        session.on("error", self._on_error)
        session.on("close", self.closed.append)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, ChatMessage):
            self.messages.append(event.item)

    def _on_error(self, event: ErrorEvent) -> None:
        self.errors.append(event.error)

    def of(self, role: str) -> list[str]:
        return [message.text_content or "" for message in self.messages if message.role == role]

    @property
    def reply(self) -> NDArray[np.int16]:
        return np.concatenate([np.zeros(0, np.int16), *self._played])

    def audible(self) -> bool:
        return bool(len(self.reply)) and int(np.abs(self.reply.astype(np.int32)).max()) > AUDIBLE

    def say(self, samples: NDArray[np.int16]) -> None:
        """int16 [samples] at HEARD_RATE; what was played so far is forgotten."""
        self._played.clear()
        self._saying = samples

    async def answered(self, count: int = 1) -> None:
        await until(lambda: len(self.of("assistant")) >= count or self.closed, f"reply {count}")
        assert not self.closed, (self.closed, self.errors)

    async def write(self, text: str) -> None:
        """A message, and its answer to the end."""
        for event in (await self.session.run(user_input=text)).events:
            if event.type == "function_call":
                self.calls.append(event.item.name)
            elif event.type == "agent_handoff":
                self.calls.append(type(event.new_agent).__name__)

    async def hears(self, words: str) -> None:
        await until(lambda: words in " ".join(self.of("assistant")), f"{words!r} in {self.of('assistant')}")

    async def hold(self) -> None:
        """Microphone and loudspeaker, frame after frame."""
        step, out = int(FRAME * HEARD_RATE), int(FRAME * SPOKEN_RATE)
        began, frames = time.monotonic(), 0
        while True:
            piece, self._saying = self._saying[:step], self._saying[step:]
            self._ear.put(np.concatenate([piece, np.zeros(step - len(piece), np.int16)]))
            self._played.append(self._mouth.pull(out))
            frames += 1
            await asyncio.sleep(max(0.0, began + frames * FRAME - time.monotonic()))


@asynccontextmanager
async def calling(
    session: AgentSession[Any],
    instructions: str = "Answer in one short sentence.",
    agent: Agent | None = None,
    *,
    floor: InterruptionHandler | None = None,
) -> AsyncIterator[Caller]:
    """A call with `session`, closed at its end. agent: in place of one that has only instructions. floor: learns
    what is played, as in a call of the product.
    """
    ear, mouth = QueueAudioInput(), PullAudioOutput()
    session.input.audio, session.output.audio = ear, mouth
    if floor is not None:
        floor.follow(mouth)
    caller = Caller(session, ear, mouth)
    if isinstance(agent, Assistant):
        agent.memory.llm, agent.memory.tts = session.llm, session.tts  # type: ignore[assignment]  # as `Call` does
    await session.start(agent or Agent(instructions=instructions), record=False, session_host=False)
    holding = asyncio.create_task(caller.hold())
    try:
        yield caller
    finally:
        await session.aclose()
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)

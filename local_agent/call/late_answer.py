"""Answers that came while the question was still being asked: "yes" over the agent's voice takes no floor, and is
answered when the agent falls silent and nothing else was said.
"""

from __future__ import annotations

import asyncio

from livekit.agents import AgentSession
from livekit.agents.voice.events import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
)

from local_agent.plugins.interruptions import InterruptionHandler

SILENT = 0.3  # s after the agent's last word: who says more has begun by then
LOOK = 0.1  # s between two looks at whether somebody still speaks


def attach(session: AgentSession[None], floor: InterruptionHandler) -> None:
    """Hang it on a session, whose floor hears what is murmured over the agent's voice."""
    said: list[str] = []  # by the agent, since it began to speak
    answering: set[asyncio.Task[None]] = set()  # a task that nothing refers to may vanish

    def on_state(event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            said.clear()
        elif event.old_state == "speaking":
            task = asyncio.create_task(answer())
            answering.add(task)
            task.add_done_callback(answering.discard)

    def on_item(event: ConversationItemAddedEvent) -> None:
        if getattr(event.item, "role", "") == "assistant":
            said.append(getattr(event.item, "text_content", None) or "")

    async def answer() -> None:
        if not floor.machine.murmurs:
            floor.machine.murmurs.answer("")
            return
        await asyncio.sleep(SILENT)
        while session.user_state == "speaking":  # noqa: ASYNC110  # what they say may be no more than a sound
            await asyncio.sleep(LOOK)
        words = floor.machine.murmurs.answer(" ".join(said))
        if words and session.agent_state == "listening":
            session.emit("user_input_transcribed", UserInputTranscribedEvent(transcript=words, is_final=True))
            session.generate_reply(user_input=words)

    session.on("agent_state_changed", on_state)
    session.on("conversation_item_added", on_item)

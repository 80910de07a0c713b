"""Thinks about a caller's words while they are still being spoken.

Reading twenty words takes a fifth of a second on two slow cores. Nearly all of it can be done before the caller has
finished, since a partial transcript changes at its end only. And what would be said if the caller stopped here is often
how the answer begins when they really do: docs/decisions/rehearsal.md.
"""

from __future__ import annotations

import asyncio

from livekit.agents import AgentSession
from livekit.agents.voice.events import ConversationItemAddedEvent, UserInputTranscribedEvent

from local_agent.config.languages.length import A_WORD, UNSPACED
from local_agent.plugins import llama

MARKS = "。、，！？.,!? "
SHAKY = 2  # words at the end of a partial transcript that the next one may well change


def lasting(partial: str) -> str:
    """The words of a partial transcript that will probably be in the final one, unchanged; "" for none."""
    if UNSPACED.search(partial.rstrip(MARKS)[-1:]):
        return partial.rstrip(MARKS)[: -SHAKY * A_WORD]
    return " ".join(partial.split()[:-SHAKY])


def attach(session: AgentSession[None], model: llama.LLM) -> None:
    """Let a session's language model read partial transcripts as they come."""

    def on_transcribed(event: UserInputTranscribedEvent) -> None:
        words = lasting(event.transcript)
        if event.is_final or not words:
            return
        context = session.current_agent.chat_ctx
        if model.rehearse(context, event.transcript) is None:
            model.read_ahead(context, words)

    def on_item(event: ConversationItemAddedEvent) -> None:
        if getattr(event.item, "role", "") == "assistant":
            settling = asyncio.create_task(model.settle(session.current_agent.chat_ctx))
            settlings.add(settling)
            settling.add_done_callback(settlings.discard)

    settlings: set[asyncio.Task[None]] = set()  # a task that nothing refers to may vanish
    session.on("user_input_transcribed", on_transcribed)
    session.on("conversation_item_added", on_item)

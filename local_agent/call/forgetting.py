"""What one call remembers, and how it is made to forget: history, KV cache, and the page that shows the words."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable

from livekit import rtc
from livekit.agents import Agent, AgentSession
from livekit.agents.llm import ChatContext, ToolContext
from livekit.rtc.participant import PublishDataError

from local_agent.call import forget_command
from local_agent.call.empty_rooms import people
from local_agent.call.forget_command import Command, Scope
from local_agent.call.tools.timers import Timers
from local_agent.plugins import llama, piper

logger = logging.getLogger("local_agent")

METHOD = "local_agent.forget"  # called by the page; its payload is a Scope
TOPIC = "local_agent.forgotten"  # tells the page: {"exchanges": number of them, or null for all}
LONGEST = 16  # characters of the payload

Recorded = Callable[[Scope], Awaitable[str]]
Tell = Callable[[dict[str, int | None]], Awaitable[None]]


class Memory:
    """Forgets for one agent. opening: what its conversation began with; it stays."""

    def __init__(self, agent: Agent, opening: ChatContext) -> None:
        self._agent = agent
        self._opening = frozenset(item.id for item in opening.items)
        self.language = "en"  # of the call
        self.llm: llama.LLM | None = None  # the call's; what they keep of a conversation is forgotten, too
        self.tts: piper.TTS | None = None
        self.timers: Timers | None = None  # which end with all that was said
        self.tell: Tell | None = None  # tells the callers' pages which of their lines to drop
        self.recorded: Recorded | None = None  # what a recording of the call makes of it, in words

    async def obey(self, asked: Command) -> None:
        """Do what was said or written. The message that asked for it is in no history, only on the page."""
        await self._forget(asked.scope, asked.language, asking=1 if asked.alone else 0, coming=not asked.alone)

    async def click(self, scope: Scope) -> None:
        """Do what was clicked."""
        await self._forget(scope, self.language)

    async def _forget(self, scope: Scope, language: str, *, asking: int = 0, coming: bool = False) -> None:
        """asking: exchanges on the page that only asked for it. coming: the message that asked is what is forgotten."""
        session = self._agent.session
        await session.interrupt(force=True)  # a reply that was begun ahead holds the words too
        shown = asking + await self._drop(session, scope, coming)
        session._recorded_events.clear()  # livekit-agents keeps every transcript for a report, and none is made
        for keeps in (self.llm, self.tts):
            if keeps is not None:
                keeps.forget()
        if scope is Scope.EVERYTHING and self.timers is not None:
            self.timers.forget()
        logger.info("forgot: %s", scope.value)
        if self.tell is not None:
            await self.tell({"exchanges": None if scope is Scope.EVERYTHING else max(1, shown)})
        recorded = await self.recorded(scope) if self.recorded is not None else ""
        session.say(f"{forget_command.confirmation(scope, language)} {recorded}".strip(), add_to_chat_ctx=False)
        await self.prepare()

    async def prepare(self) -> None:
        """Have the model read what stands before anything is said."""
        if self.llm is not None:
            await self.llm.prepare(self._agent.chat_ctx, ToolContext(self._agent.tools).flatten())

    async def _drop(self, session: AgentSession[None], scope: Scope, coming: bool) -> int:
        """Exchanges that the page shows of what was dropped."""
        before = self._agent.chat_ctx.items
        kept = forget_command.remaining(before, scope, self._opening, coming=coming)
        stays = {item.id for item in kept}
        gone = [item for item in before if item.id not in stays]
        left = {item.id for item in gone}
        await self._agent.update_chat_ctx(ChatContext(items=kept))
        items = session.history.items
        if scope is Scope.EVERYTHING:
            items[:] = forget_command.remaining(items, scope, self._opening)
        else:
            items[:] = [item for item in items if item.id not in left]
        return forget_command.exchanges(gone, coming=coming)


def in_room(room: rtc.Room, identity: str) -> bool:
    """Whether a participant is one of the people in the room: they share one conversation, and each may steer it."""
    return any(one.identity == identity for one in people(room))


def serve(memory: Memory, room: rtc.Room) -> None:
    """Let the pages of the people in the room call `METHOD`; tell them what was forgotten."""

    async def tell(facts: dict[str, int | None]) -> None:
        there = [one.identity for one in people(room)]
        if not there or not room.isconnected():
            return
        try:
            await room.local_participant.publish_data(json.dumps(facts), topic=TOPIC, destination_identities=there)
        except PublishDataError as error:
            logger.warning("the page was not told what to forget: %s", error)

    async def called(data: rtc.RpcInvocationData) -> str:
        if not in_room(room, data.caller_identity):
            raise rtc.RpcError(rtc.RpcError.ErrorCode.APPLICATION_ERROR, "only people in the room may ask for this")
        await memory.click(scope_of(data.payload))
        return "forgotten"

    memory.tell = tell
    room.local_participant.register_rpc_method(METHOD, called)


def scope_of(payload: str) -> Scope:
    """What a click names. Raises RpcError for anything else."""
    if len(payload) <= LONGEST and payload in set(Scope):
        return Scope(payload)
    raise rtc.RpcError(rtc.RpcError.ErrorCode.APPLICATION_ERROR, "expected last or everything")

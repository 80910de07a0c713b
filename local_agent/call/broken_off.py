"""Which rooms are in the midst of a conversation, so that an agent who comes into one after a crash knows of it.

A room that talks has an empty file in the data folder, named by a hash of its name: nothing of what is said, nor who
speaks. It goes with the call's end; what a killed process leaves tells the next one for a while. Where the LiveKit
server outlives the agent, the people in the room carry a mark themselves, which tells an agent on any machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from pathlib import Path

import aiohttp
from livekit import api, rtc
from livekit.agents import AgentSession, JobContext
from livekit.agents.voice.events import CloseEvent, CloseReason, ConversationItemAddedEvent

from local_agent.call.empty_rooms import ANSWER, people

logger = logging.getLogger("local_agent")

TALKED = "local_agent.conversation"  # attribute of a person who is in one
FOLDER = "conversations"  # in the data folder
BEAT = 20.0  # s between two signs of life of a conversation
FRESH = 180.0  # s after the last sign of life in which who comes back comes back to it: the page tries for 145 s
# Why a room is no more for somebody who did not end it.
LOST = frozenset(
    {
        rtc.DisconnectReason.UNKNOWN_REASON,
        rtc.DisconnectReason.SERVER_SHUTDOWN,
        rtc.DisconnectReason.SIGNAL_CLOSE,
        rtc.DisconnectReason.STATE_MISMATCH,
        rtc.DisconnectReason.JOIN_FAILURE,
        rtc.DisconnectReason.CONNECTION_TIMEOUT,
        rtc.DisconnectReason.MEDIA_FAILURE,
    }
)


class Conversation:
    """That of one room. folder: the data folder. Without one that can be written calls go on, and nothing is known."""

    def __init__(self, folder: Path, room: str) -> None:
        self._path = folder / FOLDER / hashlib.sha256(room.encode()).hexdigest()[:32]

    def broken_off(self) -> bool:
        """Whether there was one a moment ago that nobody ended."""
        try:
            return time.time() - self._path.stat().st_mtime < FRESH
        except OSError:
            return False

    def goes_on(self) -> None:
        """A sign of life."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
            os.utime(self._path)
        except OSError as error:
            logger.debug("a conversation is not noted: %s", error)

    def end(self) -> None:
        """It ended as it should, and with it whatever was left of others long ago."""
        try:
            self._path.unlink(missing_ok=True)
            for left in self._path.parent.glob("*"):
                if time.time() - left.stat().st_mtime > FRESH:
                    left.unlink(missing_ok=True)
        except OSError as error:
            logger.debug("a conversation that ended is still noted: %s", error)


class Note:
    """Keeps note of one session's conversation, from the caller's first words on, until it ends or is torn off."""

    def __init__(self, conversation: Conversation, ctx: JobContext) -> None:
        """ctx: of a job whose room is joined."""
        marked = any(TALKED in one.attributes for one in people(ctx.room))
        self.lost = marked or conversation.broken_off()  # the thread of what was said here before
        self._conversation, self._ctx = conversation, ctx
        self._beating: asyncio.Task[None] | None = None
        self._torn = False

    def keep(self, session: AgentSession[None]) -> None:
        """From now on."""
        session.on("conversation_item_added", self._on_item)
        session.on("close", self._on_close)
        self._ctx.room.on("disconnected", self._on_disconnected)
        self._ctx.add_shutdown_callback(self._end)
        if self.lost:
            self._begin()

    def _begin(self) -> None:
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        await self._mark_people()
        while True:
            self._conversation.goes_on()
            await asyncio.sleep(BEAT)

    async def _mark_people(self) -> None:
        self._conversation.goes_on()
        room = self._ctx.job.room.name
        for one in people(self._ctx.room):
            request = api.UpdateParticipantRequest(room=room, identity=one.identity, attributes={TALKED: "1"})
            try:
                async with asyncio.timeout(ANSWER):
                    await self._ctx.api.room.update_participant(request)
            except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
                logger.debug("a person in room %s is not marked: %s", room, error)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if getattr(event.item, "role", "") == "user":
            self._begin()

    def _on_close(self, event: CloseEvent) -> None:
        self._torn = self._torn or event.reason == CloseReason.ERROR

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self._torn = self._torn or reason in LOST

    async def _end(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
        if not self._torn:
            self._conversation.end()

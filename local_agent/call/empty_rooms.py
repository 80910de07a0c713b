"""Rooms that ended before their agent came, and rooms in which nobody is: a job there holds a line for nobody.

livekit-server makes a room anew for an agent who joins one that has ended meanwhile (a caller who left at once), sends
that new room an agent of its own, and keeps it for five minutes while both listen to nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import aiohttp
from livekit import api, rtc
from livekit.agents import JobContext

from local_agent.errors import RequestRefused
from local_agent.server.rooms import anybody, end_if_last, is_person
from local_agent.server.tokens import Holder

logger = logging.getLogger("local_agent")

PATIENCE = 5.0  # s for the first caller to be seen; our rooms are made for one, who is in it before the agent: 0.3 s
ABSENCE = 25.0  # s for somebody who was lost to be back: livekit-client tries for as long
ENDED = "the room has ended"  # why a job is over
EMPTY = "nobody is left in the room"
# Why somebody is gone for good: they hung up, were thrown out, or did not take the call.
GONE = frozenset(
    {
        rtc.DisconnectReason.CLIENT_INITIATED,
        rtc.DisconnectReason.PARTICIPANT_REMOVED,
        rtc.DisconnectReason.ROOM_DELETED,
        rtc.DisconnectReason.USER_REJECTED,
        rtc.DisconnectReason.USER_UNAVAILABLE,
    }
)
ANSWER = 2.0  # s for the LiveKit server to tell of a room


async def has_ended(ctx: JobContext) -> bool:
    """Whether the job's room is no more, asked before joining it: then the job is over.

    A new room of the same name is another one, and is sent an agent of its own.
    """
    try:
        async with asyncio.timeout(ANSWER):
            found = await ctx.api.room.list_rooms(api.ListRoomsRequest(names=[ctx.job.room.name]))
    except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
        logger.debug("room %s could not be looked at: %s", ctx.job.room.name, error)
        return False
    if any(room.sid == ctx.job.room.sid for room in found.rooms):
        return False
    ctx.shutdown(reason=ENDED)
    return True


async def was_made_anew(ctx: JobContext) -> bool:
    """Whether the room that was joined is another one than the job's, which ended on the way: then the job is over.

    Ends the new room where nobody is in it; whoever is has the agent that it was sent.
    """
    try:
        async with asyncio.timeout(ANSWER):
            joined = await ctx.room.sid
    except TimeoutError:
        logger.debug("room %s does not tell which one it is", ctx.job.room.name)
        return False
    if joined == ctx.job.room.sid:
        return False
    await _end_if_alone(ctx)
    ctx.shutdown(reason=ENDED)
    return True


def people(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """Whoever in the room may be talked to."""
    return [one for one in room.remote_participants.values() if is_person(one.kind, one.attributes)]


class Attendance:
    """Ends a job when nobody is left in its room, and the room with it where it is on a server of our own: on others'
    it belongs to whoever made it.

    Who hangs up is gone; who is lost may be back. stopping: whether this worker ends, and our server with it.
    """

    def __init__(self, ctx: JobContext, *, own: bool, stopping: Callable[[], bool]) -> None:
        self._ctx, self._own, self._stopping = ctx, own, stopping
        self._leaving: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """From now on, in a room that is joined."""
        room = self._ctx.room
        room.on("participant_connected", self._on_connected)
        room.on("participant_disconnected", self._on_disconnected)
        self._ctx.add_shutdown_callback(self._end)
        if not people(room):  # who was, left before we saw them
            self._leave_after(PATIENCE if self._own else max(ABSENCE, self._ctx.job.room.empty_timeout))

    def _on_connected(self, participant: rtc.RemoteParticipant) -> None:
        if self._leaving is not None and is_person(participant.kind, participant.attributes):
            self._leaving.cancel()
            self._leaving = None

    def _on_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if people(self._ctx.room) or not is_person(participant.kind, participant.attributes):
            return
        gone = participant.disconnect_reason in GONE
        self._leave_after(0.0 if gone else max(ABSENCE, self._ctx.job.room.departure_timeout))

    def _leave_after(self, seconds: float) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.create_task(self._leave(seconds))

    async def _leave(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        while not self._ctx.room.isconnected():  # noqa: ASYNC110  # its server is away: nobody can be seen
            await asyncio.sleep(max(seconds, PATIENCE))
        if not people(self._ctx.room) and not await self._anybody():
            self._ctx.shutdown(reason=EMPTY)

    async def _anybody(self) -> bool:
        """Whether the server knows of somebody whom this room does not show yet."""
        try:
            async with asyncio.timeout(ANSWER):
                return await anybody(self._ctx.api, self._ctx.job.room.name)
        except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.debug("room %s could not be looked at: %s", self._ctx.job.room.name, error)
            return False

    async def _end(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
        if self._own and self._stopping():
            await self._ctx.delete_room(self._ctx.job.room.name)
        elif self._own:
            await _end_if_alone(self._ctx)


async def _end_if_alone(ctx: JobContext) -> None:
    try:
        await end_if_last(ctx.api, Holder(identity=ctx.local_participant_identity, room=ctx.job.room.name))
    except RequestRefused as error:
        logger.warning("%s: nobody is in room %s, and it stays until the server ends it", error.what, ctx.job.room.name)

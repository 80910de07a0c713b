"""Rooms that ended before their agent came, and rooms in which nobody is: a job there holds a line for nobody.

livekit-server makes a room anew for an agent who joins one that has ended meanwhile (a caller who left at once), sends
that new room an agent of its own, and keeps it for five minutes while both listen to nobody.
"""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from livekit import api, rtc
from livekit.agents import JobContext

from local_agent.errors import RequestRefused
from local_agent.server.rooms import end_if_last
from local_agent.server.tokens import Holder

logger = logging.getLogger("local_agent")

PATIENCE = 5.0  # s for a caller to be seen; the room was made for one, who is in it before the agent is: 0.3 s
ENDED = "the room has ended"  # why a job is over
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


def watch(ctx: JobContext) -> None:
    """End the joined room after PATIENCE where nobody is in it by then: who was, left before we saw them."""

    async def demand_caller() -> None:
        await asyncio.sleep(PATIENCE)
        if not _somebody(ctx.room):
            await _end_if_alone(ctx)

    async def stop() -> None:
        waiting.cancel()

    if not _somebody(ctx.room):
        waiting = asyncio.create_task(demand_caller())
        ctx.add_shutdown_callback(stop)


def _somebody(room: rtc.Room) -> bool:
    return any(one.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for one in room.remote_participants.values())


async def _end_if_alone(ctx: JobContext) -> None:
    try:
        await end_if_last(ctx.api, Holder(identity=ctx.local_participant_identity, room=ctx.job.room.name))
    except RequestRefused as error:
        logger.warning("%s: nobody is in room %s, and it stays until the server ends it", error.what, ctx.job.room.name)

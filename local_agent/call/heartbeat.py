"""What tells our workers on a LiveKit server that others use as well which of our agents is alive.

livekit-server keeps the agent of a process that was killed in its room for 20 s. The heartbeat stops at once, and
another worker takes the room over (server/redispatch.py). Where two come to do so, the one that was there first stays.
"""

from __future__ import annotations

import asyncio
import itertools
import logging

import aiohttp
from livekit import api
from livekit.agents import JobContext

from local_agent.call.empty_rooms import ANSWER
from local_agent.server.rooms import ALIVE, agents_of_ours

logger = logging.getLogger("local_agent")

BEAT = 1.0  # s between two heartbeats; server/redispatch.py looks every 1.5
FIRST = {ALIVE: "0"}  # the attribute with which an agent joins
SECOND = "the room has another agent"  # why a job is over


class Heartbeat:
    """Of the agent in one job's room, which is joined."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._beating: asyncio.Task[None] | None = None

    async def begin(self) -> bool:
        """Beat from now on, until the job ends. False: another agent was there first, and the job is over."""
        if await self._is_second():
            return False
        self._beating = asyncio.create_task(self._beat())
        self._ctx.add_shutdown_callback(self._end)
        return True

    async def _beat(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(BEAT)
            if await self._is_second():
                return
            try:
                # Over the call's own connection: an agent that has lost it is of no use to its caller.
                async with asyncio.timeout(ANSWER):
                    await self._ctx.room.local_participant.set_attributes({ALIVE: str(count)})
            except TimeoutError:
                logger.debug("the heartbeat in room %s was not taken", self._ctx.job.room.name)

    async def _is_second(self) -> bool:
        """Whether another agent of ours has been in the room for longer: then the job is over.

        So it is for one that stood still, was taken out of the room and has come into it again by itself.
        """
        if not any(ALIVE in one.attributes for one in self._ctx.room.remote_participants.values()):
            return False
        name = self._ctx.job.room.name
        try:
            async with asyncio.timeout(ANSWER):
                found = await self._ctx.api.room.list_participants(api.ListParticipantsRequest(room=name))
        except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.debug("room %s could not be looked at: %s", name, error)
            return False
        ours = agents_of_ours(found.participants)
        first = min(ours, key=lambda one: (one.joined_at_ms, one.identity), default=None)
        if first is None or first.identity == self._ctx.local_participant_identity:
            return False
        logger.info("Room %s has another agent: this one leaves", name)
        self._ctx.shutdown(reason=SECOND)
        return True

    async def _end(self) -> None:
        if self._beating is not None:
            self._beating.cancel()

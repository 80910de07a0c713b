"""Gives rooms an agent when livekit-server's own dispatch did not: it asks once, when the room begins, and never again.

So a caller who comes while all lines are busy, or whose agent died, would wait for ever. We look at the rooms of our
own server and ask again, as soon as there is a free line.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from livekit import api
from livekit.protocol.models import ParticipantInfo

from local_agent.server.keys import Keys

logger = logging.getLogger("local_agent")

EVERY = 0.5  # s between two looks
GRACE = 2.0  # s that livekit-server's own dispatch may take: 0.3-0.5 s on idle cores, longer on busy ones
AGAIN = 4.0  # s after which an agent that was asked for and did not come is asked for again


@dataclass(frozen=True)
class RoomState:
    """people, agents: who is in the room now."""

    name: str
    people: int
    agents: int


class Rooms(Protocol):
    """What this module needs of a LiveKit server."""

    async def look(self) -> Sequence[RoomState]: ...

    async def ask_for_agent(self, room: str) -> None: ...


class ServerRooms:
    """The rooms of a real server."""

    def __init__(self, client: api.LiveKitAPI, agent_name: str = "") -> None:
        self._client, self._agent_name = client, agent_name

    async def look(self) -> Sequence[RoomState]:
        rooms = (await self._client.room.list_rooms(api.ListRoomsRequest())).rooms
        found = []
        for room in rooms:
            if not room.num_participants:
                continue
            request = api.ListParticipantsRequest(room=room.name)
            inside = (await self._client.room.list_participants(request)).participants
            agents = sum(one.kind == ParticipantInfo.Kind.AGENT for one in inside)
            active = sum(one.state == ParticipantInfo.State.ACTIVE for one in inside)
            found.append(RoomState(room.name, max(0, active - agents), agents))
        return found

    async def ask_for_agent(self, room: str) -> None:
        request = api.CreateAgentDispatchRequest(agent_name=self._agent_name, room=room)
        await self._client.agent_dispatch.create_dispatch(request)


class Recovery:
    """Decides which rooms need an agent. busy: rooms whose job runs or begins. free: whether a line is free."""

    def __init__(self, rooms: Rooms, busy: Callable[[], frozenset[str]], free: Callable[[], bool]) -> None:
        self._rooms, self._busy, self._free = rooms, busy, free
        self._due: dict[str, float] = {}  # room without an agent -> when to ask for one

    async def step(self, now: float) -> None:
        """One look. now: seconds of a monotonic clock."""
        alone = [room.name for room in await self._rooms.look() if room.people and not room.agents]
        alone = [name for name in alone if name not in self._busy()]
        self._due = {name: self._due.get(name, now + GRACE) for name in alone}
        for name, due in self._due.items():
            if now >= due and self._free():
                logger.info("Room %s has no agent: asking for one", name)
                self._due[name] = now + AGAIN
                await self._rooms.ask_for_agent(name)
                return  # the others at the next look, when the line that this one takes is counted


async def watch(
    url: str, keys: Keys, busy: Callable[[], frozenset[str]], free: Callable[[], bool], agent_name: str = ""
) -> None:
    """Look every EVERY seconds until cancelled; a server that does not answer for a while is asked again later."""
    http = "http" + url.removeprefix("ws")
    async with api.LiveKitAPI(http, keys.key, keys.secret, timeout=aiohttp.ClientTimeout(total=5.0)) as client:
        recovery = Recovery(ServerRooms(client, agent_name), busy, free)
        while True:
            try:
                await recovery.step(time.monotonic())
            except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
                logger.debug("the rooms could not be looked at: %s", error)
            await asyncio.sleep(EVERY)

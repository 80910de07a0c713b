"""Gives rooms an agent when livekit-server's own dispatch did not: it asks once, when the room begins, and never again.

So a caller who comes while all lines are busy, or whose agent died, would wait for ever. We look at the rooms and ask
again as soon as there is a free line, and tell those who wait meanwhile which place in the queue is theirs. On a server
that several of our workers share, livekit-server shows the agent of one that was killed for 20 s: whose heartbeat
(heartbeat.py) stands still is taken out of the room.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from livekit import api
from livekit.protocol.models import ParticipantInfo

from local_agent.server.api_keys import Keys
from local_agent.server.rooms import ALIVE, agents_of_ours, is_person
from local_agent.server.tokens import MARK

logger = logging.getLogger("local_agent")

EVERY = 0.5  # s between two looks at our own server
EVERY_ELSEWHERE = 1.5  # s between two looks at a server that others use as well
STILL = 4
"""Looks one after the other, EVERY_ELSEWHERE apart, in which the heartbeat of an agent is the same: it is dead. Counted
in looks and not in seconds, because who looks may have stood still as well, or the server."""
PATIENCE_ELSEWHERE = 5.0  # s in which another machine may have a free line for a room
GRACE = 0.4  # s that livekit-server's own dispatch has to reach a worker: some hundredths on idle cores
AGAIN = 2.0  # s after which an agent that was asked for and did not come is asked for again
TIMEOUT = 5.0  # s for an answer
SILENCE = 6.0  # s without an answer: the server is gone, and not only slow
QUEUE = "local_agent.queue_position"
"""Attribute of a participant who waits for a free line: 1 is next; empty when an agent was asked for."""


@dataclass(frozen=True)
class RoomState:
    """people: identities of those who are in the room now. agents: how many are, those of others included. beats: of
    those that show one, their identity and heartbeat.
    """

    name: str
    people: tuple[str, ...]
    agents: int
    beats: Mapping[str, str] = field(default_factory=dict)


class Rooms(Protocol):
    """What this module needs of a LiveKit server."""

    async def look(self, served: Collection[str]) -> Sequence[RoomState]:
        """The rooms that are ours to care for, but those that this worker serves."""
        ...

    async def ask_for_agent(self, room: str) -> None: ...

    async def remove(self, room: str, agent: str) -> bool:
        """Take the agent of that identity out of a room. Whether it was still there."""
        ...

    async def tell_place(self, room: RoomState, place: int) -> None:
        """Tell everyone in the room their place in the queue; 0: they are being served."""
        ...


class ServerRooms:
    """The rooms of a real server. elsewhere: it is not our own, and others may have rooms on it."""

    def __init__(self, client: api.LiveKitAPI, agent_name: str = "", *, elsewhere: bool = False) -> None:
        self._client, self._agent_name, self._elsewhere = client, agent_name, elsewhere
        self._ours: dict[str, bool] = {}  # by the sid of a room

    async def look(self, served: Collection[str]) -> Sequence[RoomState]:
        rooms = (await self._client.room.list_rooms(api.ListRoomsRequest())).rooms
        self._ours = {room.sid: self._ours[room.sid] for room in rooms if room.sid in self._ours}
        found = []
        for room in rooms:
            if room.name in served or not await self._is_ours(room):
                continue
            request = api.ListParticipantsRequest(room=room.name)
            # Not room.num_participants, which is 0 for 5 s after somebody joined.
            inside = (await self._client.room.list_participants(request)).participants
            active = [one for one in inside if one.state == ParticipantInfo.State.ACTIVE]
            people = tuple(one.identity for one in active if is_person(one.kind, one.attributes))
            agents = sum(one.kind == ParticipantInfo.Kind.AGENT for one in inside)
            beats = {one.identity: one.attributes[ALIVE] for one in agents_of_ours(inside)}
            found.append(RoomState(room.name, people, agents, beats))
        return found

    async def ask_for_agent(self, room: str) -> None:
        request = api.CreateAgentDispatchRequest(agent_name=self._agent_name, room=room, metadata=MARK)
        await self._client.agent_dispatch.create_dispatch(request)

    async def remove(self, room: str, agent: str) -> bool:
        try:
            await self._client.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=agent))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise
            return False
        return True

    async def tell_place(self, room: RoomState, place: int) -> None:
        attributes = {QUEUE: str(place or "")}
        for identity in room.people:
            request = api.UpdateParticipantRequest(room=room.name, identity=identity, attributes=attributes)
            try:
                await self._client.room.update_participant(request)
            except api.TwirpError as error:
                if error.code != api.TwirpErrorCode.NOT_FOUND:  # who has left meanwhile need not be told
                    raise

    async def _is_ours(self, room: api.Room) -> bool:
        """On a server of others: whether a token of ours began the room, or it was meant for agents of our name."""
        if not self._elsewhere:
            return True
        if room.sid not in self._ours:
            dispatches = await self._client.agent_dispatch.list_dispatch(room.name)
            self._ours[room.sid] = any(
                one.metadata == MARK or (self._agent_name and one.agent_name == self._agent_name) for one in dispatches
            )
        return self._ours[room.sid]


class Heartbeats:
    """Which agents are dead: their heartbeat has been the same for STILL looks."""

    def __init__(self) -> None:
        self._still: dict[tuple[str, str], tuple[str, int]] = {}  # room, agent -> its heartbeat, for how many looks

    def look(self, rooms: Iterable[RoomState]) -> None:
        """One look; whoever is not seen in it is forgotten."""
        before, self._still = self._still, {}
        for room in rooms:
            for agent, beat in room.beats.items():
                last, looks = before.get((room.name, agent), (beat, -1))
                self._still[room.name, agent] = (beat, looks + 1 if beat == last else 0)

    def all_dead(self, room: RoomState) -> bool:
        """Whether the agents that show a heartbeat in that room, which are some, are dead."""
        return bool(room.beats) and all(self._still[room.name, agent][1] >= STILL for agent in room.beats)


class Recovery:
    """Decides which rooms need an agent. served: rooms whose agent is there, or on its way. free: lines that are; None
    while no job can be taken at all. patience: seconds after which who waits is told so.
    """

    def __init__(
        self,
        rooms: Rooms,
        served: Callable[[], Collection[str]],
        free: Callable[[], int | None],
        patience: float = 0.0,
    ) -> None:
        self._rooms, self._served, self._free, self._patience = rooms, served, free, patience
        self._heartbeats = Heartbeats()
        self._seen: dict[str, float] = {}  # room without an agent -> since when, in the order in which they came
        self._asked: dict[str, float] = {}  # -> when an agent was asked for
        self._told: dict[str, tuple[RoomState, int]] = {}  # -> who knows of which place in the queue

    @property
    def waiting(self) -> int:
        """How many rooms wait for a line."""
        return len(self._told)

    async def step(self, now: float) -> None:
        """One look. now: seconds of a monotonic clock."""
        found = {room.name: room for room in await self._rooms.look(self._served())}
        served, free = self._served(), self._free()  # a job may have begun while we looked
        self._heartbeats.look(found.values())
        alone = {name: room for name, room in found.items() if name not in served and self._is_alone(room)}
        self._seen = {name: since for name, since in self._seen.items() if name in alone} | {
            name: now for name in alone if name not in self._seen
        }
        self._asked = {name: when for name, when in self._asked.items() if name in alone}
        if free is None:
            return
        for place, name in enumerate(self._seen, 1 - free):
            if place <= 0:
                await self._tell(alone[name], 0)
                await self._ask(alone[name], now)
            elif now - self._seen[name] >= self._patience:
                await self._tell(alone[name], place)
        for name in self._told.keys() - alone.keys():
            await self._tell(self._told[name][0], 0)

    def _is_alone(self, room: RoomState) -> bool:
        return bool(room.people) and (self._heartbeats.all_dead(room) or not room.agents)

    async def _ask(self, room: RoomState, now: float) -> None:
        name, grace = room.name, 0.0 if room.beats else GRACE
        if now < max(self._seen[name] + grace, self._asked.get(name, -math.inf) + AGAIN):
            return
        self._asked[name] = now
        for agent in room.beats:
            if not await self._rooms.remove(name, agent):
                return  # another worker took it out a moment ago, and asks for the next one
            logger.info("The agent of room %s is dead, and was taken out", name)
        logger.info("Room %s has no agent: asking for one", name)
        await self._rooms.ask_for_agent(name)

    async def _tell(self, room: RoomState, place: int) -> None:
        if place and self._told.get(room.name) != (room, place):
            self._told[room.name] = (room, place)
            await self._rooms.tell_place(room, place)
        elif not place and room.name in self._told:
            del self._told[room.name]
            await self._rooms.tell_place(room, 0)


class Watch:
    """Looks again and again until it is cancelled."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        served: Callable[[], Collection[str]],
        free: Callable[[], int | None],
        *,
        agent_name: str = "",
        elsewhere: bool = False,
    ) -> None:
        self._url, self._keys, self._served, self._free = url, keys, served, free
        self._agent_name, self._elsewhere = agent_name, elsewhere
        self._recovery: Recovery | None = None
        self._answered = time.monotonic()

    @property
    def waiting(self) -> int:
        """How many rooms wait for a line."""
        return self._recovery.waiting if self._recovery else 0

    @property
    def answers(self) -> bool:
        """Whether the server did lately."""
        return time.monotonic() - self._answered < SILENCE

    def trust(self) -> None:
        """The server is known to be back."""
        self._answered = time.monotonic()

    async def run(self) -> None:
        """A server that does not answer for a while is asked again later."""
        http = "http" + self._url.removeprefix("ws")
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with api.LiveKitAPI(http, self._keys.key, self._keys.secret, timeout=timeout) as client:
            rooms = ServerRooms(client, self._agent_name, elsewhere=self._elsewhere)
            patience = PATIENCE_ELSEWHERE if self._elsewhere else 0.0
            self._recovery = Recovery(rooms, self._served, self._free, patience)
            while True:
                try:
                    await self._recovery.step(time.monotonic())
                    self.trust()
                except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
                    logger.debug("the rooms could not be looked at: %s", error)
                await asyncio.sleep(EVERY_ELSEWHERE if self._elsewhere else EVERY)

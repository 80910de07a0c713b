"""Which rooms are given an agent, and when; who waits, and who is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import api

from local_agent.server import redispatch
from local_agent.server.api_keys import Keys
from local_agent.server.redispatch import AGAIN, GRACE, STILL, Recovery, RoomState, ServerRooms, Watch
from local_agent.server.rooms import ALIVE
from local_agent.server.tokens import MARK
from tests.plugins.fakeengines import run


class House:
    """Rooms that a test fills by hand."""

    def __init__(self, *rooms: RoomState, patience: float = 0.0) -> None:
        self.rooms: Sequence[RoomState] = rooms
        self.asked: list[str] = []
        self.removed: list[str] = []
        self.places: list[tuple[str, int]] = []
        self.served: frozenset[str] = frozenset()
        self.free: int | None = 1
        self.recovery = Recovery(self, lambda: self.served, lambda: self.free, patience)

    async def look(self, served: Collection[str]) -> Sequence[RoomState]:
        return [room for room in self.rooms if room.name not in served]

    async def ask_for_agent(self, room: str) -> None:
        self.asked.append(room)

    async def remove(self, room: str, agent: str) -> bool:
        (inside,) = (one for one in self.rooms if one.name == room)
        beats = {identity: beat for identity, beat in inside.beats.items() if identity != agent}
        gone = len(inside.beats) - len(beats)
        self.rooms = [
            replace(inside, agents=one.agents - gone, beats=beats) if one.name == room else one for one in self.rooms
        ]
        self.removed += [agent] * gone
        return bool(gone)

    async def tell_place(self, room: RoomState, place: int) -> None:
        self.places.append((room.name, place))

    def at(self, *times: float) -> list[str]:
        """Who was asked for in these looks."""
        self.asked, self.places = [], []
        for time in times:
            asyncio.run(self.recovery.step(time))
        return self.asked

    def beat(self, **beats: str) -> None:
        """The heartbeats of our agents in the only room, by their identities."""
        (room,) = self.rooms
        self.rooms = [replace(room, agents=room.agents - len(room.beats) + len(beats), beats=beats)]


ALONE = RoomState("alone", people=("ann",), agents=0)
SECOND = RoomState("second", people=("bob",), agents=0)
THIRD = RoomState("third", people=("eve",), agents=0)


def test_a_room_without_an_agent_gets_one_at_the_second_look() -> None:
    house = House(ALONE, RoomState("served", ("bob",), 1), RoomState("empty", (), 0))
    house.free = 3
    assert house.at(0, GRACE / 2) == []
    assert house.at(GRACE) == ["alone"]


def test_a_room_whose_agent_is_on_its_way_is_left_alone() -> None:
    house = House(ALONE)
    house.served = frozenset({"alone"})
    assert house.at(0, GRACE, 10 * GRACE) == []


def test_callers_wait_for_a_free_line_and_then_get_it_at_once() -> None:
    house = House(ALONE)
    house.free = 0
    assert house.at(0, GRACE, 60) == []
    house.free = 1
    assert house.at(60.5) == ["alone"]


def test_who_came_first_gets_the_line_first() -> None:
    house = House(ALONE)
    house.at(0)
    house.rooms = [SECOND, ALONE]
    house.free = 0
    house.at(1)
    house.free = 1
    assert house.at(2) == ["alone"]
    house.served = frozenset({"alone"})
    assert house.at(2.5) == ["second"]


def test_no_more_are_asked_for_than_lines_are_free() -> None:
    house = House(ALONE, SECOND, THIRD)
    house.free = 2
    assert house.at(0, GRACE) == ["alone", "second"]


def test_who_waits_is_told_the_place_and_when_it_changes() -> None:
    house = House(ALONE, SECOND)
    house.free = 0
    house.at(0, 0.5, 1)
    assert house.places == [("alone", 1), ("second", 2)]
    assert house.recovery.waiting == 2
    house.rooms = [SECOND]  # the first one gave up
    house.at(1.5)
    assert ("second", 1) in house.places
    house.free = 1
    house.at(2)
    assert house.places == [("second", 0)]
    assert house.recovery.waiting == 0


def test_where_another_machine_may_have_a_line_nobody_is_told_at_once() -> None:
    house = House(ALONE, patience=5.0)
    house.free = 0
    house.at(0, 2, 4)
    assert house.places == []
    house.at(6)
    assert house.places == [("alone", 1)]


def test_while_no_job_can_be_taken_nobody_is_asked_for_nor_told() -> None:
    house = House(ALONE)
    house.free = None
    assert house.at(0, 1, 2) == []
    assert house.places == []
    house.free = 1
    assert house.at(2.5) == ["alone"]


def test_an_agent_that_did_not_come_is_asked_for_again_but_not_at_every_look() -> None:
    house = House(ALONE)
    assert house.at(0, GRACE, GRACE + 0.5, GRACE + 1) == ["alone"]
    assert house.at(GRACE + AGAIN) == ["alone"]


def test_an_agent_that_leaves_later_is_replaced_at_the_second_look() -> None:
    house = House(RoomState("alone", ("ann",), 1))
    assert house.at(0, 100) == []
    house.rooms = [ALONE]
    assert house.at(101) == []
    assert house.at(101 + GRACE) == ["alone"]


TENDED = RoomState("tended", people=("ann",), agents=1, beats={"a": "7"})
LOOKS = range(STILL)  # times of the looks from the first on, with none of which anybody is dead


def test_a_room_whose_agent_is_dead_gets_another_one_at_once() -> None:
    house = House(TENDED, patience=5.0)
    assert house.at(*LOOKS) == []
    assert house.removed == []
    assert house.at(STILL) == ["tended"]
    assert house.removed == ["a"]
    assert house.at(STILL + 1) == [], "it is on its way"
    house.beat(b="0")
    assert house.at(*range(STILL + 2, STILL + 5)) == []


def test_an_agent_that_is_alive_keeps_its_room() -> None:
    house = House(TENDED)
    for look in range(5 * STILL):
        if look % STILL == 0:  # now and then a heartbeat is late
            house.beat(a=str(look))
        assert house.at(look) == []
    assert house.removed == []


def test_an_agent_that_stood_still_for_some_seconds_keeps_its_room() -> None:
    house = House(TENDED)
    house.at(*LOOKS)
    house.beat(a="8")
    assert house.at(*range(STILL, 2 * STILL)) == []
    assert house.removed == []


def test_who_stood_still_itself_takes_no_room_from_others_that_did() -> None:
    """A machine that was asleep, with two workers on it: the time that has gone by says nothing about either."""
    house = House(TENDED)
    house.at(0, 1)
    assert house.at(3600, 3601) == []
    house.beat(a="8")
    assert house.at(3602) == []
    assert house.removed == []


def test_two_workers_that_find_a_dead_agent_at_once_ask_for_one() -> None:
    house = House(TENDED)
    other = Recovery(house, lambda: house.served, lambda: 1)
    for look in range(STILL):
        house.at(look)
        asyncio.run(other.step(look))

    async def both() -> None:
        seen, both_looked = house.rooms, asyncio.Barrier(2)

        async def look(_: Collection[str]) -> Sequence[RoomState]:
            await both_looked.wait()
            return seen

        house.look = look  # type: ignore[method-assign]
        await asyncio.gather(house.recovery.step(STILL), other.step(STILL))

    asyncio.run(both())
    assert house.removed == ["a"]
    assert house.asked == ["tended"]


def test_an_agent_of_others_is_never_taken_out_and_takes_the_place_of_none_of_ours() -> None:
    house = House(RoomState("theirs", ("ann",), 1))
    assert house.at(*range(3 * STILL)) == []
    house = House(replace(TENDED, agents=2))
    assert house.at(*LOOKS, STILL) == ["tended"]
    assert house.removed == ["a"]
    assert house.rooms[0].agents == 1


def test_a_dead_agent_stays_while_no_line_is_free_and_who_waits_is_told() -> None:
    """It may only have stood still."""
    house = House(TENDED, patience=2.0)
    house.free = 0
    assert house.at(*LOOKS, STILL, STILL + 2) == []
    assert house.places == [("tended", 1)]
    house.beat(a="8")
    house.at(STILL + 3)
    assert house.places == [("tended", 0)]
    assert house.removed == []


def test_a_dead_agent_in_a_room_without_people_is_left_to_the_server() -> None:
    house = House(replace(TENDED, people=()))
    assert house.at(*range(3 * STILL)) == []
    assert house.removed == []


def test_rooms_of_others_are_never_looked_into() -> None:
    """Nor is anybody taken out of them, whatever attributes their agents have."""
    agent = api.ParticipantInfo(identity="a", kind=api.ParticipantInfo.Kind.AGENT, attributes={ALIVE: "0"})
    person = api.ParticipantInfo(identity="ann", state=api.ParticipantInfo.State.ACTIVE)
    removed: list[str] = []

    async def list_rooms(_: object) -> api.ListRoomsResponse:
        return api.ListRoomsResponse(rooms=[api.Room(name="ours", sid="1"), api.Room(name="theirs", sid="2")])

    async def list_participants(_: object) -> api.ListParticipantsResponse:
        return api.ListParticipantsResponse(participants=[agent, person])

    async def remove_participant(request: api.RoomParticipantIdentity) -> api.RemoveParticipantResponse:
        if (request.room, request.identity) in [("ours", "a")] and not removed:
            removed.append(request.room)
            return api.RemoveParticipantResponse()
        raise api.TwirpError(api.TwirpErrorCode.NOT_FOUND, "participant does not exist", status=404)

    async def list_dispatch(room: str) -> list[api.AgentDispatch]:
        return [api.AgentDispatch(room=room, metadata=MARK if room == "ours" else "")]

    async def create_dispatch(request: api.CreateAgentDispatchRequest) -> api.AgentDispatch:
        asked.append(request.room)
        return api.AgentDispatch()

    asked: list[str] = []
    room = SimpleNamespace(
        list_rooms=list_rooms, list_participants=list_participants, remove_participant=remove_participant
    )
    dispatch = SimpleNamespace(list_dispatch=list_dispatch, create_dispatch=create_dispatch)
    client: Any = SimpleNamespace(room=room, agent_dispatch=dispatch)
    rooms = ServerRooms(client, elsewhere=True)
    recovery = Recovery(rooms, frozenset, lambda: 5)
    for look in range(STILL + 1):
        asyncio.run(recovery.step(look))
    assert removed == asked == ["ours"]
    assert not asyncio.run(rooms.remove("ours", "a")), "it is gone"


def test_machines_wait_for_no_agent_and_telephones_do() -> None:
    kind = api.ParticipantInfo.Kind
    inside = {
        "recorded": [api.ParticipantInfo(identity="egress", kind=kind.EGRESS)],
        "avatar": [api.ParticipantInfo(identity="face", attributes={"lk.publish_on_behalf": "agent-1"})],
        "called": [api.ParticipantInfo(identity="phone", kind=kind.SIP)],
        "answered": [api.ParticipantInfo(identity="agent-1", kind=kind.AGENT), api.ParticipantInfo(identity="ann")],
    }

    async def list_rooms(_: object) -> api.ListRoomsResponse:
        return api.ListRoomsResponse(rooms=[api.Room(name=name, sid=name) for name in inside])

    async def list_participants(request: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        for one in inside[request.room]:
            one.state = api.ParticipantInfo.State.ACTIVE
        return api.ListParticipantsResponse(participants=inside[request.room])

    client: Any = SimpleNamespace(room=SimpleNamespace(list_rooms=list_rooms, list_participants=list_participants))
    found = asyncio.run(ServerRooms(client).look(()))
    assert [(room.name, room.people, room.agents) for room in found] == [
        ("recorded", (), 0),
        ("avatar", (), 0),
        ("called", ("phone",), 0),
        ("answered", ("ann",), 1),
    ]


class Busy:
    """A server with a hundred rooms of which this worker serves all but two; notes which ones are asked about."""

    ROOMS = tuple(f"room {number}" for number in range(100))
    SERVED = frozenset(ROOMS[2:])

    def __init__(self, *_: object, **__: object) -> None:
        self.room = self.agent_dispatch = self
        self.looks = 0
        self.asked: list[str] = []
        self.whose: list[str] = []

    async def __aenter__(self) -> Busy:
        return self

    async def __aexit__(self, *_: object) -> None:
        """There is nothing to close."""

    async def list_rooms(self, _: object) -> api.ListRoomsResponse:
        self.looks += 1
        return api.ListRoomsResponse(rooms=[api.Room(name=name, sid=name) for name in self.ROOMS])

    async def list_participants(self, request: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        self.asked.append(request.room)
        agent = api.ParticipantInfo(identity="a", kind=api.ParticipantInfo.Kind.AGENT)
        return api.ListParticipantsResponse(participants=[agent])

    async def list_dispatch(self, room: str) -> list[api.AgentDispatch]:
        self.whose.append(room)
        return [api.AgentDispatch(room=room, metadata=MARK if room == "room 0" else "")]


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize(("elsewhere", "looks", "asked"), [(False, 121, ("room 0", "room 1")), (True, 41, ("room 0",))])
def test_a_room_that_this_worker_serves_is_never_asked_about(
    monkeypatch: pytest.MonkeyPatch, elsewhere: bool, looks: int, asked: tuple[str, ...]
) -> None:
    """The others are as often as a caller without an agent may wait, less often on a server that others use."""
    server = Busy()
    monkeypatch.setattr(redispatch.api, "LiveKitAPI", lambda *_, **__: server)
    watch = Watch("ws://127.0.0.1:7880", Keys("key", "secret"), lambda: Busy.SERVED, lambda: 1, elsewhere=elsewhere)

    async def minute() -> None:
        looking = asyncio.create_task(watch.run())
        await asyncio.sleep(60.1)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    run(minute())
    assert server.looks == looks
    assert server.asked == list(asked) * looks
    assert server.whose == (["room 0", "room 1"] if elsewhere else []), "whose a room is does not change"

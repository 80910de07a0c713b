"""Which rooms are given an agent, and when; who waits, and who is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import Any

from livekit import api

from local_agent.server.recover import AGAIN, GRACE, Recovery, RoomState, ServerRooms


class House:
    """Rooms that a test fills by hand."""

    def __init__(self, *rooms: RoomState, patience: float = 0.0) -> None:
        self.rooms: Sequence[RoomState] = rooms
        self.asked: list[str] = []
        self.places: list[tuple[str, int]] = []
        self.served: frozenset[str] = frozenset()
        self.free: int | None = 1
        self.recovery = Recovery(self, lambda: self.served, lambda: self.free, patience)

    async def look(self, served: Collection[str]) -> Sequence[RoomState]:
        return [room for room in self.rooms if room.name not in served]

    async def ask_for_agent(self, room: str) -> None:
        self.asked.append(room)

    async def tell_place(self, room: RoomState, place: int) -> None:
        self.places.append((room.name, place))

    def at(self, *times: float) -> list[str]:
        """Who was asked for in these looks."""
        self.asked, self.places = [], []
        for time in times:
            asyncio.run(self.recovery.step(time))
        return self.asked


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

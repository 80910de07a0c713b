"""Which rooms are given an agent, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from local_agent.server.recover import AGAIN, GRACE, Recovery, RoomState


class House:
    """Rooms that a test fills by hand."""

    def __init__(self, *rooms: RoomState) -> None:
        self.rooms: Sequence[RoomState] = rooms
        self.asked: list[str] = []
        self.busy: frozenset[str] = frozenset()
        self.free = True
        self.recovery = Recovery(self, lambda: self.busy, lambda: self.free)

    async def look(self) -> Sequence[RoomState]:
        return self.rooms

    async def ask_for_agent(self, room: str) -> None:
        self.asked.append(room)

    def at(self, *times: float) -> list[str]:
        """Who was asked for in these looks."""
        self.asked = []
        for time in times:
            asyncio.run(self.recovery.step(time))
        return self.asked


ALONE = RoomState("alone", people=1, agents=0)


def test_a_room_without_an_agent_gets_one_after_a_while() -> None:
    house = House(ALONE, RoomState("served", 1, 1), RoomState("empty", 0, 0))
    assert house.at(0, GRACE / 2) == []
    assert house.at(GRACE) == ["alone"]


def test_a_room_whose_agent_is_on_its_way_is_left_alone() -> None:
    house = House(ALONE)
    house.busy = frozenset({"alone"})
    assert house.at(0, GRACE, 10 * GRACE) == []


def test_callers_wait_for_a_free_line_and_then_get_it() -> None:
    house = House(ALONE)
    house.free = False
    assert house.at(0, GRACE, 60) == []
    house.free = True
    assert house.at(60.5) == ["alone"]


def test_lines_are_given_out_one_at_a_time() -> None:
    house = House(ALONE, RoomState("second", 1, 0))
    assert house.at(0, GRACE) == ["alone"]
    assert house.at(GRACE + 0.5) == ["second"]


def test_an_agent_that_did_not_come_is_asked_for_again_but_not_at_every_look() -> None:
    house = House(ALONE)
    assert house.at(0, GRACE, GRACE + 0.5, GRACE + 1) == ["alone"]
    assert house.at(GRACE + AGAIN) == ["alone"]


def test_an_agent_that_leaves_later_is_replaced_after_a_new_grace() -> None:
    house = House(RoomState("alone", 1, 1))
    assert house.at(0, 100) == []
    house.rooms = [ALONE]
    assert house.at(101) == []
    assert house.at(101 + GRACE) == ["alone"]

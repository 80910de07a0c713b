"""When an agent does not join its room, and when it ends one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import api, rtc
from livekit.agents import JobContext

from local_agent import vacancy

AGENT, PERSON = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT, rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
KIND = api.ParticipantInfo.Kind


class Rooms:
    """The LiveKit server: the room of a job, who is in it, and whether it was ended."""

    def __init__(self, *sids: str, people: int = 0) -> None:
        self.sids, self.people = sids, people
        self.ended = False
        self.fault: Exception | None = None

    async def list_rooms(self, request: api.ListRoomsRequest) -> api.ListRoomsResponse:
        if self.fault is not None:
            raise self.fault
        assert list(request.names) == ["there"]
        return api.ListRoomsResponse(rooms=[api.Room(name="there", sid=sid) for sid in self.sids])

    async def list_participants(self, _: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        people = [api.ParticipantInfo(identity=f"person-{n}", kind=KIND.STANDARD) for n in range(self.people)]
        agents = [api.ParticipantInfo(identity=name, kind=KIND.AGENT) for name in ("agent", "another agent")]
        return api.ListParticipantsResponse(participants=[*people, *agents])

    async def delete_room(self, _: api.DeleteRoomRequest) -> api.DeleteRoomResponse:
        self.ended = True
        return api.DeleteRoomResponse()


class Joined:
    """The room as its agent knows it. sid: "" where that does not come."""

    def __init__(self, sid: str) -> None:
        self._sid = sid
        self.remote_participants: dict[str, SimpleNamespace] = {}

    @property
    async def sid(self) -> str:
        return self._sid or await asyncio.Future()


class Job:
    """What of a JobContext is asked for; its room has the sid `mine`, the one that was joined `joined`."""

    def __init__(self, rooms: Rooms, joined: str = "mine", inside: tuple[int, ...] = ()) -> None:
        self.api = SimpleNamespace(room=rooms)
        self.job = SimpleNamespace(room=SimpleNamespace(name="there", sid="mine"))
        self.room = Joined(joined)
        self.enter(*inside)
        self.local_participant_identity = "agent"
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.over = False

    def enter(self, *kinds: int) -> None:
        self.room.remote_participants |= {str(n): SimpleNamespace(kind=kind) for n, kind in enumerate(kinds)}

    def shutdown(self, reason: str) -> None:
        self.over = True

    def add_shutdown_callback(self, callback: Callable[[], Awaitable[None]]) -> None:
        self.at_end.append(callback)

    @property
    def context(self) -> JobContext:
        return cast(JobContext, self)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vacancy, "PATIENCE", 0.05)
    monkeypatch.setattr(vacancy, "ANSWER", 0.05)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 10))


async def watched(job: Job, entering: int | None = None, ending: bool = False) -> None:
    """Watch until well after PATIENCE; somebody comes, or the job ends, in the meantime."""
    vacancy.watch(job.context)
    if entering is not None:
        job.enter(entering)
    if ending:
        for callback in job.at_end:
            await callback()
    await asyncio.sleep(4 * vacancy.PATIENCE)


@pytest.mark.parametrize(("sids", "ended"), [((), True), (("another",), True), (("mine",), False)])
def test_a_room_that_is_no_more_is_not_joined(sids: tuple[str, ...], ended: bool) -> None:
    job = Job(Rooms(*sids))
    assert run(vacancy.has_ended(job.context)) is job.over is ended


@pytest.mark.parametrize("fault", [api.TwirpError("internal", "down", status=500), OSError("gone"), TimeoutError()])
def test_a_server_that_does_not_tell_keeps_no_agent_from_its_caller(fault: Exception) -> None:
    rooms = Rooms()
    rooms.fault = fault
    job = Job(rooms)
    assert run(vacancy.has_ended(job.context)) is job.over is False


@pytest.mark.parametrize(
    ("joined", "people", "anew", "ends"),
    [("mine", 1, False, False), ("", 1, False, False), ("another", 0, True, True), ("another", 1, True, False)],
)
def test_a_room_made_anew_ends_unless_somebody_is_in_it(joined: str, people: int, anew: bool, ends: bool) -> None:
    rooms = Rooms(people=people)
    job = Job(rooms, joined)
    assert run(vacancy.was_made_anew(job.context)) is job.over is anew
    assert rooms.ended is ends


@pytest.mark.parametrize(
    ("inside", "entering", "people", "ends"),
    [
        ((PERSON,), None, 1, False),
        ((), PERSON, 1, False),
        ((), None, 1, False),  # somebody whom the server knows and this room does not yet
        ((), None, 0, True),
        ((AGENT,), None, 0, True),
        ((), AGENT, 0, True),
    ],
)
def test_a_room_ends_where_nobody_comes(inside: tuple[int, ...], entering: int | None, people: int, ends: bool) -> None:
    rooms = Rooms(people=people)
    run(watched(Job(rooms, inside=inside), entering))
    assert rooms.ended is ends


def test_a_job_that_ends_waits_for_nobody() -> None:
    rooms = Rooms()
    run(watched(Job(rooms), ending=True))
    assert not rooms.ended

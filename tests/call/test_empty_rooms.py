"""When an agent does not join its room, and when it ends one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import api, rtc
from livekit.agents import JobContext

from local_agent.call import empty_rooms

AGENT, PERSON = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT, rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
EGRESS, PHONE = rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS, rtc.ParticipantKind.PARTICIPANT_KIND_SIP
KIND = api.ParticipantInfo.Kind
LEFT, LOST = rtc.DisconnectReason.CLIENT_INITIATED, rtc.DisconnectReason.CONNECTION_TIMEOUT


class Rooms:
    """The LiveKit server: the room of a job, which kinds of participants are in it, and whether it was ended."""

    def __init__(self, *sids: str, people: int = 0, kinds: tuple[int, ...] = ()) -> None:
        self.sids = sids
        self.kinds = [*kinds, *[int(KIND.STANDARD)] * people]
        self.ended = False
        self.fault: Exception | None = None

    async def list_rooms(self, request: api.ListRoomsRequest) -> api.ListRoomsResponse:
        if self.fault is not None:
            raise self.fault
        assert list(request.names) == ["there"]
        return api.ListRoomsResponse(rooms=[api.Room(name="there", sid=sid) for sid in self.sids])

    async def list_participants(self, _: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        if self.fault is not None:
            raise self.fault
        people = [api.ParticipantInfo(identity=f"there-{n}", kind=kind) for n, kind in enumerate(self.kinds)]  # type: ignore[arg-type]
        agents = [api.ParticipantInfo(identity=name, kind=KIND.AGENT) for name in ("agent", "another agent")]
        return api.ListParticipantsResponse(participants=[*people, *agents])

    async def delete_room(self, _: api.DeleteRoomRequest) -> api.DeleteRoomResponse:
        self.ended = True
        return api.DeleteRoomResponse()


class Joined(rtc.EventEmitter[str]):
    """The room as its agent knows it. sid: "" where that does not come."""

    def __init__(self, sid: str) -> None:
        super().__init__()
        self._sid = sid
        self.remote_participants: dict[str, SimpleNamespace] = {}
        self.connected = True

    @property
    async def sid(self) -> str:
        return self._sid or await asyncio.Future()

    def isconnected(self) -> bool:
        return self.connected


class Job:
    """What of a JobContext is asked for; its room has the sid `mine`, the one that was joined `joined`."""

    def __init__(self, rooms: Rooms, joined: str = "mine", inside: tuple[int, ...] = ()) -> None:
        self.api = SimpleNamespace(room=rooms)
        self.job = SimpleNamespace(room=SimpleNamespace(name="there", sid="mine", empty_timeout=0, departure_timeout=0))
        self.room = Joined(joined)
        self.enter(*inside)
        self.local_participant_identity = "agent"
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.over = False
        self.why = ""

    def enter(self, *kinds: int, **attributes: str) -> None:
        for kind in kinds:
            identity = str(len(self.room.remote_participants))
            one = SimpleNamespace(identity=identity, kind=kind, attributes=attributes, disconnect_reason=None)
            self.room.remote_participants[identity] = one
            self.room.emit("participant_connected", one)

    def leave(self, reason: int, identity: str = "0") -> None:
        one = self.room.remote_participants.pop(identity)
        one.disconnect_reason = reason
        self.room.emit("participant_disconnected", one)

    def shutdown(self, reason: str) -> None:
        self.over, self.why = True, reason

    async def delete_room(self, name: str) -> None:
        assert name == "there"
        self.api.room.ended = True

    async def end(self) -> None:
        """What livekit-agents does after a shutdown."""
        for callback in self.at_end:
            await callback()

    def add_shutdown_callback(self, callback: Callable[[], Awaitable[None]]) -> None:
        self.at_end.append(callback)

    @property
    def context(self) -> JobContext:
        return cast(JobContext, self)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(empty_rooms, "PATIENCE", 0.05)
    monkeypatch.setattr(empty_rooms, "ABSENCE", 0.1)
    monkeypatch.setattr(empty_rooms, "ANSWER", 0.05)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 10))


def watch(job: Job, *, own: bool = True, stopping: bool = False) -> None:
    empty_rooms.Attendance(job.context, own=own, stopping=lambda: stopping).watch()


async def watched(job: Job, entering: int | None = None) -> None:
    """Watch until well after PATIENCE; somebody comes in the meantime."""
    watch(job)
    if entering is not None:
        job.enter(entering)
    await pass_by(4 * empty_rooms.PATIENCE)
    if job.over:
        await job.end()


async def pass_by(seconds: float) -> None:
    await asyncio.sleep(seconds)


@pytest.mark.parametrize(("sids", "ended"), [((), True), (("another",), True), (("mine",), False)])
def test_a_room_that_is_no_more_is_not_joined(sids: tuple[str, ...], ended: bool) -> None:
    job = Job(Rooms(*sids))
    assert run(empty_rooms.has_ended(job.context)) is job.over is ended


@pytest.mark.parametrize("fault", [api.TwirpError("internal", "down", status=500), OSError("gone"), TimeoutError()])
def test_a_server_that_does_not_tell_keeps_no_agent_from_its_caller(fault: Exception) -> None:
    rooms = Rooms()
    rooms.fault = fault
    job = Job(rooms)
    assert run(empty_rooms.has_ended(job.context)) is job.over is False


@pytest.mark.parametrize(
    ("joined", "people", "anew", "ends"),
    [("mine", 1, False, False), ("", 1, False, False), ("another", 0, True, True), ("another", 1, True, False)],
)
def test_a_room_made_anew_ends_unless_somebody_is_in_it(joined: str, people: int, anew: bool, ends: bool) -> None:
    rooms = Rooms(people=people)
    job = Job(rooms, joined)
    assert run(empty_rooms.was_made_anew(job.context)) is job.over is anew
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
    async def scene() -> None:
        job = Job(Rooms(people=1))
        watch(job)
        await job.end()
        await pass_by(4 * empty_rooms.PATIENCE)
        assert not job.over and not job.api.room.ended

    run(scene())


@pytest.mark.parametrize(
    "kind", [PERSON, PHONE, *sorted(set(rtc.ParticipantKind.values()) - {AGENT, EGRESS, PERSON, PHONE})]
)
@pytest.mark.parametrize("own", [True, False])
def test_who_stays_keeps_the_agent_and_the_room_until_they_leave(kind: int, own: bool) -> None:
    """However the first leaves; and only a room of our own server is ended, by nobody's leaving but the last one's."""

    async def scene(reason: int) -> None:
        rooms = Rooms(kinds=(int(KIND.SIP),))
        job = Job(rooms, inside=(PERSON, kind))
        watch(job, own=own)
        job.leave(reason, "0")
        await pass_by(4 * empty_rooms.ABSENCE)
        assert not job.over and not rooms.ended
        rooms.kinds = []
        job.leave(LEFT, "1")
        await pass_by(empty_rooms.ABSENCE / 2)
        assert job.over
        await job.end()
        assert rooms.ended is own

    for reason in (LEFT, LOST):
        run(scene(reason))


@pytest.mark.parametrize("own", [True, False])
def test_who_is_lost_is_waited_for(own: bool) -> None:
    async def scene() -> None:
        job = Job(Rooms(), inside=(PERSON, AGENT))
        watch(job, own=own)
        job.leave(LOST)
        await pass_by(empty_rooms.ABSENCE / 4)
        assert not job.over
        job.enter(PERSON)  # as an identity of their own, or anew
        await pass_by(4 * empty_rooms.ABSENCE)
        assert not job.over
        job.leave(LOST, "1")
        await pass_by(4 * empty_rooms.ABSENCE)
        assert job.over

    run(scene())


def test_others_may_have_a_room_wait_longer() -> None:
    async def scene() -> None:
        job = Job(Rooms(), inside=(PERSON,))
        job.job.room.departure_timeout = 1
        watch(job, own=False)
        job.leave(LOST)
        await pass_by(6 * empty_rooms.ABSENCE)
        assert not job.over

    run(scene())


@pytest.mark.parametrize("kind", [AGENT, EGRESS])
def test_machines_keep_no_agent(kind: int) -> None:
    async def scene() -> None:
        job = Job(Rooms(kinds=(kind,)), inside=(PERSON, kind))
        job.enter(PERSON, **{"lk.publish_on_behalf": "agent"})
        watch(job)
        job.leave(LEFT)
        await pass_by(empty_rooms.ABSENCE / 2)
        assert job.over

    run(scene())


def test_somebody_on_the_way_in_keeps_the_agent() -> None:
    """The server knows of them before the room shows them; and a server that does not answer keeps no agent."""

    async def scene(rooms: Rooms, stays: bool) -> None:
        job = Job(rooms, inside=(PERSON,))
        watch(job)
        job.leave(LEFT)
        await pass_by(empty_rooms.ABSENCE / 2)
        assert job.over is not stays

    run(scene(Rooms(people=1), True))
    down = Rooms(people=1)
    down.fault = OSError("gone")
    run(scene(down, False))


def test_a_server_that_went_away_is_nobodys_leaving() -> None:
    """Its people vanish with it, and come back with it."""

    async def scene() -> None:
        job = Job(Rooms(), inside=(PERSON,))
        watch(job)
        job.room.connected = False
        job.leave(LOST)
        await pass_by(4 * empty_rooms.ABSENCE)
        assert not job.over
        job.enter(PERSON)
        job.room.connected = True
        await pass_by(4 * empty_rooms.ABSENCE)
        assert not job.over

    run(scene())


@pytest.mark.parametrize("own", [True, False])
def test_a_worker_that_ends_takes_its_own_server_along_and_leaves_others_rooms(own: bool) -> None:
    async def scene() -> None:
        rooms = Rooms(people=1)
        job = Job(rooms, inside=(PERSON,))
        watch(job, own=own, stopping=True)
        await job.end()
        assert rooms.ended is own

    run(scene())

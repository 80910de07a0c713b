"""An agent shows that it is alive, and leaves a room that another one of ours has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import pytest
from livekit import api
from livekit.agents import JobContext

from local_agent.call import heartbeat
from local_agent.call.heartbeat import Heartbeat
from local_agent.server.rooms import ALIVE

AGENT = api.ParticipantInfo.Kind.AGENT


class Job:
    """What of a JobContext is asked for: the job's room, in which this agent is `me`."""

    def __init__(self) -> None:
        self.inside = {"me": 100}  # agents of ours -> ms at which the server saw them join
        self.strangers = ["ann"]
        self.shown: list[str] = []
        self.deaf = self.down = self.over = False
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.local_participant_identity = "me"
        self.job = SimpleNamespace(room=SimpleNamespace(name="there"))
        self.api = SimpleNamespace(room=SimpleNamespace(list_participants=self.list_participants))
        self.room = SimpleNamespace(local_participant=SimpleNamespace(set_attributes=self.set_attributes))
        self.see()

    def see(self) -> None:
        """The room learns who else is there."""
        agents = {name: SimpleNamespace(attributes={ALIVE: "3"}) for name in self.inside if name != "me"}
        others = {name: SimpleNamespace(attributes={}) for name in self.strangers}
        self.room.remote_participants = agents | others

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        if self.deaf:
            await asyncio.Future()
        self.shown.append(attributes[ALIVE])

    async def list_participants(self, request: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        if self.down:
            raise OSError("no such server")
        assert request.room == "there"
        agents = [
            api.ParticipantInfo(identity=name, kind=AGENT, attributes={ALIVE: "3"}, joined_at_ms=joined)
            for name, joined in self.inside.items()
        ]
        others = [api.ParticipantInfo(identity=name, kind=AGENT) for name in self.strangers]
        return api.ListParticipantsResponse(participants=[*others, *agents])

    def shutdown(self, reason: str) -> None:
        assert reason == heartbeat.SECOND
        self.over = True

    def add_shutdown_callback(self, callback: Callable[[], Awaitable[None]]) -> None:
        self.at_end.append(callback)

    async def end(self) -> None:
        """What livekit-agents does after a shutdown."""
        for callback in self.at_end:
            await callback()

    @property
    def context(self) -> JobContext:
        return cast(JobContext, self)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.01)
    monkeypatch.setattr(heartbeat, "ANSWER", 0.02)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def test_a_heartbeat_goes_on_until_the_job_ends() -> None:
    async def check() -> None:
        job = Job()
        assert await Heartbeat(job.context).begin()
        await until(lambda: len(job.shown) >= 3)
        await job.end()
        await asyncio.sleep(0)
        shown = list(job.shown)
        await asyncio.sleep(0.05)
        assert job.shown == shown
        assert len(set(shown)) == len(shown), "each one is another"
        assert not job.over

    asyncio.run(check())


def test_a_connection_that_is_away_for_a_while_ends_no_heartbeat() -> None:
    async def check() -> None:
        job = Job()
        job.deaf = True
        assert await Heartbeat(job.context).begin()
        await asyncio.sleep(0.1)
        job.deaf = False
        await until(lambda: len(job.shown) >= 2)
        await job.end()

    asyncio.run(check())


@pytest.mark.parametrize(("other", "joined", "stays"), [("a", 99, False), ("a", 100, False), ("z", 100, True)])
def test_of_two_that_come_at_once_the_first_stays(other: str, joined: int, stays: bool) -> None:
    async def check() -> None:
        job = Job()
        job.inside[other] = joined
        job.see()
        assert await Heartbeat(job.context).begin() is stays
        assert job.over is not stays
        await job.end()

    asyncio.run(check())


def test_an_agent_that_comes_back_and_finds_its_room_taken_leaves() -> None:
    async def check() -> None:
        job = Job()
        assert await Heartbeat(job.context).begin()
        job.inside = {"next": 500, "me": 900}
        job.see()
        await until(lambda: job.over)
        shown = list(job.shown)
        await asyncio.sleep(0.05)
        assert job.shown == shown
        await job.end()

    asyncio.run(check())


def test_agents_of_others_and_a_server_that_is_away_end_no_call() -> None:
    async def check() -> None:
        job = Job()
        assert await Heartbeat(job.context).begin()
        job.down, job.inside["next"] = True, 1
        job.see()
        await until(lambda: len(job.shown) >= 3)
        assert not job.over
        await job.end()

    asyncio.run(check())

"""A room gets one agent, and a line one room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import JobRequest
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job
from livekit.protocol.models import Room

from local_agent.call import worker
from local_agent.call.assignments import Assignments
from local_agent.errors import LiveKitUnreachable


class Worker:
    """Asks as livekit-agents does, and runs what was accepted."""

    def __init__(self, capacity: int, attributes: Mapping[str, str] | None = None) -> None:
        self.running: list[RunningJobInfo] = []
        self.assignments = Assignments(capacity, attributes)
        self.assignments.watch(lambda: self.running)
        self.inside: Callable[[], object] = lambda: None  # is called while a job is being accepted

    def offer(self, job: str, room: str) -> str:
        """What it answered: accepted, declined (others may take it) or ended (nobody shall)."""
        said = []

        async def reject(terminate: bool) -> None:
            said.append("ended" if terminate else "declined")

        async def accept(arguments: JobAcceptArguments) -> None:
            self.inside()
            told = Job(id=job, room=Room(name=room))
            self.running.append(RunningJobInfo(arguments, told, "", "", "", False))
            said.append("accepted")

        request = JobRequest(job=Job(id=job, room=Room(name=room)), on_reject=reject, on_accept=accept)
        asyncio.run(self.assignments.answer(request))
        return said[0]


def test_a_room_that_has_its_agent_gets_no_second_one() -> None:
    worker = Worker(4)
    assert worker.offer("1", "kitchen") == "accepted"
    assert worker.offer("2", "kitchen") == "ended"
    assert worker.offer("3", "hall") == "accepted"
    assert worker.assignments.rooms() == {"kitchen", "hall"}
    assert worker.assignments.free() == 2


def test_an_agent_has_its_attributes_before_it_joins() -> None:
    worker = Worker(1, {"local_agent.alive": "0"})
    worker.offer("1", "kitchen")
    assert worker.running[0].accept_arguments.attributes == {"local_agent.alive": "0"}


def test_a_full_worker_leaves_the_room_to_others() -> None:
    worker = Worker(1)
    assert worker.offer("1", "kitchen") == "accepted"
    assert worker.offer("2", "hall") == "declined"
    assert worker.assignments.rooms() == {"kitchen"}


def test_an_agent_on_its_way_takes_room_and_line() -> None:
    worker = Worker(2)
    seen: list[tuple[frozenset[str], int]] = []
    worker.inside = lambda: seen.append((worker.assignments.rooms(), worker.assignments.free()))
    worker.offer("1", "kitchen")
    assert seen == [({"kitchen"}, 1)]


def test_a_room_whose_agent_is_leaving_gets_another_one_when_there_is_a_line() -> None:
    worker = Worker(2)
    worker.offer("1", "kitchen")
    worker.assignments.release("kitchen", "1")
    assert worker.assignments.free() == 1, "its line is still in use"
    assert worker.offer("2", "kitchen") == "accepted"
    worker.assignments.release("kitchen", "1")  # told twice
    assert worker.assignments.rooms() == {"kitchen"}


def test_a_job_that_died_without_a_word_keeps_nothing() -> None:
    worker = Worker(1)
    worker.offer("1", "kitchen")
    worker.running.clear()
    assert worker.assignments.rooms() == frozenset()
    assert worker.offer("2", "kitchen") == "accepted"


def test_a_worker_that_gives_up_on_its_server_is_an_error_with_a_way_on() -> None:
    """livekit-agents raises a RuntimeError when its retries are used up."""
    closed: list[bool] = []

    async def give_up() -> None:
        raise RuntimeError("failed to connect to livekit after 16 attempts")

    async def aclose() -> None:
        closed.append(True)

    server: Any = SimpleNamespace(run=give_up, aclose=aclose)
    with pytest.raises(LiveKitUnreachable, match=r"lost its LiveKit server: failed to connect.*fix: start it again"):
        asyncio.run(worker.run(server, asyncio.Event()))
    assert closed

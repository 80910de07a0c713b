"""Which rooms this worker serves, and its answers to LiveKit's job requests: a room gets one agent, a line one room.

A livekit-server that was killed makes the rooms of its callers anew and asks for an agent for each, while the old
agents are on their way back into them: without our no, two agents would talk to one caller.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from livekit.agents import JobRequest
from livekit.agents.job import RunningJobInfo

logger = logging.getLogger("local_agent")

FULL = 0.6  # load we report when all lines are taken: livekit-server passes over workers from 0.7 on (its target_load)


class Assignments:
    """Of one worker. capacity: calls at once. attributes: that its agents have in their rooms from the first moment on.

    Jobs of the thread executor end on threads of their own, so everything here may be called from any thread.
    """

    def __init__(self, capacity: int, attributes: Mapping[str, str] | None = None) -> None:
        self.capacity, self._attributes = capacity, dict(attributes or {})
        self._running: Callable[[], Iterable[RunningJobInfo]] = tuple
        self._jobs: dict[str, str] = {}  # room -> job
        self._accepting: set[str] = set()  # jobs that are not running yet
        self._lock = threading.Lock()

    def watch(self, running: Callable[[], Iterable[RunningJobInfo]]) -> None:
        """running: tells the worker's jobs, those that are ending included."""
        self._running = running

    def rooms(self) -> frozenset[str]:
        """Whose agent is there, on its way, or coming back after a break."""
        with self._lock:
            known = self._accepting | {job.job.id for job in self._running()}
            return frozenset(room for room, job in self._jobs.items() if job in known)

    def taken(self) -> int:
        """Lines in use; a job that is ending still has its own."""
        with self._lock:
            return len(self._accepting | {job.job.id for job in self._running()})

    def free(self) -> int:
        """Lines that nobody uses."""
        return self.capacity - self.taken()

    def load(self) -> float:
        """What livekit-server spreads rooms over several workers by; that of the CPU says nothing about free lines."""
        return FULL * len(list(self._running())) / self.capacity

    async def answer(self, request: JobRequest) -> None:
        """Accept a job, or leave it to another worker, or to nobody where the room has an agent of ours."""
        if request.room.name in self.rooms():
            logger.debug("room %s has its agent: a second one is declined", request.room.name)
            await request.reject(terminate=True)
            return
        if self.free() <= 0:
            await request.reject(terminate=False)
            return
        with self._lock:
            self._jobs[request.room.name] = request.id
            self._accepting.add(request.id)
        try:
            await request.accept(attributes=self._attributes)
        finally:
            with self._lock:
                self._accepting.discard(request.id)

    def release(self, room: str, job: str) -> None:
        """The job is ending: its room may be given another agent."""
        with self._lock:
            if self._jobs.get(room) == job:
                del self._jobs[room]

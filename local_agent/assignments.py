"""Which rooms this worker serves, and its answers to LiveKit's job requests: a room gets one agent, a line one room.

A livekit-server that was killed makes the rooms of its callers anew and asks for an agent for each, while the old
agents are on their way back into them: without our no, two agents would talk to one caller.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from livekit.agents import JobRequest
from livekit.agents.job import RunningJobInfo

logger = logging.getLogger("local_agent")


class Assignments:
    """Of one worker. capacity: calls at once. running: its jobs, those that are ending included.

    Jobs of the thread executor end on threads of their own, so everything here may be called from any thread.
    """

    def __init__(self, capacity: int, running: Callable[[], Iterable[RunningJobInfo]]) -> None:
        self.capacity, self._running = capacity, running
        self._jobs: dict[str, str] = {}  # room -> job
        self._accepting: set[str] = set()  # jobs that are not running yet
        self._lock = threading.Lock()

    def rooms(self) -> frozenset[str]:
        """Whose agent is there, on its way, or coming back after a break."""
        with self._lock:
            known = self._accepting | {job.job.id for job in self._running()}
            return frozenset(room for room, job in self._jobs.items() if job in known)

    def free(self) -> int:
        """Lines that nobody uses; a job that is ending still has its own."""
        with self._lock:
            return self.capacity - len(self._accepting | {job.job.id for job in self._running()})

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
            await request.accept()
        finally:
            with self._lock:
                self._accepting.discard(request.id)

    def release(self, room: str, job: str) -> None:
        """The job is ending: its room may be given another agent."""
        with self._lock:
            if self._jobs.get(room) == job:
                del self._jobs[room]

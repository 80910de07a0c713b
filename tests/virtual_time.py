"""A time of its own for whole calls: nothing waits, nothing hurries, and what happens is the same on every machine.

Where an event loop has nothing to do it moves the clock to its next timer instead of sleeping. The fake engines work on
the loop's thread, each piece when its time has come.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import pytest
from livekit.agents.llm import AgentConfigUpdate, AgentHandoff, ChatMessage, FunctionCall, FunctionCallOutput

from local_agent.engines.inference_thread import Job, Urgency
from local_agent.errors import EngineError, LocalAgentError
from tests.plugins.fakeengines import World

T = TypeVar("T")
WORK = 0.005  # s of a piece of an engine's work


def read_clock_late() -> None:
    """Let what LiveKit keeps of a call be dated by `time.time` as it is then, not as it was at import: by these dates
    it puts in order what was said.
    """
    for kind in (ChatMessage, FunctionCall, FunctionCallOutput, AgentHandoff, AgentConfigUpdate):
        kind.model_fields["created_at"].default_factory = lambda: time.time()
        kind.model_rebuild(force=True)


class Clock:
    """What `time` shows. now: seconds."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.began = self.now = 1_000_000.0
        for name in ("monotonic", "perf_counter"):
            patch.setattr(time, name, lambda: self.now)
        reads = count()  # no two messages are of one moment
        patch.setattr(time, "time", lambda: self.now + next(reads) / 1_000_000)

    @property
    def ms(self) -> int:
        """Since the beginning."""
        return round((self.now - self.began) * 1000)


class Later(Exception):
    """Raised by a piece of work that needs `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


Piece = tuple[int, int, Job[Any], Callable[[Job[Any]], Any]]


@dataclass(eq=False)
class VirtualLane:
    """In place of an engine's InferenceThread. seconds: what a piece of work takes. log: is told what is asked."""

    clock: Clock
    name: str
    seconds: float = WORK
    log: Callable[[str], None] = lambda _: None
    queue: list[Piece] = field(default_factory=list)
    current: Piece | None = None
    due: float = 0.0  # when the piece is done that is being worked on
    submitted: int = 0

    def submit(
        self, work: Callable[[Job[T]], T], *, urgency: Urgency = Urgency.NOW, timeout: float | None = None
    ) -> Job[T]:
        job: Job[T] = Job(None if timeout is None else self.clock.now + timeout)
        if not self.busy:
            self.due = self.clock.now + self.seconds
        self.submitted += 1
        self.log(f"{self.name}: asked {urgency.name.lower()}")
        self.queue.append((int(urgency), self.submitted, job, work))
        return job

    def work(self) -> None:
        """Do the most urgent piece, or go on with one that takes longer."""
        if self.current is None:
            self.current = min(self.queue, key=lambda entry: entry[:2])
            self.queue.remove(self.current)
            if not self.current[2].begin():
                self._next()
                return
        job, work = self.current[2:]
        try:
            job.check()
            job.finish(work(job))
        except Later as later:
            self.due = self.clock.now + later.seconds
            return
        except LocalAgentError as error:
            job.fail(error)
        except Exception as error:
            job.fail(EngineError(f"the {self.name} engine failed: {error!r}"))
        self._next()

    def _next(self) -> None:
        self.current, self.due = None, self.clock.now + self.seconds

    @property
    def busy(self) -> bool:
        return bool(self.queue) or self.current is not None

    def close(self) -> None:
        for _, _, job, _ in self.queue:
            job.cancel()
        self.queue.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """Moves `clock` on where it would sleep, and lets `lanes` work meanwhile."""

    def __init__(self, clock: Clock, lanes: list[VirtualLane]) -> None:
        super().__init__()
        self._clock, self._lanes = clock, lanes

    def _run_once(self) -> None:
        while not self._ready and self._move_on():  # type: ignore[attr-defined]
            pass
        super()._run_once()  # type: ignore[misc]

    def _move_on(self) -> bool:
        """To the next piece of work or the next timer; False where the loop itself has something to do now."""
        now = self._clock.now
        lane = min((lane for lane in self._lanes if lane.busy), key=lambda lane: lane.due, default=None)
        timers = (timer.when() for timer in self._scheduled if not timer.cancelled())  # type: ignore[attr-defined]
        timer = min(timers, default=None)
        if lane is not None and (timer is None or lane.due <= timer):
            self._clock.now = max(now, lane.due)
            lane.work()
            return True
        if timer is not None:
            self._clock.now = max(now, timer)
        return False

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """At once: what a thread takes is no part of this time."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


@contextmanager
def virtual_time() -> Iterator[Clock]:
    """Fake engines that are made meanwhile, and what `fakeengines.run` runs, live in a time of their own."""
    with pytest.MonkeyPatch.context() as patch:
        read_clock_late()
        clock, lanes = Clock(patch), []  # type: Clock, list[VirtualLane]

        def lane(name: str) -> VirtualLane:
            lanes.append(VirtualLane(clock, name))
            return lanes[-1]

        patch.setattr(World, "lane", staticmethod(lane))
        patch.setattr(World, "loop", staticmethod(lambda: VirtualLoop(clock, lanes)))
        yield clock

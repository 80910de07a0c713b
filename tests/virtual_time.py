"""A time of its own for whole calls: nothing waits, nothing hurries, and what happens is the same on every machine.

Where an event loop has nothing to do it moves the clock to its next timer instead of sleeping. The fake engines work on
the loop's thread, each piece when its time has come.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from local_agent.engines.inference_thread import Job, Urgency
from local_agent.errors import EngineError, LocalAgentError
from tests.plugins.fakeengines import FakeEngines

T = TypeVar("T")
WORK = 0.005  # s of a piece of an engine's work


class Clock:
    """What `time` shows. now: seconds."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.began = self.now = 1_000_000.0
        for name in ("monotonic", "time", "perf_counter"):
            patch.setattr(time, name, lambda: self.now)

    @property
    def ms(self) -> int:
        """Since the beginning."""
        return round((self.now - self.began) * 1000)


@dataclass(eq=False)
class VirtualLane:
    """In place of an engine's InferenceThread. seconds: what a piece of work takes. log: is told what is asked."""

    clock: Clock
    name: str
    seconds: float = WORK
    log: Callable[[str], None] = lambda _: None
    queue: list[tuple[int, int, Job[Any], Callable[[Job[Any]], Any]]] = field(default_factory=list)
    due: float = 0.0  # when the piece is done that is being worked on
    submitted: int = 0

    def submit(
        self, work: Callable[[Job[T]], T], *, urgency: Urgency = Urgency.NOW, timeout: float | None = None
    ) -> Job[T]:
        job: Job[T] = Job(None if timeout is None else self.clock.now + timeout)
        if not self.queue:
            self.due = self.clock.now + self.seconds
        self.submitted += 1
        self.log(f"{self.name}: asked {urgency.name.lower()}")
        self.queue.append((int(urgency), self.submitted, job, work))
        return job

    def work(self) -> None:
        """Do the most urgent piece."""
        entry = min(self.queue, key=lambda entry: entry[:2])
        self.queue.remove(entry)
        self.due = self.clock.now + self.seconds
        job, work = entry[2:]
        if not job.begin():
            return
        try:
            job.check()
            job.finish(work(job))
        except LocalAgentError as error:
            job.fail(error)
        except Exception as error:
            job.fail(EngineError(f"the {self.name} engine failed: {error!r}"))

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
        lane = min((lane for lane in self._lanes if lane.queue), key=lambda lane: lane.due, default=None)
        timers = (timer.when() for timer in self._scheduled if not timer.cancelled())  # type: ignore[attr-defined]
        timer = min(timers, default=None)
        if lane is not None and (timer is None or lane.due <= timer):
            self._clock.now = max(now, lane.due)
            lane.work()
            return True
        if timer is not None:
            self._clock.now = max(now, timer)
        return False


def virtual_lanes(engines: FakeEngines, clock: Clock) -> dict[str, VirtualLane]:
    """Give each of the fakes a lane in virtual time, by name of the engine."""
    fakes = {"whisper": engines.ears, "llama": engines.mind, "piper": engines.mouth, "ear": engines.ear}
    lanes = {}
    for name, fake in fakes.items():
        if fake is not None:
            fake.desk.lane.close()
            lanes[name] = VirtualLane(clock, name)
            fake.desk.lane = lanes[name]  # type: ignore[assignment]
    return lanes


def run_virtually(work: Coroutine[Any, Any, T], clock: Clock, lanes: list[VirtualLane]) -> T:
    """The result of `work`, on a loop of its own."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock, lanes)) as runner:
        return runner.run(work)

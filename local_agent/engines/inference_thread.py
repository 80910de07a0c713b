"""One worker thread per engine: a bounded queue ordered by urgency, deadlines, cancellation.

An engine's native code runs on its lane's own thread and nowhere else, so no event loop ever blocks and no default
executor is held up. `Right of way` (`CrossEnginePriority`) lets long work of one engine step aside, between two of its
steps, for short urgent work of another: on two cores, threads that fight cost more than anything else.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Generic, TypeVar

from local_agent.errors import (
    EngineBusy,
    EngineCancelled,
    EngineClosed,
    EngineError,
    EngineStuck,
    EngineTimeout,
    LocalAgentError,
)

T = TypeVar("T")

STUCK = 10.0  # s beyond the time it had, from when on running work is taken for stuck: a step of it is far shorter


class Urgency(IntEnum):
    """Order in a lane's queue: lower goes first."""

    NOW = 0  # somebody waits for this right now
    SOON = 1  # wanted soon: later clauses, the rest of an answer
    SPECULATIVE = 2  # may be thrown away: partial transcripts, prefill of words not yet final


class Job(Future[T], Generic[T]):
    """Handle of one piece of work: a `concurrent.futures.Future` whose `cancel()` also reaches work that runs already.

    `asyncio.wrap_future(job)` makes it awaitable on any loop; cancelling the awaiting task then cancels the job. Work
    that is running sees `stopping` and raises EngineCancelled at its next step.
    """

    def __init__(self, deadline: float | None = None) -> None:
        super().__init__()
        self.deadline = deadline  # time.monotonic() seconds
        self.submitted = time.monotonic()
        self.started: float | None = None
        self._stop = threading.Event()

    def cancel(self) -> bool:
        self._stop.set()
        super().cancel()
        return True

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def check(self) -> None:
        """Call between two steps of work: raises EngineCancelled or EngineTimeout when nobody wants the result."""
        if self._stop.is_set():
            raise EngineCancelled("the work was cancelled")
        if self.deadline is not None and time.monotonic() > self.deadline:
            waited = time.monotonic() - self.submitted
            raise EngineTimeout(
                f"the work was not done in {waited:.1f} s", fix="use a smaller model or allow fewer calls at once"
            )

    def goes_on(self, seconds: float | None) -> None:
        """A part of the work is done: the next one has `seconds` from now on, None for any number."""
        self.deadline = None if seconds is None else time.monotonic() + seconds

    def stuck(self) -> float | None:
        """Seconds it has been running, if that is far more than it had; None otherwise."""
        if self.deadline is None or self.started is None:
            return None
        now = time.monotonic()
        due = max(self.deadline, self.deadline + self.started - self.submitted)
        return now - self.started if now > due + STUCK else None

    def begin(self) -> bool:
        """Mark as running; False when it was cancelled while it waited."""
        self.started = time.monotonic()
        return self.set_running_or_notify_cancel()

    def finish(self, result: T) -> None:
        if not self.done():
            self.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.done():
            self.set_exception(error)


class InferenceThread:
    """Runs submitted work one at a time on a daemon thread of its own.

    name: shown in errors and as the thread's name. capacity: how many jobs may wait; one more raises EngineBusy.
    """

    def __init__(self, name: str, capacity: int = 64) -> None:
        self.name, self.capacity = name, capacity
        self._queue: list[tuple[int, int, Job[Any], Callable[[Job[Any]], Any]]] = []
        self._order = itertools.count()
        self._ready = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._running: Job[Any] | None = None

    def submit(
        self, work: Callable[[Job[T]], T], *, urgency: Urgency = Urgency.NOW, timeout: float | None = None
    ) -> Job[T]:
        """Queue `work(job)`; it should call `job.check()` between its steps.

        timeout: seconds from now after which the result is worthless. Raises EngineBusy when the queue is full,
        EngineClosed after `close()`, EngineStuck where the work that runs does not come back. An exception that is not
        ours arrives at the waiter as EngineError, its cause attached.
        """
        job: Job[T] = Job(None if timeout is None else time.monotonic() + timeout)
        with self._ready:
            if self._closed:
                raise EngineClosed(f"the {self.name} engine is closed")
            ran = self._running.stuck() if self._running is not None else None
            if ran is not None:
                raise EngineStuck(
                    f"the {self.name} engine has not come back from one piece of work for {ran:.0f} s",
                    expected="a graphics card or processor that answers",
                    fix="start the agent again",
                )
            if len(self._queue) >= self.capacity:
                self._queue = [entry for entry in self._queue if not entry[2].stopping]
                heapq.heapify(self._queue)
            if len(self._queue) >= self.capacity:
                raise EngineBusy(
                    f"{len(self._queue)} jobs already wait for the {self.name} engine",
                    expected=f"at most {self.capacity}",
                    fix="allow fewer calls at once (LOCAL_AGENT_MAX_CALLS) or use a smaller model",
                )
            heapq.heappush(self._queue, (int(urgency), next(self._order), job, work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"lane-{self.name}", daemon=True)
                self._thread.start()
            self._ready.notify()
        return job

    def waiting(self) -> int:
        """How many jobs are queued and still wanted."""
        with self._ready:
            return sum(not entry[2].stopping for entry in self._queue)

    def close(self, timeout: float = 5.0) -> None:
        """Refuse new work, cancel what waits or runs, and wait up to `timeout` seconds for the worker to end."""
        with self._ready:
            self._closed = True
            for _, _, job, _ in self._queue:
                job.cancel()
            self._ready.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._queue and not self._closed:
                    self._ready.wait()
                if not self._queue:
                    return
                _, _, job, work = heapq.heappop(self._queue)
                self._running = job
            self._perform(job, work)
            self._running = None

    def _perform(self, job: Job[object], work: Callable[[Job[object]], object]) -> None:
        if not job.begin():
            return
        try:
            job.check()
            job.finish(work(job))
        except LocalAgentError as error:
            job.fail(error)
        except Exception as error:  # the edge where native errors become ours
            wrapped = EngineError(f"the {self.name} engine failed: {type(error).__name__}: {error}")
            wrapped.__cause__ = error
            job.fail(wrapped)


class SpeculationBudget:
    """How much of an engine's time may go into work that is perhaps thrown away. Thread-safe.

    share: of the time, 0..1. A piece of such work that took `t` seconds is followed by none for `t / share` seconds, so
    that somebody's wanted work finds the engine busy with it at most that often, however many rooms speculate.
    """

    def __init__(
        self, share: float, name: str, way: CrossEnginePriority | None, waiting: Callable[[], int] = int
    ) -> None:
        self._share, self._name, self._way, self._waiting = share, name, way, waiting
        self._free_at = 0.0
        self._lock = threading.Lock()

    def demand(self) -> None:
        """Take the time for one piece now: nobody else gets any until it is `spent`, for a second.

        Raises EngineBusy when there is none, also because somebody's wanted work waits or goes on anywhere.
        """
        contested = self._way is not None and self._way.contested()
        if contested or self._waiting() or not self._take():
            raise EngineBusy(f"the {self._name} engine has no time for what nobody waits for")

    def _take(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._free_at:
                return False
            self._free_at = now + 1.0
            return True

    def spent(self, seconds: float) -> None:
        with self._lock:
            self._free_at = time.monotonic() + seconds * (1 / self._share - 1)


class Right(IntEnum):
    """Whose urgent work goes first: lower goes first."""

    VOICE = 0  # a first clause is being spoken: all that is still missing before a caller hears something
    THOUGHT = 1  # a transcript, a prompt, the first words of a reply
    LATER = 2  # nobody waits for it


class CrossEnginePriority:
    """Short urgent work goes first, across engines that share the cores.

    An urgent stretch (`with way.urgent():`) is a transcript, a prefill or a first clause that a caller waits for. Long
    work calls `way.yield_to_urgent()` between two of its steps and pauses there while any urgent stretch runs, but
    never longer than `patience` seconds, so that nothing starves.
    """

    def __init__(self) -> None:
        self._urgent = [0] * Right.LATER
        self._clear = threading.Condition()

    @contextmanager
    def urgent(self, right: Right = Right.THOUGHT) -> Iterator[None]:
        with self._clear:
            self._urgent[right] += 1
        try:
            yield
        finally:
            with self._clear:
                self._urgent[right] -= 1
                self._clear.notify_all()

    def contested(self) -> bool:
        """Whether anybody's urgent work goes on right now."""
        return any(self._urgent)

    def yield_to_urgent(self, patience: float = 0.25, right: Right = Right.LATER) -> float:
        """Wait while something goes on that goes before `right`; seconds that were spent waiting."""
        began = time.monotonic()
        with self._clear:
            self._clear.wait_for(lambda: not any(self._urgent[:right]), patience)
        return time.monotonic() - began

"""Lanes: order, deadlines, cancellation; and the right of way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from local_agent.engines.inference_thread import CrossEnginePriority, InferenceThread, Job, Right, Urgency
from local_agent.errors import EngineBusy, EngineCancelled, EngineClosed, EngineError, EngineStuck, EngineTimeout


@pytest.fixture
def lane() -> Iterator[InferenceThread]:
    lane = InferenceThread("test", capacity=4)
    yield lane
    lane.close()


def blocked(lane: InferenceThread) -> tuple[Job[None], threading.Event]:
    """A job that runs until the event is set."""
    begun, go = threading.Event(), threading.Event()

    def work(_: Job[None]) -> None:
        begun.set()
        go.wait(20)

    job = lane.submit(work)
    assert begun.wait(20)
    return job, go


def test_urgent_work_goes_first_and_equals_in_order(lane: InferenceThread) -> None:
    _, go = blocked(lane)
    done: list[str] = []
    wanted = {"later": Urgency.SPECULATIVE, "ahead": Urgency.SOON, "first": Urgency.NOW, "second": Urgency.NOW}
    jobs = [lane.submit(lambda _, name=name: done.append(name), urgency=urgency) for name, urgency in wanted.items()]
    go.set()
    for job in jobs:
        job.result(20)
    assert done == ["first", "second", "ahead", "later"]


def test_a_full_lane_says_so_and_forgets_what_nobody_wants(lane: InferenceThread) -> None:
    _, go = blocked(lane)
    waiting = [lane.submit(lambda _: None) for _ in range(4)]
    with pytest.raises(EngineBusy, match="4 jobs already wait"):
        lane.submit(lambda _: None)
    waiting[0].cancel()
    lane.submit(lambda _: None)
    assert lane.waiting() == 4
    go.set()


def test_cancelling_reaches_running_and_waiting_work(lane: InferenceThread) -> None:
    begun = threading.Event()

    def work(job: Job[None]) -> None:
        begun.set()
        while True:
            job.check()
            time.sleep(0.001)

    running = lane.submit(work)
    waiting = lane.submit(work)
    assert begun.wait(20)
    waiting.cancel()
    running.cancel()
    with pytest.raises(EngineCancelled):
        running.result(20)
    with pytest.raises(CancelledError):
        waiting.result(20)


def test_cancelling_the_task_that_awaits_cancels_the_work(lane: InferenceThread) -> None:
    seen = threading.Event()

    def work(job: Job[None]) -> None:
        while not job.stopping:
            time.sleep(0.001)
        seen.set()

    async def main() -> None:
        waiting = asyncio.ensure_future(asyncio.wrap_future(lane.submit(work)))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(main())
    assert seen.wait(20)


def test_work_whose_deadline_passed_while_it_waited_is_not_begun(lane: InferenceThread) -> None:
    _, go = blocked(lane)
    late = lane.submit(lambda _: pytest.fail("begun"), timeout=0.01)
    time.sleep(0.05)
    go.set()
    with pytest.raises(EngineTimeout):
        late.result(20)


def test_foreign_errors_become_ours_and_the_lane_goes_on(lane: InferenceThread) -> None:
    def work(_: Job[None]) -> None:
        raise MemoryError("native")

    with pytest.raises(EngineError, match="the test engine failed: MemoryError: native") as caught:
        lane.submit(work).result(20)
    assert isinstance(caught.value.__cause__, MemoryError)
    assert lane.submit(lambda _: 5).result(20) == 5


def test_closing_cancels_and_refuses(lane: InferenceThread) -> None:
    _, go = blocked(lane)
    waiting = lane.submit(lambda _: None)
    go.set()
    lane.close()
    assert waiting.done()
    with pytest.raises(EngineClosed):
        lane.submit(lambda _: None)


def test_long_work_waits_for_urgent_work_but_not_for_ever() -> None:
    way = CrossEnginePriority()
    assert way.yield_to_urgent(5) < 1
    with way.urgent():
        assert way.yield_to_urgent(0.05) >= 0.05
        assert way.yield_to_urgent(5, Right.THOUGHT) < 1, "its own rank does not stop it"
        with way.urgent(Right.VOICE):
            assert way.yield_to_urgent(0.05, Right.THOUGHT) >= 0.05


def test_long_work_goes_on_as_soon_as_the_way_is_clear() -> None:
    way = CrossEnginePriority()
    holding, go, done = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with way.urgent():
            holding.set()
            go.wait(20)

    def go_on() -> None:
        way.yield_to_urgent(20)
        done.set()

    threading.Thread(target=hold, daemon=True).start()
    assert holding.wait(20)
    threading.Thread(target=go_on, daemon=True).start()
    assert not done.wait(0.05)
    go.set()
    assert done.wait(10)


def test_work_that_never_comes_back_is_told_to_whoever_comes_after(
    lane: InferenceThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_agent.engines.inference_thread.STUCK", 0.05)
    go, begun = threading.Event(), threading.Event()

    def stuck(_: Job[None]) -> None:
        begun.set()
        go.wait(20)

    lane.submit(stuck, timeout=0.05)
    assert begun.wait(20)
    time.sleep(0.15)
    with pytest.raises(EngineStuck, match="has not come back") as caught:
        lane.submit(lambda _: None)
    assert not caught.value.retryable and "start the agent again" in str(caught.value)
    go.set()
    wait_until = time.monotonic() + 10
    while time.monotonic() < wait_until:
        try:
            lane.submit(lambda _: None).result(20)
            break
        except EngineStuck:
            time.sleep(0.01)
    else:
        pytest.fail("the lane works again, and says it does not")

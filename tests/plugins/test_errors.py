"""What crosses from our engines to livekit: errors, results and items of other threads."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError

from local_agent.engines.inference_thread import InferenceThread
from local_agent.errors import (
    BadInput,
    EngineBusy,
    EngineCancelled,
    EngineClosed,
    EngineTimeout,
    LocalAgentError,
    WeightsMissing,
)
from local_agent.plugins.errors import api_errors, asked_timeout, limit, shielded, threadsafe, within
from tests.plugins.fakeengines import run, until


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (EngineBusy("full"), True),
        (EngineTimeout("late"), True),
        (EngineClosed("closed"), False),
        (BadInput("bad"), False),
        (WeightsMissing("gone"), False),
        (ValueError("odd"), False),
        (TimeoutError("odd"), False),
    ],
)
def test_every_error_becomes_an_api_error_that_says_whether_to_retry(error: Exception, retryable: bool) -> None:
    with pytest.raises(APIError, match=f"stage.*{error}") as caught, api_errors("stage"):
        raise error
    assert caught.value.retryable is retryable and caught.value.__cause__ is error
    assert isinstance(caught.value, APITimeoutError) is isinstance(error, EngineTimeout)


def test_livekits_usual_timeout_is_none_that_a_program_asked_for() -> None:
    assert asked_timeout(APIConnectOptions(max_retry=0)) is None
    assert asked_timeout(APIConnectOptions(timeout=5.0)) == 5.0


def test_an_error_keeps_what_to_do_next() -> None:
    with pytest.raises(APIError, match="stage: no voice; expected a file; fix: download it"), api_errors("stage"):
        raise LocalAgentError("no voice", expected="a file", fix="download it")


def test_cancelled_work_ends_a_stream_quietly() -> None:
    with pytest.raises(APIStatusError) as caught, api_errors("stage"):
        raise EngineCancelled("nobody listens")
    assert caught.value.status_code == 499


@pytest.mark.parametrize("error", [APIError("theirs"), asyncio.CancelledError()])
def test_livekits_own_errors_and_cancellation_pass(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, api_errors("stage"):
        raise error
    assert caught.value is error


def test_a_block_without_error_is_left_alone() -> None:
    with api_errors("stage"):
        done = True
    assert done


def test_work_that_takes_too_long_is_cancelled_and_an_engine_timeout() -> None:
    lane, release = InferenceThread("slow"), threading.Event()

    async def check() -> None:
        job = lane.submit(lambda job: release.wait())
        with pytest.raises(EngineTimeout, match=r"reading took longer than 0\.05 s"):
            await within(job, 0.05, "reading")
        assert job.stopping

    run(check())
    release.set()
    lane.close()


def test_cancelling_the_waiter_cancels_the_work() -> None:
    lane, release = InferenceThread("slow"), threading.Event()

    async def check() -> None:
        job = lane.submit(lambda job: release.wait())
        waiting = asyncio.create_task(within(job, 20, "reading"))
        await until(lambda: job.started is not None)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert job.stopping

    run(check())
    release.set()
    lane.close()


def test_work_that_the_engine_drops_does_not_look_like_a_cancelled_task() -> None:
    async def check() -> None:
        dropped: Future[int] = Future()
        dropped.cancel()
        with pytest.raises(EngineCancelled, match="reading"):
            await within(dropped, 20, "reading")

    run(check())


def test_results_and_errors_of_work_arrive() -> None:
    lane = InferenceThread("quick")

    async def check() -> None:
        assert await within(lane.submit(lambda job: 7), 20, "reading") == 7
        with pytest.raises(BadInput):
            await within(lane.submit(_bad), 20, "reading")

    def _bad(job: object) -> int:
        raise BadInput("bad")

    run(check())
    lane.close()


def test_a_limit_bounds_a_block_and_lets_its_errors_pass() -> None:
    async def check() -> None:
        with pytest.raises(EngineTimeout, match="writing"):
            async with limit(0.01, "writing"):
                await asyncio.sleep(20)
        with pytest.raises(ValueError, match="odd"):
            async with limit(20, "writing"):
                raise ValueError("odd")

    run(check())


def test_items_of_another_thread_arrive_in_order() -> None:
    async def check() -> None:
        items: asyncio.Queue[int] = asyncio.Queue()
        put = threadsafe(items.put_nowait)
        thread = threading.Thread(target=lambda: [put(number) for number in range(100)])
        thread.start()
        assert [await items.get() for _ in range(100)] == list(range(100))
        thread.join()

    run(check())


def test_items_for_a_loop_that_is_gone_are_dropped() -> None:
    got: list[int] = []

    async def make() -> object:
        return threadsafe(got.append)

    put = run(make())
    assert callable(put)
    put(1)
    assert got == []


def test_whoever_stops_waiting_for_an_engine_does_not_stop_it_for_others() -> None:
    async def check() -> None:
        loading: Future[str] = Future()
        first, second = asyncio.create_task(shielded(loading)), asyncio.create_task(shielded(loading))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        loading.set_result("engine")
        assert first.cancelled() and await second == "engine"

    run(check())

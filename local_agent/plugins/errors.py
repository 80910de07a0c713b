"""The plugins' edge: our exceptions become livekit's `APIError`, once, here.

livekit-agents handles nothing else: any other exception ends a stream's pump and leaves the session open but deaf.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, APIError, APIStatusError, APITimeoutError

from local_agent.errors import EngineCancelled, EngineTimeout, LocalAgentError

T = TypeVar("T")
logger = logging.getLogger("local_agent")

CLIENT_CLOSED_REQUEST = 499  # livekit-agents ends a stream that raises it quietly, without a retry


@contextmanager
def api_errors(stage: str) -> Iterator[None]:
    """Translate what an engine raises. stage: "speech to text" and the like, put before the message."""
    try:
        yield
    except (APIError, asyncio.CancelledError):
        raise
    except EngineCancelled as error:
        raise APIStatusError(f"{stage}: {error}", status_code=CLIENT_CLOSED_REQUEST) from error
    except EngineTimeout as error:
        raise APITimeoutError(f"{stage}: {error}", retryable=error.retryable) from error
    except LocalAgentError as error:
        raise APIError(f"{stage}: {error}", retryable=error.retryable) from error
    except Exception as error:
        raise APIError(f"{stage} failed: {type(error).__name__}: {error}", retryable=False) from error


async def within(future: Future[T], seconds: float, stage: str) -> T:
    """The result of a thread's future, awaited for at most `seconds`. Cancelling the waiter cancels the work.

    Raises EngineTimeout after `seconds`, and EngineCancelled when the engine dropped the work: a bare CancelledError
    would end the waiting task as if somebody had cancelled it.
    """
    try:
        async with limit(seconds, stage):
            return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise EngineCancelled(f"the engine dropped the {stage}") from None


def on_loop() -> bool:
    """Whether this thread runs an event loop, which must not wait for files."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def asked_timeout(conn_options: APIConnectOptions) -> float | None:
    """Seconds that a program gives a plugin until something comes, and from one piece to the next; None where it leaves
    livekit's usual timeout, which is made for servers far away: then the setting engine_timeout holds.
    """
    return None if conn_options.timeout == DEFAULT_API_CONNECT_OPTIONS.timeout else conn_options.timeout


@asynccontextmanager
async def limit(seconds: float | None, stage: str) -> AsyncIterator[None]:
    """Raises EngineTimeout in a block that lasts longer than `seconds`, None for any number."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        if seconds is None:
            raise
        raise EngineTimeout(
            f"{stage} took longer than {seconds:g} s",
            fix="use a smaller model, allow fewer calls at once, or raise LOCAL_AGENT_ENGINE_TIMEOUT (where a program "
            "sets one, the timeout of its conn_options)",
        ) from error


def threadsafe(put: Callable[[T], object]) -> Callable[[T], None]:
    """`put`, callable from an engine's thread: it runs on the event loop that is current now.

    A loop that has closed meanwhile (its room is gone) makes the call a no-op: nobody is left who wants the item.
    """
    loop = asyncio.get_running_loop()

    def call(item: T) -> None:
        try:
            loop.call_soon_threadsafe(put, item)
        except RuntimeError:
            if not loop.is_closed():
                raise

    return call


def logged(loading: Future[T], stage: str) -> None:
    """Have a failure to load logged as soon as it is known: nobody waits for it yet."""

    def tell(done: Future[T]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            logger.error("%s: %s", stage, error)

    loading.add_done_callback(tell)


async def shielded(loading: Future[T]) -> T:
    """An engine that may still be loading; cancelling the waiter does not cancel the load that others wait for too."""
    waiting: Awaitable[T] = asyncio.shield(asyncio.wrap_future(loading))
    return await waiting

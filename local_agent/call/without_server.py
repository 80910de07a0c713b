"""One call without any server: the worker stays unregistered and gets a single simulated job. For `talk`, `console`."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

from livekit.agents import AgentServer
from livekit.agents.voice.events import CloseEvent

from local_agent.errors import EngineTimeout, LocalAgentError, ServerError

T = TypeVar("T")

GRACE = 1.0  # s between two looks at whether the job still runs, and from its end to its result


async def hold(server: AgentServer, over: Future[T], *, room: str, limit: float | None = None) -> T:
    """Run the worker's entrypoint once and return what `over` brings; it may be set from any thread.

    limit: seconds that the call may last, None for as long as it likes. Raises EngineTimeout after that, ServerError
    when the worker ends before the call does, and whatever `over` holds.
    """
    started = asyncio.Event()
    server.once("worker_started", started.set)
    running = asyncio.create_task(server.run(unregistered=True))
    calling = asyncio.create_task(_call(server, started, over, room))
    try:
        await asyncio.wait({running, calling}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            return calling.result()
        if running.done():
            running.result()
            raise ServerError("the worker ended before the call did", fix="run it again with --log-level debug")
        raise EngineTimeout("the call did not come to an end", fix="run it again with --log-level debug")
    finally:
        calling.cancel()
        await server.aclose()
        await asyncio.gather(running, calling, return_exceptions=True)


async def _call(server: AgentServer, started: asyncio.Event, over: Future[T], room: str) -> T:
    await started.wait()
    await server.simulate_job(room, fake_job=True, agent_identity="agent")
    waiting = asyncio.wrap_future(over)
    while not waiting.done():
        if not server.active_jobs:
            await asyncio.wait({waiting}, timeout=GRACE)
            if not waiting.done():
                raise ServerError("the call ended early", fix="run it again with --log-level debug")
        await asyncio.wait({waiting}, timeout=GRACE)
    return waiting.result()


def reason(event: CloseEvent) -> LocalAgentError:
    """Why a session closed by itself, as an error of ours."""
    fault = getattr(event.error, "error", event.error)
    cause = getattr(fault, "__cause__", None)
    for error in (fault, cause):
        if isinstance(error, LocalAgentError):
            return error
    return ServerError(f"the call ended early: {event.reason.value}" + (f": {fault}" if fault else ""))

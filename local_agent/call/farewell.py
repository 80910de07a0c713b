"""How calls end when the process does: they have their time, then the reply in hand, and a short goodbye."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future

from livekit.agents import AgentServer, AgentSession
from livekit.agents.voice.events import CloseEvent

from local_agent.call.assistant import Assistant
from local_agent.config import phrases
from local_agent.config.languages import AUTO

logger = logging.getLogger("local_agent")

REPLY = 6.0  # s that the reply in hand may still take
GOODBYE = 4.0  # s for the goodbye, its synthesis with it


class Stopping:
    """How a worker is to stop. event: no new calls. patience: seconds that running ones have from then on, unless
    `now` is set.
    """

    def __init__(self, patience: float) -> None:
        self.event, self.now, self.patience = asyncio.Event(), asyncio.Event(), patience


async def drain(server: AgentServer, stopping: Stopping) -> None:
    """Take no new calls and wait for the running ones to end by themselves, as long as they may."""
    patience = max(1, int(stopping.patience))  # 0 would wait for ever
    draining = asyncio.create_task(server.drain(timeout=patience))
    hurrying = asyncio.create_task(stopping.now.wait())
    await asyncio.wait({draining, hurrying}, return_when=asyncio.FIRST_COMPLETED)
    for task in (draining, hurrying):
        task.cancel()
    (result, _) = await asyncio.gather(draining, hurrying, return_exceptions=True)
    if isinstance(result, TimeoutError):
        logger.warning("%d calls were still going on after %d s and are ended", len(server.active_jobs), patience)


class Farewell:
    """Knows the sessions of all calls, each of which lives on an event loop of its own."""

    def __init__(self) -> None:
        self._open: dict[AgentSession[None], asyncio.AbstractEventLoop] = {}

    def watch(self, session: AgentSession[None]) -> None:
        """Hang it on a session, on that session's loop."""
        self._open[session] = asyncio.get_running_loop()

        def forget(_: CloseEvent) -> None:
            self._open.pop(session, None)

        session.on("close", forget)

    async def say(self) -> None:
        """Let every open call hear it; returns when all have, after REPLY + GOODBYE seconds at the latest."""
        parting = [self._on_its_loop(session, loop) for session, loop in list(self._open.items())]
        waiting = [asyncio.wrap_future(future) for future in parting if future is not None]
        if waiting:
            await asyncio.wait(waiting, timeout=REPLY + GOODBYE)
        for future in waiting:
            if not future.cancel() and not future.cancelled() and (error := future.exception()) is not None:
                logger.info("no goodbye: %s", error)

    def _on_its_loop(self, session: AgentSession[None], loop: asyncio.AbstractEventLoop) -> Future[None] | None:
        parting = _part(session)
        try:
            return asyncio.run_coroutine_threadsafe(parting, loop)
        except RuntimeError:  # the call has ended meanwhile, and its loop with it
            parting.close()
            return None


async def _part(session: AgentSession[None]) -> None:
    agent = session.current_agent
    words = phrases.goodbye(agent.language if isinstance(agent, Assistant) else AUTO)
    if (reply := session.current_speech) is not None:
        try:
            await asyncio.wait_for(reply.wait_for_playout(), REPLY)
        except TimeoutError:
            reply.interrupt(force=True)
    goodbye = session.say(words, allow_interruptions=False, add_to_chat_ctx=False)
    await asyncio.wait_for(goodbye.wait_for_playout(), GOODBYE)

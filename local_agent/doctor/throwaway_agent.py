"""An agent for a throw-away room: the one that runs, or one of our own for the moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit import rtc
from pydantic import SecretStr

from local_agent.doctor import servers
from local_agent.doctor.context import Case, Page
from local_agent.errors import ServerError

PATIENCE = 15.0  # s for an agent to join; it takes 0.3 s on two idle cores
GLANCE = 5.0  # s for an agent that is there already
REGISTERING = 20.0  # s for a worker to be known to the server


@asynccontextmanager
async def present(case: Case, page: Page) -> AsyncIterator[str]:
    """While inside, an agent waits for rooms; yields whose it is, in words. Raises what keeps one from starting."""
    if not page.own:
        yield "the agent that runs"
        return
    from local_agent.service import Service  # all of livekit-agents: only where it is needed

    server = await servers.serve(case)
    settings = case.settings.model_copy(
        update={
            "livekit_url": server.url,
            "livekit_api_key": server.keys.key,
            "livekit_api_secret": SecretStr(server.keys.secret),
            "agent_health_port": 0,
        }
    )
    stopping, known = asyncio.Event(), asyncio.Event()
    began = time.monotonic()
    async with Service(settings, page=False) as service:
        loaded = time.monotonic() - began
        service.server.on("worker_registered", lambda *_: known.set())
        running = asyncio.create_task(service.run(stopping))
        waiting = asyncio.create_task(known.wait())
        try:
            await asyncio.wait({running, waiting}, timeout=REGISTERING, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            if not known.is_set():
                raise ServerError(f"our agent did not register at {server.url}", fix="see the log of that server")
            yield f"one of our own, whose models loaded in {loaded:.1f} s"
        finally:
            waiting.cancel()
            stopping.set()
            await asyncio.wait({running}, timeout=REGISTERING)


async def meet(url: str, token: str, patience: float = PATIENCE) -> float | None:
    """Join a room over WebRTC as a person would; seconds from joining until an agent is there, None if none came.

    Raises ServerError when the room can't be joined.
    """
    room, met = rtc.Room(), asyncio.Event()
    began = time.monotonic()

    def see(participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            met.set()

    room.on("participant_connected", see)
    try:
        await room.connect(url, token)
        for participant in room.remote_participants.values():
            see(participant)
        await asyncio.wait_for(met.wait(), patience)
        return time.monotonic() - began
    except TimeoutError:
        return None
    except rtc.ConnectError as error:
        raise ServerError(
            f"the room can't be joined: {error.message}",
            fix="WebRTC needs an interface besides loopback, and its UDP or TCP port open; see the checks above",
        ) from error
    finally:
        await room.disconnect()

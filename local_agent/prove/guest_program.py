"""Somebody else's program: a stock AgentServer in its development mode, whose session is `local_agent.session()`, on a
livekit-server of this machine, and a caller who asks it something.

A process of its own inside the namespace: python -m local_agent.prove.guest_program prints the call and the models.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from livekit import api
from livekit.agents import Agent, AgentServer, JobContext

import local_agent
from local_agent.config import sources
from local_agent.engines import registry
from local_agent.errors import ProofVoid
from local_agent.process.exit import leave
from local_agent.prove.call import ask
from local_agent.prove.results import Call
from local_agent.prove.spoken_question import speech
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
from local_agent.simulated_caller import Participant
from local_agent.weights import store

GREETED_WITHIN = 90.0  # s; a job process starts and loads the models first, 8 s on two idle cores
REGISTERED_WITHIN = 30.0  # s
ROOM = "proof"


class Receptionist(Agent):
    """Greets."""

    def __init__(self) -> None:
        super().__init__(instructions="Answer in one short sentence.")

    async def on_enter(self) -> None:
        self.session.say("Hello, how can I help you?")


async def entrypoint(ctx: JobContext) -> None:
    """As docs/plugins.md has it."""
    session = local_agent.session()
    await session.start(agent=Receptionist(), room=ctx.room)


async def hold(answer: Callable[[JobContext], Awaitable[None]]) -> Call:
    """Answer a call with that entrypoint, in a process of its own as livekit-agents does by default.

    Raises ProofVoid when no conversation comes about.
    """
    engines = registry.shared()
    said = await asyncio.to_thread(speech, store.find(engines.plan.piper.model, engines.settings.models_dir).path)
    keys = Keys("prover", secrets.token_hex(24))
    livekit = LiveKit(binary(engines.settings), Ports.free(), keys)
    await livekit.start()
    server = AgentServer(
        ws_url=livekit.url, api_key=keys.key, api_secret=keys.secret, setup_fnc=local_agent.prewarm, port=0
    )
    server.rtc_session(answer)
    registered = asyncio.Event()
    server.on("worker_registered", lambda *_: registered.set())
    running = asyncio.create_task(server.run(devmode=True))
    try:
        async with asyncio.timeout(REGISTERED_WITHIN):
            await registered.wait()
        grant = api.VideoGrants(room_join=True, room=ROOM)
        token = api.AccessToken(keys.key, keys.secret).with_identity("prover").with_grants(grant).to_jwt()
        async with Participant("prover", livekit.url, token) as caller:
            return await ask(caller, said, greeted_within=GREETED_WITHIN)
    except TimeoutError as error:
        raise ProofVoid("the AgentServer did not register with its livekit-server") from error
    finally:
        await server.aclose()
        await asyncio.gather(running, return_exceptions=True)
        await livekit.stop()


def main(answer: Callable[[JobContext], Awaitable[None]] = entrypoint) -> int:
    sources.prepare_process(1, guest=True)
    try:
        call = asyncio.run(hold(answer))
    except ProofVoid as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"call": asdict(call), "models": registry.shared().plan.models}))
    return 0


if __name__ == "__main__":
    leave(main())

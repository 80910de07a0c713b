"""The process in which the simple stack answers calls: `python -m local_agent.bench.baseline_process`.

`bench` starts it. It reads its recipe from standard input; it has a livekit-server of its own, because the product's
worker takes every room of the other one. It tells where to call once calls are answered, and then its marks.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

from livekit.agents import Agent, AgentServer, AgentSession, AutoSubscribe, JobContext, JobExecutorType, inference
from livekit.agents.llm import ChatContext

from local_agent.bench.baseline import LLM, STT, TTS, Engines
from local_agent.bench.baseline_recipe import Recipe
from local_agent.bench.subprocess_json import perform, tell
from local_agent.process.exit import leave
from local_agent.server import livekit
from local_agent.server.api_keys import Keys


class Answerer(Agent):
    """Greets, then answers."""

    def __init__(self, recipe: Recipe) -> None:
        context = ChatContext.empty()
        for role, text in recipe.opening:
            context.add_message(role=role, content=text)  # type: ignore[arg-type]
        super().__init__(instructions=recipe.instructions, chat_ctx=context)
        self._greeting = recipe.greeting

    async def on_enter(self) -> None:
        if self._greeting:
            self.session.say(self._greeting)


def session_for(engines: Engines) -> AgentSession[None]:
    """livekit-agents' own voice activity detector, turn detector and delays. What differs from its defaults: nothing
    goes to a cloud (`interruption`, the detector's bundled weights), nothing is done ahead of time, the caller needs no
    time for echo cancellation, and the recipe may leave the turn detector out.
    """
    detector: Any = inference.TurnDetector(version="v1-mini") if engines.recipe.detector else "vad"
    return AgentSession[None](
        stt=STT(engines),
        llm=LLM(engines),
        tts=TTS(engines),
        turn_handling={
            "turn_detection": detector,
            "interruption": {"mode": "vad"},
            "preemptive_generation": {"enabled": False},
        },
        aec_warmup_duration=None,
        user_away_timeout=None,
    )


def worker(engines: Engines, url: str, keys: Keys) -> AgentServer:
    """Answers every room of that LiveKit server."""
    calls = engines.recipe.calls
    server = AgentServer(
        job_executor_type=JobExecutorType.THREAD,
        load_fnc=lambda _: 0.0,
        load_threshold=1.0,
        num_idle_processes=calls,
        host="127.0.0.1",
        port=0,
        ws_url=url,
        api_key=keys.key,
        api_secret=keys.secret,
        http_proxy=None,
    )

    @server.rtc_session()
    async def call(ctx: JobContext) -> None:
        await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        session = session_for(engines)
        session.on("close", lambda event: ctx.shutdown(reason=event.reason.value))
        await session.start(Answerer(engines.recipe), room=ctx.room, record=False, session_host=False)

    return server


async def serve(recipe: Recipe) -> None:
    """Answer calls until cancelled. Raises LocalAgentError where something does not start."""
    keys = Keys("APIbench" + secrets.token_hex(6), secrets.token_urlsafe(32))
    ports = livekit.Ports.free()
    own = livekit.LiveKit(Path(recipe.livekit_server), ports, keys)
    await own.start()
    try:
        engines = await asyncio.to_thread(Engines, recipe, lambda mark: tell({"mark": asdict(mark)}))
        await asyncio.to_thread(engines.warm)
        server = worker(engines, own.url, keys)
        line = {"url": own.url, "key": keys.key, "secret": keys.secret, "greets": bool(recipe.greeting)}
        server.once("worker_registered", lambda *_: tell({"line": line}))
        try:
            await server.run()
        finally:
            await server.aclose()
    finally:
        await own.stop()


async def _answer(given: dict[str, Any]) -> None:
    logging.basicConfig(level=logging.WARNING)
    await serve(Recipe(**given))


if __name__ == "__main__":
    leave(asyncio.run(perform(_answer)))

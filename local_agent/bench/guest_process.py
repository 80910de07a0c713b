"""The process in which somebody's own program answers calls: `python -m local_agent.bench.guest_process`.

`bench --jobs` starts it: a stock AgentServer whose session is `local_agent.session()`, on a livekit-server of its own.
It reads a `Plan` from standard input and tells where to call once models are loaded for every caller.

It differs from a stock server in what makes runs alike: as many jobs wait as there are callers, they may take their
time to load, and no more load when those are taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from livekit.agents import AgentServer, JobContext, JobExecutorType, JobProcess
from livekit.agents.voice.events import ErrorEvent

import local_agent
from local_agent.bench.caller import Line
from local_agent.bench.subprocess_json import perform, tell
from local_agent.call.guest import BEGINS
from local_agent.process.exit import leave
from local_agent.process.operating_system import private_memory, return_memory
from local_agent.prove.guest_program import Receptionist
from local_agent.server import livekit
from local_agent.server.api_keys import Keys

Jobs = Literal["process", "thread"]
LOADED, ERRORS = "loaded-{}", "errors"  # files of `Plan.notes`: a process that has models, its bytes; monotonic times


@dataclass(frozen=True)
class Plan:
    """Plain values: it travels as JSON. jobs: what runs one. callers: at once. notes: a folder for what jobs tell."""

    jobs: Jobs
    callers: int
    livekit_server: str
    notes: str


def load(notes: Path, callers: int, process: JobProcess) -> None:
    """Before a job: its models, where there are not yet as many as there will be callers."""
    for number in range(callers):
        try:
            mine = (notes / LOADED.format(number)).open("x")
        except FileExistsError:
            continue
        with mine:
            local_agent.prewarm(process)
            process.userdata["local_agent"].load()  # which may take longer than that waits
            return_memory()  # as that does, too
            mine.write(f"{os.getpid()} {private_memory()}")
        return


async def answer(notes: Path, ctx: JobContext) -> None:
    """As docs/plugins.md has it; and notes when there was an error, whose apology is no reply."""
    session = local_agent.session()

    def note(event: ErrorEvent) -> None:
        if not getattr(event.error, "recoverable", True):
            with (notes / ERRORS).open("a") as file:
                file.write(f"{time.monotonic()}\n")

    session.on("error", note)
    await session.start(agent=Receptionist(), room=ctx.room)


async def serve(plan: Plan) -> None:
    """Answer calls until cancelled. Raises LocalAgentError where something does not start."""
    keys, notes = Keys("APIbench" + secrets.token_hex(6), secrets.token_urlsafe(32)), Path(plan.notes)
    own = livekit.LiveKit(Path(plan.livekit_server), livekit.Ports.free(), keys)
    await own.start()
    try:
        server = AgentServer(
            job_executor_type=JobExecutorType.PROCESS if plan.jobs == "process" else JobExecutorType.THREAD,
            setup_fnc=partial(load, notes, plan.callers),
            num_idle_processes=plan.callers,
            initialize_process_timeout=BEGINS,
            load_fnc=lambda _: 0.0,
            load_threshold=1.0,
            host="127.0.0.1",
            port=0,
            ws_url=own.url,
            api_key=keys.key,
            api_secret=keys.secret,
            http_proxy=None,
        )
        server.rtc_session(partial(answer, notes))
        line = Line(own.url, keys.key, keys.secret)
        server.once("worker_registered", lambda *_: tell({"line": asdict(line)}))
        try:
            await server.run()
        finally:
            await server.aclose()
    finally:
        await own.stop()


async def _answer(given: dict[str, Any]) -> None:
    logging.basicConfig(level=logging.WARNING)
    await serve(Plan(**given))


if __name__ == "__main__":
    leave(asyncio.run(perform(_answer)))

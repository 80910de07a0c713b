"""A case to examine: settings of one's own in an empty folder, and servers for the length of a test."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from local_agent.config import sources as config
from local_agent.doctor.check import Check, Finding
from local_agent.doctor.context import Case
from local_agent.errors import LiveKitMissing
from local_agent.server import livekit
from local_agent.server.api_keys import Keys
from local_agent.server.ports import free_port

SECRET = "k3Vq9Zt2Lw7Xc5Bn8Mr1Pj4Hd6Fs0Gy-aEuIoTr"
URL = "ws://127.0.0.1:7880"
EXTERNAL = {"LIVEKIT_URL": URL, "LIVEKIT_API_KEY": "APIouter", "LIVEKIT_API_SECRET": SECRET}


def case(folder: Path, environ: dict[str, str] | None = None, **changes: object) -> Case:
    """A case as the command makes it, from `environ` and the files in `folder` alone; page and server on free ports."""
    ports = {
        "LOCAL_AGENT_PORT": str(free_port()),
        "LOCAL_AGENT_LIVEKIT_PORT": str(free_port()),
        "LOCAL_AGENT_RTC_TCP_PORT": str(free_port()),
        "LOCAL_AGENT_RTC_UDP_PORT": str(free_port(kind="udp")),
    }
    with suppress(LiveKitMissing):  # the checks that need it say so
        ports["LOCAL_AGENT_LIVEKIT_SERVER"] = str(livekit.binary(config.load()))
    settings, sources, fault = config.load_what_holds(environ=ports | (environ or {}), folder=folder)
    return Case(settings, folder, fault, sources, **changes)  # type: ignore[arg-type]


def ask(check: Check, patient: Case) -> Finding:
    """What one check finds; whatever it started has ended."""

    async def asked() -> Finding:
        async with patient.stack:
            return await check(patient)

    return asyncio.run(asked())


@asynccontextmanager
async def livekit_server(keys: Keys, port: int = 0) -> AsyncIterator[str]:
    """The URL of a real livekit-server with these keys; `make setup` put the program beside python."""
    ports = livekit.claimed(port, 0, 0)
    server = livekit.LiveKit(livekit.binary(config.load()), ports, keys)
    await server.start()
    try:
        yield server.url
    finally:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)  # asked politely it takes three seconds
        await server.stop()

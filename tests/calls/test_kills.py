"""Whatever is killed at whatever moment: the caller who is in the room is answered again, by one agent.

`python -m tests.calls.kills --kills 20` tries the same more often.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from local_agent.config.sources import load
from local_agent.server.livekit import binary
from tests.calls.conftest import Product, Speak, answering
from tests.calls.kills import Order, kill_once, livekit_server
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def mortal(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, whose livekit-server is killed."""
    folder = tmp_path_factory.mktemp("mortal")
    with answering(folder, starter.whisper.parent, LOCAL_AGENT_LIVEKIT_SERVER=str(hindered(folder))) as started:
        yield started


def hindered(folder: Path) -> Path:
    """A livekit-server that does not start while there is a file named obstacle beside it."""
    program = folder / "livekit-server"
    program.write_text(
        f'#!/bin/sh\n[ -e {folder}/obstacle ] && echo "no space left" && exit 1\nexec {binary(load())}\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("order", ["caller", "agent"])
def test_after_a_kill_of_livekit_server_one_agent_answers(mortal: Product, speak: Speak, order: Order) -> None:
    outcome = asyncio.run(kill_once(mortal, f"kill-{order}", speak("What is two plus two?"), order))
    assert outcome.answered is not None, f"deaf: {outcome}\n{mortal.log}"
    assert outcome.agents == 1, outcome


def test_while_livekit_is_down_nobody_is_let_in_and_everybody_is_told(mortal: Product) -> None:
    async def check() -> None:
        async with aiohttp.ClientSession(mortal.address) as http:
            async with http.get("/health") as answer:
                assert answer.status == 200, await answer.text()
            obstacle = mortal.folder / "obstacle"
            obstacle.touch()
            os.kill(livekit_server(mortal), signal.SIGKILL)
            facts = await until(http, 503, "livekit-server went away")
            assert facts["ready"] is False
            async with http.post("/api/livekit/token", json={}) as answer:
                assert answer.status == 503
                assert int(answer.headers["Retry-After"]) > 0
                assert "livekit-server went away" in (await answer.json())["error"]
            obstacle.unlink()
            assert "reason" not in await until(http, 200, "")
            async with http.post("/api/livekit/token", json={}) as answer:
                assert answer.status == 201

    asyncio.run(check())
    assert mortal.process.poll() is None
    assert mortal.log.count("no space left") <= 2, "told again and again"


async def until(http: aiohttp.ClientSession, status: int, reason: str) -> dict[str, Any]:
    """What /health tells when its status, and the reason for it, become these."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        async with http.get("/health") as answer:
            facts = await answer.json()
            if answer.status == status and reason in facts.get("reason", ""):
                return facts
        await asyncio.sleep(0.05)
    raise AssertionError(f"/health does not become {status}: {facts}")

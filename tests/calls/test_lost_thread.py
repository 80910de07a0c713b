"""`kill -9` in mid-call: who comes back into the room hears that the thread was lost, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_agent.config import phrases
from local_agent.config.settings import GREETING
from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak, launch
from tests.calls.kills import fixed_ports, ready
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)


def started(folder: Path, starter: Starter, ports: dict[str, str]) -> Product:
    return ready(launch(folder, starter.whisper.parent, "--log-transcripts", **ports))


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("killed")


def test_a_killed_agent_says_that_it_lost_the_thread(folder: Path, starter: Starter, speak: Speak) -> None:
    async def talk(product: Product, room: str, *, question: bool) -> list[str]:
        async with Caller(product.address, room=room) as caller:
            await caller.hear_greeting()
            first = list(caller.said)
            if question:
                await caller.ask(speak("What is the capital city of France?"))
                product.process.kill()
                product.process.wait(10)
            return first

    ports = fixed_ports()
    product = started(folder, starter, ports)
    try:
        assert asyncio.run(talk(product, "kitchen", question=True)) == [GREETING]
        assert "heard: " in product.log and "said: " in product.log, "as --log-transcripts demands"
    finally:
        product.end()
    product = started(folder, starter, ports)  # at once, on the same ports
    try:
        assert asyncio.run(talk(product, "bathroom", question=False)) == [GREETING]
        assert asyncio.run(talk(product, "kitchen", question=False)) == [phrases.interrupted("en")]
        product.wait_for("Agent leaving room: kitchen", 20)
        assert asyncio.run(talk(product, "kitchen", question=False)) == [GREETING], "that call was ended"
    finally:
        product.end()

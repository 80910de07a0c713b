"""More callers than lines, and an agent that dies: nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.calls.caller import Caller
from tests.calls.conftest import Product, launch
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def one_line(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that takes one call at a time."""
    started = launch(tmp_path_factory.mktemp("line"), starter.whisper.parent, LOCAL_AGENT_MAX_CALLS="1")
    try:
        started.address = started.wait_for(r"Open (http://\S+)")[1]
        started.wait_for("Waiting for room connections")
        yield started
    finally:
        started.end()


def test_a_caller_gets_the_line_when_it_is_free(one_line: Product) -> None:
    async def both() -> None:
        async with Caller(one_line.address, identity="second") as second:
            await second.hear_greeting()
            async with Caller(one_line.address, identity="third") as third:
                assert not await third.wait_for_sound(4), "two calls on one line"
                await second.room.disconnect()
                await third.hear_greeting()

    asyncio.run(both())
    one_line.wait_for("has no agent: asking for one", 1)


def test_every_line_can_be_taken(product: Product) -> None:
    """livekit-server passes over a worker that reports a load of 0.7, however many lines it has left."""
    lines = int(product.wait_for(r"calls at once\s+(\d+)")[1])

    async def all_lines() -> None:
        async with AsyncExitStack() as calls:
            for number in range(lines):
                caller = await calls.enter_async_context(Caller(product.address, identity=f"line-{number}"))
                await caller.hear_greeting()

    asyncio.run(all_lines())
    assert "has no agent" not in product.log

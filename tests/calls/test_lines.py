"""More callers than lines, and an agent that dies: nobody waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from livekit import api

from local_agent.server import tokens
from local_agent.server.redispatch import QUEUE
from tests.calls.caller import Caller
from tests.calls.conftest import Product, answering, own_server
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def one_line(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that takes one call at a time."""
    with answering(tmp_path_factory.mktemp("line"), starter.whisper.parent, LOCAL_AGENT_MAX_CALLS="1") as started:
        yield started


def test_a_caller_gets_the_line_when_it_is_free(one_line: Product) -> None:
    """And is told meanwhile who is next: in the answer to the token request, and in the room."""

    async def all_three() -> None:
        async with Caller(one_line.address, identity="second") as second:
            await second.hear_greeting()
            assert second.answer["queue_position"] == 0
            async with Caller(one_line.address, identity="third") as third:
                assert third.answer["queue_position"] == 1
                await place(third, "1")
                assert not await third.wait_for_sound(1), "two calls on one line"
                async with Caller(one_line.address, identity="fourth") as fourth:
                    await place(fourth, "2")
                await second.room.disconnect()
                await place(third, "")
                await third.hear_greeting()

    asyncio.run(all_three())
    one_line.wait_for("has no agent: asking for one", 1)


async def place(caller: Caller, wanted: str) -> None:
    """Wait until the caller reads that place in the queue on the wire."""
    deadline = time.monotonic() + 10
    while caller.room.local_participant.attributes.get(QUEUE, "") != wanted:
        assert time.monotonic() < deadline, f"no word of place {wanted!r}: {caller.room.local_participant.attributes}"
        await asyncio.sleep(0.05)


def test_every_line_can_be_taken(product: Product) -> None:
    """livekit-server passes over a worker that reports a load of 0.7, however many lines it has left."""
    lines = int(product.wait_for(r"up to (\d+) calls at once")[1])

    async def all_lines() -> None:
        async with AsyncExitStack() as calls:
            for number in range(lines):
                caller = await calls.enter_async_context(Caller(product.address, identity=f"line-{number}"))
                await caller.hear_greeting()

    asyncio.run(all_lines())
    assert "has no agent" not in product.log


async def calls(product: Product) -> int:
    """How many calls /health counts."""
    async with aiohttp.ClientSession() as http, http.get(f"{product.address}/health") as answer:
        return int((await answer.json())["calls"])


async def all_free(product: Product, within: float) -> bool:
    """Whether no call is counted within so many seconds, and still none a second later."""
    deadline = time.monotonic() + within
    while await calls(product):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    return not await calls(product)


async def open_and_end(product: Product, room: str) -> None:
    """A room that is there for a moment, as for a page that is closed at once."""
    url, key, secret = own_server(product)
    signed = tokens.sign(tokens.Invitation(room, "hasty"), key=key, secret=secret, minutes=1)
    door = f"{url}/rtc?protocol=16&sdk=python&auto_subscribe=0&access_token={signed}"
    async with aiohttp.ClientSession() as http, http.ws_connect(door) as signalling:
        await signalling.receive(timeout=10)
    async with api.LiveKitAPI(url.replace("ws", "http", 1), key, secret) as client:
        await client.room.delete_room(api.DeleteRoomRequest(room=room))


def test_a_room_that_ended_before_its_agent_came_takes_no_line(one_line: Product) -> None:
    async def check() -> None:
        for number in range(3):
            await open_and_end(one_line, f"ended-{number}")
        async with Caller(one_line.address) as caller:
            await caller.hear_greeting()
        assert await all_free(one_line, 10), one_line.log

    asyncio.run(check())


def test_a_caller_who_leaves_at_once_keeps_no_line(one_line: Product) -> None:
    """Who only hangs up ends no room: livekit-server would keep it for 20 s, with the agent in it."""

    async def check() -> None:
        for number in range(3):
            async with Caller(one_line.address, identity=f"hasty-{number}"):
                pass
        await asyncio.sleep(1.0)
        assert await all_free(one_line, 10), one_line.log

    asyncio.run(check())

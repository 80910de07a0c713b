"""What a call leaves behind in the process: nothing, whichever way it ends."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.calls.caller import Caller
from tests.calls.conftest import Product
from tests.calls.soak import short_call, threads

pytestmark = pytest.mark.timeout(120)
# A caller who leaves amid the greeting leaves no words of it to be shown.
NO_FAULT = ("playback_finished called before text/audio input is done",)
CAPTURE = "AudioSourceCapt"  # WebRTC's thread behind the agent's voice, one a call


async def closed_page(address: str) -> None:
    """What a browser tab does that is closed: it tells the page's server, and its connection is only lost."""
    async with Caller(address) as caller:
        assert await caller.wait_for_sound(30), "no greeting"
        gone = asyncio.Event()
        caller.room.on("disconnected", lambda _: gone.set())
        async with aiohttp.ClientSession(address) as http:
            answer = await http.post("/api/livekit/leave", json={"token": caller.token})
            assert (await answer.json()) == {"ended": True}
        await asyncio.wait_for(gone.wait(), 10)


@pytest.mark.parametrize("leave", [short_call, closed_page])
def test_no_thread_and_no_fault(product: Product, leave) -> None:
    before, kept = len(product.lines), threads(product.process.pid)[CAPTURE]
    for _ in range(3):
        asyncio.run(leave(product.address))
    deadline = time.monotonic() + 20
    while (left := threads(product.process.pid)[CAPTURE]) > kept and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left <= kept, threads(product.process.pid)
    said = [line for line in product.lines[before:] if not any(text in line for text in NO_FAULT)]
    assert [line for line in said if " ERROR " in line or " WARNING " in line] == []

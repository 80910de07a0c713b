"""What a call leaves behind in the process: nothing, whichever way it ends."""

from __future__ import annotations

import asyncio
import ctypes
import time

import aiohttp
import pytest
from livekit import api, rtc

from local_agent.call.worker import free_room
from local_agent.server.api_keys import Keys
from tests.calls.caller import Caller
from tests.calls.conftest import Product
from tests.calls.soak import short_call, threads
from tests.doctor.doctorkit import livekit_server

pytestmark = pytest.mark.timeout(120)
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
    said = product.lines[before:]
    assert [line for line in said if " ERROR " in line or " WARNING " in line] == []


FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class MallInfo(ctypes.Structure):
    """mallinfo(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS.split()]


def in_use() -> float:
    """Megabytes that native code of this process has and has not freed."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = MallInfo
    return float(ask().uordblks) / 1e6


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="the C library tells nothing of its memory")
def test_a_room_that_could_be_asked_by_rpc_is_given_back() -> None:
    keys = Keys("devkey", "a secret of at least thirty-two characters")

    async def be_there(url: str, number: int) -> None:
        grants = api.VideoGrants(room_join=True, room=f"room-{number}")
        token = api.AccessToken(keys.key, keys.secret).with_identity("agent").with_grants(grants).to_jwt()
        room = rtc.Room()
        await room.connect(url, token)
        for method in ("forget", "choose"):
            room.local_participant.register_rpc_method(method, lambda _: "")
        await asyncio.sleep(0.5)  # or the connection is still being negotiated
        await room.disconnect()
        await free_room(room, alone=True)

    async def grown() -> float:
        async with livekit_server(keys) as url:
            for number in range(5):
                await be_there(url, number)
            before = in_use()
            for number in range(5, 15):
                await be_there(url, number)
            return in_use() - before

    assert asyncio.run(grown()) < 2.5  # 5 or more with one that is kept

"""Two workers on one LiveKit server, one of which is killed: the other one takes its calls over.

`python -m tests.calls.test_two_workers --stop 15` stops it for so many seconds instead (SIGSTOP, as a machine that is
asleep), and prints who was in the room then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from livekit import api

from local_agent.config.sources import load
from local_agent.server import tokens
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
from local_agent.server.rooms import agents_of_ours
from local_agent.simulated_caller import Participant
from tests.calls.conftest import Product, launch
from tests.calls.kills import ready
from tests.conftest import Starter, starter_weights

pytestmark = pytest.mark.timeout(120)

KEYS = Keys("shared", "shared-0123456789-abcdefghijklmnopqrst")
ROOM = "shared-room"
WITHIN = 10.0  # s in which a room has an agent of another worker


class Call:
    """A person in a room on a server that two workers share."""

    def __init__(self, url: str, caller: Participant, workers: list[Product]) -> None:
        self.url, self.caller, self.workers = url, caller, workers

    def answering(self) -> list[Product]:
        """The workers whose agents came into the room, in the order in which they are given."""
        return [one for one in self.workers if f"Agent joining room: {ROOM}" in one.log]

    async def agents(self) -> list[str]:
        """Identities of those in the room, as the server sees them."""
        async with api.LiveKitAPI(self.url.replace("ws", "http", 1), KEYS.key, KEYS.secret) as client:
            found = await client.room.list_participants(api.ListParticipantsRequest(room=ROOM))
        return [one.identity for one in agents_of_ours(found.participants)]


@asynccontextmanager
async def call(models: Path, folder: Path) -> AsyncIterator[Call]:
    """One that has been greeted."""
    server = LiveKit(binary(load()), Ports.free(), KEYS)
    await server.start()
    workers: list[Product] = []
    shared = {"LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": KEYS.key, "LIVEKIT_API_SECRET": KEYS.secret}
    try:
        for name in ("one", "two"):
            (folder / name).mkdir()
            workers.append(launch(folder / name, models, **shared))
        await asyncio.gather(*[asyncio.to_thread(ready, worker) for worker in workers])
        invitation = tokens.Invitation(ROOM, "caller")
        token = tokens.sign(invitation, key=KEYS.key, secret=KEYS.secret, minutes=5, shared=True)
        async with Participant("caller", server.url, token) as caller:
            assert await caller.sound(20) and await caller.quiet(20), "no greeting"
            yield Call(server.url, caller, workers)
    finally:
        for worker in workers:
            await asyncio.to_thread(worker.end)
        await server.stop()


async def until(done: Callable[[], bool], within: float) -> float:
    """Seconds until it is."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < within, f"not within {within} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def test_the_room_of_a_worker_that_was_killed_has_an_agent_of_the_other_soon(starter: Starter, tmp_path: Path) -> None:
    async def check() -> None:
        async with call(starter.whisper.parent, tmp_path) as going:
            (killed,) = going.answering()
            before = await going.agents()
            killed.process.kill()
            heard = asyncio.create_task(going.caller.sound(WITHIN + 5))
            came = await until(lambda: len(going.answering()) == 2, WITHIN)
            assert await heard, "the agent says nothing"
            after = await going.agents()
            assert len(before) == len(after) == 1 and before != after
            print(f"an agent came after {came:.1f} s")

    asyncio.run(check())


async def stopped(seconds: float) -> None:
    """What becomes of a call whose worker stands still for a while."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with call(starter_weights().whisper.parent, Path(folder)) as going:
            (sleeper,) = going.answering()
            print("before", await going.agents())
            os.kill(sleeper.process.pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
            print("still", await going.agents())
            os.kill(sleeper.process.pid, signal.SIGCONT)
            for _ in range(10):
                await asyncio.sleep(1.0)
                print("awake", await going.agents(), flush=True)
            for worker in going.workers:
                print("-- the sleeper" if worker is sleeper else "-- the other", *worker.lines[-12:], sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.calls.test_two_workers", description=__doc__)
    parser.add_argument("--stop", type=float, default=15.0, help="seconds")
    asyncio.run(stopped(parser.parse_args().stop))
    sys.exit(0)

"""livekit-server killed in mid-call, again and again: is the caller answered afterwards, and by one agent only?

The caller is back first, or the agent is, or the caller's own connection comes back by itself.

`python -m tests.calls.kills --kills 20` from the checkout prints a line for each kill and the figures of all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from livekit import api
from livekit.protocol.models import ParticipantInfo
from numpy.typing import NDArray

from tests.calls.caller import Caller
from tests.calls.conftest import Product, at_call_rate, launch, own_server

Order = Literal["caller", "agent", "itself"]
WITHIN = 20.0  # s for an answer; after that the agent counts as deaf
WATCHED = 4.0  # s in which agents are counted
TWICE = 6.0  # s between two attempts to be heard: the agent may have come back in the midst of the first


@dataclass(frozen=True)
class Outcome:
    """answered, agent_back: seconds from the server's return to the beginning of the answer (None where none came) and
    to the agent's. agents: the most that were in the room at once.
    """

    order: Order
    agent_back: float
    answered: float | None
    agents: int


def livekit_server(product: Product) -> int:
    """The process id of the livekit-server that a product runs."""
    for path in Path(f"/proc/{product.process.pid}/task").glob("*/children"):
        for child in path.read_text().split():
            if "livekit-server" in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    raise AssertionError("no livekit-server runs")


class Room:
    """What a server's own API tells of one room."""

    def __init__(self, product: Product, name: str) -> None:
        url, self.key, self.secret = own_server(product)
        self.url, self.name = url.replace("ws", "http", 1), name

    async def agents(self) -> int:
        """How many are in it; -1 while the server does not answer."""
        try:
            async with api.LiveKitAPI(self.url, self.key, self.secret) as client:
                found = await client.room.list_participants(api.ListParticipantsRequest(room=self.name))
        except api.TwirpError:
            return 0
        except Exception:
            return -1
        active = ParticipantInfo.State.ACTIVE
        return sum(one.kind == ParticipantInfo.Kind.AGENT and one.state == active for one in found.participants)

    async def wait(self, wanted: int, within: float = 30.0) -> float:
        """Until at least so many agents are in it; 0: until the server answers. When that was, monotonic."""
        deadline = time.monotonic() + within
        while await self.agents() < wanted:
            assert time.monotonic() < deadline, f"{wanted} agents were not in the room within {within} s"
            await asyncio.sleep(0.02)
        return time.monotonic()


async def kill_once(product: Product, name: str, question: NDArray[np.int16], order: Order) -> Outcome:
    """One call, one kill, and what became of the call when its caller had come back."""
    room = Room(product, name)
    first = Caller(product.address, room=name)
    await first.__aenter__()
    await first.hear_greeting()
    os.kill(livekit_server(product), signal.SIGKILL)
    await asyncio.sleep(0.05)
    if order == "itself":
        back = await room.wait(0)
        outcome = await answered(room, first, question, order, back)
        await first.__aexit__()
        return outcome
    leaving = asyncio.create_task(first.__aexit__())  # takes long without a server
    back = await room.wait(0)
    if order == "agent":
        await room.wait(1)
    async with Caller(product.address, room=name) as caller:
        outcome = await answered(room, caller, question, order, back)
    await asyncio.wait({leaving}, timeout=10)
    return outcome


async def answered(room: Room, caller: Caller, question: NDArray[np.int16], order: Order, back: float) -> Outcome:
    """What became of the call. back: when the server was there again."""
    counting = asyncio.create_task(most(room))
    agent_back = await room.wait(1)
    answer = await heard(caller, question)
    return Outcome(order, agent_back - back, None if answer is None else answer - back, await counting)


async def most(room: Room) -> int:
    """The most agents that were in it, from now on."""
    found = 0
    deadline = time.monotonic() + WATCHED
    while time.monotonic() < deadline:
        found = max(found, await room.agents())
        await asyncio.sleep(0.1)
    return found


async def heard(caller: Caller, question: NDArray[np.int16]) -> float | None:
    """When an answer began to a question, which is asked again where there is none."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        understood, said = len(caller.heard), len(caller.sounds)
        await caller.play(question)
        ended = time.monotonic()
        while time.monotonic() < ended + TWICE:
            new = [moment for moment in caller.sounds[said:] if moment > ended]
            if len(caller.heard) > understood and len(new) >= 3:
                return new[0]
            await asyncio.sleep(0.05)
    return None


def told(outcomes: Sequence[Outcome]) -> str:
    """The figures of all."""
    times = sorted(one.answered for one in outcomes if one.answered is not None)
    deaf = sum(one.answered is None for one in outcomes)
    doubled = sum(one.agents > 1 for one in outcomes)
    p95 = f"{times[int(0.95 * (len(times) - 1) + 0.5)]:.1f} s" if times else "-"
    return f"{len(outcomes)} kills: {deaf} deaf, {doubled} doubled, answered after {p95} (p95)"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.calls.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    wanted = parser.parse_args().kills
    from local_agent.engines.piper import Piper
    from tests.conftest import starter_weights

    starter = starter_weights()
    voice = Piper(starter.voice, threads=1)
    pieces: list[bytes] = []
    voice.synthesize("What is two plus two?", on_audio=pieces.append).result(60)
    question = at_call_rate(np.frombuffer(b"".join(pieces), np.int16), voice.sample_rate)
    voice.close()
    with tempfile.TemporaryDirectory() as folder:
        product = launch(Path(folder), starter.whisper.parent)
        outcomes: list[Outcome] = []
        try:
            product.address = product.wait_for(r"Open (http://\S+)")[1]
            product.wait_for("Waiting for room connections")
            for number in range(wanted):
                order: Order = ("caller", "agent", "itself")[number % 3]
                outcomes.append(asyncio.run(kill_once(product, f"kill-{number}", question, order)))
                print(outcomes[-1], flush=True)
        finally:
            product.end()
            if "-v" in sys.argv:
                print(product.log)
    print(told(outcomes))
    return 0 if all(one.answered is not None and one.agents == 1 for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())

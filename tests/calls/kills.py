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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from livekit import api
from livekit.protocol.models import ParticipantInfo
from numpy.typing import NDArray

from local_agent.engines.piper.engine import Piper
from local_agent.server.livekit import Ports
from local_agent.server.ports import free_port
from tests.calls.caller import Caller
from tests.calls.conftest import Product, at_call_rate, launch, own_server
from tests.conftest import starter_weights

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


async def served(address: str, room: str, within: float = 10.0) -> float | None:
    """Seconds until a caller who joins that room hears an agent; None: not within so many."""
    began = time.monotonic()
    async with Caller(address, room=room) as caller:
        return time.monotonic() - began if await caller.wait_for_sound(within) else None


async def stop_once(product: Product, room: str, question: NDArray[np.int16], seconds: float) -> Outcome:
    """The whole product is stopped for a while (SIGSTOP, as by a laptop's lid) and goes on; its caller stays."""
    watched = Room(product, room)
    async with Caller(product.address, room=room) as caller:
        await caller.hear_greeting()
        os.kill(product.process.pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(product.process.pid, signal.SIGCONT)
        return await answered(watched, caller, question, "itself", time.monotonic())


@contextmanager
def running(models: Path, *flags: str, **variables: str) -> Iterator[Product]:
    """A product in a folder of its own, ready for calls."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        product = launch(Path(folder), models, *flags, **variables)
        try:
            ready(product)
            yield product
        finally:
            product.end()


def ready(product: Product) -> Product:
    """The product, when its page says that it may be called."""
    product.address = product.wait_for(r"Open (http://\S+)")[1]
    product.wait_for("Waiting for room connections")
    return product


def fixed_ports() -> dict[str, str]:
    """Ports that a product finds again when it is started anew."""
    ports, page = Ports.free(), free_port()
    return {
        "LOCAL_AGENT_PORT": str(page),
        "LOCAL_AGENT_LIVEKIT_PORT": str(ports.signal),
        "LOCAL_AGENT_RTC_TCP_PORT": str(ports.tcp),
        "LOCAL_AGENT_RTC_UDP_PORT": str(ports.udp),
    }


def spoken(text: str) -> NDArray[np.int16]:
    """int16 [samples] at the rate of a microphone."""
    voice = Piper(starter_weights().voice, threads=1)
    pieces: list[bytes] = []
    voice.synthesize(text, on_audio=pieces.append).result(60)
    rate = voice.sample_rate
    voice.close()
    return at_call_rate(np.frombuffer(b"".join(pieces), np.int16), rate)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.calls.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of livekit-server")
    parser.add_argument("--stop", type=float, default=0.0, help="seconds that the product is stopped instead")
    wanted = parser.parse_args()
    question, outcomes = spoken("What is two plus two?"), []
    with running(starter_weights().whisper.parent) as product:
        if wanted.stop:
            outcomes.append(asyncio.run(stop_once(product, "stopped", question, wanted.stop)))
        else:
            for number in range(wanted.kills):
                order: Order = ("caller", "agent", "itself")[number % 3]
                outcomes.append(asyncio.run(kill_once(product, f"kill-{number}", question, order)))
                print(outcomes[-1], flush=True)
    print(told(outcomes))
    return 0 if all(one.answered is not None and one.agents == 1 for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Short calls one after the other, and what they leave behind: python -m tests.calls.soak ADDRESS PID [CALLS]

ADDRESS, PID: of a `start` that runs. Prints the threads and the memory of that process after every tenth call; from the
twentieth on they should not grow.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import psutil

from tests.calls.caller import Caller


def threads(pid: int) -> Counter[str]:
    """Native threads of a process by the name that the kernel knows, 15 characters of it (Linux)."""
    names = Counter[str]()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            names[(task / "comm").read_text().strip()] += 1
        except OSError:  # it ended meanwhile
            continue
    return names


async def short_call(address: str) -> None:
    """Hear the agent begin to greet, and hang up."""
    async with Caller(address) as caller:
        assert await caller.wait_for_sound(30), "no greeting"


async def soak(address: str, pid: int, calls: int) -> None:
    """Hold the calls, and print."""
    process = psutil.Process(pid)
    for number in range(1, calls + 1):
        await short_call(address)
        if number % 10 == 0:
            await asyncio.sleep(3.0)
            found, memory = threads(pid), process.memory_info().rss / 1e6
            print(f"{number} calls: {sum(found.values())} threads, {memory:.0f} MB, {found.most_common(3)}", flush=True)


if __name__ == "__main__":
    asyncio.run(soak(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 120))

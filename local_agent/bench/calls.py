"""The callers of a run, in a process of their own, so that what they do costs the agent no turn of its event loop.

Reads one plan from standard input (`Plan.to_json`), holds the calls, writes each turn as a line of JSON. Ends when
standard input does, which is when whoever started it has gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local_agent.bench.caller import Caller, Line
from local_agent.bench.clips import Clip
from local_agent.bench.statistics import Turn
from local_agent.bench.subprocess_json import perform, tell
from local_agent.process.exit import leave

BLOCK = 4  # clips of a call, where stacks take turns


@dataclass(frozen=True)
class Plan:
    """Who calls whom and says what. lines: by the stack's name. orders: the clips of each caller, in order.

    With one line every caller goes at a pace of its own, in one call. With several the lines take turns (A B A B): all
    callers say the same BLOCK clips in a call on each, one line after the other, so that never two stacks hear anybody
    at once, not even silence.
    """

    lines: dict[str, Line]
    orders: list[list[Clip]]

    def to_json(self) -> dict[str, Any]:
        orders = [[asdict(clip) | {"path": str(clip.path)} for clip in order] for order in self.orders]
        return {"lines": {name: asdict(line) for name, line in self.lines.items()}, "orders": orders}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Plan:
        orders = [[Clip(**clip | {"path": Path(clip["path"])}) for clip in order] for order in given["orders"]]
        return cls({name: Line(**line) for name, line in given["lines"].items()}, orders)

    def blocks(self) -> Iterator[list[list[Clip]]]:
        """The next clips of each caller."""
        for first in range(0, max(map(len, self.orders)), BLOCK):
            yield [order[first : first + BLOCK] for order in self.orders]


async def hold(plan: Plan) -> None:
    """Hold all calls, telling each turn. Raises ServerError where nobody answers a call."""
    if len(plan.lines) == 1:
        ((name, line),) = plan.lines.items()
        await _calls(name, line, plan.orders)
        return
    for number, orders in enumerate(plan.blocks()):
        for name, line in plan.lines.items():
            await _calls(name, line, orders, number)


async def _calls(name: str, line: Line, orders: list[list[Clip]], block: int = 0) -> None:
    """One call of each caller on one line, all at once."""
    async with AsyncExitStack() as stack:
        callers = [
            await stack.enter_async_context(Caller(name, line, number, block * BLOCK)) for number in range(len(orders))
        ]
        await asyncio.gather(*(caller.settle() for caller in callers))
        await asyncio.gather(*(_alone(caller, order) for caller, order in zip(callers, orders, strict=True)))


async def _alone(caller: Caller, clips: list[Clip]) -> None:
    for clip in clips:
        await _turn(caller, clip)


async def _turn(caller: Caller, clip: Clip) -> None:
    turn: Turn = await caller.turn(clip)
    tell({"turn": asdict(turn)})


if __name__ == "__main__":
    leave(asyncio.run(perform(lambda given: hold(Plan.from_json(given)))))

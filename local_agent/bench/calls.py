"""The callers of a run, in a process of their own, so that what they do costs the agent no turn of its event loop.

Reads one plan from standard input (`Plan.to_json`), holds the calls, writes each turn as a line of JSON. Ends when
standard input does, which is when whoever started it has gone.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local_agent import seal
from local_agent.bench.caller import Caller, Line
from local_agent.bench.child import tell, told, until_orphaned
from local_agent.bench.clips import Clip
from local_agent.bench.figures import Turn
from local_agent.errors import LocalAgentError


@dataclass(frozen=True)
class Plan:
    """Who calls whom and says what. lines: by the stack's name. orders: the clips of each caller, in order.

    With one line every caller goes at a pace of its own. With several each caller has a call on every line and says
    each clip on all of them in turn (A B A B); all callers of one line then speak at about the same time, and nobody
    speaks on the others.
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

    def rounds(self) -> Iterator[list[tuple[int, Clip]]]:
        """(caller, clip) of each round."""
        for clips in zip(*self.orders, strict=True):
            yield list(enumerate(clips))


async def hold(plan: Plan) -> None:
    """Hold all calls, telling each turn. Raises ServerError where nobody answers a call."""
    async with AsyncExitStack() as stack:
        callers: dict[tuple[str, int], Caller] = {}
        for name, line in plan.lines.items():
            for number in range(len(plan.orders)):
                callers[name, number] = await stack.enter_async_context(Caller(name, line, number))
        await asyncio.gather(*(caller.settle() for caller in callers.values()))
        if len(plan.lines) == 1:
            await asyncio.gather(*(_alone(caller, plan.orders[number]) for (_, number), caller in callers.items()))
            return
        for pairs in plan.rounds():
            for name in plan.lines:
                await asyncio.gather(*(_turn(callers[name, number], clip) for number, clip in pairs))


async def _alone(caller: Caller, clips: list[Clip]) -> None:
    for clip in clips:
        await _turn(caller, clip)


async def _turn(caller: Caller, clip: Clip) -> None:
    turn: Turn = await caller.turn(clip)
    tell({"turn": asdict(turn)})


async def _main() -> int:
    seal.close(seal.HERE)
    plan = Plan.from_json(await told())
    try:
        await until_orphaned(hold(plan))
    except LocalAgentError as error:
        tell({"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))

"""What a check says, and what a check is."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from local_agent.doctor.context import Case
from local_agent.errors import LocalAgentError, as_typed_here

Status = Literal["ok", "warning", "fails", "skipped"]
Ask = Callable[[Case], "Finding"] | Callable[[Case], Awaitable["Finding"]]
SECONDS = 15.0  # how long a check may take where it does not say otherwise


@dataclass(frozen=True)
class Finding:
    """One row of the table. what: the check, which fills it in. found: what is there. fix: the next step."""

    what: str
    status: Status
    found: str
    fix: str = ""


def ok(found: str) -> Finding:
    return Finding("", "ok", found)


def warning(found: str, fix: str) -> Finding:
    return Finding("", "warning", as_typed_here(found), as_typed_here(fix))


def fails(found: str, fix: str) -> Finding:
    return Finding("", "fails", as_typed_here(found), as_typed_here(fix))


def skipped(reason: str) -> Finding:
    return Finding("", "skipped", reason)


def refused(error: LocalAgentError) -> Finding:
    """An error of ours as a failing finding."""
    expected = f"; expected {error.expected}" if error.expected else ""
    return fails(error.what + expected, error.fix or "python -m local_agent start --log-level debug shows more")


@dataclass(frozen=True)
class Check:
    """A named question. needs: names of checks that must not have failed. asks: it starts or asks a server, which
    --quick leaves out. seconds: its time limit.
    """

    what: str
    ask: Ask
    needs: tuple[str, ...] = ()
    seconds: float = SECONDS
    asks: bool = False

    async def __call__(self, case: Case) -> Finding:
        """The finding, whatever happens: a check that crashes or hangs is a failing finding that names itself."""
        missing = [need for need in self.needs if need in case.failed]
        if missing:
            return replace(skipped(f"needs {', '.join(missing)}"), what=self.what)
        if self.asks and case.quick:
            return replace(skipped("--quick asks and starts no server"), what=self.what)
        try:
            async with asyncio.timeout(self.seconds):
                finding = await self._answer(case)
        except LocalAgentError as error:
            finding = refused(error)
        except TimeoutError:
            finding = fails(
                f"no result within {self.seconds:g} s", f"run doctor again; report {self._name} if it stays"
            )
        except Exception as error:
            told = f"the check {self._name} itself failed: {type(error).__name__}: {error}"
            finding = fails(told.splitlines()[0], "report this line; the other checks are not touched by it")
        return replace(finding, what=self.what)

    @property
    def _name(self) -> str:
        return getattr(self.ask, "__name__", self.what)

    async def _answer(self, case: Case) -> Finding:
        if inspect.iscoroutinefunction(self.ask):
            found = await self.ask(case)
        else:
            found = await in_thread(lambda: self.ask(case))
        assert isinstance(found, Finding)
        return found


def check(
    what: str, *, needs: tuple[str, ...] = (), seconds: float = SECONDS, asks: bool = False
) -> Callable[[Ask], Check]:
    """Makes a function a Check."""
    return lambda ask: Check(what, ask, needs, seconds, asks)


async def in_thread(work: Callable[[], object]) -> object:
    """The result of `work`, on a thread that nobody waits for at the end: a check that hangs must not hold us up."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def tell(result: object, error: Exception | None) -> None:
        if not done.done():
            done.set_result(result) if error is None else done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as caught:
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="check", daemon=True).start()
    return await done

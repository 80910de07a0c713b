"""Modules of ours in processes of their own: one object in, objects out, a line of JSON each; ended for certain."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from local_agent.errors import LocalAgentError, ServerError
from local_agent.isolation import seal

LONGEST_LINE = 1 << 20  # bytes
PATIENCE = 8.0  # s for a child to end politely


class Child:
    """async with Child("local_agent.bench.calls", plan) as child: async for told in child: ...

    environment: None is this process's.
    """

    def __init__(self, module: str, plan: dict[str, Any], environment: dict[str, str] | None = None) -> None:
        self._module, self._plan, self._environment = module, plan, environment
        self._last_words: deque[str] = deque(maxlen=8)
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Child:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for us, who then end everything in order
        )
        assert self._process.stdin is not None
        self._listening = asyncio.create_task(self._listen())
        self._process.stdin.write(json.dumps(self._plan).encode() + b"\n")
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it: its input ends, which it takes for a wish to stop; then firmly."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        ending = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({ending}, timeout=PATIENCE)
        finally:
            if not ending.done():
                self._process.kill()
            await asyncio.wait({ending, *([self._listening] if self._listening else [])}, timeout=1.0)

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.returncode

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, until it ends. Raises ServerError when it fails, with its own words."""
        while (told := await self.next()) is not None:
            yield told

    async def next(self) -> dict[str, Any] | None:
        """The next thing it tells, None when it has ended well. Raises ServerError when it fails."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if line:
            told = dict(json.loads(line))
            if "error" in told:
                raise ServerError(str(told["error"]))
            return told
        code = await self._process.wait()
        if code:
            if self._listening is not None:
                await asyncio.wait({self._listening}, timeout=1.0)
            said = " | ".join(self._last_words) or "it said nothing"
            raise ServerError(f"{self._module} ended with status {code}: {said}")
        return None

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self._last_words.append(line.decode(errors="replace").strip()[:300])


def tell(told: dict[str, Any]) -> None:
    """In the child: one line to whoever started it. From any thread."""
    line = json.dumps(told).encode() + b"\n"
    with _telling:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


async def told() -> dict[str, Any]:
    """In the child: what it was given."""
    return dict(json.loads(await asyncio.to_thread(sys.stdin.buffer.readline)))


async def until_orphaned(work: Coroutine[Any, Any, None]) -> None:
    """In the child: do the work, or cancel it when standard input ends, which is when whoever started us has gone or
    has had enough. Raises what the work raises.
    """
    loop, orphaned = asyncio.get_running_loop(), asyncio.Event()
    source = sys.stdin.fileno()

    def look() -> None:
        if not os.read(source, 4096):
            loop.remove_reader(source)
            orphaned.set()

    loop.add_reader(source, look)
    working, waiting = asyncio.create_task(work), asyncio.create_task(orphaned.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        loop.remove_reader(source)
        for task in (working, waiting):
            task.cancel()
        await asyncio.wait({working, waiting}, timeout=PATIENCE / 2)


async def perform(work: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]) -> int:
    """In the child: seal the process, do the work on what it was given, tell an error of ours. Its exit status."""
    seal.close(seal.HERE)
    given = await told()
    try:
        await until_orphaned(work(given))
    except LocalAgentError as error:
        tell({"error": str(error)})
        return 1
    return 0


_telling = threading.Lock()

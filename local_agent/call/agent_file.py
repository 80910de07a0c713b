"""Somebody's own agent in a Python file, for `start --agent FILE`: what answers a call there."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from livekit.agents import AgentServer, JobContext, JobProcess

from local_agent.errors import ConfigError

MODULE = "agent_file"  # its name there: that of the file may be a library's
EXAMPLE = (
    "let the file have `server = AgentServer()` and `@server.rtc_session()` over `async def entrypoint(ctx)` "
    "(docs/plugins.md)"
)


@dataclass(frozen=True)
class AgentFile:
    """answer: the file's entrypoint. prepare, ended: what its AgentServer was told to run before and behind jobs."""

    path: Path
    answer: Callable[[JobContext], Awaitable[None]]
    prepare: Callable[[JobProcess], Any] | None = None
    ended: Callable[[JobContext], Any] | None = None


def load(path: Path) -> AgentFile:
    """Import a file, with the modules that lie beside it. Raises ConfigError: one line tells what is wrong there."""
    if not path.is_file():
        raise ConfigError(f"there is no file {path}", fix="correct --agent")
    module = _imported(path.absolute())
    servers = [one for one in vars(module).values() if isinstance(one, AgentServer)]
    for server in servers:
        if server._entrypoint_fnc is not None:
            return AgentFile(path, server._entrypoint_fnc, server.setup_fnc, server._session_end_fnc)
    entrypoint = getattr(module, "entrypoint", None)
    if inspect.iscoroutinefunction(entrypoint):
        prewarm = getattr(module, "prewarm", None)  # as livekit-agents' own examples call it
        return AgentFile(path, entrypoint, prewarm if inspect.isfunction(prewarm) else None)
    found = "an AgentServer that no function was given to" if servers else "neither an AgentServer nor an entrypoint"
    raise ConfigError(f"{path} has nothing that answers a call: {found}", fix=EXAMPLE)


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} is no Python file", expected="a name that ends in .py", fix="rename it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module  # where dataclasses and pydantic look for it
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ConfigError(
            f"{error.filename}, line {error.lineno}: {error.msg}", expected="Python", fix="correct that line"
        ) from error
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{path}{_line(error, path)} imports {error.name}, which is not installed here",
            fix=f"install it, into {sys.prefix}, or put it beside the file",
        ) from error
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        raise ConfigError(
            f"{path}{_line(error, path)} does not load: {type(error).__name__}{f': {said}' if said else ''}",
            expected="a file that only defines things; what runs them stands under `if __name__ == '__main__':`",
            fix="mend that line; python FILE shows the whole traceback",
        ) from error
    return module


def _line(error: BaseException, path: Path) -> str:
    """The last line of the file itself that led to an error."""
    numbers = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f", line {numbers[-1]}," if numbers else ""

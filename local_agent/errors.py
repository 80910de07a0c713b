"""The one tree of exceptions.

    LocalAgentError
    ├── ConfigError            a setting is wrong, missing or contradicts another
    ├── HardwareError          a device was demanded that is not there, or does not load
    ├── WeightsError           a model on disk is not what it should be
    │   ├── WeightsMissing     a file or folder is not there
    │   ├── WeightsCorrupt     a file is there but truncated or altered
    │   ├── DownloadFailed     fetching did not succeed; what arrived so far is kept
    │   ├── BundleRefused      a bundle is altered, cut or for another machine; nothing of it was installed
    │   └── InstallFailed      a bundle could not be read or put in place; what was verified so far is kept
    ├── EngineError            inference went wrong
    │   ├── EngineBusy         the lane or the sequences are full (worth retrying)
    │   ├── EngineTimeout      a deadline passed before the work was done
    │   ├── EngineCancelled    somebody no longer wants the result
    │   ├── EngineClosed       the engine was shut down
    │   ├── ContextExhausted   the conversation does not fit the context
    │   └── BadInput           audio or text that no engine can work on
    ├── StepFailed             a program that set-up ran failed, or the machine lacks what a step needs
    ├── RecordingUnreadable    a recording is altered, cut off or for another key
    ├── Sealed                 something tried to leave this machine (a PermissionError too)
    ├── ProofVoid              a proof could not be carried out, and so says nothing
    └── ServerError            what a call needs around the agent
        ├── PortInUse
        ├── LiveKitMissing     no livekit-server binary
        ├── LiveKitUnreachable
        ├── LiveKitRefused     the server answered, and said no (wrong key or secret)
        └── RequestRefused     a caller's HTTP request breaks a rule of ours; carries the status to answer with

Every error says what happened, what was expected and what to do next; `str()` joins the three. Native errors are
translated once, at the engine's edge; plugins translate this tree into livekit's `APIError` once, at theirs.
"""

from __future__ import annotations

import difflib
import errno
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ALIKE = 0.6  # of difflib's ratio: two letters of four or three of seven may differ
CHECKOUT = Path(__file__).resolve().parents[1]
WRAPPER = "local-agent"  # in a checkout, and the console script of a wheel
_OURS = re.compile(
    r"(?<![\w./-])(?:python -m local_agent\b(?!\.)|python -m (?=pip\b(?!\.))|make (?=(?:clean )?(?:setup|start)\b))"
)


def as_typed_here(text: str) -> str:
    """A text with our own commands as they work in the shell that reads it, from the folder it is in.

    Messages say `python -m local_agent ...`, `python -m pip ...`, `make setup` and `make start`. In a checkout that
    `make setup` has filled the first is `./local-agent`, elsewhere what was typed. Where `python` is another program
    than the one that runs, its path stands instead: relative below the current folder, else absolute.
    """
    return _OURS.sub(lambda found: _spelled(found[0]), text)


def _spelled(command: str) -> str:
    if command.startswith("make"):
        return _make()
    return _agent() if command.endswith("local_agent") else _python()


def _agent() -> str:
    running, wrapper = Path(sys.executable or "python"), CHECKOUT / WRAPPER
    if running == CHECKOUT / ".venv" / "bin" / "python" and wrapper.is_file():
        return f"./{WRAPPER}" if Path.cwd() == CHECKOUT else shlex.quote(str(wrapper))
    typed = Path(sys.argv[0]) if sys.argv else Path()
    if typed.name == WRAPPER and typed.is_file():
        return WRAPPER if shutil.which(WRAPPER) == str(typed) else shlex.quote(str(typed))
    return f"{_python()}local_agent"


def _python() -> str:
    running = Path(sys.executable or "python")
    if shutil.which("python") == str(running):
        return "python -m "
    shown = running.relative_to(Path.cwd()) if running.is_relative_to(Path.cwd()) else running
    return f"{shlex.quote(str(shown))} -m "


def _make() -> str:
    if not in_checkout():
        return "in a checkout of local_agent: make "
    return "make " if Path.cwd() == CHECKOUT else f"make -C {shlex.quote(str(CHECKOUT))} "


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant; empty where none is like it. Half alike is not: `base` is no `large`."""
    spelled = {word.lower(): word for word in known}
    found = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=ALIKE)
    return spelled[found[0]] if found else ""


def in_checkout() -> bool:
    """Whether this package lies in a checkout, whose `make` can mend it; a wheel has none."""
    return (CHECKOUT / "Makefile").is_file()


def set_up() -> str:
    """The command that brings what is missing: a checkout's, or that of an installation by pip."""
    return "make setup" if in_checkout() else "python -m local_agent setup"


class LocalAgentError(Exception):
    """Base of all our errors.

    what: what happened. expected: what should have been. fix: the next step, best a command (`as_typed_here`).
    retryable: the same call may succeed a moment later.
    """

    retryable = False

    def __init__(self, what: str, *, expected: str = "", fix: str = "") -> None:
        fix = as_typed_here(fix)
        self.what, self.expected, self.fix = what, expected, fix
        parts = [what.rstrip(".")]
        if expected:
            parts.append(f"expected {expected}".rstrip("."))
        if fix:
            parts.append(f"fix: {fix}")
        super().__init__("; ".join(parts))


class ConfigError(LocalAgentError):
    """A setting is wrong, missing or contradicts another."""


class HardwareError(LocalAgentError):
    """A device was demanded that is not there, or does not load."""


class WeightsError(LocalAgentError):
    """A model on disk is not what it should be."""


class WeightsMissing(WeightsError):
    """A file or folder of a model is not there."""


class WeightsCorrupt(WeightsError):
    """A model file is truncated or altered."""


class DownloadFailed(WeightsError):
    """Fetching did not succeed; what arrived so far is kept and the next try goes on from there."""


class BundleRefused(WeightsError):
    """A bundle is altered, cut or for another machine; nothing of it was installed."""


class InstallFailed(WeightsError):
    """A bundle could not be read or put in place; what was verified so far is kept, and the next try goes on there."""


class EngineError(LocalAgentError):
    """Inference went wrong."""


class EngineBusy(EngineError):
    """The lane or the sequences are full."""

    retryable = True


class EngineTimeout(EngineError):
    """A deadline passed before the work was done."""

    retryable = True


class EngineStuck(EngineError):
    """Native code has not come back from a piece of work for far longer than that may take."""


class EngineCancelled(EngineError):
    """Somebody no longer wants the result."""


class EngineClosed(EngineError):
    """The engine was shut down."""


class ContextExhausted(EngineError):
    """The conversation does not fit the model's context."""


class BadInput(EngineError):
    """Audio or text that no engine can work on."""


class StepFailed(LocalAgentError):
    """A step of set-up did not succeed. log: the file with everything that was said; tail: its last lines."""

    def __init__(self, what: str, *, fix: str, log: Path | None = None, tail: Sequence[str] = ()) -> None:
        super().__init__(what, fix=fix)
        self.log, self.tail = log, tuple(tail)

    def report(self) -> str:
        """All of it, a line each: the end of the log, what failed, the log, what to do."""
        lines = [f"    | {line}" for line in self.tail]
        lines.append(f"set-up failed at {self.what}")
        if self.log:
            lines.append(f"log: {self.log}")
        lines.append(f"fix: {self.fix}")
        return "\n".join(lines)


class RecordingUnreadable(LocalAgentError):
    """A recording is altered, cut off, or for another key."""


class Sealed(LocalAgentError, PermissionError):
    """Code of this process tried to leave the machine. To libraries it looks like a network that refuses."""

    def __init__(self, what: str, *, expected: str = "", fix: str = "") -> None:
        super().__init__(what, expected=expected, fix=fix)
        self.errno = errno.EPERM


class ProofVoid(LocalAgentError):
    """A proof could not be carried out: it says nothing, neither for nor against."""


class ServerError(LocalAgentError):
    """Something that a call needs around the agent is not there."""


class PortInUse(ServerError):
    """Another process listens where we want to."""


class LiveKitMissing(ServerError):
    """There is no livekit-server binary."""


class LiveKitUnreachable(ServerError):
    """Nothing that speaks LiveKit answers at the URL."""


class LiveKitRefused(ServerError):
    """The LiveKit server answered, and said no."""


class RequestRefused(ServerError):
    """A caller's HTTP request breaks a rule of ours.

    status: HTTP status to answer with, 400 to 599; `what` is the reason that the caller is told. headers: more
    response headers.
    """

    def __init__(self, what: str, *, status: int = 400, headers: dict[str, str] | None = None) -> None:
        self.status, self.headers = status, headers or {}
        super().__init__(what)

"""Run a slow command: all it says goes to a log, a running line says how far it is, a failure says what to do."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from local_agent.errors import StepFailed
from local_agent.process.screen import REDRAWN, SCREEN, StatusLine

PATIENCE = 5.0  # seconds that an interrupted command has to end by itself
TAIL = 12  # lines of the log shown after a failure

_ADVICE: tuple[tuple[str, str], ...] = (
    (r"No space left on device|Disk quota exceeded", "the disk is full: make room, then the same command again"),
    (
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable|No route to host"
        r"|Connection (refused|reset|timed out)|Read timed out|no such host|i/o timeout"
        r"|dial tcp|Failed to establish a new connection",
        "the network or the package index cannot be reached: check both, then the same command again",
    ),
    (
        r"Could not find a version|No matching distribution",
        "the package index cannot be reached, or has no build for this Python and machine: check the network; "
        "Python 3.11 on x86-64 is what this was tried with",
    ),
    (r"CERTIFICATE_VERIFY_FAILED|x509: certificate", "a certificate is not trusted: set SSL_CERT_FILE and PIP_CERT"),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES|checksum mismatch|SECURITY ERROR",
        "what was served is not what is pinned: nothing of it was installed; check the mirror or proxy on the way",
    ),
    (
        r"No CMAKE_C(XX)?_COMPILER could be found|command '(gcc|cc|c\+\+)' failed|(gcc|g\+\+|cc|c\+\+): not found",
        "there is no working C/C++ compiler: apt install build-essential (Debian, Ubuntu) or dnf install gcc-c++ make",
    ),
    (
        r"Killed signal terminated program|fatal error: Killed|signal: killed|MemoryError|Cannot allocate memory",
        "memory ran out: close other programs, or run with one job: make setup JOBS=1",
    ),
)


class Stopped(Exception):
    """Another step failed, or a person stopped set-up: this command was ended, and no other is started."""


_stop = threading.Event()


def end_all() -> None:
    """End every command that runs, and start none until `allow`."""
    _stop.set()


def allow() -> None:
    """Commands may be started (again)."""
    _stop.clear()


def run(
    argv: Sequence[str | Path],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    status: StatusLine | None = None,
) -> str:
    """Run a command to its end and return what it printed. Raises StepFailed when it fails or is not there, Stopped
    when others ended it.
    """
    status = status or StatusLine()
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    process = _start(argv, folder, environment, captured=True)
    try:
        with log.open("a", encoding="utf-8", buffering=1) as stream, SCREEN.watching(log.stem, status):
            _follow(process, stream.write, lines, status)
    except BaseException:
        _end(process)
        raise
    if process.returncode != 0:
        raise StepFailed(
            f"{Path(argv[0]).name} ended with status {process.returncode}",
            fix=advice("\n".join(lines[-400:])),
            log=log,
            tail=lines[-TAIL:],
        )
    return "\n".join(lines)


def run_openly(argv: Sequence[str | Path], *, folder: Path) -> int:
    """Run a command that talks to the person itself; returns its exit status. Raises as `run` does."""
    process = _start(argv, folder, None)
    try:
        while process.poll() is None:
            if _stop.wait(0.1):
                raise Stopped
    except BaseException:
        _end(process)
        raise
    return process.returncode


def _start(
    argv: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None, *, captured: bool = False
) -> subprocess.Popen[str]:
    """A command in a process group of its own, so that all it starts can be ended with it."""
    if _stop.is_set():
        raise Stopped
    words = [str(word) for word in argv]
    if environment:  # beside all that this process has
        words = ["env", *(f"{name}={value}" for name, value in environment.items()), *words]
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            process_group=0,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
        )
    except OSError as error:
        raise StepFailed(
            f"{argv[0]} cannot be started ({error.strerror})", fix="install it, then run the same command again"
        ) from error


def advice(said: str) -> str:
    """What to do about a failure, read from what the command said."""
    found = (fix for pattern, fix in _ADVICE if re.search(pattern, said))
    return next(found, "read the log; when it is mended, run the same command: what is done is not done again")


def _follow(
    process: subprocess.Popen[str], write: Callable[[str], object], lines: list[str], status: StatusLine
) -> None:
    """Read the command's lines until it ends, showing the status twice a second meanwhile."""
    heard: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None

    def listen(source: IO[str] = process.stdout) -> None:
        for line in source:
            heard.put(line)
        heard.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        if _stop.is_set():
            raise Stopped
        try:
            line = heard.get(timeout=REDRAWN)
        except queue.Empty:
            SCREEN.show()
            continue
        if line is None:
            break
        write(line)
        lines.append(line.rstrip("\n"))
        status.heard(line)
        SCREEN.show()
    process.wait()


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and all that it started: as Ctrl-C does at first, which lets it put away what it has half done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        _signal(process, number)
        try:
            process.wait(PATIENCE)
            break
        except subprocess.TimeoutExpired:
            continue
    _signal(process, signal.SIGKILL)  # the command, or what it left behind
    process.wait()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """To every process of its group; nothing where none is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)

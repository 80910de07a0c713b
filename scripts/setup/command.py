"""Run a slow command: all it says goes to a log, a running line says how far it is, a failure says what to do."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

EVERY = 15.0  # seconds between two lines where there is no terminal
PATIENCE = 5.0  # seconds that an interrupted command has to end by itself
TAIL = 12  # lines of the log shown after a failure

_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]\s*(.*)")
_SOURCE = re.compile(r"([\w.-]+\.(?:cpp|cc|c|cu|S)(?:\.o)?)\s*$")
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"No space left on device|Disk quota exceeded", "the disk is full: make room, then run make again"),
    (
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable|No route to host"
        r"|Connection (refused|reset|timed out)|Read timed out|no such host|i/o timeout"
        r"|dial tcp|Failed to establish a new connection",
        "the network or the package index cannot be reached: check both, then run make again",
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


class StepFailed(Exception):
    """A step did not succeed. `fix` is the next thing to do; `log` the file with everything that was said."""

    def __init__(self, what: str, *, fix: str, log: Path | None = None, tail: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what, self.fix, self.log, self.tail = what, fix, log, tuple(tail)


class StatusLine:
    """One line that says how long it has been, how far it is and what happens, rewritten in a terminal."""

    def __init__(self, terminal: bool | None = None) -> None:
        self.terminal = sys.stdout.isatty() if terminal is None else terminal
        self.began = self.shown = time.monotonic()
        self.text, self.share = "", ""

    def heard(self, line: str) -> None:
        """Take a line of the command into account."""
        step = _NINJA.match(line)
        if step:
            done, total = int(step[1]), int(step[2])
            self.share = f"{100 * done // max(total, 1):3d} % [{done}/{total}] "
            source = _SOURCE.search(step[3])
            line = f"compiling {source[1]}" if source else step[3]
        if line.strip():
            self.text = line.strip()

    def show(self) -> None:
        """Print it: every call in a terminal, every 15 s elsewhere."""
        now = time.monotonic()
        line = f"    {now - self.began:4.0f} s  {self.share}{self.text}"[:110]
        if self.terminal:
            print(f"\r\033[K{line}", end="", flush=True)
        elif now - self.shown >= EVERY:
            self.shown = now
            print(line, flush=True)

    def clear(self) -> None:
        if self.terminal:
            print("\r\033[K", end="", flush=True)


def run(
    argv: Sequence[str | Path],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    status: StatusLine | None = None,
) -> str:
    """Run a command to its end and return what it printed. Raises StepFailed when it fails or is not there."""
    status = status or StatusLine()
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise StepFailed(
            f"{argv[0]} cannot be started ({error.strerror})", fix="install it, then run make again"
        ) from error
    try:
        with log.open("a", encoding="utf-8", buffering=1) as stream:
            _follow(process, stream.write, lines, status)
    except BaseException:
        _end(process)
        raise
    finally:
        status.clear()
    if process.returncode != 0:
        raise StepFailed(
            f"{Path(argv[0]).name} ended with status {process.returncode}",
            fix=advice("\n".join(lines[-400:])),
            log=log,
            tail=lines[-TAIL:],
        )
    return "\n".join(lines)


def advice(said: str) -> str:
    """What to do about a failure, read from what the command said."""
    found = (fix for pattern, fix in _ADVICE if re.search(pattern, said))
    return next(found, "read the log; when it is mended, run make again: what is done is not done again")


def _follow(process: subprocess.Popen[str], write: object, lines: list[str], status: StatusLine) -> None:
    """Read the command's lines until it ends, showing the status twice a second meanwhile."""
    heard: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None and callable(write)

    def listen(source: object = process.stdout) -> None:
        for line in source:  # type: ignore[attr-defined]
            heard.put(line)
        heard.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=0.5)
        except queue.Empty:
            status.show()
            continue
        if line is None:
            break
        write(line)
        lines.append(line.rstrip("\n"))
        status.heard(line)
        if heard.empty():
            status.show()
    process.wait()


def _end(process: subprocess.Popen[str]) -> None:
    """After Ctrl-C the command has the signal too: let it end, and make it end when it does not."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""What a person sees while steps run beside each other: lines that stay, and a line for each command that runs."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 15.0  # seconds between two lines of a command where there is no terminal
REDRAWN = 0.5  # seconds between two drawings in a terminal
WIDTH = 110  # characters of a line

_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]\s*(.*)")
_SOURCE = re.compile(r"([\w.-]+\.(?:cpp|cc|c|cu|S|cxx)(?:\.o)?)\s*$")


class StatusLine:
    """How long it has been, how far a command is and what happens there."""

    def __init__(self) -> None:
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

    def line(self, name: str) -> str:
        """For a person; name: of the step."""
        return f"    {time.monotonic() - self.began:4.0f} s  {name}: {self.share}{self.text}"[:WIDTH]


class Screen:
    """Standard output, shared by the threads of all steps. quiet: nothing is shown at all."""

    def __init__(self, terminal: bool | None = None) -> None:
        self.quiet = False
        self._terminal = terminal
        self._lock = threading.RLock()
        self._running: list[tuple[str, StatusLine]] = []
        self._drawn, self._drawn_at = 0, 0.0

    def say(self, line: str) -> None:
        """A line that stays."""
        if self.quiet:
            return
        with self._lock:
            self._clear()
            print(line, flush=True)
            self._draw()

    @contextmanager
    def watching(self, name: str, status: StatusLine) -> Iterator[None]:
        """Meanwhile a command has a line of its own."""
        one = (name, status)
        with self._lock:
            self._running.append(one)
        try:
            yield
        finally:
            with self._lock:
                self._clear()
                self._running.remove(one)
                self._draw()

    def show(self) -> None:
        """To be called often: draws at times in a terminal, and elsewhere prints a line of each command every 15 s."""
        if self.quiet:
            return
        with self._lock:
            now = time.monotonic()
            if self._is_terminal():
                if now - self._drawn_at >= REDRAWN:
                    self._clear()
                    self._draw()
                return
            for name, status in self._running:
                if now - status.shown >= EVERY:
                    status.shown = now
                    print(status.line(name), flush=True)

    def _is_terminal(self) -> bool:
        return sys.stdout.isatty() if self._terminal is None else self._terminal

    def _draw(self) -> None:
        if self.quiet or not self._is_terminal():
            return
        for name, status in self._running:
            print(status.line(name))
        sys.stdout.flush()
        self._drawn, self._drawn_at = len(self._running), time.monotonic()

    def _clear(self) -> None:
        if self._drawn:
            print(f"\033[{self._drawn}A\r\033[J", end="", flush=True)
            self._drawn = 0


SCREEN = Screen()

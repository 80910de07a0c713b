"""What a person sees while something downloads: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

EVERY = 5.0  # seconds between two lines where there is no terminal


class Silent:
    """Shows nothing."""

    def begin(self, label: str, done: int, total: int | None) -> None:
        pass

    def advance(self, done: int) -> None:
        pass

    def say(self, line: str) -> None:
        pass

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


class Lines(Silent):
    """A plain line every few seconds, and one when a file is complete: for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._label, self._start, self._total = "", 0, 0
        self._began = self._said = time.monotonic()

    def begin(self, label: str, done: int, total: int | None) -> None:
        self._label, self._start, self._total = label, done, total or 0
        self._began = self._said = time.monotonic()
        if done:
            self.say(f"{label}: going on at {megabytes(done)}")

    def advance(self, done: int) -> None:
        now = time.monotonic()
        if done == self._total or now - self._said >= EVERY:
            self._said = now
            rate = (done - self._start) / max(now - self._began, 1e-3)
            left = f", {(self._total - done) / max(rate, 1):.0f} s left" if self._total > done else ""
            of = f" of {megabytes(self._total)}" if self._total else ""
            self.say(f"{self._label}: {megabytes(done)}{of}, {megabytes(rate)}/s{left}")

    def say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Bar(Silent):
    """A bar with rate and time left, for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import TransferSpeedColumn as Speed

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            Speed(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, object] = {}
        self._task: object = None

    def begin(self, label: str, done: int, total: int | None) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label, total=total)
        self._task = self._tasks[label]
        self._progress.reset(self._task, total=total, completed=done)  # type: ignore[arg-type]

    def advance(self, done: int) -> None:
        self._progress.update(self._task, completed=done)  # type: ignore[arg-type]

    def say(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()


def watcher() -> Silent:
    """The display that suits where standard error goes."""
    if not sys.stderr.isatty():
        return Lines(sys.stderr)
    try:
        return Bar()
    except ImportError:  # outside of the virtual environment
        return Lines(sys.stderr)


def megabytes(count: float) -> str:
    """Bytes for a person to read."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"

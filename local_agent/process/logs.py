"""The log on standard error. Its reader may be slow, full or gone: nothing that logs waits for it, fails or ends by it.

Lines are written by a thread of their own, so a pipe that nobody empties holds up no call. What finds no place is
counted and told later.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import queue
import select
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.logging import RichHandler

QUIET = ("livekit", "livekit.agents", "aiohttp.access", "asyncio", "httpx", "faster_whisper", "piper")
WAITING = 5_000  # lines that may wait for a slow reader
BUSY_AGAIN = 600.0  # s from telling that the machine is too busy to telling it again
SAME, PERIOD = 50, 10.0  # warnings from one place in the code within so many seconds; more are left out
FLUSH = 2.0  # s that a flush, and so the end of the process, waits for a slow reader
WIDE = 10_000  # columns where there is no terminal: whoever reads a pipe or a journal wraps lines as they like
# A pipe without a reader, a terminal that was closed, a descriptor that is none: there will never be a reader again.
GONE = (errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO)

# What libraries say in calls in which nothing is wrong (livekit-agents 1.8.9, livekit 1.1.21); shown at debug only.
HARMLESS = (
    "Attempted to drop unknown FFI handle",  # a track that has gone is released by its wrapper in Python once more
    "Called in wrong state: closed",  # a caller hung up while the media connection was being negotiated once more
    "closed unexpectedly",  # a data channel, where the agent leaves while it is being opened
    # A caller hung up amid a reply: there are words of it that were never heard, and nobody to show them to.
    "playback_finished called before text/audio input is done",
    # Our stream ends turns by words and sound; the session's own detector serves interruptions and may take longer.
    "stt end of speech received while vad is still in a speech segment",
)
# What they say besides the one line that `Apology` writes of a failed engine.
TOLD_BY_US = (
    "Error in _llm_inference_task",
    "Error in _tts_inference_task",
    "STT stream ended on an unrecoverable error",
    "no aligned transcript was returned from tts",
)
# What they say, several times a second, where the detector of speech gets too little of the processor.
TOO_SLOW = "VAD inference is slower than realtime"
BUSY = (
    "this machine is too busy: what callers say is heard late; fix: end other programs, or allow fewer calls "
    "(LOCAL_AGENT_MAX_CALLS)"
)


def log_to_screen(level: str, *, libraries: str = "warning") -> Screen:
    """Our own messages at `level`, the libraries' from `libraries` on (all of them at debug)."""
    screen = Screen(tracebacks=level == "debug")
    logging.basicConfig(level=level.upper(), handlers=[screen], force=True)
    if level != "debug":
        for name in QUIET:
            logging.getLogger(name).setLevel(libraries.upper())
    return screen


class Screen(logging.Handler):
    """Standard error, for log records and for what a person should read. tracebacks: whole, else where it happened.

    On a terminal lines have colours and its width; elsewhere each record is one line of time, level and words.
    """

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self.terminal = terminal = sys.stderr is not None and sys.stderr.isatty()
        self._console = Console(stderr=True) if terminal else Console(file=io.StringIO(), width=WIDE)
        self._rich = RichHandler(console=self._console, show_path=False, markup=False) if terminal else None
        self._plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
        self.setFormatter(_Brief(tracebacks=tracebacks))
        if not tracebacks:
            self.addFilter(_is_news)
            self.addFilter(_Busy())
        self.addFilter(_Limit())
        self._lines: queue.Queue[logging.LogRecord | str | None] = queue.Queue(WAITING)
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record to the writing thread; its words are made here, before their subjects change."""
        told = logging.makeLogRecord(record.__dict__)
        told.args, told.exc_info, told.exc_text, told.stack_info = (), None, None, None
        try:
            told.msg = self.format(record)
        except Exception as error:  # a message that does not fit its arguments must not end what it is about
            told.msg = f"a log line could not be written ({error}): {record.msg!r:.200}"
        self._put(told)

    def say(self, *things: Any) -> None:
        """Show text in rich's markup, or what else rich can show, in its turn among the log lines."""
        with self._console.capture() as shown:
            self._console.print(*things, soft_wrap=all(isinstance(thing, str) for thing in things))
        lines = shown.get().splitlines()
        self._put("".join(f"{line if self._rich else line.rstrip()}\n" for line in lines))

    def flush(self) -> None:
        """Wait until all is written, FLUSH seconds at most."""
        done = self._lines.all_tasks_done
        with done:
            done.wait_for(lambda: not self._lines.unfinished_tasks, FLUSH)

    def close(self) -> None:
        """End the thread."""
        self._put(None)
        super().close()

    def _put(self, item: logging.LogRecord | str | None) -> None:
        try:
            self._lines.put_nowait(item)
        except queue.Full:
            self._lost += 1

    def _run(self) -> None:
        while (item := self._lines.get()) is not None:
            lost, self._lost = self._lost, 0
            note = f"{lost} log lines were lost: nobody read them, or there was no space for them\n" if lost else ""
            if not _write(note + (item if isinstance(item, str) else self._rendered(item))):
                self._lost += lost + 1
            self._lines.task_done()
        self._lines.task_done()

    def _rendered(self, record: logging.LogRecord) -> str:
        if self._rich is None:
            return self._plain.format(record) + "\n"
        with self._console.capture() as shown:
            self._rich.emit(record)
        return shown.get()


class _Brief(logging.Formatter):
    """One line a record. tracebacks: whole ones below it; else the error's kind, words and place."""

    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__("%(message)s")
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        if self._tracebacks:
            return super().format(record)
        words = record.getMessage()
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        return _one_line(words if error is None else f"{words}: {in_short(error)}")


def in_short(error: BaseException) -> str:
    """`Kind: words (module, line 12)`: the innermost place of ours, or of whoever raised it."""
    frames = [(frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [place for place in frames if str(place[0]).startswith("local_agent")]
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not frames:
        return words
    module, line = (ours or frames)[-1]
    return f"{words} ({module}, line {line})"


def _one_line(text: str) -> str:
    return " | ".join(part.strip() for part in text.splitlines() if part.strip())


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a library's line tells what is not harmless and not told by us."""
    if not record.name.startswith("livekit"):
        return True
    words = record.getMessage()
    if any(text in words for text in HARMLESS):
        return False
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    ours = error is None or any(kind.__name__ == "APIError" for kind in type(error).__mro__)  # not a bug of theirs
    return not (ours and words.startswith(TOLD_BY_US))


class _Busy(logging.Filter):
    """Tells in our words that the machine is too busy, once in BUSY_AGAIN seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._told = -BUSY_AGAIN

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("livekit") or record.getMessage() != TOO_SLOW:
            return True
        now = time.monotonic()
        if now - self._told < BUSY_AGAIN:
            return False
        self._told, record.msg, record.args = now, BUSY, ()
        return True


@dataclass(slots=True)
class _Count:
    began: float
    passed: int = 0
    left_out: int = 0


class _Limit(logging.Filter):
    """Lets SAME warnings and errors from one place in the code pass within PERIOD seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[tuple[str, int], _Count] = {}  # as many as there are places in the code

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        now = time.monotonic()
        count = self._counts.setdefault((record.pathname, record.lineno), _Count(now))
        if now - count.began > PERIOD:
            if count.left_out:
                record.msg, record.args = f"{record.getMessage()} ({count.left_out} more like this before)", ()
            count.began, count.passed, count.left_out = now, 0, 0
        count.passed += 1
        if count.passed == SAME:
            record.msg, record.args = f"{record.getMessage()} (more like this are left out for {PERIOD:g} s)", ()
        count.left_out += count.passed > SAME
        return count.passed <= SAME


def _write(text: str) -> bool:
    """Whether all of it went to standard error. Waits where its reader is slow."""
    stream = sys.stderr
    if stream is None:
        return True
    try:
        target = stream.fileno()
    except (OSError, ValueError):  # a test's, or a program's own
        return _write_to(stream, text)
    left = text.encode("utf-8", "replace")
    while left:
        try:
            left = left[os.write(target, left) :]
        except BlockingIOError:  # whoever started us shares it and made it so
            select.select([], [target], [], 1.0)
        except OSError as error:
            if error.errno in GONE:
                _forsake(target)
            return False
    return True


def _write_to(stream: Any, text: str) -> bool:
    try:
        stream.write(text)
    except (OSError, ValueError):
        return False
    return True


def _forsake(target: int) -> None:
    """Put the null device in place of a file that nobody reads, and of standard output where it is the same: native
    code that writes there, as a panic of Rust does, would end the process.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        gone = os.fstat(target)
        for number in {target, 1}:
            if number == target or os.path.samestat(os.fstat(number), gone):
                os.dup2(null, number)
    except OSError:
        os.dup2(null, target)
    finally:
        os.close(null)

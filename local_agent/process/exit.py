"""A process's output, and the end of one in which native libraries have run."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import time
from typing import NoReturn

PATIENCE = 5.0  # s for threads that are still at work, a file half written among it


def print_anything() -> None:
    """From now on no character ends the process that prints it: one that the terminal's encoding lacks is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def leave(status: int | str | None) -> NoReturn:
    """End this process as sys.exit(status) would, but for what native threads make of an interpreter that goes away.

    Engines that are still loading when another one turns out to be missing, or LiveKit's threads with a last event to
    tell, abort a process that takes itself apart under them (seen: "terminate called without an active exception",
    "panic in a function that cannot unwind"), and the exit status is lost. So nothing is taken apart: output is
    flushed, threads that are no daemons get PATIENCE to end, and the kernel does the rest.
    """
    if isinstance(status, str):
        print(status, file=sys.stderr)
    deadline = time.monotonic() + PATIENCE
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, deadline - time.monotonic()))
    logging.shutdown()
    code = 0 if status is None else status if isinstance(status, int) else 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more (a closed pipe), as Python's own exit has it
            code = code or 120
    os._exit(code)

"""A core kept busy by somebody else, for measurements of an engine that does not have the machine to itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def busy_core() -> Iterator[None]:
    """Another process computes all the while."""
    worker = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        worker.kill()
        worker.wait()

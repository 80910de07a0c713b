"""A process that dies in native code says where, whatever its other threads are doing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

BUSY = """
import os, sys, threading
from local_agent.cli.start import report_crashes
report_crashes()
sys.setrecursionlimit(5000)
def deep(n):
    return n if n == 0 else deep(n - 1) + 1
def work():
    while True:
        deep(900)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
def native_code_that_goes_wrong():
    os.abort()
native_code_that_goes_wrong()
"""


@pytest.mark.parametrize("attempt", range(5))  # with the other threads in the report most of them failed
def test_a_crash_is_reported_and_stays_what_it_was(attempt: int) -> None:
    done = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in done.stderr
    assert "in native_code_that_goes_wrong" in done.stderr and "in deep" not in done.stderr

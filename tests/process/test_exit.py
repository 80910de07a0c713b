"""A process ends with the status it was given, whatever is left running in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.process import exit as ending

PREAMBLE = """
import atexit, os, sys, threading, time
from local_agent.process.exit import leave
atexit.register(os.abort)  # as native threads do when they are taken apart
print("said before")
"""


def left(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PREAMBLE + script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("status", "code", "told"), [("None", 0, ""), ("0", 0, ""), ("7", 7, ""), ("'no room'", 1, "no room\n")]
)
def test_the_status_is_kept_and_nothing_is_taken_apart(status: str, code: int, told: str) -> None:
    done = left(f"leave({status})")
    assert (done.returncode, done.stdout, done.stderr) == (code, "said before\n", told)


def test_a_thread_may_finish_what_it_writes(tmp_path: Path) -> None:
    path = tmp_path / "written"
    done = left(
        """
def write():
    time.sleep(0.5)
    open(sys.argv[1], "w").write("whole")
threading.Thread(target=write).start()
leave(0)
""",
        str(path),
    )
    assert done.returncode == 0 and path.read_text() == "whole"


def test_a_thread_that_never_ends_is_left_behind() -> None:
    done = left(
        """
import local_agent.process.exit
local_agent.process.exit.PATIENCE = 0.2
for daemon in (True, False):
    threading.Thread(target=time.sleep, args=(1000,), daemon=daemon).start()
leave(3)
"""
    )
    assert done.returncode == 3
    assert ending.PATIENCE > 1


def test_a_reader_that_has_gone_is_told_by_the_status() -> None:
    script = PREAMBLE + "sys.stdin.read(); leave(0)"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = subprocess.Popen([sys.executable, "-c", script], env=buffered, **pipes)
    assert running.stdin is not None and running.stdout is not None
    running.stdout.close()
    running.stdin.close()
    assert running.wait(60) == 120

"""Whatever becomes of standard error, a process goes on, answers signals and ends as it would."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Logs without end, as a long call does; SIGTERM is answered as `start` answers it.
LOGGING = """
import asyncio, contextlib, logging, os, signal, sys
from local_agent.process.exit import leave
from local_agent.process.logs import log_to_screen
from local_agent.cli.start import Ending
signal.alarm(60)
screen = log_to_screen("info")
async def main():
    ending = Ending(7.0, screen)
    ending.listen()
    os.write(1, b"ready\\n")
    turns = 0
    while not ending.event.is_set():
        for _ in range(100):
            logging.getLogger("local_agent").info("turn %d %s", turns, "." * 200)
        turns += 1
        if turns == 30:
            os.write(1, b"thirty\\n")
        await asyncio.sleep(0.01)
    os.write(1, b"drains\\n" if not ending.now.is_set() else b"hurries\\n")
    await asyncio.wait_for(ending.now.wait(), float(sys.argv[1]))
with contextlib.suppress(TimeoutError):  # nobody hurried it
    asyncio.run(main())
leave(0)
"""


def running(stderr: int, *, patience: float = 0.1, **options: Any) -> subprocess.Popen[bytes]:
    """One that has logged more than any pipe holds."""
    command = [sys.executable, "-c", LOGGING, str(patience)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, **options)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return process


def ended(process: subprocess.Popen[bytes], *signals: int) -> tuple[int, list[bytes]]:
    """(status, lines on standard output) after these signals."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"thirty\n", "it stood still"
    said = []
    for number in signals:
        process.send_signal(number)
        said.append(process.stdout.readline())
    return process.wait(30), said


def test_a_reader_who_goes_away_ends_nothing() -> None:
    reading, writing = os.pipe()
    process = running(writing)
    os.close(writing)
    os.close(reading)
    assert ended(process, signal.SIGTERM) == (0, [b"drains\n"])


def test_a_reader_who_stands_still_holds_up_nothing() -> None:
    reading, writing = os.pipe()
    process = running(writing)
    os.close(writing)
    try:
        assert ended(process, signal.SIGTERM) == (0, [b"drains\n"])
    finally:
        os.close(reading)


def test_a_full_disk_ends_nothing() -> None:
    with Path("/dev/full").open("wb") as full:
        assert ended(running(full.fileno()), signal.SIGINT) == (0, [b"hurries\n"])


def test_a_terminal_that_is_closed_drains() -> None:
    master, slave = pty.openpty()
    process = running(slave)
    os.close(slave)
    os.close(master)
    assert ended(process, signal.SIGHUP) == (0, [b"drains\n"])


def test_under_nohup_a_closed_terminal_means_nothing() -> None:
    process = running(subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    assert ended(process, signal.SIGTERM) == (0, [b"drains\n"])


def test_a_second_signal_ends_the_calls_and_a_third_the_process() -> None:
    process = running(subprocess.DEVNULL, patience=30.0)
    assert process.stdout is not None and process.stdout.readline() == b"thirty\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"drains\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0, "the second one did not cut the drain short"


def logged(code: str, level: str = "info") -> str:
    """What a process writes to a pipe."""
    script = "import logging\nfrom local_agent.process.logs import log_to_screen\n"
    script += f"screen = log_to_screen({level!r})\n{code}\n"
    script += "from local_agent.process.exit import leave\nleave(0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


FAULT = """
from local_agent.errors import EngineTimeout
def inner():
    raise ValueError("two\\nlines")
try:
    try:
        inner()
    except ValueError as error:
        raise EngineTimeout("no token for 20 s", fix="a smaller model") from error
except EngineTimeout:
    logging.getLogger("livekit.agents").exception("the reply failed")
"""


def test_a_fault_is_one_line_with_its_place_and_a_traceback_at_debug() -> None:
    (line,) = logged(FAULT).splitlines()
    for words in ("ERROR", "the reply failed", "EngineTimeout: no token for 20 s", "smaller model", "line "):
        assert words in line
    assert "Traceback" in logged(FAULT, "debug")


@pytest.mark.parametrize("message", ["x " * 400, "[bold]not markup[/bold] [/]", "first\nsecond", "é 日本"])
def test_a_record_is_one_whole_line_where_there_is_no_terminal(message: str) -> None:
    (line,) = logged(f"logging.getLogger('local_agent').info('%s', {message!r})").splitlines()
    assert line.partition(" INFO ")[2] == " | ".join(message.strip().splitlines())


ORDINARY = """
log = logging.getLogger("livekit.agents")
log.warning("stt end of speech received while vad is still in a speech segment, flushing vad")
logging.getLogger("livekit").warning("livekit_ffi::server - Attempted to drop unknown FFI handle: 7")
closed = 'Rtc(RtcError { message: "Failed to set local offer sdp: Called in wrong state: closed" })'
logging.getLogger("livekit").error("failed to negotiate the publisher: %s", closed)
logging.getLogger("livekit").error("rtc_session - publisher data channel '_lossy' closed unexpectedly")
log.warning("_SegmentSynchronizerImpl.playback_finished called before text/audio input is done")
from livekit.agents import APIError
for error in (APIError("language model: broken"), KeyError("a bug")):
    try:
        raise error
    except Exception:
        log.exception("Error in _llm_inference_task")
log.warning("something else")
for _ in range(3):
    log.warning("VAD inference is slower than realtime", extra={"delay": 0.3})
"""


def test_what_is_harmless_or_told_by_us_is_left_out_and_a_bug_is_not() -> None:
    bug, other, busy = logged(ORDINARY).splitlines()
    assert "KeyError: 'a bug'" in bug and "something else" in other
    assert "too busy" in busy and "fix: " in busy and "VAD" not in busy
    whole = logged(ORDINARY, "debug")
    assert "FFI handle" in whole and whole.count("slower than realtime") == 3


def test_a_flood_of_one_warning_is_cut_and_counted() -> None:
    code = """
from local_agent.process import logs
for n in range(100_000):
    logging.getLogger("asyncio").error("socket.accept() out of system resource %d", n)
logging.getLogger("asyncio").error("another")
logs.PERIOD = 0.0
for n in range(3):
    logging.getLogger("livekit").warning("again %d", n)
"""
    lines = logged(code).splitlines()
    assert len(lines) < 100 and "left out" in lines[49] and lines[50].endswith("another")


def test_a_message_that_does_not_fit_its_arguments_is_told_and_ends_nothing() -> None:
    first, second = logged(
        "log = logging.getLogger('local_agent'); log.info('%d', 'x'); log.info('after')"
    ).splitlines()
    assert "could not be written" in first and second.endswith("after")


def test_a_table_is_not_wrapped_in_a_pipe() -> None:
    code = "from rich.table import Table\ntable = Table(box=None, show_header=False)\n"
    code += "table.add_row('llm', 'y' * 300, 'z' * 300)\nscreen.say(table)\nscreen.say('[bold]Open[/bold] it')"
    first, second = logged(code).splitlines()
    assert "y" * 300 in first and "z" * 300 in first and second == "Open it"

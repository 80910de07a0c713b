"""Steps of set-up run beside each other, one failure or Ctrl-C ends them all: with fake commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local_agent.errors import StepFailed
from local_agent.process.command import run
from local_agent.process.screen import Screen, StatusLine
from scripts.setup.lanes import perform
from scripts.setup.place import Place
from scripts.setup.step import Step

ROOT = Path(__file__).resolve().parents[1]
SLEEP = "import time; print('begun', flush=True); time.sleep(60)"
PATIENCE = 30  # seconds; what is waited for takes none


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "checkout", tmp_path / "cache")


def step(place: Place, name: str, work: Callable[[Place, Path], None], after: tuple[str, ...] = ()) -> Step:
    result = place.root / name

    def done(place: Place, log: Path) -> None:
        work(place, log)
        result.touch()

    return Step(name, "for a test", (name,), result.exists, done, after=after)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_steps_run_beside_each_other_and_after_those_they_need(place: Place) -> None:
    both, order = threading.Barrier(2), []

    def meets(place: Place, log: Path) -> None:
        both.wait(PATIENCE)  # passes only while the other step runs, too

    def notes(place: Place, log: Path) -> None:
        order.append((place.root / "left").exists() and (place.root / "right").exists())

    steps = [step(place, "last", notes, ("left", "right")), step(place, "left", meets), step(place, "right", meets)]
    assert perform(steps, place) == 3
    assert order == [True]
    assert perform(steps, place) == 0


def test_with_one_job_steps_run_one_after_the_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS", "1")
    alone, failed = threading.Lock(), []

    def work(place: Place, log: Path) -> None:
        failed.append(not alone.acquire(blocking=False))
        time.sleep(0.05)
        alone.release()

    assert perform([step(place, name, work) for name in "abc"], place) == 3
    assert failed == [False, False, False]


def test_a_failure_ends_the_other_steps_and_is_the_one_that_is_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """With all that their commands have started; what comes after is not begun."""
    child = place.root / "child"

    def long(place: Place, log: Path) -> None:
        started = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
        run(
            [sys.executable, "-c", f"{started} open({str(child)!r}, 'w').write(str(p.pid)); p.wait()"],
            log=log,
            folder=place.root,
        )

    def fails(place: Place, log: Path) -> None:
        until(lambda: child.is_file() and bool(child.read_text()))
        run([sys.executable, "-c", "raise SystemExit('no such host')"], log=log, folder=place.root)

    steps = [step(place, "long", long), step(place, "short", fails), step(place, "later", long, ("short",))]
    with pytest.raises(StepFailed) as caught:
        perform(steps, place)
    said = caught.value.report()
    assert "step 2 of 3, short" in said and "network" in said and "long" not in said
    until(lambda: gone(int(child.read_text())))
    assert "later" not in capsys.readouterr().out
    for one in steps:
        assert not one.there()
    (place.root / "long").touch()
    assert perform([step(place, "short", lambda *_: None)], place) == 1, "the next set-up goes on"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_everything(tmp_path: Path, number: signal.Signals) -> None:
    """Sent to set-up alone: the commands have it from there."""
    code = f"""
        import runpy, sys
        from pathlib import Path
        from scripts.setup import plan
        from local_agent.process.command import run
        from scripts.setup.place import Place
        from scripts.setup.step import Step
        place = Place(Path({str(tmp_path)!r}), Path({str(tmp_path)!r}))
        def work(name):
            words = [sys.executable, "-c", "import os, time; open(os.environ['F'], 'w').write(str(os.getpid())); time.sleep(60)"]
            return lambda place, log: run(words, log=log, folder=place.root, environment=dict(F=str(place.root / name)))
        made = [Step(name, "", (name,), lambda: False, work(name)) for name in ("a", "b")]
        plan.here, plan.steps = lambda gpu="": place, lambda *_, **__: made
        sys.argv = ["setup"]
        runpy.run_module("scripts.setup", run_name="__main__")
    """  # noqa: E501
    set_up = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    files = [tmp_path / name for name in "ab"]
    until(lambda: all(file.is_file() and file.read_text() for file in files))
    set_up.send_signal(number)
    _, said = set_up.communicate(timeout=PATIENCE)
    assert set_up.returncode == 130 and "the same command goes on from there" in said and "Traceback" not in said
    for file in files:
        assert gone(int(file.read_text()))


def test_every_command_has_one_line_which_is_drawn_anew(capsys: pytest.CaptureFixture[str]) -> None:
    for terminal in (True, False):
        screen, one, other = Screen(terminal=terminal), StatusLine(), StatusLine()
        with screen.watching("one", one), screen.watching("other", other):
            one.heard("first\n")
            screen.show()
            screen.say("a line that stays")
        said = capsys.readouterr().out
        if terminal:
            assert "\033[2A" in said and "s  one: first" in said and "s  other: " in said
            assert said.endswith("\033[1A\r\033[J"), "nothing is left of them"
        else:
            assert said == "a line that stays\n"
    screen.quiet = True
    screen.say("a line")
    assert capsys.readouterr().out == ""

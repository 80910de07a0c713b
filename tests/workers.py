"""How `make test` shares two cores: one worker holds the calls, the others do the rest and stand back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

ROOMS = "tests/calls/"
IN_REAL_TIME = (ROOMS, "tests/bundle/test_round_trip.py")
FIRST, LAST = "gw0", "gw2"
CALLS, PATIENT = "calls", "patient calls"
# In which nobody listens to a voice while it is spoken: they wait, more than they compute.
PATIENT_FILES = tuple(f"{ROOMS}test_{name}.py" for name in ("page", "origin", "lost_thread", "two_workers"))


class CallsApart(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Calls stay together, one after the other, on the worker that does not stand back, whichever is ready first; those
    that are patient on another; every other test is on its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(PATIENT_FILES):
            return PATIENT
        return CALLS if nodeid.startswith(IN_REAL_TIME) else nodeid

    def _reschedule(self, node: WorkerController) -> None:
        """A worker that takes the place of one that died gets nothing before it knows the tests: xdist 3.8 asks it too
        early where two died at once.
        """
        if node in self.registered_collections:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        for scope, worker in ((CALLS, FIRST), (PATIENT, LAST)):
            if scope in self.workqueue:
                self.workqueue.move_to_end(scope, last=node.gateway.id != worker)
        super()._assign_work_unit(node)


# What a worker may have beside the calls, by how Linux is told: shares of 1024, a weight of 100, or a niceness. An
# agent that must answer a page within seconds is left more than a table that nobody waits for.
LITTLE = {"cpu.shares": "128", "cpu.weight": "64", "autogroup": "19"}
SOME = {"cpu.shares": "256", "cpu.weight": "80", "autogroup": "9"}


def stand_back() -> None:
    """Let a worker that is not the first, and what it starts, have only what the calls leave, as far as this system
    knows how.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", FIRST)
    if worker == FIRST or not hasattr(os, "setsid"):
        return
    left, name = (SOME, "local_agent_patient") if worker == LAST else (LITTLE, "local_agent_tests")
    os.nice(int(left["autogroup"]))
    if _in_a_group(name, left):
        return
    group = Path("/proc/self/autogroup")
    if group.exists():  # Linux then shares between sessions first, and only within them by niceness
        os.setsid()
        group.write_text(left["autogroup"])


def _in_a_group(name: str, left: dict[str, str]) -> bool:
    """Linux shares between control groups before anything else; of them also a program in a session of its own is."""
    for parent, weight in ((Path("/sys/fs/cgroup/cpu"), "cpu.shares"), (Path("/sys/fs/cgroup"), "cpu.weight")):
        group = parent / name
        try:
            group.mkdir(exist_ok=True)
            (group / weight).write_text(left[weight])
            (group / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:  # who is not root, or has no such groups
            continue
        return True
    return False


def longest_first(items: list[pytest.Item]) -> None:
    """What may take long comes first, so that no worker is alone with it at the end."""

    def limit(item: pytest.Item) -> float:
        mark = item.get_closest_marker("timeout")
        return float(mark.args[0]) if mark is not None and mark.args else 0.0

    items.sort(key=lambda item: -limit(item) if not item.nodeid.startswith(IN_REAL_TIME) else 0.0)


def heed_ctrl_c() -> None:
    """Take SIGINT even where a script began the suite in its background, which lets it and every program that the
    tests start ignore the signal: then no test of Ctrl-C can pass.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import local_agent
from local_agent.bench import guest_process, response_time


def test_as_many_jobs_load_models_as_there_are_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []

    def prewarm(process: Any) -> None:
        process.userdata["local_agent"] = SimpleNamespace(load=lambda: loaded.append(process.number))

    monkeypatch.setattr(local_agent, "prewarm", prewarm)
    for number in range(3):
        process: Any = SimpleNamespace(userdata={}, number=number)
        guest_process.load(tmp_path, 2, process)
    assert loaded == [0, 1]
    told = response_time.JobProcesses(tmp_path)
    told.weigh()
    assert list(told.memory) == [os.getpid()], "jobs that are threads share a process"


def test_a_process_that_has_ended_keeps_what_it_weighed(tmp_path: Path) -> None:
    (tmp_path / guest_process.LOADED.format(0)).write_text("1073741824 5")  # Linux gives no such number
    told = response_time.JobProcesses(tmp_path, {1073741824: (5, 7)})
    told.weigh()
    assert told.memory == {1073741824: (5, 7)}


def test_errors_of_jobs_are_found_by_their_time(tmp_path: Path) -> None:
    told = response_time.JobProcesses(tmp_path)
    assert told.errors() == []
    (tmp_path / guest_process.ERRORS).write_text("12.5\n14.0\n")
    assert told.errors() == [12.5, 14.0]

"""Which layers keep everything here: of the running agent where it tells, else of this machine."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from local_agent.doctor import isolation
from local_agent.doctor.context import Page
from local_agent.isolation import kernel_filter
from local_agent.isolation.kernel_filter import Way
from tests.doctor.doctorkit import ask, case

ADDRESS = "http://127.0.0.1:8080"


def test_the_seal_is_tried(tmp_path: Path) -> None:
    found = ask(isolation.process, case(tmp_path))
    assert found.status == "ok" and "start, talk and console" in found.found


def test_a_seal_that_does_not_hold_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "TRIAL", "print('it let a connection through')")
    found = ask(isolation.process, case(tmp_path))
    assert found.status == "fails" and "it let a connection through" in found.found


def test_an_agent_that_runs_unsealed_is_told(tmp_path: Path) -> None:
    page = Page(ADDRESS, {"ready": True, "seal": {"process": False, "kernel": "open"}})
    assert ask(isolation.process, case(tmp_path, page=page)).status == "warning"


@pytest.mark.parametrize(("way", "status"), [(Way.NONE, "ok"), (Way.DENIED, "ok"), (Way.OPEN, "skipped")])
def test_the_kernels_layer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way, status: str) -> None:
    monkeypatch.setattr(kernel_filter, "look", lambda: way)
    found = ask(isolation.kernel, case(tmp_path))
    assert found.status == status and ("not in force" in found.found) == (status == "skipped")
    assert "nothing of ours runs" in found.found


def test_the_running_agents_own_answer_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_filter, "look", lambda: Way.OPEN)
    page = Page(ADDRESS, {"ready": True, "seal": {"process": True, "kernel": "denied"}})
    found = ask(isolation.kernel, case(tmp_path, page=page))
    assert found.status == "ok" and "the agent that runs" in found.found


def test_mcp_servers_are_started_and_ended(tmp_path: Path) -> None:
    assert ask(isolation.mcp_servers, case(tmp_path)).status == "skipped"
    (tmp_path / "local_agent.toml").write_text('[mcp.notes]\ncommand = "no-such-notes"\n')
    found = ask(isolation.mcp_servers, case(tmp_path))
    missing = "is not there: no program no-such-notes" if importlib.util.find_spec("mcp") else "not installed"
    assert found.status == "fails" and missing in found.found and found.fix

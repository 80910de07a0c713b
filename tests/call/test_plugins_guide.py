"""The code of docs/plugins.md runs as it stands there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import JobExecutorType

import local_agent
from local_agent.call import agent_file
from local_agent.engines import registry
from tests.conftest import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    return BLOCK.findall((ROOT / "docs" / "plugins.md").read_text(encoding="utf-8"))


def test_every_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent, taking, processes = blocks()
    (tmp_path / "clinic.py").write_text(agent)
    found = agent_file.load(tmp_path / "clinic.py")
    assert found.answer.__name__ == "entrypoint" and found.prepare is local_agent.prewarm

    names: dict[str, Any] = {}
    exec(taking, names)
    assert inspect.iscoroutinefunction(names["entrypoint"])
    exec(processes, names)
    monkeypatch.setattr(registry, "shared", lambda: SimpleNamespace(load=lambda: None))
    job: Any = SimpleNamespace(userdata={}, executor_type=JobExecutorType.PROCESS)
    names["in_processes"].setup_fnc(job)
    assert set(job.userdata) == {"local_agent", "greeting"}

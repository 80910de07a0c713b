"""The command as a person runs it, with the real livekit-server and the starter weights."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from local_agent.server.ports import free_port
from tests.calls.conftest import ROOT, launch
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)
PORTS = ("LOCAL_AGENT_PORT", "LOCAL_AGENT_LIVEKIT_PORT", "LOCAL_AGENT_RTC_TCP_PORT", "LOCAL_AGENT_RTC_UDP_PORT")

Rows = dict[str, dict[str, str]]


def doctor(folder: Path, models: Path, *flags: str, **variables: str) -> tuple[int, str]:
    """Exit status and what it printed."""
    beside = shutil.which("livekit-server", path=str(Path(sys.executable).parent))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOCAL_AGENT_", "LIVEKIT_"))
    }
    environment |= {
        "LOCAL_AGENT_LIVEKIT_SERVER": os.environ.get("LOCAL_AGENT_LIVEKIT_SERVER") or beside or "",
        "LOCAL_AGENT_MODELS_DIR": str(models),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "160",
        **dict.fromkeys(PORTS, "0"),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-m", "local_agent", "doctor", *flags],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.returncode, done.stdout


def rows(printed: str) -> Rows:
    return {row["what"]: row for row in json.loads(printed)["findings"]}


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_machine_where_calls_work(starter: Starter, tmp_path: Path) -> None:
    status, printed = doctor(tmp_path, starter.whisper.parent, "--json")
    found = rows(printed)
    assert [row for row in found.values() if row["status"] == "fails"] == []
    assert status == 0
    for what in (
        "native libraries",
        "weights",
        "models at work",
        "LiveKit takes the keys",
        "STUN servers",
        "token endpoint",
    ):
        assert found[what]["status"] == "ok", found[what]
    assert re.search(r"after \d+\.\d s \(one of our own", found["an agent joins"]["found"]), found["an agent joins"]
    port = re.search(r":(\d+), our own, started to try it", found["LiveKit server answers"]["found"])
    assert port is not None
    assert refuses(int(port[1])), "the livekit-server that was started to try it still runs"
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["ledger.json"], "more was left behind than the note of which weights were hashed"


def test_while_the_agent_runs(starter: Starter, tmp_path: Path) -> None:
    ports = {name: str(free_port(kind="udp" if "UDP" in name else "tcp")) for name in PORTS}
    started = launch(tmp_path, starter.whisper.parent, **ports)
    try:
        started.wait_for("Waiting for room connections")
        status, printed = doctor(tmp_path, starter.whisper.parent, "--json", **ports)
        address = f"http://127.0.0.1:{ports['LOCAL_AGENT_PORT']}"
        found = rows(printed)
        assert status == 0, found
        assert f"our own page answers at {address}" in found["port of the page"]["found"]
        for what in ("port of livekit-server", "port for media over TCP", "port for media over UDP"):
            assert "held by our own livekit-server" in found[what]["found"]
        assert "our own, running" in found["LiveKit server answers"]["found"]
        assert "the agent that runs" in found["an agent joins"]["found"]
        started.wait_for("Agent leaving room: doctor-")
        with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
            counted = answer.read().decode()
        assert re.search(r"^local_agent_calls_total [1-9]", counted, re.MULTILINE), counted
        assert "lk_agents_active_job_count{" in counted
    finally:
        assert started.end() == 0, started.log


def test_broken_settings_are_one_row_of_the_table(starter: Starter, tmp_path: Path) -> None:
    status, printed = doctor(tmp_path, starter.whisper.parent, "--quick", LIVEKIT_URL="localhost:7880")
    assert status == 1
    for words in ("fails settings: ", "it has no scheme", "\nfix: ", "configuration: ", "in all: "):
        assert words in printed
    assert printed.startswith("fails"), "what is wrong comes first"
    assert "weights" not in printed, "what is well is folded"
    status, printed = doctor(tmp_path, starter.whisper.parent, "--quick", "--verbose", LIVEKIT_URL="localhost:7880")
    assert "weights" in printed and "--quick asks and starts no server" in printed


def test_everything_is_wrong(tmp_path: Path) -> None:
    """Nothing of it is a crash."""
    (tmp_path / "local_agent.toml").write_text("[nonsense\n")
    variables = {"LOCAL_AGENT_LIVEKIT_SERVER": str(tmp_path / "none"), "LIVEKIT_DEV_MODE": "1"}
    status, printed = doctor(tmp_path, tmp_path / "none", "--json", **variables)
    found = rows(printed)
    assert status == 1
    assert "local_agent.toml" in found["settings"]["found"]
    assert "LIVEKIT_DEV_MODE" in found["environment"]["found"]
    assert "itself failed" not in printed

"""A stock AgentServer with `local_agent.session()` sends nothing; with livekit-agents' own session it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.prove.results import PROVEN
from tests.conftest import ROOT, Starter
from tests.prove.provekit import need_namespaces, proven

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    need_namespaces()


def test_nothing_leaves_a_program_with_our_session(starter: Starter, tmp_path: Path) -> None:
    """In its development mode, with a job process of its own, and a caller who is answered."""
    proof = proven(starter.whisper.parent, tmp_path, "guest")
    (section,) = proof.sections
    assert (proof.status, section.departures) == (PROVEN, []), proof.verdict
    assert [control.counted and control.named for control in section.controls] == [True, True]
    assert section.call is not None and section.call.heard_words > 2 and section.call.reply_s > 0.2


def test_the_same_program_with_their_session_asks_their_gateway(starter: Starter, tmp_path: Path) -> None:
    environment = os.environ | {
        "LOCAL_AGENT_MODELS_DIR": str(starter.whisper.parent),
        "LOCAL_AGENT_PROFILE": "starter",
        "LOCAL_AGENT_DATA_DIR": str(tmp_path),
        "LIVEKIT_DEV_MODE": "1",
    }
    log = tmp_path / "plain.log"
    command = [sys.executable, "-m", "tests.prove.departures", "tests.prove.plain_session", str(log)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {name for name, _ in json.loads(done.stdout)}
    assert any(name.startswith("agent-gateway.livekit.cloud") for name in names), log.read_text()

"""The starter models into a bundle, out of it where there is no network, and calls answered with them there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.audio import wav
from local_agent.config import sources
from local_agent.prove.results import PROVEN
from local_agent.prove.run import Options, prove
from local_agent.weights.catalogue import PROFILES
from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[2]
HUNG = 100  # s


def agent(*words: str | Path, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """The command as a person types it; alone: in a network namespace of its own, which has no way out."""
    command = [sys.executable, "-m", "local_agent", *map(str, words)]
    prefix = ["unshare", "-rn"] if alone else []
    return subprocess.run([*prefix, *command], cwd=ROOT, capture_output=True, text=True, timeout=HUNG, check=False)


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare program here")
    tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this machine forbids network namespaces: {tried.stderr.strip()}")


@pytest.mark.timeout(400)
def test_models_travel_to_a_machine_without_network_and_answer_there(starter: Starter, tmp_path: Path) -> None:
    """And no packet leaves by what is done there: starts, a recorded question, a call of the bench in a real room."""
    bundle, models_dir = tmp_path / "starter.tar", tmp_path / "models"
    made = agent("bundle", "--profile", "starter", "--models-dir", starter.whisper.parent, "--output", bundle)
    assert made.returncode == 0, made.stderr
    (digest,) = (line.split()[1] for line in made.stdout.splitlines() if line.startswith("digest "))
    installed = agent("install", bundle, "--models-dir", models_dir, "--digest", digest, alone=True)
    assert installed.returncode == 0, installed.stderr
    checked = agent("download", "--verify", "--models-dir", models_dir, alone=True)
    assert checked.stdout.count("whole") == len(PROFILES["starter"].models), checked.stderr
    scratch = tmp_path / "proof"
    scratch.mkdir()
    settings = sources.load({"models_dir": models_dir, "profile": "starter"}, folder=tmp_path)
    proof = prove(settings, Options(sections=("commands",)), scratch, lambda words: None)
    assert proof.status == PROVEN, proof.verdict
    assert sum(": done in" in line for line in proof.sections[0].exercised) >= 9, proof.sections[0].exercised
    assert {Path(one.file).suffix for one in proof.weights} >= {".bin", ".gguf", ".onnx"}
    place = scratch / "plain"
    told = json.loads((place / "talk.out").read_text())
    assert "capital" in told["heard"].lower() and told["said"].strip() and told["reply_s"] > 0
    assert json.loads((place / "ask.out").read_text())["answer"].strip()
    assert "capital" in json.loads((place / "transcribe.out").read_text())["text"].lower()
    assert wav.read(place / "said.wav")[0].any()
    (stack,) = json.loads((place / "bench.json").read_text())["stacks"].values()
    (turn,) = stack["turns"]
    assert turn["heard"].strip() and turn["said"].strip() and not turn["failed"], turn

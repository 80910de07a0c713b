"""The starter models into a bundle, out of it where there is no network, and a question answered with them there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "What do you know about the ocean?"
HUNG = 100  # s


def agent(*words: str | Path, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """The command as a person types it; alone: in a network namespace of its own, which has no way out."""
    command = [sys.executable, "-m", "local_agent", *map(str, words)]
    prefix = ["unshare", "-rn"] if alone else []
    environment = {**os.environ, "LOCAL_AGENT_TEMPERATURE": "0", "LOCAL_AGENT_MAX_TOKENS": "30"}
    return subprocess.run(
        [*prefix, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=HUNG, check=False
    )


def say(starter: Starter, text: str, path: Path) -> Path:
    from piper import PiperVoice

    voice = PiperVoice.load(str(starter.voice))
    with wave.open(str(path), "wb") as file:
        voice.synthesize_wav(text, file)
    return path


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare program here")
    tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this machine forbids network namespaces: {tried.stderr.strip()}")


@pytest.mark.timeout(400)
def test_models_travel_to_a_machine_without_network_and_answer_there(starter: Starter, tmp_path: Path) -> None:
    bundle, models_dir = tmp_path / "starter.tar", tmp_path / "models"
    made = agent("bundle", "--profile", "starter", "--models-dir", starter.whisper.parent, "--output", bundle)
    assert made.returncode == 0, made.stderr
    (digest,) = (line.split()[1] for line in made.stdout.splitlines() if line.startswith("digest "))
    installed = agent("install", bundle, "--models-dir", models_dir, "--digest", digest, alone=True)
    assert installed.returncode == 0, installed.stderr
    checked = agent("download", "--verify", "--models-dir", models_dir, alone=True)
    assert checked.stdout.count("whole") == 3, checked.stderr
    question = say(starter, QUESTION, tmp_path / "question.wav")
    answered = agent("talk", question, "--json", "--profile", "starter", "--models-dir", models_dir, alone=True)
    assert answered.returncode == 0, answered.stderr
    told = json.loads(answered.stdout)
    assert "what do you know about" in told["heard"].lower()
    assert told["said"].strip()
    assert told["reply_s"] > 0

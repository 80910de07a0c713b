"""`bench` as a person runs it: real calls, both stacks, and nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from local_agent.audio import wav
from local_agent.bench.clips import MANIFEST
from local_agent.bench.waterfall import STAGES
from tests.calls.caller import RATE
from tests.calls.conftest import Speak, surroundings
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)
QUESTIONS = ("What is the capital of France?", "Why is the sky blue?")
Bench = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def bench(starter: Starter, tmp_path: Path) -> Bench:
    """Start the command with short answers and no greeting; returns at once."""
    (tmp_path / "local_agent.toml").write_text('greeting = ""\nmax_tokens = 8\n')

    def start(*flags: str, models: Path = starter.whisper.parent) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "local_agent", "bench", *flags],
            cwd=tmp_path,
            env=surroundings(models),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return start


@pytest.fixture
def spoken(speak: Speak, tmp_path: Path) -> Path:
    """A folder of clips with a manifest."""
    folder = tmp_path / "clips"
    folder.mkdir()
    rows = []
    for number, text in enumerate(QUESTIONS):
        samples = speak(text)
        wav.write(folder / f"{number}.wav", samples, RATE)
        end = float(np.flatnonzero(np.abs(samples.astype(int)) > 100)[-1]) / RATE
        rows.append(json.dumps({"file": f"{number}.wav", "text": text, "speech_end": end}))
    (folder / MANIFEST).write_text("\n".join(rows))
    return folder


def figures(running: subprocess.Popen[str], path: Path) -> dict[str, Any]:
    """What a run that succeeds writes."""
    told, _ = running.communicate(timeout=150)
    assert running.returncode == 0, told
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_both_stacks_hear_the_same_clip_and_the_wait_is_split(bench: Bench, spoken: Path, tmp_path: Path) -> None:
    told, drawn = tmp_path / "out.json", tmp_path / "out.svg"
    flags = ("--against", "naive", "--count", "1", "--clips", str(spoken), "--json", str(told), "--picture", str(drawn))
    found = figures(bench(*flags), told)
    assert list(found["stacks"]) == ["local_agent", "naive"]
    summary = found["stacks"]["local_agent"]["summary"]
    assert (summary["turns"], summary["missed"], summary["failed"]) == (1, 0, 0)
    assert summary["word_error_rate"] < 0.3
    (ours,), (theirs,) = (stack["turns"] for stack in found["stacks"].values())
    assert ours["clip"] == theirs["clip"]
    assert ours["heard"] and ours["said"] and ours["spoke_s"] > 0
    if not ours["cut_in"]:
        assert list(ours["parts"]) == list(STAGES)
        assert sum(ours["parts"].values()) == pytest.approx(ours["wait_s"], abs=0.01)
    assert theirs["heard"] and theirs["said"]
    assert theirs["parts"]["transcription"] > 0
    assert set(found["ratios"]["naive"]) == {"p50", "p95"}
    assert drawn.read_text().startswith("<svg")


def test_somebodys_own_program_is_called_and_its_processes_weighed(bench: Bench, spoken: Path, tmp_path: Path) -> None:
    told = tmp_path / "out.json"
    found = figures(bench("--jobs", "process", "--count", "1", "--clips", str(spoken), "--json", str(told)), told)
    (turn,) = found["stacks"]["local_agent"]["turns"]
    assert turn["wait_s"] is not None and turn["spoke_s"] > 0 and not turn["failed"]
    ((loaded, behind),) = found["memory_mb"]
    assert found["jobs"] == "process"
    if sys.platform == "linux":
        assert min(loaded, behind) > 100, "less than models take"


def test_ctrl_c_ends_everything(bench: Bench, spoken: Path) -> None:
    running = bench("--against", "naive", "--clips", str(spoken))
    assert running.stdout is not None
    for line in running.stdout:
        if "loading the naive stack" in line:
            break
    started = psutil.Process(running.pid).children(recursive=True)
    assert any("livekit-server" in child.name() for child in started)
    running.send_signal(2)
    running.communicate(timeout=60)
    assert running.returncode not in (0, None)
    _, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []


def test_missing_weights_are_named(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    told, _ = bench(models=tmp_path / "weights").communicate(timeout=60)
    assert "local-agent download" in told
    assert "Traceback" not in told

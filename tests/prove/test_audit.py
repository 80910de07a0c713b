"""The weaker audit of the real product, where strace is installed and may be used."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from local_agent.config import sources
from local_agent.prove.results import PROVEN
from local_agent.prove.run import Options, prove
from tests.conftest import Starter


@pytest.mark.timeout(300)
def test_nothing_asks_to_leave(starter: Starter, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed (apt-get install strace)")
    tried = subprocess.run([strace, "-f", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this machine forbids strace: {tried.stderr.strip()}")
    settings = sources.load({"models_dir": starter.whisper.parent, "profile": "starter"}, folder=tmp_path)
    scratch = tmp_path / "audit"
    scratch.mkdir()
    proof = prove(settings, Options(audit=True), scratch, lambda words: None)
    assert proof.status == PROVEN, proof.verdict
    assert "weaker" in proof.verdict
    (section,) = proof.sections
    assert section.call is not None and section.call.heard_words > 2
    assert "system calls noted" in section.exercised[-1]

"""Do the models compute here? Some libraries load and then end the process at their first multiplication."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent import errors
from local_agent.doctor import models, smoke_test
from local_agent.doctor.context import Page
from scripts.setup import llama
from tests.conftest import Starter
from tests.doctor.doctorkit import ask, case

SAY = "import sys; sys.stdin.buffer.read(); print('whisper', flush=True); print('llama', flush=True); "


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A process that does this in place of the trial."""
    run = subprocess.run

    def other(words: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        assert words[:2] == [sys.executable, "-m"]
        return run([sys.executable, "-c", code], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(smoke_test.subprocess, "run", other)


def attempted(tmp_path: Path) -> tuple[str, str] | None:
    return smoke_test.attempt(case(tmp_path).settings)


def test_what_a_process_died_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, f"{SAY}import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    monkeypatch.setattr(models, "processor_flags", lambda: frozenset({"avx2"}))
    assert attempted(tmp_path) == ("llama", f"its process was ended by {signal.SIGILL.name}")
    found = ask(models.at_work, case(tmp_path))
    assert found.status == "fails"
    assert "llama does not work" in found.found and "SIGILL" in found.found
    assert found.fix == "make clean setup"


def test_faulty_code_for_tiles_is_told_from_another_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, f"{SAY}import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    monkeypatch.setattr(models, "processor_flags", lambda: frozenset({"avx2", "amx_tile"}))
    found = ask(models.at_work, case(tmp_path))
    assert "AMX" in found.found and found.fix == "make clean setup"
    monkeypatch.setattr(errors, "CHECKOUT", tmp_path)  # an installed wheel
    again = ask(models.at_work, case(tmp_path))
    assert f"CXXFLAGS='{llama.NO_AMX}' " in again.fix and "-m pip install" in again.fix


def test_an_error_of_ours_is_told_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, f"{SAY}print('no memory for the context', file=sys.stderr); sys.exit(3)")
    assert attempted(tmp_path) == ("llama", "no memory for the context")


def test_an_end_without_a_word_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, SAY)
    assert attempted(tmp_path) == ("llama", "its process ended with status 0")


def test_one_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke_test, "PATIENCE", 2.0)
    instead(monkeypatch, f"{SAY}import time; time.sleep(60)")
    found = attempted(tmp_path)
    assert found is not None and found[0] == "llama" and "no result" in found[1]


def test_missing_weights_are_no_crash(tmp_path: Path) -> None:
    found = smoke_test.attempt(case(tmp_path, {"LOCAL_AGENT_MODELS_DIR": str(tmp_path / "none")}).settings)
    assert found is not None and found[0] == "whisper" and "Traceback" not in found[1]


def test_the_starter_weights_compute(starter: Starter, tmp_path: Path) -> None:
    assert smoke_test.attempt(case(tmp_path, {"LOCAL_AGENT_MODELS_DIR": str(starter.whisper.parent)}).settings) is None


def test_a_running_agent_is_not_loaded_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke_test, "attempt", lambda _: pytest.fail("it holds the models already"))
    page = Page("http://127.0.0.1:8080", {"ready": True})
    assert ask(models.at_work, case(tmp_path, page=page)).status == "skipped"
    assert ask(models.at_work, case(tmp_path, quick=True)).status == "skipped"

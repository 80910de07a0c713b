"""scripts/gpu_check.py, as far as a machine without a GPU can tell: what it refuses, would run, and sums up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import gpu_check

ROOT = Path(__file__).resolve().parents[1]
SMI = "#!/bin/sh\necho '{}'\nexit {}\n"


def check(path: str, *words: str) -> subprocess.CompletedProcess[str]:
    """With this PATH."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "gpu_check.py"), *words],
        cwd=path.split(os.pathsep)[0],
        env={"PATH": path, "HOME": path.split(os.pathsep)[0]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def test_without_a_gpu_it_says_so_and_all_else_that_is_missing(tmp_path: Path) -> None:
    done = check(str(tmp_path))
    assert done.returncode == gpu_check.MISSING
    assert "Traceback" not in done.stderr
    for words in ("no NVIDIA GPU", "make start", "no C compiler", "no nvcc"):
        assert words in done.stderr
    assert all("; fix: " in line for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    ("said", "status"),
    [("NVIDIA-SMI has failed because it could not communicate with the driver", 9), ("", 0), ("No devices found", 0)],
)
def test_a_driver_that_does_not_answer_is_quoted(tmp_path: Path, said: str, status: int) -> None:
    program(tmp_path, "nvidia-smi", SMI.format(said, status))
    done = check(str(tmp_path), "--look")
    assert done.returncode == gpu_check.MISSING
    assert f"nvidia-smi says: {said or 'nothing'}" in done.stderr


def test_with_all_there_it_tells_what_would_run(tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", SMI.format("NVIDIA H200, 143771, 4, 0", 0))
    for name in ("cc", "c++", "nvcc"):
        program(tmp_path, name)
    path = os.pathsep.join((str(tmp_path), "/usr/bin", "/bin"))
    done = check(path, "--look", "--profile", "small", "--cpu", "--callers", "2")
    assert done.returncode == 0, done.stderr
    first, setup, download, doctor, *benches = done.stdout.splitlines()
    assert "NVIDIA H200, 143,771 MiB" in first
    assert setup == f"make -C {ROOT} setup GPU=cuda PROFILE=none"
    assert download.endswith("download --profile small")
    assert "doctor --quick --device cuda --profile small" in doctor
    assert [words in bench for words, bench in zip(("callers 1", "callers 2", "device cpu"), benches, strict=True)] == [
        True
    ] * 3
    again = check(path, "--look", "--skip-setup", "--callers", "1")
    assert "make" not in again.stdout and again.stdout.count(" bench ") == 1


@pytest.mark.parametrize("words", [("--turns", "0"), ("--callers", "x"), ("--minutes", "soon"), ("--gpu",)])
def test_wrong_options_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = check(str(tmp_path), *words)
    assert done.returncode == 2 and "usage:" in done.stderr


def agent(folder: Path, monkeypatch: pytest.MonkeyPatch, *, grows: bool, status: int = 0) -> None:
    """An agent that writes the figures of a bench, and a GPU whose memory grows meanwhile, or not."""
    held = {"p50_s": 0.21, "p95_s": 0.4, "worst_s": None, "turns": 6, "missed": 0}
    figures = json.dumps({"stacks": {"local_agent": {"summary": held}}})
    lines = ["#!/bin/sh", f"touch {folder}/asked", "sleep 1.2", "while [ $# -gt 1 ]; do shift; done"]
    lines += [f"case $1 in *.json) echo '{figures}' > $1 ;; esac", f"exit {status}"]
    program(folder, "python", "\n".join(lines) + "\n")
    used = f"if [ -e {folder}/asked ]; then used=900; else used=4; fi" if grows else "used=4"
    program(folder, "nvidia-smi", f'#!/bin/sh\n{used}\necho "NVIDIA H200, 143771, $used, 35"\n')
    monkeypatch.setattr(gpu_check, "PYTHON", folder / "python")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_calls_on_the_gpu_are_summed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    agent(tmp_path, monkeypatch, grows=True)
    assert gpu_check.main(["--skip-setup", "--json", str(tmp_path / "all")]) == 0
    told = capfd.readouterr().out
    assert "1 caller at once" in told and "4 callers at once" in told
    assert told.count("0.21 s  0.40 s       -      6         0") == 2, told
    assert "at most 900 MiB in use (before: 4)" in told
    assert set(json.loads((tmp_path / "all").read_text())["runs"]) == {"1", "4"}


def test_calls_that_the_cpu_answered_are_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    agent(tmp_path, monkeypatch, grows=False)
    assert gpu_check.main(["--skip-setup", "--callers", "1"]) == 1
    assert "grew by 0 MiB only" in capfd.readouterr().err


def test_what_fails_is_named_and_nothing_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    agent(tmp_path, monkeypatch, grows=True, status=1)
    assert gpu_check.main(["--skip-setup", "--profile", "small"]) == 1
    told = capfd.readouterr()
    assert "download --profile small: status 1" in told.err
    assert "$ " in told.out and " bench " not in told.out
    assert gpu_check.main(["--skip-setup", "--callers", "1"]) == 1
    told = capfd.readouterr()
    assert "doctor --quick --device cuda: status 1" in told.err and " bench " in told.out, (
        "it may fail for other reasons"
    )


def test_it_gives_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    agent(tmp_path, monkeypatch, grows=True)
    assert gpu_check.main(["--skip-setup", "--minutes", "0.01"]) == 1
    assert "minutes are over" in capfd.readouterr().err

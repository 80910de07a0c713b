"""Libraries that do not load or were built for another processor, telemetry, too few cores, memory or weights."""

from __future__ import annotations

import math
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from local_agent.doctor import machine as room
from local_agent.doctor import models
from local_agent.doctor.context import NATIVE, Case, Page
from local_agent.hardware.probe import GIB, Hardware
from local_agent.weights.store import CHECKSUMS
from tests.conftest import Starter
from tests.doctor.doctorkit import ask, case

SMALL = Hardware(cores=2, memory=8 * GIB, memory_free=6 * GIB)
INFO = "CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | FMA = 1 | AVX512 = 0 | OPENMP = 1 | REPACK = 1 | "
HASWELL = frozenset({"pni", "ssse3", "avx", "avx2", "fma", "f16c", "bmi2"})


def on(hardware: Hardware, folder: Path, **environ: str) -> Case:
    """A case on that machine."""
    return case(folder, environ, _hardware=hardware)


@pytest.fixture
def weights(starter: Starter, tmp_path: Path) -> Path:
    """A models folder of links to the starter weights, in which single files can be broken."""
    for model in starter.folders:
        (tmp_path / "weights" / model.name).mkdir(parents=True)
        for file in model.iterdir():
            (tmp_path / "weights" / model.name / file.name).symlink_to(file.resolve())
    return tmp_path / "weights"


def test_the_installed_libraries_load(tmp_path: Path) -> None:
    found = ask(room.native_libraries, case(tmp_path))
    assert found.status == "ok", found.found
    assert all(name in found.found for name in room.LOADS)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import no_such_library", "No module named 'no_such_library'"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "built for another processor"),
        ("import os; os.abort()", "SIGABRT"),
        ("import time; time.sleep(60)", "no answer within"),
    ],
)
def test_a_library_that_does_not_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.setattr(room, "LOADS", {"llama_cpp": code, "fine": "print('1.0')"})
    monkeypatch.setattr(room, "LOADING", 2.0)
    found = ask(room.native_libraries, case(tmp_path))
    assert found.status == "fails"
    assert found.found.startswith("llama_cpp does not load: ")
    assert words in found.found
    assert found.fix == "make clean setup"


def test_without_the_libraries_the_machine_is_described_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_agent.doctor.context.probe", None)
    assert case(tmp_path, failed={NATIVE}).hardware.cores >= 1


@pytest.mark.parametrize(
    ("info", "flags", "expected"),
    [
        (INFO, HASWELL, ([], [])),
        (INFO.replace("AVX512 = 0", "AVX512 = 1"), HASWELL, (["AVX512"], [])),
        (INFO, HASWELL - {"avx2", "fma"}, (["AVX2", "FMA"], [])),
        (INFO.replace("AVX2 = 1", "AVX2 = 0"), HASWELL, ([], ["AVX2"])),
    ],
)
def test_features_of_the_build_and_of_the_processor(
    info: str, flags: frozenset[str], expected: tuple[list[str], list[str]]
) -> None:
    assert room.compare_features(info, flags) == expected


def test_a_build_for_another_processor_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "processor_flags", lambda: frozenset({"pni"}))
    found = ask(room.cpu_features, case(tmp_path))
    assert found.status == "fails"
    assert "which this processor lacks" in found.found
    assert found.fix == "make clean setup"


def test_others_keep_no_more_processors_busy_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The load average, which counts everybody who waits, said 5.0 of two."""
    monkeypatch.setattr(os, "getloadavg", lambda: (50.0, 50.0, 50.0))
    processors = os.cpu_count() or 1
    monkeypatch.setattr(room.psutil, "cpu_percent", lambda interval: time.sleep(interval) or 100.0)
    assert room.busy_elsewhere(0.05) == pytest.approx(processors, abs=0.6), "this process works a little too"
    monkeypatch.setattr(room.psutil, "cpu_percent", lambda interval: time.sleep(interval) or 0.0)
    assert room.busy_elsewhere(0.05) == 0.0


def test_our_own_work_is_not_that_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(interval: float) -> float:
        ends = time.process_time() + interval
        while time.process_time() < ends:
            math.sqrt(2)
        return 100.0 / (os.cpu_count() or 1)  # one processor of them all: ours

    monkeypatch.setattr(room.psutil, "cpu_percent", work)
    assert room.busy_elsewhere(0.2) < 1.0


def test_no_installed_library_knows_a_telemetry_host() -> None:
    """ONNX Runtime's wheels do from 1.29 on: the pinned version does not."""
    folders = room.package_folders()
    assert {"onnxruntime", "ctranslate2", "llama_cpp", "rtc", "local_inference"} <= {folder.name for folder in folders}
    assert room.native_telemetry(folders) == []


@pytest.mark.parametrize("coding", ["ascii", "utf-16-le"])
def test_a_library_with_a_telemetry_host_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    host = "https://mobile.events.data.microsoft.com/OneCollector/1.0".encode(coding)
    (tmp_path / "libonnxruntime.so.1.31.1").write_bytes(b"\x7fELF" + bytes(5000) + host + bytes(5000))
    (tmp_path / "libclean.so").write_bytes(b"\x7fELF" + bytes(5000))
    (tmp_path / "empty.so").touch()
    monkeypatch.setattr(room, "package_folders", lambda: [tmp_path])
    found = ask(room.telemetry, case(tmp_path))
    assert found.status == "warning"
    assert "libonnxruntime.so.1.31.1 holds events.data.microsoft.com" in found.found
    assert "libclean" not in found.found


def test_plan_threads_and_memory_of_a_machine_that_carries_it(weights: Path, tmp_path: Path) -> None:
    patient = on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights))
    for check in (room.plan, room.threads, room.memory, room.disk):
        assert ask(check, patient).status == "ok", check.what


def test_cuda_without_a_gpu(weights: Path, tmp_path: Path) -> None:
    patient = on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights), LOCAL_AGENT_DEVICE="cuda")
    found = ask(room.plan, patient)
    assert found.status == "fails"
    assert "no CUDA device" in found.found


def test_more_threads_than_cores(weights: Path, tmp_path: Path) -> None:
    patient = on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights), LOCAL_AGENT_THREADS="16")
    found = ask(room.threads, patient)
    assert found.status == "warning"
    assert "cut to the 2 cores" in found.found


@pytest.mark.parametrize(("free", "status"), [(0.5, "fails"), (0.95, "ok"), (6.0, "ok")])
def test_memory(weights: Path, tmp_path: Path, free: float, status: str) -> None:
    hardware = replace(SMALL, memory_free=int(free * GIB))
    environ = {"LOCAL_AGENT_MODELS_DIR": str(weights), "LOCAL_AGENT_MAX_CALLS": "4"}
    assert ask(room.memory, on(hardware, tmp_path, **environ)).status == status


def test_memory_that_the_running_agent_holds_is_no_fault(weights: Path, tmp_path: Path) -> None:
    patient = on(replace(SMALL, memory_free=GIB // 4), tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights))
    patient.page = Page("http://127.0.0.1:8080")
    assert ask(room.memory, patient).status == "ok"


def test_a_full_disk_and_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    assert "1.0 MB are free" in ask(room.disk, case(tmp_path)).found
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = ask(room.disk, case(tmp_path))
    assert (found.status, "LOCAL_AGENT_DATA_DIR" in found.fix) == ("fails", True)


def test_whole_weights(weights: Path, tmp_path: Path) -> None:
    found = ask(models.whole, on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights)))
    assert found.status == "ok"
    assert "whisper-tiny.en" in found.found


@pytest.mark.parametrize("damage", ["removed", "altered"])
def test_broken_weights_are_named_with_the_command_that_mends_them(
    weights: Path, starter: Starter, tmp_path: Path, damage: str
) -> None:
    file = weights / starter.llama.name / starter.gguf.name
    content = bytearray(file.read_bytes())
    file.unlink()
    if damage == "altered":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    patient = on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights), LOCAL_AGENT_PROFILE="starter")
    found = ask(models.whole, patient)
    assert found.status == "fails"
    assert starter.gguf.name in found.found
    assert "local-agent download smollm2-135m-instruct" in found.fix


def test_deep_hashes_what_was_hashed_before(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    monkeypatch.setattr("local_agent.weights.store.sha256_of", lambda path: hashed.append(path) or "")
    patient = on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights))
    patient.deep = True
    assert ask(models.whole, patient).status == "fails"
    assert hashed
    assert not any(path.name == CHECKSUMS for path in hashed)


@pytest.mark.parametrize(
    ("environ", "status", "said", "fix"),
    [
        ({}, "ok", "en (English); 1280 tokens", ""),
        ({"LOCAL_AGENT_LANGUAGE": "auto", "LOCAL_AGENT_PROFILE": "starter"}, "fails",
         "whisper-base, qwen2.5-coder-0.5b-instruct; expected 2 more models",
         "download whisper-base qwen2.5-coder-0.5b-instruct"),
        ({"LOCAL_AGENT_LANGUAGE": "de"}, "fails",
         ": whisper-base, qwen2.5-coder-0.5b-instruct, piper-de_DE-thorsten-medium; expected 3 more models",
         "download whisper-base qwen2.5-coder-0.5b-instruct piper-de_DE-thorsten-medium"),
        ({"LOCAL_AGENT_PROFILE": "largest"}, "fails", "what profile largest needs is not there",
         "download --profile largest"),
        ({"LOCAL_AGENT_SPEAKER": "7"}, "fails", "has one speaker; expected 0", "LOCAL_AGENT_SPEAKER=0"),
        ({"LOCAL_AGENT_MAX_TOKENS": "1250", "LOCAL_AGENT_SPEAKER": "7"}, "fails", "max_tokens = 1250",
         "LOCAL_AGENT_SPEAKER=0\nLOCAL_AGENT_MAX_TOKENS="),
    ],
)  # fmt: skip
def test_what_start_would_refuse(
    weights: Path, tmp_path: Path, environ: dict[str, str], status: str, said: str, fix: str
) -> None:
    found = ask(models.suited, on(SMALL, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights), **environ))
    assert (found.status, said in found.found, fix in found.fix) == (status, True, True), found


def test_the_doctor_says_what_a_download_would_change(weights: Path, tmp_path: Path) -> None:
    wide = replace(SMALL, cpu_flags=frozenset({"avx2", "avx512_vnni"}))
    found = ask(models.better, on(wide, tmp_path, LOCAL_AGENT_MODELS_DIR=str(weights)))
    assert found.status == "ok" and found.found.startswith("starter: 2 cores with AVX-512, 8 GB would carry medium")
    assert f"download --profile medium --models-dir {weights}" in found.found
    assert "large: not on this machine: whisper-small takes 8 cores, or a GPU" in found.found

"""Engines are loaded once, side by side, and shut down whole."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from livekit.agents.ipc import job_proc_executor

from local_agent.config import phrases
from local_agent.config.phrases import ENGLISH
from local_agent.config.settings import Settings
from local_agent.engines import registry
from local_agent.engines.llama import engine as llama_engine
from local_agent.engines.llama.engine import Llama
from local_agent.engines.registry import Engines
from local_agent.errors import EngineError, WeightsMissing
from local_agent.hardware.llama_build import LlamaBuild
from local_agent.hardware.plan import Gpu, Hardware
from local_agent.hardware.probe import GIB
from local_agent.weights.catalogue import CATALOGUE
from tests.engines.llama import tinygguf


class Loaded:
    """An engine that remembers whether it was closed."""

    sample_rate = 22_050

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()

    def synthesize(self, text: str, *, on_audio: Any, urgency: Any) -> Any:
        on_audio(b"\1\0" * len(text))
        done: Future[None] = Future()
        done.set_result(None)
        return done


class Shelf(Engines):
    """Engines whose loading a test holds up. made: which were."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Settings(models_dir=folder), Hardware(2, 8 * GIB, 8 * GIB))
        self.go, self.made = threading.Event(), list[str]()
        self.failures: list[Exception] = []

    def _made(self, engine: str, model: str | None, make: Any) -> Any:
        assert self.go.wait(20)
        self.made.append(engine)
        if self.failures:
            raise self.failures.pop(0)
        return Loaded()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_an_engine_is_loaded_once_for_all_who_ask(shelf: Shelf) -> None:
    waiting = [shelf.whisper(), shelf.whisper()]
    shelf.go.set()
    first, second = (future.result(20) for future in waiting)
    assert first is second is shelf.whisper().result(20) and len(shelf.made) == 1
    assert shelf.whisper("other").result(20) is not first and len(shelf.made) == 2


def test_the_plans_model_is_loaded_once_named_or_not(shelf: Shelf) -> None:
    shelf.go.set()
    named = shelf.piper("piper-en_US-joe-medium").result(20)
    planned = shelf.plan.piper.model
    assert planned == "piper-en_US-joe-medium"
    assert shelf.piper().result(20) is named is shelf.piper(planned).result(20) and len(shelf.made) == 1
    assert shelf.piper("another").result(20) is not named


def test_loading_that_failed_is_tried_again_at_the_next_need(shelf: Shelf) -> None:
    shelf.go.set()
    shelf.failures = [WeightsMissing("no model.bin")]
    with pytest.raises(WeightsMissing):
        shelf.llama().result(20)
    assert isinstance(shelf.llama().result(20), Loaded)


def test_a_librarys_own_error_arrives_as_ours(shelf: Shelf) -> None:
    shelf.go.set()
    shelf.failures = [RuntimeError("bad magic")]
    with pytest.raises(EngineError, match="piper does not load: RuntimeError: bad magic"):
        shelf.piper().result(20)


def test_the_apology_can_be_made_while_the_voice_is_still_loading(shelf: Shelf) -> None:
    made: list[tuple[str, bytes, int]] = []
    thread = threading.Thread(target=lambda: made.append(shelf.apology()), daemon=True)
    thread.start()
    shelf.go.set()
    thread.join(20)
    assert made == [(ENGLISH.apology, b"\1\0" * len(ENGLISH.apology), 22_050)] and made[0] is shelf.apology()


def put_voice(folder: Path, name: str, language: str) -> None:
    """A voice of the catalogue, as far as its size and its description go."""
    for file in CATALOGUE[name].files:
        path = folder / name / file.path
        path.parent.mkdir(exist_ok=True)
        told = {"audio": {"sample_rate": 22050}, "espeak": {"voice": language}, "language": {"code": language},
                "num_symbols": 1, "num_speakers": 1, "inference": {}, "phoneme_id_map": {"a": [1]},
                "speaker_id_map": {}}  # fmt: skip
        path.write_text(json.dumps(told).ljust(file.size) if file.path.endswith(".json") else "")
        os.truncate(path, file.size)


def test_a_voice_for_each_language_that_one_on_disk_speaks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, language in (
        ("piper-en_US-joe-medium", "en_US"), ("piper-de_DE-thorsten-medium", "de_DE"),
        ("piper-fr_FR-siwis-medium", "fr_FR"),
    ):  # fmt: skip
        put_voice(tmp_path, name, language)
    named = ("nowhere", "piper-en_GB-alba-medium", "piper-fr_FR-siwis-medium")
    engines = Engines(Settings(models_dir=tmp_path, voices=named, voice="piper-en_US-joe-medium", language="auto"))
    found = {language: engines.voice_for(language) for language in ("en", "de", "fr", "es")}
    assert found == {
        "en": "piper-en_US-joe-medium", "de": "piper-de_DE-thorsten-medium", "fr": "piper-fr_FR-siwis-medium",
        "es": None,
    }  # fmt: skip
    assert "nowhere" in caplog.text
    told = " ".join(map(str, engines.findings("piper")))
    assert "nowhere" in told and "piper-en_GB-alba-medium" in told and "siwis" not in told


def test_the_apology_is_made_in_the_language_of_a_call(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "voice_for", {"de": "thorsten"}.get)
    shelf.go.set()
    shelf.apologise_in("de")
    shelf.apologise_in("is")
    shelf.piper("thorsten").result(20)
    assert shelf.apology("de")[0] in {ENGLISH.apology, phrases.apology("de")}
    until(lambda: shelf.apology("de")[0] == phrases.apology("de"))
    assert shelf.apology("is")[0] == shelf.apology()[0] == ENGLISH.apology and len(shelf.made) == 2


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_closing_closes_what_is_loaded_and_what_still_loads(shelf: Shelf) -> None:
    shelf.go.set()
    ready = shelf.whisper().result(20)
    shelf.go.clear()
    loading = shelf.piper()
    shelf.close()
    assert ready.closed.is_set() and not loading.done()
    shelf.go.set()
    assert loading.result(20).closed.wait(20)


def test_closing_after_a_failed_load_is_no_error(shelf: Shelf) -> None:
    shelf.go.set()
    shelf.failures = [WeightsMissing("no model.bin")]
    failed = shelf.llama()
    with pytest.raises(WeightsMissing):
        failed.result(20)
    shelf.close()
    assert len(shelf.made) == 1


def test_a_language_model_that_fails_on_the_gpu_is_planned_for_the_cpu(tiny: Path, tmp_path: Path) -> None:
    """This llama.cpp was built without GPU code, and so refuses as a card out of memory does."""
    card = Hardware(
        2, 16 * GIB, 12 * GIB, gpus=(Gpu("Card", 80 * GIB, 80 * GIB),), whisper_gpus=1, llama_offload=True,
        cuda_types=frozenset({"float16"}),
    )  # fmt: skip
    settings = Settings(llm_model=str(tiny), profile="large", models_dir=tmp_path, data_dir=tmp_path / "data")
    engines = Engines(settings, card)
    try:
        before = engines.plan
        assert (before.llama.device, before.llama.threads, before.max_calls) == ("cuda", 1, 8)
        engines.llama().result(60)
        after = engines.plan
        assert (after.llama.device, after.llama.threads, after.llama.gpu_layers, after.max_calls) == ("cpu", 2, 0, 1)
        assert after.whisper == before.whisper and after.context == before.context == 2048
        assert any("loading on the GPU failed" in line.reason for line in after.lines)
    finally:
        engines.close()


@pytest.mark.parametrize("given", ["", "big-00001-of-00003.gguf", "big-00002-of-00003.gguf"])
def test_a_language_model_in_parts_is_loaded_by_any_of_them(tmp_path: Path, given: str) -> None:
    (tmp_path / "parts").mkdir()
    tinygguf.write(tmp_path / "parts" / "big.gguf", tensors_a_part=8)
    (tmp_path / "parts" / "mmproj-big.gguf").write_bytes(b"GGUF")
    assert len(list((tmp_path / "parts").glob("big-*.gguf"))) == 3
    settings = Settings(llm_model=str(tmp_path / "parts" / given), models_dir=tmp_path, data_dir=tmp_path / "data")
    engines = Engines(settings, Hardware(2, 8 * GIB, 8 * GIB))
    try:
        engines.demand("llama")
        assert engines.plan.facts.llama is not None and engines.plan.facts.llama.parts == 3
        assert engines.llama().result(60).context == engines.plan.context == 2048
    finally:
        engines.close()


@pytest.mark.parametrize("calls", [None, 1])
def test_where_a_process_is_a_jobs_own_the_cache_is_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int | None
) -> None:
    made: list[dict[str, Any]] = []

    class Noted(Llama):
        def __init__(self, path: Path, **options: Any) -> None:
            made.append(options)
            super().__init__(path, **options)

    monkeypatch.setattr(llama_engine, "Llama", Noted)
    model = tmp_path / "tiny.gguf"
    tinygguf.write(model)
    settings = Settings(llm_model=str(model), models_dir=tmp_path, data_dir=tmp_path / "data")
    engines = Engines(settings, Hardware(2, 8 * GIB, 8 * GIB), calls=calls)
    try:
        engines.llama().result(60)
    finally:
        engines.close()
    assert [each["small"] for each in made] == [calls == 1]


def test_a_guest_is_told_what_pips_build_of_llama_cpp_lacks(
    tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(llm_model=str(tiny), models_dir=tmp_path, data_dir=tmp_path / "data")
    slow, dies = LlamaBuild("compiled without our products", "", "pip"), LlamaBuild("", "its AMX code dies", "pip")
    for guest, build in ((True, slow), (False, slow), (True, dies)):
        caplog.clear()
        engines = Engines(settings, Hardware(2, 8 * GIB, 8 * GIB, llama_build=build), guest=guest)
        try:
            if build is dies:
                with pytest.raises(EngineError, match="AMX code dies; fix: pip"):
                    engines.llama().result(60)
            else:
                engines.llama().result(60)
        finally:
            engines.close()
        assert ("without our products; fix: pip" in caplog.text) is (guest and build is slow)


ALONE = """
import multiprocessing, sys
from local_agent.config.settings import Settings
from local_agent.engines import registry
multiprocessing.current_process().name = sys.argv[1]
print(registry.shared().settings.max_calls)
mine = registry.Engines(Settings())
registry.share(mine)
print(registry.shared() is mine)
"""


def test_a_job_process_of_livekit_agents_plans_for_its_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f'name="{registry.JOB_PROCESS}"' in inspect.getsource(job_proc_executor), "it is called otherwise now"
    monkeypatch.setenv("LOCAL_AGENT_MAX_CALLS", "4")
    for name, calls in (("MainProcess", 4), (registry.JOB_PROCESS, 1)):
        told = subprocess.run([sys.executable, "-c", ALONE, name], capture_output=True, text=True, check=False)
        assert told.stdout.split() == [str(calls), "True"], told.stderr

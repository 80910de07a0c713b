"""Engines are loaded once, side by side, and shut down whole."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_agent.engines.registry import Engines
from local_agent.errors import EngineError, WeightsMissing
from local_agent.phrases import ENGLISH
from local_agent.settings import Settings


class Loaded:
    """An engine that remembers whether it was closed."""

    sample_rate = 22_050

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()

    def synthesize(self, text: str, *, on_audio: Any) -> Any:
        on_audio(b"\1\0" * len(text))
        return SimpleNamespace(result=lambda: None)


class Shelf(Engines):
    """Engines whose loading a test holds up. made: how many were."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Settings(models_dir=folder))
        self.go, self.made = threading.Event(), 0
        self.failures: list[Exception] = []

    def _made(self, engine: str, model: str | None, make: Any) -> Any:
        assert self.go.wait(20)
        with self._lock:  # as the real one, which asks for the plan
            self.made += 1
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
    assert first is second is shelf.whisper().result(20) and shelf.made == 1
    assert shelf.whisper("other").result(20) is not first and shelf.made == 2


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
    assert shelf.made == 1

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest

from local_agent.audio import wav
from local_agent.bench import stages
from local_agent.bench.clips import MANIFEST
from local_agent.config.settings import Settings
from local_agent.errors import BadInput, ConfigError
from tests.conftest import Starter
from tests.engines.llama import tinygguf


@pytest.fixture
def settings(starter: Starter) -> Settings:
    return Settings(models_dir=starter.whisper.parent, profile="starter", device="cpu")


def test_words_are_compared_only_where_they_are_known(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"manifest\.jsonl"):
        stages.hear(settings, tmp_path, None)


def test_clips_of_another_rate_are_refused(settings: Settings, tmp_path: Path) -> None:
    wav.write(tmp_path / "a.wav", np.zeros(8000, np.int16), 8000)
    (tmp_path / MANIFEST).write_text(json.dumps({"file": "a.wav", "text": "a", "language": "en"}))
    with pytest.raises(BadInput, match="16 kHz"):
        stages.hear(settings, tmp_path, None)


def test_a_language_without_clips_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"file": "a.wav", "text": "a", "language": "de"}))
    with pytest.raises(BadInput, match="language 'en'"):
        stages.hear(settings, tmp_path, None)


def test_a_model_that_does_not_know_the_clips_languages_is_refused(settings: Settings, tmp_path: Path) -> None:
    wav.write(tmp_path / "a.wav", np.zeros(16_000, np.int16), 16_000)
    rows = [{"file": "a.wav", "text": "a", "language": language} for language in ("de", "en")]
    (tmp_path / MANIFEST).write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ConfigError, match="does not know de"):
        stages.hear(settings, tmp_path, None, spoken="foreign")


def test_where_figures_cannot_go_nothing_is_measured(settings: Settings, tmp_path: Path) -> None:
    for measure in (stages.think, stages.speak):
        with pytest.raises(BadInput, match="can't be written"):
            measure(settings, tmp_path / "nowhere" / "out.json", rounds=1)


def test_a_model_that_is_slower_than_a_call_would_allow_is_measured_all_the_same(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = llama_cpp.llama_decode

    def decode(context: object, batch: Any) -> int:
        time.sleep(0.05 if batch.n_tokens > 64 else 0.0)  # reading takes its time
        return int(real(context, batch))

    monkeypatch.setattr(llama_cpp, "llama_decode", decode)
    model = tinygguf.write(tmp_path / "slow.gguf", trained=4096)
    slow = settings.model_copy(update={"llm_model": str(model), "engine_timeout": 0.2})
    stages.think(slow, tmp_path / "out.json", rounds=1)
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["long"]["long_s"] > 0 and "tokens of conversation" in capsys.readouterr().out

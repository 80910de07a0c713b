"""A language model is tried on this machine; how fast it should be is nobody's assertion."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_agent.engines.llama.speed import measure
from local_agent.errors import WeightsMissing
from tests.conftest import Starter


def test_a_model_is_read_and_written_with(starter: Starter) -> None:
    found = measure(starter.gguf, threads=1, gpu_layers=0)
    assert 1 < found.read < 1e5 and 1 < found.write < 1e5


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        measure(tmp_path / "no.gguf", threads=1, gpu_layers=0)

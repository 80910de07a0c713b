"""A tiny random language model, for tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_agent.engines.llama.engine import Llama
from tests.engines.llama import tinygguf


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinygguf.write(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def open_llama(tiny: Path) -> Iterator[Callable[..., Llama]]:
    opened: list[Llama] = []

    def open_one(path: Path = tiny, **options: Any) -> Llama:
        opened.append(Llama(path, **{"context": 512, "conversations": 4, "threads": 1, **options}))
        return opened[-1]

    yield open_one
    for llama in opened:
        llama.close()


@pytest.fixture
def llama(open_llama: Callable[..., Llama]) -> Llama:
    return open_llama()

"""Small models in the catalogue, and a bundle of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_agent.weights.catalogue import CATALOGUE
from tests.bundle.bundlekit import Parts, entries, made, programs


@pytest.fixture(scope="module")
def small_catalogue() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for entry in entries():
            patch.setitem(CATALOGUE, entry.name, entry)
        yield


@pytest.fixture(scope="module")
def good(small_catalogue: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without programs."""
    return made(tmp_path_factory.mktemp("bundle"))[0]


@pytest.fixture(scope="module")
def parts(good: Path) -> Parts:
    return Parts(good.read_bytes())


@pytest.fixture(scope="module")
def full(small_catalogue: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with programs that run here."""
    folder = tmp_path_factory.mktemp("full")
    return made(folder, programs(folder / "programs"))[0]

"""Fixtures for all tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local_agent.config import sources
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from tests.workers import CallsApart, heed_ctrl_c, longest_first, stand_back

if TYPE_CHECKING:
    from tests.plugins.fakeengines import FakeEngines

ROOT = Path(__file__).resolve().parents[1]
ALL_MODELS = "MODELS_OF_TESTS"  # variable, handed on to workers: the folder in which larger models may lie, too


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> CallsApart:
    return CallsApart(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


def pytest_sessionstart() -> None:
    os.environ.update(sources.UNWATCHED)  # as in the product: some tests run its worker in this process
    os.environ.setdefault(ALL_MODELS, str(_models_dir()))
    if (alone := _without_larger_models()) is not None:
        os.environ["LOCAL_AGENT_MODELS_DIR"] = str(alone)
    stand_back()
    heed_ctrl_c()


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A test that lets a command set up its log leaves none to the next one."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    for handler in [handler for handler in handlers if handler not in root.handlers]:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture
def virtual_time() -> Iterator[None]:
    """For a module's `pytestmark`: its calls take no longer than their computing does. Where a test holds threads back,
    time stays real.
    """
    from tests.virtual_time import virtual_time  # as below

    with virtual_time():
        yield


@pytest.fixture
def engines() -> Iterator[FakeEngines]:
    """Fake engines whose lanes end with the test."""
    from tests.plugins.fakeengines import FakeEngines  # here, so that a test without them need not wait for LiveKit

    made = FakeEngines()
    yield made
    made.close()


@dataclass(frozen=True)
class Starter:
    """Folders of the starter weights."""

    whisper: Path
    llama: Path
    piper: Path
    turn: Path

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.whisper, self.llama, self.piper, self.turn)

    @property
    def gguf(self) -> Path:
        """The language model's file."""
        return self.llama / "SmolLM2-135M-Instruct.Q4_1.gguf"

    @property
    def voice(self) -> Path:
        """The voice's file."""
        return next(self.piper.glob("*.onnx"))


@pytest.fixture(scope="session")
def starter() -> Starter:
    """The starter weights, which `make test` fetches; a test that needs them fails without, it is never skipped."""
    return starter_weights()


def starter_weights() -> Starter:
    """Where they lie."""
    root, names = _models_dir(), PROFILES["starter"].models
    missing = [name for name in names if not (root / name).is_dir()]
    assert not missing, f"{', '.join(missing)} not in {root}: python -m local_agent download --profile starter"
    whisper, llama, piper, turn = names
    return Starter(root / whisper, root / llama, root / piper, root / turn)


def larger(name: str) -> Path:
    """Where a model lies that is not the starter's, if anybody has fetched it: tests of it are skipped otherwise."""
    return Path(os.environ[ALL_MODELS]) / name


def _models_dir() -> Path:
    return Path(os.environ.get("LOCAL_AGENT_MODELS_DIR") or ROOT / "models").absolute()


def _without_larger_models() -> Path | None:
    """A folder of links to the starter weights, since the best on disk is what starts; None where no others are."""
    root, names = _models_dir(), PROFILES["starter"].models
    if not any((root / entry.name).is_dir() for entry in CATALOGUE.values() if entry.name not in names):
        return None
    alone = ROOT / ".cache" / "starter-models"
    alone.mkdir(parents=True, exist_ok=True)
    for name in names:
        with suppress(FileExistsError):
            (alone / name).symlink_to(root / name)
    return alone

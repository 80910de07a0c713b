"""`download --profile auto`: tells, fetches, tries what arrived, and ends with something that starts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_agent.cli import fitting
from local_agent.config.settings import Settings
from local_agent.errors import DownloadFailed, EngineError
from local_agent.hardware import speed
from local_agent.hardware.plan import Hardware, plan
from local_agent.hardware.probe import with_speed
from local_agent.hardware.speed import Speed
from local_agent.weights import store
from local_agent.weights.catalogue import (
    CATALOGUE,
    PROFILES,
    Entry,
    HuggingFace,
    IndexPackage,
    LlmFacts,
    Part,
    Profile,
    WeightFile,
)
from local_agent.weights.copies import Sources
from local_agent.weights.entry import Role
from local_agent.weights.transfer import Web
from tests.hub import Hub, serving

REVISION = "c" * 40
HERE = Hardware(2, 8 << 30, 8 << 30, cpu_flags=frozenset({"avx512_vnni"}))
WEB = Web(timeout=1.0, pause=0.0, first_answer=0.3)
# Language models, from the least to the best: bytes behind a token, points.
MODELS = {"least": (1e8, 15), "middle": (5e8, 30), "best": (1e9, 45), "huge": (4e9, None)}


def entry(name: str, role: Role, facts: LlmFacts | None = None) -> Entry:
    content = name.encode()
    copy = (Part(HuggingFace("maker/all", REVISION), name, len(content)),)
    file = WeightFile(f"{name}.bin", len(content), hashlib.sha256(content).hexdigest(), (copy,))
    return Entry(name, role, (file,), file.path, "MIT", ("en",), "for a test", llm=facts)


@dataclass
class World:
    """speeds: tokens a second that a language model is measured to have; others are quick. tried: in order. threads:
    with as many.
    """

    hub: Hub
    settings: Settings
    speeds: dict[str, Speed]
    tried: list[str]
    threads: list[int]

    def run(self, url: str = "") -> int:
        def locate(packages: Iterable[IndexPackage]) -> dict[IndexPackage, str]:
            raise DownloadFailed("nobody asks the index here")

        return fitting.run(self.settings, Sources(url or self.hub.url, locate, WEB))

    @property
    def there(self) -> set[str]:
        return set(store.installed(self.settings.models_dir))

    def chosen(self) -> str:
        """The profile that `start` takes then."""
        hardware = with_speed(HERE, self.settings.data_dir)
        return plan(self.settings, hardware, store.installed(self.settings.models_dir)).profile


def _become(known: dict[str, Any], wanted: dict[str, Any]) -> None:
    """In this order: monkeypatch would put back what it took away the other way round, and profiles have a rank."""
    known.clear()
    known.update(wanted)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """Four profiles of small files, on a machine of which all but the largest is expected to be carried."""
    made = [entry("ears", "stt"), entry("voice", "tts"), entry("end", "turn")]
    made += [entry(name, "llm", LlmFacts(int(reads), 1, points)) for name, (reads, points) in MODELS.items()]
    names = zip(("starter", "medium", "large", "largest"), MODELS, strict=True)
    usual = dict(CATALOGUE), dict(PROFILES)
    _become(CATALOGUE, {one.name: one for one in made})
    _become(PROFILES, {name: Profile(name, "ears", llm, "voice", 1, "any", "end") for name, llm in names})
    tried, threads_used, speeds = list[str](), list[int](), dict[str, Speed]()

    def measure(path: Path, *, threads: int, gpu_layers: int) -> Speed:
        assert gpu_layers == 0
        threads_used.append(threads)
        tried.append(path.stem)
        return speeds.get(path.stem, Speed(1000, 1000))

    monkeypatch.setattr(fitting, "probe", lambda: HERE)
    monkeypatch.setattr(speed, "measure_memory", lambda cores: 4e10)
    monkeypatch.setattr(fitting, "busy_elsewhere", lambda: 0.0)
    monkeypatch.setattr("local_agent.engines.llama.speed.measure", measure)
    with serving() as hub:
        hub.files = {f"/maker/all/resolve/{REVISION}/{one.name}": one.name.encode() for one in made}
        settings = Settings(models_dir=tmp_path / "models", data_dir=tmp_path / "data")
        try:
            yield World(hub, settings, speeds, tried, threads_used)
        finally:
            _become(CATALOGUE, usual[0])
            _become(PROFILES, usual[1])


def test_what_suits_is_told_with_its_size_and_fetched(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run() == 0
    told = capsys.readouterr().out
    for words in (
        "2 cores with AVX-512, 8 GB, 40 GB a second",
        "large suits it: ears, best, voice, end",
        "45 of 60 points for its answers (starter: 15)",
        "not largest: its first clause would come",
        "PROFILE=starter make start",
        "best reads 1000 and writes 1000 tokens a second here",
        "large is there and whole; its first clause comes 0.02 s after the words",
    ):
        assert words in told
    assert told.index("PROFILE=starter") < told.index("best: 0.0 MB, MIT"), "before anything is fetched"
    assert world.there == {"ears", "best", "voice", "end"} and world.chosen() == "large"


def test_what_was_measured_too_slow_gives_way(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.speeds["best"] = Speed(10, 10)
    assert world.run() == 0
    assert (
        "large is too much for this machine: its first clause comes 1.60 s after the words" in capsys.readouterr().out
    )
    assert world.tried == ["best"] * fitting.TRIES + ["middle"] and world.chosen() == "medium"
    assert world.threads == [2, 1, 2, 2], "with one thread as well: the engine takes what is quicker"
    assert {"best", "middle"} <= world.there, "what was fetched stays"


def test_a_moment_in_which_the_machine_was_busy_does_not_decide(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = iter([Speed(5, 5), Speed(100, 100)])
    monkeypatch.setattr("local_agent.engines.llama.speed.measure", lambda *_, **__: next(speeds))
    assert world.run() == 0 and world.chosen() == "large"


def test_a_busy_machine_is_judged_by_the_estimate(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two threads that wait for each other were twenty times slower beside a compiler."""
    monkeypatch.setattr(fitting, "busy_elsewhere", lambda: float(os.cpu_count() or 1))
    world.speeds["best"] = Speed(3, 1)
    assert world.run() == 0 and world.tried == ["best"] and world.chosen() == "large"
    assert "processors busy now, so best is judged by the estimate" in capsys.readouterr().out
    world.speeds["best"] = Speed(300, 100)
    assert world.run() == 0 and "its first clause comes 0.08 s" in capsys.readouterr().out, "quick all the same"


def test_the_least_is_kept_where_nothing_is_quick(world: World) -> None:
    world.speeds |= dict.fromkeys(MODELS, Speed(1, 1))
    assert world.run() == 0
    tries = fitting.TRIES
    assert world.tried == ["best"] * tries + ["middle"] * tries + ["least"] * tries and world.chosen() == "starter"


def test_what_can_not_be_had_gives_way(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.hub.refuse[f"/maker/all/resolve/{REVISION}/best"] = [404]
    assert world.run() == 0
    assert "large can't be had now: " in capsys.readouterr().err
    assert world.tried == ["middle"] and world.chosen() == "medium"


def test_nobody_answers_and_what_is_on_disk_starts(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = "http://127.0.0.1:9"
    assert world.run(nobody) == 1
    assert "no profile is whole on disk" in capsys.readouterr().err
    world.hub.files = {path: body for path, body in world.hub.files.items() if body not in (b"best", b"middle")}
    assert world.run() == 0
    world.hub.asked.clear()
    assert world.run(nobody) == 0
    assert "starter is there and whole" in capsys.readouterr().out and world.chosen() == "starter"


def test_a_full_list_of_failures_still_names_what_is_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.hub.files.clear()
    for name in ("ears", "huge", "voice", "end"):
        (world.settings.models_dir / name).mkdir(parents=True)
        (world.settings.models_dir / name / f"{name}.bin").write_text(name)
    assert world.run() == 0
    assert "on disk and whole: largest; start takes" in capsys.readouterr().out and world.chosen() == "largest"


def test_a_model_that_does_not_load_is_judged_by_the_estimate(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> Speed:
        raise EngineError("llama.cpp could not open it")

    monkeypatch.setattr("local_agent.engines.llama.speed.measure", broken)
    assert world.run() == 0
    assert "best could not be tried: llama.cpp could not open it" in capsys.readouterr().err
    assert world.chosen() == "large"


def test_ctrl_c_keeps_what_arrived(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "fetch_models", stopped)
    assert world.run() == 130
    assert "goes on from there" in capsys.readouterr().err

"""What was measured once is known at later starts, on the same machine only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_agent.hardware import speed
from local_agent.hardware.speed import UNMEASURED, Measured, Speed

NAME = speed.name_of("a" * 64, "cpu")


def test_it_is_kept_for_this_machine_and_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    found = UNMEASURED.with_memory(2e10).with_model(NAME, Speed(50.5, 30.25))
    assert speed.kept(data, "here") == UNMEASURED and not data.exists()
    speed.keep(data, "here", found)
    assert speed.kept(data, "here") == found and speed.kept(data, "there") == UNMEASURED
    assert (data / speed.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"machine": "here"}', '{"machine": "here", "memory": "x", "models": {"a": 1}}', "\xff"]
)
def test_a_spoilt_note_only_costs_another_measurement(tmp_path: Path, content: str) -> None:
    (tmp_path / speed.FILE).write_text(content, encoding="latin-1")
    assert speed.kept(tmp_path, "here") == UNMEASURED


def test_the_faster_of_two_measurements_counts() -> None:
    """What else ran on the machine can only have slowed it."""
    twice = Measured().with_model(NAME, Speed(50, 20)).with_model(NAME, Speed(40, 30)).with_memory(2e9).with_memory(1e9)
    assert (twice.of(NAME), twice.memory) == (Speed(50, 30), 2e9)
    assert twice.of("cuda " + "a" * 64) is None


def test_memory_is_measured_for_a_moment(tmp_path: Path) -> None:
    found = speed.measure_memory(2, 0.05)
    assert 1e8 < found < 1e13
    speed.keep(tmp_path, "here", Measured(found))
    assert json.loads((tmp_path / speed.FILE).read_text())["memory"] == pytest.approx(found)


def test_the_name_of_a_machine_tells_cores_and_cards_apart() -> None:
    names = {speed.machine_name(2, ()), speed.machine_name(4, ()), speed.machine_name(2, ("GeForce",))}
    assert len(names) == 3

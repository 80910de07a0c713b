"""Which profile a machine carries well: by estimates before anything is on disk, by what was measured after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local_agent.config.settings import Settings
from local_agent.hardware import fit, speed
from local_agent.hardware.model_choice import fetches, ranked, to_have
from local_agent.hardware.plan import Gpu, Hardware, plan
from local_agent.hardware.speed import Measured, Speed
from local_agent.weights.catalogue import CATALOGUE, PROFILES

GIB = 1 << 30
ALL = frozenset(CATALOGUE)
CPU = {"whisper": "cpu", "llama": "cpu", "piper": "cpu"}
CUDA = dict.fromkeys(CPU, "cuda")
HERE = Hardware(2, 8 * GIB, 8 * GIB, cpu_flags=frozenset({"avx2", "avx512_vnni"}))
MEDIUM = CATALOGUE[PROFILES["medium"].llm]


def measured(read: float, write: float, llm: str = PROFILES["medium"].llm, device: str = "cpu") -> Measured:
    """A language model's speed on a machine."""
    return Measured(30e9, ((speed.name_of(CATALOGUE[llm].files[0].sha256 or "", device), Speed(read, write)),))


def best(hardware: Hardware, devices: dict[str, str] = CPU) -> str:
    return next(one.profile.name for one in ranked(Settings(), hardware, devices, ALL) if not one.lacks)


def test_the_machine_of_the_figures_is_judged_as_it_was_measured() -> None:
    """llama.cpp alone on two AVX-512 cores: twelve tokens in .223 s, 31.5 written a second."""
    seconds, known = fit.expected(replace(HERE, measured=Measured(31e9)), "cpu", MEDIUM.name) or (0, True)
    assert not known and seconds == pytest.approx(0.223 + 4 / 31.5, rel=0.02)
    seconds, known = fit.expected(replace(HERE, measured=measured(53.8, 31.5)), "cpu", MEDIUM.name) or (0, False)
    assert known and seconds == pytest.approx(0.223 + 4 / 31.5, rel=0.01)


# read, written tokens a second of the 1.5B: profile
SPEEDS = {
    (54, 31): "medium",
    (31, 20): "medium",
    (29, 20): "small",
    (25, 31): "small",
    (200, 7): "small",
}


def test_what_was_measured_decides() -> None:
    found = {tokens: best(replace(HERE, measured=measured(*tokens))) for tokens in SPEEDS}
    assert found == SPEEDS
    (lacks,) = [
        one.lacks
        for one in ranked(Settings(), replace(HERE, measured=measured(25, 31)), CPU, ALL)
        if one.profile.name == "medium"
    ]
    assert lacks == "its first clause comes 0.61 s after the words, and 0.6 s is the limit"


def test_a_slow_memory_is_told_from_a_quick_one() -> None:
    assert best(replace(HERE, measured=Measured(5e9))) == "small"
    assert best(replace(HERE, measured=Measured(40e9))) == "medium"


def test_points_are_asked_of_the_best_only() -> None:
    """Profiles stand from the least to the best: where points are known they rise, and thinkers are no candidates."""
    known = [CATALOGUE[profile.llm].llm for profile in PROFILES.values()]
    points = [one.points for one in known if one is not None and one.points is not None]
    assert points == sorted(points) and len(points) >= 3
    assert all(one is not None and one.cache == "full" and not one.thinks for one in known)
    for name, entry in CATALOGUE.items():
        assert (entry.llm is not None) is (entry.role == "llm"), name
        assert entry.llm is None or 0.7 * entry.size < entry.llm.reads < entry.size, name
        assert entry.role != "llm" or entry.files[0].sha256, name


@pytest.mark.parametrize(
    ("memory", "profile"), [(2, "small"), (3, "medium"), (4, "medium"), (8, "largest"), (24, "largest")]
)
def test_a_gpu_is_filled_by_what_models_and_calls_really_take(memory: int, profile: str) -> None:
    hardware = replace(HERE, gpus=(Gpu("GPU", memory * GIB),), whisper_gpus=1, llama_offload=True)
    assert best(hardware, CUDA) == profile
    busy = replace(hardware, gpus=(Gpu("GPU", memory * GIB, GIB // 2),))
    assert best(busy, CUDA) == profile, "what runs beside it now is no reason for another download"


def test_a_gpu_is_believed_to_be_quick_until_it_was_measured() -> None:
    hardware = replace(HERE, gpus=(Gpu("GPU", 24 * GIB),), whisper_gpus=1, llama_offload=True)
    slow = measured(10, 5, PROFILES["largest"].llm, "cuda")
    assert best(replace(hardware, measured=slow), CUDA) == "medium"
    assert best(replace(hardware, measured=measured(10, 5, PROFILES["largest"].llm)), CUDA) == "largest", "on the CPU"


def test_a_set_for_another_language_is_fetched_by_its_names() -> None:
    settings = Settings(language="de")
    found = {one.profile.name: one for one in ranked(settings, HERE, CPU, frozenset())}
    assert "starter" not in found
    names = ("whisper-base", PROFILES["medium"].llm, "piper-de_DE-thorsten-medium", PROFILES["medium"].turn)
    assert to_have(found["medium"]) == names
    assert fetches(found["medium"], settings) == f"python -m local_agent download {' '.join(names)}"


def test_what_was_measured_is_what_start_goes_by() -> None:
    slow = replace(HERE, measured=measured(20, 10))
    made = plan(Settings(), slow, ALL)
    assert made.profile == "small"
    told = {line.what: line for line in made.lines}["better"]
    assert told.choice == "medium" and "its first clause comes 1.00 s after the words" in told.reason

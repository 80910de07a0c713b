"""The step that fetches weights, with the project's own downloader: those that suit this machine, or a profile's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local_agent.errors import StepFailed, WeightsError, nearest
from local_agent.process.command import run, run_openly
from local_agent.weights import hash_cache
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from local_agent.weights.download import INTERRUPTED
from local_agent.weights.progress import megabytes
from local_agent.weights.store import find, verify
from scripts.setup.packages import PROJECT, RUNTIME
from scripts.setup.place import Place
from scripts.setup.step import Step, Work

AUTO, NONE = "auto", "none"  # what suits this machine; no weights


def steps(place: Place, profile: str, others: Sequence[Step] = ()) -> list[Step]:
    """For a profile, for AUTO or for NONE. others: what this machine is measured after, as they keep it busy. Raises
    StepFailed for a profile that is none.
    """
    if profile == NONE:
        return []
    if profile == AUTO:
        why = "measures this machine, tells what it carries, and downloads that into models/"
        after = tuple(step.name for step in others)
        return [Step("models for this machine", why, (), lambda: speaks(place), _fit, room=300_000_000, after=after)]
    if profile not in PROFILES:
        near = nearest(profile, PROFILES)
        raise StepFailed(
            f"its first look: no profile is named {profile!r}",
            fix=f"PROFILE={near or AUTO}, or one of {', '.join(PROFILES)}",
        )
    models = PROFILES[profile].models
    size = sum(CATALOGUE[name].size for name in models)
    why = f"downloads {', '.join(models)} ({megabytes(size)}) into models/"
    name, after = f"{profile} weights", (RUNTIME, PROJECT)
    return [Step(name, why, models, lambda: whole(place, models), _fetch(profile), room=size, after=after)]


def speaks(place: Place) -> bool:
    """Whether one model at least that hears, one that answers and one that speaks are whole, of whatever profile: which
    ones were chosen depends on language and settings.
    """
    here = [entry for entry in CATALOGUE.values() if (place.root / "models" / entry.name).is_dir()]
    return all(
        any(entry.role == role and whole(place, [entry.name]) for entry in here) for role in ("stt", "llm", "tts")
    )


def whole(place: Place, names: Sequence[str]) -> bool:
    """Whether these models are there and whole; a look at sizes and times once they were hashed."""
    noted = hash_cache.of(place.root / ".local_agent")
    try:
        for name in names:
            verify(find(name, place.root / "models"), noted=noted)
    except WeightsError:
        return False
    return True


def _words(place: Place, profile: str) -> list[str | Path]:
    words = [place.python, "-m", "local_agent", "download", "--profile", profile]
    return [*words, "--models-dir", place.root / "models"]


def _fetch(profile: str) -> Work:
    """Beside other steps: its lines go to a log, its last one to the status."""

    def work(place: Place, log: Path) -> None:
        run(_words(place, profile), log=log, folder=place.root)

    return work


def _fit(place: Place, _: Path) -> None:
    """By itself: it measures this machine, tells what it found and draws a bar."""
    status = run_openly(_words(place, AUTO), folder=place.root)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    if status != 0:
        raise StepFailed("the download did not succeed", fix="see the lines above, then run make again")

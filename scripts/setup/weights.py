"""The step that fetches weights, with the project's own downloader: those that suit this machine, or a profile's."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from local_agent.errors import WeightsError, nearest
from local_agent.weights import hash_cache
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from local_agent.weights.progress import megabytes
from local_agent.weights.store import find, verify
from scripts.setup.command import StepFailed
from scripts.setup.place import Place
from scripts.setup.step import Step, Work

AUTO, NONE = "auto", "none"  # what suits this machine; no weights


def steps(place: Place, profile: str) -> list[Step]:
    """For a profile, for AUTO or for NONE. Raises StepFailed for a profile that is none."""
    if profile == NONE:
        return []
    if profile == AUTO:
        why = "measures this machine, tells what it carries, and downloads that into models/"
        return [Step("models for this machine", why, (), lambda: speaks(place), _work(AUTO), room=300_000_000)]
    if profile not in PROFILES:
        near = nearest(profile, PROFILES)
        raise StepFailed(
            f"its first look: no profile is named {profile!r}",
            fix=f"PROFILE={near or AUTO}, or one of {', '.join(PROFILES)}",
        )
    models = PROFILES[profile].models
    size = sum(CATALOGUE[name].size for name in models)
    why = f"downloads {', '.join(models)} ({megabytes(size)}) into models/"
    return [Step(f"{profile} weights", why, models, lambda: whole(place, models), _work(profile), room=size)]


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


def _work(profile: str) -> Work:
    def work(place: Place, _: object) -> None:
        """Not captured: the downloader draws its own bar, and says itself what went wrong."""
        words = [str(place.python), "-m", "local_agent", "download", "--profile", profile]
        done = subprocess.run([*words, "--models-dir", str(place.root / "models")], cwd=place.root, check=False)
        if done.returncode == 130:
            raise KeyboardInterrupt
        if done.returncode != 0:
            raise StepFailed("the download did not succeed", fix="see the lines above, then run make again")

    return work

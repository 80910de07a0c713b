"""The step that fetches the starter weights, with the project's own downloader."""

from __future__ import annotations

import subprocess
from pathlib import Path

from local_agent.errors import WeightsError
from local_agent.weights.catalogue import PROFILES
from local_agent.weights.store import find, verify
from scripts.setup.command import StepFailed
from scripts.setup.place import Place
from scripts.setup.step import Step


def starter(place: Place) -> Step:
    return Step(
        "starter weights",
        "downloads Whisper tiny.en, SmolLM2-135M, a Piper voice and Smart Turn (234 MB) into models/",
        (repr(PROFILES["starter"]),),
        lambda: whole(place.root / "models"),
        work,
        room=250_000_000,
    )


def whole(models_dir: Path) -> bool:
    """Whether the models are there and whole; a look at sizes and times once they were hashed."""
    try:
        for name in PROFILES["starter"].models:
            verify(find(name, models_dir))
    except WeightsError:
        return False
    return True


def work(place: Place, log: Path) -> None:
    """Not captured: the downloader draws its own bar, and says itself what went wrong."""
    words = [str(place.python), str(place.root / "scripts" / "download_models.py"), "--profile", "starter"]
    done = subprocess.run([*words, "--models-dir", str(place.root / "models")], check=False)
    if done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode != 0:
        raise StepFailed("the download did not succeed", fix="see the line above, then run make again")

"""Steps that make the virtual environment and fill it with pinned packages."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import sys
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from local_agent.errors import StepFailed
from local_agent.process.command import run
from local_agent.process.screen import SCREEN, StatusLine
from scripts.setup.place import Place
from scripts.setup.step import Step

ROOM = 4_000_000_000  # bytes that a first set-up takes at most, compiling included
ENVIRONMENT, BUILD_TOOLS, RUNTIME, PROJECT = "Python environment", "build tools", "Python packages", "local_agent"
_INSTALLING = threading.Lock()  # one pip at a time changes the environment


class PipStatus(StatusLine):
    """Counts the packages that pip has looked at."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.total, self.done = total, 0

    def heard(self, line: str) -> None:
        if line.startswith(("Collecting", "Requirement already satisfied")):
            self.done += 1
            self.share = f"{min(self.done, self.total)}/{self.total} "
        if line.startswith("Installing"):
            self.share, line = "", f"unpacking {self.total} packages"
        super().heard(line if not line.startswith("Saved") else "")


def environment(place: Place) -> Step:
    return Step(
        ENVIRONMENT,
        f"creates .venv with Python {platform.python_version()}",
        (),
        place.python.exists,
        _create,
        missing=_without_venv,
    )


def build_tools(place: Place) -> Step:
    return _requirements(
        place, "build", BUILD_TOOLS, "cmake, ninja and what builds wheels", "scikit_build_core", after=ENVIRONMENT
    )


def runtime(place: Place) -> Step:
    why = "downloads and unpacks about 80 packages (350 MB); a minute or two"
    return _requirements(place, "runtime", RUNTIME, why, "livekit_agents", 800_000_000)


def development(place: Place) -> Step:
    return _requirements(place, "dev", "test packages", "pytest, mypy, ruff and what tests need", "pytest")


def cuda(place: Place) -> Step:
    why = "CUDA libraries that Whisper loads (600 MB)"
    return _requirements(place, "cuda", "CUDA packages", why, "nvidia_cublas_cu12", 1_200_000_000)


def project(place: Place) -> Step:
    """The project itself, editable: the checkout's path is part of it."""
    inputs = (str(place.root), (place.root / "pyproject.toml").read_text())
    return Step(
        PROJECT,
        "puts this checkout into .venv",
        inputs,
        lambda: place.has("local_agent"),
        _install_project,
        after=(BUILD_TOOLS,),
    )


def pip(
    place: Place,
    log: Path,
    *arguments: str | Path,
    status: StatusLine | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run the environment's pip; index, proxy and certificates are those it is configured with."""
    words = [place.python, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    with _INSTALLING if arguments[0] == "install" and "--target" not in arguments else nullcontext():
        return run(words, log=log, folder=place.root, environment=environment, status=status)


def pins(requirements: Path) -> int:
    """How many packages a requirements file pins, those for other Pythons included."""
    return len(re.findall(r"^[a-z0-9][^ ]*==", requirements.read_text(), re.MULTILINE | re.IGNORECASE))


def _requirements(
    place: Place, file: str, name: str, why: str, sign: str, room: int = 0, after: str = BUILD_TOOLS
) -> Step:
    requirements = place.requirements(file)

    def work(place: Place, log: Path) -> None:
        # No build isolation: the few packages without a wheel are built with pinned tools, never with others.
        options = ("--no-build-isolation", "--require-hashes", "--progress-bar", "off")
        pip(place, log, "install", *options, "-r", requirements, status=PipStatus(pins(requirements)))

    return Step(name, why, (requirements.read_text(),), lambda: place.has(sign), work, room=room, after=(after,))


def _without_venv() -> list[tuple[str, str]]:
    if importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None:
        return []
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    what = f"this Python ({sys.executable}) has no venv"
    return [(what, f"apt install python{version}-venv (Debian, Ubuntu)")]


def _create(place: Place, log: Path) -> None:
    free = shutil.disk_usage(place.root).free
    if free < ROOM:
        SCREEN.say(f"      only {free / 1e9:.1f} GB are free here; a first set-up takes up to {ROOM / 1e9:.0f} GB")
    if place.python.exists() and _usable(place, log):
        return  # somebody's own: it stays
    run([sys.executable, "-m", "venv", "--clear", place.venv], log=log, folder=place.root)


def _usable(place: Place, log: Path) -> bool:
    """Whether an environment that was there before is new enough and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        run([place.python, "-c", check], log=log, folder=place.root)
    except StepFailed:
        return False
    return True


def _install_project(place: Place, log: Path) -> None:
    pip(place, log, "install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", place.root)

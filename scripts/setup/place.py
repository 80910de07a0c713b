"""Where set-up works: the checkout, its virtual environment, and the cache that other checkouts share."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from local_agent.process.operating_system import home

WHEELS = "wheels"


@dataclass(frozen=True)
class Place:
    """root: the checkout. cache: what took long to build, kept for the next checkout. gpu: "cuda" or ""."""

    root: Path
    cache: Path
    gpu: str = ""

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def stamps(self) -> Path:
        """Notes of what was done; they go when the environment goes."""
        return self.venv / ".setup"

    @property
    def logs(self) -> Path:
        return self.root / ".cache" / "setup"

    @property
    def site_packages(self) -> Path:
        """Of the virtual environment, or a path that does not exist while there is none."""
        return next(self.venv.glob("lib/python3*/site-packages"), self.venv / "lib" / "site-packages")

    def requirements(self, name: str) -> Path:
        return self.root / "requirements" / f"{name}.txt"

    def has(self, distribution: str, version: str = "*") -> bool:
        """Whether the virtual environment holds this distribution, looked up without starting Python."""
        name = distribution.replace("-", "_")
        return any(self.site_packages.glob(f"{name}-{version}.dist-info"))


def here(gpu: str = "") -> Place:
    """This checkout and this user's cache (XDG base directory specification); in the checkout for want of a home."""
    root = Path(__file__).resolve().parents[2]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "")
    base = cache if cache.is_absolute() else (home() or root) / ".cache"
    return Place(root, base / "local_agent", gpu)


def python_tag() -> str:
    return f"cp{sys.version_info.major}{sys.version_info.minor}"

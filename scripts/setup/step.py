"""A step of set-up: skipped when it is done, noted when it was."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_agent.errors import StepFailed
from scripts.setup.place import Place

Work = Callable[[Place, Path], None]


@dataclass(frozen=True)
class Step:
    """One thing to bring about.

    name: shown while it runs. why: what it does and why it takes as long as it does. inputs: text that decides whether
    it must be done again. there: a cheap look whether its result is in place. work: does it; the path is its log.
    missing: (what it needs of the machine and does not find, how to come by it). room, cache_room: bytes that it takes
    at least, here and in the cache. after: names of steps that must be done before.
    """

    name: str
    why: str
    inputs: tuple[str, ...]
    there: Callable[[], bool]
    work: Work
    missing: Callable[[], list[tuple[str, str]]] = list
    room: int = 0
    cache_room: int = 0
    after: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def key(self) -> str:
        """Hash of everything that decides the result."""
        return hashlib.sha256("\0".join(self.inputs).encode()).hexdigest()


def is_done(step: Step, place: Place) -> bool:
    """Whether its stamp has the same inputs and its result is still there."""
    stamp = place.stamps / step.slug
    return stamp.is_file() and stamp.read_text().strip() == step.key and step.there()


def demand(steps: Sequence[Step], place: Place) -> None:
    """Return where all that these steps need of the machine is there; else raise StepFailed, which names everything."""
    found = [lack for step in steps for lack in step.missing()]
    found += _short_of_room({place.root: sum(s.room for s in steps), place.cache: sum(s.cache_room for s in steps)})
    if found:
        fixes = "; ".join(dict.fromkeys(fix for _, fix in found))
        raise StepFailed(f"its first look: {'; '.join(what for what, _ in found)}", fix=f"{fixes}; then run make again")


def _short_of_room(needed: Mapping[Path, int]) -> list[tuple[str, str]]:
    """Folders whose disk has too little room for all that goes there."""
    disks: dict[int, tuple[Path, int]] = {}
    for folder, size in needed.items():
        there = next(place for place in (folder, *folder.parents) if place.is_dir())
        shown, so_far = disks.get(there.stat().st_dev, (there, 0))
        disks[there.stat().st_dev] = shown, so_far + size
    lacks = [(folder, size, shutil.disk_usage(folder).free) for folder, size in disks.values()]
    return [
        (
            f"{free / 1e9:.1f} GB are free in {folder}, and about {size / 1e9:.1f} GB are needed",
            f"make room in {folder}",
        )
        for folder, size, free in lacks
        if free < size
    ]

"""A step of set-up: skipped when it is done, noted when it was."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.setup.command import StatusLine, StepFailed
from scripts.setup.place import Place

Work = Callable[[Place, Path], None]


@dataclass(frozen=True)
class Step:
    """One thing to bring about.

    name: shown while it runs. why: what it does and why it takes as long as it does. inputs: text that decides whether
    it must be done again. there: a cheap look whether its result is in place. work: does it; the path is its log.
    missing: (what it needs of the machine and does not find, how to come by it). room, cache_room: bytes that it takes
    at least, here and in the cache.
    """

    name: str
    why: str
    inputs: tuple[str, ...]
    there: Callable[[], bool]
    work: Work
    missing: Callable[[], list[tuple[str, str]]] = list
    room: int = 0
    cache_room: int = 0

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


def perform(steps: Sequence[Step], place: Place) -> int:
    """Do what is not done yet, in order; returns how many steps that were. Raises StepFailed, which names the step."""
    count = 0
    for number, step in enumerate(steps, 1):
        if is_done(step, place):
            continue
        count += 1
        print(f"[{number}/{len(steps)}] {step.name}: {step.why}", flush=True)
        began = time.monotonic()
        log = place.logs / f"{step.slug}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")
        try:
            step.work(place, log)
            if not step.there():
                raise StepFailed("it ended without an error but its result is not there", fix="read the log", log=log)
        except StepFailed as error:
            error.what = f"step {number} of {len(steps)}, {step.name}: {error.what}"
            raise
        except OSError as error:
            what = f"step {number} of {len(steps)}, {step.name}: {error.strerror or error} ({error.filename or ''})"
            raise StepFailed(what, fix="make room or mend the permissions, then run make again", log=log) from error
        place.stamps.mkdir(parents=True, exist_ok=True)
        (place.stamps / step.slug).write_text(step.key + "\n")
        StatusLine().clear()
        print(f"      done in {time.monotonic() - began:.0f} s", flush=True)
    return count

"""A step of set-up: skipped when it is done, noted when it was."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
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
    """

    name: str
    why: str
    inputs: tuple[str, ...]
    there: Callable[[], bool]
    work: Work

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

"""Steps beside each other: one begins as soon as those are done that it comes after."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Sequence

from local_agent.errors import StepFailed
from local_agent.process.command import allow, end_all
from local_agent.process.screen import REDRAWN, SCREEN
from scripts.setup.place import Place
from scripts.setup.step import Step, is_done

LEAVE = 20.0  # seconds that steps have to leave off; a command is ended within 15


def perform(steps: Sequence[Step], place: Place) -> int:
    """Do what is not done yet; returns how many steps that were. The first that fails ends the others: raises
    StepFailed, which names it. With JOBS=1 one is done after the other.
    """
    waiting, undone, count = list(steps), {step.name for step in steps}, 0
    lanes = 1 if os.environ.get("JOBS") == "1" else len(steps)
    ended: queue.Queue[tuple[Step, BaseException | None]] = queue.Queue()
    running: dict[str, threading.Thread] = {}
    allow()
    try:
        while undone:
            step = next((step for step in waiting if not undone & set(step.after)), None)
            if step is None or len(running) == lanes:
                step, error = _next(ended)
                running.pop(step.name).join()
                if error is not None:
                    raise error
                undone.remove(step.name)
                continue
            waiting.remove(step)
            if is_done(step, place):
                undone.remove(step.name)
                continue
            count += 1
            number = f"{list(steps).index(step) + 1}/{len(steps)}"
            running[step.name] = threading.Thread(target=_work, args=(step, place, number, ended), daemon=True)
            running[step.name].start()
    finally:
        _leave(list(running.values()))
    return count


def _next(ended: queue.Queue[tuple[Step, BaseException | None]]) -> tuple[Step, BaseException | None]:
    """The step that ends next; it waits in short pieces, so that Ctrl-C is heard."""
    while True:
        try:
            return ended.get(timeout=REDRAWN)
        except queue.Empty:
            continue


def _leave(running: Sequence[threading.Thread]) -> None:
    """Have every step that runs end its command. What does not within LEAVE ends with this process."""
    if running:
        end_all()
    until = time.monotonic() + LEAVE
    for thread in running:
        thread.join(max(0.0, until - time.monotonic()))


def _work(step: Step, place: Place, number: str, ended: queue.Queue[tuple[Step, BaseException | None]]) -> None:
    try:
        _do(step, place, number)
    except BaseException as error:
        ended.put((step, error))
    else:
        ended.put((step, None))


def _do(step: Step, place: Place, number: str) -> None:
    """One step, noted when it is done. Raises StepFailed, which names it."""
    SCREEN.say(f"[{number}] {step.name}: {step.why}")
    began = time.monotonic()
    log = place.logs / f"{step.slug}.log"
    where = f"step {number.replace('/', ' of ')}, {step.name}"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")
        step.work(place, log)
        if not step.there():
            raise StepFailed("it ended without an error but its result is not there", fix="read the log", log=log)
        place.stamps.mkdir(parents=True, exist_ok=True)
        (place.stamps / step.slug).write_text(step.key + "\n")
    except StepFailed as error:
        error.what = f"{where}: {error.what}"
        raise
    except OSError as error:
        what = f"{where}: {error.strerror or error} ({error.filename or ''})"
        raise StepFailed(what, fix="make room or mend the permissions, then run make again", log=log) from error
    SCREEN.say(f"[{number}] {step.name}: done in {time.monotonic() - began:.0f} s")

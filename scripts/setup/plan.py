"""Which steps a set-up has, and how it reports: the only module here that a person talks to."""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local_agent.errors import StepFailed
from local_agent.process.screen import SCREEN
from local_agent.weights.download import INTERRUPTED
from scripts.setup import livekit, llama, mtmd, packages, page, weights
from scripts.setup.lanes import perform
from scripts.setup.place import Place, here
from scripts.setup.step import Step, demand, is_done


def steps(place: Place, *, development: bool, profile: str, vision: bool = False) -> list[Step]:
    """Every step names those that it comes after. profile: whose weights (`weights.steps`). vision: with what looks at
    images.
    """
    found = [packages.environment(place), packages.build_tools(place), packages.runtime(place)]
    if development:
        found.append(packages.development(place))
    if place.gpu:
        found.append(packages.cuda(place))
    found += [packages.project(place), llama.llama(place), livekit.livekit_server(place), page.page(place, development)]
    if development or vision:
        found.append(mtmd.mtmd(place))
    return [*found, *weights.steps(place, profile, found)]


def main() -> int:
    """Exit status: 0, 1 with what to do, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python3 -m scripts.setup", description="Set local_agent up in .venv.")
    parser.add_argument("--gpu", choices=("cuda", "none"), help="build for a GPU; kept until another choice is made")
    parser.add_argument(
        "--profile", help="weights: auto (what suits this machine), a profile, or none; kept until another choice"
    )
    parser.add_argument("--dev", action="store_true", help="also what the tests need, and the starter weights alone")
    parser.add_argument("--vision", choices=("1", "0"), help="1: also what looks at images; kept until another choice")
    parser.add_argument("--quiet", action="store_true", help="say nothing unless it fails")
    given = parser.parse_args()
    SCREEN.quiet = given.quiet
    began = time.monotonic()
    place = here()
    try:
        place = here(chosen_gpu(place, given.gpu))
        vision = _kept(place, "vision") if given.vision is None else given.vision.removeprefix("0")
        choices = {"gpu": place.gpu, "vision": vision}
        if not given.dev and given.profile != weights.NONE:
            choices["profile"] = _kept_profile(place) if given.profile is None else given.profile.lower()
        profile = chosen_profile(place, given.profile, given.dev)
        wanted = steps(place, development=given.dev, profile=profile, vision=bool(vision))
        if all(is_done(step, place) for step in wanted) and not _changes(place, choices):
            return 0  # nothing is written: a checkout that is set up may lie on a medium that can't be
        with _alone(place):
            demand([step for step in wanted if not is_done(step, place)], place)
            count = perform(wanted, place)
            _remember(place, choices)
    except StepFailed as error:
        print(error.report(), file=sys.stderr)
        return 1
    except OSError as error:
        what = f"{error.filename or place.root} can't be used ({error.strerror or error})"
        unusable = StepFailed(f"its first look: {what}", fix="mend its permissions, then run make again")
        print(unusable.report(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from there", file=sys.stderr)
        return INTERRUPTED
    if count:
        SCREEN.say(f"set up in {time.monotonic() - began:.0f} s")
    return 0


def chosen_gpu(place: Place, asked: str | None) -> str:
    """ "cuda" or "": what was asked for now, else what this environment was built for."""
    if asked is None:
        return _kept(place, "gpu")
    return "" if asked == "none" else asked


def chosen_profile(place: Place, asked: str | None, development: bool = False) -> str:
    """Whose weights: what was asked for now, what the environment says, what was asked for last; else what suits this
    machine. For development the starter's.
    """
    if development:
        return "starter"
    said = os.environ.get("LOCAL_AGENT_PROFILE", "").strip()
    return (asked or said or _kept_profile(place)).lower()


def _kept_profile(place: Place) -> str:
    return _kept(place, "profile") or weights.AUTO


def _kept(place: Place, name: str) -> str:
    """What was chosen at an earlier set-up, "" where that was the usual."""
    kept = place.stamps / name
    return kept.read_text().strip() if kept.is_file() else ""


def _changes(place: Place, choices: Mapping[str, str]) -> bool:
    return any(_kept(place, name) != value.removeprefix(weights.AUTO) for name, value in choices.items())


def _remember(place: Place, choices: Mapping[str, str]) -> None:
    for name, value in choices.items():
        kept, unusual = place.stamps / name, value.removeprefix(weights.AUTO)
        if not _changes(place, {name: value}):
            continue
        if unusual:
            kept.write_text(unusual + "\n")
        else:
            kept.unlink(missing_ok=True)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Two set-ups of one checkout wait for each other. Raises StepFailed where the checkout can't be written."""
    try:
        place.logs.mkdir(parents=True, exist_ok=True)
        lock = (place.logs / "lock").open("w")
    except OSError as error:
        copy = f"~/{shlex.quote(place.root.name)}"
        raise StepFailed(
            f"its first look: {place.root} can't be written ({error.strerror}), and it is not set up yet",
            fix=f"cp -r {shlex.quote(str(place.root))} {copy} && make -C {copy} setup, or make this folder writable",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            SCREEN.say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

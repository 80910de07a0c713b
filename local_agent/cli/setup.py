"""`setup`: what pip does not bring, livekit-server and weights. A checkout has `make setup`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from local_agent.cli import fitting
from local_agent.config.languages import AUTO
from local_agent.config.settings import Settings
from local_agent.config.sources import cache_folder, program_folder
from local_agent.errors import ConfigError, LiveKitMissing, StepFailed, as_typed_here, in_checkout
from local_agent.process.screen import SCREEN
from local_agent.server.assets import CLIENT
from local_agent.server.livekit import binary
from local_agent.server.livekit_build import VERSION, build
from local_agent.server.web_options import PAGE
from local_agent.weights.copies import Sources
from local_agent.weights.download import INTERRUPTED, download_command

ROOM = 1_200_000_000  # bytes that Go's caches and the program take


def run(settings: Settings, sources: Sources, *, profile: str = AUTO, quiet: bool = False) -> int:
    """Exit status: 0 where a call can be held, 1 with what to do, 130 after Ctrl-C. profile: whose weights. Raises
    ConfigError in a checkout, and where the page is not whole.
    """
    if in_checkout():
        raise ConfigError("this is a checkout of local_agent, which has a set-up of its own", fix="make setup")
    SCREEN.quiet = quiet
    try:
        program = _livekit(settings)
    except StepFailed as error:
        print(error.report(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from there", file=sys.stderr)
        return INTERRUPTED
    SCREEN.say(f"livekit-server: {program}")
    if not (PAGE / CLIENT).is_file():
        raise ConfigError(
            "this installation has no page: the wheel was made where there was no npm",
            fix="put npm on PATH, then: python -m pip install --force-reinstall --no-deps --no-cache-dir local-agent",
        )
    # After compiling, which keeps the machine too busy to be measured.
    SCREEN.say(f"weights: into {settings.models_dir}")
    done = fitting.run(settings, sources) if profile == AUTO else _fetched(settings, sources, profile)
    if done == 0:
        SCREEN.say(as_typed_here("all is there: python -m local_agent start"))
    return done


def _fetched(settings: Settings, sources: Sources, profile: str) -> int:
    return download_command([], profile, settings.models_dir, sources=sources)


def _livekit(settings: Settings) -> Path:
    """The server program that is there, else one that is built now. Raises StepFailed."""
    try:
        return binary(settings)
    except LiveKitMissing:
        if settings.livekit_server is not None:
            raise  # a person's own: it is not for us to put one there
    cache, target = cache_folder(), program_folder() / "livekit-server"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(cache).free) < ROOM:
            what = f"{free / 1e9:.1f} GB are free in {cache}, and about {ROOM / 1e9:.1f} GB are needed"
            raise StepFailed(what, fix=f"make room in {cache}")
        SCREEN.say(f"livekit-server: builds v{VERSION} from its Go module, one or two minutes of two cores")
        built = build(cache, Path(sys.executable), cache / "livekit-server.log")
        part = target.with_name("livekit-server.part")
        shutil.copy2(built, part)
        return part.replace(target)
    except OSError as error:
        what = f"{error.filename or target} can't be written ({error.strerror or error})"
        raise StepFailed(
            what, fix="mend its permissions, or set XDG_CACHE_HOME and XDG_DATA_HOME to other folders"
        ) from error

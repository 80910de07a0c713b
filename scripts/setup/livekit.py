"""The step that puts livekit-server into the environment (local_agent/server/livekit_build.py)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local_agent.server.livekit_build import SUM, VERSION, build, kept, says_version
from scripts.setup.packages import ENVIRONMENT
from scripts.setup.place import Place
from scripts.setup.step import Step


def livekit_server(place: Place) -> Step:
    return Step(
        "livekit-server",
        f"builds livekit-server v{VERSION} from its Go module, one or two minutes of two cores; kept in your cache",
        (VERSION, SUM),
        lambda: says_version(target(place)),
        work,
        room=80_000_000,
        cache_room=0 if kept(place.cache).is_file() else 1_000_000_000,  # most of it Go's own caches
        after=(ENVIRONMENT,),
    )


def target(place: Place) -> Path:
    return place.venv / "bin" / "livekit-server"


def work(place: Place, log: Path) -> None:
    built = build(place.cache, place.python, log, os.environ.get("JOBS", ""))
    part = target(place).with_name("livekit-server.part")
    shutil.copy2(built, part)
    part.replace(target(place))

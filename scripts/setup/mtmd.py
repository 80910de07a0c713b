"""The step that compiles llama.cpp's mtmd, which looks at images: on request, as most voice agents need no eyes."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from local_agent.process.command import run
from local_agent.process.operating_system import library, usable_processors
from local_agent.process.screen import SCREEN
from scripts.setup import llama
from scripts.setup.place import Place
from scripts.setup.step import Step

MTMD = Path(__file__).resolve().parents[1] / "mtmd"  # which says how it is compiled
NAME = library("mtmd")


def mtmd(place: Place) -> Step:
    inputs = (llama.recipe(place), (MTMD / "CMakeLists.txt").read_text())
    kept = place.cache / "mtmd" / hashlib.sha256(chr(0).join(inputs).encode()).hexdigest()[:16] / NAME
    return Step(
        "mtmd",
        "compiles the part of llama.cpp that looks at images, half a minute on two quiet cores; kept in your cache",
        inputs,
        lambda: (_libraries(place) / NAME).is_file(),  # asked again once there is an environment
        lambda place, log: _work(place, log, kept),
        missing=lambda: [] if kept.is_file() else llama.missing(place),
        room=5_000_000,
        cache_room=150_000_000,
        after=("llama.cpp",),
    )


def _work(place: Place, log: Path, kept: Path) -> None:
    if kept.is_file():
        SCREEN.say(f"      already compiled: {kept}")
    else:
        _compile(place, log, kept)
    part = _libraries(place) / f"{NAME}.part"
    shutil.copyfile(kept, part)
    part.replace(part.with_name(NAME))


def _compile(place: Place, log: Path, kept: Path) -> None:
    building = place.cache / "build" / f"mtmd-{kept.parent.name}"
    source = llama.source(place, log, building) / "vendor" / "llama.cpp"
    tools = {"PATH": f"{place.venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    options = [f"-DSOURCE={source}", f"-DINSTALLED={_libraries(place)}", "-DCMAKE_BUILD_TYPE=Release"]
    ninja = building / "ninja"
    run(["cmake", "-G", "Ninja", "-S", MTMD, "-B", ninja, *options], log=log, folder=place.root, environment=tools)
    jobs = os.environ.get("JOBS") or str(len(usable_processors()))
    run(["cmake", "--build", ninja, "--parallel", jobs], log=log, folder=place.root, environment=tools)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    shutil.copyfile(ninja / "mtmd" / NAME, part)
    part.replace(kept)
    shutil.rmtree(building)


def _libraries(place: Place) -> Path:
    return place.site_packages / "llama_cpp" / "lib"

"""`python -m scripts.setup.programs FOLDER`: what a machine without a network needs, from a checkout that is set up.

Run by `local_agent bundle --with-programs`. Packages come from the index that pip is configured with, under their
pinned hashes; llama.cpp, livekit-server and the page are those that set-up made here.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

from local_agent.errors import StepFailed
from local_agent.server.livekit_build import VERSION, says_version
from local_agent.weights.download import INTERRUPTED
from scripts.setup import livekit, llama, plan
from scripts.setup.packages import PipStatus, pins, pip
from scripts.setup.place import Place, here

PAGE = "local_agent/server/page/vendor/livekit-client.umd.js"


def main() -> int:
    """Exit status: 0, 1 with what to do, 130 after Ctrl-C."""
    place = here()
    try:
        gather(here(plan.chosen_gpu(place, None)), Path(sys.argv[1]).absolute())
    except StepFailed as error:
        print(error.report(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def gather(place: Place, folder: Path) -> None:
    """wheels/ with every package, ours and pip itself, and bin/livekit-server. Raises StepFailed."""
    wheels, binary = folder / "wheels", folder / "bin" / "livekit-server"
    log = place.logs / "programs.log"
    wheels.mkdir(parents=True)
    binary.parent.mkdir()
    built = kept_llama(place)
    if not says_version(livekit.target(place)):
        raise StepFailed(f"{livekit.target(place)} is not livekit-server {VERSION}", fix="make setup")
    print("fetching the pinned packages from the package index (350 MB)", flush=True)
    for name in ("runtime", *(("cuda",) if place.gpu else ())):
        _packages(place, log, name, wheels)
    shutil.copyfile(built, wheels / built.name)
    shutil.copyfile(bundled_pip(), wheels / bundled_pip().name)
    pip(place, log, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", wheels, place.root)
    _check_page(next(wheels.glob("local_agent-*.whl")), log)
    shutil.copyfile(livekit.target(place), binary)


def kept_llama(place: Place) -> Path:
    """The wheel that set-up compiled on this machine."""
    wheel = llama.kept_wheel(place)
    if wheel is None:
        raise StepFailed(
            "there is no compiled llama-cpp-python for this machine in the cache",
            fix="make setup, with the same CMAKE_ARGS as here",
        )
    return wheel


def bundled_pip() -> Path:
    """The wheel of pip that this Python brings along (the ensurepip module; Debian keeps it elsewhere)."""
    spec = importlib.util.find_spec("ensurepip")
    folders = [Path(spec.origin).parent / "_bundled"] if spec and spec.origin else []
    if debian := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(debian))
    found = [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    if not found:
        raise StepFailed("this Python brings no wheel of pip along", fix="apt install python3-venv, then try again")
    return found[-1]


def _packages(place: Place, log: Path, name: str, wheels: Path) -> None:
    requirements = place.requirements(name)
    options = ("--no-deps", "--no-build-isolation", "--require-hashes", "--progress-bar", "off", "--wheel-dir", wheels)
    pip(place, log, "wheel", *options, "-r", requirements, status=PipStatus(pins(requirements)))


def _check_page(wheel: Path, log: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        if PAGE not in opened.namelist():
            raise StepFailed("the wheel of local_agent has no page", fix="make setup, which fetches it", log=log)


if __name__ == "__main__":
    sys.exit(main())

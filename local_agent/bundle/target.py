"""The kind of machine that a bundle's programs run on."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass

from local_agent.process.operating_system import processor_flags


@dataclass(frozen=True)
class Target:
    """system: "Linux". machine: "x86_64". libc: "glibc 2.36", which is the oldest that will do. python: "cp311".

    cpu: flags of /proc/cpuinfo that llama.cpp was compiled for, sorted; empty where it was compiled for any.
    """

    system: str
    machine: str
    libc: str
    python: str
    cpu: tuple[str, ...] = ()


def here() -> Target:
    """This machine, this Python, and all that this processor can do."""
    python = f"cp{sys.version_info.major}{sys.version_info.minor}{getattr(sys, 'abiflags', '')}"
    libc = " ".join(platform.libc_ver()).strip()
    return Target(platform.system(), platform.machine(), libc, python, tuple(sorted(processor_flags())))


def misfit(programs: Target, machine: Target) -> str:
    """Why `programs` cannot run on `machine`, as "made for THIS, and this machine has THAT"; empty when they can."""
    if (programs.system, programs.machine) != (machine.system, machine.machine):
        return f"for {programs.system} {programs.machine}, and this machine is {machine.system} {machine.machine}"
    if programs.python != machine.python:
        return f"for Python {spoken(programs.python)}, and this is Python {spoken(machine.python)}"
    if not _libc_suffices(programs.libc, machine.libc):
        return f"for {programs.libc} or newer, and this machine has {machine.libc or 'another C library'}"
    lacking = sorted(set(programs.cpu) - set(machine.cpu))
    if lacking:
        return f"for a processor with {', '.join(lacking)}, which this one lacks"
    return ""


def _libc_suffices(wanted: str, found: str) -> bool:
    """glibc runs what was linked with an older one, never with a newer."""
    if wanted.partition(" ")[0] != found.partition(" ")[0]:
        return False
    return _numbers(found) >= _numbers(wanted)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def spoken(tag: str) -> str:
    """ "3.11" of "cp311"."""
    return re.sub(r"^cp(\d)", r"\1.", tag)

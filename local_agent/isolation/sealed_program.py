"""Starts a program that can open no socket, nor reach into a process that can; what it starts can neither.

Run as a file of its own, with nothing imported but the standard library: `python sealed_program.py COMMAND ARG...`
becomes COMMAND. The kernel holds it (seccomp with a BPF program, linux/seccomp.h), whatever the program is written in,
without rights and without a network namespace, which many machines and containers forbid. Pairs of connected sockets
and pipes are left, which reach nobody. Loopback is closed as well: who listens there may reach the network.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

NO_COMMAND, NO_SEAL = 127, 126  # exit statuses, as shells use them

# linux/prctl.h, linux/seccomp.h, linux/audit.h
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_MODE_FILTER = 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # _REFUSE: with EPERM
_SIGKILL = 9
# classic BPF (linux/bpf_common.h): load a word of struct seccomp_data, jump if equal or not below, return
_LOAD, _EQUAL, _FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE = 0, 4  # offsets in struct seccomp_data
_X32 = 0x40000000  # system calls of x86-64 by other numbers begin here
# By machine: its number in linux/audit.h, and those of the system calls: socket, ptrace, process_vm_readv,
# process_vm_writev (asm/unistd.h), io_uring_setup, which opens sockets too, and pidfd_getfd, which takes another's.
_CALLS = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425, 438)),
}


def can_seal() -> bool:
    """Whether there is a filter for this machine; whether its kernel takes it, the program finds out."""
    return Path("/proc/sys/kernel/seccomp/actions_avail").exists() and platform.machine() in _CALLS


def command(program: str, arguments: Sequence[str]) -> tuple[str, list[str]]:
    """What to start instead of a program: the same, sealed."""
    return sys.executable, ["-I", "-S", str(Path(__file__).resolve()), program, *arguments]


def seal() -> None:
    """This process, for the rest of its life, and all that it starts. Raises OSError where the kernel does not."""
    instructions = _filter(*_CALLS[platform.machine()])
    held = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in instructions))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(instructions), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    for option in (
        (_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0),
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0),
    ):
        if libc.prctl(*option) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def _filter(machine: int, refused: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """BPF instructions: operation, how far to jump if true and if false, operand."""
    tests = [(_FROM, _X32), *((_EQUAL, number) for number in refused)]
    jumps = [(kind, len(tests) - at, 0, operand) for at, (kind, operand) in enumerate(tests)]
    return [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *jumps,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]


def main(arguments: Sequence[str]) -> int:
    """Become the program; the exit status where that is not possible."""
    try:
        seal()
    except (OSError, KeyError) as error:
        print(f"the kernel does not seal this program: {error}", file=sys.stderr)
        return NO_SEAL
    try:
        os.execvp(arguments[0], list(arguments))
    except OSError as error:
        print(f"{arguments[0]} does not start: {error.strerror}", file=sys.stderr)
    return NO_COMMAND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

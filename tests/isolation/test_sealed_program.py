"""A sealed program, and what it starts, opens no socket, whatever it is written in; else it runs as it would."""

from __future__ import annotations

import subprocess
import sys

import pytest

from local_agent.isolation import sealed_program

ATTEMPTS = """
import contextlib, ctypes, os, socket, subprocess, sys
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with contextlib.suppress(PermissionError):  # refused, as it shall be: only what is open is told
            socket.socket(family, kind)
            print("open:", family, kind)
libc = ctypes.CDLL(None, use_errno=True)
libc.socket(2, 1, 0) == -1 or print("open: from C")
libc.syscall(425, 1, None) == -1 and ctypes.get_errno() == 1 or print("open: io_uring")
libc.ptrace(16, os.getppid(), None, None) == -1 or print("open: ptrace")
if len(sys.argv) == 1:
    subprocess.run([sys.executable, "-c", sys.stdin.read(), "child"], check=True)
ours, theirs = socket.socketpair()
ours.send(b"pairs stay")
print(theirs.recv(10).decode())
"""


def started(program: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    file, words = sealed_program.command(program, arguments)
    return subprocess.run([file, *words], input=given, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(not sealed_program.can_seal(), reason="no filter for this machine")
def test_no_socket_is_opened_by_a_sealed_program_or_its_child() -> None:
    done = started(sys.executable, "-c", ATTEMPTS, given=ATTEMPTS)
    assert (done.stdout, done.returncode) == ("pairs stay\n" * 2, 0), done.stderr


@pytest.mark.skipif(not sealed_program.can_seal(), reason="no filter for this machine")
def test_everything_else_is_as_it_was() -> None:
    done = started("sh", "-c", "read word; echo $word and $1; exit 3", "sh", "more", given="some\n")
    assert (done.stdout, done.returncode) == ("some and more\n", 3)


@pytest.mark.skipif(not sealed_program.can_seal(), reason="no filter for this machine")
def test_a_program_that_is_not_there() -> None:
    done = started("no-such-program")
    assert done.returncode == sealed_program.NO_COMMAND and "no-such-program does not start" in done.stderr

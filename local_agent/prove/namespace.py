"""Leaving the machine's network for an empty one: user, network and mount namespaces of this process and its children.

By unshare(2) itself, which Python before 3.12 does not offer, and not by the program of that name: then this process
keeps the rights over its namespaces, and what it starts has none.
"""

from __future__ import annotations

import ctypes
import os
import signal
import tempfile
from pathlib import Path

from local_agent.errors import ProofVoid
from local_agent.prove.tun_interface import RESOLVER, TUN

# linux/sched.h, sys/mount.h, linux/prctl.h, linux/securebits.h
_NEWUSER, _NEWNET, _NEWNS = 0x10000000, 0x40000000, 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER = 1, 28, 36
_SECBIT_NOROOT_LOCKED = 0b11
# Sockets of daemons that look names up for others: a file, so no network namespace closes it. What asks them would not
# be counted.
DOORS = ("/run/systemd/resolve", "/run/nscd", "/run/avahi-daemon", "/run/dbus", "/run/unbound")
# A program that Ubuntu or a container keeps from user namespaces says so here.
SWITCHES = (
    "user/max_user_namespaces",
    "kernel/unprivileged_userns_clone",
    "kernel/apparmor_restrict_unprivileged_userns",
)
WEAKER = "; or take the weaker audit: python -m local_agent prove --strace"
FIX = (
    "run it as root (sudo) on the machine itself, or allow user namespaces (sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu, user.max_user_namespaces above 0; in a container, one "
    "that may: podman run --security-opt seccomp=unconfined --device /dev/net/tun)"
)
NO_TUN = "load the kernel's module (sudo modprobe tun), or in a container: podman run --device /dev/net/tun"

_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> None:
    """Move this process, which must have one thread only, into empty namespaces. Raises ProofVoid where forbidden."""
    user, group = os.getuid(), os.getgid()
    try:
        try:
            _call("unshare", _NEWUSER | _NEWNET | _NEWNS)
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        except PermissionError:
            if user != 0:
                raise
            _call("unshare", _NEWNET | _NEWNS)  # root may, where user namespaces are switched off
        _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except OSError as error:
        raise forbidden(error) from error


def forbidden(error: OSError) -> ProofVoid:
    """What happened and what to do where this machine forbids an empty network."""
    told = []
    for name in SWITCHES:
        path = Path("/proc/sys", name)
        if path.exists():
            told.append(f"{name.replace('/', '.')} = {path.read_text().strip()}")
    no_tun = error.filename == TUN and not isinstance(error, PermissionError)
    return ProofVoid(
        f"no empty network can be made here: {error}" + (f" ({', '.join(told)})" if told and not no_tun else ""),
        expected=f"user and network namespaces, and {TUN}, for this user",
        fix=(NO_TUN if no_tun else FIX) + WEAKER,
    )


def own_resolver() -> None:
    """Make every name be asked for at RESOLVER, over the network, where it is counted. Raises OSError."""
    scratch = Path(tempfile.mkdtemp(prefix="local_agent-resolver-"))
    for door in DOORS:
        if Path(door).is_dir():
            _call("mount", b"none", door.encode(), b"tmpfs", 0, b"size=1m,mode=755")
    for target, content in (
        (Path("/etc/resolv.conf"), f"nameserver {RESOLVER}\n"),
        (Path("/etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n"),
    ):
        place = target.resolve()
        if not place.exists() and any(place.is_relative_to(door) for door in DOORS):
            place.write_text(content)  # the link of systemd-resolved, whose folder is ours now
        elif place.exists():
            ours = scratch / target.name
            ours.write_text(content)
            _call("mount", str(ours).encode(), str(place).encode(), None, _MS_BIND, None)
            ours.unlink()
    scratch.rmdir()


def give_up_rights() -> None:
    """Run in a child before it executes: no right over the namespace is left to it, not even root's."""
    _libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NOROOT_LOCKED, 0, 0, 0)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _call(name: str, *given: object) -> None:
    """A function of the C library. Raises OSError."""
    if getattr(_libc, name)(*given) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")

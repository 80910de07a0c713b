"""What comes over a wire between two network namespaces, and two machines of a local network that such a wire joins."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from local_agent.prove.packet import Packet, parse

ROOT = Path(__file__).resolve().parents[2]
HOME, PHONE = "192.168.77.1", "192.168.77.2"
_OUTGOING, _IPV4, _IPV6 = 4, 0x0800, 0x86DD
# A socket that hears all packets of a network namespace, opened by a process that is in it.
_EAR = """
import socket, sys
ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
socket.send_fds(socket.socket(fileno=int(sys.argv[1])), [b"."], [ear.fileno()])
"""
# What a machine lives by: a process that ends with its standard input. The phone asks for names over its network only.
_HOME = "import sys; print('ready', flush=True); sys.stdin.read()"
_PHONE = f"from local_agent.prove import namespace; namespace.own_resolver(); {_HOME}"


def need_programs(*names: str, packages: str) -> None:
    """Skip where one is not installed; the reason names it, and the packages that bring them all."""
    if missing := [name for name in names if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install {packages})")


@dataclass(frozen=True)
class Seen:
    """What came over a wire: an IP packet, or the number of another protocol (ARP is 0x0806)."""

    packet: Packet | None
    protocol: int
    is_answer: bool


@dataclass
class Wire:
    """This end of wires: every packet that comes out of them, and whether it answers one that went in.

    within: what comes before a command so that it runs in this end's network. interface: how their names begin.
    """

    within: Sequence[str]
    interface: str
    seen: list[Seen] = field(default_factory=list)
    _called: set[tuple[str, ...]] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ear = self._open()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def left(self) -> list[Packet]:
        """IP packets that were no answer; what was sent before is in it. Without what the kernel says by itself when
        the interface comes up, before there is a process and before IPv6 is switched off.
        """
        time.sleep(0.2)
        packets = [one.packet for one in self.seen if not one.is_answer]
        return [packet for packet in packets if packet is not None and not packet.kernels_own]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2)
        self._ear.close()

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            command = [*self.within, sys.executable, "-c", _EAR, str(theirs.fileno())]
            subprocess.run(command, pass_fds=[theirs.fileno()], check=True, timeout=20)
            _, (ear, *_), *_ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=ear)

    def _run(self) -> None:
        self._ear.settimeout(0.1)
        while not self._stop.is_set():
            try:
                data, (name, protocol, kind, *_) = self._ear.recvfrom(65_535)
            except TimeoutError:
                continue
            if name.startswith(self.interface):
                self._note(data, protocol, kind == _OUTGOING)

    def _note(self, data: bytes, protocol: int, goes_in: bool) -> None:
        packet = parse(data) if protocol in (_IPV4, _IPV6) else None
        if goes_in:
            if packet is not None:
                self._called.add(_ends(packet.protocol, packet.destination, packet.destination_port, packet.source,
                                       packet.source_port))  # fmt: skip
            return
        answer = (
            packet is not None
            and _ends(packet.protocol, packet.source, packet.source_port, packet.destination, packet.destination_port)
            in self._called
        )
        self.seen.append(Seen(packet, protocol, answer))


def _ends(*words: object) -> tuple[str, ...]:
    return tuple(str(word) for word in words)


class LocalNetwork:
    """with LocalNetwork() as network: two machines, `home` and `phone`, and a wire between them.

    home, phone: what comes before a command that is to run there. The phone's way to everywhere leads over the wire,
    so that home hears whatever it sends. Skips the test where networks can't be made.
    """

    def __init__(self) -> None:
        self._holders: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        need_programs("ip", "nsenter", "unshare", packages="iproute2 util-linux")
        try:
            mine = [] if os.getuid() == 0 else ["-r"]  # a user namespace, in which this user may make networks
            self.home, _ = self._machine(_HOME, "unshare", "-n", *mine)
            self.phone, pid = self._machine(_PHONE, *self.home, "unshare", "-n", "-m")
            self.phone.append("-m")
            for where, words in (
                (self.home, f"link add lan0 type veth peer name lan1 netns {pid}"),
                (self.home, f"addr add {HOME}/24 dev lan0"),
                (self.phone, f"addr add {PHONE}/24 dev lan1"),
                (self.home, "link set lan0 up"),
                (self.phone, "link set lan1 up"),
                (self.home, "link set lo up"),
                (self.phone, "link set lo up"),
                (self.phone, f"route add default via {HOME}"),
            ):
                subprocess.run([*where, "ip", *words.split()], check=True, timeout=20)
            self.wire = Wire(self.home, "lan0")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.wire.close()
        self._end()

    def _machine(self, program: str, *within: str) -> tuple[list[str], int]:
        """(what comes before a command of a new machine, the process that holds it)."""
        process = subprocess.Popen(
            [*within, sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self._holders.append(process)
        assert process.stdout is not None
        if (told := process.stdout.readline()) != "ready\n":
            told += process.stdout.read()
            pytest.skip(f"no network of one's own here: {told.strip().splitlines()[-1]}")
        user = [] if os.getuid() == 0 else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(process.pid), *user, "-n"], process.pid

    def _end(self) -> None:
        for holder in reversed(self._holders):
            assert holder.stdin is not None
            holder.stdin.close()
            holder.wait(5)

"""From a packet's port to the process that sent it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.prove.packet import Packet
from local_agent.prove.packet_owner import UNKNOWN, Owners, describe, family

pytestmark = pytest.mark.skipif(not Path("/proc/net/udp").exists(), reason="no /proc: not Linux")
CHILD = "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"  # noqa: E501


def packet(protocol: str, port: int) -> Packet:
    return Packet(protocol, "10.99.0.2", "192.0.2.1", port, 53)


@pytest.mark.parametrize(("protocol", "kind"), [("UDP", socket.SOCK_DGRAM), ("TCP", socket.SOCK_STREAM)])
@pytest.mark.parametrize("version", [socket.AF_INET, socket.AF_INET6])
def test_a_socket_of_ours(protocol: str, kind: socket.SocketKind, version: socket.AddressFamily) -> None:
    owners = Owners(os.getpid())
    with socket.socket(version, kind) as ours:
        ours.bind(("", 0))
        if protocol == "TCP":
            ours.listen()
        port = ours.getsockname()[1]
        assert owners.of(packet(protocol, port)) == describe(os.getpid())
    assert owners.of(packet(protocol, port)) == describe(os.getpid()), "forgotten when it was closed"
    assert owners.of(packet("TCP" if protocol == "UDP" else "UDP", port)) == UNKNOWN


def test_a_socket_of_a_child() -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        assert child.pid in family(os.getpid())
        told = Owners(os.getpid()).of(packet("UDP", port))
        assert told.endswith(f"(process {child.pid})") and " -c import socket" in told
        assert "/" not in told.split()[0], "the program's folder is nobody's business"
        assert Owners(child.pid + 1_000_000).of(packet("UDP", port)) == UNKNOWN
    finally:
        child.communicate()

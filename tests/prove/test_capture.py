"""Packets are read to the last one that was sent, however slow the machine is."""

from __future__ import annotations

import os
import struct
import sys
import time
from pathlib import Path

import pytest

from local_agent.prove.capture import Capture
from local_agent.prove.packet import Packet
from local_agent.prove.packet_owner import Owners

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a pipe that keeps bounds is Linux's")


def datagram(port: int) -> bytes:
    """An IPv4 packet with an empty UDP datagram from `port`."""
    udp = struct.pack("!HHHH", port, 9, 8, 0)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + bytes(8) + udp


@pytest.fixture
def way_out(tmp_path: Path) -> tuple[int, int]:
    """Where packets are read, and where they are sent. A pipe keeps their bounds, as a TUN device does."""
    return os.pipe2(os.O_DIRECT)


def test_what_was_sent_before_is_taken_where_each_packet_takes_long_to_read(
    way_out: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: Owners, packet: Packet) -> str:
        time.sleep(0.3)
        return "somebody"

    monkeypatch.setattr(Owners, "of", slow)
    read, write = way_out
    with Capture(read, os.getpid()) as capture:
        for port in (1001, 1002, 1003):
            os.write(write, datagram(port))
        assert [one.packet.source_port for one in capture.take()] == [1001, 1002, 1003]
        assert capture.take() == []


def test_a_capture_that_broke_says_so_at_once(way_out: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Owners, packet: Packet) -> str:
        raise OSError("no more")

    monkeypatch.setattr(Owners, "of", broken)
    read, write = way_out
    with Capture(read, os.getpid()) as capture:
        os.write(write, datagram(1001))
        began = time.monotonic()
        with pytest.raises(RuntimeError, match="no more"):
            capture.take()
        assert time.monotonic() - began < 5.0

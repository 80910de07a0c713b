"""Packets, from the bytes of their IP header on."""

from __future__ import annotations

import socket
import struct

import pytest

from local_agent.prove.packet import Packet, parse, question

QUERY = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + b"\x09telemetry\x07example\x00" + struct.pack("!HH", 1, 1)


def ipv4(protocol: int, payload: bytes, target: str = "192.0.2.1", options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), 1, 0, 64, protocol, 0)
    return head + socket.inet_aton("10.99.0.2") + socket.inet_aton(target) + options + payload


def ipv6(following: int, payload: bytes, target: str = "2001:db8::1") -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(payload), following, 64)
    addresses = [socket.inet_pton(socket.AF_INET6, address) for address in ("fd00:99::2", target)]
    return head + b"".join(addresses) + payload


def udp(port: int, payload: bytes = b"") -> bytes:
    return struct.pack("!HHHH", 40_000, port, 8 + len(payload), 0) + payload


def tcp(port: int) -> bytes:
    return struct.pack("!HHIIBBHHH", 50_000, port, 1, 0, 5 << 4, 2, 1024, 0, 0)


def test_dns_query_tells_its_name() -> None:
    packet = parse(ipv4(17, udp(53, QUERY), target="10.99.0.1"))
    assert packet == Packet("UDP", "10.99.0.2", "10.99.0.1", 40_000, 53, name="telemetry.example")
    assert packet.target == "10.99.0.1:53"


def test_only_dns_ports_have_names() -> None:
    assert parse(ipv4(17, udp(9999, QUERY))).name == ""
    assert parse(ipv6(17, udp(5353, QUERY), target="ff02::fb")).name == "telemetry.example"


@pytest.mark.parametrize("message", [b"", QUERY[:12], bytes(40), QUERY[:12] + b"\xc0\x0c\x00"])
def test_what_asks_nothing_has_no_name(message: bytes) -> None:
    assert question(message) == ""


def test_tcp_behind_ip_options() -> None:
    packet = parse(ipv4(6, tcp(443), options=b"\x01" * 8))
    assert (packet.protocol, packet.source_port, packet.target) == ("TCP", 50_000, "192.0.2.1:443")


def test_tcp_behind_ipv6_extension_headers() -> None:
    hop_by_hop = bytes([44, 0]) + bytes(6)
    fragment = bytes([60, 0]) + bytes(6)
    destination = bytes([6, 1]) + bytes(14)
    packet = parse(ipv6(0, hop_by_hop + fragment + destination + tcp(443)))
    assert (packet.protocol, packet.target) == ("TCP", "[2001:db8::1]:443")


@pytest.mark.parametrize(("kind", "target", "own"), [
    (133, "ff02::2", True), (143, "ff02::16", True), (135, "ff02::1:ff00:2", True),
    (128, "ff02::1", False), (135, "2001:db8::1", False),
])  # fmt: skip
def test_only_the_kernels_own_kinds_are_excused(kind: int, target: str, own: bool) -> None:
    packet = parse(ipv6(58, bytes([kind, 0, 0, 0]), target=target))
    assert (packet.protocol, packet.target, packet.kernels_own) == ("ICMPv6", target, own)


def test_joining_a_group_is_no_excuse() -> None:
    packet = parse(ipv4(2, bytes(8), target="224.0.0.22"))
    assert (packet.protocol, packet.target, packet.kernels_own) == ("IGMP", "224.0.0.22", False)


@pytest.mark.parametrize("data", [b"", b"\x45\x00", ipv4(17, b"")[:14], ipv6(0, b"")])
def test_what_makes_no_sense_is_counted_all_the_same(data: bytes) -> None:
    assert parse(data).protocol == "malformed"


def test_unknown_protocols_and_versions_have_a_number() -> None:
    assert parse(ipv4(47, bytes(8))).protocol == "IP protocol 47"
    assert parse(b"\x70" + bytes(30)).protocol == "IP version 7"

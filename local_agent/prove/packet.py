"""What a packet says about itself: protocol, where it comes from and goes to, and the name that a DNS query asks."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP", 136: "UDP-Lite"}  # IANA's numbers
WITH_PORTS = ("TCP", "UDP", "SCTP", "UDP-Lite")
DNS_PORTS = (53, 5353, 5355)  # DNS, mDNS, LLMNR
_EXTENSIONS = (0, 43, 44, 60)  # IPv6: hop-by-hop, routing, fragment, destination options
# RFC 4861 and 3810: router solicitation, neighbour solicitation and multicast listener report, which Linux sends by
# itself on an interface that is told nothing else.
_KERNELS_OWN = (133, 135, 143)


@dataclass(frozen=True, slots=True)
class Packet:
    """source, destination: addresses. Ports: None where the protocol has none. name: what a DNS query asks, else empty.

    kernels_own: of a kind that the kernel sends by itself when an IPv6 interface comes up.
    """

    protocol: str
    source: str
    destination: str
    source_port: int | None = None
    destination_port: int | None = None
    name: str = ""
    kernels_own: bool = False

    @property
    def target(self) -> str:
        """`192.0.2.1:53`, `[2001:db8::1]:53`, or the address alone."""
        if self.destination_port is None:
            return self.destination
        host = f"[{self.destination}]" if ":" in self.destination else self.destination
        return f"{host}:{self.destination_port}"


def parse(data: bytes) -> Packet:
    """A packet from its bytes, which begin with the IP header; one that makes no sense is told as such, never lost."""
    try:
        version = data[0] >> 4
        if version == 4:
            return _ip(data[9], ip_address(data[12:16]), ip_address(data[16:20]), data[(data[0] & 15) * 4 :])
        if version == 6:
            number, rest = _past_extensions(data[6], data[40:])
            return _ip(number, ip_address(data[8:24]), ip_address(data[24:40]), rest)
    except (IndexError, struct.error, ValueError):
        return Packet("malformed", "?", "?")
    return Packet(f"IP version {version}", "?", "?")


def _past_extensions(number: int, rest: bytes) -> tuple[int, bytes]:
    """(protocol, its bytes) behind an IPv6 packet's extension headers."""
    while number in _EXTENSIONS:
        length = 8 if number == 44 else (rest[1] + 1) * 8
        number, rest = rest[0], rest[length:]
    return number, rest


def _ip(number: int, source: IPv4Address | IPv6Address, target: IPv4Address | IPv6Address, rest: bytes) -> Packet:
    protocol = PROTOCOLS.get(number, f"IP protocol {number}")
    if protocol in WITH_PORTS and len(rest) >= 4:
        ports = struct.unpack("!HH", rest[:4])
        name = question(rest[8:]) if protocol == "UDP" and ports[1] in DNS_PORTS else ""
        return Packet(protocol, str(source), str(target), ports[0], ports[1], name)
    own = protocol == "ICMPv6" and target.is_multicast and bool(rest) and rest[0] in _KERNELS_OWN
    return Packet(protocol, str(source), str(target), kernels_own=own)


def question(message: bytes) -> str:
    """The first name that a DNS message asks; empty when it asks none."""
    if len(message) < 13 or not struct.unpack("!H", message[4:6])[0]:
        return ""
    labels, at = [], 12
    while at < len(message) and (length := message[at]):
        if length > 63:  # compression, which no question needs
            return ""
        labels.append(message[at + 1 : at + 1 + length].decode("ascii", "backslashreplace"))
        at += 1 + length
    return ".".join(labels)

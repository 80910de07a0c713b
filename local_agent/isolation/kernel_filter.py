"""Whether the kernel lets this process out to the internet. Nothing that asks here sends a packet to anybody."""

from __future__ import annotations

import errno
import socket
from enum import StrEnum

# Addresses for documentation (RFC 5737, RFC 3849): nobody has them. Port 9 is discard's.
OUTSIDE = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}
LOOPBACK_DEVICE = b"lo"
NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
FORBIDDEN = (errno.EPERM, errno.EACCES)


class Way(StrEnum):
    """What the kernel does with a packet for the internet."""

    NONE = "no route"  # a network namespace or machine without one
    DENIED = "denied"  # systemd's IPAddressDeny, deploy/container.nft, or another firewall that answers the sender
    OPEN = "open"
    UNKNOWN = "unknown"  # there is a route, and whether a filter stands before it can't be asked


def look() -> Way:
    """For this process. The widest of what holds for IPv4 and IPv6."""
    found = {_way(family) for family in OUTSIDE}
    return next(way for way in (Way.OPEN, Way.UNKNOWN, Way.DENIED, Way.NONE) if way in found)


def _way(family: socket.AddressFamily) -> Way:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(OUTSIDE[family])  # of UDP: picks a route and sends nothing
    except OSError as error:
        return _judged(error)
    return _filter(family)


def _filter(family: socket.AddressFamily) -> Way:
    """A datagram bound to the loopback device passes the filters of this process and can't leave the machine.

    systemd's filter and deploy/container.nft are asked for every packet on its way to whichever device and answer
    EPERM; what passes them ends in the loopback device, where nobody has that address.
    """
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, LOOPBACK_DEVICE)
            sock.setblocking(False)
            sock.sendto(b"", OUTSIDE[family])
    except PermissionError:
        return Way.DENIED
    except (OSError, AttributeError):  # no such device or option here, or no way through it for IPv6
        return Way.UNKNOWN
    return Way.OPEN


def _judged(error: OSError) -> Way:
    if error.errno in NO_WAY:
        return Way.NONE
    return Way.DENIED if error.errno in FORBIDDEN else Way.UNKNOWN

"""The one way out of the namespace: a TUN interface with the default routes, which leads to our own file descriptor.

Made with the kernel's old ioctls, so that no program has to be installed. Layer 3: there is no neighbour to ask for, so
no packet dies as an ARP request, and what is read are the packets themselves.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import socket
import struct
from pathlib import Path

logger = logging.getLogger(__name__)

NAME = "out0"
TUN = "/dev/net/tun"
ADDRESS, NETMASK = "10.99.0.2", "255.255.255.0"
ADDRESS_6, PREFIX_6 = "fd00:99::2", 64  # a unique local address (RFC 4193)
RESOLVER = "10.99.0.1"  # behind the interface, where nobody is

# linux/if_tun.h, linux/sockios.h, net/route.h
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x1, 0x1000
_SIOCADDRT, _SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x890B, 0x8913, 0x8914, 0x8916, 0x891C
_IFF_UP, _RTF_UP = 0x1, 0x1
# No link-local address, no router asked for, no address made up: what then leaves is sent by a process.
_STILL = {"addr_gen_mode": 1, "accept_ra": 0, "autoconf": 0, "accept_dad": 0, "router_solicitations": 0}


class _Route(ctypes.Structure):
    """`struct rtentry` of net/route.h."""

    _fields_ = (
        ("pad1", ctypes.c_ulong),
        ("destination", ctypes.c_ubyte * 16),
        ("gateway", ctypes.c_ubyte * 16),
        ("mask", ctypes.c_ubyte * 16),
        ("flags", ctypes.c_ushort),
        ("pad2", ctypes.c_short),
        ("pad3", ctypes.c_ulong),
        ("pad4", ctypes.c_void_p),
        ("metric", ctypes.c_short),
        ("device", ctypes.c_char_p),
        ("mtu", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("irtt", ctypes.c_ushort),
    )


def make() -> int:
    """Make and raise loopback and the way out, in this thread's network namespace; a descriptor that gives one packet a
    read. Raises OSError where that is not allowed or /dev/net/tun is not there.
    """
    tun = os.open(TUN, os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", NAME.encode(), _IFF_TUN | _IFF_NO_PI))
    _keep_still()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, address in ((_SIOCSIFADDR, ADDRESS), (_SIOCSIFNETMASK, NETMASK)):
            fcntl.ioctl(control, request, struct.pack("16s16s8x", NAME.encode(), _sockaddr(address)))
        for name in ("lo", NAME):
            flags = struct.unpack("16xH22x", fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("40s", name.encode())))[0]
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags | _IFF_UP))
        everywhere = (ctypes.c_ubyte * 16)(*_sockaddr("0.0.0.0"))
        route = _Route(destination=everywhere, gateway=everywhere, mask=everywhere, flags=_RTF_UP, device=NAME.encode())
        fcntl.ioctl(control, _SIOCADDRT, route)
    if Path("/proc/net/if_inet6").exists():
        _add_ipv6()
    return tun


def _sockaddr(address: str) -> bytes:
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def _keep_still() -> None:
    """Stop what the kernel would send by itself; where /proc is read-only it is sent, and told as the kernel's own."""
    for name, value in _STILL.items():
        try:
            Path(f"/proc/sys/net/ipv6/conf/{NAME}/{name}").write_text(str(value))
        except OSError as error:
            logger.info("%s stays as it is: %s", name, error)


def _add_ipv6() -> None:
    """`struct in6_ifreq` and `struct in6_rtmsg` of linux/ipv6.h and linux/ipv6_route.h."""
    index = socket.if_nametoindex(NAME)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        address = socket.inet_pton(socket.AF_INET6, ADDRESS_6)
        fcntl.ioctl(control, _SIOCSIFADDR, struct.pack("16sIi", address, PREFIX_6, index))
        route = struct.pack("16s16s16sIHHILIi", bytes(16), bytes(16), bytes(16), 0, 0, 0, 1, 0, _RTF_UP, index)
        fcntl.ioctl(control, _SIOCADDRT, route)


def counters() -> tuple[int, int]:
    """(packets that went out, packets lost before they could be read) as the kernel counts them."""
    for line in Path("/proc/self/net/dev").read_text().splitlines():
        name, _, figures = line.partition(":")
        if name.strip() == NAME:
            words = figures.split()
            return int(words[9]), int(words[10]) + int(words[11])
    raise OSError(f"the interface {NAME} has gone")

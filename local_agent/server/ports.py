"""TCP and UDP ports: is one free, who holds it, which one is."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from typing import Literal

import psutil

from local_agent.errors import PortInUse

Kind = Literal["tcp", "udp"]
LOOPBACK = "127.0.0.1"
EVERYWHERE = "::"  # all addresses of this machine, those of IPv4 among them
_TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
# Below what Linux (32768) and others (49152) give to outgoing connections: one of those, ours or a browser's, would
# else take the port between this probe and the server's own bind.
PICKED = range(20_000, 32_768)
TRIES = 50


def free_port(host: str = LOOPBACK, kind: Kind = "tcp") -> int:
    """A port in PICKED that nobody listened on a moment ago. Raises PortInUse after TRIES taken ones."""
    return _free((host,), kind)


def claim(port: int, kind: Kind, variable: str, *hosts: str) -> int:
    """The port itself when it is free on these addresses, a free one for 0; else PortInUse, naming the holder and
    `variable`.
    """
    if port == 0:
        return _free(hosts, kind)
    for host in hosts:
        if (error := _obstacle(port, kind, host, reuse=kind == "tcp")) is not None:
            raise _refusal(error, port, kind, variable, host) from error
    return port


def _refusal(error: OSError, port: int, kind: Kind, variable: str, host: str) -> PortInUse:
    what, reason = f"{kind.upper()} port {port} on {shown(host)} can't be used", error.strerror or str(error)
    if error.errno == errno.EADDRNOTAVAIL:
        return PortInUse(
            f"{what}: {reason}",
            expected="an address of this machine",
            fix=f"look at its addresses (ip -brief address), and correct the setting that names {host}",
        )
    return PortInUse(
        f"{what}: {holder(port, kind) or reason}",
        expected="a free port",
        fix=f"end that process, or set {variable} to another port (0 picks a free one)",
    )


def shown(host: str) -> str:
    """An address in words."""
    return "all addresses" if host == EVERYWHERE else host


def _free(hosts: Sequence[str], kind: Kind) -> int:
    for _ in range(TRIES):
        port = secrets.choice(PICKED)
        obstacles = {host: _obstacle(port, kind, host) for host in hosts}
        for host, error in obstacles.items():
            if error is not None and error.errno == errno.EADDRNOTAVAIL:  # no other port is better there
                raise _refusal(error, port, kind, "", host)
        if not any(obstacles.values()):
            return port
    raise PortInUse(
        f"none of {TRIES} {kind.upper()} ports tried on {', '.join(map(shown, hosts))} can be used",
        expected=f"a free port between {PICKED.start} and {PICKED.stop - 1}",
        fix="end what holds them, or name ports: LOCAL_AGENT_PORT, LOCAL_AGENT_LIVEKIT_PORT, LOCAL_AGENT_RTC_TCP_PORT, "
        "LOCAL_AGENT_RTC_UDP_PORT",
    )


def _obstacle(port: int, kind: Kind, host: str, *, reuse: bool = False) -> OSError | None:
    """Why nobody can listen there now. reuse: a port in TIME_WAIT is free to a server.

    EVERYWHERE is looked up, not tried: this process may be sealed against listening to the network.
    """
    if host == EVERYWHERE and list(_listening(port, kind)):
        return OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    tried = LOOPBACK if host == EVERYWHERE else host
    with socket.socket(_family(tried), _TYPES[kind]) as probe:
        if reuse:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((tried, port))
        except OSError as error:
            return error
    return None


def holder(port: int, kind: Kind) -> str:
    """`held by NAME (process PID)` as far as this user may know; "" when it cannot be known."""
    for pid in filter(None, _listening(port, kind)):
        try:
            return f"held by {psutil.Process(pid).name()} (process {pid})"
        except psutil.Error:
            return f"held by process {pid}"
    return ""


def _listening(port: int, kind: Kind) -> Iterator[int | None]:
    """The processes that listen on a port, on any address; None for one that this user may not know."""
    try:
        connections = psutil.net_connections(kind)
    except (psutil.AccessDenied, OSError):
        return
    for connection in connections:
        listens = kind == "udp" or connection.status == psutil.CONN_LISTEN
        if connection.laddr and connection.laddr.port == port and listens:
            yield connection.pid


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

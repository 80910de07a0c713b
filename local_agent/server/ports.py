"""TCP and UDP ports: is one free, who holds it, which one is."""

from __future__ import annotations

import secrets
import socket
from typing import Literal

import psutil

from local_agent.errors import PortInUse

Kind = Literal["tcp", "udp"]
_TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
# Below what Linux (32768) and others (49152) give to outgoing connections: one of those, ours or a browser's, would
# else take the port between this probe and the server's own bind.
PICKED = range(20_000, 32_768)
TRIES = 50


def free_port(host: str = "127.0.0.1", kind: Kind = "tcp") -> int:
    """A port in PICKED that nobody listened on a moment ago. Raises PortInUse after TRIES taken ones."""
    for _ in range(TRIES):
        port = secrets.choice(PICKED)
        with socket.socket(_family(host), _TYPES[kind]) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue  # taken: another one
            return port
    raise PortInUse(
        f"none of {TRIES} {kind.upper()} ports tried on {host} can be used",
        expected=f"a free port between {PICKED.start} and {PICKED.stop - 1}",
        fix="end what holds them, or name ports: LOCAL_AGENT_PORT, LOCAL_AGENT_LIVEKIT_PORT, LOCAL_AGENT_RTC_TCP_PORT",
    )


def claim(port: int, host: str, kind: Kind, variable: str) -> int:
    """The port itself when it is free, a free one for 0; PortInUse, naming the holder and `variable`, otherwise."""
    if port == 0:
        return free_port(host, kind)
    with socket.socket(_family(host), _TYPES[kind]) as probe:
        if kind == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free to a server
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"{kind.upper()} port {port} on {host} can't be used: {holder(port, kind) or error.strerror}",
                expected="a free port",
                fix=f"end that process, or set {variable} to another port (0 picks a free one)",
            ) from error
    return port


def holder(port: int, kind: Kind) -> str:
    """`held by NAME (process PID)` as far as this user may know; "" when it cannot be known."""
    try:
        connections = psutil.net_connections(kind)
    except (psutil.AccessDenied, OSError):
        return ""
    for connection in connections:
        listening = kind == "udp" or connection.status == psutil.CONN_LISTEN
        if connection.laddr and connection.laddr.port == port and listening and connection.pid:
            try:
                return f"held by {psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                return f"held by process {connection.pid}"
    return ""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

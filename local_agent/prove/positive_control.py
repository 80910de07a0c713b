"""The positive control: one DNS query and one TCP connection that must be counted, or nothing else counts either."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from dataclasses import dataclass

from local_agent.prove.capture import Capture, Sighting
from local_agent.prove.namespace import give_up_rights

TARGET = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody has it
WITHIN = 10.0  # s for both packets to come by
_PROGRAM = """
import socket, sys, threading, time
threading.Thread(target=socket.getaddrinfo, args=(sys.argv[1], 443), daemon=True).start()
connection = socket.socket(); connection.setblocking(False)
connection.connect_ex((sys.argv[2], int(sys.argv[3]))); time.sleep(60)
"""


@dataclass(frozen=True, slots=True)
class Control:
    """Packets counted of either kind. named: the process that sent them was told rightly."""

    dns: int
    tcp: int
    named: bool

    @property
    def counted(self) -> bool:
        return self.dns > 0 and self.tcp > 0


def run(capture: Capture, environment: dict[str, str]) -> tuple[Control, list[Sighting]]:
    """Send both from a process of its own; whether they were counted, and what else left meanwhile."""
    name, port = f"control-{secrets.token_hex(8)}.example", 40_000 + secrets.randbelow(20_000)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM, name, TARGET, str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=give_up_rights,
    )
    seen: list[Sighting] = []
    try:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline and not (_asked(seen, name) and _connected(seen, port)):
            seen += capture.take()
    finally:
        process.kill()
        process.wait()
    seen += capture.take()
    ours = _asked(seen, name) + _connected(seen, port)
    named = all(sighting.process.endswith(f"(process {process.pid})") for sighting in ours)
    others = [sighting for sighting in seen if sighting not in ours]
    return Control(len(_asked(seen, name)), len(_connected(seen, port)), bool(ours) and named), others


def _asked(seen: list[Sighting], name: str) -> list[Sighting]:
    return [one for one in seen if one.packet.name.startswith(name)]


def _connected(seen: list[Sighting], port: int) -> list[Sighting]:
    return [one for one in seen if one.packet.protocol == "TCP" and one.packet.destination_port == port]

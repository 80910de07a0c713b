"""The weaker audit, where no namespace can be had: what the product asks the kernel to connect or send to.

It sees the product's own processes only, not what was really sent, it runs on the machine's real network, and what is
written to a connected socket by write(2) escapes it.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path

import psutil

from local_agent.errors import LocalAgentError, ProofVoid
from local_agent.isolation import kernel_filter
from local_agent.prove.results import Departure, Section
from local_agent.prove.scenarios import Stage, play

TRACE = "strace.log"
FLUSHED = 1.0  # s that strace may take to write its last lines after the product has ended
# 12<python> connect(15<TCP:[1234]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
_LINE = re.compile(r"^(?P<process>\d+(<[^>]*>)?) +(?P<call>connect|sendto|sendmsg|sendmmsg)\((?P<rest>.*)")
_SOCKET = re.compile(r"^\d+<(?P<protocol>[A-Za-z0-9-]+):\[(?:[^>]*->(?P<peer>\[[^\]]+\]|[^:\]]+):(?P<port>\d+))?")
_BOUND = re.compile(r"setsockopt\(\d+<(\w+:\[\d+\])>, SOL_SOCKET, SO_BINDTODEVICE, .*, 2\) += 0")
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_ASKED = frozenset((host, str(port)) for host, port in kernel_filter.OUTSIDE.values())


def audit(folder: Path, environment: dict[str, str], models_dir: Path, tell: Callable[[str], object]) -> Section:
    """One plain run under strace. Raises ProofVoid where strace is not installed."""
    program = shutil.which("strace")
    if program is None:
        raise ProofVoid("strace is not installed", fix="install it (apt-get install strace), or allow user namespaces")
    trace = folder / TRACE
    # -D: the product is our child and not strace's. -yy: kinds and peers of sockets. -s 0: nothing of what is sent.
    before = (program, "-D", "-f", "-Y", "-yy", "-s", "0", "--seccomp-bpf", "-e", "trace=network", "-o", str(trace))
    free = {f"LOCAL_AGENT_{name}": "0" for name in ("PORT", "LIVEKIT_PORT", "RTC_TCP_PORT", "RTC_UDP_PORT")}
    stage = Stage(folder, environment | free, models_dir, None, before)
    section = Section(
        "strace audit",
        "What the product's processes asked the kernel to connect or send to. Weaker than the proof in a namespace: "
        "nothing was kept from leaving, and what native code does without these calls is not seen.",
    )
    began = time.monotonic()
    try:
        play(stage, section, {}, tell)
        time.sleep(FLUSHED)
        lines = trace.read_text(errors="replace").splitlines()
        if not any(_LINE.match(line) for line in lines):
            raise ProofVoid("strace noted no connection at all, not even over loopback")
        section.exercised.append(f"{len(lines)} system calls noted")
        section.departures = foreign(lines, own_addresses())
    except (LocalAgentError, OSError, ValueError) as error:
        section.faults.append(str(error))
    section.seconds = round(time.monotonic() - began, 1)
    return section


def own_addresses() -> frozenset[str]:
    """Addresses of this machine: what goes there stays."""
    return frozenset(one.address.partition("%")[0] for held in psutil.net_if_addrs().values() for one in held)


def foreign(lines: Iterable[str], own: frozenset[str]) -> list[Departure]:
    """Connections and datagrams to other machines, of the lines that strace wrote.

    connect() of a UDP socket sends nothing (WebRTC does it to learn its own address) and is left out. So is what
    `confinement.look` sends from sockets that it binds to the loopback device (a name of 2 letters).
    """
    found: dict[tuple[str, str, str], int] = {}
    inner: set[str] = set()
    for line in lines:
        if bound := _BOUND.search(line):
            inner.add(bound[1])
        if (matched := _LINE.match(line)) and (seen := _target(matched["call"], matched["rest"])):
            protocol, address, port = seen
            asking = (address, port) in _ASKED and any(f"<{one}>" in line for one in inner)
            if not asking and not _stays(address, own):
                host = f"[{address}]" if ":" in address else address
                key = (protocol, f"{host}:{port}", matched["process"])
                found[key] = found.get(key, 0) + 1
    return [Departure(protocol, target, "", process, n, 0.0) for (protocol, target, process), n in found.items()]


def _target(call: str, rest: str) -> tuple[str, str, str] | None:
    """(protocol, address, port) that a call names or whose socket is connected to; None where it sends nothing."""
    socket = _SOCKET.match(rest)
    protocol = (socket["protocol"] if socket else "?").removesuffix("v6")
    if call == "connect" and protocol == "UDP":
        return None
    address, port = _ADDRESS.search(rest), _PORT.search(rest)
    if address is not None:
        return protocol, address[1] or address[2], port[1] if port else "?"
    if socket is not None and socket["peer"]:
        return protocol, socket["peer"].strip("[]"), socket["port"]
    return None


def _stays(address: str, own: frozenset[str]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_loopback or parsed.is_unspecified or str(parsed) in own

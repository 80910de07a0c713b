"""Which process a packet comes from: local port -> socket -> the process that holds it open.

A socket that was opened, used and closed between two looks is not found; it is then said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from local_agent.prove.packet import Packet

UNKNOWN = "unknown (its socket was closed before it could be looked up)"
# RAW tables last: their "port" is the protocol's number, so any of them may be what sent a packet without ports.
TABLES = {
    "TCP": ("tcp", "tcp6"),
    "UDP": ("udp", "udp6"),
    "UDP-Lite": ("udplite", "udplite6"),
    "ICMP": ("icmp", "raw", "raw6"),
    "ICMPv6": ("icmp6", "raw6"),
}
LONGEST = 120  # characters of a command line in a report


@dataclass
class Owners:
    """Sockets of this network namespace and who holds them, remembered past their end.

    root: pid whose descendants, and itself, may hold them.
    """

    root: int
    _holders: dict[tuple[str, int], str] = field(default_factory=dict)  # (protocol, local port) -> process
    _named: dict[int, str] = field(default_factory=dict)  # inode of a socket -> process

    def look(self) -> None:
        """Note every socket that is open now. Costs next to nothing while none is new."""
        open_now = [(protocol, port, inode) for protocol in TABLES for port, inode in _sockets(protocol)]
        if any(inode and inode not in self._named for *_, inode in open_now):
            self._named |= _held(self.root)
        for protocol, port, inode in open_now:
            if inode in self._named:
                self._holders[protocol, port] = self._named[inode]

    def of(self, packet: Packet) -> str:
        """`name arguments (process pid)`, or why it can't be known."""
        self.look()
        port = packet.source_port
        if port is not None:
            return self._holders.get((packet.protocol, port), UNKNOWN)
        here = {name for (protocol, _), name in self._holders.items() if protocol == packet.protocol}
        return ", ".join(sorted(here)) or UNKNOWN


def _sockets(protocol: str) -> list[tuple[int, int]]:
    """(local port, inode) of every socket of a protocol in this network namespace."""
    found = []
    for table in TABLES[protocol]:
        path = Path("/proc/net", table)
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            words = line.split()
            found.append((int(words[1].rpartition(":")[2], 16), int(words[9])))
    return found


def _held(root: int) -> dict[int, str]:
    """Inode of every socket that `root` or a descendant has open, and which of them."""
    found: dict[int, str] = {}
    for pid in family(root):
        try:
            name = describe(pid)
            inodes = [inode for file in Path(f"/proc/{pid}/fd").iterdir() if (inode := _inode(file))]
        except OSError:  # it ended while we looked
            continue
        found |= dict.fromkeys(inodes, name)
    return found


def _inode(file: Path) -> int:
    """Inode of the socket behind an open file of a process; 0 where it is none, or has just been closed."""
    try:
        link = re.fullmatch(r"socket:\[(\d+)\]", str(file.readlink()))
    except OSError:
        return 0
    return int(link[1]) if link else 0


def family(root: int) -> list[int]:
    """`root` and all its descendants, the youngest first: of a socket that was inherited, its maker is told last."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    members = [root]
    for pid in members:  # grows while it is walked: breadth first
        members += [child for child, parent in parents.items() if parent == pid]
    return members[::-1]


def describe(pid: int) -> str:
    """`python -m local_agent start (process 12)`; the program without its folder."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    if not any(words):
        return f"{Path(f'/proc/{pid}/comm').read_text().strip()} (process {pid})"
    line = " ".join([Path(words[0]).name, *words[1:]]).strip()
    shown = line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
    return f"{shown} (process {pid})"

"""Reads and keeps every packet that leaves, and asks at once who sent it."""

from __future__ import annotations

import os
import select
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from local_agent.prove.packet import Packet, parse
from local_agent.prove.packet_owner import Owners

LOOK = 0.05  # s between two looks at the sockets: a socket that lives longer is known by name
WITHIN = 10.0  # s in which the way out falls silent, where nothing is sent without end
_LARGEST = 65_535  # bytes of an IP packet
_LINKTYPE_RAW = 101  # of a pcap file whose packets begin with the IP header


@dataclass(frozen=True, slots=True)
class Sighting:
    """A packet that left, the process that sent it, and when (seconds since 1970)."""

    packet: Packet
    process: str
    at: float


class Capture:
    """A thread that empties the way out. with Capture(tun, pid) as capture: ...; capture.take()

    pid: whose sockets, and whose descendants', are looked at. pcap: where to keep the packets, None for nowhere.
    """

    def __init__(self, tun: int, pid: int, pcap: Path | None = None) -> None:
        self._tun, self._owners = tun, Owners(pid)
        self._sightings: list[Sighting] = []
        self._lock = threading.Condition()
        self._silences = 0  # looks at the way out that found nothing there
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._file = pcap.open("wb") if pcap is not None else None
        self.read = 0  # packets in all
        self.fault: BaseException | None = None
        if self._file is not None:
            self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _LARGEST, _LINKTYPE_RAW))

    def __enter__(self) -> Capture:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(2.0)
        if self._file is not None:
            self._file.close()

    def take(self) -> list[Sighting]:
        """What left since the last time; what was sent before the call is in it, also where the machine is busy. Raises
        RuntimeError when deaf.
        """
        with self._lock:
            known = self._silences + 1  # the look that goes on may have begun before the call
            self._lock.wait_for(lambda: self._silences > known or self._is_deaf(), WITHIN)
            if self._is_deaf():
                raise RuntimeError(f"packets are no longer read: {self.fault!r}")
            taken, self._sightings = self._sightings, []
        return taken

    def _is_deaf(self) -> bool:
        return self.fault is not None or not self._thread.is_alive()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._tun, select.POLLIN)
        try:
            while not self._stopping.is_set():
                if poll.poll(int(LOOK * 1000)):
                    self._keep(os.read(self._tun, _LARGEST))
                else:
                    self._owners.look()
                    with self._lock:
                        self._silences += 1
                        self._lock.notify_all()
        except BaseException as error:  # told by take(): a proof whose ears are gone is none
            self.fault = error
        finally:
            with self._lock:
                self._lock.notify_all()

    def _keep(self, data: bytes) -> None:
        packet, at = parse(data), time.time()
        sighting = Sighting(packet, "the kernel" if packet.kernels_own else self._owners.of(packet), at)
        with self._lock:
            self._sightings.append(sighting)
            self.read += 1
        if self._file is not None:
            self._file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(data), len(data)) + data)
            self._file.flush()

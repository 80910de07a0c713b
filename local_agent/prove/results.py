"""What a proof found, section by section, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from local_agent.prove.capture import Sighting
from local_agent.prove.positive_control import Control

PROVEN, LEAKED, VOID = 0, 1, 2  # exit statuses


@dataclass(frozen=True, slots=True)
class Departure:
    """Packets of one kind that left: protocol, `address:port`, the name asked where it was DNS, the process that sent
    them, how many, and when the first did (seconds since 1970).
    """

    protocol: str
    destination: str
    name: str
    process: str
    packets: int
    first: float


@dataclass(frozen=True, slots=True)
class Call:
    """A spoken call in figures: words and characters understood and answered (never the words themselves), and seconds
    of audible reply.
    """

    heard_words: int
    heard_characters: int
    said_words: int
    said_characters: int
    reply_s: float


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's file as it was used. made_from: file of the model that it was made from here; empty for its own."""

    model: str
    file: str
    size: int
    sha256: str
    made_from: str = ""


@dataclass
class Section:
    """One run of the product. exercised: what was done, in words. control: before and after it. kernels_own: packets
    that the kernel sends by itself, none in the usual case. faults: why the section proves nothing.
    """

    name: str
    about: str
    seconds: float = 0.0
    exercised: list[str] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    kernels_own: int = 0
    controls: list[Control] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    call: Call | None = None
    models: dict[str, str] = field(default_factory=dict)

    @property
    def packets(self) -> int:
        """Packets that left."""
        return sum(departure.packets for departure in self.departures)

    @property
    def control_packets(self) -> int:
        return sum(control.dns + control.tcp for control in self.controls)

    def note(self, sightings: Iterable[Sighting]) -> None:
        """Add what left."""
        sightings = list(sightings)
        self.kernels_own += sum(one.packet.kernels_own for one in sightings)
        self.departures = grouped([one for one in sightings if not one.packet.kernels_own], self.departures)


def grouped(sightings: list[Sighting], before: Iterable[Departure] = ()) -> list[Departure]:
    """Packets of the same kind, destination, name and process as one departure, in the order of their first."""
    found = {(one.protocol, one.destination, one.name, one.process): one for one in before}
    for one in sightings:
        key = (one.packet.protocol, one.packet.target, one.packet.name, one.process)
        first, count = (found[key].first, found[key].packets) if key in found else (one.at, 0)
        found[key] = Departure(*key, packets=count + 1, first=first)
    return sorted(found.values(), key=lambda departure: departure.first)


@dataclass
class Proof:
    """began: time in ISO 8601. method: `namespace`, or `strace`, which is weaker. versions, packages: by name."""

    began: str
    method: str
    versions: dict[str, str]
    packages: dict[str, str]
    seconds: float = 0.0
    sections: list[Section] = field(default_factory=list)
    weights: list[Weights] = field(default_factory=list)

    @property
    def packets(self) -> int:
        return sum(section.packets for section in self.sections)

    @property
    def faults(self) -> list[str]:
        return [f"{section.name}: {fault}" for section in self.sections for fault in section.faults]

    @property
    def status(self) -> int:
        """Exit status: 1 when anything left, 2 when the proof is void, else 0."""
        if self.packets:
            return LEAKED
        return VOID if self.faults or not self.sections else PROVEN

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.status == LEAKED:
            return f"{self.packets} packets tried to leave this machine."
        if self.status == VOID:
            return "Void: this run proves nothing. " + " ".join(fault.rstrip(".") + "." for fault in self.faults)
        if self.method == "strace":
            return "No connection or datagram to another machine was asked for (the weaker audit, by strace)."
        return "0 packets tried to leave this machine."

"""What follows from what was seen."""

from __future__ import annotations

import pytest

from local_agent.prove.capture import Sighting
from local_agent.prove.packet import Packet
from local_agent.prove.results import LEAKED, PROVEN, VOID, Section, grouped
from tests.prove.provekit import LEAK, proof, section

QUERY = Packet("UDP", "10.99.0.2", "10.99.0.1", 40_000, 53, name="telemetry.example")


@pytest.mark.parametrize(
    ("sections", "status", "words"),
    [
        ([section()], PROVEN, "0 packets"),
        ([section(), section(LEAK)], LEAKED, "2 packets tried"),
        ([section(faults=("the control was not counted",))], VOID, "plain: the control was not counted"),
        ([section(LEAK, faults=("the call hung",))], LEAKED, "2 packets tried"),
        ([], VOID, "proves nothing"),
    ],
)
def test_exit_status(sections: list[Section], status: int, words: str) -> None:
    found = proof(*sections)
    assert found.status == status
    assert words in found.verdict


def test_the_weaker_audit_does_not_boast() -> None:
    assert "packets" not in proof(section(), method="strace").verdict


def test_alike_packets_are_one_departure() -> None:
    seen = [Sighting(QUERY, "a", 5.0), Sighting(QUERY, "a", 6.0), Sighting(QUERY, "b", 4.0)]
    first, second = grouped(seen)
    assert (first.process, first.packets, first.first) == ("b", 1, 4.0)
    assert (second.process, second.packets, second.first) == ("a", 2, 5.0)
    assert (second.protocol, second.destination, second.name) == ("UDP", "10.99.0.1:53", "telemetry.example")
    assert [one.packets for one in grouped(seen, [first, second])] == [2, 4]


def test_the_kernels_own_packets_are_told_apart() -> None:
    played = Section("plain", "")
    solicitation = Packet("ICMPv6", "::", "ff02::2", kernels_own=True)
    played.note([Sighting(solicitation, "the kernel", 1.0), Sighting(QUERY, "a", 2.0)])
    assert (played.kernels_own, played.packets) == (1, 1)

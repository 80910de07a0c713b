"""The service unit and the container say what the settings say."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from local_agent.prove import namespace
from local_agent.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in (ROOT / "deploy" / "local_agent.service").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def test_stopping_leaves_calls_their_time() -> None:
    told = unit()
    assert float(told["TimeoutStopSec"][0]) > Settings().drain_timeout
    assert told["KillMode"] == ["mixed"], "livekit-server would end before the calls do"
    assert told["KillSignal"] == ["SIGTERM"]


def test_the_unit_keeps_webrtc_and_whisper_alive() -> None:
    told = unit()
    assert "AF_NETLINK" in told["RestrictAddressFamilies"][0], "WebRTC lists the interfaces"
    assert "MemoryDenyWriteExecute" not in told, "CTranslate2 compiles while it runs"
    assert "ProcSubset" not in told, "the cores are counted in /proc/cpuinfo"


def test_packets_for_the_internet_are_dropped() -> None:
    told = unit()
    assert told["IPAddressDeny"] == ["any"]
    assert "localhost" in told["IPAddressAllow"][0].split()
    assert "any" not in told["IPAddressAllow"][0].split()


def test_no_resolver_is_found_that_would_pass_names_on() -> None:
    """The same that a proof puts out of reach: what asks there is not stopped by a filter of addresses."""
    hidden = {path.removeprefix("-") for path in unit()["InaccessiblePaths"][0].split()}
    assert hidden == {"/etc/resolv.conf", *namespace.DOORS}
    assert "--dns none" in (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def test_a_crash_leaves_no_dump() -> None:
    assert unit()["LimitCORE"] == ["0"]


def test_both_layers_are_told_where_they_are_set_up() -> None:
    told = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    assert "seals itself" in told and "IPAddressDeny=any" in told and "doctor" in told


def test_the_container_names_the_default_ports() -> None:
    chosen = Settings()
    ports = {f"{chosen.port}/tcp", f"{chosen.rtc_tcp_port}/tcp", f"{chosen.rtc_udp_port}/udp"}
    exposed = re.search(r"^EXPOSE (.*)$", CONTAINER, re.MULTILINE)
    assert exposed is not None
    assert set(exposed[1].split()) == ports
    assert f"'{chosen.port}'" in CONTAINER.partition("HEALTHCHECK")[2]


def test_the_container_holds_what_it_copies_and_does_not_run_as_root() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert [name for name in names if not (ROOT / name).exists()] == []
    last = CONTAINER.rpartition("FROM ")[2]
    assert re.search(r"^USER agent$", last, re.MULTILINE)

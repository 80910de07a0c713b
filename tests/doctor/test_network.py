"""Ports that are taken, machines without a network, and pages that no browser gives a microphone."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from local_agent.cli import start
from local_agent.config.settings import Settings
from local_agent.doctor import network as room
from local_agent.doctor.context import Page
from local_agent.errors import ServerError
from tests.doctor.doctorkit import EXTERNAL, SECRET, ask, case

CHECKS = {check.what: check for check in room.CHECKS}
PORTS = ("port of the page", "port of livekit-server", "port for media over TCP", "port for media over UDP")
KEYED = {"LOCAL_AGENT_ACCESS_KEY": SECRET}
PUBLISHED = {"LOCAL_AGENT_PUBLISHED": "true", "LOCAL_AGENT_HOST": "0.0.0.0"} | KEYED


def interfaces(monkeypatch: pytest.MonkeyPatch, up: bool = True, **addresses: str) -> None:
    """The machine has these interfaces, besides loopback."""
    found = {"lo": [SimpleNamespace(family=socket.AF_INET, address="127.0.0.1")]}
    for name, text in addresses.items():
        family = socket.AF_INET6 if ":" in text else socket.AF_INET
        found[name] = [SimpleNamespace(family=family, address=text)]
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=up) for name in found})


@pytest.mark.parametrize("what", PORTS)
def test_free_ports(tmp_path: Path, what: str) -> None:
    assert ask(CHECKS[what], case(tmp_path)).status == "ok"


@pytest.mark.parametrize("what", PORTS)
def test_port_zero_is_any(tmp_path: Path, what: str) -> None:
    names = ("PORT", "LIVEKIT_PORT", "RTC_TCP_PORT", "RTC_UDP_PORT")
    assert "free one is picked" in ask(CHECKS[what], case(tmp_path, {f"LOCAL_AGENT_{n}": "0" for n in names})).found


@pytest.mark.parametrize(
    ("what", "variable", "kind"),
    [
        (PORTS[0], "LOCAL_AGENT_PORT", socket.SOCK_STREAM),
        (PORTS[1], "LOCAL_AGENT_LIVEKIT_PORT", socket.SOCK_STREAM),
        (PORTS[2], "LOCAL_AGENT_RTC_TCP_PORT", socket.SOCK_STREAM),
        (PORTS[3], "LOCAL_AGENT_RTC_UDP_PORT", socket.SOCK_DGRAM),
    ],
)
def test_a_taken_port_names_its_holder_and_its_variable(
    tmp_path: Path, what: str, variable: str, kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        found = ask(CHECKS[what], case(tmp_path, {variable: str(port)}))
    assert found.status == "fails"
    assert str(port) in found.found
    assert "held by" in found.found
    assert variable in found.fix


def test_our_own_page_on_its_port_is_no_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        patient = case(tmp_path, {"LOCAL_AGENT_PORT": str(port)}, page=Page(f"http://127.0.0.1:{port}"))
        found = ask(CHECKS[PORTS[0]], patient)
    assert (found.status, "our own page answers" in found.found) == ("ok", True)


def test_a_livekit_server_with_other_keys_is_named(tmp_path: Path) -> None:
    found = ask(CHECKS[PORTS[1]], case(tmp_path, stranger=True))
    assert found.status == "fails"
    assert "does not take the keys" in found.found
    assert "LOCAL_AGENT_DATA_DIR" in found.fix


@pytest.mark.parametrize("what", PORTS[1:])
def test_ports_of_our_own_server_do_not_matter_for_another_one(tmp_path: Path, what: str) -> None:
    assert ask(CHECKS[what], case(tmp_path, EXTERNAL)).status == "skipped"


# Root cause: a person saw only "Disconnected". WebRTC takes no loopback interface.
@pytest.mark.parametrize(
    ("addresses", "up"), [({}, True), ({"eth0": "10.0.0.2"}, False), ({"eth0": "fe80::1%eth0"}, True)]
)
def test_loopback_alone_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addresses: dict[str, str], up: bool
) -> None:
    interfaces(monkeypatch, up, **addresses)
    found = ask(room.interface, case(tmp_path))
    assert found.status == "fails"
    assert "no network interface besides loopback" in found.found
    assert "ip link add dummy0 type dummy" in found.fix


@pytest.mark.parametrize("address", ["10.99.0.2", "fd00::2"])
def test_any_other_interface_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    interfaces(monkeypatch, veth0=address)
    found = ask(room.interface, case(tmp_path))
    assert (found.status, found.found) == ("ok", f"veth0 {address}")


@pytest.mark.parametrize(
    ("environ", "status", "words"),
    [
        ({}, "ok", "on this machine"),
        (EXTERNAL, "skipped", "another server"),
        ({"LOCAL_AGENT_NODE_IP": "10.0.0.2"}, "ok", "10.0.0.2"),
        ({"LOCAL_AGENT_NODE_IP": "10.0.0.9"}, "fails", "is no address of this machine"),
        (PUBLISHED | {"LOCAL_AGENT_NODE_IP": "10.0.0.9"}, "ok", "10.0.0.9, of the host"),
        (PUBLISHED, "ok", "on this machine"),
        (PUBLISHED | {"LOCAL_AGENT_PUBLIC_URL": "https://voice.example"}, "fails", "no sound reaches them"),
        ({"LOCAL_AGENT_HOST": "0.0.0.0"} | KEYED, "fails", "no sound reaches them"),
        ({"LOCAL_AGENT_PUBLIC_URL": "https://voice.example"} | KEYED, "fails", "no sound reaches them"),
    ],
)
def test_where_callers_send_their_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], status: str, words: str
) -> None:
    interfaces(monkeypatch, eth0="10.0.0.2")
    found = ask(room.announced, case(tmp_path, environ))
    assert (found.status, words in found.found) == (status, True)
    assert "LOCAL_AGENT_NODE_IP" in found.fix or found.status != "fails" or "10.0.0.2" in found.fix


def test_a_published_page_listens_where_it_is_reached(tmp_path: Path) -> None:
    found = ask(CHECKS["port of the page"], case(tmp_path, PUBLISHED | {"LOCAL_AGENT_HOST": "127.0.0.1"}))
    assert found.status == "fails" and "LOCAL_AGENT_HOST=0.0.0.0" in found.fix
    assert ask(CHECKS["port of the page"], case(tmp_path, PUBLISHED)).status == "ok"


def test_start_says_so_before_it_loads_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    interfaces(monkeypatch)
    monkeypatch.setattr(start, "Service", None)
    with pytest.raises(ServerError) as caught:
        start.run(Settings())
    assert "ip link add dummy0" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_start_waits_for_an_address_that_is_still_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """At boot, before DHCP has answered."""
    interfaces(monkeypatch, eth0="fe80::1")

    async def boot() -> None:
        waiting = asyncio.create_task(room.await_interface())
        await asyncio.sleep(1.0)
        assert not waiting.done(), "it went on, or gave up, without an address"
        interfaces(monkeypatch, eth0="192.168.1.20")
        await asyncio.wait_for(waiting, 10)

    asyncio.run(boot())


def test_start_does_not_wait_for_ever_nor_where_no_interface_could_come_up(monkeypatch: pytest.MonkeyPatch) -> None:
    interfaces(monkeypatch)
    with pytest.raises(ServerError, match="no network interface besides loopback"):
        asyncio.run(room.await_interface())
    interfaces(monkeypatch, eth0="fe80::1")
    monkeypatch.setattr(room, "INTERFACE_WITHIN", 0.6)
    with pytest.raises(ServerError, match="no network interface besides loopback"):
        asyncio.run(asyncio.wait_for(room.await_interface(), 30))


def test_start_goes_on_where_interfaces_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> None:
        raise PermissionError("no netlink here")

    monkeypatch.setattr(psutil, "net_if_addrs", forbidden)
    assert room.demand_interface() is None


@pytest.mark.parametrize(
    ("environ", "status", "words"),
    [
        ({}, "ok", "counts as secure"),
        ({"LOCAL_AGENT_HOST": "0.0.0.0"} | KEYED, "fails", "without TLS"),
        (PUBLISHED, "ok", "for the host itself"),
        (PUBLISHED | {"LOCAL_AGENT_NODE_IP": "10.0.0.9"}, "fails", "without TLS"),
        ({"LOCAL_AGENT_PUBLIC_URL": "http://voice.example"} | KEYED, "fails", "no microphone"),
        ({"LOCAL_AGENT_PUBLIC_URL": "https://voice.example"} | KEYED, "ok", "https://voice.example"),
    ],
)
def test_microphones_need_tls_off_localhost(tmp_path: Path, environ: dict[str, str], status: str, words: str) -> None:
    found = ask(room.microphone, case(tmp_path, environ))
    assert (found.status, words in found.found) == (status, True)
    assert found.status == "ok" or "https://" in found.fix


@pytest.mark.parametrize(
    ("environ", "status", "words"),
    [
        ({}, "ok", "this machine only"),
        (KEYED, "ok", "with the access key"),
        ({"LOCAL_AGENT_ACCESS_KEY": "easy"}, "warning", "4 characters"),
        ({"LOCAL_AGENT_HOST": "0.0.0.0"} | KEYED, "ok", "whoever holds"),
        (EXTERNAL | {"LIVEKIT_URL": "ws://10.1.1.1:7880", "LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "secret"},
         "fails", "well-known"),
    ],
)  # fmt: skip
def test_who_may_call(tmp_path: Path, environ: dict[str, str], status: str, words: str) -> None:
    found = ask(room.access, case(tmp_path, environ))
    assert (found.status, words in found.found) == (status, True)


@pytest.mark.parametrize(
    ("listed", "status", "words"),
    [
        ("", "ok", "our own page only"),
        ("http://localhost:3000,https://app.example", "ok", "http://localhost:3000, https://app.example"),
        ("http://127.0.0.1:8095", "warning", "need not be listed"),
        ("http://app.example", "warning", "no microphone"),
    ],
)
def test_origins(tmp_path: Path, listed: str, status: str, words: str) -> None:
    found = ask(room.origins, case(tmp_path, {"LOCAL_AGENT_ORIGINS": listed, "LOCAL_AGENT_PORT": "8095"}))
    assert (found.status, words in found.found) == (status, True)


@pytest.mark.parametrize("listed", ["*", "app.example", "https://app.example/path", "ftp://app.example"])
def test_wrong_origins_are_wrong_settings(tmp_path: Path, listed: str) -> None:
    fault = case(tmp_path, {"LOCAL_AGENT_ORIGINS": listed}).fault
    assert fault is not None
    assert "LOCAL_AGENT_ORIGINS" in str(fault)

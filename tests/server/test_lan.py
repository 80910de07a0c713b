"""`--lan`: an address, a certificate and a key for the phones of a network, and what each of them refuses."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import psutil
import pytest
from cryptography import x509

from local_agent.cli import start
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.process.logs import Screen
from local_agent.server import certificates, lan
from local_agent.server.web import WebServer
from local_agent.server.web_options import WebOptions
from tests.test_deploy import health_check

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NAMES = ("192.168.1.5", "desk.local", "localhost", "127.0.0.1")


def interfaces(monkeypatch: pytest.MonkeyPatch, **found: str) -> None:
    """What psutil finds: interface=address."""
    family = {True: socket.AF_INET6, False: socket.AF_INET}
    held = {name: [SimpleNamespace(family=family[":" in text], address=text)] for name, text in found.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: held)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=True) for name in found})


def settings(folder: Path, **more: object) -> Settings:
    return Settings(lan=True, data_dir=folder, **more)  # type: ignore[arg-type]


def test_the_address_is_that_of_the_network_a_phone_can_be_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interfaces(monkeypatch, lo="127.0.0.1", docker0="172.17.0.1", wlan0="192.168.1.5", tun0="10.8.0.2", eth1="8.8.8.8")
    assert lan.prepared(settings(tmp_path), keep=False).node_ip == "192.168.1.5"
    assert lan.prepared(settings(tmp_path, node_ip="10.8.0.2"), keep=False).node_ip == "10.8.0.2", "as was said"
    with pytest.raises(ConfigError, match=r"8\.8\.8\.8, which is no address of a private network"):
        lan.prepared(settings(tmp_path, node_ip="8.8.8.8"), keep=False)
    interfaces(monkeypatch, lo="127.0.0.1", veth0="10.9.0.2")
    assert lan.prepared(settings(tmp_path), keep=False).node_ip == "10.9.0.2", "there is no other"


def test_several_addresses_are_asked_for_or_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interfaces(monkeypatch, eth0="192.168.1.5", wlan0="10.0.0.7")
    with pytest.raises(ConfigError, match=r"192\.168\.1\.5 \(eth0\), 10\.0\.0\.7 \(wlan0\).*fix: LOCAL_AGENT_NODE_IP="):
        lan.prepared(settings(tmp_path), keep=False)
    chosen = lan.prepared(settings(tmp_path), ask=lambda found: found[1], keep=False)
    assert chosen.node_ip == "10.0.0.7"


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, "no address in a local network"), ({"published": True}, "the host's address can't be seen from here")],
)
def test_without_an_address_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, object], words: str
) -> None:
    interfaces(monkeypatch, lo="127.0.0.1", eth0="8.8.8.8", eth1="fe80::1")
    with pytest.raises(ConfigError, match=f"{words}.*fix: "):
        lan.prepared(settings(tmp_path, **more), keep=False)


def test_at_boot_it_waits_for_an_address_which_may_not_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each case: what is there first, what is there after a second, whether it waits."""
    only, given = {"lo": "127.0.0.1"}, {"lo": "127.0.0.1", "eth0": "192.168.1.5"}
    for first, later, waits in (
        ({**only, "eth0": "fe80::1"}, given, True),
        ({**only, "eth0": "169.254.3.4", "docker0": "172.17.0.1"}, given, True),
        ({**only, "wlan0": "fe80::1"}, {**only, "wlan0": "fe80::1"}, True),
        (given, given, False),
        ({**only, "tun0": "10.8.0.2"}, only, False),
        ({**only, "eth0": "8.8.8.8"}, only, False),
        (only, only, False),
    ):
        told: list[str] = []
        slept: list[float] = []

        def sleep(seconds: float, slept: list[float] = slept, later: dict[str, str] = later) -> None:
            slept.append(seconds)
            if sum(slept) >= 1.0:
                interfaces(monkeypatch, **later)

        interfaces(monkeypatch, **first)
        lan.await_address(settings(tmp_path), told.append, sleep)
        assert bool(slept) == waits and len(told) == waits, (first, told)
        assert sum(slept) == (0.0 if not waits else 1.0 if later == given else lan.ADDRESS_WITHIN), first
    told = []
    interfaces(monkeypatch, eth0="fe80::1")
    for knows in (settings(tmp_path, node_ip="10.8.0.2"), settings(tmp_path, published=True), Settings()):
        lan.await_address(knows, told.append, lambda seconds: pytest.fail("it waits"))
    assert told == []


def test_a_key_is_made_once_and_kept_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interfaces(monkeypatch, eth0="192.168.1.5")
    first, again = lan.prepared(settings(tmp_path)), lan.prepared(settings(tmp_path))
    assert first.access_key is not None and again.access_key is not None
    assert len(first.access_key.get_secret_value()) >= 16
    assert first.access_key == again.access_key
    assert stat.S_IMODE((tmp_path / "lan" / "access-key").stat().st_mode) == 0o600
    own = lan.prepared(settings(tmp_path, access_key="a-key-of-my-own-choice")).access_key
    assert own is not None and own.get_secret_value() == "a-key-of-my-own-choice"
    with pytest.raises(ConfigError, match="5 characters"):
        lan.prepared(settings(tmp_path, access_key="short"))
    assert lan.prepared(Settings(data_dir=tmp_path)) == Settings(data_dir=tmp_path), "off: as it was"


def test_the_authority_vouches_for_private_networks_alone(tmp_path: Path) -> None:
    made = certificates.identity(tmp_path / "lan", NAMES, NOW)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical and limits.value.permitted_subtrees is not None
    for permitted in limits.value.permitted_subtrees:
        if isinstance(permitted, x509.IPAddress):
            assert isinstance(permitted.value, ipaddress.IPv4Network | ipaddress.IPv6Network)
            assert not permitted.value.is_global
        else:
            assert permitted.value in ("local", "localhost")
    for secret in (made.key, tmp_path / "lan" / "authority.key"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "lan").stat().st_mode) == 0o700
    page = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    page.verify_directly_issued_by(authority)
    assert page.not_valid_after_utc - page.not_valid_before_utc <= 398 * DAY


def test_a_certificate_is_made_anew_for_another_address_and_in_time(tmp_path: Path) -> None:
    first = certificates.identity(tmp_path, NAMES, NOW).certificate.read_bytes()
    assert certificates.identity(tmp_path, NAMES, NOW + 300 * DAY).certificate.read_bytes() == first
    moved = certificates.identity(tmp_path, ("10.0.0.7", *NAMES[1:]), NOW).certificate.read_bytes()
    assert moved != first
    authority = (tmp_path / "authority.pem").read_bytes()
    assert certificates.identity(tmp_path, ("10.0.0.7", *NAMES[1:]), NOW + 380 * DAY).certificate.read_bytes() != moved
    assert (tmp_path / "authority.pem").read_bytes() == authority, "phones trust it"
    (tmp_path / "page.pem").write_text("half a certif")
    (tmp_path / "authority.key").write_text("")
    made = certificates.identity(tmp_path, NAMES, NOW)
    x509.load_pem_x509_certificate(made.certificate.read_bytes()).verify_directly_issued_by(
        x509.load_pem_x509_certificate(made.authority.read_bytes())
    )


@asynccontextmanager
async def served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[WebServer, str]]:
    interfaces(monkeypatch, eth0="192.168.1.5")
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk")
    wanted = lan.prepared(settings(folder, port=0))
    server = WebServer(WebOptions.of(wanted, "ws://127.0.0.1:7880", "key", "s" * 32))
    try:
        address = await server.start()
        assert address == f"https://192.168.1.5:{wanted.port}"
        assert wanted.access_key is not None
        yield server, wanted.access_key.get_secret_value()
    finally:
        await server.stop()


def test_https_that_the_authority_vouches_for_and_nothing_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(ask_for_everything(tmp_path, monkeypatch))


async def ask_for_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path, monkeypatch) as (server, key):
        trust = ssl.create_default_context(cafile=tmp_path / "lan" / "authority.pem")
        here = f"https://127.0.0.1:{server.port}"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http:
            for name in ("192.168.1.5", "desk.local", "localhost", "10.0.0.7"):
                async with http.get(here, headers={"Host": f"{name}:{server.port}"}) as page:
                    assert page.status == 200, name
            async with http.get(here, headers={"Host": "elsewhere.example"}) as page:
                assert page.status == 421
            async with http.post(f"{here}/api/livekit/token", json={}) as refused:
                assert refused.status == 401
            given = {"Authorization": f"Bearer {key}"}
            async with http.post(f"{here}/api/livekit/token", json={}, headers=given) as answer:
                told = await answer.json()
                assert answer.status == 201 and told["server_url"] == f"wss://127.0.0.1:{server.port}"
            async with http.get(f"{here}/authority.crt") as file:
                authority = x509.load_der_x509_certificate(await file.read())
                assert file.content_type == "application/x-x509-ca-cert"
                assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
            async with http.get(f"{here}/trust.html") as help_page:
                assert "/authority.crt" in await help_page.text()
        variables = {"LOCAL_AGENT_PORT": str(server.port), "LOCAL_AGENT_LAN": "true"}
        checking = await asyncio.create_subprocess_exec(sys.executable, "-c", health_check(), env=variables)
        assert await checking.wait() == 0, "the container's own check"
        async with aiohttp.ClientSession() as stranger:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await stranger.get(here)
            with pytest.raises(aiohttp.ClientError):
                await stranger.get(f"http://127.0.0.1:{server.port}")


def test_without_lan_nobody_is_offered_an_authority(tmp_path: Path) -> None:
    asyncio.run(ask_for_an_authority(tmp_path))
    assert not (tmp_path / "lan").exists()


async def ask_for_an_authority(tmp_path: Path) -> None:
    server = WebServer(WebOptions.of(Settings(port=0, data_dir=tmp_path), "ws://127.0.0.1:7880", "key", "s" * 32))
    try:
        address = await server.start()
        async with aiohttp.ClientSession() as http, http.get(f"{address}/authority.crt") as answer:
            assert answer.status == 404
    finally:
        await server.stop()


def test_a_terminal_shows_a_code_with_the_key_and_a_journal_shows_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interfaces(monkeypatch, eth0="192.168.1.5")
    wanted = lan.prepared(settings(tmp_path))
    assert wanted.access_key is not None
    key = wanted.access_key.get_secret_value()
    screen = Screen()
    start.invite(screen, wanted, "https://192.168.1.5:8080")
    screen.flush()
    plain = capsys.readouterr().err
    assert plain.splitlines()[-1].startswith("Open https://192.168.1.5:8080 and press Talk")
    assert key not in plain and "█" not in plain and "access-key" in plain
    screen.terminal = True
    start.invite(screen, wanted, "https://192.168.1.5:8080")
    screen.flush()
    shown = capsys.readouterr().err
    assert f"Open https://192.168.1.5:8080/#key={key} and press Talk" in shown.splitlines()[-1] and "█" in shown


def test_the_code_is_square_with_a_quiet_zone() -> None:
    lines = lan.qr_code(lan.invitation("https://192.168.100.25:8080", "abcdefghijklmnop"))
    width = len(lines[0])
    assert {len(line) for line in lines} == {width} and len(lines) == (width + 1) // 2
    assert lines[0] == lines[1] == " " * width, "four light modules above"
    assert all(line[:4] == line[-4:] == "    " for line in lines)
    assert lan.invitation("https://a:1", "a b%") == "https://a:1/#key=a%20b%25"

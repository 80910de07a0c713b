"""`--lan`: the page for phones and other machines of the local network, by https, behind an access key."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import segno
from pydantic import SecretStr

from local_agent.config.addresses import is_host, is_loopback
from local_agent.config.settings import SHORTEST_ACCESS_KEY, Settings
from local_agent.errors import ConfigError
from local_agent.process import atomic_file
from local_agent.process.operating_system import loopback_interface
from local_agent.server import certificates
from local_agent.server.ports import free_port

logger = logging.getLogger("local_agent")

FOLDER, KEY = "lan", "access-key"  # in data_dir
KEY_BYTES = 12  # 96 bits: 16 characters, which keep the QR code small
LOOK_EVERY = 30.0  # s
ADDRESS_WITHIN, ADDRESS_EVERY = 90.0, 0.5  # s at boot; a DHCP server that is there answers within some ten
# Interfaces of containers, virtual machines and tunnels: no phone is there.
VIRTUAL = re.compile(r"(docker|br-|veth|virbr|podman|cni|lxc|lxd|vmnet|vboxnet|tun|tap|wg|tailscale|zt|dummy)")
_HALVES = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}


@dataclass(frozen=True)
class Address:
    """An IPv4 address of this machine, and its network interface."""

    interface: str
    ip: str

    def __str__(self) -> str:
        return f"{self.ip} ({self.interface})"


Ask = Callable[[Sequence[Address]], Address]


def addresses() -> list[Address]:
    """Where machines of a local network may find this one: private IPv4 addresses of interfaces that are up; those of
    containers and tunnels only where there is no other. libwebrtc is told an IPv4 address, so there must be one.
    """
    states = psutil.net_if_stats()
    found = [
        Address(name, held.address)
        for name, every in psutil.net_if_addrs().items()
        for held in every
        if held.family == socket.AF_INET and name in states and states[name].isup and _is_private(held.address)
    ]
    return [address for address in found if not VIRTUAL.match(address.interface)] or found


def await_address(
    settings: Settings, tell: Callable[[str], object], sleep: Callable[[float], object] = time.sleep
) -> None:
    """Wait where `prepared` would look for an address and an interface has yet to get one, ADDRESS_WITHIN seconds at
    most: at boot a service is often quicker than DHCP. tell: one line, once. What is there then, `prepared` finds out.
    """
    if not settings.lan or settings.node_ip is not None or settings.published:
        return
    told = False
    for _ in range(int(ADDRESS_WITHIN / ADDRESS_EVERY)):
        waiting = _without_address()
        if not waiting:
            return
        if not told:
            tell(f"{', '.join(waiting)} has no address yet: waiting for one, {ADDRESS_WITHIN:g} s at most")
        told = True
        sleep(ADDRESS_EVERY)


def prepared(settings: Settings, *, ask: Ask | None = None, keep: bool = True) -> Settings:
    """Settings by which others of the network can call: listening everywhere, media announced, a key demanded.

    The same settings where `lan` is off. ask: which of several addresses; without it several are an error. keep: make
    and keep an access key where there is none, for the next start too; else look only, and pick no port. Raises
    ConfigError.
    """
    if not settings.lan:
        return settings
    given = settings.access_key.get_secret_value() if settings.access_key else ""
    if given and len(given) < SHORTEST_ACCESS_KEY:
        raise ConfigError(
            f"access_key has {len(given)} characters, and lan lets other machines in",
            expected=f"{SHORTEST_ACCESS_KEY} or more that nobody can guess, or none: one is made",
            fix="leave LOCAL_AGENT_ACCESS_KEY out",
        )
    everywhere = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"
    changed = {
        "node_ip": _address(settings, ask),
        "host": everywhere if is_loopback(settings.host) else settings.host,
        "port": settings.port or (free_port() if keep else 0),
        "access_key": SecretStr(given or _kept_key(settings.data_dir / FOLDER, keep=keep)),
    }
    return settings.model_copy(update=changed)


def names(settings: Settings) -> tuple[str, ...]:
    """What the page of prepared settings is called in the network: address, `machine.local`, and this machine's own."""
    assert settings.node_ip is not None
    machine = socket.gethostname().partition(".")[0].lower()
    local = (f"{machine}.local",) if is_host(f"{machine}.local") else ()
    return (settings.node_ip, *local, *_addresses_6(settings.node_ip), "localhost", "127.0.0.1", "::1")


def identity(settings: Settings) -> certificates.Identity:
    """The certificate of the page of prepared settings. Raises ConfigError."""
    return certificates.identity(settings.data_dir / FOLDER, names(settings))


def invitation(address: str, key: str) -> str:
    """What a phone opens: the key is behind the `#`, which browsers send to nobody."""
    return f"{address}/#key={quote(key, safe='')}"


def qr_code(text: str) -> list[str]:
    """Lines of half blocks, dark on light, for a terminal; with the quiet zone of four modules that scanners want."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    return [
        "".join(_HALVES[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


async def watch(settings: Settings) -> None:
    """Say so when this machine's address changes: the old one is in certificate, invitation and every media offer."""
    told = False
    while True:
        await asyncio.sleep(LOOK_EVERY)
        here = await asyncio.to_thread(addresses)
        gone = settings.node_ip not in {address.ip for address in here}
        if gone and not told:
            logger.warning(
                "this machine is no longer %s in the network but %s: other machines reach nobody; fix: end it and run "
                "start --lan again",
                settings.node_ip,
                ", ".join(map(str, here)) or "without an address",
            )
        told = gone


def _address(settings: Settings, ask: Ask | None) -> str:
    if settings.node_ip is not None and not _is_private(settings.node_ip):
        raise ConfigError(
            f"lan with node_ip = {settings.node_ip}, which is no address of a private network",
            expected="an address that only the local network can reach; a certificate of our own vouches for no other",
            fix="leave LOCAL_AGENT_NODE_IP out, or put a TLS proxy in front of a public page (deploy/README.md)",
        )
    if settings.node_ip is not None:
        return settings.node_ip
    if settings.published:
        raise ConfigError(
            "lan in a container that publishes its ports: the host's address can't be seen from here",
            expected="LOCAL_AGENT_NODE_IP with the host's address",
            fix="LOCAL_AGENT_NODE_IP=192.168.1.5 (the host's: hostname -I)",
        )
    found = addresses()
    if not found:
        raise ConfigError(
            "this machine has no address in a local network (private IPv4)",
            expected="Wi-Fi or a cable, connected to the network that the phone is in",
            fix="ip -brief address lists what there is; LOCAL_AGENT_NODE_IP takes another address on purpose",
        )
    if len(found) == 1:
        return found[0].ip
    if ask is None:
        raise ConfigError(
            f"this machine has several addresses: {', '.join(map(str, found))}",
            expected="one, that of the network which the phones are in",
            fix=f"LOCAL_AGENT_NODE_IP={found[0].ip}",
        )
    return ask(found).ip


def _without_address() -> list[str]:
    """Interfaces that may yet get the address that others find us by; none where there is one already. Beside the
    address of a container or a tunnel, which would do, only those that are connected.
    """
    found = addresses()
    if any(not VIRTUAL.match(address.interface) for address in found):
        return []
    held = psutil.net_if_addrs()
    return sorted(
        name
        for name, state in psutil.net_if_stats().items()
        if (state.isup or not found)
        and name != loopback_interface()
        and not VIRTUAL.match(name)
        and not any(
            one.family == socket.AF_INET and not one.address.startswith("169.254.") for one in held.get(name, ())
        )
    )


def _kept_key(folder: Path, *, keep: bool) -> str:
    path, made = folder / KEY, secrets.token_urlsafe(KEY_BYTES)
    try:
        if keep:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic_file.create(path, made + "\n")
        found = path.read_text(encoding="utf-8").strip() if path.exists() else made
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the access key in {path} can't be read or made: {error}",
            expected="a file that this user may read, in a folder that may be written",
            fix=f"rm {path}, and a new one is made",
        ) from error
    return found if len(found) >= SHORTEST_ACCESS_KEY else made


def _addresses_6(ip: str) -> tuple[str, ...]:
    """IPv6 addresses of the interface that has this address, for a page that is opened by one; private ones, which the
    authority may vouch for.
    """
    for every in psutil.net_if_addrs().values():
        if any(held.address == ip for held in every):
            texts = [held.address for held in every if held.family == socket.AF_INET6 and "%" not in held.address]
            return tuple(text for text in texts if ipaddress.ip_address(text) in ipaddress.ip_network("fc00::/7"))
    return ()


def _is_private(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return any(address in ipaddress.ip_network(network) for network in certificates.PRIVATE) and not (
        address.is_loopback or address.is_link_local
    )

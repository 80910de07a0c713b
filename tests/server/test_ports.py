"""Ports are claimed where livekit-server will listen, and nowhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from local_agent.config import sources
from local_agent.config.settings import Settings
from local_agent.doctor.network import outside_addresses
from local_agent.errors import PortInUse
from local_agent.server import livekit
from local_agent.server.api_keys import Keys
from local_agent.server.ports import EVERYWHERE, LOOPBACK, claim, free_port

OTHER = "127.0.0.2"  # stands in for the address of another interface: Linux has all of 127.0.0.0/8
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
VARIABLES = {
    "livekit_port": "LOCAL_AGENT_LIVEKIT_PORT",
    "rtc_tcp_port": "LOCAL_AGENT_RTC_TCP_PORT",
    "rtc_udp_port": "LOCAL_AGENT_RTC_UDP_PORT",
}


@contextmanager
def held(kind: socket.SocketKind, host: str = OTHER) -> Iterator[int]:
    """A port that somebody listens on at another address than loopback's first."""
    port = free_port(host, "udp" if kind == UDP else "tcp")
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((host, port))
        if kind == TCP:
            taken.listen()
        yield port


def settings(**given: object) -> Settings:
    free = {"livekit_port": 0, "rtc_tcp_port": 0, "rtc_udp_port": 0}
    return Settings.model_validate(free | given)


@pytest.mark.parametrize(
    ("name", "kind", "network", "refused"),
    [
        ("livekit_port", TCP, {}, False),
        ("livekit_port", TCP, {"published": True}, False),
        ("livekit_port", TCP, {"node_ip": OTHER}, False),  # signalling is the page's to pass on
        ("rtc_tcp_port", TCP, {}, True),  # livekit-server takes it on all addresses, always
        ("rtc_tcp_port", TCP, {"published": True}, True),
        ("rtc_udp_port", UDP, {}, False),
        ("rtc_udp_port", UDP, {"published": True}, True),
        ("rtc_udp_port", UDP, {"published": True, "node_ip": "10.9.9.9"}, True),
        ("rtc_udp_port", UDP, {"node_ip": OTHER}, True),
    ],
)
def test_a_port_that_is_taken_elsewhere_is_refused_where_it_is_needed(
    name: str, kind: socket.SocketKind, network: dict[str, object], refused: bool
) -> None:
    with held(kind) as port:
        chosen = settings(**network, **{name: port})
        if not refused:
            assert port in vars(livekit.claim_ports(chosen)).values()
            return
        with pytest.raises(PortInUse) as caught:
            livekit.claim_ports(chosen)
    for word in (str(port), "held by", VARIABLES[name]):
        assert word in str(caught.value)


@pytest.mark.parametrize("named", [True, False])
def test_an_address_that_is_not_here_is_told_as_such(named: bool) -> None:
    with pytest.raises(PortInUse, match=r"can't be used.*expected an address of this machine.*ip -brief address"):
        claim(free_port() if named else 0, "tcp", "LOCAL_AGENT_LIVEKIT_PORT", LOOPBACK, "192.0.2.77")


@pytest.mark.parametrize(("published", "announced"), [(False, False), (True, False), (False, True)])
def test_livekit_server_listens_where_ports_are_claimed(published: bool, announced: bool) -> None:
    here = [found.split()[1] for found in outside_addresses()]  # calls need one
    chosen = settings(published=published, node_ip=here[0] if announced else None)
    where = livekit.Addresses.of(chosen.node_ip, published=chosen.published)
    ports = livekit.claim_ports(chosen)

    async def listening() -> list[tuple[int, int, str]]:
        keys = Keys("portskey", secrets.token_urlsafe(40))
        server = livekit.LiveKit(
            livekit.binary(sources.load()), ports, keys, node_ip=chosen.node_ip, published=chosen.published
        )
        await server.start()
        try:
            found = psutil.Process(server.pid).net_connections("inet")
            return [(one.type, one.laddr.port, one.laddr.ip) for one in found if one.status in ("LISTEN", "NONE")]
        finally:
            await server.stop()

    assert where.signal == (LOOPBACK,), "an address for media opens no signalling to the network"
    assert not announced or LOOPBACK not in where.udp, "it would be announced as the other, and answer in its place"
    claimed = {(TCP, ports.signal): where.signal, (TCP, ports.tcp): where.tcp, (UDP, ports.udp): where.udp}
    used: dict[tuple[int, int], set[str]] = {place: set() for place in claimed}
    for kind, port, host in asyncio.run(listening()):
        used[kind, port].add(host)
    for place, hosts in claimed.items():
        assert used[place], f"{place} is claimed in vain"
        if hosts != (EVERYWHERE,):
            assert used[place] == set(hosts)
    if chosen.published:
        assert not any(ipaddress.ip_address(host).is_loopback for host in used[UDP, ports.udp])

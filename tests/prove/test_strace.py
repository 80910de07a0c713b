"""What strace wrote down, and what of it would leave."""

from __future__ import annotations

import pytest

from local_agent.prove.strace import foreign, own_addresses

OWN = frozenset({"192.168.7.2", "fd00::7"})
TCP = '7<python> connect(9<TCP:[123]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS'  # noqa: E501
TCP_6 = '7<python> connect(9<TCPv6:[12]>, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28 <unfinished ...>'  # noqa: E501
TO = '8<livekit-server> sendto(9<UDP:[0.0.0.0:4000]>, ""..., 40, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("{}")}, 16) = 40'  # noqa: E501
CONNECTED = "8<isc-worker> send{}(9<UDP:[10.0.0.5:4000->198.51.100.7:53]>, {{msg_name=NULL}}, 0) = 40"
CONNECTED_6 = '8<x> sendto(9<UDPv6:[[fd00::9]:4000->[2001:db8::5]:53]>, ""..., 40, 0, NULL, 0) = 40'


@pytest.mark.parametrize(("line", "protocol", "target"), [
    (TCP, "TCP", "192.0.2.1:443"),
    (TCP_6, "TCP", "[2001:db8::1]:443"),
    (TO.replace("{}", "198.51.100.7", 1), "UDP", "198.51.100.7:53"),
    (CONNECTED.format("msg"), "UDP", "198.51.100.7:53"),
    (CONNECTED.format("mmsg"), "UDP", "198.51.100.7:53"),
    (CONNECTED_6, "UDP", "[2001:db8::5]:53"),
])  # fmt: skip
def test_what_leaves_is_named(line: str, protocol: str, target: str) -> None:
    (found,) = foreign([line, line], OWN)
    assert (found.protocol, found.destination, found.packets) == (protocol, target, 2)
    assert found.process == line.split()[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "0.0.0.0", "192.168.7.2"])
def test_what_stays_is_not(address: str) -> None:
    assert foreign([TO.replace("{}", address, 1)], OWN) == []


@pytest.mark.parametrize("address", ["::1", "fd00::7", "::ffff:127.0.0.1", "::ffff:192.168.7.2"])
def test_what_stays_is_not_in_ipv6(address: str) -> None:
    assert foreign([TCP_6.replace("2001:db8::1", address)], OWN) == []


@pytest.mark.parametrize("line", [
    TCP.replace("<TCP:", "<UDP:"),  # connect() of a datagram socket sends nothing
    '7<python> connect(9<UNIX-STREAM:[1]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0',
    '7<python> socket(AF_INET, SOCK_STREAM, 0) = 9<TCP:[1]>',
    "7<python> +++ exited with 0 +++",
])  # fmt: skip
def test_what_sends_nothing_is_not_counted(line: str) -> None:
    assert foreign([line], OWN) == []


def test_asking_the_kernel_over_the_loopback_device_stays() -> None:
    bind = '7<python> setsockopt(3<UDP:[5]>, SOL_SOCKET, SO_BINDTODEVICE, ""..., 2) = 0'
    ask = '7<python> sendto(3<UDP:[5]>, "", 0, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, 16) = 0'  # noqa: E501
    assert foreign([bind, ask], OWN) == []
    assert len(foreign([ask], OWN)) == 1, "not bound"
    assert len(foreign([bind, ask.replace("192.0.2.1", "198.51.100.7")], OWN)) == 1, "another destination"
    assert len(foreign([bind, ask.replace("[5]", "[6]")], OWN)) == 1, "another socket"


def test_own_addresses_hold_loopback() -> None:
    assert "127.0.0.1" in own_addresses()

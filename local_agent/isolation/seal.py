"""The seal: this process resolves no name and connects to nothing but this machine and the configured LiveKit server.

An audit hook (PEP 578) sees every connection that Python code opens, and answers those that lead elsewhere with an
error that names who asked. A hook can't be removed again, and native code (WebRTC, ONNX Runtime) is beyond it: the
layer for that is the kernel's, which `local_agent.isolation.kernel_filter` looks at and deploy/ sets up.
"""

from __future__ import annotations

import functools
import logging
import resource
import socket
import sys
import sysconfig
import threading
import time
from asyncio import base_events
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_interface
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import psutil

from local_agent.config.addresses import is_loopback
from local_agent.config.settings import Settings
from local_agent.errors import Sealed
from local_agent.isolation import kernel_filter

logger = logging.getLogger("local_agent")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

INTERNET = (socket.AF_INET, socket.AF_INET6)
# Sockets that never leave the machine: files, the kernel, and -1 for one that was accepted or handed over.
INNER = (-1, *(getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)))
KIND = 0xF  # the bits of a socket's type that are not flags (include/linux/net.h: SOCK_TYPE_MASK)
RENEW = 30.0  # s after which the addresses of an allowed name are asked for again, when one is met that is not known
TOLD = 500  # denials that are logged once each; more different ones are only raised
_STDLIB = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom this process may talk to besides loopback. names: hosts, in lower case. networks: addresses. listens: on
    which addresses it may wait for others: all where the local network is let in, else loopback.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    listens: bool = False


HERE = Reach()  # this machine alone


@dataclass(frozen=True, slots=True)
class State:
    """Which layers hold this process. hook: the seal is closed. kernel: what `confinement.look` found before that."""

    hook: bool
    kernel: kernel_filter.Way


def reach(settings: Settings) -> Reach:
    """What the settings need: the LiveKit server they name, the name that the page is served on, node_ip's network."""
    server = _text((urlsplit(settings.livekit_url).hostname or "") if settings.livekit_url else "")
    address = _literal(server)
    networks = [_alone(address)] if address is not None and not _is_here(address) else []
    names = frozenset(name for name in (server, _text(settings.host)) if _literal(name) is None) - {"", "localhost"}
    if settings.node_ip is not None:
        networks.append(network_of(settings.node_ip))
    return Reach(names, tuple(networks), settings.node_ip is not None or not is_loopback(settings.host))


def network_of(address: str) -> Network:
    """The local network that an address of this machine is in; the address alone where no interface has it."""
    for held in psutil.net_if_addrs().values():
        for one in held:
            if one.address == address and one.netmask and one.family in INTERNET:
                return ip_interface(f"{address}/{_bits(one.netmask)}").network
    return _alone(ip_address(address))


def _bits(netmask: str) -> int:
    return bin(int(ip_address(netmask))).count("1")


def _alone(address: Address) -> Network:
    return ip_interface(address).network


def may_resolve(host: str | bytes | None, allowed: Reach) -> bool:
    """Whether a name may be looked up; an address, or none at all, asks nobody."""
    name = _text(host)
    return not name or _literal(name) is not None or name == "localhost" or name in allowed.names


def may_reach(host: str | bytes, allowed: Reach) -> bool:
    """Whether packets may go to an address; names are judged by `may_resolve`, and by what they resolve to."""
    address = _literal(_text(host))
    if address is None:
        return may_resolve(host, allowed)
    return _is_here(address) or any(address in network for network in allowed.networks)


def may_listen(host: str | bytes, allowed: Reach) -> bool:
    """Whether a socket may be bound to an address. Listening on every one is listening to the network."""
    address = _literal(_text(host))
    if address is None:
        return _text(host) == "localhost" or (allowed.listens and may_resolve(host, allowed))
    return allowed.listens or address.is_loopback


def _text(host: str | bytes | None) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host or "")
    return text.rstrip(".").lower()


@functools.lru_cache(1024)
def _literal(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_here(address: Address) -> bool:
    return address.is_loopback or address.is_unspecified  # connecting to 0.0.0.0 connects to this machine


class Seal:
    """Judges events of Python's audit hook (their table is in the library's documentation, "Audit events table")."""

    def __init__(self, allowed: Reach) -> None:
        self.allowed = allowed
        self._known: frozenset[str] = frozenset()  # addresses that allowed names resolved to
        self._renewed = float("-inf")
        self._told: set[str] = set()
        self._lock = threading.RLock()  # looking a name up inside `_is_named` comes back to `learn`
        self.checks: dict[str, Callable[..., None]] = {
            "socket.__new__": self._on_new,
            "socket.getaddrinfo": self.resolve,
            "socket.gethostbyname": self.resolve,
            "socket.gethostbyaddr": self._on_reverse,
            "socket.getnameinfo": lambda address: self._on_reverse(address[0]),
            "socket.connect": self.send,
            "socket.sendto": self.send,
            "socket.sendmsg": self.send,
            "socket.bind": self.bind,
        }

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        """Called for every audit event of the process: what is none of ours must cost next to nothing."""
        if (check := self.checks.get(event)) is not None:
            check(*given)

    def resolve(self, host: str | bytes | None, *_: object) -> None:
        """Raises Sealed where `host` may not be looked up."""
        if not may_resolve(host, self.allowed):
            raise self._denied(f"to resolve the name {_text(host)}")

    def send(self, sock: socket.socket, address: object, *_: object) -> None:
        """Raises Sealed where a socket may not connect or send to an address."""
        host = self._host(sock, address)
        if host is not None and not may_reach(host, self.allowed) and not self._is_named(_text(host)):
            raise self._denied(f"to reach {_text(host)} port {_port(address)}")

    def bind(self, sock: socket.socket, address: object, *_: object) -> None:
        """Raises Sealed where a socket may not listen on an address."""
        host = self._host(sock, address)
        if host is not None and not may_listen(host, self.allowed):
            raise self._denied(f"to listen on {_text(host) or 'every address'} port {_port(address)}")

    def _on_new(self, _: object, family: int, kind: int, *__: object) -> None:
        if family in INNER:
            return
        if family not in INTERNET or (kind >= 0 and kind & KIND == socket.SOCK_RAW):
            raise self._denied(f"to open a socket of family {family} and type {kind}")

    def _on_reverse(self, host: str | bytes) -> None:
        address = _literal(_text(host))
        if address is None or not address.is_loopback:
            raise self._denied(f"to ask for the name of {_text(host)}")

    def _host(self, sock: socket.socket, address: object) -> str | bytes | None:
        """The host that an address names; None where it stays inside (a connected socket's, a file, the kernel)."""
        if sock.family not in INTERNET:
            return None
        host = address[0] if isinstance(address, tuple) and address else None
        return bytes(host) if isinstance(host, bytearray) else host if isinstance(host, str | bytes) else None

    def _is_named(self, address: str) -> bool:
        """Whether an allowed name resolves to it."""
        if not self.allowed.names:
            return False
        with self._lock:
            if address not in self._known and time.monotonic() - self._renewed > RENEW:
                self._renewed = time.monotonic()
                self._known |= {found for name in self.allowed.names for found in _addresses(name)}
            return address in self._known

    def learn(self, host: str | bytes | None, addresses: set[str]) -> None:
        """Note what was answered for a name: a server of many addresses answers some of them at a time."""
        if _text(host) in self.allowed.names:
            with self._lock:
                self._known |= addresses

    def _denied(self, what: str) -> Sealed:
        caller = callers(sys._getframe())
        error = Sealed(
            f"{caller} tried {what}, and nothing leaves this machine",
            expected="loopback, or the LiveKit server of the settings",
            fix="stop that code from calling out; a LiveKit server elsewhere is named by LIVEKIT_URL",
        )
        text = str(error)
        if text not in self._told and len(self._told) < TOLD:
            self._told.add(text)  # whoever tried may take the error for a network that is down and keep quiet about it
            logger.error("sealed: %s", text)
        return error


def _addresses(name: str) -> set[str]:
    try:
        return _told(socket.getaddrinfo(name, None))
    except OSError as error:
        logger.warning("the LiveKit server's name %s does not resolve: %s", name, error)
        return set()


def _told(answers: list[Any]) -> set[str]:
    """Addresses of what getaddrinfo answered."""
    return {str(answer[4][0]) for answer in answers}


def _port(address: object) -> object:
    return address[1] if isinstance(address, tuple) and len(address) > 1 else "?"


def callers(frame: FrameType | None, most: int = 3) -> str:
    """`module, line 12, for module, line 40`: the innermost frames outside the standard library and this file."""
    found: list[str] = []
    while frame is not None and len(found) < most:
        module = str(frame.f_globals.get("__name__", "?"))
        if not _is_library(frame.f_code.co_filename) and not any(one.startswith(f"{module}, ") for one in found):
            found.append(f"{module}, line {frame.f_lineno}")
        frame = frame.f_back
    return ", for ".join(found) or f"thread {threading.current_thread().name}"


@functools.lru_cache(1024)
def _is_library(file: str) -> bool:
    if file.startswith("<frozen") or file == __file__:
        return True
    return file.startswith(_STDLIB) and not any(part in file for part in _INSTALLED)


_closed: State | None = None


def close(allowed: Reach) -> State:
    """Seal this process for the rest of its life, and look at the kernel's layer just before. Doing it again changes
    nothing. A crash leaves no dump of its memory either.
    """
    global _closed
    if _closed is None:
        _leave_no_dump()
        kernel = kernel_filter.look()
        seal = Seal(allowed)
        _judge_before(seal)
        _learn_answers(seal)
        sys.addaudithook(seal.hook)
        _closed = State(True, kernel)
    return _closed


def _leave_no_dump() -> None:
    """One byte, not none: with 0 Linux still pipes a dump to a program such as systemd-coredump (fs/coredump.c)."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != 0:
        resource.setrlimit(resource.RLIMIT_CORE, (1, hard))


def state() -> State | None:
    """Which layers hold this process; None before `close`."""
    return _closed


def _judge_before(seal: Seal) -> None:
    """Judge names where the hook comes too late.

    CPython resolves a name given to connect, sendto, sendmsg and bind before it raises their event
    (Modules/socketmodule.c, getsockaddrarg), and asyncio resolves on another thread, where nothing tells who asked.
    """
    for method, check in (("connect", seal.send), ("connect_ex", seal.send), ("bind", seal.bind)):
        _before(socket.socket, method, lambda check, sock, address, *_: check(sock, address), check)
    _before(socket.socket, "sendto", lambda check, sock, data, *rest: check(sock, rest[-1]), seal.send)
    _before(
        socket.socket,
        "sendmsg",
        lambda check, sock, *given: check(sock, given[3] if len(given) > 3 else None),
        seal.send,
    )
    _before(base_events.BaseEventLoop, "getaddrinfo", lambda check, _, host, *__, **___: check(host), seal.resolve)


def _before(owner: type, name: str, ask: Callable[..., None], check: Callable[..., None]) -> None:
    inner = getattr(owner, name)

    @functools.wraps(inner)
    def judged(*given: Any, **named: Any) -> Any:
        ask(check, *given, **named)
        return inner(*given, **named)

    setattr(owner, name, judged)


def _learn_answers(seal: Seal) -> None:
    """Let the seal see what names resolve to, here and on asyncio's threads, which call the same function."""
    inner = socket.getaddrinfo

    @functools.wraps(inner)
    def learning(host: Any, *given: Any, **named: Any) -> Any:
        answers = inner(host, *given, **named)
        seal.learn(host, _told(answers))
        return answers

    socket.getaddrinfo = learning

"""How many connections there may be: of one process, of one client, and for how long one may ask for nothing.

The process that answers HTTP carries the calls too. A connection that is kept open costs a file descriptor, and without
one left neither can a new caller come in nor a running call be answered.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from aiohttp import web

from local_agent.server.rate_limit import is_here, subscriber

IDLE = 15.0  # s without a request in hand after which a connection is closed
SLOW = 120.0  # s that an answer may take to be read
PER_CLIENT = 128  # connections of one address of another machine; a browser opens about six, and one a call
MOST = 4096  # connections at once
KEPT = 256  # descriptors of the process itself: libraries, models, pipes, livekit-server's log
PER_CALL = 24  # descriptors of a call: its event loop, its way to the worker, sockets for media


def raise_limit() -> int:
    """Let this process have as many file descriptors as the system allows it; returns how many.

    Many systems start programs with 1,024 of them and allow more to whoever asks.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 1 << 20
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):  # macOS says "unlimited" and means fewer
        return soft
    return wanted


def room_for(descriptors: int, calls: int) -> int:
    """Connections that leave enough descriptors to that many calls. Signalling takes two: it goes on to LiveKit."""
    return max(32, min(MOST, (descriptors - KEPT - PER_CALL * calls) // 2))


class Door(asyncio.Protocol):
    """One connection: hands everything on to aiohttp's protocol, if it is let in, and closes what asks for nothing."""

    def __init__(self, doors: Doors, inner: asyncio.Protocol) -> None:
        self._doors, self._inner = doors, inner
        self.transport: asyncio.Transport | None = None
        self.client = ""
        self._let_in = False
        self._idle_since = 0.0  # seconds of the event loop's clock
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.client = subscriber(str((transport.get_extra_info("peername") or ("",))[0]))
        self._let_in = self._doors.admit(self)
        if not self._let_in:
            self.transport.abort()
            return
        self._inner.connection_made(transport)
        self.rest()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._doors.forget(self)
        if self._let_in:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def work(self) -> None:
        """A request is being answered from now on."""
        self._doors.idle.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()

    def rest(self) -> None:
        """No request is being answered from now on."""
        loop = asyncio.get_running_loop()
        self._idle_since = loop.time()
        self._timer = loop.call_later(IDLE, self._close_idle)
        self._doors.rests(self)

    def close(self) -> None:
        """At once, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()

    def _close_idle(self) -> None:
        loop = asyncio.get_running_loop()
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() and loop.time() - self._idle_since < SLOW:
            self._timer = loop.call_later(IDLE, self._close_idle)
        else:
            self.close()


class Doors:
    """Makes the protocol of each new connection, and decides about it. For use on one event loop.

    make: aiohttp's protocol. most: connections at once. alike: all come through a proxy, so that their address tells
    nothing. When there are too many, the one that has asked for nothing for longest goes; with none such the new one.
    """

    def __init__(self, make: Callable[[], asyncio.Protocol], most: int, *, alike: bool = False) -> None:
        self._make, self._most, self._alike = make, most, alike
        self._open: set[Door] = set()
        self._clients: Counter[str] = Counter()
        self.idle: dict[Door, None] = {}  # those that ask for nothing, the longest first

    def __call__(self) -> Door:
        return Door(self, self._make())

    def admit(self, door: Door) -> bool:
        """Whether a connection may stay; another one may have to go for it."""
        told_apart = not self._alike and not is_here(door.client)
        if told_apart and self._clients[door.client] >= PER_CLIENT and not self._make_room(door.client):
            return False
        if len(self._open) >= self._most and not self._make_room():
            return False
        self._open.add(door)
        self._clients[door.client] += 1
        return True

    def rests(self, door: Door) -> None:
        """It is the last of those that ask for nothing."""
        if door in self._open:
            self.idle[door] = None

    def forget(self, door: Door) -> None:
        """It is closed."""
        self.idle.pop(door, None)
        if door in self._open:
            self._open.remove(door)
            self._clients[door.client] -= 1
            if not self._clients[door.client]:
                del self._clients[door.client]

    def _make_room(self, client: str | None = None) -> bool:
        longest = next((door for door in self.idle if client in (None, door.client)), None)
        if longest is None:
            return False
        self.forget(longest)
        longest.close()
        return True


@contextmanager
def at_work(request: web.Request) -> Iterator[None]:
    """While a request is answered its connection is not idle."""
    transport = request.transport
    door = transport.get_protocol() if transport is not None else None
    if not isinstance(door, Door):
        yield
        return
    door.work()
    try:
        yield
    finally:
        door.rest()

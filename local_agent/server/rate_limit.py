"""How often one client may ask (a token bucket per address), and how much it may hold at once."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local_agent.errors import RequestRefused


@dataclass
class _Bucket:
    level: float
    seen: float


class RateLimit:
    """Allows `burst` requests at once and `per_minute` in the long run, for each client.

    Remembers the last `clients` addresses only, so a flood of addresses cannot grow memory. An IPv6 client counts by
    its /64, which is what one subscriber usually holds. For use on one event loop.
    """

    def __init__(
        self, *, per_minute: float, burst: int, clients: int = 4096, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clients, self._clock = per_minute / 60, burst, clients, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> float:
        """Returns 0.0 when the request may go on, else the seconds to wait before the next one."""
        key, now = subscriber(client), self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(float(self._burst), now)
        bucket.level = min(float(self._burst), bucket.level + (now - bucket.seen) * self._rate)
        bucket.seen = now
        self._buckets[key] = bucket
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if bucket.level < 1:
            return (1 - bucket.level) / self._rate
        bucket.level -= 1
        return 0.0


class Shares:
    """Counts what each client holds at once. most: for one client; this machine's own programs hold what they like."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, Counter[str]()

    @contextmanager
    def hold(self, client: str) -> Iterator[None]:
        """Raises RequestRefused (429) where the client holds as many as it may."""
        key = subscriber(client)
        if self._held[key] >= self._most and not is_here(key):
            raise RequestRefused("too many calls from this address at once", status=429, headers={"Retry-After": "30"})
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]


def address(client: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address in `192.0.2.1`, `::ffff:192.0.2.1` (which is the same one), `192.0.2.1:5000` or `[2001:db8::1]:5000`;
    None for anything else."""
    text = client.partition("]")[0].removeprefix("[").partition("%")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def is_here(client: str) -> bool:
    """Whether a client's address is a loopback one."""
    found = address(client)
    return found is not None and found.is_loopback


def subscriber(client: str) -> str:
    """What one client counts as: its IPv4 address, the /64 of an IPv6 one, else the text, cut off."""
    found = address(client)
    if found is None:
        return client[:64]
    if found.version == 4 or found.is_loopback:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)

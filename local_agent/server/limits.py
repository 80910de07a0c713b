"""How often one client may ask: a token bucket per address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


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
        key, now = _network(client), self._clock()
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


def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client[:64]
    if address.version == 4:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False))

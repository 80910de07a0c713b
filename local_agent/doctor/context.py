"""What the checks look at: the settings as far as they hold, what was said where, and the servers that run."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from local_agent.config import sources as config
from local_agent.config.settings import Settings
from local_agent.engines.registry import planned
from local_agent.errors import ConfigError
from local_agent.hardware.cgroup import limits
from local_agent.hardware.plan import Plan
from local_agent.hardware.probe import FLAGS, Hardware, probe, usable_cores
from local_agent.process.operating_system import processor_flags
from local_agent.server.api_keys import Keys

NATIVE = "native libraries"  # name of the check whose failure means that they must not be loaded here


@dataclass(frozen=True)
class Page:
    """A web server of ours. address: http://host:port. health: what its /health says, empty where it may not tell.

    own: this doctor started it. trust: what its certificate is checked with where it serves https.
    """

    address: str
    health: Mapping[str, object] = field(default_factory=dict)
    own: bool = False
    trust: ssl.SSLContext | None = None

    def session(self, seconds: float = 5.0) -> aiohttp.ClientSession:
        """For requests to it, each within so many seconds."""
        connector = aiohttp.TCPConnector(ssl=self.trust or True)
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds), connector=connector)


@dataclass(frozen=True)
class Server:
    """A LiveKit server. url: ws(s)://host:port. kind: `external` (LIVEKIT_URL), `running` (our own, started by
    `start`) or `trial` (our own, started by this doctor).
    """

    url: str
    keys: Keys
    kind: str


@dataclass
class Case:
    """settings: what was loaded, or as much of it as holds. fault: why it could not all be loaded. sources: what each
    place said. ignored: variables that were taken out of the environment. deep: hash all weights. quick: leave servers
    alone. failed: names of the checks that failed so far. page, server: what serves, found by `servers.recognise` or
    started by a check. stranger: a LiveKit server holds our port and does not take our keys. stack: ends what a check
    started.
    """

    settings: Settings
    folder: Path
    fault: ConfigError | None = None
    sources: config.Sources = field(default_factory=config.Sources)
    ignored: tuple[str, ...] = ()
    deep: bool = False
    quick: bool = False
    failed: set[str] = field(default_factory=set)
    page: Page | None = None
    server: Server | None = None
    stranger: bool = False
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _plan: Plan | None = None
    _hardware: Hardware | None = None

    @property
    def hardware(self) -> Hardware:
        """The machine; without asking the native libraries where loading one is what fails."""
        if self._hardware is None:
            self._hardware = probe() if NATIVE not in self.failed else _bare_hardware()
        return self._hardware

    @property
    def plan(self) -> Plan:
        """What would run where. Raises ConfigError or HardwareError as `start` would."""
        if self._plan is None:
            self._plan = planned(self.settings, self.hardware)
        return self._plan


def _bare_hardware() -> Hardware:
    bound, memory = limits(), psutil.virtual_memory()
    return Hardware(
        cores=usable_cores(bound),
        memory=min(memory.total, bound.memory or memory.total),
        memory_free=min(memory.available, memory.available if bound.memory_free is None else bound.memory_free),
        cpu_flags=FLAGS & processor_flags(),
    )

"""Our own livekit-server: its configuration, start, watch and stop. Always on loopback unless a LAN address is
configured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from livekit import api

from local_agent.config.settings import Settings
from local_agent.config.sources import program_folder
from local_agent.errors import LiveKitMissing, LiveKitRefused, LiveKitUnreachable, ServerError, set_up
from local_agent.process.operating_system import dying_with_parent, loopback_interface
from local_agent.server.api_keys import Keys
from local_agent.server.ports import EVERYWHERE, LOOPBACK, claim

logger = logging.getLogger("local_agent.livekit")

READY_WITHIN = 15.0  # s; it takes 0.2-0.5 s on two idle cores
STOP_WITHIN = 3.0  # s between SIGTERM and SIGKILL: it would wait for its participants to leave
RESTART_DELAYS = (0.0, 1.0, 3.0, 10.0)  # s before the nth restart in a row; the last one repeats
STEADY = 5.0  # s of life after which the next death counts as the first again


@dataclass(frozen=True)
class Ports:
    signal: int
    tcp: int
    udp: int

    @classmethod
    def free(cls) -> Ports:
        """Ports on loopback that nobody uses."""
        return claimed(0, 0, 0)


def binary(settings: Settings) -> Path:
    """The livekit-server program: configured, beside our python, where `setup` puts it, or on PATH. Raises
    LiveKitMissing.
    """
    if settings.livekit_server is not None:
        candidates = [settings.livekit_server]
    else:
        found = shutil.which("livekit-server")
        candidates = [folder / "livekit-server" for folder in (Path(sys.executable).parent, program_folder())]
        candidates += [Path(found)] if found else []
    for candidate in candidates:
        if candidate.is_file():
            if not os.access(candidate, os.X_OK):
                raise LiveKitMissing(
                    f"{candidate} may not be run",
                    expected="the program that carries the calls",
                    fix=f"chmod +x {shlex.quote(str(candidate))}, or set LOCAL_AGENT_LIVEKIT_SERVER to another file",
                )
            return candidate
    raise LiveKitMissing(
        f"there is no livekit-server at {candidates[0]}" + ("" if settings.livekit_server else " nor on PATH"),
        expected="the program that carries the calls",
        fix=f"run '{set_up()}', or set LOCAL_AGENT_LIVEKIT_SERVER to it, or LIVEKIT_URL to a server that runs",
    )


@dataclass(frozen=True)
class Addresses:
    """Where a livekit-server of ours listens: for signalling, for media over TCP and over UDP."""

    signal: tuple[str, ...]
    tcp: tuple[str, ...]
    udp: tuple[str, ...]

    @classmethod
    def of(cls, node_ip: str | None = None, *, published: bool = False) -> Addresses:
        """By its configuration; for media over TCP it knows no setting and takes all addresses.

        Signalling is for the page, which passes it on under its own rules: never for the network.
        """
        return cls((LOOPBACK,), (EVERYWHERE,), (EVERYWHERE if published else node_ip or LOOPBACK,))


def claim_ports(settings: Settings) -> Ports:
    """Free ports, as configured. Raises PortInUse naming the one that is taken and by whom."""
    where = Addresses.of(settings.node_ip, published=settings.published)
    return claimed(settings.livekit_port, settings.rtc_tcp_port, settings.rtc_udp_port, where)


def claimed(signal: int, tcp: int, udp: int, where: Addresses | None = None) -> Ports:
    """These ports where they are free; for 0 a free one. Raises PortInUse as `claim_ports`. where: none: loopback's."""
    where = where or Addresses.of()
    first = claim(signal, "tcp", "LOCAL_AGENT_LIVEKIT_PORT", *where.signal)
    second = claim(tcp, "tcp", "LOCAL_AGENT_RTC_TCP_PORT", *where.tcp)
    while tcp == 0 and second == first:  # nobody holds the first one yet: it may be picked twice
        second = claim(tcp, "tcp", "LOCAL_AGENT_RTC_TCP_PORT", *where.tcp)
    return Ports(first, second, claim(udp, "udp", "LOCAL_AGENT_RTC_UDP_PORT", *where.udp))


def configuration(
    ports: Ports, keys: Keys, node_ip: str | None = None, *, published: bool = False
) -> dict[str, object]:
    """livekit-server's configuration, as a JSON object (which is YAML too).

    With no STUN server configured it hands public ones to every browser, so it is given one that nobody runs.
    node_ip: address in the local network to take media on and announce; None keeps all on loopback but the TCP port
    for media, which livekit-server opens on every address, whatever it is told (docs/security.md).
    published: node_ip (none: 127.0.0.1) is the address of a host that passes the media ports on to the addresses of
    this container.
    """
    rtc: dict[str, object] = {
        "tcp_port": ports.tcp,
        "udp_port": ports.udp,
        "use_external_ip": False,
        "node_ip": node_ip or LOOPBACK,
        # Beside another address it would be announced as that one too, and be taken for it.
        "enable_loopback_candidate": not published and node_ip is None,
        "stun_servers": [f"{LOOPBACK}:{ports.udp + 1 if ports.udp < 65535 else ports.udp - 1}"],
    }
    if not published:  # else every interface but loopback: which ones a container's network makes is not for us to know
        rtc |= (
            {"interfaces": {"includes": [loopback_interface()]}}
            if node_ip is None
            else {"ips": {"includes": [f"{node_ip}/32"]}}
        )
    return {
        "port": ports.signal,
        "bind_addresses": list(Addresses.of(node_ip, published=published).signal),
        "rtc": rtc,
        "keys": {keys.key: keys.secret},
        "logging": {"level": "warn", "pion_level": "error"},
    }


class LiveKit:
    """A livekit-server of our own. `watch()` restarts it when it dies. up: whether it answered since its last death."""

    def __init__(
        self, program: Path, ports: Ports, keys: Keys, *, node_ip: str | None = None, published: bool = False
    ) -> None:
        self.program, self.ports, self.keys = program, ports, keys
        self.node_ip, self.published = node_ip, published
        self.url = f"ws://{LOOPBACK}:{ports.signal}"
        self.on_restart: Callable[[], object] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._last_words: deque[str] = deque(maxlen=12)
        self._reader: asyncio.Task[None] | None = None
        self._stopping = False
        self.up = False

    async def start(self) -> None:
        """Start it and wait until it answers. Raises ServerError with its last words when it does not."""
        self._stopping = False
        self._last_words.clear()
        body = json.dumps(configuration(self.ports, self.keys, self.node_ip, published=self.published))
        try:
            self._process = await asyncio.create_subprocess_exec(
                str(self.program),
                env={"LIVEKIT_CONFIG": body, "PATH": "/usr/bin:/bin"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours: calls end politely before their server does
                # At once: on SIGTERM it would wait for its participants, with the ports that the next start needs.
                preexec_fn=dying_with_parent(signal.SIGKILL),
            )
        except OSError as error:
            raise ServerError(f"{self.program} does not start: {error}", fix=f"run '{set_up()}' again") from error
        self._reader = asyncio.create_task(self._read(self._process))
        deadline = time.monotonic() + READY_WITHIN
        while not await answers(self.url):
            if self._process.returncode is not None or time.monotonic() > deadline:
                await self._end()
                said = " | ".join(self._last_words) or "it said nothing"
                raise ServerError(
                    f"livekit-server did not come up within {READY_WITHIN:g} s: {said}",
                    fix="python -m local_agent doctor",
                )
            await asyncio.sleep(0.05)
        self.up = True

    async def watch(self) -> None:
        """Restart it whenever it dies, with growing pauses, until `stop`."""
        failures = 0
        while not self._stopping and self._process is not None:
            began = time.monotonic()
            code = await self._process.wait()
            if self._stopping:
                return
            self.up = False
            failures = 0 if time.monotonic() - began > STEADY else failures + 1
            logger.warning(
                "livekit-server ended with status %s; it is started again: %s", code, " | ".join(self._last_words)
            )
            await self._restart(failures)
            logger.warning("livekit-server is back at %s", self.url)
            if self.on_restart is not None:
                self.on_restart()

    async def _restart(self, failures: int) -> None:
        """Try until it is back. What is in the way (a port that somebody took, a full disk) may go away again."""
        told = False
        while True:
            await asyncio.sleep(RESTART_DELAYS[min(failures, len(RESTART_DELAYS) - 1)])
            try:
                await self.start()
            except ServerError as error:
                failures += 1
                logger.log(
                    logging.DEBUG if told else logging.ERROR, "no call can be taken, it is tried again: %s", error
                )
                told = True
            else:
                return

    @property
    def pid(self) -> int | None:
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def stop(self) -> None:
        """End it: politely, then firmly."""
        self._stopping = True
        await self._end()

    async def _end(self) -> None:
        self.up = False
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reader is not None:
            await asyncio.wait({self._reader}, timeout=1.0)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            self._last_words.append(text[:300])
            logger.debug("%s", text)


async def authorise(url: str, keys: Keys) -> None:
    """Make one signed call that changes nothing. Raises LiveKitRefused for a wrong key or secret."""
    http = re.sub("^ws", "http", url)
    try:
        async with api.LiveKitAPI(http, keys.key, keys.secret, timeout=aiohttp.ClientTimeout(total=5.0)) as client:
            await client.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        if error.status not in (401, 403):
            raise LiveKitUnreachable(f"{url} answered a signed call with {error.status} {error.message}") from error
        raise LiveKitRefused(
            f"{url} does not accept the key {keys.key} with its secret ({error.message})",
            expected="LIVEKIT_API_KEY and LIVEKIT_API_SECRET as that server's own configuration has them",
            fix="compare both with the server's `keys`; the clocks of both machines must agree too",
        ) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise LiveKitUnreachable(f"{url} did not answer a signed call ({type(error).__name__}: {error})") from error


async def answers(url: str, patience: float = 2.0) -> bool:
    """Whether a LiveKit server answers at a ws(s) or http(s) URL."""
    try:
        await probe(url, patience)
    except LiveKitUnreachable:
        return False
    return True


async def probe(url: str, patience: float = 5.0, *, named: str = "LIVEKIT_URL") -> None:
    """Ask the server at a ws(s) or http(s) URL for a sign of life. named: where it was written. Raises
    LiveKitUnreachable: what came instead.
    """
    address = re.sub("^ws", "http", url)
    fix = f"check {named} and that the server runs; leave {named} out and our own server is used"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as http,
            http.get(address) as answer,
        ):
            text = (await answer.content.read(64)).decode(errors="replace").strip()
            if answer.status != 200 or text != "OK":
                raise LiveKitUnreachable(
                    f"{url} answers, but not like a LiveKit server (HTTP {answer.status}, {text[:40]!r})",
                    expected="OK",
                    fix=fix,
                )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise LiveKitUnreachable(
            f"nothing answers at {url} ({type(error).__name__}: {error})", expected="a LiveKit server", fix=fix
        ) from error

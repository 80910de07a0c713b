"""The whole product in one process: LiveKit server, engines, agent, page. For `start`, bench and tests."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from livekit.agents import AgentSession
from livekit.rtc._ffi_client import FfiClient

from local_agent import __version__
from local_agent.call import heartbeat, worker
from local_agent.call.agent_file import AgentFile
from local_agent.call.assignments import Assignments
from local_agent.call.choices import Offer
from local_agent.call.farewell import Farewell, Stopping, drain
from local_agent.call.mcp_servers import McpServers
from local_agent.call.worker import plain_assistant
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import LocalAgentError
from local_agent.hardware import validation
from local_agent.isolation import last_proof, seal
from local_agent.isolation.kernel_filter import Way
from local_agent.process import operating_system
from local_agent.recording import recorder
from local_agent.recording.assistant import witness
from local_agent.server import api_keys, connections, lan, livekit, obstacles, redispatch
from local_agent.server.metrics import Metrics
from local_agent.server.web import WebOptions, WebServer
from local_agent.turns.timeline import Listener, Mark, ignore

logger = logging.getLogger("local_agent")

PAGE_NAMES = {"whisper": "stt", "llama": "llm", "piper": "tts"}  # of the engines, on the page
CLOSED = (Way.NONE, Way.DENIED)  # where the kernel lets nothing out
HEAPS = 2  # of glibc's for all threads: with sixteen a call left .3 MB in pieces, docs/decisions/long-running.md
SWITCH = 0.0005  # s after which a thread that runs Python lets another in: work goes from thread to thread in a turn


class Service:
    """Starts the parts in the order in which they need each other, and ends them in reverse.

    async with Service(settings) as service:
        await service.run(stopping)      # until the event is set
    """

    def __init__(
        self,
        settings: Settings,
        *,
        engines: Engines | None = None,
        on_session: Callable[[AgentSession[None]], object] | None = None,
        page: bool = True,
        listener: Listener = ignore,
        file: AgentFile | None = None,
    ) -> None:
        """settings: as `lan.prepared` makes them, where `lan` is on. file: somebody's own agent, which answers in place
        of ours.
        """
        self.settings, self._file = settings, file
        self.engines = engines or Engines(settings)
        self._on_session, self._page, self._listener = on_session, page, listener
        self._stack, self._farewell = AsyncExitStack(), Farewell()
        self.livekit: livekit.LiveKit | None = None
        self.url, self.keys = "", api_keys.Keys("", "")
        self.address = ""  # of the page, "" when there is none
        self._watch: redispatch.Watch | None = None
        self._registered, self._stopping = asyncio.Event(), False

    async def __aenter__(self) -> Service:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _open(self) -> None:
        await self._demand()
        operating_system.share_heap(HEAPS)
        loading = asyncio.create_task(asyncio.to_thread(self.engines.load))
        self._stack.callback(self.engines.close)
        try:
            await self._open_server()
            functions = await self._stack.enter_async_context(McpServers(self.settings))
        finally:
            await asyncio.wait({loading})
        await loading
        _wake_rtc()
        attributes = heartbeat.FIRST if self.livekit is None else None
        self.assignments = Assignments(self.engines.plan.max_calls, attributes)
        self._offered = Offer(self.settings, self.engines).told()  # looks at the voices on disk, once
        self.metrics = Metrics(self.engines.plan.max_calls, self.assignments.taken)
        self.server = worker.agent_server(
            self.settings,
            self.engines,
            assignments=self.assignments,
            url=self.url,
            key=self.keys.key,
            secret=self.keys.secret,
            recovers=self.livekit is not None,
            assistant=witness if self.settings.record is not None else plain_assistant,
            tools=functions.tools,
            on_session=self._begin,
            listener=self._hear,
            file=self._file,
        )
        self.server.on("worker_registered", lambda *_: self._registered.set())
        if self._page:
            self.web = WebServer(
                self._web_options(),
                health=self.health,
                metrics=self.metrics.exposition,
                about=self.about,
                closed=self.closed,
                queue=self.queue,
            )
            self.address = await self.web.start()
            self._stack.push_async_callback(self.web.stop)
        _settle()
        sys.setswitchinterval(SWITCH)

    def health(self) -> Mapping[str, Any]:
        """What /health tells: ready or the reason why not, the LiveKit server, the models, calls, capacity and seal."""
        plan, layers = self.engines.plan, seal.state()
        reason = self.closed() or self.unregistered()
        return {
            "ready": not reason,
            **({"reason": reason} if reason else {}),
            "version": __version__,
            "livekit": self.url,
            "models": plan.models,
            "calls": self.assignments.taken(),
            "capacity": plan.max_calls,
            "seal": {"process": layers is not None, "kernel": layers.kernel if layers else "unknown"},
        }

    def about(self) -> Mapping[str, Any]:
        """What the page tells of what runs here: models, device, seal, and the last proof."""
        plan, layers, proof = self.engines.plan, seal.state(), last_proof.read(self.settings.data_dir)
        used = set(plan.devices.values())
        return {
            "version": __version__,
            "models": {page: Path(plan.models[engine]).name for engine, page in PAGE_NAMES.items()},
            "device": "GPU + CPU" if len(used) > 1 else "GPU" if "cuda" in used else "CPU",
            "seal": {"process": layers is not None, "kernel": layers is not None and layers.kernel in CLOSED},
            "choices": self._offered,
            "proof": asdict(proof) if proof is not None else None,
        }

    def closed(self) -> str:
        """Why no caller is let in now; "" when they are."""
        if self._stopping or self.server.draining:
            return "local_agent is ending and takes no new calls"
        if self.livekit is not None and not self.livekit.up:
            return "livekit-server went away and is started again"
        if self._watch is not None and not self._watch.answers:
            return f"the LiveKit server at {self.url} does not answer"
        return ""

    def unregistered(self) -> str:
        """Why no job reaches us now, though callers may come in: that passes in a second or two. "" when they do."""
        if self._registered.is_set() and not self.server._connecting:
            return ""
        if self._registered.is_set():
            return "the agent lost the LiveKit server and joins it again"
        return "the agent is not registered with the LiveKit server yet"

    def queue(self) -> int:
        """The place that the next caller takes in the queue; 0 while a line is free."""
        waiting = self._watch.waiting if self._watch is not None else 0
        return waiting + 1 if waiting or self.assignments.free() <= 0 else 0

    def _begin(self, session: AgentSession[None]) -> None:
        self.metrics.watch(session)
        self._farewell.watch(session)
        if self._on_session is not None:
            self._on_session(session)

    def _hear(self, told: Mark) -> None:
        self.metrics.hear(told)
        self._listener(told)

    def _web_options(self) -> WebOptions:
        told = WebOptions.of(self.settings, self.url, self.keys.key, self.keys.secret)
        return replace(told, connections=connections.room_for(connections.raise_limit(), self.engines.plan.max_calls))

    async def _demand(self) -> None:
        """Raise one error that tells all that stands in the way, before anything is loaded or started."""
        settings = self.settings
        found, unreachable = await asyncio.gather(asyncio.to_thread(self._found), obstacles.far(settings))
        if found + unreachable:
            raise validation.joined(found + unreachable)
        if settings.livekit_ws is None:
            self.keys = api_keys.own_keys(settings.data_dir)

    def _found(self) -> list[LocalAgentError]:
        return self.engines.findings() + obstacles.found(
            self.settings, page=self._page, also=recorder.questions(self.settings)
        )

    async def _open_server(self) -> None:
        """Our own livekit-server, or the one that LIVEKIT_URL names."""
        settings = self.settings
        if settings.livekit_ws is not None:
            self.url, self.keys = settings.livekit_ws, api_keys.given(settings)
            return
        program, ports = livekit.binary(settings), livekit.claim_ports(settings)
        own = livekit.LiveKit(program, ports, self.keys, node_ip=settings.node_ip, published=settings.published)
        await own.start()
        self._stack.push_async_callback(own.stop)
        self.livekit, self.url = own, own.url
        logger.info("LiveKit server of our own at %s", own.url)

    async def run(self, stop: asyncio.Event | Stopping, on_ready: Callable[[], object] = lambda: None) -> None:
        """Take calls until it is to stop; a bare event ends the running ones without a word. on_ready: callers are
        answered from now on.
        """
        stopping = stop.event if isinstance(stop, Stopping) else stop
        part = partial(self._part, stop) if isinstance(stop, Stopping) else None
        working = asyncio.create_task(worker.run(self.server, stopping, part))
        helping = [asyncio.create_task(self._tell(on_ready)), asyncio.create_task(self._close(stopping))]
        self._watch = redispatch.Watch(
            self.url,
            self.keys,
            self.assignments.rooms,
            self._free,
            agent_name=self.settings.agent_name or "",
            elsewhere=self.livekit is None,
        )
        helping.append(asyncio.create_task(self._watch.run()))
        if self.livekit is not None:
            self.livekit.on_restart = self._watch.trust
            helping.append(asyncio.create_task(self.livekit.watch()))
        if self.settings.lan and self._page:
            helping.append(asyncio.create_task(lan.watch(self.settings)))
        helped = asyncio.gather(*helping)
        both: set[asyncio.Future[Any]] = {working, helped}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                stopping.set()
                await working
                await helped
            await working
        finally:
            stopping.set()
            helped.cancel()
            await asyncio.gather(working, helped, return_exceptions=True)

    async def _tell(self, on_ready: Callable[[], object]) -> None:
        await self._registered.wait()
        on_ready()

    async def _close(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._stopping = True

    def _free(self) -> int | None:
        """Free lines; None while no job reaches us."""
        return None if self.closed() or self.unregistered() else self.assignments.free()

    async def _part(self, stopping: Stopping) -> None:
        await drain(self.server, stopping)
        await self._farewell.say()


def _wake_rtc() -> None:
    """Begin livekit's native side before any call does.

    It is made at its first use, without a lock: two calls that begin at once, each on a thread of its own, make two, of
    which one hears nothing; its call hangs, and 15 s later the native side ends the process.
    """
    _ = FfiClient.instance  # no assertion: `python -O` leaves those out


def _settle() -> None:
    """Take all that there is by now out of the garbage collector's rounds.

    A round over the 180,000 objects of the loaded libraries stops every thread for 0.16 s, in the midst of a call and
    of somebody's wait (seen once in about twelve turns).
    """
    gc.collect()
    gc.freeze()

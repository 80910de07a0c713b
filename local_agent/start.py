"""The `start` command: the plan on screen, the service, and how it ends."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import time

from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from local_agent import __version__, seal
from local_agent.confinement import Way
from local_agent.errors import as_typed_here
from local_agent.hardware import Plan
from local_agent.service import Service
from local_agent.settings import Settings

logger = logging.getLogger("local_agent")

QUIET = ("livekit", "livekit.agents", "aiohttp.access", "asyncio", "httpx", "faster_whisper", "piper")
UNFILTERED = (
    "LOCAL_AGENT_PUBLISHED is set, and the kernel lets this container's native code out to the internet; expected the "
    "filter that lets out answers to callers only (deploy/container.nft), loaded before the first process; fix: on the "
    "host install deploy/container.hook.json in /usr/share/containers/oci/hooks.d and run the container anew with "
    "--annotation local_agent.network=answers (deploy/README.md). It goes on: calls work, and only its Python code is "
    "held back"
)


def log_to_screen(level: str, *, libraries: str = "warning") -> None:
    """Our own messages at `level`, the libraries' from `libraries` on (all of them at debug)."""
    logging.basicConfig(
        level=level.upper(),
        format="%(message)s",
        datefmt="%H:%M:%S",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False, rich_tracebacks=False)],
        force=True,
    )
    if level != "debug":
        for name in QUIET:
            logging.getLogger(name).setLevel(libraries.upper())


def report_crashes() -> None:
    """Native code that dies says where: the thread that it ran on, and no value, so nothing of what was said.

    Not the other threads, whose frames come and go while they are read: with three of them at work 27 of 40 reports
    of an abort ended by a segmentation fault of their own, before they had told of the thread that mattered.
    """
    faulthandler.enable(all_threads=False)


def plan_table(plan: Plan) -> Table:
    """What runs where, and why."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for line in plan.lines:
        style = "yellow" if line.warning else ""
        choice = f"[{style}]{line.choice}[/]" if style else line.choice
        table.add_row(f"[bold]{line.what}[/bold]", choice, as_typed_here(line.reason))
    return table


def run(settings: Settings) -> int:
    """Exit status. Raises LocalAgentError when something that is needed is not there."""
    log_to_screen(settings.log_level)
    report_crashes()
    began = time.monotonic()
    screen = Console(stderr=True)
    screen.print(f"[bold]local_agent {__version__}[/bold]: loading the models")
    if settings.log_transcripts:
        logger.warning("--log-transcripts is on: everything that is said is written to this log")
    layers = seal.state()
    if settings.published and layers is not None and layers.kernel is Way.OPEN:
        logger.warning("%s", UNFILTERED)
    if settings.record is not None:
        from local_agent.recording import opening, recorder

        recorder.demand(settings.record, opening.key_file(settings))
        logger.warning("--record is on: callers who agree are recorded, encrypted, into %s", settings.record)
    asyncio.run(_serve(settings, screen, began))
    return 0


async def _serve(settings: Settings, screen: Console, began: float) -> None:
    from local_agent.doctor.network import demand_interface

    demand_interface()
    ending = Ending(settings.drain_timeout)
    ending.listen()
    async with Service(settings) as service:
        screen.print(plan_table(service.engines.plan))
        logger.info("ready after %.1f s", time.monotonic() - began)
        if service.address:
            screen.print(f"\nOpen [bold]{service.address}[/bold] and press Talk. Ctrl-C ends.\n", soft_wrap=True)
        await service.run(ending.event, drain=lambda: ending.patience)


class Ending:
    """How the process was asked to stop. Ctrl-C ends calls politely, a second one at once; SIGTERM drains."""

    def __init__(self, drain_timeout: float) -> None:
        self.event = asyncio.Event()
        self.patience = 0.0
        self._drain_timeout = drain_timeout

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._on_interrupt)
        loop.add_signal_handler(signal.SIGTERM, self._on_terminate)

    def _on_interrupt(self) -> None:
        if self.event.is_set():
            print("ended at once", file=sys.stderr)
            os._exit(130)  # threads of running inference can't be stopped; the kernel ends livekit-server with us
        print("ending the calls; Ctrl-C again ends at once", file=sys.stderr)
        self.event.set()

    def _on_terminate(self) -> None:
        print(f"no new calls; the running ones have {self._drain_timeout:g} s to end", file=sys.stderr)
        self.patience = self._drain_timeout
        self.event.set()

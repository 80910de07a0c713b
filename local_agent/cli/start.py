"""The `start` command: the plan on screen, the service, and how it ends."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import time
from pathlib import Path

from rich.markup import escape

from local_agent import __version__
from local_agent.call import agent_file
from local_agent.call.agent_file import AgentFile
from local_agent.call.farewell import Stopping
from local_agent.config.settings import Settings
from local_agent.engines import registry
from local_agent.engines.registry import Engines
from local_agent.errors import ConfigError, as_typed_here
from local_agent.hardware.plan import Plan
from local_agent.isolation import seal
from local_agent.isolation.kernel_filter import Way
from local_agent.process.logs import Screen, log_to_screen
from local_agent.server import destination, lan
from local_agent.service import Service

logger = logging.getLogger("local_agent")

UNFILTERED = (
    "LOCAL_AGENT_PUBLISHED is set, and the kernel lets this container's native code out to the internet; expected the "
    "filter that lets out answers to callers only (deploy/container.nft), loaded before the first process; fix: on the "
    "host install deploy/container.hook.json in /usr/share/containers/oci/hooks.d and run the container anew with "
    "--annotation local_agent.network=answers (deploy/README.md). It goes on: calls work, and only its Python code is "
    "held back"
)


def report_crashes() -> None:
    """Native code that dies says where: the thread that it ran on, and no value, so nothing of what was said.

    Not the other threads, whose frames come and go while they are read: with three of them at work 27 of 40 reports
    of an abort ended by a segmentation fault of their own, before they had told of the thread that mattered.
    """
    faulthandler.enable(all_threads=False)


def plan_lines(plan: Plan) -> str:
    """What runs where, and why, in rich's markup. A line each, however long: one may end in a command to paste."""
    names = max(len(line.what) for line in plan.lines)
    choices = max(len(line.choice) for line in plan.lines)
    shown = []
    for line in plan.lines:
        choice = escape(f"{line.choice:{choices}}")
        choice = f"[yellow]{choice}[/]" if line.warning else choice
        shown.append(f"[bold]{escape(f'{line.what:{names}}')}[/bold]  {choice}  {escape(as_typed_here(line.reason))}")
    return "\n".join(shown)


def in_short(plan: Plan) -> str:
    """What a caller meets, in two sentences of rich's markup, and each line of the plan that asks for a decision."""
    where = {"cpu": "the processor", "cuda": "the GPU"}
    engines = {"Hears with": plan.whisper, "thinks with": plan.llama, "speaks with": plan.piper}
    same = len(set(plan.devices.values())) == 1
    parts = [
        f"{what} [bold]{escape(Path(engine.model).name)}[/bold]" + ("" if same else f" on {where[engine.device]}")
        for what, engine in engines.items()
    ]
    calls = "one call at a time" if plan.max_calls == 1 else f"up to {plan.max_calls} calls at once"
    lines = [f"{', '.join(parts)}{f', all on {where[plan.llama.device]}' if same else ''}; {calls}."]
    lines += [
        escape(f"{line.what} {line.choice}: {as_typed_here(line.reason)}")
        for line in plan.lines
        if line.warning or line.offer
    ]
    return "\n".join(lines)


def run(settings: Settings, agent: Path | None = None, *, verbose: bool = False) -> int:
    """Exit status. agent: a file with somebody's own agent. verbose: the whole plan, with its reasons. Raises
    LocalAgentError when something that is needed is not there.
    """
    screen = log_to_screen(settings.log_level)
    report_crashes()
    began = time.monotonic()
    screen.say(f"[bold]local_agent {__version__}[/bold]: loading the models")
    if settings.log_transcripts:
        logger.warning("--log-transcripts is on: everything that is said is written to this log")
    layers = seal.state()
    if settings.published and layers is not None and layers.kernel is Way.OPEN:
        logger.warning("%s", UNFILTERED)
    if settings.record is not None:
        logger.warning("--record is on: callers who agree are recorded, encrypted, into %s", settings.record)
    asyncio.run(_serve(settings, agent, screen, began, verbose=verbose))
    return 0


def _agent(settings: Settings, engines: Engines, path: Path) -> AgentFile:
    """Somebody's own agent, whose plugins use our models. Raises ConfigError."""
    if settings.record is not None:
        raise ConfigError(
            "--record and --agent don't go together: only our own agent asks whether it may record",
            fix="leave one of them out",
        )
    registry.share(engines)
    return agent_file.load(path)


def invite(screen: Screen, settings: Settings, address: str) -> None:
    """Say where the page is, in the last line. On a terminal phones scan it; elsewhere, as in a journal, the access key
    is not shown.
    """
    key = settings.access_key.get_secret_value() if settings.access_key else ""
    if settings.lan and screen.terminal:
        address = lan.invitation(address, key)
        screen.say("\n".join(f"[black on white]{line}[/]" for line in lan.qr_code(address)))
        screen.say("Scan this with a phone of the same network; it warns once of a certificate that it does not know.")
    elif settings.lan:
        kept = settings.data_dir / lan.FOLDER / lan.KEY
        screen.say(f"The access key is in {escape(str(kept))}; behind the address and /#key= it lets a phone in.")
    screen.say(f"Open [bold]{escape(address)}[/bold] and press Talk. Ctrl-C ends.")


def tell_destination(url: str) -> None:
    """Log where the sound of calls goes: a warning, unless it stays on this machine. url: of the LiveKit server."""
    stays = destination.place(url) is destination.Place.HERE
    logger.log(logging.INFO if stays else logging.WARNING, "LiveKit server %s: %s", url, destination.told(url))


async def _serve(settings: Settings, agent: Path | None, screen: Screen, began: float, *, verbose: bool) -> None:
    from local_agent.doctor.network import await_interface

    await await_interface()
    engines = Engines(settings)
    file = _agent(settings, engines, agent) if agent is not None else None
    ending = Ending(settings.drain_timeout, screen)
    ending.listen()
    async with Service(settings, engines=engines, file=file) as service:
        if settings.livekit_url is not None:
            tell_destination(settings.livekit_url)
        screen.say((plan_lines if verbose else in_short)(service.engines.plan))

        def tell() -> None:
            logger.info("ready after %.1f s", time.monotonic() - began)
            if service.address:
                invite(screen, service.settings, service.address)

        await service.run(ending, tell)


class Ending(Stopping):
    """How the process is asked to stop.

    SIGTERM, and SIGHUP of a terminal that is closed, let the running calls end by themselves for `drain_timeout`
    seconds; Ctrl-C, or a second SIGTERM, says goodbye to them now; one more of either ends at once. Under nohup
    SIGHUP stays ignored.
    """

    def __init__(self, drain_timeout: float, screen: Screen) -> None:
        super().__init__(drain_timeout)
        self._screen = screen

    def listen(self) -> None:
        """Act on signals, on the running event loop."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.hurry)
        loop.add_signal_handler(signal.SIGTERM, self.press)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self.drain)

    def drain(self) -> None:
        """No new calls; the running ones have their time."""
        if not self.event.is_set():
            self.event.set()
            self._screen.say(f"no new calls; the running ones have {self.patience:g} s to end")

    def press(self) -> None:
        """Drain, or end the calls where they are draining already."""
        if self.event.is_set():
            self.hurry()
        else:
            self.drain()

    def hurry(self) -> None:
        """End the calls with a goodbye; at once where that was asked before."""
        if self.now.is_set():
            self._screen.say("ended at once")
            self._screen.flush()
            os._exit(130)  # threads of running inference can't be stopped; the kernel ends livekit-server with us
        self.event.set()
        self.now.set()
        self._screen.say("ending the calls; Ctrl-C again ends at once")

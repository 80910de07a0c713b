"""The `bench` command: real calls in real rooms at the pace of speech, and how long their callers wait.

Everything runs on loopback and ends with the command: a livekit-server, the agent (here), the callers and, for a
comparison, the simple stack with a livekit-server of its own (in processes of their own).
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from livekit.agents import AgentSession
from livekit.agents.voice.events import ErrorEvent
from rich.console import Console

from local_agent.bench import clips, guest_process, report
from local_agent.bench.baseline_recipe import Against, recipe
from local_agent.bench.caller import Line
from local_agent.bench.calls import Plan
from local_agent.bench.clips import Clip
from local_agent.bench.report import OURS, Outcome
from local_agent.bench.statistics import Turn
from local_agent.bench.subprocess_json import Child
from local_agent.config.settings import Settings
from local_agent.config.sources import child_environment
from local_agent.doctor.network import demand_interface
from local_agent.engines.registry import Engines
from local_agent.errors import ConfigError, ServerError
from local_agent.process.logs import log_to_screen
from local_agent.process.operating_system import private_memory
from local_agent.server import livekit
from local_agent.service import Service
from local_agent.turns.timeline import Mark

T = TypeVar("T")

LOADED = 120.0  # s for another process to load its models and be known to its livekit-server
SECTIONS = ("models", "hardware", "speech", "turns", "agent")  # of the settings: what somebody's own program is told of
REGISTERED = 20.0  # s for a worker to be known to its livekit-server


@dataclass(frozen=True)
class Options:
    """callers: at once. clips: folder, None for the recordings beside the checkout or else sentences of our own.
    count: turns of each caller. against: the stack to compare with. jobs: somebody's own program answers instead of the
    product, with its jobs in these. json, picture: files to write.
    """

    callers: int = 1
    clips: Path | None = None
    count: int = 12
    against: Against | None = None
    jobs: guest_process.Jobs | None = None
    json: Path | None = None
    picture: Path | None = None


@dataclass
class JobProcesses:
    """What the jobs of somebody's own program tell, in files of `notes`. memory: bytes that no other process shares, by
    its id: once its models are loaded, and behind the last turn; 0 where the system does not tell.
    """

    notes: Path
    memory: dict[int, tuple[int, int]] = field(default_factory=dict)

    def weigh(self) -> None:
        """Look at their memory."""
        for file in self.notes.glob(guest_process.LOADED.format("*")):
            if noted := file.read_text().split():
                process, loaded = map(int, noted)
                now = private_memory(rollup=Path(f"/proc/{process}/smaps_rollup"))
                first, last = self.memory.get(process, (loaded, now))
                self.memory[process] = (first, now or last)  # it may have ended with its call

    def errors(self) -> list[float]:
        """When there was one: monotonic times."""
        file = self.notes / guest_process.ERRORS
        return [float(line) for line in file.read_text().split()] if file.is_file() else []


@dataclass
class Run:
    """What is known so far."""

    options: Options
    settings: Settings
    engines: Engines
    screen: Console
    partners: list[asyncio.Task[None]] = field(default_factory=list)  # none of them may end before the calls do
    turns: list[Turn] = field(default_factory=list)
    marks: dict[str, list[Mark]] = field(default_factory=lambda: {OURS: []})
    errors: list[float] = field(default_factory=list)  # monotonic times of errors of our agent's
    jobs: JobProcesses | None = None  # of somebody's own program

    def watch(self, session: AgentSession[None]) -> None:
        """Note its errors. It apologises for them, and an apology must not count as a reply."""

        def note(event: ErrorEvent) -> None:
            if not getattr(event.error, "recoverable", True):
                self.errors.append(time.monotonic())

        session.on("error", note)

    def judged(self, turn: Turn) -> Turn:
        """The turn, failed where an error fell into it before its reply."""
        until = turn.audible or time.monotonic()
        errors = self.errors if self.jobs is None else self.jobs.errors()
        return replace(turn, failed=turn.stack == OURS and any(turn.began <= at <= until for at in errors))


def run(settings: Settings, options: Options) -> int:
    """Exit status: 0 when there was a reply to every turn. Raises LocalAgentError."""
    log_to_screen(settings.log_level, libraries="error")
    if options.picture is not None and options.picture.suffix.lower() != ".svg":
        raise ConfigError(
            f"{options.picture} can't be drawn", expected="a name that ends in .svg", fix="any browser shows SVG"
        )
    report.demand_writable(options.json, options.picture)
    outcome = asyncio.run(ended_politely(measure(settings, options)))
    screen = Console()
    screen.print(report.waits(outcome))
    for line in report.memory(outcome):
        screen.print(line, highlight=False)
    if (table := report.waterfall(outcome)) is not None:
        screen.print(table)
    elif options.callers > 1:
        screen.print("where the wait went can be told of a single caller only", style="dim")
    report.save_json(options.json, report.facts(outcome))
    if options.picture is not None:
        report.save(options.picture, report.picture(outcome))
    return 1 if any(turn.wait is None or turn.failed for turn in outcome.turns) else 0


async def measure(settings: Settings, options: Options) -> Outcome:
    """Hold the calls. Raises LocalAgentError."""
    demand_interface()
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local_agent-bench-")))
        engines = Engines(settings)  # with the ledger of this installation: nothing is hashed or made anew for a bench
        run = Run(options, alone(settings, scratch), engines, Console(stderr=True))
        run.screen.print("loading the models", style="dim")
        if options.jobs is None:
            lines = {OURS: await stack.enter_async_context(ours(run))}
        else:
            run.jobs = JobProcesses(scratch)
            lines = {OURS: await stack.enter_async_context(_program(run, options.jobs, settings))}
            run.jobs.weigh()
        source, orders = await asyncio.to_thread(_material, run, scratch)
        if options.against is not None:
            run.screen.print(f"loading the {options.against} stack", style="dim")
            lines[options.against] = await stack.enter_async_context(_rival(run, options.against))
        await _call(run, Plan(lines, orders))
        memory = None if run.jobs is None else run.jobs.memory
        return Outcome(run.turns, run.marks, source, options.callers, settings.language, options.jobs, memory)


def alone(settings: Settings, scratch: Path) -> Settings:
    """The settings of a run of which nothing may leave the machine or disturb an agent that runs on it."""
    changed = {
        **dict.fromkeys(("livekit_url", "livekit_api_key", "livekit_api_secret", "node_ip")),
        **dict.fromkeys(("livekit_port", "rtc_tcp_port", "rtc_udp_port", "agent_health_port"), 0),
        "published": False,
        "data_dir": scratch,
    }
    return settings.model_copy(update=changed)


@asynccontextmanager
async def ours(run: Run) -> AsyncIterator[Line]:
    """Inside, the product answers calls."""
    most = run.engines.plan.max_calls
    if most < run.options.callers:
        raise ConfigError(
            f"{run.options.callers} callers, but this machine is planned for {most} calls at once",
            fix=f"--callers {most}, or set LOCAL_AGENT_MAX_CALLS",
        )
    listener = run.marks[OURS].append
    async with Service(
        run.settings, engines=run.engines, page=False, listener=listener, on_session=run.watch
    ) as service:
        registered, stopping = asyncio.Event(), asyncio.Event()
        service.server.once("worker_registered", lambda *_: registered.set())
        running = asyncio.create_task(service.run(stopping))
        run.partners.append(running)
        try:
            await _soon(registered.wait(), REGISTERED, "the agent")
            yield Line(service.url, service.keys.key, service.keys.secret, bool(run.settings.greeting))
        finally:
            stopping.set()
            await asyncio.gather(running, return_exceptions=True)


def _program(run: Run, jobs: guest_process.Jobs, settings: Settings) -> AbstractAsyncContextManager[Line]:
    """Inside, somebody's own program answers calls. settings: as the person chose them."""
    assert run.jobs is not None
    plan = guest_process.Plan(jobs, run.options.callers, str(livekit.binary(run.settings)), str(run.jobs.notes))
    environment = child_environment(settings, SECTIONS)
    child = Child("local_agent.bench.guest_process", asdict(plan), environment)
    return _elsewhere(run, OURS, "the program", child)


def _rival(run: Run, against: Against) -> AbstractAsyncContextManager[Line]:
    """Inside, the simple stack answers calls."""
    program = str(livekit.binary(run.settings))
    made = recipe(run.settings, run.engines.plan, program, against, run.options.callers)
    return _elsewhere(run, against, f"the {against} stack", Child("local_agent.bench.baseline_process", asdict(made)))


@asynccontextmanager
async def _elsewhere(run: Run, stack: str, who: str, answering: Child) -> AsyncIterator[Line]:
    """Inside, a process of its own answers calls."""
    marks = run.marks.setdefault(stack, [])
    async with answering as child:
        line: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

        async def listen() -> None:
            async for told in child:
                if "line" in told:
                    line.set_result(Line(**told["line"]))
                elif "mark" in told:
                    marks.append(Mark(**told["mark"]))

        listening = asyncio.create_task(listen())
        try:
            ready = asyncio.create_task(_soon(line, LOADED, who))
            run.partners.append(listening)
            await asyncio.wait({ready, listening}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                ready.cancel()
                await listening
            yield await ready
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _soon(ready: Awaitable[T], within: float, who: str) -> T:
    try:
        return await asyncio.wait_for(ready, within)
    except TimeoutError as error:
        raise ServerError(
            f"{who} was not known to its livekit-server within {within:g} s", fix="python -m local_agent doctor"
        ) from error


def _material(run: Run, scratch: Path) -> tuple[str, list[list[Clip]]]:
    """(where the clips come from, what each caller says)."""
    options, language = run.options, run.settings.language
    folder, source = clips.folder(options.clips, run.engines.piper().result, scratch, language)
    return source, clips.orders(clips.read(folder, language), options.callers, options.count)


async def _call(run: Run, plan: Plan) -> None:
    """Hold the calls, noting and showing each turn. Raises ServerError where they can't be held."""
    most = sum(map(len, plan.orders)) * len(plan.lines)
    async with Child("local_agent.bench.calls", plan.to_json()) as child:

        async def listen() -> None:
            async for told in child:
                turn = run.judged(Turn(**told["turn"]))
                run.turns.append(turn)
                if run.jobs is not None:
                    run.jobs.weigh()
                wait = "no reply" if turn.wait is None else "an error" if turn.failed else f"{turn.wait:6.2f} s"
                run.screen.print(
                    f"{len(run.turns):3d}/{most}  {turn.stack}  caller {turn.caller}  {wait}  {turn.clip}",
                    style="dim",
                    highlight=False,
                )

        calling = asyncio.create_task(listen())
        try:
            await asyncio.wait({calling, *run.partners}, return_when=asyncio.FIRST_COMPLETED)
            for partner in run.partners:
                if partner.done() and not calling.done():
                    await partner
                    raise ServerError("an agent ended before the calls did", fix="run it again with --log-level debug")
            await calling
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)


async def ended_politely(work: Coroutine[Any, Any, T]) -> T:
    """SIGTERM ends everything as Ctrl-C does, of which asyncio's own runner takes care."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os.kill, os.getpid(), signal.SIGINT)
    return await work

"""For somebody else's program: one call for a session, one for a server, one to load the models before a caller waits.

`local_agent.session`, `agent_server` and `prewarm` are these; importing `local_agent` loads none of them.
docs/plugins.md is the guide.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from concurrent.futures import Future
from typing import Any, TypeVar, Unpack, cast

from livekit import rtc
from livekit.agents import (
    NOT_GIVEN,
    Agent,
    AgentServer,
    AgentSession,
    CloseEvent,
    JobExecutorType,
    JobProcess,
    NotGivenOr,
    inference,
    room_io,
    utils,
)
from livekit.agents.voice.agent_session import RecordingOptions, SessionConnectOptions
from livekit.agents.worker import ServerEnvOption

from local_agent.call.session import PATIENT, RETRIES
from local_agent.call.spoken_error import Apology
from local_agent.call.turn_taking import SessionOptions, TurnTaking, overlaid
from local_agent.engines import registry
from local_agent.errors import ConfigError
from local_agent.plugins import llama, piper, whisper
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import logged
from local_agent.process import operating_system

logger = logging.getLogger("local_agent")

Userdata = TypeVar("Userdata")
WARM_UP = 8.0  # s that a job's process waits for its models; livekit-agents ends one that takes 10 s to begin
WARM = 4  # threads that wait for a job, as in our own worker
BEGINS = 300.0  # s that a thread or process may take to begin, on a busy machine
COST = (
    "this job process has models of its own, for one call: %.0f MB that no other shares; with "
    "JobExecutorType.THREAD all calls share them (docs/plugins.md)"
)
FULL = 0.99  # of the calls that this machine carries


class Session(AgentSession[Userdata]):
    """An AgentSession whose models, turn-taking and recordings stay on this machine, unless you say otherwise.

        session = local_agent.session()
        await session.start(agent=YourAgent(), room=ctx.room)

    given: any keyword of `AgentSession`, before ours. Of `turn_handling` each part that is given. An `stt` that is no
    Whisper of ours takes our turn-taking with it: livekit-agents' own, local one has the say then. engines: whose
    models; the process's own where none are given. reader: a language model of ours that reads along, where `llm` is
    none (a fallback that holds one, say).

    Raises ConfigError for the name of a model, which would be a model in LiveKit's cloud, and whatever the plugins
    raise.
    """

    def __init__(
        self,
        *,
        engines: registry.Engines | None = None,
        reader: llama.LLM | None = None,
        **given: Unpack[SessionOptions],
    ) -> None:
        self._local_engines = engines = engines or registry.shared()
        said = cast("dict[str, Any]", {name: value for name, value in given.items() if utils.is_given(value)})
        _refuse_names(said)
        self._language = language = CallLanguage(engines.settings.language)
        self._own_llm = llama.LLM(engines=engines, call_language=language) if "llm" not in said else None
        ours = cast("SessionOptions", {"conn_options": _patience(said)})
        if self._own_llm is not None:
            ours["llm"] = self._own_llm
        self._own_voice = "tts" not in said
        if self._own_voice:
            ours |= {"tts": piper.TTS(engines=engines, call_language=language), "tts_text_transforms": None}
            ours["use_tts_aligned_transcript"] = True
        self._turn_taking: TurnTaking | None = None
        heard_by = said.get("stt")
        if "stt" not in said or isinstance(heard_by, whisper.STT):
            model = said.get("llm", self._own_llm)
            reader = reader or (model if isinstance(model, llama.LLM) else None)
            self._turn_taking = TurnTaking(engines, stt=heard_by, reader=reader, language=language)
            made = self._turn_taking.options(**cast("SessionOptions", {**ours, **said}))
        else:
            made = overlaid(_stock(), cast("SessionOptions", {**ours, **said}))
        super().__init__(**made)
        if self._turn_taking is not None:
            self._turn_taking.attach(self)
        if self._own_voice:
            language.on_change(engines.apologise_in)
            Apology(self, engines, language).attach()
        self.on("close", self._on_closed)

    async def start(
        self,
        agent: Agent,
        *,
        capture_run: bool = False,
        room: NotGivenOr[rtc.Room] = NOT_GIVEN,
        room_options: NotGivenOr[room_io.RoomOptions] = NOT_GIVEN,
        session_host: NotGivenOr[bool] = False,
        record: NotGivenOr[bool | RecordingOptions] = False,
        room_input_options: NotGivenOr[room_io.RoomInputOptions] = NOT_GIVEN,
        room_output_options: NotGivenOr[room_io.RoomOutputOptions] = NOT_GIVEN,
    ) -> Any:
        """As `AgentSession.start`, and nothing is recorded or shown to others of the room unless you ask for it. In a
        room whose options leave its audio open, the agent speaks through an output that can be talked over.
        """
        if self._own_voice:
            await asyncio.to_thread(self._local_engines.apologise_in, self._language.code)
        deprecated = utils.is_given(room_input_options) or utils.is_given(room_output_options)
        if self._turn_taking is not None and utils.is_given(room) and not deprecated:
            room_options = await self._turn_taking.enter(room, room_options)
        return await super().start(
            agent,
            capture_run=cast("Any", capture_run),
            room=room,
            room_options=room_options,
            session_host=session_host,
            record=cast("Any", record),
            room_input_options=room_input_options,
            room_output_options=room_output_options,
        )

    def _on_closed(self, _: CloseEvent) -> None:
        if self._own_llm is not None:
            self._own_llm.forget()  # its place in the KV cache is free


def session(
    *, engines: registry.Engines | None = None, reader: llama.LLM | None = None, **given: Unpack[SessionOptions]
) -> Session[Any]:
    """An AgentSession that runs on this machine: see `Session`."""
    return Session(engines=engines, reader=reader, **given)


def _refuse_names(given: dict[str, Any]) -> None:
    for role in ("stt", "llm", "tts"):
        if isinstance(given.get(role), str):
            raise ConfigError(
                f"{role}={given[role]!r} is the name of a model in LiveKit's cloud",
                expected="an object: nothing in this session shall leave the machine by accident",
                fix=f"leave {role} out for the one on this machine, or pass an object of the plugin that you mean",
            )


def _patience(given: dict[str, Any]) -> SessionConnectOptions:
    """Times for engines of ours; livekit-agents' own for what lies elsewhere."""
    times = {f"{role}_conn_options": RETRIES for role in ("stt", "llm", "tts") if role not in given}
    return SessionConnectOptions(**times, max_unrecoverable_errors=PATIENT.max_unrecoverable_errors)


def _stock() -> SessionOptions:
    """Turn-taking of livekit-agents itself, as far as it stays on this machine."""
    return {
        "vad": inference.VAD(model="silero"),
        "turn_handling": {
            "turn_detection": inference.TurnDetector(version="v1-mini"),
            "interruption": {"mode": "vad"},
        },
    }


def agent_server(**given: Any) -> AgentServer:
    """An AgentServer for models on this machine. given: any keyword of `AgentServer`, before ours.

    Its jobs are threads, which share the models. It is full when it has as many callers as the machine carries. Its
    health page listens on loopback, and no proxy is asked for a LiveKit server that may be on loopback.
    """
    registry.prepare_guest()  # what job processes inherit
    in_processes = given.get("job_executor_type") is JobExecutorType.PROCESS
    ours: dict[str, Any] = {
        "job_executor_type": JobExecutorType.THREAD,
        "setup_fnc": prewarm,
        "initialize_process_timeout": BEGINS,
        "num_idle_processes": 1 if in_processes else WARM,
        "load_fnc": _load,
        "load_threshold": ServerEnvOption(dev_default=math.inf, prod_default=FULL),
        "host": "127.0.0.1",
        "http_proxy": None,
    }
    return AgentServer(**(ours | given))


def _load(server: AgentServer) -> float:
    return len(server.active_jobs) / registry.shared().plan.max_calls


def prewarm(process: JobProcess) -> None:
    """Load the models before a caller waits: `AgentServer(setup_fnc=local_agent.prewarm)`.

    Returns when they are there, or after WARM_UP seconds, and they load on. `process.userdata["local_agent"]` are the
    engines. A job process tells what it costs. Raises LocalAgentError where a model can't be loaded.
    """
    engines = process.userdata["local_agent"] = registry.shared()
    loaded: Future[None] = Future()

    def load() -> None:
        try:
            engines.load()
            operating_system.return_memory()  # what loading needed for a moment
            if process.executor_type is JobExecutorType.PROCESS:
                logger.info(COST, operating_system.private_memory() / 1e6)
            loaded.set_result(None)
        except Exception as error:  # told to whoever waits
            loaded.set_exception(error)

    threading.Thread(target=load, name="prewarm", daemon=True).start()
    try:
        loaded.result(WARM_UP)
    except TimeoutError:
        logger.warning("the models load on beside the first call: they took longer than %g s", WARM_UP)
        logged(loaded, "prewarm")

"""Who speaks when in one session, whoever's language model and voice it has: ends of turns, replies that are begun
ahead, a listener's "mm-hmm", and talking over the agent.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from livekit import rtc
from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    CloseEvent,
    NotGivenOr,
    TurnHandlingOptions,
    get_job_context,
    inference,
    llm,
    room_io,
    stt,
    tts,
    utils,
    vad,
)
from livekit.agents.voice.agent_session import SessionConnectOptions

from local_agent.audio.agent_voice import AgentVoice
from local_agent.audio.samples import SPEECH_RATE
from local_agent.call import late_answer, read_ahead
from local_agent.call.room_input import INPUT_FRAME
from local_agent.call.room_output import Loudspeaker
from local_agent.config.settings import Settings
from local_agent.engines import registry
from local_agent.errors import ConfigError
from local_agent.plugins import llama, whisper
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.caller_vad import CallerVad
from local_agent.plugins.interruptions import NEVER, InterruptionHandler
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.timeline import Listener, ignore

if TYPE_CHECKING:
    from livekit.agents.voice.turn import PreemptiveGenerationOptions

    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.types import Prefilled

# A reply begun ahead by a model of ours costs nothing but computing: s of speech, and times in one turn.
OURS_AHEAD = {"max_speech_duration": 120.0, "max_retries": 20}


class SessionOptions(TypedDict, total=False):
    """The keywords of `AgentSession`, less those that it calls deprecated."""

    stt: NotGivenOr[stt.STT[Any]]
    vad: NotGivenOr[vad.VAD | None]
    llm: NotGivenOr[llm.LLM[Any] | llm.RealtimeModel]
    tts: NotGivenOr[tts.TTS[Any]]
    turn_handling: NotGivenOr[TurnHandlingOptions]
    stt_context_options: Any
    tools: NotGivenOr[list[llm.Tool | llm.Toolset]]
    tool_handling: Any
    max_tool_steps: int
    use_tts_aligned_transcript: NotGivenOr[bool]
    tts_text_transforms: Any
    min_consecutive_speech_delay: float
    expressive: Any
    userdata: Any
    video_sampler: Any
    aec_warmup_duration: NotGivenOr[float | None]
    ivr_detection: bool
    user_away_timeout: float | None
    transcription_timeout: float | None
    session_close_transcript_timeout: float
    conn_options: NotGivenOr[SessionConnectOptions]
    loop: Any


class TurnTaking:
    """Of one session. It needs our Whisper, which hears the caller; language model and voice may be anybody's.

        taking = TurnTaking()
        session = AgentSession(llm=yours, tts=yours, **taking.options())
        taking.attach(session)
        options = await taking.enter(ctx.room)
        await session.start(agent, room=ctx.room, room_options=options, record=False, session_host=False)

    engines: whose models; those of the process where none are given. settings: default theirs. stt: a Whisper of ours
    with options of your own. reader: a language model of ours (the session's, or one in a fallback) that reads along
    while the caller speaks, and tells how likely a message is over. Without one the words, how they sound (Smart Turn)
    and this caller's pauses tell. language: of the call. listener: hears marks of `turns.timeline`.
    """

    def __init__(
        self,
        engines: registry.Engines | None = None,
        *,
        settings: Settings | None = None,
        stt: whisper.STT | None = None,
        reader: llama.LLM | None = None,
        language: CallLanguage | None = None,
        listener: Listener = ignore,
    ) -> None:
        engines = engines or registry.shared()
        self.settings = settings or engines.settings
        self.reader, self.language = reader, language or CallLanguage(self.settings.language)
        self.floor = InterruptionHandler(listener=listener)
        self.stt = stt or whisper.STT(engines=engines, listener=listener)
        self.stt.floor, self.stt.judge, self.stt.call_language = self.floor, self._judge_end, self.language
        self._session: AgentSession[Any] | None = None
        self._preparing: asyncio.Task[None] | None = None

    def options(self, **given: Unpack[SessionOptions]) -> SessionOptions:
        """Keywords for `AgentSession`: given ones before ours, and of `turn_handling` each part that is given.

        With another `turn_detection` than "stt" that has the say over ends of turns; the rest stays ours.
        """
        asked = given.get("turn_handling")
        handling = cast("TurnHandlingOptions", {} if asked is None or not utils.is_given(asked) else asked)
        ours = self._interrupting()
        if handling.get("turn_detection", "stt") == "stt":
            ours |= {"turn_detection": "stt", "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0}}
            settings = self.settings
            self.stt.commit_turns(
                Endpointing(sure=settings.endpointing_min_delay, unsure=settings.endpointing_max_delay)
            )
        detector = CallerVad(inference.VAD(model="silero", min_silence_duration=0.2))
        return overlaid({"stt": self.stt, "vad": detector, "turn_handling": ours, "aec_warmup_duration": None}, given)

    def _interrupting(self) -> TurnHandlingOptions:
        ahead: dict[str, Any] = {"enabled": self.settings.speculative, "preemptive_tts": self.settings.speculative}
        return {
            "interruption": {"mode": "vad", "min_duration": NEVER, "false_interruption_timeout": 1.0},
            "preemptive_generation": cast(
                "PreemptiveGenerationOptions", ahead | (OURS_AHEAD if self.reader is not None else {})
            ),
        }

    def attach(self, session: AgentSession[Any], *, prepares: bool = True) -> None:
        """Belong to a session that was made with `options` and has not started. prepares: the reader reads what the
        conversation begins with; else its agent sees to that.
        """
        self._session = session
        self.floor.attach(session)
        late_answer.attach(session, self.floor)
        if self.reader is not None:
            read_ahead.attach(session, self.reader)
            if prepares:
                session.on("agent_state_changed", self._on_state)

    def _on_state(self, event: AgentStateChangedEvent) -> None:
        """The conversation's beginning is read before anybody says a word."""
        if event.old_state == "initializing" and self.reader is not None and self._session is not None:
            agent = self._session.current_agent
            tools = llm.ToolContext(agent.tools).flatten()
            self._preparing = asyncio.create_task(self.reader.prepare(agent.chat_ctx, tools))

    def speak_through(self, voice: AgentVoice) -> None:
        """What is played to the caller there is known: it is the way to tell an echo from a wish to speak."""
        self.floor.follow(voice)

    async def enter(
        self, room: rtc.Room, options: NotGivenOr[room_io.RoomOptions | None] = None
    ) -> room_io.RoomOptions:
        """Bring the session's voice into a room, so that it can be talked over; a job's room is connected first.

        Returns options for `AgentSession.start`. What the given ones tell of audio stays, and so does an output that
        the session has already; livekit-agents' own output is heard on while it is talked over, to the end of a turn.
        Under livekit-agents' console, microphone and loudspeaker are its own. Raises ConfigError outside a job for a
        room that nobody connected.
        """
        made = copy.copy(options) if utils.is_given(options) and options is not None else room_io.RoomOptions()
        job, session = get_job_context(required=False), self._session
        if session is None or (job is not None and job.is_fake_job()):
            return made
        if job is not None and job.room is room:
            await job.connect()
        elif not room.isconnected():
            raise ConfigError("the room is not connected", fix="await room.connect(...) before session.start(...)")
        if session.input.audio is None and not isinstance(made.audio_input, room_io.AudioInputOptions):
            made.audio_input = made.audio_input is not False and room_io.AudioInputOptions(
                sample_rate=SPEECH_RATE, frame_size_ms=INPUT_FRAME, auto_gain_control=False
            )
        own = made.audio_output is not False and not isinstance(made.audio_output, room_io.AudioOutputOptions)
        if session.output.audio is None and own:
            voice = Loudspeaker(room)
            session.output.audio, made.audio_output = voice, False
            self.speak_through(voice)
            session.on("close", _closing(voice))
        return made

    def _judge_end(self, words: str) -> Job[Prefilled] | None:
        """How likely the caller has finished with these words, given what was said before."""
        if self.reader is None or self._session is None:
            return None
        return self.reader.judge_end(self._session.current_agent.chat_ctx, words)


def overlaid(ours: SessionOptions, given: SessionOptions) -> SessionOptions:
    """Given keywords before ours; those of `turn_handling` part by part, and key by key within a part."""
    said: dict[str, Any] = {name: value for name, value in given.items() if utils.is_given(value)}
    made = {**ours, **said}
    parts: dict[str, Any] = {**ours.get("turn_handling", {})}  # type: ignore[dict-item]
    for part, value in (said.get("turn_handling") or {}).items():
        parts[part] = {**parts.get(part, {}), **value} if isinstance(value, dict) else value
    return cast("SessionOptions", made | {"turn_handling": parts})


def _closing(voice: Loudspeaker) -> Callable[[CloseEvent], None]:
    """What ends a voice with its session."""
    ended: set[asyncio.Task[None]] = set()  # a task that nothing refers to may vanish

    def close(_: CloseEvent) -> None:
        ended.add(asyncio.create_task(voice.aclose()))

    return close

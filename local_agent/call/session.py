"""One session for one call: plugin objects of its own over the engines that all rooms share."""

from __future__ import annotations

from typing import Any

from livekit.agents import AgentSession, APIConnectOptions
from livekit.agents.voice.agent_session import SessionConnectOptions

from local_agent.audio.agent_voice import AgentVoice
from local_agent.call.assistant import Assistant
from local_agent.call.choices import Choices
from local_agent.call.spoken_error import Apology
from local_agent.call.turn_taking import TurnTaking
from local_agent.config import small_model
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins import llama, piper
from local_agent.plugins.call_language import CallLanguage
from local_agent.turns.speculation import SpeculationCounter
from local_agent.turns.timeline import Listener, ignore

RETRIES = APIConnectOptions(max_retry=1, retry_interval=0.2)  # how long one try may take is a setting: engine_timeout
PATIENT = SessionConnectOptions(
    stt_conn_options=RETRIES, llm_conn_options=RETRIES, tts_conn_options=RETRIES, max_unrecoverable_errors=1000
)


def mind(
    settings: Settings, engines: Engines, listener: Listener = ignore, language: CallLanguage | None = None
) -> llama.LLM:
    """The language model of one conversation."""
    name = engines.plan.llama.model
    return llama.LLM(
        engines=engines,
        stop=small_model.STOP if small_model.shown(settings, name) else None,
        variety=small_model.variety(name),
        enough=small_model.enough(settings, name),
        examples=2 * len(small_model.examples(settings, name)),
        talk=small_model.talk(name),
        listener=listener,
        call_language=language,
    )


class Call:
    """One call: a session with plugin objects of its own over the shared engines, and all that belongs to them.

    listener: hears their marks.
    """

    def __init__(self, settings: Settings, engines: Engines, listener: Listener = ignore) -> None:
        self.settings = settings
        self.listener = SpeculationCounter(listener)
        self.language = CallLanguage(settings.language)
        self.llm = mind(settings, engines, self.listener, self.language)
        self.tts = piper.TTS(engines=engines, listener=self.listener, call_language=self.language)
        self.turns = TurnTaking(
            engines, settings=settings, reader=self.llm, language=self.language, listener=self.listener
        )
        self.session = AgentSession[None](
            **self.turns.options(
                llm=self.llm,
                tts=self.tts,
                tts_text_transforms=None,
                use_tts_aligned_transcript=True,  # what an interrupted message keeps is what had been heard of it
                user_away_timeout=None,
                conn_options=PATIENT,
            )
        )
        self.turns.attach(self.session, prepares=False)
        self.interruptions = self.turns.floor
        self.language.on_change(engines.apologise_in)
        Apology(self.session, engines, self.language).attach()

    def choose(self, chosen: Choices) -> None:
        """Hold from the next reply on. Raises ConfigError, WeightsMissing, WeightsCorrupt for a voice."""
        if chosen.language is not None:
            self.language.choose(chosen.language)
        if chosen.voice is not None:
            self.tts.update_options(voice=chosen.voice)
        if chosen.speed is not None:
            self.tts.update_options(speed=chosen.speed)

    def speak_through(self, voice: AgentVoice) -> None:
        """What is played to the caller there is known: it is the way to tell an echo from a wish to speak."""
        self.turns.speak_through(voice)

    async def start(self, assistant: Assistant, **given: Any) -> None:
        """Let `assistant` talk. given: for `AgentSession.start`, which never records here."""
        assistant.memory.llm, assistant.memory.tts = self.llm, self.tts
        self.language.on_change(lambda code: assistant.speak(code, voiced=self.tts.voiced))
        await self.session.start(assistant, record=False, session_host=False, **given)

    async def aclose(self) -> None:
        """The call's place in the KV cache is free."""
        await self.llm.aclose()

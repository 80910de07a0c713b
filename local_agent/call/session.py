"""One session for one call: plugin objects of its own over the engines that all rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents import AgentSession, APIConnectOptions, inference
from livekit.agents.voice.agent_session import SessionConnectOptions

from local_agent.audio.agent_voice import AgentVoice
from local_agent.call import late_answer, read_ahead
from local_agent.call.assistant import Assistant
from local_agent.call.spoken_error import Apology
from local_agent.config import small_model
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins import llama, piper, whisper
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.caller_vad import CallerVad
from local_agent.plugins.interruptions import NEVER, InterruptionHandler
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speculation import SpeculationCounter
from local_agent.turns.timeline import Listener, ignore

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.types import Prefilled

RETRIES = APIConnectOptions(max_retry=1, retry_interval=0.2)  # how long one try may take is a setting: engine_timeout


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
        self.interruptions = InterruptionHandler(listener=self.listener)
        self.language = CallLanguage(settings.language)
        self.llm = mind(settings, engines, self.listener, self.language)
        self.tts = piper.TTS(engines=engines, listener=self.listener, call_language=self.language)
        self.stt = whisper.STT(
            engines=engines,
            commits_turns=True,
            endpointing=Endpointing(sure=settings.endpointing_min_delay, unsure=settings.endpointing_max_delay),
            floor=self.interruptions,
            listener=self.listener,
            judge=self._judge_end,
            call_language=self.language,
        )
        self.session = self._session()
        self.interruptions.attach(self.session)
        late_answer.attach(self.session, self.interruptions)
        read_ahead.attach(self.session, self.llm)
        self.language.on_change(engines.apologise_in)
        Apology(self.session, engines, self.language).attach()

    def _session(self) -> AgentSession[None]:
        return AgentSession[None](
            stt=self.stt,
            llm=self.llm,
            tts=self.tts,
            vad=CallerVad(inference.VAD(model="silero", min_silence_duration=0.2)),
            turn_handling={
                "turn_detection": "stt",
                "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
                "interruption": {"mode": "vad", "min_duration": NEVER, "false_interruption_timeout": 1.0},
                "preemptive_generation": {
                    "enabled": self.settings.speculative,
                    "preemptive_tts": self.settings.speculative,
                    "max_speech_duration": 120.0,
                    "max_retries": 20,
                },
            },
            tts_text_transforms=None,
            use_tts_aligned_transcript=True,  # what an interrupted message keeps is what had been heard of it
            aec_warmup_duration=None,
            user_away_timeout=None,
            conn_options=SessionConnectOptions(
                stt_conn_options=RETRIES,
                llm_conn_options=RETRIES,
                tts_conn_options=RETRIES,
                max_unrecoverable_errors=1000,
            ),
        )

    def _judge_end(self, words: str) -> Job[Prefilled] | None:
        """How likely the caller has finished with these words, given what was said before."""
        return self.llm.judge_end(self.session.current_agent.chat_ctx, words)

    def speak_through(self, voice: AgentVoice) -> None:
        """What is played to the caller there is known: it is the way to tell an echo from a wish to speak."""
        self.interruptions.follow(voice)

    async def start(self, assistant: Assistant, **given: Any) -> None:
        """Let `assistant` talk. given: for `AgentSession.start`, which never records here."""
        assistant.memory.llm, assistant.memory.tts = self.llm, self.tts
        self.language.on_change(lambda code: assistant.speak(code, voiced=self.tts.voiced))
        await self.session.start(assistant, record=False, session_host=False, **given)

    async def aclose(self) -> None:
        """The call's place in the KV cache is free."""
        await self.llm.aclose()

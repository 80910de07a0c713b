"""One session for one call: plugin objects of its own over the engines that all rooms share."""

from __future__ import annotations

from livekit.agents import AgentSession, APIConnectOptions, inference
from livekit.agents.voice.agent_session import SessionConnectOptions

from local_agent.call import late_answer
from local_agent.config import small_model
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins import llama, piper, whisper
from local_agent.plugins.caller_vad import CallerVad
from local_agent.plugins.interruptions import NEVER, InterruptionHandler
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speculation import SpeculationCounter
from local_agent.turns.timeline import Listener, ignore

RETRIES = APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=20.0)


def mind(settings: Settings, engines: Engines, listener: Listener = ignore) -> llama.LLM:
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
    )


def session_for(settings: Settings, engines: Engines, listener: Listener = ignore) -> AgentSession[None]:
    """A session of its own for one room: new plugin objects over the shared engines. listener: hears their marks."""
    listener = SpeculationCounter(listener)
    floor = InterruptionHandler(listener=listener)
    endpointing = Endpointing(sure=settings.endpointing_min_delay, unsure=settings.endpointing_max_delay)
    model = mind(settings, engines, listener)
    speech = whisper.STT(
        engines=engines,
        commits_turns=True,
        endpointing=endpointing,
        floor=floor,
        listener=listener,
        judge=lambda words: model.judge_end(session.current_agent.chat_ctx, words),
    )
    session = AgentSession[None](
        stt=speech,
        llm=model,
        tts=piper.TTS(engines=engines, listener=listener),
        vad=CallerVad(inference.VAD(model="silero", min_silence_duration=0.2)),
        turn_handling={
            "turn_detection": "stt",
            "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
            "interruption": {"mode": "vad", "min_duration": NEVER, "false_interruption_timeout": 1.0},
            "preemptive_generation": {
                "enabled": settings.speculative,
                "preemptive_tts": settings.speculative,
                "max_speech_duration": 120.0,
                "max_retries": 20,
            },
        },
        tts_text_transforms=None,
        use_tts_aligned_transcript=True,  # what an interrupted message keeps is what had been heard of it
        aec_warmup_duration=None,
        user_away_timeout=None,
        conn_options=SessionConnectOptions(
            stt_conn_options=RETRIES, llm_conn_options=RETRIES, tts_conn_options=RETRIES, max_unrecoverable_errors=1000
        ),
    )
    floor.attach(session)
    late_answer.attach(session, floor)
    return session

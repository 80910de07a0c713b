"""The three plugins in an AgentSession, over engines that need no weights."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from livekit.agents import AgentSession, APIConnectOptions
from livekit.agents.voice.agent_session import SessionConnectOptions

from local_agent.call.spoken_error import Apology
from local_agent.errors import EngineError
from local_agent.plugins import llama, piper, whisper
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, speech, until
from tests.plugins.headless import SPOKEN_RATE, calling

pytestmark = pytest.mark.usefixtures("virtual_time")

ONCE = APIConnectOptions(max_retry=0)
PATIENT = SessionConnectOptions(
    stt_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.0),
    llm_conn_options=ONCE,
    tts_conn_options=ONCE,
    max_unrecoverable_errors=100,
)


def session(engines: FakeEngines, turns: str = "vad") -> AgentSession[None]:
    known: Any = engines.engines
    heard_by = whisper.STT(engines=known, vad=LoudnessVad(), commits_turns=turns == "stt")
    handling: Any = {
        "turn_detection": turns,
        "interruption": {"mode": "vad", "min_duration": 0.3, "false_interruption_timeout": None},
        "endpointing": {"mode": "fixed", "min_delay": 0.2, "max_delay": 0.5},
    }
    return AgentSession[None](
        stt=heard_by,
        llm=llama.LLM(engines=known),
        tts=piper.TTS(engines=known),
        vad=LoudnessVad(min_silence=0.3),
        turn_handling=handling,
        conn_options=PATIENT,
        aec_warmup_duration=None,
        user_away_timeout=None,
    )


@pytest.mark.parametrize("turns", ["vad", "stt"])
def test_a_question_is_answered_aloud(engines: FakeEngines, turns: str) -> None:
    async def check() -> None:
        async with calling(session(engines, turns)) as caller:
            caller.say(speech("one and one"))
            await caller.answered()
            assert caller.of("user") == ["one and one."]
            assert caller.of("assistant") == ["The answer is two."]
            assert caller.audible() and not caller.errors
            assert len(engines.mind.asked) == 1 or turns == "vad"  # the final reuses what the preflight began
            caller.say(speech("two and two"))
            await caller.answered(2)
            assert caller.of("user") == ["one and one.", "two and two."]

    run(check())


def test_standing_still_is_not_taken_for_silence(engines: FakeEngines) -> None:
    """What is said meanwhile comes late; a reply to half a sentence would only make a busy machine busier."""

    async def check() -> None:
        async with calling(session(engines, "stt")) as caller:
            caller.say(speech("one two three four five"))
            for moment in (0.4, 1.0):
                asyncio.get_running_loop().call_later(moment, time.sleep, 0.3)  # as on a busy machine
            await caller.answered()
            assert caller.of("user") == ["one two three four five."]
            assert len(engines.mind.asked) == 1

    run(check())


def test_a_pause_in_a_sentence_is_not_answered(engines: FakeEngines) -> None:
    async def check() -> None:
        async with calling(session(engines, "stt")) as caller:
            caller.say(speech("one two the"))  # "the" ends no sentence
            await until(lambda: engines.mind.asked)
            assert caller.of("user") == [] and not caller.audible()
            caller.say(speech("three four"))
            await caller.answered()
            assert caller.of("user") == ["one two the three four."]

    run(check())


@pytest.mark.parametrize("stage", ["whisper", "llama", "piper"])
def test_an_engine_that_fails_leaves_the_session_alive(engines: FakeEngines, stage: str) -> None:
    fake = {"whisper": engines.ears, "llama": engines.mind, "piper": engines.mouth}[stage]
    fake.desk.failures = [EngineError("broken")] * (1 if stage == "piper" else 2)

    async def check() -> None:
        async with calling(session(engines, "stt")) as caller:
            caller.say(speech("one and one"))
            await until(lambda: caller.errors, "an error")
            fake.desk.failures.clear()
            await until(lambda: engines.mind.asked or stage == "whisper")
            if stage != "whisper":
                await until(lambda: caller.session.current_speech is None, "the end of the turn")
            caller.messages.clear()
            caller.say(speech("two and two"))
            await until(lambda: (caller.of("assistant") and caller.audible()) or caller.closed, "a reply")
            assert caller.of("user")[-1].endswith("two and two.") and not caller.closed

    run(check())


@pytest.mark.parametrize(
    "pieces",
    [(), ("<think>", "They ask.", "</think>"), ("<tool_call>{}</tool_call>",)],
    ids=["nothing", "thought", "call"],
)
def test_a_reply_that_says_nothing_is_apologised_for_and_the_next_turn_is_answered(
    engines: FakeEngines, pieces: tuple[str, ...]
) -> None:
    answer, engines.mind.pieces = engines.mind.pieces, pieces

    async def check() -> None:
        talk = session(engines, "stt")
        Apology(talk, engines.engines).attach()
        async with calling(talk) as caller:
            caller.say(speech("one and one"))
            await until(caller.audible, "the apology")
            assert caller.of("user") == ["one and one."] and caller.of("assistant") == []
            engines.mind.pieces = answer
            caller.say(speech("two and two"))
            await caller.answered()
            assert caller.of("assistant") == ["The answer is two."] and not caller.closed

    run(check())


def test_talking_over_the_reply_stops_voice_and_model(engines: FakeEngines) -> None:
    engines.mind.pieces = tuple(f"This is sentence number {number}. " for number in range(40))
    engines.mouth.seconds = 0.3

    async def check() -> None:
        async with calling(session(engines)) as caller:
            caller.say(speech("one and one"))
            await until(caller.audible, "the reply")
            caller.say(speech("three four five six"))
            await until(lambda: caller.of("assistant"), "the end of the reply")
            (message,) = [message for message in caller.messages if message.role == "assistant"][:1]
            assert message.interrupted
            assert len(engines.mouth.said) < 40
            await until(engines.mouth.desk.jobs[-1].done)
            assert len(caller.reply) / SPOKEN_RATE < 30

    run(check())

"""Interruption in a session without a room, over engines that need no weights; and the floor's own judgement."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit.agents import AgentSession

from local_agent.audio.local_io import SPOKEN_RATE
from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench.synthetic_hum import mm_hmm
from local_agent.call import late_answer
from local_agent.plugins import llama, piper, whisper
from local_agent.plugins.interruptions import NEVER, InterruptionHandler
from local_agent.turns.interruptions import VAIN
from local_agent.turns.speech import WINDOW
from tests.plugins import fakeengines
from tests.plugins.fakeengines import NOISE, FakeEngines, LoudnessVad, run, speech, tone, until
from tests.plugins.headless import Caller, calling
from tests.plugins.test_session import PATIENT

pytestmark = pytest.mark.usefixtures("virtual_time")

LONG = tuple(f"This is sentence number {number}. " for number in range(30))
SHORT = tuple(f"This is sentence number {number}. " for number in range(4))


def session(engines: FakeEngines, floor: InterruptionHandler) -> AgentSession[None]:
    known: Any = engines.engines
    handling: Any = {
        "turn_detection": "stt",
        "interruption": {"mode": "vad", "min_duration": NEVER, "false_interruption_timeout": 1.0},
        "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
    }
    made = AgentSession[None](
        stt=whisper.STT(engines=known, vad=LoudnessVad(), commits_turns=True, floor=floor),
        llm=llama.LLM(engines=known),
        tts=piper.TTS(engines=known),
        vad=LoudnessVad(min_silence=0.2),
        turn_handling=handling,
        conn_options=PATIENT,
        aec_warmup_duration=None,
        user_away_timeout=None,
    )
    floor.attach(made)
    return made


async def talked(caller: Caller, engines: FakeEngines) -> None:
    """The agent speaks to the end without anything over it: whether there is an echo is known."""
    pieces, seconds = engines.mind.pieces, engines.mouth.seconds
    engines.mind.pieces, engines.mouth.seconds = SHORT, 0.15
    caller.say(speech("one"))
    await caller.answered()
    engines.mind.pieces, engines.mouth.seconds = pieces, seconds
    caller.messages.clear()


async def ask(caller: Caller) -> None:
    caller.say(speech("one and one"))
    await until(caller.audible, "the reply")


def test_words_over_the_reply_stop_voice_and_model(engines: FakeEngines) -> None:
    engines.mind.pieces, engines.mouth.seconds = LONG, 0.3

    async def check() -> None:
        floor = InterruptionHandler()
        async with calling(session(engines, floor), floor=floor) as caller:
            await talked(caller, engines)
            await ask(caller)
            caller.say(speech("three four five six"))
            await caller.answered()
            (message,) = [message for message in caller.messages if message.role == "assistant"]
            assert message.interrupted and "".join(LONG).startswith(message.text_content or "-")
            await until(engines.mind.desk.jobs[1].done, "the model's end")
            await until(lambda: len(caller.of("user")) == 2, "the caller's words")
            assert caller.of("user")[1] == "three four five six."

    run(check())


@pytest.mark.parametrize("over", ["mhm", "noise"])
def test_sounds_without_a_wish_to_speak_take_nothing_away(
    engines: FakeEngines, over: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines.mind.pieces, engines.mouth.seconds = SHORT, 0.15
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: plain(audio).replace("five.", "Mhm."))

    async def check() -> None:
        floor = InterruptionHandler()
        async with calling(session(engines, floor), floor=floor) as caller:
            await talked(caller, engines)
            await ask(caller)
            caller.say(tone(NOISE, 0.35) if over == "noise" else speech("five"))
            await caller.answered()
            (message,) = [message for message in caller.messages if message.role == "assistant"]
            assert not message.interrupted
            assert message.text_content == "".join(SHORT)
            assert len(caller.of("user")) == 1
            spoken = float(np.count_nonzero(np.abs(caller.reply.astype(np.int32)) > 300)) / SPOKEN_RATE
            whole = sum(engines.mouth.length(piece) for piece in SHORT)
            assert spoken > 0.8 * (whole - 1.0)

    run(check())


@pytest.mark.parametrize(
    ("asks", "words", "answered"), [(True, "Okay, great.", True), (True, "Yes.", True), (False, "Okay, great.", False)]
)
def test_a_yes_to_a_question_that_goes_on_is_answered_when_it_is_over(
    engines: FakeEngines, asks: bool, words: str, answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else was said. To a statement it says only that somebody listens."""
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: plain(audio).replace("five.", words))
    long = "Would you like to hear much more about it, and about all that came after it? "
    engines.mind.pieces = (long if asks else long.replace("?", "."), SHORT[0], SHORT[1])
    engines.mouth.seconds = 0.15

    async def check() -> None:
        floor = InterruptionHandler()
        made = session(engines, floor)
        late_answer.attach(made, floor)
        async with calling(made, floor=floor) as caller:
            shown: list[str] = []
            made.on("user_input_transcribed", lambda e: shown.append(e.transcript) if e.is_final else None)
            await talked(caller, engines)
            await ask(caller)
            shown.clear()
            caller.say(speech("five"))
            await caller.answered()
            assert not caller.messages[1].interrupted, "the voice went on"
            if answered:
                await until(lambda: len(caller.of("user")) == 2, "the answer")
                assert caller.of("user")[1] == words == shown[0]
                await caller.answered(2)
            else:
                await asyncio.sleep(1.5)
                assert len(caller.of("user")) == 1 and shown == []

    run(check())


def test_a_yes_that_more_words_follow_is_answered_with_them(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: plain(audio).replace("five.", "Yes."))
    engines.mind.pieces = ("Would you like to hear much more about it, and about all that came after it? ", *SHORT)
    engines.mouth.seconds = 0.15

    async def check() -> None:
        floor = InterruptionHandler()
        made = session(engines, floor)
        late_answer.attach(made, floor)
        async with calling(made, floor=floor) as caller:
            await talked(caller, engines)
            await ask(caller)
            caller.say(np.concatenate([speech("five"), fakeengines.silence(1.0), speech("three four six")]))
            await caller.answered(2)
            await asyncio.sleep(3)
            assert caller.of("user")[1:] == ["three four six."] and len(caller.of("assistant")) == 2

    run(check())


class Clock:
    """Stands in for the floor's clock: its windows follow each other without a gap, as a microphone's do."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("local_agent.plugins.interruptions.time", made)
    return made


def windows(
    floor: InterruptionHandler,
    samples: np.ndarray[Any, np.dtype[np.float32]],
    probability: float = 0.9,
    clock: Clock | None = None,
) -> list[float]:
    told = []
    for at in range(0, len(samples) - WINDOW + 1, WINDOW):
        if clock is not None:
            clock.now += WINDOW / SPEECH_RATE
        told.append(floor.window(samples[at : at + WINDOW], probability))
    return told


class FakeOutput:
    next_in_chain = None

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.seconds_left = float("inf")
        self.on_sound: Any = None
        self.session: Any = None

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def duck(self) -> None:
        self.calls.append("duck")

    def left(self) -> float:
        return self.seconds_left

    def tell(self, on_sound: Any, on_cut: Any, on_words: Any) -> None:
        self.on_sound = on_sound


def attached(state: str = "speaking", *, talked: bool = True) -> tuple[InterruptionHandler, FakeOutput, Any]:
    """talked: the agent has done so before, and nothing of it came back."""
    floor, output = InterruptionHandler(), FakeOutput()
    handle = SimpleNamespace(allow_interruptions=True, interrupted=False, done=[])
    handle.add_done_callback = handle.done.append
    handle.interrupt = lambda: setattr(handle, "interrupted", True)
    made: Any = SimpleNamespace(agent_state="listening", current_speech=handle, output=SimpleNamespace(audio=output))
    floor.attach(made)
    floor.follow(output)
    output.session = made
    if talked:
        output.on_sound(voice(3.0), SPEECH_RATE, time.monotonic() - 2.0)
        windows(floor, np.zeros(SPEECH_RATE * 3 // 2, np.float32), 0.0)
    made.agent_state = state
    return floor, output, handle


def voice(seconds: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Noise in the place of speech: what comes back of it is found without doubt."""
    return np.random.default_rng(3).normal(0, 3_000, int(seconds * SPEECH_RATE)).astype(np.int16)


def heard(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return tone(900.0, seconds).astype(np.float32) / 32768


def test_speech_pauses_the_voice_and_words_end_it() -> None:
    floor, output, handle = attached()
    windows(floor, heard(0.2))
    assert output.calls == ["pause"] and not handle.interrupted
    assert floor.words("Wait a moment") == "Wait a moment"
    assert handle.interrupted and "resume" not in output.calls
    handle.done[0](handle)
    assert output.calls[-1] == "resume"  # or the next reply would be paused too


def test_a_backchannel_is_no_turn_while_the_agent_talks() -> None:
    floor, output, handle = attached()
    windows(floor, heard(0.3))
    windows(floor, heard(0.1), 0.1)
    assert floor.words("Mm-hmm.") == ""
    assert output.calls == ["pause", "resume"] and not handle.interrupted


def test_words_that_whisper_finds_in_a_hum_are_none() -> None:
    floor, output, handle = attached()
    windows(floor, heard(0.3))
    windows(floor, heard(0.1), 0.1)
    assert floor.words("In a month.", 0.3, lambda: mm_hmm(120, SPEECH_RATE).astype(np.float32) / 32768) == ""
    assert output.calls == ["pause", "resume"] and not handle.interrupted
    assert floor.words("In a month.", 0.3, lambda: heard(0.5)) == "In a month."
    assert handle.interrupted


def test_a_hum_is_written_as_it_was_heard_while_the_agent_is_silent() -> None:
    floor, _, _ = attached("listening")
    assert floor.words("In a month.", 0.3, lambda: mm_hmm(120, SPEECH_RATE).astype(np.float32) / 32768) == "In a month."


def test_a_backchannel_answers_what_is_nearly_over() -> None:
    floor, output, handle = attached()
    output.seconds_left = 0.4
    assert floor.words("Yeah.") == "Yeah." and handle.interrupted


def test_it_changes_nothing_while_the_agent_is_silent() -> None:
    floor, output, handle = attached("listening")
    assert set(windows(floor, heard(0.5))) == {0.9}
    assert floor.words("Okay.") == "Okay." and not output.calls and not handle.interrupted


def test_who_goes_on_speaking_does_not_hear_the_reply_begin() -> None:
    floor, output, handle = attached("thinking", talked=False)  # the first turn of a call
    windows(floor, heard(0.1), 0.4)  # the detector is in doubt right behind speech
    assert not output.calls
    windows(floor, heard(0.1), 0.6)
    assert output.calls == ["pause"] and not handle.interrupted
    assert floor.words("with sugar") == "with sugar" and handle.interrupted
    handle.done[0](handle)
    assert output.calls[-1] == "resume"


@pytest.mark.parametrize(("state", "calls"), [("thinking", ["pause"]), ("speaking", ["duck"]), ("listening", [])])
def test_what_stirs_keeps_a_reply_back_and_makes_a_voice_softer(state: str, calls: list[str]) -> None:
    floor, output, handle = attached(state)
    floor.stirred()
    assert output.calls == calls
    if state == "thinking":
        windows(floor, heard(0.2), 0.1)
        assert output.calls == ["pause", "resume"] and not handle.interrupted


def test_sounds_that_are_nothing_make_it_softer_a_few_times_only() -> None:
    floor, output, _ = attached()
    for _ in range(VAIN + 2):
        floor.stirred()
        windows(floor, heard(0.2), 0.05)
    assert output.calls == ["duck"] * VAIN
    windows(floor, heard(0.1), 0.9)
    floor.stirred()  # it is held
    windows(floor, heard(0.3), 0.05)
    assert output.calls[VAIN:] == ["pause", "resume"]
    floor.stirred()
    assert output.calls[-1] == "duck"


def test_the_next_voice_is_made_softer_again() -> None:
    floor, output, _ = attached()
    for state in ("speaking", "listening", "speaking"):
        output.session.agent_state = state
        for _ in range(VAIN + 1):
            floor.stirred()
        windows(floor, heard(0.1), 0.05)
    assert output.calls == ["duck"] * 2 * VAIN


def test_an_echo_or_one_that_may_be_makes_nothing_softer(clock: Clock) -> None:
    floor, output, _ = attached(talked=False)
    floor.stirred()
    assert not output.calls, "whether there is an echo is not known yet"
    played = voice(4.0)
    output.on_sound(played, SPEECH_RATE, clock.now)
    late = np.concatenate([np.zeros(SPEECH_RATE // 10, np.float32), played.astype(np.float32) / 65536])
    windows(floor, late[: 3 * SPEECH_RATE], 0.9, clock)
    assert floor.machine.echo.lag is not None and floor.machine.echo.settled
    output.calls.clear()
    floor.stirred()
    assert not output.calls


def test_the_output_that_can_be_softer_may_be_behind_another() -> None:
    floor, output, _ = attached()
    tap = SimpleNamespace(next_in_chain=output)
    output.session.output.audio = tap
    floor.stirred()
    assert output.calls == ["duck"]


def test_a_sound_before_the_reply_delays_it_only() -> None:
    floor, output, handle = attached("thinking")
    windows(floor, heard(0.1), 0.9)
    windows(floor, heard(0.2), 0.1)
    assert output.calls == ["pause", "resume"] and not handle.interrupted


def test_a_reply_that_fails_while_it_is_kept_back_does_not_silence_the_next() -> None:
    floor, output, _ = attached("thinking")
    windows(floor, heard(0.1), 0.9)
    output.session.agent_state = "listening"
    windows(floor, heard(0.1), 0.9)
    assert output.calls == ["pause", "resume"]


def test_an_uninterruptible_speech_goes_on() -> None:
    floor, output, handle = attached()
    handle.allow_interruptions = False
    windows(floor, heard(0.5))
    assert floor.words("Stop it now") == "Stop it now" and not output.calls and not handle.interrupted


@pytest.mark.parametrize("state", ["speaking", "thinking"])
def test_a_muted_microphone_lets_the_voice_go_on(state: str) -> None:
    floor, output, _ = attached(state)
    windows(floor, heard(0.1))
    floor.silence(0.1)
    assert output.calls == ["pause"]
    floor.silence(0.1)
    assert output.calls == ["pause", "resume"]

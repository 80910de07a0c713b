"""Every engine, every way to fail: what its caller hears, that the next turn is answered, that another room does not
notice. Two calls at once, over the same engines, in a time of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit.agents import AgentSession, inference

from local_agent.audio.local_io import LocalAudio, PullAudioOutput, QueueAudioInput
from local_agent.call.assistant import Assistant
from local_agent.call.session import Call
from local_agent.call.tools.about import About
from local_agent.config import phrases
from local_agent.config.settings import Settings
from local_agent.config.small_model import LanguageModel
from local_agent.engines.llama.types import Completion
from local_agent.errors import EngineBusy, EngineError
from tests.plugins.fakeengines import (
    Desk,
    FakeEngines,
    FakeTranscript,
    FakeTurn,
    LoudnessVad,
    run,
    silence,
    speech,
    until,
)
from tests.plugins.headless import SPOKEN_RATE, Caller
from tests.virtual_time import Later

pytestmark = pytest.mark.usefixtures("virtual_time")

ANSWER, SORRY = "answer", "apology"  # what a caller hears: the tone of the fake voice, or noise
QUESTION, AGAIN, OTHER = "one and one", "two and two", "three and three"
SLOW = 2.0  # s of the engines' time limit in these tests: the other room waits behind who uses all of it

Work = Callable[[Any], Any]
Fault = Callable[[Work, Any], Any]


ROOM: ContextVar[int] = ContextVar("room", default=-1)  # whose task it is that runs


class RoomDesk(Desk):
    """Fails in one room only: jobs are submitted by the tasks of their room."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.victim, self.fault = 0, None  # type: int, Fault | None
        self.failed = 0

    def submit(self, work: Work, urgency: Any, timeout: float | None) -> Any:
        fault = self.fault if ROOM.get() == self.victim else None
        if fault is None:
            return super().submit(work, urgency, timeout)

        def failing(job: Any) -> Any:
            self.failed += 1
            return fault(work, job)

        return super().submit(failing, urgency, timeout)


def raises(_: Work, job: Any) -> Any:
    raise EngineError("broken")


def breaks_natively(_: Work, job: Any) -> Any:
    raise RuntimeError("simulated: the native library gave up")


def is_busy(_: Work, job: Any) -> Any:
    raise EngineBusy("64 jobs already wait")


def is_too_slow(_: Work, job: Any) -> Any:
    raise Later(0.05)  # again and again, until its time is over


def hears_nothing(_: Work, job: Any) -> Any:
    return FakeTranscript("", "en", 0.1)


def writes_nothing(_: Work, job: Any) -> Any:
    return Completion("", "stop", 20, 12, 0, 0.0, 0.0, 0.0, 0.0)


def speaks_nothing(_: Work, job: Any) -> Any:
    return SimpleNamespace(text="")


@dataclass(frozen=True)
class Row:
    """engine: which, and how it fails. hears: what its caller hears of that turn, None for silence."""

    engine: str
    fault: Fault
    hears: str | None


TABLE = [
    Row("ears", raises, SORRY),
    Row("ears", breaks_natively, SORRY),
    Row("ears", is_busy, SORRY),
    Row("ears", is_too_slow, SORRY),
    Row("ears", hears_nothing, None),  # a cough is not apologised for
    Row("mind", raises, SORRY),
    Row("mind", breaks_natively, SORRY),
    Row("mind", is_busy, SORRY),
    Row("mind", is_too_slow, SORRY),
    Row("mind", writes_nothing, SORRY),
    Row("mouth", raises, SORRY),
    Row("mouth", breaks_natively, SORRY),
    Row("mouth", is_busy, SORRY),
    Row("mouth", is_too_slow, SORRY),
    Row("mouth", speaks_nothing, SORRY),
    Row("ear", raises, ANSWER),  # the words alone tell then whether a turn is over
    Row("ear", breaks_natively, ANSWER),
    Row("ear", is_too_slow, ANSWER),
]


@dataclass
class TwoCalls:
    """Two callers at once. engines: shared by both rooms."""

    engines: FakeEngines
    callers: list[Caller] = field(default_factory=list)

    def _ready(self, session: AgentSession[None], ear: QueueAudioInput, mouth: PullAudioOutput) -> None:
        self.callers.append(Caller(session, ear, mouth))

    async def hold(self, check: Callable[[TwoCalls], Coroutine[Any, Any, None]]) -> None:
        settings = Settings(greeting="", engine_timeout=SLOW)
        calls, tasks = [], []
        for number in (0, 1):
            ROOM.set(number)
            call = Call(settings, self.engines.engines)
            call.speak_through(LocalAudio(self._ready).attach(call.session))
            await call.start(Assistant(settings, About(LanguageModel("fake-llama"))))
            tasks.append(asyncio.create_task(self.callers[number].hold()))
            calls.append(call)
        try:
            await check(self)
        finally:
            for call, task in zip(calls, tasks, strict=True):
                await call.session.aclose()
                await call.aclose()
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def say(self, number: int, words: str) -> None:
        """Caller `number` speaks; what was played to them so far is forgotten."""
        self.callers[number].say(np.concatenate([speech(words), silence(0.3)]))

    def heard(self, number: int) -> str | None:
        """What caller `number` has heard since they spoke, the last of it; None for silence."""
        reply = self.callers[number].reply
        loud = np.flatnonzero(np.abs(reply.astype(np.int32)) > 1000)
        if loud.size < SPOKEN_RATE // 20:
            return None
        last = reply[max(0, loud[-1] - SPOKEN_RATE // 20) : loud[-1]]
        power = np.abs(np.fft.rfft(last * np.hanning(len(last)))) ** 2
        return ANSWER if np.sort(power)[-4:].sum() > 0.5 * power.sum() else SORRY


@pytest.fixture
def calls(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> TwoCalls:
    for name, fake in (("ears", engines.ears), ("mind", engines.mind), ("mouth", engines.mouth)):
        fake.desk = RoomDesk(name)
    engines.ear = FakeTurn()
    engines.ear.desk = RoomDesk("ear")
    engines.settings = Settings(engine_timeout=SLOW)
    # Noise: a tone would look like the echo of any other.
    sorry = np.random.default_rng(1).normal(0, 3_000, 11_025).astype(np.int16).tobytes()
    monkeypatch.setattr(engines, "apology", lambda language: (phrases.apology("en"), sorry, 22_050), raising=False)
    monkeypatch.setattr(inference, "VAD", lambda **_: LoudnessVad())
    return TwoCalls(engines)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.engine}-{row.fault.__name__}")
def test_a_failing_engine(calls: TwoCalls, row: Row) -> None:
    async def check(calls: TwoCalls) -> None:
        desk: RoomDesk = getattr(calls.engines, row.engine).desk
        desk.victim, desk.fault = 0, row.fault
        calls.say(0, QUESTION)
        await until(lambda: desk.failed, "the failure")
        # Beside it: work that came at the same moment would run out of time with it, behind it in the same lane.
        calls.say(1, OTHER)
        await until(lambda: calls.heard(1), "the other room's reply")
        if row.hears is not None:
            await until(lambda: calls.heard(0), "something said to the caller")
        assert calls.heard(0) == row.hears
        assert calls.heard(1) == ANSWER
        assert all(error.recoverable for error in calls.callers[1].errors)  # it may have waited behind the other
        desk.fault = None
        await until(lambda: calls.callers[0].session.current_speech is None, "the end of the apology")
        calls.say(0, AGAIN)
        await until(lambda: calls.heard(0) == ANSWER, "an answer to the next turn")
        assert calls.callers[0].of("user")[-1].endswith(f"{AGAIN}.")
        assert not calls.callers[0].closed and not calls.callers[1].closed

    run(calls.hold(check))

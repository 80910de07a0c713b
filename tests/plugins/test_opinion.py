"""Has a caller finished? Opinions by words and by sound, and a turn that waits for them no longer than it may."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from local_agent.engines.inference_thread import Job
from local_agent.errors import EngineBusy
from local_agent.turns.endpointing import Endpointing
from tests.plugins.fakeengines import FakeEngines, FakeTurn, run, silence, speech
from tests.plugins.sttkit import Kind, plugin, talking

WAITS = Endpointing(draft_after=0.1, sure=0.3, bare=0.9, unsure=1.5)


def ear(engines: FakeEngines, probability: float) -> FakeTurn:
    engines.ear = FakeTurn()
    engines.ear.probability = probability
    return engines.ear


async def waited(engines: FakeEngines, **options: Any) -> float:
    """Seconds of silence behind "one two" until the turn was committed."""
    async with talking(plugin(engines, WAITS, commits_turns=True, **options)) as talk:
        talk.hear(speech("one two"))
        for tenths in range(1, 20):
            talk.hear(silence(0.1))
            await talk.settle()
            if talk.of(Kind.FINAL_TRANSCRIPT):
                return tenths / 10
    raise AssertionError("the turn never ended")


def test_a_sound_that_is_over_ends_a_turn_at_once_and_one_that_is_not_waits(engines: FakeEngines) -> None:
    ear(engines, 0.995)
    quick = run(waited(engines))
    ear(engines, 0.2)
    assert quick <= 0.5 < 0.9 <= run(waited(engines))


def test_the_sound_is_that_of_the_utterance(engines: FakeEngines) -> None:
    heard = ear(engines, 0.995).heard
    run(waited(engines))
    (audio,) = heard
    assert len(audio) == pytest.approx(len(engines.ears.heard[0]), abs=1600)


def test_other_peoples_sessions_ask_nobody(engines: FakeEngines) -> None:
    heard = ear(engines, 0.995).heard

    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(speech("one two"), silence(1))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]

    run(check())
    assert heard == [] and "turn" not in engines.loads


def test_a_turn_waits_for_an_opinion_but_not_for_ever(engines: FakeEngines) -> None:
    late = ear(engines, 0.995)
    late.desk.go = threading.Event()  # never set
    assert run(waited(engines)) == pytest.approx(WAITS.bare, abs=0.15)
    late.desk.go.set()


def test_what_is_wrong_with_the_detector_costs_its_opinion_only(engines: FakeEngines) -> None:
    ear(engines, 0.995).desk.failures = [EngineBusy("too many wait")]
    assert run(waited(engines)) <= WAITS.unsure

    class Full(FakeTurn):
        def judge(self, *_: Any, **__: Any) -> Job[float]:
            raise EngineBusy("too many wait")

    engines.ear = Full()
    assert run(waited(engines)) <= WAITS.unsure

"""What was done ahead of a turn's end is counted, and what became of it."""

from __future__ import annotations

from collections import Counter

import pytest
from livekit.agents import APIConnectOptions
from livekit.agents.llm import ChatContext

from local_agent.plugins import llama, piper
from local_agent.turns.speculation import Reading, SpeculationCounter
from local_agent.turns.timeline import SPECULATED, Mark, mark
from tests.plugins.fakeengines import FakeEngines, run, until

ONCE = APIConnectOptions(max_retry=0, retry_interval=0.0, timeout=10.0)
KNOWN = {f"{kind}/{outcome}" for kind, outcomes in SPECULATED.items() for outcome in outcomes}


class Sums:
    """A listener that adds up amounts."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self.heard: list[str] = []

    def __call__(self, told: Mark) -> None:
        self.heard.append(told.name)
        if "/" in told.name:
            assert told.name in KNOWN
            self.of[told.name] += told.amount  # type: ignore[assignment]  # seconds are no integers


def counted(*names: str) -> dict[str, int]:
    sums = Sums()
    tally = SpeculationCounter(sums)
    for name in names:
        mark(tally, name)
    assert [name for name in sums.heard if "/" not in name] == list(names)
    return {name: amount for name, amount in sums.of.items() if amount}


def test_a_reply_begun_ahead_is_used_when_its_turn_is_committed() -> None:
    assert counted("silence", "transcript", "asked", "token", "commit") == {
        "transcript/made": 1,
        "transcript/told": 1,
        "transcript/used": 1,
        "reply/made": 1,
        "reply/used": 1,
    }


def test_a_reply_is_wasted_when_speech_goes_on() -> None:
    found = counted("silence", "transcript", "asked", "silence", "transcript", "asked", "commit", "silence")
    assert (found["transcript/made"], found["transcript/used"], found["transcript/wasted"]) == (3, 1, 1)
    assert (found["reply/made"], found["reply/used"], found["reply/wasted"]) == (2, 1, 1)


def test_a_reply_that_waited_for_the_turn_is_none_begun_ahead() -> None:
    found = counted("silence", "transcript", "commit", "asked", "asked")
    assert not [name for name in found if name.startswith("reply")]


def test_a_reply_to_an_earlier_draft_is_not_used() -> None:
    found = counted("silence", "transcript", "asked", "silence", "transcript", "commit")
    assert found["reply/wasted"] == 1 and "reply/used" not in found


@pytest.mark.parametrize(
    ("readings", "cached", "used", "wasted"),
    [
        ([(30, 20), (36, 30)], 36, 16, 0),
        ([(30, 20), (36, 24)], 34, 14, 8),  # words that were heard otherwise
        ([(30, 20)], 0, 0, 10),  # somebody else took the place
        ([], 300, 0, 0),
    ],
)
def test_tokens_read_ahead(readings: list[tuple[int, int]], cached: int, used: int, wasted: int) -> None:
    sums = Sums()
    reading = Reading(sums)
    for prompt, before in readings:
        reading.read(prompt, before)
    reading.replied(cached)
    assert sums.of["prompt_token/made"] == used + wasted
    assert (sums.of["prompt_token/used"], sums.of["prompt_token/wasted"]) == (used, wasted)
    reading.replied(cached)  # nothing was read since
    assert (sums.of["prompt_token/used"], sums.of["prompt_token/wasted"]) == (used, wasted)


def test_the_model_tells_what_it_read_ahead(engines: FakeEngines) -> None:
    sums = Sums()

    async def check() -> None:
        model, context = llama.LLM(engines=engines.engines, listener=sums), ChatContext.empty()
        await model.engine()
        model.read_ahead(context, "one two")
        await until(lambda: sums.of["prompt_token/made"], "the reading")
        context.add_message(role="user", content="one two three")
        async with model.chat(chat_ctx=context, conn_options=ONCE) as stream:
            async for _ in stream:
                pass

    run(check())
    assert sums.of == {"prompt_token/made": 10, "prompt_token/used": 10, "prompt_token/wasted": 0}


def test_the_voice_tells_how_much_it_made(engines: FakeEngines) -> None:
    sums = Sums()

    async def check() -> list[float]:
        voice = piper.TTS(engines=engines.engines, listener=sums)
        return [audio.frame.duration async for audio in voice.synthesize("one two three", conn_options=ONCE)]

    heard = sum(run(check()))
    assert heard > 0.2
    assert sums.of["voice_second/made"] == pytest.approx(heard, abs=0.03)

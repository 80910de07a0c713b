"""`bench tools` judges calls by what was executed, in sessions like those of calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_agent.bench.tools import REQUESTS, Outcome, Request, ask, summary
from local_agent.plugins import llama
from tests.plugins.fakeengines import FakeEngines, run

TIMER, CAPITAL, LIGHT = REQUESTS[0], REQUESTS[13], REQUESTS[5]


@pytest.fixture
def engines() -> Iterator[FakeEngines]:
    made = FakeEngines()
    yield made
    made.close()


def asked(engines: FakeEngines, requests: list[Request], script: list[str]) -> list[Outcome]:
    engines.mind.script = script
    return run(ask(lambda: llama.LLM(engines=engines.engines), engines.settings, requests))


def test_requests_are_judged_by_what_was_executed(engines: FakeEngines) -> None:
    outcomes = asked(
        engines,
        [TIMER, TIMER, CAPITAL, CAPITAL],
        [
            '{"name": "set_timer", "arguments": {"minutes": 5}}',
            "It runs.",
            '{"name": "set_timer", "arguments": {"minutes": 50}}',
            "It runs.",
            "It is Rome.",
            '{"name": "get_weather", "arguments": {"city": "Rome"}}',
            "It rains `a lot`.",
        ],
    )
    assert [one.right for one in outcomes] == [True, False, True, False]
    assert outcomes[0].said == "It runs." and outcomes[0].call_s is not None and outcomes[2].call_s is None
    told = {"right": 1, "of": 2, "none": 1, "of_none": 2, "repeated": 0, "silent": 0, "code_said": 1}
    assert summary(outcomes) == told


def test_every_function_can_be_called_as_it_is_asked_for(engines: FakeEngines) -> None:
    calls = [
        '{"name": "set_timer", "arguments": {"minutes": 5}}',
        '{"name": "get_weather", "arguments": {"city": "Paris", "day": "today"}}',
        '{"name": "switch_light", "arguments": {"room": "the kitchen", "on": true}}',
        '{"name": "add_event", "arguments": {"title": "Dentist", "day": "Friday"}}',
        '{"name": "calculate", "arguments": {"expression": "1250 / 8"}}',
        '{"name": "play_music", "arguments": {"what": "Jazz"}}',
    ]
    wanted = [REQUESTS[at] for at in (0, 2, 4, 6, 9, 10)]
    outcomes = asked(engines, wanted, [text for call in calls for text in (call, "Done.")])
    assert [one.right for one in outcomes] == [True] * len(calls)
    results = [m["content"] for asked in engines.mind.asked for m in asked.messages if m["role"] == "tool"]
    assert "1250 / 8 = 156.25" in results


def test_what_is_not_right() -> None:
    def outcome(*calls: tuple[str, dict[str, object]]) -> Outcome:
        return Outcome(LIGHT, calls, "", None, 1.0)

    off = ("switch_light", {"room": "Bedroom", "on": False})
    assert outcome(off).right
    assert not outcome().right and not outcome(("switch_light", {"room": "bedroom", "on": 0})).right
    assert not outcome(off, off).right and outcome(off, off).repeated == 1

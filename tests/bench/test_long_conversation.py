"""The long conversation of `bench llm` goes through the product's own shortening."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.agents.llm import ChatContext

from local_agent.bench.long_conversation import ANSWER, SAID, Span, compare
from local_agent.plugins import llama
from tests.plugins.fakeengines import FakeEngines, run


def test_a_conversation_is_shortened_between_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = FakeEngines()
    engines.mind.room = 400

    def fit(messages: list[Any], _: object) -> list[Any]:
        return [messages[0], *messages[-2:]] if engines.mind.count(messages) > 400 else messages

    monkeypatch.setattr(engines.mind, "fit", fit)
    opening = ChatContext.empty()
    opening.add_message(role="system", content="S")
    try:
        found = run(compare(lambda: llama.LLM(engines=engines.engines), opening, rounds=2, tokens=900))
    finally:
        engines.close()
    assert 900 <= found.said < 900 + len(SAID + ANSWER)
    assert found.kept <= 400
    assert found.ratio > 0 and found.long_s > 0 and found.empty_s > 0
    asked = engines.mind.asked
    assert len(asked) == 6  # one question to each in three rounds, the first to fill the cache
    assert len({one.conversation for one in asked}) == 2
    assert max(engines.mind.count(one.messages[:-1]) for one in asked) <= 400


def test_it_reads_as_one_sentence() -> None:
    assert str(Span(2010, 600, 0.05, 0.055, 1.1)) == (
        "2010 tokens of conversation, of which the model still sees 600: first token after 55 ms, 1.10 times the 50 ms "
        "of an empty one"
    )

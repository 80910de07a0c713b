"""Which part of a conversation the model sees, and what of that is found out while nobody waits."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.agents import APIConnectOptions
from livekit.agents.llm import ChatContext, FunctionCall, FunctionCallOutput

from local_agent.engines.llama.context_window import Bounds
from local_agent.hardware.capacity import REPLY_RESERVE
from local_agent.plugins import llama
from local_agent.plugins.context_window import History
from tests.plugins.fakeengines import FakeEngines, run

ONCE = APIConnectOptions(max_retry=0, retry_interval=0.0, timeout=10.0)
TALK: list[dict[str, Any]] = [{"role": "system", "content": "S"}, {"role": "user", "content": "one"}]
NEXT: dict[str, Any] = {"role": "user", "content": "two"}
TOOL: dict[str, Any] = {"name": "count"}


def test_only_what_is_new_is_left_to_count() -> None:
    past = History()
    assert past.uncounted(TALK, [TOOL]) == (TALK, [TOOL], 0)
    past.count(TALK, [TOOL], 31)
    fresh, untold, held = past.uncounted([*TALK, NEXT], [TOOL])
    assert (list(fresh), list(untold), held) == ([NEXT], [], 31)


@pytest.mark.parametrize(("messages", "tools"), [([*TALK, NEXT], []), ([TALK[0], NEXT], [TOOL]), ([TALK[0]], [TOOL])])
def test_what_was_counted_otherwise_does_not_count(messages: list[Any], tools: list[Any]) -> None:
    past = History()
    past.count(TALK, [TOOL], 31)
    assert past.uncounted(messages, tools) == (messages, tools, 0)


def test_nothing_is_tokenized_while_somebody_waits(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that fits, but whose bytes do not tell that it does."""
    fitted: list[int] = []
    reserved: list[int] = []
    fits = engines.mind.fits

    def fit(messages: list[Any], _: object) -> list[Any]:
        fitted.append(len(messages))
        return messages

    def watched(messages: list[Any], bounds: Bounds) -> bool:
        reserved.append(bounds.reserve)
        return fits(messages, bounds)

    monkeypatch.setattr(engines.mind, "fit", fit)
    monkeypatch.setattr(engines.mind, "fits", watched)
    engines.mind.room = 40

    async def check() -> None:
        model, context = llama.LLM(engines=engines.engines), ChatContext.empty()
        for number in range(4):
            context.add_message(role="user", content=f"question {number}")
            context.add_message(role="assistant", content=f"answer {number}")
        await model.settle(context)
        assert fitted == [8]
        context.add_message(role="user", content="last")
        async with model.chat(chat_ctx=context, conn_options=ONCE) as stream:
            async for _ in stream:
                pass

    run(check())
    assert fitted == [8]
    held = engines.mind.count(engines.mind.asked[0].messages[:-1])
    assert reserved[-1] == engines.settings.max_tokens + REPLY_RESERVE + held
    assert [message["content"] for message in engines.mind.asked[0].messages][-2:] == ["answer 3", "last"]


def test_calls_that_the_model_is_not_told_of_are_not_shown() -> None:
    context, history = ChatContext.empty(), History()
    history.untold = frozenset(("count",))
    context.add_message(role="user", content="q")
    for name in ("count", "oven"):
        call = FunctionCall(call_id=name, name=name, arguments="{}")
        context.items += [call, FunctionCallOutput(call_id=name, name=name, output="done", is_error=False)]
    shown = history.shown(context).items
    assert [getattr(item, "name", "") for item in shown] == ["", "oven", "oven"]

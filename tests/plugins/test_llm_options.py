"""What a program asks of replies: options, JSON, images, what goes on in the midst of a session."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from concurrent.futures import Future
from dataclasses import fields
from typing import Any, Literal, TypedDict

import pytest
from livekit.agents import APIConnectOptions, APIError
from livekit.agents.llm import AudioContent, ChatContext, FallbackAdapter, ImageContent, function_tool
from pydantic import BaseModel

from local_agent.engines.llama.types import Sampling
from local_agent.errors import ConfigError
from local_agent.plugins import llama
from tests.plugins.fakeengines import FakeEngines, FakeLlama, run

ONCE = APIConnectOptions(max_retry=0)


def question(*parts: Any) -> ChatContext:
    context = ChatContext.empty()
    context.add_message(role="system", content="Be brief.")
    context.add_message(role="user", content=[*parts] or ["What is one and one?"])
    return context


def plugin(engines: FakeEngines, **options: Any) -> llama.LLM:
    return llama.LLM(engines=engines.engines, **options)


def answer(model: llama.LLM, context: ChatContext | None = None, **options: Any) -> Any:
    """The collected response."""

    async def ask() -> Any:
        return await model.chat(chat_ctx=context or question(), conn_options=ONCE, **options).collect()

    return run(ask())


@function_tool
async def set_timer(minutes: int) -> str:
    """Set a timer."""
    return "done"


@function_tool
async def stop_timer() -> str:
    """Stop the timer."""
    return "done"


NAMED: Any = {"type": "function", "function": {"name": "stop_timer"}}
OPTIONS: dict[str, tuple[Any, str, Any]] = {  # by the names that a program may use: value, ours, what comes of it
    "temperature": ("0.7", "temperature", 0.7),
    "top_p": (0.5, "top_p", 0.5),
    "top_k": (3, "top_k", 3),
    "min_p": (0.1, "min_p", 0.1),
    "repeat_penalty": (1.2, "repeat_penalty", 1.2),
    "repetition_penalty": (1.3, "repeat_penalty", 1.3),
    "repeat_last": (8, "repeat_last", 8),
    "presence_penalty": (0.5, "presence_penalty", 0.5),
    "frequency_penalty": (-0.5, "frequency_penalty", -0.5),
    "logit_bias": ({"7": -100}, "logit_bias", ((7, -100.0),)),
    "variety": (2, "variety", 2.0),
    "seed": (5, "seed", 5),
    "max_tokens": (9, "max_tokens", 9),
    "max_completion_tokens": (11, "max_tokens", 11),
    "stop": ("END", "stop", ("END",)),
    "enough": (30, "enough", 30),
}


def test_options_of_one_reply_by_any_name_that_is_known(engines: FakeEngines) -> None:
    model, wrong = plugin(engines), list[str]()
    for name, (given, ours, taken) in OPTIONS.items():
        answer(model, extra_kwargs={name: given, "temperature" if name != "temperature" else "top_p": None})
        answer(model)
        asked, after = (one.sampling for one in engines.mind.asked[-2:])
        wrong += [name] if getattr(asked, ours) != taken or getattr(after, ours) == taken else []
    assert not wrong and {ours for _, ours, _ in OPTIONS.values()} == {one.name for one in fields(Sampling)}
    answer(model, tools=[set_timer], extra_kwargs={"tool_choice": "required", "parallel_tool_calls": False})
    assert "root ::= calls\n" in engines.mind.asked[-1].grammar


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reasoning_effort": "low", "user": "x"}, r"reasoning_effort, user; expected some of .*max_completion_tokens"),
        ({"temprature": 1}, "fix: temperature in place of temprature"),
        ({"temperature": 9}, "temperature = 9"),
        ({"top_k": -1}, "top_k = -1"),
        ({"stop": 5}, "stop|int"),
        ({"logit_bias": {"cat": 1}}, "logit_bias"),
        ({"tool_choice": "any"}, "tool_choice = 'any'; expected one of auto, required, none"),
        ({"response_format": {"type": "xml"}}, "xml.*json_schema"),
        ({"response_format": int}, "no reply can be written in it"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "with its schema"),
    ],
)
def test_what_is_not_known_fails_the_reply_and_says_what_is(
    engines: FakeEngines, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(APIError, match=f"language model: .*{told}") as caught:
        answer(plugin(engines), extra_kwargs=given)
    assert not caught.value.retryable and not engines.mind.asked


def test_options_change_with_the_next_reply_and_none_is_what_the_settings_say(engines: FakeEngines) -> None:
    model = plugin(engines, temperature=0.9, max_tokens=7)
    model.update_options(temperature=0.1, top_k=5, tool_choice="required")
    answer(model, tools=[set_timer, stop_timer])
    answer(model, tools=[set_timer, stop_timer], tool_choice=NAMED)
    model.update_options(temperature=None, tool_choice=None)
    answer(model, tools=[set_timer, stop_timer])
    first, named, last = engines.mind.asked
    assert [(one.sampling.temperature, one.sampling.top_k) for one in (first, last)] == [(0.1, 5), (0.2, 5)]
    assert first.sampling.max_tokens == last.sampling.max_tokens
    assert ["root ::= calls\n" in one.grammar for one in (first, named, last)] == [True, True, False]
    assert "call-set-timer" in first.grammar and "call-set-timer" not in named.grammar, "chat's own word counts"
    with pytest.raises(ConfigError, match="top_p = 7"):
        model.update_options(top_p=7, temperature=0.3)
    answer(model)
    assert engines.mind.asked[-1].sampling.temperature == 0.2, "all or nothing"


def test_another_model_answers_next_and_the_first_one_forgets_too(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeLlama(("Two.",))

    def loaded(model: str | None = None) -> Future[Any]:
        made: Future[Any] = Future()
        made.set_result(engines.mind if model is None else other)
        return made

    monkeypatch.setattr(engines, "llama", loaded)
    model = plugin(engines)
    said = [answer(model).text]
    model.update_options(model="other")
    said.append(answer(model).text)
    assert said == ["The answer is two.", "Two."] and model.model == "other"
    left = model.conversation
    model.forget()
    assert engines.mind.forgotten == other.forgotten == [left]
    other.desk.lane.close()


def test_a_model_that_does_not_load_fails_the_reply(engines: FakeEngines) -> None:
    model = plugin(engines)
    model.update_options(model="nowhere")
    engines.failure = ConfigError("there is no such model")
    with pytest.raises(APIError, match="no such model"):
        answer(model)


class City(BaseModel):
    name: str
    size: Literal["small", "large"]
    rivers: list[str] = []


class Point(TypedDict):
    x: int
    y: int


SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}


@pytest.mark.parametrize(
    ("wanted", "written", "rule"),
    [
        (City, '{"name": "Paris", "size": "large", "rivers": []}', "answer-rivers"),
        (Point, '{"x": 1, "y": 2}', "answer ::="),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}, '{"x": 1}', "answer ::="),
        ({"type": "json_object"}, "{}", "root ::= answer"),
    ],
    ids=["pydantic", "TypedDict", "schema", "any object"],
)
@pytest.mark.parametrize("own_calls", [False, True])
def test_a_reply_in_json(engines: FakeEngines, wanted: Any, written: str, rule: str, own_calls: bool) -> None:
    engines.mind.script, engines.mind.own_calls = [written], own_calls
    model = plugin(engines, stop=("]",), enough=5, variety=3)
    response = answer(model, response_format=wanted)
    assert json.loads(response.text) == json.loads(written) and response.usage is not None
    (asked,) = engines.mind.asked
    assert rule in asked.grammar and asked.calls is None
    assert (asked.sampling.stop, asked.sampling.enough, asked.sampling.variety) == ((), 0, 0.0)
    assert asked.messages[:2] == answered_by(engines, model) and "JSON" in asked.messages[2]["content"]
    assert ("properties" in asked.messages[2]["content"]) == (wanted != {"type": "json_object"})


def answered_by(engines: FakeEngines, model: llama.LLM) -> list[Any]:
    """What the model reads of the same question where words are wanted."""
    engines.mind.script = []
    answer(model, response_format={"type": "text"})
    asked = engines.mind.asked.pop()
    assert asked.grammar is None
    return list(asked.messages)


def test_json_has_room_unless_a_program_says_how_much(engines: FakeEngines) -> None:
    answer(plugin(engines), response_format=City)
    answer(plugin(engines), response_format=City, extra_kwargs={"max_tokens": 50})
    assert [one.sampling.max_tokens for one in engines.mind.asked] == [512, 50]


def test_json_that_breaks_off_is_an_error(engines: FakeEngines) -> None:
    engines.mind.script, engines.mind.finish = ['{"name": "Par'], "length"
    with pytest.raises(APIError, match=r"the JSON broke off.*max_tokens") as caught:
        answer(plugin(engines), response_format=City)
    assert not caught.value.retryable


@pytest.mark.parametrize("own_calls", [False, True])
def test_functions_beside_json(engines: FakeEngines, own_calls: bool) -> None:
    engines.mind.own_calls = own_calls
    call = '{"name": "set_timer", "arguments": {"minutes": 5}}'
    engines.mind.script = [f"<tool_call>\n{call}\n</tool_call>", call]
    model = plugin(engines)
    called = answer(model, tools=[set_timer], response_format={"type": "json_object"})
    told = answer(model, tools=[set_timer], response_format={"type": "json_object"})
    assert [one.name for one in called.tool_calls] == ["set_timer"] and called.text == ""
    assert not told.tool_calls and told.text == call, "JSON is what was asked for"
    assert "root ::= calls | answer\n" in engines.mind.asked[0].grammar


def test_an_image_is_told_of_and_warned_about_once(engines: FakeEngines, caplog: pytest.LogCaptureFixture) -> None:
    image = ImageContent(image="data:image/bmp;base64,AAAA")  # which livekit would refuse to encode
    context = question("What is this?", image)
    context.add_message(role="user", content=[AudioContent(frame=[], transcript="And that?")])
    model = plugin(engines)
    with caplog.at_level(logging.WARNING, "local_agent"):
        assert answer(model, context).text == answer(model, context).text == "The answer is two."
    (warned,) = (one for one in caplog.records if "image" in one.message)
    assert "it is a fake" in warned.message
    assert "What is this" not in warned.message
    (told,) = engines.mind.asked[0].messages[1:]
    assert told["content"].startswith("What is this?") and told["content"].endswith("And that?")
    assert "image" in told["content"] and "AAAA" not in str(told)


def test_instructions_of_a_developer_are_kept_as_those_of_a_system(engines: FakeEngines) -> None:
    context = question()
    context.add_message(role="developer", content="Speak like a pirate.")
    context.add_message(role="user", content=[""])
    answer(plugin(engines), context)
    assert [one["role"] for one in engines.mind.asked[0].messages] == ["system", "user", "developer", "user"]


def test_a_closed_model_says_so(engines: FakeEngines) -> None:
    async def check() -> None:
        model = plugin(engines)
        await model.aclose()
        with pytest.raises(APIError, match=r"was closed.*fix: make another") as caught:
            await model.chat(chat_ctx=question(), conn_options=ONCE).collect()
        assert not caught.value.retryable and engines.loads == []

    run(check())


def test_two_replies_of_one_model_at_once(engines: FakeEngines) -> None:
    async def check() -> None:
        model = plugin(engines)
        both = [model.chat(chat_ctx=question(), conn_options=ONCE).collect() for _ in range(2)]
        assert [one.text for one in await asyncio.gather(*both)] == ["The answer is two."] * 2

    run(check())


@pytest.mark.parametrize("fault", ["stuck", "missing", "option"])
def test_behind_a_fallback_adapter_the_next_one_answers(engines: FakeEngines, fault: str) -> None:
    broken = FakeEngines()
    if fault == "stuck":
        broken.mind.desk.go = threading.Event()
    elif fault == "missing":
        broken.failure = ConfigError("there is no such model")

    async def check() -> None:
        adapter = FallbackAdapter([plugin(broken), plugin(engines)], attempt_timeout=1.0)
        extra = {"top_k": 3} if fault != "option" else {}
        first = plugin(broken)
        if fault == "option":
            await first.aclose()
            adapter = FallbackAdapter([first, plugin(engines)])
        stream = adapter.chat(chat_ctx=question(), tools=[set_timer], extra_kwargs=extra)
        assert (await stream.collect()).text == "The answer is two."
        await adapter.aclose()

    run(check())
    broken.close()

"""Function tools: calls come out whole, are never spoken, and nothing is executed before a turn is committed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from livekit.agents import Agent, AgentSession, APIConnectOptions, APIError
from livekit.agents.llm import ChatChunk, ChatContext, FunctionToolCall, function_tool

from local_agent.audio.local_io import PullAudioOutput, QueueAudioInput
from local_agent.plugins import llama, piper, whisper
from local_agent.plugins.context_window import History
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, speech, until
from tests.plugins.headless import Caller

ONCE = APIConnectOptions(max_retry=0)
CALL = '<tool_call>\n{"name": "add", "arguments": {"first": %d, "second": 2}}\n</tool_call>'


@function_tool
async def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


def question() -> ChatContext:
    context = ChatContext.empty()
    context.add_message(role="user", content="What is one and two?")
    return context


async def answer(engines: FakeEngines, **options: Any) -> list[ChatChunk]:
    model = llama.LLM(engines=engines.engines)
    context = options.pop("chat_ctx", question())
    async with model.chat(chat_ctx=context, tools=[add], conn_options=ONCE, **options) as stream:
        return [chunk async for chunk in stream]


def taken(chunks: list[ChatChunk]) -> tuple[str, list[FunctionToolCall]]:
    deltas = [chunk.delta for chunk in chunks if chunk.delta]
    return "".join(d.content or "" for d in deltas), [call for d in deltas for call in d.tool_calls]


def test_calls_come_out_whole_and_nothing_of_them_is_text(engines: FakeEngines) -> None:
    text = "One moment.\n" + CALL % 1 + "\n" + CALL % 3
    engines.mind.pieces = tuple(text[at : at + 5] for at in range(0, len(text), 5))
    said, calls = taken(run(answer(engines)))
    assert said == "One moment."
    assert [json.loads(call.arguments) for call in calls] == [{"first": 1, "second": 2}, {"first": 3, "second": 2}]
    assert {call.name for call in calls} == {"add"} and len({call.call_id for call in calls}) == 2


@pytest.mark.parametrize(
    ("choice", "parallel", "text", "call", "several"),
    [
        ("auto", True, True, True, True),
        ("auto", False, True, True, False),
        ("none", True, True, False, False),
        ("required", False, False, True, False),
        ({"type": "function", "function": {"name": "add"}}, False, False, True, False),
    ],
)
def test_what_the_model_may_write(
    engines: FakeEngines, choice: Any, parallel: bool, text: bool, call: bool, several: bool
) -> None:
    run(answer(engines, tool_choice=choice, parallel_tool_calls=parallel))
    (asked,) = engines.mind.asked
    rules = dict(line.split(" ::= ", 1) for line in asked.grammar.splitlines())
    assert ("call-add" in rules) == call
    assert ("text" in rules["root"] or rules["root"].startswith("[^<")) == text
    assert ("{0," in rules.get("calls", "")) == several
    assert [tool["function"]["name"] for tool in asked.tools] == ["add"]


def test_without_functions_nothing_is_different(engines: FakeEngines) -> None:
    async def check() -> None:
        model = llama.LLM(engines=engines.engines)
        async with model.chat(chat_ctx=question(), tool_choice="required", conn_options=ONCE) as stream:
            assert taken([chunk async for chunk in stream])[0] == "The answer is two."

    run(check())
    (asked,) = engines.mind.asked
    assert asked.grammar is None and not asked.tools and asked.sampling.max_tokens == 160


def test_a_function_that_is_not_there(engines: FakeEngines) -> None:
    with pytest.raises(APIError, match="one of add"):
        run(answer(engines, tool_choice={"type": "function", "function": {"name": "oven"}}))


def test_a_call_that_breaks_off_is_an_error_and_not_made(engines: FakeEngines) -> None:
    engines.mind.pieces = ((CALL % 1)[:-20],)
    with pytest.raises(APIError, match="broke off"):
        run(answer(engines))


def test_dropped_turns_stay_dropped_and_instructions_stay() -> None:
    context, history = ChatContext.empty(), History()
    context.add_message(role="system", content="S")
    for number in range(4):
        context.add_message(role="user", content=f"q{number}")
        context.add_message(role="assistant", content=f"a{number}")
    assert history.shown(context) is context
    history.keep(context, 2)
    context.add_message(role="user", content="q4")
    shown = [item.text_content for item in history.shown(context).items if item.type == "message"]
    assert shown == ["S", "q2", "a2", "q3", "a3", "q4"]


def test_a_message_in_two_parts_is_one_turn() -> None:
    context, history = ChatContext.empty(), History()
    context.add_message(role="system", content="S")
    for question in ("q0", "q1", "q2"):
        context.add_message(role="user", content=question)
        if question == "q1":
            context.add_message(role="user", content="and more")
        context.add_message(role="assistant", content="answer")
    history.keep(context, 2)
    shown = [item.text_content for item in history.shown(context).items if item.type == "message"]
    assert shown == ["S", "q1", "and more", "answer", "q2", "answer"]


def test_examples_stay_too_and_are_nothing_that_was_said() -> None:
    context, history = ChatContext.empty(), History(examples=2)
    context.add_message(role="system", content="S")
    for number in range(4):
        context.add_message(role="user", content=f"q{number}")
        context.add_message(role="assistant", content=f"a{number}")
    messages, _ = context.to_provider_format("openai")
    assert history.turns(messages) == 3
    history.keep(context, 3)
    assert history.shown(context) is context
    history.keep(context, 1)
    shown = [item.text_content for item in history.shown(context).items if item.type == "message"]
    assert shown == ["S", "q0", "a0", "q3", "a3"]
    assert history.said(context) == ["a1", "a2", "a3"], "also what the model does not see any more"


class Adder(Agent):
    """Counts what was executed, and when."""

    def __init__(self, executed: list[tuple[int, int]]) -> None:
        super().__init__(instructions="Add.")
        self._executed = executed

    @function_tool
    async def add(self, first: int, second: int) -> str:
        """Add two numbers."""
        self._executed.append((first, second))
        return "They make three."


def test_speculation_executes_nothing_and_a_committed_turn_does(engines: FakeEngines) -> None:
    engines.mind.pieces = (CALL % 1,)
    executed: list[tuple[int, int]] = []

    async def check() -> None:
        session = AgentSession[None](
            stt=whisper.STT(engines=engines.engines, vad=LoudnessVad(), commits_turns=True),
            llm=llama.LLM(engines=engines.engines),
            tts=piper.TTS(engines=engines.engines),
            vad=LoudnessVad(min_silence=0.3),
            turn_handling={
                "turn_detection": "stt",
                "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
                "preemptive_generation": {"enabled": True, "preemptive_tts": True, "max_retries": 20},
            },
            aec_warmup_duration=None,
            user_away_timeout=None,
        )
        ear, mouth = QueueAudioInput(), PullAudioOutput()
        session.input.audio, session.output.audio = ear, mouth
        caller = Caller(session, ear, mouth)
        await session.start(Adder(executed), record=False, session_host=False)
        holding = asyncio.create_task(caller.hold())
        try:
            caller.say(speech("one two the"))  # "the" ends no sentence: speculation, and no turn yet
            await until(lambda: engines.mind.written, "a call that was written ahead")
            assert executed == [] and caller.of("user") == []
            caller.say(speech("three four"))  # what was begun is thrown away
            await until(lambda: len(engines.mind.asked) > 1, "the second attempt")
            await until(lambda: caller.of("user"), "the turn")
            engines.mind.pieces = ("They make three.",)
            await until(lambda: caller.of("assistant"), "the reply")
            assert executed == [(1, 2)]
            results = [message for message in engines.mind.asked[-1].messages if message["role"] == "tool"]
            assert [message["content"] for message in results] == ["They make three."]
        finally:
            await session.aclose()
            holding.cancel()

    run(check())


def test_a_long_conversation_is_shortened_between_turns(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[int] = []

    def fit(messages: list[Any], _: object) -> list[Any]:
        fitted.append(len(messages))
        return [messages[0], *messages[-2:]]

    monkeypatch.setattr(engines.mind, "fit", fit)
    engines.mind.room = 40

    async def check() -> None:
        model, context = llama.LLM(engines=engines.engines), ChatContext.empty()
        context.add_message(role="system", content="S")
        for number in range(4):
            context.add_message(role="user", content=f"question {number}")
            context.add_message(role="assistant", content=f"answer {number}")
        await model.settle(context)
        assert fitted == [9]
        context.add_message(role="user", content="last")
        async with model.chat(chat_ctx=context, conn_options=ONCE) as stream:
            assert taken([chunk async for chunk in stream])[0]
        assert fitted == [9]  # nothing was left to decide while somebody waited

    run(check())
    (asked,) = engines.mind.asked
    assert [message["content"] for message in asked.messages] == ["S", "question 3", "answer 3", "last"]

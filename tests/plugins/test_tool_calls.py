"""Calls hold for any model: made once, wherever they are written, or not at all; and then there are words."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from livekit.agents import Agent, AgentSession, APIConnectOptions, APIError
from livekit.agents.llm import (
    ChatContext,
    FunctionCall,
    FunctionCallOutput,
    ToolContext,
    ToolError,
    execute_function_call,
    function_tool,
)
from pydantic import BaseModel, Field

from local_agent.engines.llama.engine import Llama, Sampling
from local_agent.engines.llama.tool_call_dialects import Call
from local_agent.plugins import llama
from local_agent.plugins.tool_calls import Calls, answered, schemas, toolbox
from tests.engines.llama import tinygguf
from tests.plugins.fakeengines import FakeEngines, run

ONCE = APIConnectOptions(max_retry=0)


class Clerk(Agent):
    """Notes what was executed."""

    def __init__(self) -> None:
        super().__init__(instructions="Help.")
        self.executed: list[Any] = []

    @function_tool
    async def set_timer(self, minutes: int) -> str:
        """Set a timer."""
        self.executed.append(minutes)
        return f"A timer of {minutes} minutes runs."

    @function_tool
    async def find(self, what: str) -> str:
        """Look for something."""
        self.executed.append(what)
        if what == "gold":
            raise ToolError("there is none")
        return f"{what} is in aisle 5."


def timer(minutes: int) -> str:
    return f'{{"name": "set_timer", "arguments": {{"minutes": {minutes}}}}}'


def tagged(call: str) -> str:
    return f"<tool_call>\n{call}\n</tool_call>"


def fenced(call: str) -> str:
    return f"```json\n{call}\n```"


async def _turns(engines: FakeEngines, questions: int) -> tuple[list[Any], list[str], list[str]]:
    """What was executed, what was said, and the results as the model was told them."""
    clerk = Clerk()
    async with AgentSession[None](llm=llama.LLM(engines=engines.engines)) as session:
        await session.start(clerk, record=False, session_host=False)
        for number in range(questions):
            await session.generate_reply(user_input=f"Question {number}.")
        items = list(session.history.items)
    said = [item.text_content or "" for item in items if item.type == "message" and item.role == "assistant"]
    told = [message["content"] for message in engines.mind.asked[-1].messages if message["role"] == "tool"]
    return clerk.executed, said, told


def answer(engines: FakeEngines, *replies: str, questions: int = 1) -> tuple[list[Any], list[str], list[str]]:
    """What comes of what the model writes, one reply after the other."""
    engines.mind.script = list(replies)
    result = run(_turns(engines, questions))
    assert engines.mind.script == [], "a reply that was expected was not asked for"
    return result


DONE = "Five minutes, starting now."
BOUND = "<tool_call>"


@pytest.mark.parametrize(
    ("replies", "executed", "said"),
    [
        pytest.param([tagged(timer(5)), DONE], [5], [DONE], id="a call"),
        pytest.param([fenced(timer(5)), DONE], [5], [DONE], id="in a fence"),
        pytest.param([f"Sure. {timer(5)}", DONE], [5], ["Sure.", DONE], id="behind words"),
        pytest.param(["Sure.\n\n" + fenced(timer(5)) + "\nIt is set.", DONE], [5], ["Sure.", DONE], id="in prose"),
        pytest.param([tagged(timer(5)), tagged(timer(5)), DONE], [5], [DONE], id="repeated"),
        pytest.param([tagged(timer(5)), fenced(timer(5)) + "\n" + DONE], [5], [DONE], id="repeated, then words"),
        pytest.param(
            [tagged(timer(5)), tagged(timer(5)) + "\n" + tagged(timer(10)), DONE], [5, 10], [DONE], id="and another"
        ),
        pytest.param([tagged(timer(5)), tagged(timer(10)), DONE], [5, 10], [DONE], id="two, one after the other"),
        pytest.param([tagged(timer(5)) + "\n" + tagged(timer(10)), DONE], [5, 10], [DONE], id="two at once"),
        pytest.param(
            ['{"name": "set_timer", "arguments": {"minu', tagged(timer(5)), DONE], [5], [DONE], id="half a call"
        ),
        pytest.param(["```json\n" + timer(5)[:-12], tagged(timer(5)), DONE], [5], [DONE], id="half a call in a fence"),
        pytest.param(
            ['{"name": "set_timer", "arguments": {"minutes": "some"}}', tagged(timer(5)), DONE],
            [5],
            [DONE],
            id="other arguments",
        ),
        pytest.param(
            ['One moment. {"name": "set_timer", "arguments": {}}', "{", DONE],
            [],
            ["One moment. " + DONE],
            id="hopeless",
        ),
        pytest.param(['{"name": "boil_egg", "arguments": {}}', DONE], [], [DONE], id="no such function"),
        pytest.param(['{"answer": "five"}', DONE], [], [DONE], id="JSON in place of an answer"),
        pytest.param(
            ["Like this: ```json\n[1]\n```"], [], ["Like this: ```json\n[1]\n```"], id="JSON that was asked for"
        ),
    ],
)
def test_what_comes_of_a_reply(engines: FakeEngines, replies: list[str], executed: list[int], said: list[str]) -> None:
    assert answer(engines, *replies)[:2] == (executed, said)


def test_a_search_and_a_booking_are_two_calls(engines: FakeEngines) -> None:
    search = '{"name": "find", "arguments": {"what": "soap"}}'
    executed, said, told = answer(engines, tagged(search), tagged(timer(3)), tagged(search), "Aisle five.")
    assert executed == ["soap", 3] and said == ["Aisle five."]
    assert told == ["soap is in aisle 5.", "A timer of 3 minutes runs."]


def test_the_next_question_may_call_the_same_again(engines: FakeEngines) -> None:
    executed, said, _ = answer(engines, tagged(timer(5)), DONE, tagged(timer(5)), DONE, questions=2)
    assert executed == [5, 5] and said == [DONE, DONE]


def test_a_call_that_is_asked_for_again_is_bound_to_its_function_and_then_words_are(engines: FakeEngines) -> None:
    broken = '{"name": "set_timer", "arguments": {"minutes": "some"}}'
    answer(engines, broken, broken, DONE)
    first, second, third = (asked.grammar for asked in engines.mind.asked)
    assert "call-set-timer" in first and "call-find" in first
    assert "call-set-timer" in second and "call-find" not in second and "root ::= calls\n" in second
    assert BOUND not in third and "call" not in third
    assert len({str(asked.tools) for asked in engines.mind.asked}) == 1, "the prompt is the same"


def test_a_model_with_a_dialect_of_its_own_is_bound_where_it_failed(engines: FakeEngines) -> None:
    engines.mind.own_calls = True
    answer(engines, tagged(timer(5)), tagged(timer(5)), DONE)
    assert [asked.grammar is None for asked in engines.mind.asked] == [True, True, False]


def test_how_inclined_a_model_must_be_to_call(engines: FakeEngines) -> None:
    answer(engines, tagged(timer(5)), tagged(timer(5)), DONE)
    first, then, words = (asked.calls for asked in engines.mind.asked)
    assert 0 < first.share < then.share < 1 and first.text == then.text and "text ::=" in first.text
    assert first.text.startswith("root ::= calls\n") and words is None
    engines.mind.own_calls = True
    answer(engines, tagged(timer(5)), DONE)
    assert engines.mind.asked[-1].calls is None, "it has a form of its own"


def test_a_call_that_failed_is_told_as_such(engines: FakeEngines) -> None:
    told = answer(engines, tagged('{"name": "find", "arguments": {"what": "gold"}}'), "There is none.")[2]
    assert told == ["Error: there is none"]


def test_a_model_that_never_says_a_word_is_an_error_and_no_loop(engines: FakeEngines) -> None:
    engines.mind.pieces = ('{"name": "boil_egg", "arguments": {}}',)

    async def ask() -> None:
        model = llama.LLM(engines=engines.engines)
        context = ChatContext.empty()
        context.add_message(role="user", content="An egg, please.")
        clerk = Clerk()
        async with model.chat(chat_ctx=context, tools=list(clerk.tools), conn_options=ONCE) as stream:
            assert [chunk async for chunk in stream] == []

    with pytest.raises(APIError, match=r"no words came instead.*fix:"):
        run(ask())
    assert len(engines.mind.asked) == 3


class Colour(Enum):
    RED = "red"
    SKY = "sky blue"


class Place(BaseModel):
    street: str
    number: int = Field(ge=1, le=99)
    tags: list[Colour] = []


class Tree(BaseModel):
    name: str
    children: list[Tree] = Field([], max_length=2)


def test_whatever_a_function_takes_a_bound_call_is_taken_by_livekit(tmp_path: Path) -> None:
    """As a model writes it that knows nothing."""
    given = list[dict[str, Any]]()

    @function_tool
    async def everything(
        colour: Colour,
        perhaps: Colour | None,
        number: Literal[0, 11, 30],
        share: float,
        place: Place,
        tree: Tree,
        days: list[dt.date],
        pair: tuple[int, str],
        table: dict[str, bool],
        either: int | list[str],
        at: dt.datetime,
        lasts: dt.timedelta,
        mark: uuid.UUID,
        lamp: bool = True,
        note: str | None = None,
    ) -> None:
        """Take all that there is."""
        given.append({"colour": colour, "place": place, "lasts": lasts, "mark": mark})

    box = toolbox([everything], {"type": "function", "function": {"name": "everything"}}, False)
    model = Llama(tinygguf.write(tmp_path / "tiny.gguf"), context=2048, threads=1)
    wild = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, max_tokens=1800, repeat_penalty=1, seed=0)
    try:
        job = model.generate([{"role": "user", "content": "hi"}], sampling=wild, grammar=box.grammar())
        calls = Calls(box)
        (call,) = [*calls.push(job.result(60).text)[1], *calls.rest()[1]]
        assert run(execute_function_call(call, ToolContext([everything]))).raw_exception is None
    finally:
        model.close()
    assert [(type(one["mark"]), type(one["place"])) for one in given] == [(uuid.UUID, Place)]


def test_functions_that_change_in_the_midst_of_a_session(engines: FakeEngines) -> None:
    @function_tool
    async def open_door() -> str:
        """Open the door."""
        return "It is open."

    async def check() -> list[list[str]]:
        clerk = Clerk()
        async with AgentSession[None](llm=llama.LLM(engines=engines.engines)) as session:
            await session.start(clerk, record=False, session_host=False)
            await session.generate_reply(user_input="Hello.")
            await clerk.update_tools([open_door])
            await session.generate_reply(user_input="Open it.")
        return [[tool["function"]["name"] for tool in asked.tools] for asked in engines.mind.asked]

    engines.mind.script = ["Hello.", '{"name": "open_door", "arguments": {}}', "It is open."]
    told = run(check())
    assert sorted(told[0]) == ["find", "set_timer"] and told[1:] == [["open_door"], ["open_door"]]


def test_functions_are_told_without_what_pydantic_adds() -> None:
    @function_tool
    async def rename(title: str, times: Literal[1, 2] = 1) -> None:
        """Give it a name.

        Args:
            title: the new name
        """

    (told,) = schemas([rename])
    assert told["function"] == {
        "name": "rename",
        "description": "Give it a name.",
        "parameters": {
            "type": "object",
            "properties": {
                "title": {"type": "string", "description": "the new name"},
                "times": {"type": "integer", "default": 1, "enum": [1, 2]},
            },
            "required": ["title"],
        },
    }
    assert list(told["function"]["parameters"]) == ["type", "properties", "required"]


def test_which_calls_are_answered_and_not_told_yet() -> None:
    context = ChatContext.empty()

    def call(name: str, minutes: int, *, done: bool = True) -> None:
        arguments = json.dumps({"minutes": minutes})
        context.items.append(FunctionCall(call_id=name, name="set_timer", arguments=arguments))
        if done:
            context.items.append(FunctionCallOutput(call_id=name, name="set_timer", output="", is_error=False))

    context.add_message(role="user", content="First.")
    call("a", 1)
    assert answered(context) == [Call("set_timer", '{"minutes": 1}')]
    context.add_message(role="assistant", content="Done.")
    assert answered(context) == [], "that is over"
    context.add_message(role="user", content="Then.")
    assert answered(context) == []
    context.add_message(role="assistant", content="One moment.")
    call("b", 2)
    call("c", 3, done=False)
    call("d", 4)
    assert answered(context) == [Call("set_timer", '{"minutes": 2}'), Call("set_timer", '{"minutes": 4}')]

"""Where a call stands in a reply does not matter: it is found, and nothing of it is spoken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_agent.engines.llama.tool_call_dialects import Call
from local_agent.engines.llama.tool_call_parser import MOST_CALLS, ToolCallParser


def tool(name: str, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": parameters}}


TOOLS = [
    tool("set_timer", ("minutes",), minutes={"type": "integer", "minimum": 1}, label={"type": "string"}),
    tool("get_time"),
]
FIVE = [("set_timer", {"minutes": 5})]
CALL = '{"name": "set_timer", "arguments": {"minutes": 5}}'
STEPS = (1, 3, 1000)


def taken(text: str, step: int, tools: Any = TOOLS, **options: Any) -> tuple[str, list[tuple[str, Any]], Any]:
    """What is said, what is called, and what is wrong: the name of a function, or True."""
    reader, said, calls = ToolCallParser(tools, **options), "", list[Call]()
    for at in range(0, len(text), step):
        more, made = reader.push(text[at : at + step])
        said, calls = said + more, calls + made
    more, made = reader.rest()
    wrong = reader.unfit or reader.unreadable
    return said + more, [(call.name, json.loads(call.arguments)) for call in calls + made], wrong


FOUND = {
    "bare": CALL,
    "behind white space": "\n " + CALL,
    "fence": f"```json\n{CALL}\n```",
    "fence without a name": f"```\n{CALL}\n```",
    "fence that nobody closed": f"```json\n{CALL}",
    "code in the line": f"`{CALL}`",
    "a list": f"[{CALL}]",
    "tags, not closed": f"<tool_call>\n{CALL}",
    "other tags": f"<tools>\n{CALL}\n</tools>",
    "tags in a fence": f"```xml\n<tool_call>\n{CALL}\n</tool_call>\n```",
    "indented": '{\n  "name": "set_timer",\n  "arguments": {\n    "minutes": 5\n  }\n}',
    "single quotation marks": "{'name': 'set_timer', 'arguments': {'minutes': 5}}",
    "commas too many": '{"name": "set_timer", "arguments": {"minutes": 5,},}',
    "braces twice": '{{"name": "set_timer", "arguments": {{"minutes": 5}}}}',
    "braces twice at the ends": '```\n{{"name": "set_timer", "arguments": {"minutes": 5}}}\n```',
    "arguments as text": '{"name": "set_timer", "arguments": "{\\"minutes\\": 5}"}',
    "arguments beside the name": '{"name": "set_timer", "minutes": 5}',
    "arguments behind the name": '{"set_timer": {"minutes": 5}}',
    "another spelling": '{"name": "setTimer", "arguments": {"minutes": 5}}',
    "a number as text": '{"name": "set_timer", "arguments": {"minutes": "5"}}',
    "a number with a point": '{"name": "set_timer", "arguments": {"minutes": 5.0, "label": null}}',
    "Python": "```python\nset_timer(minutes=5)\n```",
    "Python in the line": "`set_timer(minutes=5)`",
    "the same twice": f"{CALL}\n{CALL}",
    "and words behind": f"```json\n{CALL}\n```\nI have set the timer for five minutes.",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", ["", "Sure, one moment. ", "I'll use `set_timer`:\n\n"])
def test_a_call_is_found_wherever_it_stands(step: int, before: str) -> None:
    wrong = {}
    for kind, text in FOUND.items():
        result = taken(before + text, step)
        if result != (before.rstrip(), FIVE, False):
            wrong[kind] = result
    assert wrong == {}


@pytest.mark.parametrize("step", STEPS)
def test_arguments_behind_the_name_of_their_function(step: int) -> None:
    said, calls, wrong = taken('Function: set_timer. Arguments: {"minutes": 5}', step)
    assert (said, calls, wrong) == ("Function: set_timer. Arguments:", FIVE, False)


@pytest.mark.parametrize("step", STEPS)
def test_a_function_without_arguments(step: int) -> None:
    for text in ('{"name": "get_time"}', '{"name": "get_time", "arguments": {}}', "```\nget_time()\n```"):
        assert taken(text, step) == ("", [("get_time", {})], False)


@pytest.mark.parametrize("step", STEPS)
def test_different_calls_are_all_made_up_to_a_limit(step: int) -> None:
    calls = [f'{{"name": "set_timer", "arguments": {{"minutes": {n}}}}}' for n in range(1, MOST_CALLS + 3)]
    for text in ("\n".join(calls), "[" + ", ".join(calls) + "]", "```json\n" + "\n".join(calls) + "\n```"):
        assert [given["minutes"] for _, given in taken(text, step)[1]] == [*range(1, MOST_CALLS + 1)]
    assert len(taken("\n".join(calls), step, most=1)[1]) == 1


UNMADE = {
    "half a call": ('{"name": "set_timer", "argu', "set_timer"),
    "half a call in a fence": ('```json\n{"name": "set_timer", "arguments": {"min', "set_timer"),
    "half a call in tags": ('<tool_call>\n{"name": "set_timer", "arguments": {"minutes": 5', "set_timer"),
    "an argument that is missing": ('{"name": "set_timer", "arguments": {}}', "set_timer"),
    "an argument of another type": ('{"name": "set_timer", "arguments": {"minutes": "soon"}}', "set_timer"),
    "an argument out of range": ('{"name": "set_timer", "arguments": {"minutes": 0}}', "set_timer"),
    "an argument that is not there": ('{"name": "set_timer", "arguments": {"minutes": 5, "tone": "a"}}', "set_timer"),
    "a function that is not there": ('{"name": "get_news", "arguments": {"about": "Rome"}}', True),
    "the same in a fence": ('```json\n{"name": "get_news", "arguments": {"about": "Rome"}}\n```', True),
    "half of it": ('{"name": "get_ne', True),
    "JSON in place of an answer": ('{"answer": "It is five."}', True),
    "nothing in tags": ("<tool_call>\n{}\n</tool_call>", True),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", ["", "One moment. "])
def test_what_is_no_proper_call_is_neither_made_nor_spoken(step: int, before: str) -> None:
    results = {kind: taken(before + text, step) for kind, (text, _) in UNMADE.items()}
    if before:
        del results["JSON in place of an answer"]
    expected = {kind: (before.rstrip(), [], UNMADE[kind][1]) for kind in results}
    assert results == expected


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "text",
    [
        "A dict looks like this:\n```python\nages = {'Ann': 3}\n```\nThat is all.",
        '```json\n{"name": "Ann", "age": 3}\n```',
        "Use the `print` function, or ``a ` b``.",
        "A brace is { and a tick is ` here.\nThat is it.",
        "It costs {five} [or so].",
        "```python\nprint('hello')",
        "```python\nprint()\n```",
        "Press [enter] or `tab",
    ],
)
def test_code_that_is_no_call_is_text(step: int, text: str) -> None:
    assert taken(text, step) == (text, [], False)


@pytest.mark.parametrize("tools", [TOOLS, ()], ids=["tools", ""])
@pytest.mark.parametrize("step", STEPS)
def test_json_behind_words_becomes_code_which_nobody_reads_out(step: int, tools: Any) -> None:
    said, calls, wrong = taken('For example {"name": "Ann", "age": 3} is JSON.', step, tools)
    assert (calls, wrong) == ([], False)
    assert " ".join(said.split()) == 'For example ```json {"name": "Ann", "age": 3} ``` is JSON.'


@pytest.mark.parametrize("step", STEPS)
def test_a_call_whose_result_is_there_is_not_made_again(step: int) -> None:
    made = [Call("set_timer", '{"minutes": 5.0, "label": null}')]
    again = ToolCallParser(TOOLS, made=made)
    text = f"<tool_call>\n{CALL}\n</tool_call>\nThe timer is set."
    said = "".join(again.push(text[at : at + step])[0] for at in range(0, len(text), step))
    assert again.rest() == ("", []) and again.repeated and again.calls == []
    assert said == "The timer is set.", "what is said behind it is the answer"
    assert taken(CALL.replace("5", "10"), step, made=made) == ("", [("set_timer", {"minutes": 10})], False)


def test_what_is_written_behind_a_call_is_for_nobody() -> None:
    reader = ToolCallParser(TOOLS)
    assert reader.push(f"```json\n{CALL}\n```\n")[1] and not reader.over
    reader.push("I have set it.")
    assert reader.over

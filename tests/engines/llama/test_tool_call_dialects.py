"""Calls in the dialects of many models: read as they are meant, and never spoken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_agent.engines.llama.tool_call_dialects import function, written_in
from local_agent.engines.llama.tool_call_parser import ToolCallParser


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": parameters}}


TOOLS = [
    tool("add", first={"type": "integer"}, second={"type": "integer"}),
    tool("send_mail", to={"type": "string"}, text={"type": "string"}),
]
ONE = [("add", {"first": 1, "second": 2})]
MAIL = ("send_mail", {"to": "Ann", "text": "See you at 5, {really} <soon>."})
DIALECTS = {
    "hermes": '<tool_call>\n{"name": "add", "arguments": {"first": 1, "second": 2}}\n</tool_call>',
    "hermes, one line": '<tool_call>{"name": "add", "arguments": {"first": 1, "second": 2}}</tool_call>',
    "arguments as text": '<tool_call>{"name": "add", "arguments": "{\\"first\\": 1, \\"second\\": 2}"}</tool_call>',
    "llama": '{"name": "add", "parameters": {"first": 1, "second": 2}}',
    "llama, type": '{"type": "function", "name": "add", "parameters": {"first": 1, "second": 2}}',
    "llama, mark": '<|python_tag|>{"name": "add", "parameters": {"first": 1, "second": 2}}',
    "mistral": '[TOOL_CALLS][{"name": "add", "arguments": {"first": 1, "second": 2}}]',
    "mistral, newer": '[TOOL_CALLS]add[ARGS]{"first": 1, "second": 2}',
    "mistral, with id": '[TOOL_CALLS]add[CALL_ID]a1b2c3d4e[ARGS]{"first": 1, "second": 2}',
    "granite": '<|tool_call|>[{"name": "add", "arguments": {"first": 1, "second": 2}}]',
    "phi": '<|tool_call|>[{"name": "add", "arguments": {"first": 1, "second": 2}}]<|/tool_call|>',
    "harmony": '<|channel|>commentary to=functions.add <|constrain|>json<|message|>{"first": 1, "second": 2}<|call|>',
    "qwen coder": "<tool_call>\n<function=add>\n<parameter=first>\n1\n</parameter>\n<parameter=second>\n2\n</parameter>"
    "\n</function>\n</tool_call>",
    "coder, no wrap": "<function=add><parameter=first>1</parameter><parameter=second>2</parameter></function>",
    "glm": "<tool_call>add\n<arg_key>first</arg_key>\n<arg_value>1</arg_value>\n<arg_key>second</arg_key>\n"
    "<arg_value>2</arg_value>\n</tool_call>",
    "minimax": '<minimax:tool_call>\n<invoke name="add">\n<parameter name="first">1</parameter>\n'
    '<parameter name="second">2</parameter>\n</invoke>\n</minimax:tool_call>',
    "minicpm": '<function name="add"><param name="first">1</param><param name="second">2</param></function>',
    "newer deepseek": '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="add">\n'
    '<｜DSML｜parameter name="first" string="false">1</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="second" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
    "gemma": "<|tool_call>call:add{first:1,second:2}<tool_call|>",
    "kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>"
    '{"first": 1, "second": 2}<|tool_call_end|><|tool_calls_section_end|>',
    "deepseek": '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{"first": 1, "second": 2}'
    "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "cohere": '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "add", "parameters": {"first": 1, "second": 2}}]'
    "<|END_ACTION|>",
    "lfm": "<|tool_call_start|>[add(first=1, second=2)]<|tool_call_end|>",
    "fenced": '```json\n{"name": "add", "arguments": {"first": 1, "second": 2}}\n```',
    "functionary": '<function=add>{"first": 1, "second": 2}</function>',
}
TWO = {
    "mistral": '[TOOL_CALLS][{"name": "add", "arguments": {"first": 1, "second": 2}}, {"name": "send_mail", '
    '"arguments": {"to": "Ann", "text": "See you at 5, {really} <soon>."}}]',
    "mistral, newer": '[TOOL_CALLS]add[ARGS]{"first": 1, "second": 2}[TOOL_CALLS]send_mail[ARGS]{"to": "Ann", "text": '
    '"See you at 5, {really} <soon>."}',
    "gemma": '<|tool_call>call:add{first:1,second:2}<tool_call|><|tool_call>call:send_mail{text:<|"|>See you at 5, '
    '{really} <soon>.<|"|>,to:<|"|>Ann<|"|>}<tool_call|>',
    "qwen coder": "<tool_call>\n<function=add>\n<parameter=first>\n1\n</parameter>\n<parameter=second>\n2\n</parameter>"
    "\n</function>\n</tool_call>\n<tool_call>\n<function=send_mail>\n<parameter=to>\nAnn\n</parameter>\n<parameter=text>\n"
    "See you at 5, {really} <soon>.\n</parameter>\n</function>\n</tool_call>",
    "glm": "<tool_call>add\n<arg_key>first</arg_key>\n<arg_value>1</arg_value>\n<arg_key>second</arg_key>\n"
    "<arg_value>2</arg_value>\n</tool_call>\n<tool_call>send_mail\n<arg_key>to</arg_key>\n<arg_value>Ann</arg_value>\n"
    "<arg_key>text</arg_key>\n<arg_value>See you at 5, {really} <soon>.</arg_value>\n</tool_call>",
}


def taken(text: str, step: int, tools: Any = TOOLS) -> tuple[str, list[tuple[str, Any]], bool]:
    reader, said, calls = ToolCallParser(tools), "", []
    for at in range(0, len(text), step):
        more, made = reader.push(text[at : at + step])
        said, calls = said + more, calls + made
    more, made = reader.rest()
    whole = not (reader.unreadable or reader.unfit)
    return said + more, [(call.name, json.loads(call.arguments)) for call in calls + made], whole


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_call_is_read_and_not_spoken(dialect: str, step: int) -> None:
    assert taken(DIALECTS[dialect], step) == ("", ONE, True)


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize("dialect", TWO)
def test_two_calls_with_texts_that_look_like_markup(dialect: str, step: int) -> None:
    said, calls, whole = taken(TWO[dialect], step)
    assert (said, whole) == ("", True)
    assert [(name, dict(sorted(given.items()))) for name, given in calls] == [
        ONE[0],
        (MAIL[0], dict(sorted(MAIL[1].items()))),
    ]


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_said_before_a_call_is_said(dialect: str, step: int) -> None:
    assert taken("One moment, 3 < 5.\n" + DIALECTS[dialect], step) == ("One moment, 3 < 5.", ONE, True)


@pytest.mark.parametrize("step", [1, 1000])
@pytest.mark.parametrize("dialect", [name for name in DIALECTS if not name.startswith(("llama", "fenced"))])
def test_a_call_without_any_functions_is_not_spoken_either(dialect: str, step: int) -> None:
    assert taken("Well. " + DIALECTS[dialect], step, ())[0].rstrip() == "Well."


@pytest.mark.parametrize("step", [1, 1000])
@pytest.mark.parametrize(
    "text",
    [
        '[TOOL_CALLS][{"name": "add", "argum',
        '{"name": "add", "parameters": {"first": 1',
        "<tool_call>add\n<arg_key>first</arg_key>\n<arg_va",
        "<|tool_call>call:add{first:1,sec",
        '{"weather": "sunny"}',
        '[TOOL_CALLS][{"name": "no_such_function", "arguments": {}}]',
    ],
)
def test_what_cannot_be_read_is_neither_made_nor_spoken(text: str, step: int) -> None:
    assert taken(text, step) == ("", [], False)


@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    "text", ["a <b> c [d] {e}", "If x <y then [ok].", "Use the <html> tag, or <", "f of functions"]
)
def test_speech_stays_as_it_is(text: str, step: int) -> None:
    assert taken(text, step) == (text, [], True)


def test_text_in_tags_is_typed_as_the_schema_says() -> None:
    tools = [tool("note", text={"type": "string"}, urgent={"type": "boolean"}, tags={"type": "array"})]
    text = (
        "<function=note><parameter=text>42</parameter><parameter=urgent>true</parameter>"
        '<parameter=tags>["a"]</parameter></function>'
    )
    (call,) = written_in(text, dict(map(function, tools)))
    assert json.loads(call.arguments) == {"text": "42", "urgent": True, "tags": ["a"]}

"""A model's own chat template: from messages to the text that the model was trained on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local_agent.engines.llama import tool_prompt
from local_agent.engines.llama.kv_cache import common_prefix
from local_agent.engines.llama.reasoning import Reasoning, left_open
from local_agent.engines.llama.template_environment import OPTIONS, Environment
from local_agent.engines.llama.tool_call_dialects import Call
from local_agent.engines.llama.tool_call_parser import ToolCallParser
from local_agent.engines.llama.tool_messages import (
    in_order,
    numbered,
    one_by_one,
    result_text,
    with_arguments_parsed,
    with_arguments_told,
)
from local_agent.engines.llama.types import Message
from local_agent.errors import BadInput

_ENDINGS = " \t\n.?!,;:…。？！、，-–—"
_MARK = "\ue000mark\ue001"  # private use characters: in no vocabulary, in nobody's speech
_NO_THOUGHTS = "/no_think"  # a word of the instructions that some templates understand
_FORMS = ("as it is", "instructions as a user's words", "nothing but words")


class ChatTemplate:
    """Renders conversations, however odd, with templates, however strict.

    source: jinja2 text of the template, None for one that fits the vocabulary. bos, eos: texts of these tokens.
    control: texts of tokens that steer the model; where a message contains one it is broken by a space, so that nobody
    can end their own turn by spelling it. small: the model learns from examples alone how to call functions.

    Raises BadInput for a template that refuses the plainest question.

    What the template accepts is tried once, here, so that every turn of a conversation is rendered alike. Instructions
    and what a caller said are never lost: where they are not in the text, they are told in another form.

    opened: a thought that the template begins for the model. own_calls: functions are told, called and answered in the
    template's own words, which our grammar does not write and engines/llama/tool_call_dialects.py reads.
    """

    def __init__(
        self,
        source: str | None,
        *,
        bos: str = "",
        eos: str = "",
        control: Iterable[str] = (),
        small: bool = False,
    ) -> None:
        texts = sorted((text for text in control if len(text) > 1), key=len, reverse=True)
        self._environment = Environment(source, bos=bos, eos=eos, control=texts)
        self._control = re.compile("|".join(map(re.escape, texts))) if texts else None
        self._small, self._said_quiet = small, ""
        self._options: dict[str, Any] = {}
        self._in_parts = False
        if not any(map(self._renders, OPTIONS)):
            self._in_parts = True  # as templates of models that see want all content
        if self._in_parts and not any(map(self._renders, OPTIONS)):
            self._in_parts = False
            self._render([{"role": "user", "content": _MARK}], (), True)
            raise BadInput("the model's chat template drops what a user says", fix="use another model or template")
        self._knows_system = self._keeps("system", "user")
        self._lone_system = self._keeps("system")
        self._late_system = (
            self._knows_system
            and self._keeps("system", "user", "assistant", "system", "user")
            and self._keeps("system", "user", "assistant", "system")
        )
        self._assistant_first = self._keeps("assistant", "user") and (
            not self._knows_system or self._keeps("system", "assistant", "user")
        )
        self._learn_calls()
        self.opened = self._left_open()
        if self.opened and self._knows_system:
            self._said_quiet = _NO_THOUGHTS
            self.opened = self._left_open()
            self._said_quiet = "" if self.opened else _NO_THOUGHTS

    def render(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), reply: bool = True
    ) -> str:
        """The text of a conversation; `reply` opens the assistant's turn. Raises BadInput when the template refuses
        it in every form.
        """
        return self._rendered(messages, tools, reply, "")

    def render_open(self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = ()) -> tuple[str, str]:
        """The text up to the last word of the last user message, and what would close that message.

        Punctuation after that word is left out: transcripts of half a sentence end with a full stop, too.
        Raises BadInput when the last message is not a user's.
        """
        if not messages or messages[-1].get("role") != "user":
            raise BadInput("only a user's turn can be left open", expected="a user message at the end", fix="add one")
        opened, found, closing = self._rendered(messages, tools, True, _MARK).partition(_MARK)
        if not found:
            raise BadInput("the chat template drops the last user message", fix="use another model or template")
        return opened, closing

    def closing(self) -> str:
        """What follows an assistant's words in the template, "" when it cannot be told."""
        turns = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": _MARK},
            {"role": "user", "content": f"{_MARK}b"},
        ]
        try:
            return [*self._render(turns, (), False).split(_MARK), ""][1]
        except BadInput:
            return ""

    def _rendered(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], reply: bool, end: str) -> str:
        """In the first form that loses nothing. end: put behind the last word."""
        texts, refused = list[str](), list[BadInput]()
        for form in _FORMS:
            turns = self._prepare(messages, tools, form)
            if end:
                turns[-1]["content"] = turns[-1]["content"].rstrip(_ENDINGS) + end
            told = tools if self._knows_tools and form != _FORMS[2] else ()
            try:
                texts.append(self._render(turns, told, reply))
            except BadInput as error:
                refused.append(error)
                continue
            wanted = [turn["content"].strip() for turn in turns if turn["role"] in ("system", "user")]
            wanted += [str(tool.get("function", {}).get("name", "")) for tool in tools]
            if all(words in texts[-1] for words in wanted):
                return texts[-1]
        if not texts:
            raise refused[0]
        return texts[0]

    def _render(self, messages: list[dict[str, Any]], tools: Sequence[Mapping[str, Any]], reply: bool) -> str:
        told = {"tools": list(tools), "xml_tools": list(tools)} if tools else {}
        options = {**self._options, **told, "add_generation_prompt": reply}
        if self._in_parts:
            messages = [{**one, "content": [{"type": "text", "text": one["content"]}]} for one in messages]
        return self._environment.render(messages, options)

    def _renders(self, options: dict[str, Any]) -> bool:
        self._options = options
        return self._keeps("user")

    def _keeps(self, *roles: str) -> bool:
        marks = [f"{_MARK}{index}" for index in range(len(roles))]
        try:
            text = self._render([{"role": r, "content": m} for r, m in zip(roles, marks, strict=True)], (), True)
        except BadInput:
            return False
        return all(mark in text for mark in marks)

    def _left_open(self) -> str:
        text = self._rendered([{"role": "user", "content": _MARK}], (), True, "")
        return left_open(text.rpartition(_MARK)[2])

    def _learn_calls(self) -> None:
        """How functions are told, called and answered; where a template has no words for it, ours are used."""
        self._knows_tools = self.own_calls = self._arguments_told = False
        self._many_calls = True
        name, key, value, result = "zqname", "zqkey", "zqvalue", "zqresult"
        function = {"name": name, "description": "d", "parameters": {"type": "object", "properties": {}}}
        call = {"id": "call00001", "type": "function", "function": {"name": name, "arguments": {key: value}}}
        turns: list[dict[str, Any]] = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call00001", "name": name, "content": result},
        ]
        tools = [{"type": "function", "function": function}]
        if name not in self._tried(turns[:1], tools):
            return
        for told in (False, True):
            shown = with_arguments_told(turns) if told else turns
            text = self._tried(shown, tools)
            read = _calls_in_reply(self._written(shown[:2], tools), tools)
            if result in text and read == [Call(name, json.dumps({key: value}))]:
                self._knows_tools, self._arguments_told = True, told
                self.own_calls = _call_told(call) not in text
                other = {**call, "function": {"name": name, "arguments": '{"zqother": 1}' if told else {"zqother": 1}}}
                twice = [shown[0], {**shown[1], "tool_calls": [*shown[1]["tool_calls"], other]}, shown[2], shown[2]]
                self._many_calls = "zqother" in self._tried(twice, tools)
                return

    def _written(self, turns: list[dict[str, Any]], tools: list[dict[str, Any]]) -> str:
        """What a model that was asked for it would have written to be shown as the last turn."""
        text, asked = self._tried(turns, tools), self._tried(turns[:-1], tools)
        begun = common_prefix(text, asked)
        mark = text.rfind("<", 0, begun)  # which may begin both a thought, that is shown no more, and a call
        return text[mark if mark > text.rfind(">", 0, begun) else begun :]

    def _tried(self, turns: list[dict[str, Any]], tools: list[dict[str, Any]]) -> str:
        try:
            return self._render(turns, tools, True)
        except BadInput:
            return ""

    def _prepare(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], form: str = _FORMS[0]
    ) -> list[dict[str, Any]]:
        knows_tools = self._knows_tools and form != _FORMS[2]
        turns = [self._plain(message) for message in messages]
        last = len(turns) - 1
        turns = [
            turn
            for index, turn in enumerate(turns)
            if turn["content"] or turn.get("tool_calls") or turn["role"] == "system" or index == last
        ]
        if self._said_quiet:
            turns = _with_instruction(turns, self._said_quiet)
        turns = _lead_with_system(turns) if self._knows_system else turns
        if tools and not knows_tools:
            turns = _with_tools_told(turns, tools, examples=self._small)
        elif tools and self._small:
            lead = 1 if turns and turns[0]["role"] == "system" else 0
            turns = [*turns[:lead], *tool_prompt.exchange(tools), *turns[lead:]]
        alone = not any(turn["role"] in ("user", "tool") for turn in turns)
        demoted = form != _FORMS[0] or (alone and not self._lone_system)
        turns = [
            self._allowed(turn, knows_tools, system=not demoted and (index == 0 or self._late_system))
            for index, turn in enumerate(turns)
        ]
        turns = _merged(self._calls_as_known(turns) if knows_tools else turns)
        first = 1 if turns and turns[0]["role"] == "system" else 0
        if not self._assistant_first and len(turns) > first and turns[first]["role"] == "assistant":
            turns.insert(first, {"role": "user", "content": ""})
        return turns

    def _plain(self, message: Message) -> dict[str, Any]:
        role = str(message.get("role", "user"))
        turn: dict[str, Any] = {key: value for key, value in message.items() if value is not None}
        turn["role"] = "system" if role == "developer" else role
        content = _text_of(message.get("content"))
        turn["content"] = self._harmless(result_text(content) if role == "tool" else content)
        if turn.get("tool_calls"):
            turn["tool_calls"] = [with_arguments_parsed(call) for call in turn["tool_calls"]]
        return turn

    def _harmless(self, text: str) -> str:
        if self._control is None:
            return text
        return self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _allowed(self, turn: dict[str, Any], knows_tools: bool, *, system: bool) -> dict[str, Any]:
        role = turn["role"]
        if role == "system" and not (system and self._knows_system):
            return {"role": "user", "content": turn["content"]}
        if role == "tool" and not knows_tools:
            return {"role": "user", "content": tool_prompt.response(turn["content"])}
        if turn.get("tool_calls") and not knows_tools:
            return {
                "role": role,
                "content": "\n".join(filter(None, [turn["content"], *map(_call_told, turn["tool_calls"])])),
            }
        return turn

    def _calls_as_known(self, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not any(turn["role"] == "tool" or turn.get("tool_calls") for turn in turns):
            return turns
        turns = in_order(numbered(turns))
        turns = turns if self._many_calls else one_by_one(turns)
        return with_arguments_told(turns) if self._arguments_told else turns


def _calls_in_reply(text: str, tools: Sequence[Mapping[str, Any]]) -> list[Call]:
    """As they are read while a reply is written; behind other words only those with a mark are a dialect."""
    reasoning, reader = Reasoning(), ToolCallParser([dict(tool) for tool in tools], anywhere=False)
    found = [*reader.push(reasoning.push(text))[1], *reader.push(reasoning.finish())[1]]
    return [*found, *reader.rest()[1]]


def _text_of(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, str) else str(part.get("text", "")) for part in content]
    return "\n".join(part for part in parts if part)


def _call_told(call: Mapping[str, Any]) -> str:
    function = call["function"]
    return tool_prompt.spelled(str(function.get("name")), function.get("arguments", {}))


def _with_tools_told(
    turns: list[dict[str, Any]], tools: Sequence[Mapping[str, Any]], *, examples: bool
) -> list[dict[str, Any]]:
    """For templates that know no tools. examples: with turns in which they are called, which nobody asked for."""
    shown = tool_prompt.shown(tools) if examples else []
    told = _with_instruction(turns, tool_prompt.listed(tools), apart="\n\n")
    return [told[0], *shown, *told[1:]]


def _with_instruction(turns: list[dict[str, Any]], words: str, apart: str = "\n") -> list[dict[str, Any]]:
    """With some more words in front, behind the instructions that lead."""
    rest = turns
    if turns and turns[0]["role"] == "system":
        words, rest = f"{turns[0]['content']}{apart}{words}".strip(), turns[1:]
    return [{"role": "system", "content": words}, *rest]


def _lead_with_system(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Instructions that come before anybody's words belong to the front, even when a greeting was put before them."""
    first_user = next((index for index, turn in enumerate(turns) if turn["role"] in ("user", "tool")), len(turns))
    if any(turn["role"] == "system" for turn in turns[:1]):
        return turns
    early = [turn for turn in turns[:first_user] if turn["role"] == "system"]
    return [*early, *(turn for turn in turns[:first_user] if turn["role"] != "system"), *turns[first_user:]]


def _merged(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    merged: list[dict[str, Any]] = []
    for turn in turns:
        before = merged[-1] if merged else None
        mergeable = before is not None and turn["role"] == before["role"] and turn["role"] != "tool"
        if before is None or not mergeable or turn.get("tool_calls") or before.get("tool_calls"):
            merged.append(dict(turn))
        else:
            before["content"] = "\n".join(text for text in (before["content"], turn["content"]) if text)
    return merged

"""A model's own chat template: from messages to the text that the model was trained on."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import jinja2
import jinja2.ext
import jinja2.parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from local_agent.engines import lesson
from local_agent.engines.completion import Message
from local_agent.errors import BadInput

log = logging.getLogger(__name__)

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The most widespread format, for weights that bring no template of their own."""

_ENDINGS = " \t\n.?!,;:…。？！、，-–—"
_MARK = "\ue000mark\ue001"  # private use characters: in no vocabulary, in nobody's speech


class _GenerationTag(jinja2.ext.Extension):
    """Templates for training wrap replies in `{% generation %}`; when answering, the wrapping means nothing."""

    tags = {"generation"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class ChatTemplate:
    """Renders conversations, however odd, with templates, however strict.

    source: jinja2 text of the template, None for ChatML. bos, eos: texts of these tokens. control: texts of tokens
    that steer the model; where a message contains one it is broken by a space, so that nobody can end their own turn
    by spelling it. What the template accepts is tried once, here, so that every turn of a conversation is rendered
    alike.
    """

    def __init__(self, source: str | None, *, bos: str = "", eos: str = "", control: Iterable[str] = ()) -> None:
        if not source:
            log.warning("the model brings no chat template: using ChatML, which it may not have been trained on")
        self._bos, self._eos = bos, eos
        self._template = _compile(source or CHATML)
        texts = sorted((text for text in control if len(text) > 1), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, texts))) if texts else None
        self._knows_system = self._keeps("system", "user")
        self._late_system = self._knows_system and self._keeps("system", "user", "assistant", "system", "user")
        self._assistant_first = self._keeps("assistant", "user") and (
            not self._knows_system or self._keeps("system", "assistant", "user")
        )
        self._knows_tools = self._shows_tools() and self._spells_calls()

    def render(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), reply: bool = True
    ) -> str:
        """The text of a conversation; `reply` opens the assistant's turn. Raises BadInput when the template refuses
        it.
        """
        prepared = self._prepare(messages, tools)
        return self._render(prepared, tools if self._knows_tools else (), reply)

    def render_open(self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = ()) -> tuple[str, str]:
        """The text up to the last word of the last user message, and what would close that message.

        Punctuation after that word is left out: transcripts of half a sentence end with a full stop, too.
        Raises BadInput when the last message is not a user's.
        """
        prepared = self._prepare(messages, tools)
        if not prepared or prepared[-1]["role"] != "user":
            raise BadInput("only a user's turn can be left open", expected="a user message at the end", fix="add one")
        prepared[-1]["content"] = prepared[-1]["content"].rstrip(_ENDINGS) + _MARK
        opened, found, closing = self._render(prepared, tools if self._knows_tools else (), True).partition(_MARK)
        if not found:
            raise BadInput("the chat template drops the last user message", fix="use another model or template")
        return opened, closing

    def closing(self) -> str:
        """What follows an assistant's words in the template, "" when it cannot be told."""
        turns = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": _MARK},
            {"role": "user", "content": "b"},
        ]
        try:
            return self._render(turns, (), False).partition(_MARK)[2]
        except BadInput:
            return ""

    def _render(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], reply: bool) -> str:
        try:
            return self._template.render(
                messages=messages,
                tools=list(tools) or None,
                add_generation_prompt=reply,
                bos_token=self._bos,
                eos_token=self._eos,
                raise_exception=_refuse,
                strftime_now=lambda pattern: datetime.now().strftime(pattern),
            )
        except (jinja2.TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            raise BadInput(f"the model's chat template refuses the conversation: {error}") from error

    def _keeps(self, *roles: str) -> bool:
        marks = [f"{_MARK}{index}" for index in range(len(roles))]
        try:
            text = self._render([{"role": r, "content": m} for r, m in zip(roles, marks, strict=True)], (), True)
        except BadInput:
            return False
        return all(mark in text for mark in marks)

    def _shows_tools(self) -> bool:
        tool = {"type": "function", "function": {"name": _MARK, "description": "", "parameters": {}}}
        messages = [
            {"role": "system" if self._knows_system else "user", "content": "a"},
            {"role": "user", "content": "b"},
        ]
        try:
            return _MARK in self._render(messages, [tool], True)
        except BadInput:
            return False

    def _spells_calls(self) -> bool:
        """Whether calls look as our grammar writes them; models with a dialect of their own are told about ours."""
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
        tool = {"type": "function", "function": {"name": "f", "description": "", "parameters": {}}}
        turns: list[dict[str, Any]] = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": _MARK},
            {"role": "user", "content": "b"},
        ]
        try:
            text = self._render(turns, [tool], True)
        except BadInput:
            return False
        return _call_told(call) in text and _MARK in text

    def _prepare(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        turns = [self._plain(message) for message in messages]
        last = len(turns) - 1
        turns = [
            turn
            for index, turn in enumerate(turns)
            if turn["content"] or turn.get("tool_calls") or turn["role"] == "system" or index == last
        ]
        turns = _lead_with_system(turns) if self._knows_system else turns
        if tools and not self._knows_tools:
            turns = _with_tools_told(turns, tools)
        turns = [self._allowed(turn, first=index == 0) for index, turn in enumerate(turns)]
        turns = _merged(turns)
        first = 1 if turns and turns[0]["role"] == "system" else 0
        if not self._assistant_first and len(turns) > first and turns[first]["role"] == "assistant":
            turns.insert(first, {"role": "user", "content": ""})
        return turns

    def _plain(self, message: Message) -> dict[str, Any]:
        role = str(message.get("role", "user"))
        turn: dict[str, Any] = {key: value for key, value in message.items() if value is not None}
        turn["role"] = "system" if role == "developer" else role
        turn["content"] = self._harmless(_text_of(message.get("content")))
        if turn.get("tool_calls"):
            turn["tool_calls"] = [_with_arguments_parsed(call) for call in turn["tool_calls"]]
        return turn

    def _harmless(self, text: str) -> str:
        if self._control is None:
            return text
        return self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _allowed(self, turn: dict[str, Any], *, first: bool) -> dict[str, Any]:
        role = turn["role"]
        if role == "system" and not (first and self._knows_system) and not self._late_system:
            return {"role": "user", "content": turn["content"]}
        if role == "tool" and not self._knows_tools:
            return {"role": "user", "content": lesson.response(turn["content"])}
        if turn.get("tool_calls") and not self._knows_tools:
            return {
                "role": role,
                "content": "\n".join(filter(None, [turn["content"], *map(_call_told, turn["tool_calls"])])),
            }
        return turn


def _compile(source: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationTag, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    try:
        return environment.from_string(source)
    except jinja2.TemplateError as error:
        log.warning("the model's chat template cannot be read (%s): using ChatML", error)
        return environment.from_string(CHATML)


def _to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False, **options: Any) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ensure_ascii, **options)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _text_of(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, str) else str(part.get("text", "")) for part in content]
    return "\n".join(part for part in parts if part)


def _with_arguments_parsed(call: Mapping[str, Any]) -> dict[str, Any]:
    """Templates print arguments as JSON themselves; OpenAI's format carries them as text that is JSON already."""
    function = dict(call.get("function", {}))
    if isinstance(function.get("arguments"), str):
        try:
            function["arguments"] = json.loads(function["arguments"] or "{}")
        except ValueError:
            log.debug("the arguments of a tool call are not JSON; they are passed on as text")
    return {**call, "function": function}


def _call_told(call: Mapping[str, Any]) -> str:
    function = call["function"]
    return lesson.spelled(str(function.get("name")), function.get("arguments", {}))


def _with_tools_told(turns: list[dict[str, Any]], tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For templates that know no tools, or spell calls in another way than our grammar."""
    told, rest = lesson.listed(tools), turns
    if turns and turns[0]["role"] == "system":
        told, rest = f"{turns[0]['content']}\n\n{told}".strip(), turns[1:]
    return [{"role": "system", "content": told}, *lesson.shown(tools), *rest]


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

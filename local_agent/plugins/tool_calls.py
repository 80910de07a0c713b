"""Function tools between livekit-agents and the language model: schemas in, complete calls out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livekit.agents import NotGivenOr
from livekit.agents.llm import (
    ChatContext,
    ChatMessage,
    FunctionCall,
    FunctionCallOutput,
    FunctionToolCall,
    Tool,
    ToolChoice,
    ToolContext,
)
from livekit.agents.utils import is_given

from local_agent.engines.llama.tool_calls import MOST_CALLS, Call, Choice, ToolCallParser, grammar
from local_agent.engines.llama.types import CallGrammar, Sampling

# Shares of the first token's probability from which on a reply is calls (docs/decisions/function-calls.md): of a
# request, and once there are results.
INCLINED, AGAIN = 0.1, 0.5
CALL_ROOM = 160  # tokens for calls, beside those for what is said
FIRST = ("type", "description")  # of a JSON schema's keys
NAMES = ("properties", "$defs", "definitions")  # whose own keys are names
UNTOLD = ("title", "$schema")


@dataclass(frozen=True)
class Toolbox:
    """The functions of one reply. schemas: in OpenAI's form, none for a conversation without functions. made: calls of
    this turn whose results the model has; none is made again. bound: the grammar holds for every model. answer: schema
    of JSON that the reply is in place of words, for every model.
    """

    schemas: Sequence[dict[str, Any]] = ()
    choice: Choice = field(default_factory=Choice)
    made: Sequence[Call] = ()
    bound: bool = False
    answer: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        return bool(self.schemas)

    def grammar(self, *, own_calls: bool = False) -> str | None:
        """GBNF of the reply, None for words without functions. Raises BadInput.

        own_calls: the model was trained on another form, and is bound to this one only where it must call, or where a
        reply in its own words has failed.
        """
        if not self.schemas and self.answer is None:
            return None
        written = grammar(self.schemas, self.choice, self.answer)
        bound = not own_calls or self.choice.mode == "required" or self.bound or self.answer is not None
        return written if bound else None

    def calls(self, *, own_calls: bool = False) -> CallGrammar | None:
        """When a reply is nothing but calls, None where the grammar says so, or a model calls in a form of its own."""
        if own_calls or not self.schemas or self.choice.mode != "auto" or self.answer is not None:
            return None
        return CallGrammar(
            grammar(self.schemas, replace(self.choice, mode="required")), AGAIN if self.made else INCLINED
        )

    @property
    def callable(self) -> bool:
        """Whether a reply may have calls."""
        return bool(self.schemas) and self.choice.mode != "none"

    def only(self, name: str) -> Toolbox:
        """One call, of this function."""
        return replace(self, choice=Choice("required", name, parallel=False), bound=True)

    def closed(self) -> Toolbox:
        """The model knows the functions, and answers in words."""
        return replace(self, choice=Choice("none"), bound=True)

    def sampling(self, sampling: Sampling) -> Sampling:
        """The same with room for calls where any are possible."""
        if not self.callable:
            return sampling
        return replace(sampling, max_tokens=sampling.max_tokens + CALL_ROOM)


def schemas(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """In OpenAI's form. Tools that only a provider's cloud could run are left out."""
    if not tools:
        return []
    return [_brief(one) for one in ToolContext(list(tools)).parse_function_tools("openai", strict=False)]


def _brief(tool: dict[str, Any]) -> dict[str, Any]:
    """As models saw them in training: in the usual order, and without pydantic's titles, which say the names again (107
    of the 587 tokens of six functions).
    """
    told = dict(tool["function"])
    if "description" in told:
        told["description"] = str(told["description"] or "").strip()
    if isinstance(told.get("parameters"), dict):
        told["parameters"] = untitled(told["parameters"])
    return {**tool, "function": told}


def untitled(schema: Any) -> Any:
    """A JSON schema without pydantic's titles, type and description first."""
    if isinstance(schema, list):
        return [untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {key: schema[key] for key in FIRST if key in schema}
    for key, value in schema.items():
        if key in NAMES and isinstance(value, dict):
            made[key] = {name: untitled(one) for name, one in value.items()}
        elif key not in UNTOLD or not isinstance(value, str):
            made[key] = value if key in ("default", "enum", "const", "examples") else untitled(value)
    return made


def toolbox(
    tools: Sequence[Tool],
    tool_choice: NotGivenOr[ToolChoice],
    parallel_tool_calls: NotGivenOr[bool],
    chat_ctx: ChatContext | None = None,
) -> Toolbox:
    """What a session passes to `chat()`, as the engine takes it."""
    known, made = schemas(tools), answered(chat_ctx) if chat_ctx is not None else ()
    parallel = parallel_tool_calls if is_given(parallel_tool_calls) else True
    if is_given(tool_choice) and isinstance(tool_choice, dict):
        return Toolbox(known, Choice("required", tool_choice["function"]["name"], parallel), made)
    return Toolbox(
        known, Choice(tool_choice if is_given(tool_choice) and tool_choice else "auto", None, parallel), made
    )


def answered(chat_ctx: ChatContext) -> list[Call]:
    """The calls since somebody spoke last whose results are there, but not told yet."""
    calls: dict[str, Call] = {}
    results: set[str] = set()
    for item in reversed(chat_ctx.items):
        if isinstance(item, FunctionCallOutput):
            results.add(item.call_id)
        elif isinstance(item, FunctionCall) and item.call_id in results:
            calls[item.call_id] = Call(item.name, item.arguments)
        elif isinstance(item, ChatMessage) and (item.role == "user" or (item.role == "assistant" and not results)):
            break
    return [*reversed(calls.values())]


class Calls:
    """Takes calls out of a reply's text, wanted or not: none is ever spoken, and none is made that may not be."""

    def __init__(self, box: Toolbox) -> None:
        most = MOST_CALLS if box.choice.parallel else 1
        self._reader, self._box = ToolCallParser(box.schemas, trims=bool(box), made=box.made, most=most), box
        self._answers = box.answer is not None  # in JSON, unless a call's mark comes first
        self._begun = False

    def push(self, piece: str) -> tuple[str, list[FunctionToolCall]]:
        """What may be said of a piece of text, and the calls that are complete with it, each with an id of its own."""
        if self._answers:
            self._answers = not piece.lstrip().startswith("<") or self._begun
            self._begun = self._begun or bool(piece.strip())
            if self._answers:
                return piece, []
        text, calls = self._reader.push(piece)
        return text, self._made(calls)

    def rest(self) -> tuple[str, list[FunctionToolCall]]:
        """At the end of the reply: what was held back in vain, and the calls that end with it."""
        text, calls = self._reader.rest()
        return text, self._made(calls)

    @property
    def over(self) -> bool:
        """Calls were made, and what comes behind them will never be heard."""
        return self._box.callable and bool(self._reader.calls) and self._reader.over

    @property
    def unmade(self) -> bool:
        """At the end of the reply: a call broke off, can't be read or does not fit, and none is made."""
        reader = self._reader
        return self._box.callable and not reader.calls and bool(reader.unfit or reader.unreadable)

    @property
    def repeated(self) -> bool:
        """A call that was made before was written again, and no other."""
        return self._box.callable and not self._reader.calls and self._reader.repeated

    @property
    def again(self) -> Toolbox:
        """What the model is asked again with: for the call that it could not write, once; else for words."""
        unfit, choice = self._reader.unfit, self._box.choice
        if unfit is None or self._box.bound or choice.name not in (None, unfit):
            return self._box.closed()
        return self._box.only(unfit)

    def _made(self, calls: list[Call]) -> list[FunctionToolCall]:
        if not self._box.callable:
            return []
        return [
            FunctionToolCall(name=call.name, arguments=call.arguments, call_id=f"call-{uuid.uuid4().hex[:12]}")
            for call in calls
        ]

"""Function tools between livekit-agents and the language model: schemas in, complete calls out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livekit.agents import NotGivenOr
from livekit.agents.llm import FunctionToolCall, Tool, ToolChoice, ToolContext
from livekit.agents.utils import is_given

from local_agent.engines.llama.tool_calls import Call, Choice, ToolCallParser, grammar
from local_agent.engines.llama.types import Sampling

CALL_ROOM = 160  # tokens for calls, beside those for what is said


@dataclass(frozen=True)
class Toolbox:
    """The functions of one reply. schemas: in OpenAI's form, none for a conversation without functions."""

    schemas: Sequence[dict[str, Any]] = ()
    choice: Choice = field(default_factory=Choice)

    def __bool__(self) -> bool:
        return bool(self.schemas)

    def grammar(self, *, own_calls: bool = False) -> str | None:
        """GBNF of the reply, None without functions. Raises BadInput.

        own_calls: the model was trained on another form, and is bound to this one only where it must call.
        """
        if not self.schemas:
            return None
        bound = grammar(self.schemas, self.choice)
        return None if own_calls and self.choice.mode != "required" else bound

    def sampling(self, sampling: Sampling) -> Sampling:
        """The same with room for calls where any are possible."""
        if not self.schemas or self.choice.mode == "none":
            return sampling
        return replace(sampling, max_tokens=sampling.max_tokens + CALL_ROOM)


def schemas(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """In OpenAI's form. Tools that only a provider's cloud could run are left out."""
    return ToolContext(list(tools)).parse_function_tools("openai", strict=False) if tools else []


def toolbox(
    tools: Sequence[Tool], tool_choice: NotGivenOr[ToolChoice], parallel_tool_calls: NotGivenOr[bool]
) -> Toolbox:
    """What a session passes to `chat()`, as the engine takes it."""
    known = schemas(tools)
    parallel = parallel_tool_calls if is_given(parallel_tool_calls) else True
    if is_given(tool_choice) and isinstance(tool_choice, dict):
        return Toolbox(known, Choice("required", tool_choice["function"]["name"], parallel))
    return Toolbox(known, Choice(tool_choice if is_given(tool_choice) and tool_choice else "auto", None, parallel))


class Calls:
    """Takes calls out of a reply's text, wanted or not: none is ever spoken, and none is made that may not be."""

    def __init__(self, box: Toolbox) -> None:
        self._reader, self._box = ToolCallParser(box.schemas, trims=bool(box)), box

    def push(self, piece: str) -> tuple[str, list[FunctionToolCall]]:
        """What may be said of a piece of text, and the calls that are complete with it, each with an id of its own."""
        text, calls = self._reader.push(piece)
        return text, self._made(calls)

    def rest(self) -> tuple[str, list[FunctionToolCall]]:
        """At the end of the reply: what was held back in vain, and the calls that end with it."""
        text, calls = self._reader.rest()
        return text, self._made(calls)

    @property
    def finished(self) -> bool:
        """At the end of the reply: False when it broke off within a call that it might make."""
        return not self._callable or self._reader.finish()

    @property
    def _callable(self) -> bool:
        return bool(self._box) and self._box.choice.mode != "none"

    def _made(self, calls: list[Call]) -> list[FunctionToolCall]:
        if not self._callable:
            return []
        return [
            FunctionToolCall(name=call.name, arguments=call.arguments, call_id=f"call-{uuid.uuid4().hex[:12]}")
            for call in calls
        ]

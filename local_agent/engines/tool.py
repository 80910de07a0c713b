"""Functions that a model may call: what it is allowed to write, and how its words are told from its calls.

A reply is text, calls, or text and then calls. The grammar keeps "<" out of the text, so that the first one begins a
call: text can be spoken as it comes, and nothing of a call ever is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from local_agent.engines.schema import Rules, Schema, literal
from local_agent.errors import BadInput

OPEN, CLOSE = "<tool_call>\n", "\n</tool_call>"
"""What Qwen, Hermes and many others were trained with; other models are told (engines/template.py)."""
MOST_CALLS = 4  # in one reply
_TEXT = r"[^<{[`\x00-\x1f] [^<]*"  # JSON and code are not for the ear, and would be a call in another model's dialect


@dataclass(frozen=True)
class Choice:
    """mode: whether the model decides, must not or must call. name: the only function it may call. parallel: whether
    one reply may have several calls.
    """

    mode: Literal["auto", "none", "required"] = "auto"
    name: str | None = None
    parallel: bool = True


DEFAULT = Choice()


@dataclass(frozen=True)
class Call:
    """arguments: JSON, an object."""

    name: str
    arguments: str


def function(tool: Schema) -> tuple[str, Schema]:
    """Name and parameters of a function in OpenAI's form. Raises BadInput when it is in another."""
    described = tool.get("function")
    if not isinstance(described, dict) or not described.get("name"):
        raise BadInput("a tool has no function with a name", expected="a function's schema in OpenAI's form")
    return str(described["name"]), described.get("parameters") or {"type": "object", "properties": {}}


def grammar(tools: Sequence[Schema], choice: Choice = DEFAULT) -> str:
    """GBNF of a reply. Raises BadInput for a schema that cannot be understood, or a function that does not exist."""
    known = dict(map(function, tools))
    if choice.mode == "none" or not known:
        return f"root ::= {_TEXT}"
    if choice.name is not None and choice.name not in known:
        raise BadInput(
            f"the function {choice.name} was to be called", expected=f"one of {', '.join(known)}", fix="pass it along"
        )
    names = known if choice.name is None else [choice.name]
    rules = Rules()
    calls = [
        rules.add(f"call-{name}", f"{literal(_head(name))} {rules.schema(known[name], f'args-{name}')} {literal('}')}")
        for name in names
    ]
    call = rules.add("call", f"{literal(OPEN)} ({' | '.join(calls)}) {literal(CLOSE)}")
    several = f"{call} ({literal(chr(10))} {call}){{0,{MOST_CALLS - 1}}}" if choice.parallel else call
    wanted = rules.add("calls", several)
    text = rules.add("text", _TEXT)
    root = wanted if choice.mode == "required" else f"{wanted} | {text} {wanted}?"
    return f"root ::= {root}\n{rules.text()}"


def _head(name: str) -> str:
    return f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": '


@dataclass
class Reader:
    """Takes a reply apart while it is written. calls: how many came. A call that was made already in this reply is
    left out: small models repeat themselves, and nobody wants the lamp switched twice.
    """

    calls: list[Call] = field(default_factory=list)
    _held: str = ""
    _calling: bool = False

    def push(self, piece: str) -> tuple[str, list[Call]]:
        """The text that may be spoken after this piece, and the calls that are complete with it."""
        if not self._calling:
            text, mark, rest = (self._held + piece).partition("<")
            if not mark:
                kept = len(text.rstrip())
                self._held = text[kept:]  # white space before a call belongs to the call
                return text[:kept], []
            self._calling, self._held, text = True, "<" + rest, text.rstrip()
            return text, self._complete()
        self._held += piece
        return "", self._complete()

    def finish(self) -> bool:
        """Whether nothing is left over: False when the last call was cut off."""
        return not self._calling or not self._held.strip()

    def _complete(self) -> list[Call]:
        found: list[Call] = []
        while CLOSE in self._held:
            start = self._held.find("{")
            try:
                value, end = json.JSONDecoder().raw_decode(self._held, max(start, 0))
            except ValueError:
                break  # the mark of the end was part of a text in the arguments
            if not self._held.startswith(CLOSE, end):
                break
            self._held = self._held[end + len(CLOSE) :]
            call = _call(value)
            if call not in self.calls:
                self.calls.append(call)
                found.append(call)
        return found


def _call(value: Any) -> Call:
    return Call(str(value["name"]), json.dumps(value["arguments"], ensure_ascii=False))

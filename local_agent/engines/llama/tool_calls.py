"""Functions that a model may call: what it is allowed to write. What it wrote is read in
engines/llama/tool_call_parser.py.

A reply is text, calls, or text and then calls. The grammar keeps "<" out of the text, so that the first one begins a
call whose name and arguments are right. It leaves fences alone: they may hold any code, and many models call in one;
kept from it, they say that they did what they did not do. Where nothing may be called, there are words only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from local_agent.engines.llama.json_grammar import Rules, Schema, literal
from local_agent.engines.llama.tool_call_dialects import CLOSE, OPEN, Call, function
from local_agent.engines.llama.tool_call_parser import MOST_CALLS, ToolCallParser
from local_agent.errors import BadInput

__all__ = ["CLOSE", "MOST_CALLS", "OPEN", "Call", "Choice", "ToolCallParser", "function", "grammar"]

_TEXT = r"[^<{[\x00-\x1f] [^<]*"
_WORDS = r"[^<{[`\x00-\x1f] [^<{`]*"


@dataclass(frozen=True)
class Choice:
    """mode: whether the model decides, must not or must call. name: the only function it may call. parallel: whether
    one reply may have several calls.
    """

    mode: Literal["auto", "none", "required"] = "auto"
    name: str | None = None
    parallel: bool = True


DEFAULT = Choice()


def grammar(tools: Sequence[Schema], choice: Choice = DEFAULT, answer: Schema | None = None) -> str:
    """GBNF of a reply. answer: of JSON that takes the place of words. Raises BadInput for a schema that cannot be
    understood, or a function that does not exist.
    """
    known, rules = dict(map(function, tools)), Rules()
    written = None if answer is None else rules.schema(answer, "answer")
    if choice.mode == "none" or not known:
        return f"root ::= {_WORDS}" if written is None else f"root ::= {written}\n{rules.text()}"
    if choice.name is not None and choice.name not in known:
        raise BadInput(
            f"the function {choice.name} was to be called", expected=f"one of {', '.join(known)}", fix="pass it along"
        )
    names = known if choice.name is None else [choice.name]
    calls = [
        rules.add(f"call-{name}", f"{literal(_head(name))} {rules.schema(known[name], f'args-{name}')} {literal('}')}")
        for name in names
    ]
    call = rules.add("call", f"{literal(OPEN)} ({' | '.join(calls)}) {literal(CLOSE)}")
    several = f"{call} ({literal(chr(10))} {call}){{0,{MOST_CALLS - 1}}}" if choice.parallel else call
    wanted = rules.add("calls", several)
    words = written or f"{rules.add('text', _TEXT)} {wanted}?"
    root = wanted if choice.mode == "required" else f"{wanted} | {words}"
    return f"root ::= {root}\n{rules.text()}"


def _head(name: str) -> str:
    return f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": '

"""Calls in what a model wrote, in whatever dialect it learned.

Our grammar (engines/llama/tool_calls.py) binds most models to one form. Those that were trained on another are left to
it, as they call better in their own words: JSON behind a mark, a name and its arguments, tags for each argument,
Python. What of a reply is a call is told in engines/llama/tool_call_parser.py.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_agent.engines.llama.json_grammar import Schema
from local_agent.engines.llama.json_text import value_at
from local_agent.errors import BadInput

OPEN, CLOSE = "<tool_call>\n", "\n</tool_call>"
"""What Qwen, Hermes and many others were trained with, and what our grammar writes."""
_TAGGED = re.compile(
    r"<(?:param|parameter|arg_key)(?:=|\s+name=\"|>)\s*([\w.-]+?)\s*(?:\"[^>]*>|</arg_key>|>)\s*(?:<arg_value>)?"
    r"(.*?)\s*</(?:param|parameter|arg_value)>",
    re.DOTALL,
)
_NAMESPACE = re.compile(r"(</?)(?:[|｜]\w+[|｜]|\w+:)(?=\w)")
_JSON = re.compile(r"[\[{]")
_QUOTE = '<|"|>'  # Gemma's


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


def written_in(text: str, known: Mapping[str, Schema]) -> list[Call]:
    """All that is written as a call is, of known functions or not. known: name -> parameters."""
    found: list[Call] = []
    for read in (_as_json, _as_tags, _as_braces, _as_python):
        for call in read(text, known):
            call = Call(known_name(call.name, known) or call.name, call.arguments)
            if call not in found:
                found.append(call)
        if found:
            break
    return found


def known_name(name: str, known: Collection[str]) -> str | None:
    """The function that a name means: setTimer and set-timer are set_timer, where no other function is alike."""
    if name in known:
        return name
    alike = [one for one in known if _letters(one) == _letters(name)]
    return alike[0] if len(alike) == 1 else None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def last_named(text: str, known: Collection[str]) -> str | None:
    """The function that was named last in a text; with none known, behind a mark that names one."""
    if known:
        names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        found = re.findall(rf"(?<![\w-])({names})(?![\w-])", text)
    else:
        found = re.findall(r"(?:to=|functions\.|function=|\[TOOL_CALLS\]\s*|call:)([\w.-]+)", text)
    return found[-1].removeprefix("functions.") if found else None


def _as_json(text: str, known: Mapping[str, Schema]) -> Iterator[Call]:
    """Objects with a name and arguments, alone or in lists; or a known name and its arguments behind it."""
    at = since = 0
    while (found := _JSON.search(text, at)) is not None:
        read = value_at(text, found.start())
        if read is None:
            at = found.end()
            continue
        value, end = read
        told = [_told(one, known) for one in (value if isinstance(value, list) else [value])]
        if any(told):
            yield from (call for call in told if call is not None)
        elif isinstance(value, dict) and (name := last_named(text[since : found.start()], known)):
            yield Call(name, json.dumps(value, ensure_ascii=False))
        at = since = end


def _told(value: Any, known: Mapping[str, Schema]) -> Call | None:
    """What an object says, None where it is no call."""
    if not isinstance(value, Mapping):
        return None
    inner: Mapping[str, Any] = value["function"] if isinstance(value.get("function"), Mapping) else value
    named = next((key for key in ("name", "tool_name", "function") if isinstance(inner.get(key), str)), None)
    given = next((inner[key] for key in ("arguments", "parameters", "args") if key in inner), None)
    if isinstance(given, str):
        try:
            given = json.loads(given or "{}")
        except ValueError:
            return None
    if named is None or not isinstance(given, Mapping):
        return _told_shorter(value, named, known) if given is None else None
    return Call(inner[named].removeprefix("functions."), json.dumps(given, ensure_ascii=False))


def _told_shorter(value: Mapping[str, Any], named: str | None, known: Mapping[str, Schema]) -> Call | None:
    """A known function with its arguments beside its name, or behind it as the only key."""
    if named is not None:
        name, rest = known_name(str(value.get(named, "")), known), {k: v for k, v in value.items() if k != named}
        if name is not None and named not in known[name].get("properties", {}):
            return Call(name, json.dumps(rest, ensure_ascii=False))
        return None
    (key, given), *more = value.items() or [("", None)]
    name = known_name(key, known)
    if name is None or more or not isinstance(given, Mapping):
        return None
    return Call(name, json.dumps(given, ensure_ascii=False))


def _as_tags(text: str, known: Mapping[str, Schema]) -> Iterator[Call]:
    """A name, then a tag for each argument, as Qwen's coder models and GLM write."""
    text = _NAMESPACE.sub(r"\1", text)
    opener = r"<(?:function=|function name=\"|invoke name=\"|tool_call>\s*(?!<))([\w.-]+)"
    starts = [(found.start(), found[1]) for found in re.finditer(opener, text)]
    for number, (start, name) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(text)
        properties = known.get(name, {}).get("properties", {})
        given = {key: _typed(value, properties.get(key)) for key, value in _TAGGED.findall(text[start:end])}
        if re.search(r"</(?:function|invoke|tool_call)>", text[start:end]):  # else it broke off
            yield Call(name, json.dumps(given, ensure_ascii=False))


def _typed(value: str, schema: Any) -> Any:
    """Tags hold bare text; a schema tells whether it is one."""
    if isinstance(schema, Mapping) and schema.get("type") == "string":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(value, value)


def _as_braces(text: str, known: Mapping[str, Schema]) -> Iterator[Call]:
    """call:name{key:value}, with texts in quotation marks of their own, as Gemma writes."""
    parts = text.split(_QUOTE)
    for number in range(1, len(parts), 2):
        parts[number] = json.dumps(parts[number], ensure_ascii=False)
    for number in range(0, len(parts), 2):
        parts[number] = re.sub(r"([{,]\s*)([\w-]+)\s*:", r'\1"\2":', parts[number])
    spelled = "".join(parts)
    for found in re.finditer(r"call:([\w.-]+)\s*(?=\{)", spelled):
        try:
            given, _ = json.JSONDecoder().raw_decode(spelled, found.end())
        except ValueError:
            continue
        yield Call(found[1], json.dumps(given, ensure_ascii=False))


def _as_python(text: str, known: Mapping[str, Schema]) -> Iterator[Call]:
    """[name(key=value)], as LFM2 and others write, or one call a line."""
    inner = re.sub(r"<[^<>]*>|`+(?:python|py)?", "", text).strip()
    try:
        lines = ast.parse(inner).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    nodes = [line.value if isinstance(line, ast.Expr) else line for line in lines]
    for node in nodes[0].elts if len(nodes) == 1 and isinstance(nodes[0], ast.List) else nodes:
        if not isinstance(node, ast.Call) or not all(word.arg for word in node.keywords):
            return
        name = ast.unparse(node.func)
        order = known.get(known_name(name, known) or "", {}).get("properties", {})
        if len(node.args) > len(order) or (known and known_name(name, known) is None):
            return  # a program
        try:
            given = dict(zip(order, map(ast.literal_eval, node.args), strict=False))
            given |= {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
            yield Call(name, json.dumps(given, ensure_ascii=False))
        except (ValueError, TypeError):
            return

"""How a model that was never trained on function calls learns to make them: a list, and a few turns to follow.

Told only, SmolLM2-135M calls nothing and writes code instead. Shown a call of each function, its result and a greeting
as turns of the conversation, it made the right call on 25 of 31 everyday requests, with one to five functions at hand,
none on 32 of 36 that wanted none, and read results out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local_agent.engines.llama.json_grammar import Schema
from local_agent.engines.llama.tool_calls import CLOSE, OPEN, function

SHOWN = 5  # functions of which a call is shown: each costs about 60 tokens of prompt
HOW = f'To call one, answer only with\n{OPEN}{{"name": <function-name>, "arguments": <arguments-object>}}{CLOSE}'
_SAMPLES = {"integer": 5, "number": 1.5, "boolean": True, "null": None}
_DATES = {"date": "2025-01-31", "time": "18:30", "date-time": "2025-01-31T18:30"}


def listed(tools: Sequence[Schema]) -> str:
    """The functions, for the system message."""
    return "You can call these functions:\n" + "\n".join(map(_line, tools)) + f"\n{HOW}"


def shown(tools: Sequence[Schema]) -> list[dict[str, Any]]:
    """Turns that show a call of each function, its result, and that not everything is a call.

    The calls come last, and one function is shown twice: a small model leans to what it saw last.
    """
    turns = _exchange("Hello.", "Hello, how can I help you?")
    for at, tool in enumerate((*tools, *tools) if len(tools) == 1 else tools[:SHOWN]):
        name, parameters = function(tool)
        wanted = _about(tool) or f"Please {name.replace('_', ' ')}."
        turns += _exchange(wanted, spelled(name, sample(parameters, name, parameters)))
        turns += _exchange(response("done"), "It is done.")
        turns += _exchange("Thank you.", "You're welcome.") if at == 0 else []
    return turns


def exchange(tools: Sequence[Schema]) -> list[dict[str, Any]]:
    """Turns that show one call, its result told in words, and that not everything is a call, for a small model that was
    trained on calls: it makes them in a form of its own, and again and again, until it has seen one.
    """
    name, parameters = function(tools[0])
    call = {"name": name, "arguments": sample(parameters, name, parameters)}
    return [
        *_exchange("Hello.", "Hello, how can I help you?"),
        {"role": "user", "content": _about(tools[0]) or f"Please {name.replace('_', ' ')}."},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "shown", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "shown", "name": name, "content": "done"},
        {"role": "assistant", "content": "It is done."},
        *_exchange("Thank you.", "You're welcome."),
    ]


def spelled(name: str, arguments: Any) -> str:
    """A call as it stands in a conversation."""
    return OPEN + json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False) + CLOSE


def response(content: str) -> str:
    """A function's result as it stands in a conversation."""
    return f"<tool_response>\n{content}\n</tool_response>"


def sample(schema: Any, name: str, root: Schema, depth: int = 0) -> Any:
    """A value that the schema accepts, as far as types, ranges and choices say."""
    if not isinstance(schema, Mapping) or depth > 6:
        return name
    for key in ("examples", "enum", "prefixItems"):
        if schema.get(key):
            values = schema[key]
            return [sample(one, name, root, depth + 1) for one in values] if key == "prefixItems" else values[0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "$ref" in schema:
        return sample(_target(str(schema["$ref"]), root), name, root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return sample(schema[key][0], name, root, depth + 1)
    kind = schema.get("type") if isinstance(schema.get("type"), str) else next(iter(schema.get("type") or ()), None)
    if kind == "object" or "properties" in schema:
        wanted = schema.get("required", ())
        return {
            key: sample(one, key, root, depth + 1) for key, one in schema.get("properties", {}).items() if key in wanted
        }
    if kind == "array":
        return [sample(schema.get("items", {}), name, root, depth + 1)] * max(1, schema.get("minItems", 1))
    if kind in ("integer", "number"):
        value = max(_SAMPLES[kind] or 0, schema.get("minimum", 0))
        return min(value, schema.get("maximum", value))
    return _SAMPLES[kind] if kind in _SAMPLES else _DATES.get(str(schema.get("format")), name.replace("_", " "))


def _exchange(user: str, assistant: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]


def _line(tool: Schema) -> str:
    name, parameters = function(tool)
    required = parameters.get("required", ())
    given = ", ".join(
        f"{key}{'' if key in required else '?'}: {_type(one, parameters)}"
        for key, one in parameters.get("properties", {}).items()
    )
    return f"{name}({given}): {tool['function'].get('description') or name}"


def _type(schema: Any, root: Schema) -> str:
    """In few words: a small model reads `city: string` better than a schema, and all of it is read before a reply."""
    if not isinstance(schema, Mapping):
        return "any"
    if "$ref" in schema:
        return _type(_target(str(schema["$ref"]), root), root)
    about = f" ({schema['description']})" if schema.get("description") else ""
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"]) + about
    if "anyOf" in schema:
        return " | ".join(_type(one, root) for one in schema["anyOf"]) + about
    if schema.get("type") in ("object", "array"):
        inner = {key: value for key, value in schema.items() if key not in ("title", "description", "default")}
        return json.dumps(inner, ensure_ascii=False) + about
    return str(schema.get("type", "any")) + about


def _target(ref: str, root: Schema) -> Any:
    target: Any = root
    for step in ref.removeprefix("#").split("/")[1:]:
        target = target.get(step) if isinstance(target, Mapping) else None
    return target


def _about(tool: Schema) -> str:
    return str(tool["function"].get("description") or "").strip().split("\n")[0]

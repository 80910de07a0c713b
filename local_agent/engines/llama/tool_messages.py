"""Messages with calls and their results, in the forms that chat templates take them in."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

log = logging.getLogger(__name__)

Turn = dict[str, Any]

_BLOCKS = {"text", "image", "audio", "resource", "resource_link"}
_UNSEEN = {"image": "(an image)", "audio": "(a sound)"}


def result_text(content: str) -> str:
    """A function's result as words: what MCP servers answer arrives as JSON of content blocks (the types of the Model
    Context Protocol's CallToolResult), of which a model is told the text.
    """
    if not content.lstrip().startswith(("{", "[")):
        return content
    try:
        value = json.loads(content)
    except ValueError:
        return content
    blocks = value if isinstance(value, list) else [value]
    if not blocks or not all(isinstance(one, dict) and one.get("type") in _BLOCKS for one in blocks):
        return content
    told = [_block_text(one) for one in blocks]
    return content if None in told else "\n".join(filter(None, told))


def _block_text(block: Mapping[str, Any]) -> str | None:
    """The words of a content block; None for what only looks like one."""
    kind = block["type"]
    if kind == "text":
        return block["text"] if isinstance(block.get("text"), str) else None
    if kind == "resource":
        held = block.get("resource")
        return str(held.get("text") or f"(a file: {held.get('uri')})") if isinstance(held, Mapping) else None
    if kind == "resource_link":
        named = block.get("title") or block.get("name") or block.get("uri")
        return f"(a file: {named})" if named else None
    return _UNSEEN[kind] if "data" in block else None


def with_arguments_parsed(call: Mapping[str, Any]) -> dict[str, Any]:
    """Templates print arguments as JSON themselves; OpenAI's format carries them as text that is JSON already."""
    function = dict(call.get("function", {}))
    if isinstance(function.get("arguments"), str):
        try:
            function["arguments"] = json.loads(function["arguments"] or "{}")
        except ValueError:
            log.debug("the arguments of a tool call are not JSON; they are passed on as text")
    return {**call, "function": function}


def with_arguments_told(turns: Sequence[Turn]) -> list[Turn]:
    """For templates that print arguments as they are: JSON."""

    def told(call: Mapping[str, Any]) -> dict[str, Any]:
        function = call["function"]
        if isinstance(function.get("arguments"), str):
            return dict(call)
        return {**call, "function": {**function, "arguments": json.dumps(function.get("arguments", {}))}}

    return [{**turn, "tool_calls": list(map(told, turn["tool_calls"]))} if _calls(turn) else turn for turn in turns]


def numbered(turns: Sequence[Turn]) -> list[Turn]:
    """Calls by short names, nine letters and digits, as Mistral's templates demand; results say what was called."""
    known: dict[str, tuple[str, str]] = {}  # what a call was named -> its new name, the function's
    made: list[Turn] = []
    for turn in turns:
        if _calls(turn):
            calls = []
            for call in turn["tool_calls"]:
                short = f"call{len(known):05d}"
                known[str(call.get("id", short))] = short, str(call["function"].get("name"))
                calls.append({**call, "id": short})
            made.append({**turn, "tool_calls": calls})
        elif turn["role"] == "tool" and str(turn.get("tool_call_id")) in known:
            short, name = known[str(turn["tool_call_id"])]
            made.append({**turn, "tool_call_id": short, "name": name})
        else:
            made.append(turn)
    return made


def in_order(turns: Sequence[Turn]) -> list[Turn]:
    """Without results whose call is not there any more, and calls whose result is not there: many templates refuse
    both.
    """
    results = {turn.get("tool_call_id") for turn in turns if turn["role"] == "tool"}
    asked: set[Any] = set()
    made: list[Turn] = []
    for at, turn in enumerate(turns):
        if _calls(turn) and at < len(turns) - 1:
            calls = [call for call in turn["tool_calls"] if call["id"] in results]
            asked |= {call["id"] for call in calls}
            turn = {key: value for key, value in turn.items() if key != "tool_calls"}
            if calls:
                turn["tool_calls"] = calls
            elif not turn["content"]:
                continue
        elif turn["role"] == "tool" and turn.get("tool_call_id") not in asked:
            continue
        made.append(turn)
    return made


def one_by_one(turns: Sequence[Turn]) -> list[Turn]:
    """Each call in a message of its own with its result behind it, for templates that know one call at a time."""
    results = {turn.get("tool_call_id"): turn for turn in turns if turn["role"] == "tool"}
    made: list[Turn] = []
    for turn in turns:
        if _calls(turn) and len(turn["tool_calls"]) > 1:
            for number, call in enumerate(turn["tool_calls"]):
                made.append({**turn, "content": "" if number else turn["content"], "tool_calls": [call]})
                made.append(results.pop(call["id"]))
        elif turn["role"] == "tool":
            made += [results.pop(turn.get("tool_call_id"))] if turn.get("tool_call_id") in results else []
        else:
            made.append(turn)
    return made


def _calls(turn: Mapping[str, Any]) -> bool:
    return bool(turn.get("tool_calls"))

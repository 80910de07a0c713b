"""JSON in the midst of other text, and what small models write for it."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

_PAIRS = {"{": "}", "[": "]"}
_SPELLED = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)
_BEFORE_TEXT = "{[,:("  # a quotation mark begins a text behind one of these; elsewhere ' is an apostrophe


def balanced(text: str, start: int = 0) -> int | None:
    """Where the bracket that opens at `start` is closed: the index behind it; None while it is not, or where another
    bracket closes first. Brackets within texts do not count.
    """
    open_, at = [_PAIRS[text[start]]], start + 1
    before = text[start]
    while at < len(text):
        sign = text[at]
        if sign == '"' or (sign == "'" and before in _BEFORE_TEXT):
            end = _text_end(text, at)
            if end is None:
                return None
            at, before = end, sign
            continue
        if sign in _PAIRS:
            open_.append(_PAIRS[sign])
        elif sign in "}]":
            if open_.pop() != sign:
                return None
            if not open_:
                return at + 1
        before = before if sign.isspace() else sign
        at += 1
    return None


def _text_end(text: str, start: int) -> int | None:
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == text[start]:
            return at + 1
        at += 1
    return None


def value_at(text: str, start: int) -> tuple[Any, int] | None:
    """The value that begins at a bracket, and the index behind it; None where there is none.

    A comma too many, single quotation marks and braces twice, as in Python's templates, are read, too: they can mean
    one thing only.
    """
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        end = balanced(text, start)
    if end is None:
        return None
    written = text[start:end]
    if written.startswith("{{"):
        written = written.replace("{{", "{").replace("}}", "}")
    try:
        return json.loads(_SPELLED.sub(lambda found: "" if found[0] == "," else found[0], written)), end
    except ValueError:
        value = _python(written)
    return None if value is None else (value, end)


def _python(written: str) -> Any:
    """What a literal of Python says that JSON could say, too; None where it is none."""
    try:
        value = ast.literal_eval(written)
        json.dumps(value, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, dict | list) else None

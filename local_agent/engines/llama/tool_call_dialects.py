"""Calls in a reply's text, in whatever dialect a model learned: none of them is ever spoken.

Our grammar (engines/llama/tool_calls.py) binds most models to one form. Those that were trained on another are left to
it, as they call better in their own words: JSON behind a mark, a name and its arguments, tags for each argument,
Python.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_agent.engines.llama.json_grammar import Schema
from local_agent.errors import BadInput

OPEN, CLOSE = "<tool_call>\n", "\n</tool_call>"
"""What Qwen, Hermes and many others were trained with, and what our grammar writes."""
_OPENER = re.compile(
    r"<[|｜]?[\w:▁|｜-]*(?:tool|function|action|invoke|python_tag)[\w▁=.:\"|｜ -]*>|<\|tool_call>"
    r"|<\|channel\|>[^<]*to=|\[TOOL_CALLS\]",
    re.IGNORECASE,
)
_MARK = re.compile(r"[<\[]")
_UNFINISHED = re.compile(r"<[^\s>]{0,48}|<(?:invoke|function)\s[^>]{0,80}|<\|channel\|>[^<]{0,80}")
_BARE = re.compile(r"\s*(?:```(?:json|python)?\s*)?(?:\{|\[\s*(?:\{|[\w.]+\())")  # begins a call, or nothing to be said
_BARELY = re.compile(r"\s*(?:`{1,3}[a-z]*\s*)?(?:\[\s*[\w.]*)?")  # may become such a beginning
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


@dataclass
class ToolCallParser:
    """Takes a reply apart while it is written.

    functions: what may be called, in OpenAI's form; with none, whatever looks like a call is one. trims: white space is
    held until it is known what follows. calls: how many came. A call that was made already in this reply is left out:
    small models repeat themselves, and nobody wants the lamp switched twice.
    """

    functions: Sequence[Schema] = ()
    trims: bool = True
    calls: list[Call] = field(default_factory=list)
    _held: str = ""
    _calling: bool = False
    _begun: bool = False

    def push(self, piece: str) -> tuple[str, list[Call]]:
        """The text that may be spoken after this piece, and the calls that are complete with it."""
        self._held += piece
        if self._calling:
            return "", self._complete()
        if self.functions and not self._begun and _BARE.match(self._held):
            self._calling = True
            return "", []
        if self.functions and not self._begun and _BARELY.fullmatch(self._held):
            return "", []
        return self._speech()

    def rest(self) -> tuple[str, list[Call]]:
        """At the end of the reply: text that was held back in vain, and calls that end with it."""
        if not self._calling:
            held, self._held = self._held, ""
            return held.rstrip(), []
        cut = self._held.startswith("<tool_call>") and "</tool_call>" not in self._held
        found = [call for call in calls_in(self._held, self.functions) if not cut and call not in self.calls]
        self.calls += found
        if found or (self.calls and not _substance(self._held)):
            self._held = ""
        return "", found

    def finish(self) -> bool:
        """Whether nothing is left over: False when a call broke off, or cannot be read."""
        return not self._calling or not self._held.strip()

    def _speech(self) -> tuple[str, list[Call]]:
        opener = _OPENER.search(self._held)
        if opener is not None:
            text, self._held, self._calling = self._held[: opener.start()].rstrip(), self._held[opener.start() :], True
            return text, self._complete()
        keep = next((m.start() for m in _MARK.finditer(self._held) if _unfinished(self._held[m.start() :])), None)
        ready = self._held[:keep]
        ready = ready.rstrip() if self.trims else ready  # white space before a call belongs to the call
        self._held = self._held[len(ready) :]
        self._begun = self._begun or bool(ready)
        return ready, []

    def _complete(self) -> list[Call]:
        """Calls in our own form, as soon as they are closed."""
        found: list[Call] = []
        while CLOSE in self._held:
            start = self._held.find("{")
            try:
                value, end = json.JSONDecoder().raw_decode(self._held, max(start, 0))
            except ValueError:
                break  # the mark of the end was part of a text in the arguments, or it is another dialect
            if not self._held.startswith(CLOSE, end) or not isinstance(value, dict):
                break
            call = _told(value)
            if call is None:
                break
            self._held = self._held[end + len(CLOSE) :]
            if call not in self.calls:
                self.calls.append(call)
                found.append(call)
        return found


def calls_in(text: str, functions: Sequence[Schema] = ()) -> list[Call]:
    """The calls in what a model wrote instead of speech, none where it cannot be read. Each comes once."""
    known = dict(map(function, functions))
    for read in (_as_json, _as_tags, _as_braces, _as_python):
        found: list[Call] = []
        for call in read(text, known):
            if call not in found and (not known or call.name in known):
                found.append(call)
        if found:
            return found
    return []


def _as_json(text: str, known: Mapping[str, Schema]) -> Iterator[Call]:
    """Objects with a name and arguments, alone or in lists; or a known name and its arguments behind it."""
    decoder, at, since = json.JSONDecoder(), 0, 0
    while (found := _JSON.search(text, at)) is not None:
        try:
            value, end = decoder.raw_decode(text, found.start())
        except ValueError:
            at = found.end()
            continue
        told = [_told(one) for one in (value if isinstance(value, list) else [value])]
        if any(told):
            yield from (call for call in told if call is not None)
        elif isinstance(value, dict) and (name := _last_name(text[since : found.start()], known)):
            yield Call(name, json.dumps(value, ensure_ascii=False))
        at = since = end


def _told(value: Any) -> Call | None:
    """What an object says, None where it is no call."""
    if not isinstance(value, Mapping):
        return None
    inner: Mapping[str, Any] = value["function"] if isinstance(value.get("function"), Mapping) else value
    name = next((inner[key] for key in ("name", "tool_name", "function") if isinstance(inner.get(key), str)), None)
    given = next((inner[key] for key in ("arguments", "parameters", "args") if key in inner), None)
    if isinstance(given, str):
        try:
            given = json.loads(given or "{}")
        except ValueError:
            return None
    if name is None or not isinstance(given, Mapping):
        return None
    return Call(name.removeprefix("functions."), json.dumps(given, ensure_ascii=False))


def _last_name(text: str, known: Mapping[str, Schema]) -> str | None:
    """The function that was named last in a text; with none known, behind a mark that names one."""
    if known:
        names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        found = re.findall(rf"(?<![\w-])({names})(?![\w-])", text)
    else:
        found = re.findall(r"(?:to=|functions\.|function=|\[TOOL_CALLS\]\s*|call:)([\w.-]+)", text)
    return found[-1].removeprefix("functions.") if found else None


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
    """[name(key=value)], as LFM2 and others write."""
    inner = re.sub(r"<[^<>]*>|```(?:python)?", "", text).strip()
    try:
        tree = ast.parse(inner, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body.elts if isinstance(tree.body, ast.List) else [tree.body]:
        if not isinstance(node, ast.Call) or node.args or not all(word.arg for word in node.keywords):
            return
        try:
            given = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
            yield Call(ast.unparse(node.func), json.dumps(given, ensure_ascii=False))
        except (ValueError, TypeError):
            return


def _substance(text: str) -> bool:
    """Whether more is left than marks that end a call."""
    return bool(re.sub(r"<[^<>]*>|\[/?[A-Z_]+\]|[\s\]`]", "", text))


def _unfinished(text: str) -> bool:
    """Whether a text may still become an opener."""
    return "[TOOL_CALLS]".startswith(text) or _UNFINISHED.fullmatch(text) is not None

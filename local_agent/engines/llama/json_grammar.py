"""From a JSON schema to grammar rules, so that a model can write nothing but values that the schema accepts.

llama-cpp-python brings a converter, too. It mixes up definitions of the same name in two schemas, leaves strings and
white space without a limit, which a small model fills, and lets control characters into strings, which no JSON has.
Here a value is spelled in one way only, the way `json.dumps` and chat templates spell it: so a call that is read back
as history costs nothing (sequence.aligned).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from local_agent.errors import BadInput

Schema = Mapping[str, Any]

LONGEST_TEXT = 240  # characters of a string without a maxLength: a small model that finds no end is stopped here
MOST_ITEMS = 16  # of an array without a maxItems, and of an object with free keys
FEW = 200  # integers of a range that are listed one by one

_PLAIN = {
    "char": r'[^"\\\x00-\x1f\x7f] | "\\" ["\\nt]',
    "whole": '"0" | [1-9] [0-9]{0,14}',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "string": rf'"\"" char{{0,{LONGEST_TEXT}}} "\""',
    "fraction": '"." ("0" | [0-9]{0,5} [1-9])',
    "value": 'object | array | string | "-"? whole fraction? | boolean | null',
    "object": f'"{{" (string ": " value (", " string ": " value){{0,{MOST_ITEMS - 1}}})? "}}"',
    "array": f'"[" (value (", " value){{0,{MOST_ITEMS - 1}}})? "]"',
}
_DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
_TIME = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] (":" [0-5] [0-9])?'
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME} "Z"?',
    "duration": '"P" ([1-9] [0-9]{0,3} "D" | "T" [1-9] [0-9]{0,4} [HMS])',
    "uuid": '[0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12}',
}


def literal(text: str) -> str:
    """A text as GBNF spells it."""
    escaped = "".join(rf"\x{ord(c):02x}" if ord(c) < 32 else rf"\{c}" if c in '"\\' else c for c in text)
    return f'"{escaped}"'


class Rules:
    """Grammar rules, collected. `text()` has them all, one a line."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = dict(_PLAIN)

    def add(self, name: str, rule: str) -> str:
        """The name under which the rule is known now; a rule of that name is not replaced."""
        clean = re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-") or "rule"
        free = clean
        number = 1
        while self._rules.get(free, rule) != rule:
            number += 1
            free = f"{clean}-{number}"
        self._rules[free] = rule
        return free

    def text(self) -> str:
        """GBNF."""
        return "\n".join(f"{name} ::= {rule}" for name, rule in self._rules.items())

    def schema(self, schema: Schema, name: str) -> str:
        """The name of the rule for values that `schema` accepts. Raises BadInput where it cannot be understood."""
        return self.add(name, _Writer(self, schema, name).rule(schema, name))

    def reserve(self, name: str) -> str:
        """A name that nothing else gets; its rule is set later."""
        return self.add(name, f"# {name} {len(self._rules)}")

    def settle(self, name: str, rule: str) -> None:
        """Set the rule of a reserved name."""
        self._rules[name] = rule


class _Writer:
    """Turns one schema into rules. root: where its `$ref`s point."""

    def __init__(self, rules: Rules, root: Schema, name: str) -> None:
        self._rules, self._root, self._name = rules, root, name
        self._refs: dict[str, str] = {}

    def rule(self, schema: Any, name: str) -> str:
        """The right side of a rule."""
        if schema is True or schema == {}:
            return "value"
        if not isinstance(schema, Mapping):
            raise BadInput(f"the schema of {self._name} has {schema!r} in it", expected="a JSON schema")
        if "$ref" in schema:
            return self._ref(str(schema["$ref"]))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._any(schema[key], name)
        if "allOf" in schema:
            return self.rule(self._together(schema), name)
        if "const" in schema:
            return _constant(schema["const"])
        if "enum" in schema:
            return " | ".join(_constant(value) for value in schema["enum"])
        kind = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else None)
        if isinstance(kind, Sequence) and not isinstance(kind, str):
            return self._any([{**schema, "type": one} for one in kind], name)
        return self._typed(kind, schema, name)

    def _typed(self, kind: str | None, schema: Schema, name: str) -> str:
        if kind == "object":
            return self._object(schema, name)
        if kind == "array":
            return self._array(schema, name)
        if kind == "string":
            return _string(schema)
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        if kind in ("boolean", "null"):
            return str(kind)
        if kind is None:
            return "value"
        raise BadInput(f"the schema of {self._name} has the type {kind!r}", expected="one of JSON's types")

    def _inner(self, schema: Any, name: str) -> str:
        return self._rules.add(name, self.rule(schema, name))

    def _any(self, schemas: Sequence[Any], name: str) -> str:
        return " | ".join(self._inner(one, f"{name}-{at}") for at, one in enumerate(schemas))

    def _ref(self, ref: str) -> str:
        if ref not in self._refs:
            target: Any = self._root
            for step in ref.removeprefix("#").split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                if not isinstance(target, Mapping) or step not in target:
                    raise BadInput(f"the schema of {self._name} refers to {ref}, which is not in it")
                target = target[step]
            name = f"{self._name}-{ref.rsplit('/', 1)[-1]}"
            self._refs[ref] = self._rules.reserve(name)
            self._rules.settle(self._refs[ref], self.rule(target, name))
        return self._refs[ref]

    def _together(self, schema: Schema) -> Schema:
        merged: dict[str, Any] = {}
        for part in (*schema["allOf"], {key: value for key, value in schema.items() if key != "allOf"}):
            if "$ref" in part and len(schema["allOf"]) == 1:
                return dict(part)  # pydantic's way to put a description beside a reference
            merged["properties"] = {**merged.get("properties", {}), **part.get("properties", {})}
            merged["required"] = [*merged.get("required", ()), *part.get("required", ())]
            merged = {**part, **{key: value for key, value in merged.items() if value}}
        return merged

    def _object(self, schema: Schema, name: str) -> str:
        properties = schema.get("properties") or {}
        extra = schema.get("additionalProperties")
        if not properties:
            if extra is False or (extra is None and "properties" in schema):
                return '"{}"'
            value = self._inner({} if extra in (None, True) else extra, f"{name}-value")
            return f'"{{" (string ": " {value} (", " string ": " {value}){{0,{MOST_ITEMS - 1}}})? "}}"'
        pairs = {
            key: f"{literal(json.dumps(key, ensure_ascii=False))} {literal(': ')} {self._inner(one, f'{name}-{key}')}"
            for key, one in properties.items()
        }
        required = [pairs[key] for key in properties if key in schema.get("required", ())]
        optional = [pairs[key] for key in properties if key not in schema.get("required", ())]
        comma = f" {literal(', ')} "
        if required:
            rest = "".join(f" ({literal(', ')} {pair})?" for pair in optional)
            return f'"{{" {comma.join(required)}{rest} "}}"'
        starts = (
            pair + "".join(f" ({literal(', ')} {later})?" for later in optional[at + 1 :])
            for at, pair in enumerate(optional)
        )
        return f'"{{" ({" | ".join(starts)})? "}}"'

    def _array(self, schema: Schema, name: str) -> str:
        fixed = schema.get("prefixItems")
        if fixed:
            items = f" {literal(', ')} ".join(self._inner(one, f"{name}-{at}") for at, one in enumerate(fixed))
            return f'"[" {items} "]"'
        item = self._inner(schema.get("items", {}), f"{name}-item")
        least = int(schema.get("minItems", 0))
        most = max(least, int(schema.get("maxItems", max(MOST_ITEMS, least))))
        if most == 0:
            return '"[]"'
        filled = f"{item} ({literal(', ')} {item}){{{max(least - 1, 0)},{most - 1}}}"
        return f'"[" {filled} "]"' if least else f'"[" ({filled})? "]"'


def _constant(value: Any) -> str:
    return literal(json.dumps(value, ensure_ascii=False))


def _string(schema: Schema) -> str:
    form = _FORMATS.get(str(schema.get("format")))
    if form:
        return rf'"\"" {form} "\""'
    least = int(schema.get("minLength", 0))
    most = max(least, int(schema.get("maxLength", max(LONGEST_TEXT, least))))
    return "string" if (least, most) == (0, LONGEST_TEXT) else rf'"\"" char{{{least},{min(most, 1000)}}} "\""'


def _number(schema: Schema, *, whole: bool) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if whole:
        if "exclusiveMinimum" in schema:
            low = int(schema["exclusiveMinimum"]) + 1
        if "exclusiveMaximum" in schema:
            high = int(schema["exclusiveMaximum"]) - 1
        if low is not None and high is not None and high - low < FEW:
            return " | ".join(literal(str(value)) for value in range(int(low), int(high) + 1))
    lowest = schema.get("exclusiveMinimum") if low is None else low
    sign = "" if lowest is not None and lowest >= 0 else '"-"? '
    return f"{sign}whole" if whole else f"{sign}whole fraction?"

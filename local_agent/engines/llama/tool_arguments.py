"""Whether the arguments of a call are what its function takes, and whether two calls are the same.

Our grammar lets a bound model write nothing else; whatever a model writes in its own words or in a fence is checked.
What is plainly meant is put right ("5" where a number is wanted), and nothing is made up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from local_agent.engines.llama.json_grammar import Schema

_TRUTH = {"true": True, "false": False}


class Unfit(ValueError):
    """A value that a schema does not take."""


def fitted(arguments: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The arguments as the schema of a function's parameters takes them. Raises Unfit."""
    value = _fit(dict(arguments), {"type": "object", **schema}, schema)
    assert isinstance(value, dict)
    return value


def alike(one: str, other: str, schema: Schema | None = None) -> bool:
    """Whether the arguments of two calls, JSON objects, are equal: 5 and 5.0 are, "Paris" and " paris", and a default
    is as good as given.
    """
    return bool(_folded(one, schema) == _folded(other, schema))


def _folded(arguments: str, schema: Schema | None) -> Any:
    try:
        given = json.loads(arguments or "{}")
    except ValueError:
        return arguments
    if isinstance(given, dict):
        properties = (schema or {}).get("properties") or {}
        usual = {key: one["default"] for key, one in properties.items() if _has_default(one)}
        given = {**usual, **{key: value for key, value in given.items() if value is not None}}
        given = {key: value for key, value in given.items() if value is not None}
    return _fold(given)


def _has_default(schema: Any) -> bool:
    return isinstance(schema, Mapping) and "default" in schema


def _fold(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    if isinstance(value, Mapping):
        return {key: _fold(one) for key, one in value.items()}
    return [_fold(one) for one in value] if isinstance(value, list) else value


def _fit(value: Any, schema: Any, root: Schema) -> Any:
    if schema is True or not isinstance(schema, Mapping):
        return value
    if "$ref" in schema:
        return _fit(value, _target(str(schema["$ref"]), root), root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _any(value, schema[key], root)
    for part in schema.get("allOf", ()):
        value = _fit(value, part, root)
    if "const" in schema or "enum" in schema:
        return _listed(value, [schema["const"]] if "const" in schema else schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        return _any(value, [{**schema, "type": one} for one in kind], root)
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(value, schema, root)
    if kind == "array":
        return _array(value, schema, root)
    return _plain(value, kind, schema)


def _target(ref: str, root: Schema) -> Any:
    target: Any = root
    for step in ref.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        target = target.get(step) if isinstance(target, Mapping) else None
    return target


def _any(value: Any, schemas: Sequence[Any], root: Schema) -> Any:
    fits = []
    for one in schemas:
        try:
            fits.append(_fit(value, one, root))
        except Unfit:
            continue
    if not fits:
        raise Unfit
    return next((fit for fit in fits if fit == value and type(fit) is type(value)), fits[0])


def _listed(value: Any, allowed: Sequence[Any]) -> Any:
    for one in allowed:
        if one == value and isinstance(one, bool) == isinstance(value, bool):
            return one
    near = [one for one in allowed if isinstance(one, str) and isinstance(value, str) and _fold(one) == _fold(value)]
    if len(near) != 1:
        raise Unfit
    return near[0]


def _object(value: Any, schema: Schema, root: Schema) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Unfit
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    optional = properties.keys() - set(schema.get("required", ()))
    fit: dict[str, Any] = {}
    for key, one in value.items():
        if key in properties:
            if one is None and key in optional:  # an argument that was left out
                try:
                    fit[key] = _fit(one, properties[key], root)
                except Unfit:
                    continue
            else:
                fit[key] = _fit(one, properties[key], root)
        elif extra is True or isinstance(extra, Mapping) or (extra is None and not properties):
            fit[key] = _fit(one, extra, root)
        else:
            raise Unfit
    if any(key not in fit for key in schema.get("required", ())):
        raise Unfit
    return fit


def _array(value: Any, schema: Schema, root: Schema) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        raise Unfit
    fixed = schema.get("prefixItems") or ()
    if fixed and len(value) != len(fixed):
        raise Unfit
    return [_fit(one, fixed[at] if fixed else schema.get("items"), root) for at, one in enumerate(value)]


def _plain(value: Any, kind: Any, schema: Schema) -> Any:
    if kind == "boolean":
        value = _TRUTH.get(value.casefold(), value) if isinstance(value, str) else value
        if not isinstance(value, bool):
            raise Unfit
    elif kind in ("integer", "number"):
        value = _number(value, whole=kind == "integer")
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        below, above = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
        if not (low <= value <= high and below < value < above):
            raise Unfit
    elif kind == "string":
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = json.dumps(value)
        if not isinstance(value, str) or not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1e9):
            raise Unfit
    elif kind == "null" and value is not None:
        raise Unfit
    return value


def _number(value: Any, *, whole: bool) -> int | float:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Unfit from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unfit
    if not whole:
        return value
    if value != int(value):
        raise Unfit
    return int(value)

"""Arguments are what a function takes, as far as they plainly say so, or the call is not made."""

from __future__ import annotations

from typing import Any

import pytest

from local_agent.engines.llama.tool_arguments import Unfit, alike, fitted

ROOM = {"$defs": {"Room": {"enum": ["kitchen", "living room"]}}}


def taken(schema: dict[str, Any], value: Any) -> Any:
    """What becomes of a required argument, "unfit" where it can't be."""
    parameters = {"type": "object", "properties": {"it": schema}, "required": ["it"], **ROOM}
    try:
        return fitted({"it": value}, parameters)["it"]
    except Unfit:
        return "unfit"


def test_what_fits_and_what_does_not() -> None:
    cases: list[tuple[dict[str, Any], Any, Any]] = [
        ({"type": "integer"}, 5, 5),
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, 5.0, 5),
        ({"type": "integer"}, 5.5, "unfit"),
        ({"type": "integer"}, True, "unfit"),
        ({"type": "integer"}, "five", "unfit"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, 10, "unfit"),
        ({"type": "number", "exclusiveMinimum": 0}, 0, "unfit"),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, 1, "unfit"),
        ({"type": "string"}, 42, "42"),
        ({"type": "string"}, ["a"], "unfit"),
        ({"type": "string", "minLength": 1}, "", "unfit"),
        ({"enum": ["on", "off"]}, "On", "on"),
        ({"enum": ["on", "off"]}, "dim", "unfit"),
        ({"enum": [1, 2]}, True, "unfit"),
        ({"const": "x"}, "y", "unfit"),
        ({"$ref": "#/$defs/Room"}, "Living Room", "living room"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, None),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "5", "5"),
        ({"type": ["integer", "null"]}, "5", 5),
        ({"allOf": [{"$ref": "#/$defs/Room"}]}, "cellar", "unfit"),
        ({"type": "array", "items": {"type": "integer"}}, ["1", 2], [1, 2]),
        ({"type": "array", "maxItems": 1}, [1, 2], "unfit"),
        ({"type": "array", "items": {"type": "integer"}}, 1, "unfit"),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1, "b": 2}, "unfit"),
        ({"type": "object"}, {"any": "thing"}, {"any": "thing"}),
        ({}, {"any": "thing"}, {"any": "thing"}),
    ]
    wrong = [(schema, value, taken(schema, value), meant) for schema, value, meant in cases]
    assert [case for case in wrong if case[2] != case[3] or type(case[2]) is not type(case[3])] == []


def test_an_argument_may_be_left_out_where_it_may_be() -> None:
    schema = {"properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
    assert fitted({"city": "Rome", "days": None}, schema) == {"city": "Rome"}
    for given in ({"days": 1}, {"city": None}, {"city": "Rome", "country": "Italy"}):
        with pytest.raises(Unfit):
            fitted(given, schema)


def test_when_two_calls_are_the_same() -> None:
    schema = {"properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}}}
    same = [('{"city": "Rome"}', '{"city": " rome ", "days": 1.0}'), ("", "{}"), ('{"days": null}', "{}")]
    other = [('{"city": "Rome"}', '{"city": "Paris"}'), ('{"city": "Rome"}', '{"city": "Rome", "days": 2}')]
    assert all(alike(*pair, schema) for pair in same)
    assert not any(alike(*pair, schema) for pair in other)

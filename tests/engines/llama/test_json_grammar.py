"""JSON schemas as grammars: whatever the model writes, the schema accepts it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from local_agent.engines.llama.json_grammar import Rules, literal
from local_agent.engines.llama.native import NativeModel
from local_agent.errors import BadInput
from tests.engines.llama import tinygguf


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = NativeModel(
        tinygguf.write(tmp_path_factory.mktemp("gguf") / "tiny.gguf"), context=512, sequences=1, threads=1, gpu_layers=0
    )
    yield made
    made.free()


def accepted(gguf: NativeModel, schema: Any, text: str) -> bool:
    """Whether the grammar of a schema takes all of a text, and takes it for complete."""
    import ctypes

    import llama_cpp as native

    rules = Rules()
    grammar = f"root ::= {rules.schema(schema, 'value of it')}\n{rules.text()}"
    sampler = native.llama_sampler_init_grammar(gguf.vocab, grammar.encode(), b"root")
    assert sampler, grammar
    try:
        for token in [*gguf.tokenize(text), next(iter(gguf.ends))]:
            one = native.llama_token_data(token, 1.0, 0.0)
            only = native.llama_token_data_array(data=ctypes.pointer(one), size=1, selected=-1, sorted=False)
            native.llama_sampler_apply(sampler, ctypes.byref(only))
            if not math.isfinite(one.logit):
                return False
            if token not in gguf.ends:
                native.llama_sampler_accept(sampler, token)
        return True
    finally:
        native.llama_sampler_free(sampler)


def thing(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
DEFINED = {
    **thing(["at"], at={"$ref": "#/$defs/Place"}, way={"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]}),
    "$defs": {"Place": thing(["name"], name=TEXT, inside={"$ref": "#/$defs/Place"})},
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (TEXT, ["", "a b", 'say "no"', "naïve 日本 \\ \n"], [1, None, "x" * 241]),
        ({"type": "string", "maxLength": 2, "minLength": 1}, ["a", "ab"], ["", "abc"]),
        ({"type": "string", "format": "date"}, ["2026-11-23"], ["2026-13-01", "today"]),
        (WHOLE, [0, 7, -12, 100], [1.5, "1"]),
        ({"type": "integer", "minimum": 0}, [0, 3], [-1]),
        ({"type": "integer", "minimum": 2, "exclusiveMaximum": 5}, [2, 4], [1, 5, 40]),
        ({"type": "number"}, [0, 1.5, -3.25, 2.0], ["1", True]),
        ({"type": "number", "exclusiveMinimum": 0}, [0.5], [-0.5]),
        ({"type": "boolean"}, [True, False], [0, "true"]),
        ({"enum": ["red", "dark blue", 3]}, ["red", "dark blue", 3], ["green", 4]),
        ({"const": "only"}, ["only"], ["other"]),
        ({"type": ["string", "null"]}, ["a", None], [1]),
        ({"anyOf": [WHOLE, {"type": "null"}]}, [1, None], ["a"]),
        ({"type": "array", "items": WHOLE, "maxItems": 2}, [[], [1], [1, 2]], [["a"], [1, 2, 3]]),
        ({"type": "array", "items": WHOLE, "minItems": 2}, [[1, 2], [1, 2, 3]], [[], [1]]),
        ({"type": "array", "prefixItems": [WHOLE, TEXT]}, [[1, "a"]], [[1], ["a", 1]]),
        (thing(["a"], a=WHOLE, b=TEXT), [{"a": 1}, {"a": 1, "b": "x"}], [{}, {"b": "x"}, {"a": 1, "c": 2}]),
        (thing([], a=WHOLE, b=TEXT, c=TEXT), [{}, {"b": ""}, {"a": 1, "c": ""}], [{"d": 1}, {"a": "x"}]),
        (thing([]), [{}], [{"a": 1}]),
        ({"type": "object", "additionalProperties": WHOLE}, [{}, {"x": 1, "y": 2}], [{"x": "1"}]),
        ({}, [1, "a", None, {"a": [1, {"b": 0.5}]}], []),
        (DEFINED, [{"at": {"name": "a", "inside": {"name": "b"}}, "way": None}], [{"at": {}}, {"way": None}]),
        ({"allOf": [thing(["a"], a=WHOLE), thing(["b"], b=TEXT)]}, [{"a": 1, "b": ""}], [{"a": 1}]),
    ],
)
def test_what_a_schema_accepts_and_nothing_else(
    gguf: NativeModel, schema: Any, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert accepted(gguf, schema, json.dumps(value, ensure_ascii=False)), value
    for value in bad:
        assert not accepted(gguf, schema, json.dumps(value, ensure_ascii=False)), value


def test_only_the_usual_spelling_is_written(gguf: NativeModel) -> None:
    schema = thing(["a", "b"], a=WHOLE, b=TEXT)
    assert accepted(gguf, schema, '{"a": 1, "b": "x"}')
    for odd in ('{"a":1, "b": "x"}', '{ "a": 1, "b": "x"}', '{"a": 01, "b": "x"}', '{"a": 1, "b": "x\ny"}'):
        assert not accepted(gguf, schema, odd)


def test_definitions_of_the_same_name_in_two_schemas_stay_apart(gguf: NativeModel) -> None:
    rules = Rules()
    first = rules.schema({"$ref": "#/$defs/It", "$defs": {"It": WHOLE}}, "one")
    second = rules.schema({"$ref": "#/$defs/It", "$defs": {"It": TEXT}}, "two")
    lines = dict(line.split(" ::= ", 1) for line in rules.text().splitlines())
    assert lines[lines[first]] != lines[lines[second]]


@pytest.mark.parametrize("schema", [{"$ref": "#/$defs/None"}, {"type": "file"}, {"anyOf": ["text"]}])
def test_a_schema_that_cannot_be_understood(schema: Any) -> None:
    with pytest.raises(BadInput, match="schema of it"):
        Rules().schema(schema, "it")


def test_a_literal_has_its_special_characters_escaped() -> None:
    assert literal('a"\\\n') == r'"a\"\\\x0a"'

"""Function calls: what a model may write, and how it is taken apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_agent.engines.llama.engine import Llama, Sampling
from local_agent.engines.llama.sampler import begins_call
from local_agent.engines.llama.tool_calls import CLOSE, MOST_CALLS, OPEN, Call, Choice, ToolCallParser, grammar
from local_agent.engines.llama.types import CallGrammar
from local_agent.errors import BadInput
from tests.engines.llama import tinygguf

WILD = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, max_tokens=400)


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": parameters}}


LAMP = tool("lamp", room={"enum": ["kitchen", "hall"]}, on={"type": "boolean"})
TIMER = tool("timer", minutes={"type": "integer", "minimum": 1, "maximum": 90})
TOOLS = [LAMP, TIMER]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    made = Llama(tinygguf.write(tmp_path_factory.mktemp("gguf") / "tiny.gguf"), context=2048, threads=1)
    yield made
    made.close()


def written(llama: Llama, choice: Choice, seed: int, tools: list[dict[str, Any]] = TOOLS) -> tuple[str, list[Call]]:
    """What a model that knows nothing writes by chance, taken apart as it comes."""
    reader, said, calls = ToolCallParser(), list[str](), list[Call]()

    def on_text(piece: str) -> None:
        text, made = reader.push(piece)
        said.append(text)
        calls.extend(made)

    sampling = Sampling(**{**WILD.__dict__, "seed": seed})
    llama.generate(
        [{"role": "user", "content": "hi"}],
        sampling=sampling,
        grammar=grammar(tools, choice),
        tools=tools,
        on_text=on_text,
    ).result(60)
    assert reader.rest() == ("", []) and not reader.unreadable
    return "".join(said), calls


def valid(call: Call) -> bool:
    given = json.loads(call.arguments)
    if call.name == "timer":
        return set(given) == {"minutes"} and 1 <= given["minutes"] <= 90
    return call.name == "lamp" and given["room"] in ("kitchen", "hall") and isinstance(given["on"], bool)


@pytest.mark.parametrize("seed", range(6))
def test_a_required_call_is_made_and_valid_whatever_the_model(llama: Llama, seed: int) -> None:
    said, calls = written(llama, Choice("required", parallel=False), seed)
    assert said == "" and len(calls) == 1 and valid(calls[0])


@pytest.mark.parametrize("seed", range(3))
def test_json_takes_the_place_of_words_and_a_call_may_come_instead(llama: Llama, seed: int) -> None:
    schema = {"type": "object", "properties": {"room": {"enum": ["hall"]}, "on": {"type": "boolean"}}}
    answer = {**schema, "required": ["room", "on"]}
    sampling = Sampling(**{**WILD.__dict__, "seed": seed})

    def text(tools: list[dict[str, Any]], choice: Choice) -> str:
        question = [{"role": "user", "content": "hi"}]
        return llama.generate(question, sampling=sampling, grammar=grammar(tools, choice, answer)).result(60).text

    for tools, choice in (([], Choice()), (TOOLS, Choice("none"))):
        given = json.loads(text(tools, choice))
        assert given["room"] == "hall" and isinstance(given["on"], bool) and len(given) == 2
    either = text(TOOLS, Choice())
    assert either.startswith(OPEN) or json.loads(either).keys() == {"room", "on"}
    assert text(TOOLS, Choice("required")).startswith(OPEN)


@pytest.mark.parametrize("seed", range(4))
def test_a_reply_is_nothing_but_calls_where_the_model_is_inclined_to_call(llama: Llama, seed: int) -> None:
    calls = grammar(TOOLS, Choice("required"))
    texts = []
    for share in (0.0, 1.1):
        done = llama.generate(
            [{"role": "user", "content": "hi"}],
            sampling=Sampling(**{**WILD.__dict__, "seed": seed}),
            grammar=r"root ::= [a-z ]+",
            calls=CallGrammar(calls, share),
        ).result(60)
        texts.append(done.text)
    assert texts[0].startswith(OPEN) and "<" not in texts[1]


def test_what_begins_a_call() -> None:
    begins = [b'{"', b"{{", b" {", b"[{", b"<", b"<tool", b"<tool_call>", b"<tools>", b"<t"]
    others = [b"", b" ", b"<think>", b"<b", b"```", b"`", b"Sure", b"[", b"[1", b"\n", b"(", b"1"]
    assert [piece for piece in begins if not begins_call(piece)] == []
    assert [piece for piece in others if begins_call(piece)] == []


@pytest.mark.parametrize("seed", range(4))
def test_a_named_function_is_the_one_that_is_called(llama: Llama, seed: int) -> None:
    _, calls = written(llama, Choice("required", "timer", parallel=False), seed)
    assert [call.name for call in calls] == ["timer"]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_called_when_nothing_may_be(llama: Llama, seed: int) -> None:
    said, calls = written(llama, Choice("none"), seed)
    assert calls == [] and said and "<" not in said


def test_one_reply_may_have_several_calls_but_not_without_end(llama: Llama) -> None:
    counts = {len(written(llama, Choice("required"), seed)[1]) for seed in range(12)}
    assert max(counts) > 1 and max(counts) <= MOST_CALLS


def test_without_functions_there_is_only_text() -> None:
    assert "tool_call" not in grammar([])


@pytest.mark.parametrize(
    ("tools", "choice", "match"),
    [
        (TOOLS, Choice("required", "oven"), "one of lamp, timer"),
        ([{"type": "web_search"}], Choice(), "OpenAI"),
        ([tool("odd", it={"type": "file"})], Choice(), "odd"),
    ],
)
def test_impossible_functions(tools: list[dict[str, Any]], choice: Choice, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        grammar(tools, choice)


def spelled(name: str, arguments: str) -> str:
    return f'{OPEN}{{"name": "{name}", "arguments": {arguments}}}{CLOSE}'


def taken_apart(text: str, step: int) -> tuple[str, list[Call], bool]:
    reader, said, calls = ToolCallParser(), "", list[Call]()
    for more, made in (*(reader.push(text[at : at + step]) for at in range(0, len(text), step)), reader.rest()):
        said += more
        calls += made
    return said, calls, not reader.unreadable


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_text_and_calls_are_told_apart_however_they_arrive(step: int) -> None:
    text = "Sure, one moment.\n" + spelled("lamp", '{"room": "hall", "on": true}') + "\n" + spelled("timer", "{}")
    said, calls, whole = taken_apart(text, step)
    assert said == "Sure, one moment."
    assert calls == [Call("lamp", '{"room": "hall", "on": true}'), Call("timer", "{}")] and whole


@pytest.mark.parametrize("step", [1, 4, 1000])
def test_the_mark_of_the_end_within_an_argument(step: int) -> None:
    arguments = json.dumps({"text": f'a "quoted" {CLOSE} {OPEN}'})
    assert taken_apart(spelled("note", arguments), step) == ("", [Call("note", arguments)], True)


def test_the_same_call_twice_is_made_once() -> None:
    twice = spelled("timer", '{"minutes": 5}') + "\n" + spelled("timer", '{"minutes": 5}')
    assert taken_apart(twice, 5)[1] == [Call("timer", '{"minutes": 5}')]


def test_a_call_that_breaks_off_is_not_made_and_not_spoken() -> None:
    said, calls, whole = taken_apart("Yes. " + spelled("timer", '{"minutes": 5}')[:-20], 2)
    assert (said, calls, whole) == ("Yes.", [], False)


def test_text_is_let_out_as_it_comes() -> None:
    reader = ToolCallParser()
    assert [reader.push(piece)[0] for piece in ("The", " answer", " is", " ", "two.")] == [
        "The",
        " answer",
        " is",
        "",
        " two.",
    ]


def test_stop_texts_end_what_is_said_but_no_call(llama: Llama) -> None:
    sampling = Sampling(temperature=0, max_tokens=200, stop=("\n", "m"))
    options: dict[str, Any] = {"grammar": grammar(TOOLS, Choice("required", "timer", False)), "tools": TOOLS}
    done = llama.generate([{"role": "user", "content": "hi"}], sampling=sampling, **options).result(60)
    assert done.text.endswith(CLOSE) and '"minutes"' in done.text


def test_a_history_with_calls_is_not_read_again(llama: Llama) -> None:
    options: dict[str, Any] = {"conversation": "calls", "tools": TOOLS, "sampling": Sampling(temperature=0)}
    history: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
    first = llama.generate(history, grammar=grammar(TOOLS, Choice("required", parallel=False)), **options).result(60)
    _, (call,), _ = taken_apart(first.text, 1)
    made = {"id": "1", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
    history += [
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "1", "content": "done"},
    ]
    second = llama.generate(history, grammar=grammar(TOOLS, Choice("none")), **options).result(60)
    assert second.cached_tokens >= first.prompt_tokens + first.completion_tokens


def test_the_smallest_model_calls_when_asked_to_and_talks_when_not(starter: Any) -> None:
    weather = tool("get_weather", city={"type": "string"})
    weather["function"]["description"] = "Get the weather in a city."
    llama = Llama(starter.gguf, context=1024, conversations=2)
    try:
        answers = {}
        for question in ("What's the weather in Paris?", "How many legs does a spider have?"):
            done = llama.generate(
                [{"role": "system", "content": "Answer in one sentence."}, {"role": "user", "content": question}],
                sampling=Sampling(temperature=0, max_tokens=60),
                grammar=grammar([weather]),
                tools=[weather],
            ).result(60)
            answers[question] = taken_apart(done.text, 1)
        (_, calls, _), (said, none, _) = answers.values()
        assert calls == [Call("get_weather", '{"city": "Paris"}')]
        assert none == [] and "legs" in said
    finally:
        llama.close()

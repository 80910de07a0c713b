"""Conversations in the templates of many families: nothing that was told or asked is lost, whatever they refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local_agent.engines.llama.chat_template import ChatTemplate
from local_agent.errors import BadInput
from tests.engines.llama import families
from tests.engines.llama.families import FAMILIES

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
OWN = ["qwen35", "gemma4", "llama3", "mistral", "glm", "harmony", "granite", "textual"]  # dialects of their own
OURS = ["qwen3"]
NONE = sorted(set(FAMILIES) - set(OWN) - set(OURS))


def told(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def called(*calls: tuple[str, str], content: str | None = None) -> dict[str, Any]:
    made = [
        {"id": name, "type": "function", "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'}}
        for name, city in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": made}


def result(name: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": name, "content": content}


CONVERSATIONS = {
    "only instructions": [told("system", "S1")],
    "two instructions and nothing else": [told("system", "S1"), told("system", "S2")],
    "a developer's": [told("developer", "S1"), told("user", "U1")],
    "in the middle": [
        told("system", "S1"),
        told("user", "U1"),
        told("assistant", "A1"),
        told("system", "S2"),
        told("user", "U2"),
    ],
    "at the end": [told("system", "S1"), told("user", "U1"), told("assistant", "A1"), told("system", "S2")],
    "behind a greeting": [told("system", "S1"), told("assistant", "A1"), told("system", "S2")],
    "a greeting first": [told("system", "S1"), told("assistant", "A1"), told("user", "U1")],
    "only a greeting": [told("system", "S1"), told("assistant", "A1")],
    "twice the same speaker": [
        told("system", "S1"),
        told("user", "U1"),
        told("user", "U2"),
        told("assistant", "A1"),
        told("assistant", "A2"),
        told("user", "U3"),
    ],
    "no instructions": [told("user", "U1"), told("assistant", "A1"), told("user", "U2")],
    "a call": [
        told("system", "S1"),
        told("user", "U1"),
        called(("c1", "Rome")),
        result("c1", "R1"),
        told("user", "U2"),
    ],
    "two calls at once": [
        told("system", "S1"),
        told("user", "U1"),
        called(("call-1a2b3c", "Rome"), ("x", "Oslo")),
        result("call-1a2b3c", "R1"),
        result("x", "R2"),
        told("assistant", "A1"),
        told("user", "U2"),
    ],
    "results whose call was dropped": [told("system", "S1"), result("gone", "R0"), told("user", "U1")],
    "a call that was never answered": [
        told("system", "S1"),
        told("user", "U1"),
        called(("c1", "Rome")),
        told("user", "U2"),
    ],
}
LOST = {"results whose call was dropped": {"R0"}}


def words(conversation: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for message in conversation if message["content"]]


MUST_STAND = {"a call": {"Rome"}, "two calls at once": {"Rome", "Oslo"}}


@pytest.mark.parametrize("tools", [(), (WEATHER,)], ids=["", "tools"])
@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_lost(family: str, tools: Any) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    lost: set[tuple[str, str]] = set()
    for what, conversation in CONVERSATIONS.items():
        needed = {*words(conversation), *MUST_STAND.get(what, ()), *(["weather"] if tools else [])}
        text = template.render(conversation, tools=tools)
        lost |= {(what, word) for word in needed - LOST.get(what, set()) if word not in text}
    assert lost == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_said_stays_in_order(family: str) -> None:
    text = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>").render(CONVERSATIONS["twice the same speaker"])
    places = [text.index(word) for word in ("U1", "U2", "A1", "A2", "U3")]
    assert places == sorted(places)


@pytest.mark.parametrize("tools", [(), (WEATHER,)], ids=["", "tools"])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_call_stands_in_the_conversation_that_was_not_made(family: str, tools: Any) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    text = template.render([told("system", "S1"), told("user", "U1")], tools=tools)
    calls = re.findall(r'"?name"?: *"weather", "(?:arguments|parameters)"|call:weather|to=functions\.weather', text)
    assert not calls and "done" not in text
    assert not re.search(r"(?:U1.*){2}", text, re.DOTALL)


@pytest.mark.parametrize("family", OWN)
def test_a_dialect_of_its_own_is_spoken(family: str) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    text = template.render(CONVERSATIONS["two calls at once"], tools=[WEATHER])
    assert template.own_calls and "You can call these functions" not in text and "<tool_call>\n{" not in text


def test_what_is_written_in_a_dialect_that_nobody_reads_is_told_in_ours() -> None:
    source = families.TEXTUAL.replace("tool_call>", "odd>")
    template = ChatTemplate(source)
    assert not template.own_calls and "You can call these functions" in template.render(
        CONVERSATIONS["a call"], tools=[WEATHER]
    )


@pytest.mark.parametrize(
    "source", ["{{ raise_exception('never') }}", "{{ 1 / 0 }}", "hello", "{{ messages[7].content }}"]
)
def test_a_template_that_refuses_the_plainest_question_is_refused_when_it_is_loaded(source: str) -> None:
    with pytest.raises(BadInput, match=r"chat template (?:refuses|drops).*fix: use another model"):
        ChatTemplate(source)


@pytest.mark.parametrize("family", [*OURS, *NONE])
def test_else_it_is_told_how_we_spell_calls(family: str) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    text = template.render(CONVERSATIONS["two calls at once"], tools=[WEATHER])
    assert not template.own_calls and '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}' in text
    assert ("You can call these functions" in text) == (family in NONE)


# What a template writes where no thought is wanted; without it the model thinks for as long as it likes.
QUIET = {
    "qwen3": "<think>\n\n</think>\n\n",
    "qwen35": "<think>\n\n</think>\n\n",
    "smollm3": "Reasoning Mode: /no_think",
    "glm": "/nothink<|assistant|>\n<think></think>",
    "harmony": "Reasoning: low",
    "nemotron": "<think></think>",
    "gemma4": "<|channel>thought\n<channel|>",
}


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"r1"}))
def test_thoughts_are_not_asked_for(family: str) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    text = template.render([told("system", "S1"), told("user", "U1")])
    assert template.opened == "" and QUIET.get(family, "") in text
    assert not re.search(r"<think>\s*$|\[THINK\]$|Reasoning: (?:medium|high)", text)


def test_a_thought_that_a_template_begins_in_any_case_is_known() -> None:
    assert ChatTemplate(families.R1).opened == "<think>\n"


@pytest.mark.parametrize("family", FAMILIES)
def test_an_open_turn_is_a_prefix_of_the_closed_one(family: str) -> None:
    template = ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>")
    said = [told("system", "S1"), told("user", "U1"), told("assistant", "A1"), told("user", "what is the ")]
    opened, closing = template.render_open(said)
    assert opened.endswith("what is the")
    assert template.render([*said[:-1], told("user", "what is the")]) == opened + closing


@pytest.mark.parametrize(
    ("family", "begins"),
    [
        ("qwen3", "<|im_end|>"),
        ("gemma3", "<end_of_turn>"),
        ("gemma4", "<turn|>"),
        ("llama3", "<|eot_id|>"),
        ("mistral", "</s>"),
        ("glm", "<|user|>"),
        ("harmony", "<|end|>"),
        ("phi", "<|end|>"),
        ("granite", "<|end_of_text|>"),
    ],
)
def test_what_ends_a_reply(family: str, begins: str) -> None:
    assert ChatTemplate(FAMILIES[family], bos="<s>", eos="</s>").closing().startswith(begins)


@pytest.mark.parametrize(
    ("control", "form"),
    [
        (["<|im_start|>", "<|im_end|>"], "<|im_start|>user\nU1<|im_end|>"),
        (["<|start_header_id|>"], "<|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|>"),
        (["<start_of_turn>"], "<start_of_turn>user\nS1\nU1<end_of_turn>\n<start_of_turn>model\n"),
        (["<s>", "</s>", "[INST]", "[/INST]"], "[INST]S1\nU1[/INST]"),
        (["<s>", "</s>"], "S1\nUser: U1\nAssistant:"),
    ],
)
def test_without_a_template_the_vocabulary_tells_the_form(
    control: list[str], form: str, caplog: pytest.LogCaptureFixture
) -> None:
    template = ChatTemplate(None, bos="<s>", eos="</s>", control=control)
    assert form in template.render([told("system", "S1"), told("user", "U1")])
    assert "no chat template" in caplog.text

"""Thoughts of models of many families, taken out of a reply however it arrives."""

from __future__ import annotations

import pytest

from local_agent.engines.llama.reasoning import Reasoning, is_markup, left_open

HARMONY = "<|channel|>analysis<|message|>They ask 1+1.<|end|><|start|>assistant<|channel|>final<|message|>"


def said(text: str, step: int) -> str:
    reasoning = Reasoning()
    out = "".join(reasoning.push(text[at : at + step]) for at in range(0, len(text), step))
    return out + reasoning.finish()


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "<think>\nThey ask 1+1.\n</think>\n\nTwo.",
        "<think></think>Two.",
        "\n<think>\n\n</think>\n\nTwo.",
        "<thinking>a < b, so </thinking >?</thinking>Two.",
        "<seed:think>They ask.<seed:cot_budget_reflect>I used 5.</seed:cot_budget_reflect></seed:think>Two.",
        "<longcat_think>x</longcat_think>Two.",
        "<thought>x</thought>\nTwo.",
        "<reasoning>x</reasoning>\nTwo.",
        "[THINK]They ask.[/THINK]Two.",
        "◁think▷They ask.◁/think▷Two.",
        "<|START_THINKING|>They ask.<|END_THINKING|>Two.",
        "<|begin_of_thought|>They ask.<|end_of_thought|>Two.",
        "<|think|>x<|/think|>Two.",
        "<|channel>thought\nThey ask.<channel|>Two.",
        HARMONY + "Two.",
        HARMONY + "Two.<|return|>",
        "<|channel|>final<|message|>Two.",
        "<|message|>Two.",
        "</think>\n\nTwo.",  # of a model whose template closed the thought before it
        "<think>one</think>\n<think>another</think>\nTwo.",
    ],
)
def test_only_the_answer_is_said(text: str, step: int) -> None:
    assert said(text, step) == "Two."


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "The tag <think> opens a thought, and </think> closes it.",
        "`<think>` is a tag.",
        "If 3 < 5 and a [b] then c > d.",
        "to be or not to be",
        "t",
        "<b>bold</b> and <thimble> [THANK] <|",
        "I think so.",
        " Well.\n",
        " \n",
        "First.\nSecond.\n\n- third",
    ],
)
def test_speech_stays_as_it_is(text: str, step: int) -> None:
    assert said(text, step) == text


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_thought_in_the_middle_begins_a_line_or_ends_one(step: int) -> None:
    assert said("One moment.\n<think>\nhm\n</think>\nTwo.", step) == "One moment.\nTwo."
    assert said("One moment. <think>\nhm\n</think>\nTwo.", step) == "One moment. Two."
    assert said("<think/>\nTwo: <think>", step) == "Two: <think>"


@pytest.mark.parametrize("step", [1, 1000])
@pytest.mark.parametrize(
    "text", ["<think>They ask", "<|channel|>analysis<|message|>They ask", "[THINK]", "<think>a</thi"]
)
def test_a_thought_that_never_ends_is_not_said(text: str, step: int) -> None:
    assert said(text, step) == ""


@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.add "
            '<|constrain|>json<|message|>{"x": 1}<|call|>',
            '<|channel|>commentary to=functions.add <|constrain|>json<|message|>{"x": 1}<|call|>',
        ),
        (
            " to=functions.add<|channel|>commentary json<|message|>{}<|call|>",
            "<|channel|>to=functions.add commentary json<|message|>{}<|call|>",
        ),
        ("<|channel|>commentary<|message|>One moment.<|end|><|start|>assistant", "One moment."),
    ],
)
def test_what_a_channel_addresses_to_a_function_is_left_to_whoever_reads_calls(text: str, left: str, step: int) -> None:
    assert said(text, step) == left


@pytest.mark.parametrize(
    ("prompt", "opened"),
    [
        ("<|im_end|>\n<|im_start|>assistant\n<think>\n", "<think>\n"),
        ("<|assistant|>\n<think></think>", ""),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("<|turn>model\n<|channel>thought\n<channel|>", ""),
        ("[/INST][THINK]", "[THINK]"),
        ("<|CHATBOT_TOKEN|><|START_THINKING|>", "<|START_THINKING|>"),
        ("<|CHATBOT_TOKEN|><|START_THINKING|><|END_THINKING|>", ""),
        ("<|begin|>assistant<|think|><|end|><|begin|>assistant", ""),
        ("<|im_start|>assistant\n", ""),
    ],
)
def test_what_a_template_leaves_open(prompt: str, opened: str) -> None:
    assert left_open(prompt) == opened


def test_a_heading_that_a_template_begins_with_opens_a_thought() -> None:
    opened = left_open("<|begin_assistant|>\nHere are my reasoning steps:\n")
    reasoning = Reasoning()
    assert reasoning.push(opened) == "" and reasoning.open
    assert reasoning.push("They ask.\n[BEGIN FINAL RESP") + reasoning.push("ONSE]\nTwo.") == "Two."


def test_it_is_known_while_a_thought_goes_on_and_how_to_end_it() -> None:
    for opening, ending in (("<think>", "</think>"), ("<|channel|>analysis<|message|>", "<|end|>")):
        reasoning = Reasoning()
        assert not reasoning.open
        reasoning.push(opening + "hm")
        assert reasoning.open and reasoning.closing.startswith(ending)
        assert reasoning.push(reasoning.closing + "Two.") == "Two." and not reasoning.open


def test_control_tokens_that_must_be_seen() -> None:
    seen = ["<think>", "[TOOL_CALLS]", "<|channel|>", "<|tool_call|>", "<tool_call|>", "<|python_tag|>", "[ARGS]"]
    assert all(map(is_markup, seen))
    assert not any(map(is_markup, ["<s>", "</s>", "<|im_start|>", "<pad>", "[INST]", "<|user|>", "<bos>"]))

"""What small models are shown."""

from __future__ import annotations

import pytest

from local_agent.call.assistant import opening
from local_agent.config.settings import Settings
from local_agent.config.small_model import EXAMPLES, enough, shown, variety
from local_agent.engines.text.normalize import speakable

SMALL = "smollm2-135m-instruct"


@pytest.mark.parametrize(
    ("settings", "model", "expected"),
    [
        (Settings(), SMALL, True),
        (Settings(), "qwen2.5-7b-instruct", False),
        (Settings(instructions="You are a pirate."), SMALL, False),
        (Settings(language="de"), SMALL, False),
    ],
)
def test_only_small_models_with_our_own_instructions_are_shown_examples(
    settings: Settings, model: str, expected: bool
) -> None:
    assert shown(settings, model) is expected
    assert (enough(settings, model) > 0) is expected
    assert len(opening(settings, model).items) == (2 * len(EXAMPLES) if expected else 0)


def test_only_small_models_are_kept_from_copying_themselves() -> None:
    assert variety(SMALL) > 0 and variety("qwen2.5-7b-instruct") == 0


def test_conversations_share_no_history() -> None:
    first, second = opening(Settings(), SMALL), opening(Settings(), SMALL)
    first.add_message(role="user", content="mine")
    assert len(second.items) == 2 * len(EXAMPLES)


@pytest.mark.parametrize(("question", "answer"), EXAMPLES)
def test_examples_are_spoken_language(question: str, answer: str) -> None:
    for text in (question, answer):
        assert speakable(text) == text
    assert len(answer.split()) <= 14

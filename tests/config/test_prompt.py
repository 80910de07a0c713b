"""The system prompt."""

from __future__ import annotations

import datetime as dt

import pytest

from local_agent.config import phrases, prompt
from local_agent.config.languages import CODES
from local_agent.config.settings import INSTRUCTIONS, Settings
from local_agent.config.small_model import LanguageModel

NOW = dt.datetime(2026, 11, 30, 14, 35)
STARTER = LanguageModel("smollm2-135m-instruct", 134_515_008)
MIDDLE, LARGE = LanguageModel("1.5b.gguf", 1_500_000_000), LanguageModel("4b.gguf", 4_000_000_000)


def test_the_starters_prompt_is_its_instructions_and_nothing_else() -> None:
    assert prompt.instructions(Settings(), STARTER, NOW) == INSTRUCTIONS
    assert prompt.instructions(Settings(), LanguageModel("tiny.gguf", 135_000_000), NOW) == INSTRUCTIONS


def test_a_larger_model_is_told_where_it_is_behind_anybodys_instructions() -> None:
    for settings in (Settings(), Settings(instructions="You are a pirate."), Settings(language="de", name="Ada")):
        told = prompt.instructions(settings, MIDDLE, NOW)
        assert told.startswith(phrases.instructions(settings) + " ") and settings.name in told
        assert "2026" in told and ("2:35 PM" in told or "14:35" in told)


def test_one_setting_switches_it_off() -> None:
    assert prompt.instructions(Settings(aware=False), LARGE, NOW) == INSTRUCTIONS
    own = Settings(aware=False, instructions="You are a pirate.")
    assert prompt.instructions(own, LARGE, NOW) == "You are a pirate."


def test_what_changes_from_call_to_call_comes_last() -> None:
    first, then = (prompt.instructions(Settings(), MIDDLE, NOW + dt.timedelta(minutes=at)) for at in (0, 47))
    assert first.endswith("2:35 PM.") and then.endswith("3:22 PM.") and first[:-8] == then[:-8]


def test_a_model_that_is_told_of_somebodys_functions_is_not_told_that_it_can_do_nothing() -> None:
    told = prompt.instructions(Settings(), MIDDLE, NOW, offered=True)
    assert told == f"{INSTRUCTIONS} Your name is {Settings().name}. Today is Monday, November 30, 2026."
    assert "can't" in prompt.instructions(Settings(), MIDDLE, NOW)


def test_no_minute_stands_before_the_functions_that_a_model_is_told_of() -> None:
    first, then = (prompt.instructions(Settings(), LARGE, NOW + dt.timedelta(minutes=at)) for at in (0, 47))
    assert first == then and "Monday, November 30, 2026" in first
    assert "2:35 PM" in prompt.instructions(Settings(tools=False), LARGE, NOW)


@pytest.mark.parametrize("language", sorted(CODES | {"auto"}))
def test_every_language_has_its_facts_or_the_english_ones(language: str) -> None:
    settings = Settings(language=language)
    told = prompt.instructions(settings, MIDDLE, NOW)
    assert "{" not in told
    assert len(told) > len(phrases.instructions(settings))

"""What the agent says by itself is said in the language that is set."""

from __future__ import annotations

import pytest

from local_agent.call.assistant import Assistant
from local_agent.call.tools.about import About
from local_agent.config import phrases
from local_agent.config.languages import CODES
from local_agent.config.settings import GREETING, INSTRUCTIONS, Settings
from local_agent.config.small_model import LanguageModel
from local_agent.weights.catalogue import CATALOGUE

VOICED = {code for entry in CATALOGUE.values() if entry.role == "tts" for code in entry.languages}


@pytest.mark.parametrize("language", sorted(VOICED - {"en"}))
def test_every_language_of_the_catalogues_voices_has_its_own_words(language: str) -> None:
    settings = Settings(language=language)
    said = (
        phrases.greeting(settings),
        phrases.apology(language),
        phrases.instructions(settings),
        phrases.interrupted(language),
        phrases.goodbye(language),
        phrases.no_voice(language),
    )
    assert all(said) and not set(said) & set(phrases.ENGLISH)
    told = Assistant(settings, About(LanguageModel("qwen2.5-0.5b-instruct"))).instructions
    assert str(told).startswith(phrases.instructions(settings))


@pytest.mark.parametrize("language", sorted(CODES | {"auto"}))
def test_no_language_is_without_instructions_and_an_apology(language: str) -> None:
    settings = Settings(language=language)
    assert phrases.apology(language)
    told = phrases.instructions(settings)
    assert (told == INSTRUCTIONS) is (language in ("en", "auto"))


def test_a_language_without_words_of_its_own_is_named_to_the_model() -> None:
    settings = Settings(language="is")
    assert phrases.instructions(settings) == f"{INSTRUCTIONS} Answer in Icelandic."
    assert phrases.greeting(settings) == "", "rather nothing than English in an Icelandic voice"


@pytest.mark.parametrize("language", ["en", "auto", "de", "is"])
def test_what_a_person_wrote_stays(language: str) -> None:
    own = Settings(language=language, greeting="Moin!", instructions="Sei kurz.")
    assert (phrases.greeting(own), phrases.instructions(own)) == ("Moin!", "Sei kurz.")
    assert phrases.greeting(Settings(language=language, greeting="")) == ""
    assert phrases.greeting(Settings()) == GREETING

"""What the agent says by itself, in the language that is spoken: the greeting, the apology, what comes after a crash,
the goodbye, and the usual instructions.

Where a person wrote a greeting or instructions of their own, those are used as they are.
"""

from __future__ import annotations

from local_agent.config.languages import AUTO, ENGLISH_NAMES, en
from local_agent.config.languages.facts import Phrases
from local_agent.config.languages.table import facts
from local_agent.config.settings import GREETING, INSTRUCTIONS, Settings

ENGLISH = en.PHRASES


def _of(language: str) -> Phrases | None:
    return ENGLISH if language == AUTO else facts(language).phrases


def greeting(settings: Settings) -> str:
    """What is said first; nothing where nobody wrote a greeting and none is known in the language."""
    if settings.greeting != GREETING:
        return settings.greeting
    known = _of(settings.language)
    return known.greeting if known else ""


def instructions(settings: Settings) -> str:
    """The system prompt. The usual one tells in which language to answer."""
    if settings.instructions != INSTRUCTIONS:
        return settings.instructions
    known = _of(settings.language)
    return (
        known.instructions
        if known
        else f"{INSTRUCTIONS} {en.ANSWER_IN.format(language=ENGLISH_NAMES[settings.language])}"
    )


def apology(language: str) -> str:
    """What is said where a reply failed; in English rather than not at all."""
    return (_of(language) or ENGLISH).apology


def interrupted(language: str) -> str:
    """What an agent says first who knows of a conversation, and nothing of it; in English rather than not at all."""
    return (_of(language) or ENGLISH).interrupted


def no_voice(language: str) -> str:
    """What a caller is told whose language no voice here speaks; in English rather than not at all."""
    known = _of(language)
    return known.no_voice if known else en.NO_VOICE.format(language=ENGLISH_NAMES[language])


def goodbye(language: str) -> str:
    """What calls hear that the end of the process ends; in English rather than not at all."""
    return (_of(language) or ENGLISH).goodbye

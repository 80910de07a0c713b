"""What a caller must be asked before anything is recorded, and which answers count, by language. Pure functions."""

from __future__ import annotations

import re
from typing import NamedTuple

from local_agent.config.languages import AUTO, en
from local_agent.config.languages.facts import Recording
from local_agent.config.languages.table import FACTS, facts


class _Answers(NamedTuple):
    yes: re.Pattern[str]
    no: re.Pattern[str]
    stop: re.Pattern[str]


def _answers(known: Recording) -> _Answers:
    yes = rf"(?:(?:{known.before}) )*(?:{known.yes})(?: (?:{known.yes}|{known.after}))*"
    return _Answers(re.compile(yes), re.compile(known.no), re.compile(known.stop))


_KNOWN = {language: _answers(known.recording) for language, known in FACTS.items() if known.recording is not None}


def words(language: str) -> Recording:
    """What is said of a recording in the language of a call; in English rather than not at all."""
    return facts(language).recording or en.RECORDING


def agrees(text: str, language: str = "en") -> bool:
    """Whether an answer is a plain yes. All else is a no. language: of the call; "auto" before anybody spoke, when an
    answer may be in any.
    """
    return any(known.yes.fullmatch(_plain(text)) for known in _heard(language))


def declines(text: str, language: str = "en") -> bool:
    """Whether an answer is a no, and not about something else."""
    return not agrees(text, language) and any(known.no.match(_plain(text)) for known in _heard(language))


def stops(text: str, language: str = "en") -> bool:
    """Whether a message asks to end the recording."""
    return any(known.stop.fullmatch(_plain(text)) for known in _heard(language))


def _heard(language: str) -> list[_Answers]:
    """Of the languages that an answer may be in."""
    return list(_KNOWN.values()) if language == AUTO else [_KNOWN.get(language, _KNOWN["en"])]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'")).split())

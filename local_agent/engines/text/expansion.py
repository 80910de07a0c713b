"""Abbreviations, signs, units and dates of languages other than English, in words. Their figures are the voice's."""

from __future__ import annotations

import re

from num2words import num2words

from local_agent.config.languages.facts import Writing
from local_agent.engines.text.readings import Reading, read, reading

# German ordinals take their ending from the word before.
_WEAK = re.compile(r"\b(?:am|vom|zum|zur|dem|den|des|im|beim|bis|ab|seit|einem|einen)\s$", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:der|die|das|eine)\s$", re.IGNORECASE)
_GERMAN_NOUNS = "Jahrhundert|Stock|Weltkrieg|Platz|Klasse|Kapitel"


def dated(text: str, known: Writing) -> str:
    """`text` with "3. Mai" in words, which at the start of a line looks like a list."""
    if not (known.ordinal_dot and known.months):
        return text
    return read(
        text, [reading(rf"(?<![\w.,])(\d{{1,2}})\. ?(?={'|'.join(known.months)}|{_GERMAN_NOUNS})", _german_day)]
    )


def expanded(text: str, known: Writing) -> str:
    """`text` with what `known` tells of its language in words."""
    return read(text, _readings(known)) if known.spoken or known.units else text


def _readings(known: Writing) -> list[Reading]:
    found = []
    for short, words in sorted(known.units.items(), key=lambda unit: -len(unit[0])):
        found.append(reading(rf"(?<=\d) ?{re.escape(short)}(?![\w²³/°])", f" {words}"))
    for short, words in sorted(known.spoken.items(), key=lambda one: -len(one[0])):
        if short.isalpha() or short.endswith("."):
            last = r"(?!\w)"
            found.append(reading(rf"(?<![\w.]){re.escape(short)}{last}", words))
        else:
            found.append(reading(rf" ?{re.escape(short)} ?", f" {words} "))
    return found


def _german_day(match: re.Match[str]) -> str:
    """am 3. Mai -> am dritten Mai."""
    before = match.string[: match.start()]
    ordinal = str(num2words(int(match[1]), lang="de", to="ordinal"))
    ending = "n" if _WEAK.search(before) else "" if _ARTICLE.search(before) else "r"
    return f"{ordinal}{ending} "

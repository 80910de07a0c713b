"""Abbreviations, signs, units and figures of languages other than English, in words. Plain numbers are the voice's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from local_agent.config.languages.facts import Writing
from local_agent.config.languages.table import facts
from local_agent.engines.text import figures
from local_agent.engines.text.figures import german_ordinal
from local_agent.engines.text.readings import Reading, read, reading

_GERMAN_NOUNS = "Jahrhundert|Stock|Weltkrieg|Platz|Klasse|Kapitel"
# Behind these, a number with a full stop is an ordinal, whatever follows that begins no sentence.
_GERMAN_ARTICLES = (
    "am|vom|zum|zur|im|beim|der|die|das|dem|den|des|dieser|diese|dieses|jeder|jede|jedes|jeden|jedem|meine|meinen"
    "|meinem|meiner|deine|ihre|unsere|seine"
)


def dated(text: str, code: str) -> str:
    """`text` with "3. Mai" in words, which at the start of a line looks like a list."""
    return read(text, _dated(code))


def expanded(text: str, code: str) -> str:
    """`text` with what is known of its language in words."""
    return read(text, _readings(code))


@cache
def _dated(code: str) -> tuple[Reading, ...]:
    known = facts(code).writing
    if not (known.ordinal_dot and known.months):
        return ()
    return (
        reading(rf"(?<![\w.,])(\d{{1,2}})\. ?(?={'|'.join(known.months)}|{_GERMAN_NOUNS})", _german_day),
        reading(
            rf"\b((?i:{_GERMAN_ARTICLES})) (\d{{1,3}})\.(?= (?!(?:{'|'.join(known.starters)})\b)[^\W\d_])",
            lambda m: f"{m[1]} {german_ordinal(int(m[2]), m.string[: m.end(1)] + ' ')}",
        ),
    )


@cache
def _readings(code: str) -> tuple[Reading, ...]:
    known = facts(code)
    return (*figures.readings(known), *_units(known.writing), *_written(known.writing))


def _units(known: Writing) -> Iterator[Reading]:
    for short, words in sorted(known.units.items(), key=lambda unit: -len(unit[0])):
        one, _, more = words.rpartition("|")
        behind = rf" ?{re.escape(short)}(?![\w²³/°])"
        if one:
            yield reading(rf"(?<![\w.,:/-])1{behind}", one)
        yield reading(rf"(?<=\d){behind}", f" {more}")


def _written(known: Writing) -> Iterator[Reading]:
    for short, words in known.numbered.items():
        yield reading(rf"(?<![\w.]){re.escape(short)} ?(?=\d)", f"{words} ")
    for short, words in sorted(known.spoken.items(), key=lambda one: -len(one[0])):
        if short.isalpha() or short.endswith("."):
            yield reading(rf"(?<![\w.]){re.escape(short)}(?!\w)", words)
        else:
            yield reading(rf" ?{re.escape(short)} ?", f" {words} ")


def _german_day(match: re.Match[str]) -> str:
    """am 3. Mai -> am dritten Mai."""
    return f"{german_ordinal(int(match[1]), match.string[: match.start()])} "

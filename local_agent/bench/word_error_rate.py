"""Word error rate, fair to every language: no case, no punctuation, numbers in words, and characters where a script has
no spaces between its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from num2words import num2words

from local_agent.config.languages.table import facts

SAME = {"ok": "okay", "mr": "mister", "mrs": "missus", "dr": "doctor"}  # of English


def words(text: str, language: str = "en") -> list[str]:
    """Lower-case words of `text` without punctuation, digits spelled out ("16" and "sixteen" are the same).

    language: ISO 639-1; where it has no spaces between words, each character counts as one.
    """
    spelled = re.sub(r"\d+", lambda digits: f" {_spell(digits.group(), language)} ", _bare(text))
    if not facts(language).spaced:
        return [*"".join(spelled.split())]
    same = SAME if language == "en" else {}
    return [same.get(word, word) for word in spelled.split()]


def errors(reference: str, heard: str, language: str = "en") -> tuple[int, int]:
    """Words substituted, deleted and inserted in `heard`, and how many words `reference` has."""
    expected, found = words(reference, language), words(heard, language)
    row = list(range(len(found) + 1))
    for line, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], line
        for column, other in enumerate(found, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1], len(expected)


def rate(counted: Iterable[tuple[int, int]]) -> float:
    """Errors per reference word, 0..1 and above, over what `errors` counted, in any languages."""
    wrong, total = 0, 0
    for more, count in counted:
        wrong, total = wrong + more, total + count
    return wrong / total if total else 0.0


def _bare(text: str) -> str:
    """Lower case; letters with their marks, digits and apostrophes stay, spaces stand for the rest."""
    composed = unicodedata.normalize("NFKC", text.lower().replace("’", "'"))
    return "".join(sign if sign == "'" or unicodedata.category(sign)[0] in "LMN" else " " for sign in composed)


def _spell(digits: str, language: str) -> str:
    try:
        spoken = num2words(int(digits), lang=language)
    except NotImplementedError:  # a language that num2words does not know keeps its digits, on both sides
        return digits
    return _bare(spoken).replace(" and ", " ")

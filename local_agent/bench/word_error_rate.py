"""Word error rate."""

from __future__ import annotations

import re
from collections.abc import Iterable

from num2words import num2words

SAME = {"ok": "okay", "mr": "mister", "mrs": "missus", "dr": "doctor"}


def words(text: str, language: str = "en") -> list[str]:
    """Lower-case words of `text` without punctuation, digits spelled out ("16" and "sixteen" are the same)."""
    bare = re.sub(r"[^\w' ]", " ", text.lower().replace("’", "'"))
    spelled = re.sub(r"\d+", lambda digits: f" {_spell(digits.group(), language)} ", bare)
    return [SAME.get(word, word) for word in spelled.split()]


def errors(reference: str, heard: str, language: str = "en") -> tuple[int, int]:
    """Words substituted, deleted and inserted in `heard`, and how many words `reference` has."""
    expected, found = words(reference, language), words(heard, language)
    row = list(range(len(found) + 1))
    for line, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], line
        for column, other in enumerate(found, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1], len(expected)


def error_rate(pairs: Iterable[tuple[str, str]], language: str = "en") -> float:
    """Errors per reference word, 0..1 and above, over all (reference, heard)."""
    wrong, total = 0, 0
    for reference, heard in pairs:
        more, count = errors(reference, heard, language)
        wrong, total = wrong + more, total + count
    return wrong / total if total else 0.0


def _spell(digits: str, language: str) -> str:
    try:
        spoken = num2words(int(digits), lang=language)
    except NotImplementedError:  # a language that num2words does not know keeps its digits, on both sides
        return digits
    return re.sub(r"[^\w' ]", " ", spoken).replace(" and ", " ")

"""Numbers that were said in English words, as digits: Whisper writes most of them as digits, and some as words."""

from __future__ import annotations

import re
from fractions import Fraction

from num2words import num2words

_UNITS = {num2words(number): number for number in range(10)}
_SMALL = _UNITS | {num2words(number): number for number in (*range(10, 20), *range(20, 100, 10))}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {"half": Fraction(1, 2), "quarter": Fraction(1, 4)}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# "1,250" and "12,000,000" are one number; "3, 4" and "3,4" are two.
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_HYPHENS = re.compile(rf"\b({'|'.join(_SMALL)}|\d+)-(?=[a-z])")


def digits(text: str) -> str:
    """A text in lower case with its numbers as digits: "a hundred and five" is 105, "two and a half" 2.5.

    A lone "a" stays, and so do ordinals.
    """
    text = _GROUPED.sub(lambda found: found[0].replace(",", ""), text)
    words = _HYPHENS.sub(r"\1 ", text).split()
    made, at = list[str](), 0
    while at < len(words):
        value, after = _number(words, at)
        if value is None:
            made.append(words[at])
            at += 1
        else:
            made.append(plain(value) + _mark(words[after - 1]))
            at = after
    return " ".join(made)


def plain(value: Fraction) -> str:
    """In digits, to six places."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def _bare(word: str) -> str:
    return word.rstrip(",.?!;:")


def _mark(word: str) -> str:
    return word[len(_bare(word)) :]


def _number(words: list[str], at: int) -> tuple[Fraction | None, int]:
    """The number that begins there, and where it ends; None where none does."""
    total, group, found = Fraction(0), None, False
    begun = at
    while at < len(words):
        word, last = _bare(words[at]), at > begun and _mark(words[at - 1]) != ""
        if last:
            break
        following = _bare(words[at + 1]) if at + 1 < len(words) else ""
        if word in ("a", "an") and not found and following in ("hundred", *_SCALES, "dozen"):
            group = Fraction(1)
        elif (value := _digit_or_small(word)) is not None and _goes_on(group, value, word):
            group = (group or 0) + value if group is None or not _is_year(group, value) else group * 100 + value
        elif word == "hundred" and group is not None and group < 100:
            group *= 100
        elif word == "dozen" and group is not None:
            group *= 12
        elif word in _SCALES and group is not None:
            total, group = total + group * _SCALES[word], Fraction(0)
        elif word == "and" and found and following in _SMALL and _takes_and(words[at - 1]):
            pass
        elif word == "point" and found and following in {**_UNITS, "oh": 0} and group is not None:
            decimals, at = _decimals(words, at + 1)
            return total + group + decimals, at
        else:
            break
        found, at = True, at + 1
    if not found or group is None:
        return None, begun
    return _with_part(total + group, words, at)


def _digit_or_small(word: str) -> Fraction | None:
    if _NUMBER.fullmatch(word):
        return Fraction(word)
    return Fraction(_SMALL[word]) if word in _SMALL else None


def _goes_on(group: Fraction | None, value: Fraction, word: str) -> bool:
    """Whether a number may go on with this one: "twenty three" does, "two three" does not."""
    if group is None or group == 0:
        return True
    if _NUMBER.fullmatch(word):
        return False
    return group % 100 == 0 or (group % 10 == 0 and group % 100 >= 20 and 0 < value < 10) or _is_year(group, value)


def _is_year(group: Fraction, value: Fraction) -> bool:
    """Nineteen eighty-four, twenty thirty."""
    return group in (18, 19, 20) and value >= 10


def _takes_and(word: str) -> bool:
    return _bare(word) == "hundred" or _bare(word) in _SCALES


def _decimals(words: list[str], at: int) -> tuple[Fraction, int]:
    said = ""
    while at < len(words) and (value := {**_UNITS, "oh": 0}.get(_bare(words[at]))) is not None:
        said, at = said + str(value), at + 1
        if _mark(words[at - 1]):
            break
    return Fraction(int(said), 10 ** len(said)), at


def _with_part(value: Fraction, words: list[str], at: int) -> tuple[Fraction, int]:
    """Two and a half."""
    told = [_bare(word) for word in words[at : at + 3]]
    if len(told) == 3 and told[:2] == ["and", "a"] and told[2] in _PARTS and not _mark(words[at - 1]):
        return value + _PARTS[told[2]], at + 3
    return value, at

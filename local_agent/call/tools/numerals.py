"""Numbers that were said in English words, as digits: Whisper writes most of them as digits, and some as words."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import cast

from num2words import num2words

_UNITS = {num2words(number): number for number in range(10)}
_SMALL = _UNITS | {num2words(number): number for number in (*range(10, 20), *range(20, 100, 10))}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_TIMES = {"dozen": 12, "hundred": 100, **_SCALES}
_DECIMALS = {**_UNITS, "oh": 0}
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


def _number(words: list[str], begun: int) -> tuple[Fraction | None, int]:
    """The number that begins there, and where it ends; None where none does."""
    number, at = _Number(), begun
    while at < len(words) and not (at > begun and _mark(words[at - 1])):
        following = _bare(words[at + 1]) if at + 1 < len(words) else ""
        if _bare(words[at]) == "point" and number.group is not None and following in _DECIMALS:
            return _with_decimals(number.value, words, at + 1)
        if not number.takes(_bare(words[at]), following):
            break
        at += 1
    return (None, begun) if number.group is None else _with_part(number.value, words, at)


class _Number:
    """A number that is read word by word. total: its thousands and millions so far. group: what is below them, None
    before the first word.
    """

    def __init__(self) -> None:
        self.total, self.group = Fraction(0), cast("Fraction | None", None)
        self._before = ""

    @property
    def value(self) -> Fraction:
        return self.total + (self.group or 0)

    def takes(self, word: str, following: str) -> bool:
        """Whether the word is a part of it."""
        group, value = self.group, _digits_or_small(word)
        if group is None:
            begins = word in ("a", "an") and following in ("hundred", "dozen", *_SCALES)
            self.group = Fraction(1) if begins else value
        elif value is not None and self._goes_on(group, value, word):
            self.group = group * 100 + value if _is_year(group, value) else group + value
        elif word == "hundred" and group < 100:
            self.group = group * 100
        elif word == "dozen":
            self.group = group * 12
        elif word in _SCALES:
            self.total, self.group = self.total + group * _SCALES[word], Fraction(0)
        elif not (word == "and" and following in _SMALL and self._before in ("hundred", *_SCALES)):
            return False
        self._before = word
        return self.group is not None

    def _goes_on(self, group: Fraction, value: Fraction, word: str) -> bool:
        """Twenty three is one number, two three are two."""
        if _NUMBER.fullmatch(word):
            return False
        if self._before in ("hundred", "and", *_SCALES):
            return True
        return (group % 10 == 0 and group % 100 >= 20 and 0 < value < 10) or _is_year(group, value)


def _digits_or_small(word: str) -> Fraction | None:
    if _NUMBER.fullmatch(word):
        return Fraction(word)
    return Fraction(_SMALL[word]) if word in _SMALL else None


def _is_year(group: Fraction, value: Fraction) -> bool:
    """Nineteen eighty-four, twenty thirty."""
    return group in (18, 19, 20) and value >= 10


def _with_decimals(value: Fraction, words: list[str], at: int) -> tuple[Fraction, int]:
    """Three point one four."""
    said = ""
    while at < len(words) and (digit := _DECIMALS.get(_bare(words[at]))) is not None:
        said, at = said + str(digit), at + 1
        if _mark(words[at - 1]):
            break
    return value + Fraction(int(said), 10 ** len(said)), at


def _with_part(value: Fraction, words: list[str], at: int) -> tuple[Fraction, int]:
    """Two and a half."""
    told = [_bare(word) for word in words[at : at + 3]]
    if len(told) == 3 and told[:2] == ["and", "a"] and told[2] in _PARTS and not _mark(words[at - 1]):
        value, at = value + _PARTS[told[2]], at + 3
        if at < len(words) and not _mark(words[at - 1]) and (times := _TIMES.get(_bare(words[at]))):
            return value * times, at + 1
    return value, at

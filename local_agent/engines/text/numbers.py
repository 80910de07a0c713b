"""English numbers in words, as an American reads them: counts, ordinals, digits, years, house numbers."""

from __future__ import annotations

import re

from num2words import num2words

from local_agent.config.languages import en


def split_words(text: str) -> list[str]:
    """The words of a table that is easier read as a line than as a list."""
    return text.split()


ONES = split_words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# After an abbreviation: matches the last group where a sentence ends.
STOP = r"(?=(\s+(?:" + "|".join(sorted(en.WRITING.starters)) + r")\b|\s*$)?)"
# 1,234.5 and 1 234 567 and .5; two groups parted by a space are one number only where the first has two digits at
# least, or the second is 000.
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3}){2,}(?:\.\d+)?|(?:\d{2,3} \d{3}|\d 000)(?:\.\d+)?"
    r"|\d+\.\d+|\.\d+|\d+)(?!\d)(?!,\d{3}(?!\d))"
)
LONGEST_COUNT = 15  # digits; longer ones are read one by one


def cardinal(number: int) -> str:
    """1234 -> one thousand two hundred thirty-four, without the British "and"."""
    return str(num2words(number)).replace(",", "").replace(" and ", " ")


def ordinal(number: int) -> str:
    """21 -> twenty-first."""
    return str(num2words(number, to="ordinal")).replace(",", "").replace(" and ", " ")


def digits(text: str) -> str:
    """Each digit of `text` as a word."""
    return " ".join(ONES[int(digit)] for digit in text if digit.isdecimal())


def grouped(text: str) -> str:
    """Digit by digit, the groups of `text` parted by commas, as a telephone number is read."""
    return ", ".join(digits(group) for group in re.findall(r"\d+", text))


def value(text: str) -> float:
    """The number that is written so."""
    return float(re.sub(r"[, ]", "", text))


def number(text: str) -> str:
    """A number as it is written, -1,234.5 or 1 000 or .5 or 007, in words."""
    sign = "minus " if text.startswith(("-", "−")) else ""
    whole, point, part = re.sub(r"[, −-]", "", text).partition(".")
    if len(whole) > LONGEST_COUNT or (len(whole) > 1 and whole.startswith("0")):
        said = digits(whole)
    else:
        said = cardinal(int(whole)) if whole else ""
    return sign + (f"{said} point {digits(part)}".strip() if point and part else said)


def paired(text: str) -> str:
    """As house numbers, rooms and flights are read: 105 one oh five, 212 two twelve, 1234 twelve thirty-four."""
    if len(text) not in (3, 4) or text.startswith("0"):
        return number(text) if len(text) < 5 else digits(text)
    head, rest = int(text[:-2]), int(text[-2:])
    if not rest:
        return cardinal(int(text)) if head % 10 == 0 else f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def year(number: int) -> str:
    """1905 -> nineteen oh five, 2007 -> two thousand seven, 2024 -> twenty twenty-four."""
    return cardinal(number) if number < 1000 or 2000 <= number < 2010 or number > 9999 else paired(str(number))


def short_year(text: str) -> str:
    """A year of two or four digits."""
    return year(int(text)) if len(text) == 4 else f"{'oh ' if text.startswith('0') else ''}{cardinal(int(text))}"


def decade(text: str) -> str:
    """80 -> eighties, 1990 -> nineteen nineties, 1900 -> nineteen hundreds, 2000 -> two thousands."""
    head, tens = text[:-2], int(text[-2:]) // 10
    if not tens:
        return "two thousands" if text in ("00", "2000") else f"{cardinal(int(head))} hundreds"
    said = "tens" if tens == 1 else f"{TENS[tens][:-1]}ies"
    return f"{cardinal(int(head))} {said}" if head else said

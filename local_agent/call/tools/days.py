"""Which day somebody means: next Friday, Christmas, 4 July, three weeks ago."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from num2words import num2words

MONTHS = tuple(name.lower() for name in calendar.month_name)  # [0] is ""
WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_MONTH = {name: number for number, name in enumerate(MONTHS) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
} | {"sept": 9}  # fmt: skip
_ORDINALS = {num2words(number, to="ordinal").replace("-", " "): number for number in range(1, 32)}
_ORDINAL = re.compile(rf"\b(?:(20|30)[- ])?({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b")
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATED = (
    re.compile(rf"(?P<month>{_NAME})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?"),
    re.compile(rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_NAME})\.?(?:,? (?P<year>\d{{4}}))?"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"),
)
_FEASTS = {
    "christmas eve": (12, 24), "christmas": (12, 25), "christmas day": (12, 25), "xmas": (12, 25),
    "boxing day": (12, 26), "new year's eve": (12, 31), "new years eve": (12, 31), "new year's": (1, 1),
    "new year's day": (1, 1), "new year": (1, 1), "the new year": (1, 1), "new years": (1, 1), "new years day": (1, 1),
    "valentine's day": (2, 14), "valentines day": (2, 14), "saint patrick's day": (3, 17), "st patrick's day": (3, 17),
    "halloween": (10, 31), "independence day": (7, 4), "april fools day": (4, 1), "april fools' day": (4, 1),
    "the end of the year": (12, 31), "the end of this year": (12, 31), "veterans day": (11, 11),
}  # fmt: skip
_SMALL = frozenset(("the", "end", "of", "this", "day", "year", ""))
_CAPITAL = frozenset({
    *MONTHS, *WEEKDAYS, *" ".join(_FEASTS).split(), "easter", "thanksgiving", "good"
}) - _SMALL  # fmt: skip


_OCCASION = re.compile(r"\A(?:my|our|his|her|the) [a-z']+(?: [a-z']+)?,? (?:is )?on (?=.*\d|[a-z]+day\b)")
_YEARS = {"this": 0, "next": 1, "last": -1}
_YEAR = re.compile(r"(?<=\w )(?:in |of |be |fall in )*(this|next|last) year\Z")


def day(text: str, today: dt.date, *, back: bool = False) -> dt.date | None:
    """The day that words mean, as `wording.asked` gives them; None where they mean none.

    back: without a year, the one that was last rather than the one that comes next.
    """
    text = text.strip().removeprefix("exactly ")
    words = _OCCASION.sub("", _ORDINAL.sub(_spelled, text.strip())).removeprefix("on ")
    words = _YEAR.sub(lambda found: str(today.year + _YEARS[found[1]]), words)
    near = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2,
            "day after tomorrow": 2, "the day before yesterday": -2}  # fmt: skip
    if words in near:
        return today + dt.timedelta(near[words])
    for read in (_weekday, _offset, _feast, _dated, _numbered):
        if (found := read(words, today, back)) is not None:
            return found
    return None


def spoken(day: dt.date, today: dt.date) -> str:
    """Friday, December 25; with its year where that is another one."""
    told = f"{day:%A}, {day:%B} {day.day}"
    return told if day.year == today.year else f"{told}, {day.year}"


def titled(words: str) -> str:
    """With capitals where English writes them: the 4th of July, New Year's Eve."""
    words = re.sub(r"\bmy\b", "your", words)
    return " ".join(word.capitalize() if word in _CAPITAL else word for word in words.split())


def in_month(text: str, today: dt.date) -> tuple[str, int] | None:
    """The name and the number of days of a month, with or without its year."""
    found = re.fullmatch(rf"({_NAME}|this month|next month)(?: (?:of |in )?(\d{{4}}|this year))?", text)
    if found is None:
        return None
    if found[1] in _MONTH:
        month, year = _MONTH[found[1]], today.year
    else:
        month, year = (today.month + (found[1] == "next month") - 1) % 12 + 1, today.year
    year = int(found[2]) if found[2] and found[2].isdigit() else year
    return MONTHS[month].title(), calendar.monthrange(year, month)[1]


def easter(year: int) -> dt.date:
    """Of the western churches, by the Gregorian reckoning (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - shift - rest % 4) % 7
    late = (golden + 11 * shift + 22 * week) // 451
    month, number = divmod(shift + week - 7 * late + 114, 31)
    return dt.date(year, month, number + 1)


def _spelled(found: re.Match[str]) -> str:
    return f"{int(found[1] or 0) + _ORDINALS[found[2]]}th"


def _weekday(words: str, today: dt.date, back: bool) -> dt.date | None:
    found = re.fullmatch(rf"(?:(this|next|last|coming|this coming|the next) )?({'|'.join(WEEKDAYS)})", words)
    if words in ("the weekend", "this weekend"):
        return today + dt.timedelta(max(0, 5 - today.weekday()))
    if found is None:
        return None
    ahead = (WEEKDAYS.index(found[2]) - today.weekday()) % 7 or 7
    return today + dt.timedelta(ahead - 7 if found[1] == "last" or (back and not found[1]) else ahead)


def _offset(words: str, today: dt.date, back: bool) -> dt.date | None:
    length = r"(\d+|an?|1) (day|week|fortnight|month|year)s?"
    found = re.fullmatch(rf"(?:in )?{length}(?: (from (?:now|today|tomorrow)|ago|later|time))?", words)
    relative = re.fullmatch(r"(next|last) (week|month|year)", words)
    if found is not None:
        count, unit, way = int(found[1]) if found[1].isdigit() else 1, found[2], found[3] or ""
        if way == "" and not words.startswith("in "):
            return None
        begun = today + dt.timedelta(way.endswith("tomorrow"))
        return _moved(begun, -count if way == "ago" else count, unit)
    if relative is not None:
        return _moved(today, -1 if relative[1] == "last" else 1, relative[2])
    return None


def _moved(begun: dt.date, count: int, unit: str) -> dt.date | None:
    months = {"month": 1, "year": 12}.get(unit)
    try:
        if months is None:
            return begun + dt.timedelta(count * {"day": 1, "week": 7, "fortnight": 14}[unit])
        year, month = divmod(begun.year * 12 + begun.month - 1 + count * months, 12)
        return dt.date(year, month + 1, min(begun.day, calendar.monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return None  # further than a calendar reaches


def _feast(words: str, today: dt.date, back: bool) -> dt.date | None:
    found = re.fullmatch(r"(.+?)(?: (?:in |of )?(\d{4}))?", words)
    if found is None:
        return None
    name, year = found[1], int(found[2]) if found[2] else None

    def held(in_year: int) -> dt.date | None:
        if name in _FEASTS:
            return dt.date(in_year, *_FEASTS[name])
        if name in ("easter", "easter sunday"):
            return easter(in_year)
        if name == "good friday":
            return easter(in_year) - dt.timedelta(2)
        if name == "thanksgiving":
            first = dt.date(in_year, 11, 1)
            return first + dt.timedelta((3 - first.weekday()) % 7 + 21)
        return None

    return _nearest(held, today, year, back)


def _dated(words: str, today: dt.date, back: bool) -> dt.date | None:
    found = next((match for pattern in _DATED if (match := pattern.fullmatch(words)) is not None), None)
    if found is None:
        return None
    month = int(found["month"]) if found["month"].isdigit() else _MONTH[found["month"]]

    def held(in_year: int) -> dt.date | None:
        try:
            return dt.date(in_year, month, int(found["day"]))
        except ValueError:
            return None

    return _nearest(held, today, int(found["year"]) if found["year"] else None, back)


def _numbered(words: str, today: dt.date, back: bool) -> dt.date | None:
    """The 24th, of this month or the one that has it next."""
    found = re.fullmatch(r"the (\d{1,2})(?:st|nd|rd|th)(?: of (?:this|the) month)?", words)
    if found is None:
        return None
    for ahead in range(3):
        year, month = divmod(today.year * 12 + today.month - 1 + (-ahead if back else ahead), 12)
        if 1 <= int(found[1]) <= calendar.monthrange(year, month + 1)[1]:
            then = dt.date(year, month + 1, int(found[1]))
            if (then <= today) if back else (then >= today):
                return then
    return None


def _nearest(held: Callable[[int], dt.date | None], today: dt.date, year: int | None, back: bool) -> dt.date | None:
    """Of the days that something is held on, that of a year, or the next one, or the last one."""
    if year is not None:
        return held(year) if dt.MINYEAR <= year <= dt.MAXYEAR else None
    years = range(today.year, today.year - 9, -1) if back else range(today.year, today.year + 9)  # 29 February
    days = (found for one in years if (found := held(one)) is not None)
    return next((found for found in days if (found <= today if back else found >= today)), None)

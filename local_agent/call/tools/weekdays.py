"""The order of days, months and seasons, what a supposed day makes of others, ages: "if today is Monday, ..."."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from num2words import num2words

from local_agent.call.tools.days import MONTHS, WEEKDAYS, day

_DAY, _MONTH = rf"({'|'.join(WEEKDAYS)})", rf"({'|'.join(MONTHS[1:])})"
_PLACES = {num2words(place, to="ordinal"): place for place in range(1, 13)}
_PLACE = rf"({'|'.join(_PLACES)}|last|\d{{1,2}}(?:st|nd|rd|th))"
_NEAR = {"today": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2, "the day before yesterday": -2}
_BE = r"(?:is|was|will it be|is it|was it|will|it is)(?: be)?"
_NEARBY = rf"({'|'.join(sorted(_NEAR, key=len, reverse=True))})"
_LENGTHS = {"day": 1, "week": 7}
_SPAN = r"(an?|\d{1,5}) (day|week)s?"


def answer(words: str, now: dt.datetime) -> str | None:
    """A sentence; None where nothing of the kind is asked. words: as `wording.asked` gives them."""
    for pattern, tell in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None:
            return tell(now.date(), *(group or "" for group in found.groups()))
    return None


def _moved(name: str, days: int) -> str:
    return WEEKDAYS[(WEEKDAYS.index(name) + days) % 7].title()


def _beside_day(today: dt.date, side: str, name: str) -> str:
    return f"{_moved(name, 1 if side == 'after' else -1)} comes {side} {name.title()}."


def _beside_month(today: dt.date, side: str, name: str) -> str:
    at = (MONTHS.index(name) - 1 + (1 if side == "after" else -1)) % 12
    return f"{MONTHS[at + 1].title()} comes {side} {name.title()}."


def _placed(today: dt.date, place: str, what: str) -> str | None:
    names = MONTHS[1:] if what == "year" else WEEKDAYS
    at = len(names) if place == "last" else _PLACES.get(place) or int(place[:-2])
    return (
        f"The {place} {'month' if what == 'year' else 'day'} is {names[at - 1].title()}." if at <= len(names) else None
    )


def _number_of(today: dt.date, month: str) -> str:
    return f"{month.title()} is month {MONTHS.index(month)} of 12."


def _supposed(today: dt.date, given: str, name: str, asked: str) -> str | None:
    """If yesterday was Friday, what day is in three days?"""
    base = dt.date(2000, 1, 3) + dt.timedelta(WEEKDAYS.index(name) - _NEAR[given])  # any Monday
    try:
        then = day(asked.removeprefix("it ").strip(), base)
    except ValueError:
        return None
    return None if then is None else f"That is {WEEKDAYS[then.weekday()].title()}."


def _from_day(today: dt.date, count: str, unit: str, way: str, name: str) -> str:
    days = (int(count) if count.isdigit() else 1) * _LENGTHS[unit]
    return f"That is {_moved(name, -days if way == 'before' else days)}."


def _is_day(today: dt.date, *said: str) -> str:
    near, name = next(one for one in said if one in _NEAR or one == ""), next(one for one in said if one in WEEKDAYS)
    true = WEEKDAYS[(today.weekday() + _NEAR[near or "today"]) % 7]
    verb = "was" if "yesterday" in near else "is"
    return f"{'Yes' if true == name else 'No'}, {near or 'today'} {verb} {true.title()}."


def _is_weekend(today: dt.date, near: str, kind: str) -> str:
    near = near if near in _NEAR else "today"
    at = (today.weekday() + _NEAR[near]) % 7
    true = (at >= 5) == (kind == "weekend")
    verb = "was" if "yesterday" in near else "is"
    return f"{'Yes' if true else 'No'}, {near} {verb} {WEEKDAYS[at].title()}."


def _week(today: dt.date) -> str:
    return f"It is week {today.isocalendar().week}."


def _leap(today: dt.date, said: str, year: str) -> str:
    years = {"this year": today.year, "it": today.year, "this": today.year, "next year": today.year + 1,
             "last year": today.year - 1}  # fmt: skip
    which = years.get(year) or int(year)
    true = calendar.isleap(which)
    verb = "was" if which < today.year else "is"
    return f"{'Yes' if true else 'No'}, {which} {verb} {'' if true else 'not '}a leap year."


def _next_leap(today: dt.date, side: str, after: str) -> str:
    step = -1 if side in ("last", "previous") else 1
    year = (int(after) if after else today.year) + step
    while not calendar.isleap(year):
        year += step
    return f"{'The last leap year was' if step < 0 else 'The next leap year is'} {year}."


def _months_after(today: dt.date, count: str, side: str, name: str) -> str:
    at = (MONTHS.index(name) - 1 + int(count) * (-1 if side == "before" else 1)) % 12
    return f"{MONTHS[at + 1].title()}."


def _months_of(today: dt.date, length: str) -> str:
    if int(length) == 28:
        return "All 12 have at least 28 days, and February has no more in most years."
    count = sum(calendar.monthrange(2001, month)[1] == int(length) for month in range(1, 13))
    return f"{count} months have {length} days."


def _days_of_two(today: dt.date, one: str, other: str) -> str:
    count = sum(calendar.monthrange(today.year, MONTHS.index(month))[1] for month in (one, other))
    return f"{one.title()} and {other.title()} have {count} days together."


def _century(today: dt.date) -> str:
    return f"We are in the {num2words((today.year - 1) // 100 + 1, to='ordinal_num')} century."


def _months_between(today: dt.date, first: str, last: str) -> str:
    count = (MONTHS.index(last) - MONTHS.index(first)) % 12
    return f"From {first.title()} to {last.title()} it is {count} month{'' if count == 1 else 's'}."


def _days_between(today: dt.date, first: str, last: str) -> str:
    count = (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7
    return f"From {first.title()} to {last.title()} it is {count} day{'' if count == 1 else 's'}."


def _first_of(today: dt.date, how: str, one: str, other: str) -> str:
    pair = sorted((one, other), key=MONTHS.index)
    return f"{pair[how in ('last', 'later')].title()} comes {how}."


def _age(today: dt.date, *years: str) -> str | None:
    born, then = int(next(filter(None, years[:-1]), "0")), int(years[-1] or today.year)
    age = then - born
    return f"That makes {age} years, or {age - 1} before the birthday." if 0 < age < 130 else None


def _ago(today: dt.date, year: str) -> str:
    years = abs(today.year - int(year))
    return f"That {'was' if int(year) < today.year else 'is'} {years} year{'' if years == 1 else 's'} " + (
        "ago." if int(year) < today.year else "from now."
    )


def _years_between(today: dt.date, first: str, last: str) -> str:
    return f"There are {abs(int(last) - int(first))} years between them."


def _year_after(today: dt.date, count: str, way: str, year: str) -> str:
    return f"That is {int(year) + int(count) * (-1 if way == 'before' else 1)}."


def _day_of_year(today: dt.date) -> str:
    return f"It is day {today.timetuple().tm_yday} of the year."


_YEAR = r"(\d{4})"
_WHO = r"(?:i|you|he|she|someone|somebody|a person|my \w+|[a-z]+)"
_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[..., str | None]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (rf"(?:what|which) day(?: of the week)? (?:comes|is|follows)(?: right)? (after|before) {_DAY}", _beside_day),
        (rf"what is the day (after|before) {_DAY}", _beside_day),
        (rf"(?:what|which) month (?:comes|is|follows)(?: right)? (after|before) {_MONTH}", _beside_month),
        (rf"(?:what|which)(?: month)? is the {_PLACE} (?:month|day) (?:of|in) (?:the|a) (year|week)", _placed),
        (
            rf"(?:which|what)(?: number)? month is {_MONTH}|what number (?:month )?is {_MONTH}",
            lambda today, *names: _number_of(today, "".join(names)),
        ),
        (
            rf"(?:if|suppose|say|assuming) (?:it )?{_NEARBY} (?:is|was|were|will be) (?:a )?{_DAY},?(?: then)? "
            rf"(?:what|which)(?: day| weekday)?(?: of the week)? {_BE} ?(.+)",
            _supposed,
        ),
        (
            rf"(?:what|which) day(?: of the week)? {_BE} ?(?P<asked>.+?) "
            rf"if (?P<given>{_NEARBY[1:-1]}) (?:is|was|were) (?:a )?(?P<name>{_DAY[1:-1]})",
            lambda today, asked, given, name: _supposed(today, given, name, asked),
        ),
        (
            rf"(?:what|which)(?: day)?(?: of the week)? (?:comes|{_BE}) {_SPAN} "
            rf"(after|before|from) (?:a )?{_DAY}",
            _from_day,
        ),
        (rf"is (?:it )?{_NEARBY} (?:a )?{_DAY}|is it (?:a )?{_DAY}(?: (today))?", _is_day),
        (
            r"(?:is|was) (?:it )?(today|tomorrow|yesterday|it)(?: on)?(?: an?| the)? (weekend|weekday|workday)"
            r"(?: today| now)?",
            _is_weekend,
        ),
        (
            r"(?:what|which) (?:calendar )?week(?: number| of the year)*(?: is it| are we in| is this| is today)*"
            r"|what is the (?:current )?(?:calendar )?week(?: number)?",
            _week,
        ),
        (
            rf"(is|was|will) {_YEAR[:-1]}|this year|next year|last year|it|this)(?: be)?(?: also)?(?: an?)? leap year"
            r"(?: this year)?",
            _leap,
        ),
        (
            rf"(?:when|what|which year) (?:is|was|will be)(?: the)? (next|last|previous) leap year(?: after {_YEAR})?",
            _next_leap,
        ),
        (
            rf"how old (?:am|is|are|would|will) {_WHO}(?: be)?(?: now| today)?(?: if {_WHO} (?:was|were|is|am))? "
            rf"(?:who (?:was|were) )?born in {_YEAR}()",
            _age,
        ),
        (
            rf"(?:if )?{_WHO} (?:was|were|am|is) born in {_YEAR},? how old (?:am|is|are|would|will) {_WHO}(?: be)?"
            rf"(?: now| today| in {_YEAR})?",
            _age,
        ),
        (
            r"(?:how (?:long|many years) ago (?:was|is)|how many years (?:is it|has it been|have passed) since) "
            rf"{_YEAR}",
            _ago,
        ),
        (rf"how (?:long|many years|far)(?: is it| are there| is there)? (?:until|till|to|before) {_YEAR}", _ago),
        (
            rf"how many years (?:are there |are |is it |lie |passed |were )*(?:between|from) {_YEAR} (?:and|to|until) "
            rf"{_YEAR}",
            _years_between,
        ),
        (rf"(?:what|which) year (?:is|was|comes|will be) (\d{{1,4}}) years (after|before|from) {_YEAR}", _year_after),
        (
            rf"how many days (?:are there |are |do )*(?:in )?{_MONTH} and {_MONTH}(?: have)?(?: together| combined)?",
            _days_of_two,
        ),
        (
            rf"(?:what|which) month (?:comes|is|is it|will it be) (\d{{1,3}}) months? (after|before|from) {_MONTH}",
            _months_after,
        ),
        (r"(?:how many|which) months have (28|30|31) days", _months_of),
        (r"(?:what|which) century (?:are we in|is it|is this)", _century),
        (
            rf"how many months (?:are there |are |is it |lie )*(?:between|from) {_MONTH} (?:and|to|until) {_MONTH}",
            _months_between,
        ),
        (
            rf"how many days (?:are there |are |is it |lie )*(?:between|from) {_DAY} (?:and|to|until) {_DAY}",
            _days_between,
        ),
        (rf"(?:what|which)(?: month)? (?:comes|is) (first|earlier|last|later),? {_MONTH} or {_MONTH}", _first_of),
        (r"(?:what|which) day of the year is (?:it|today)(?: today)?", _day_of_year),
    )
)

"""Questions about time and dates: `answer("how many days until Christmas", now)`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from local_agent.call.tools import days, places, times, weekdays
from local_agent.call.tools.arithmetic import first_upper
from local_agent.call.tools.units import quantity
from local_agent.call.tools.wording import asked, goes_on

_IS = r"(?:is|was|will be|would be)"
_THE_TIME = r"(?:(?:the )?(?:current |local |exact )?time)"
_WAIT = r"(?:until|till|til|to|before|left until|left till|left before|remaining until)"
_CLOCK = re.compile(r"(?:(\d{1,2})(?::(\d{2}))? ?(a\.?m\.?|p\.?m\.?|oclock)?|(noon|midday|midnight))")


def answer(text: str, now: dt.datetime) -> str | None:
    """A sentence; None where the text asks about something else. now: with its time zone."""
    words = asked(text)
    for pattern, told in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None and (said := told(found, now)) is not None:
            return said
    return places.answer(words, now) or weekdays.answer(words, now) or times.answer(words, now)


def _time(found: re.Match[str], now: dt.datetime) -> str | None:
    place = found.groupdict().get("place")
    if place and quantity(place) is not None:
        return None  # in two hours
    if not place or place in ("here", "my place", "this place", "our time zone"):
        return f"It is {places.clock(now)}."
    return places.time_in(place, now)


def _place_time(found: re.Match[str], now: dt.datetime) -> str | None:
    return _time(found, now) if places.is_place(found["place"]) else None


def _today(found: re.Match[str], now: dt.datetime) -> str:
    return f"It is {days.spoken(now.date(), now.date())}, {now.year}."


def _part_of_day(found: re.Match[str], now: dt.datetime) -> str:
    parts = (
        (5, "at night"),
        (12, "in the morning"),
        (18, "in the afternoon"),
        (22, "in the evening"),
        (24, "at night"),
    )
    return f"It is {places.clock(now)}, {next(name for end, name in parts if now.hour < end)}."


def _this(found: re.Match[str], now: dt.datetime) -> str:
    return f"It is {now.year}." if found["what"] == "year" else f"It is {now:%B}."


def _year_of(found: re.Match[str], now: dt.datetime) -> str | None:
    day = days.day(found["day"], now.date())
    if day is None:
        return None
    return f"It {'was' if day.year < now.year else 'will be' if day.year > now.year else 'is'} {day.year}."


def _day_of(found: re.Match[str], now: dt.datetime) -> str | None:
    today, words = now.date(), re.sub(r" (?:be|fall|land)(?: on| in)?(?= \w+ year$)", "", found["day"])
    day = days.day(words, today, back=re.search(r"\b(was|did|were)\b", found[0]) is not None)
    if day is None:
        return None
    verb = "was" if day < today else "is"
    if words.startswith("in "):
        return f"{first_upper(words)} it is {days.spoken(day, today)}."
    dated = days.MONTHS[day.month][:3] in words or words[0].isdigit()
    return f"{'That' if dated else first_upper(days.titled(words))} {verb} {days.spoken(day, today)}."


def _until(found: re.Match[str], now: dt.datetime) -> str | None:
    today, unit = now.date(), (found.groupdict().get("unit") or "day").rstrip("s")
    day = days.day(f"{found['day']} 1" if found["day"] in days.MONTHS[1:] else found["day"], today)
    if day is None or day < today:
        return None
    count = (day - today).days
    if count == 0:
        return f"{first_upper(days.titled(found['day']))} is today."
    if unit == "week" and count >= 7:
        return f"It is {_weeks(count)} until {days.titled(found['day'])}."
    if unit == "month" and count >= 31:
        return f"It is about {_counted(round(count / 30.44), 'month')} until {days.titled(found['day'])}."
    return f"It is {_counted(count, 'day')} until {days.titled(found['day'])}."


def _since(found: re.Match[str], now: dt.datetime) -> str | None:
    today = now.date()
    day = days.day(found["day"], today, back=True)
    return (
        None
        if day is None or day > today
        else f"It is {_counted((today - day).days, 'day')} since {days.titled(found['day'])}."
    )


def _between(found: re.Match[str], now: dt.datetime) -> str | None:
    first = days.day(found["first"], now.date())
    last = days.day(found["last"], first or now.date())
    if first is None or last is None:
        return None
    count = abs((last - first).days)
    told = _weeks(count) if (found["unit"] or "").startswith("week") else _counted(count, "day")
    return f"There are {told} between them." if count != 1 else "There is 1 day between them."


def _left(found: re.Match[str], now: dt.datetime) -> str:
    today, unit = now.date(), found["span"]
    last = dt.date(today.year, 12, 31)
    if unit == "month":
        last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    count = (last - today).days
    told = _weeks(count) if found["unit"] == "weeks" and count >= 7 else _counted(count, "day")
    return f"There {'is' if count == 1 else 'are'} {told} left in this {unit}."


def _month(found: re.Match[str], now: dt.datetime) -> str | None:
    told = days.in_month(found["month"], now.date())
    if told is None:
        return None
    if found[2] and told[0] == "February":
        return f"In a {found[2]} year, February has {29 if found[2] == 'leap' else 28} days."
    leap = told[0] == "February" and not re.search(r"\d{4}|this", found["month"])
    return "February has 28 days, and 29 in a leap year." if leap else f"{told[0]} has {told[1]} days."


def _leap(found: re.Match[str], now: dt.datetime) -> str:
    return "A leap year has 366 days."


def _until_clock(found: re.Match[str], now: dt.datetime) -> str | None:
    then = _moment(times.plain(found["clock"]), now)
    if then is None:
        return None
    minutes = -(-int((then - now).total_seconds()) // 60)
    parts = [_counted(count, name) for count, name in ((minutes // 60, "hour"), (minutes % 60, "minute")) if count]
    return (
        f"It is {' and '.join(parts)} until {_said_clock(found['clock'], then)}." if parts else "It is that time now."
    )


def _later(found: re.Match[str], now: dt.datetime) -> str | None:
    span = quantity(found["span"])
    if span is None or span.unit.kind != "time" or span.size > 10**9:
        return None
    then = now + dt.timedelta(seconds=float(span.size)) * (-1 if "ago" in found[0] else 1)
    return f"It {'was' if then < now else 'will be'} {places.clock(then)}{places.other_day(then, now)}."


def _born(found: re.Match[str], now: dt.datetime) -> str | None:
    """The age of somebody, or the weekday, by the day of birth."""
    day, today = days.day(found["day"], now.date(), back=True), now.date()
    if day is None or day > today or not re.search(r"\d{4}", found["day"]):
        return None
    if "how old" in found[0]:
        age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
        return f"That makes {_counted(age, 'year')}."
    return f"That was {days.spoken(day, today)}."


def _month_of(found: re.Match[str], now: dt.datetime) -> str | None:
    told = days.in_month(f"{found['month']} {found['year']}", now.date())
    return None if told is None else f"{told[0]} {found['year']} has {told[1]} days."


def _moment(said: str, now: dt.datetime) -> dt.datetime | None:
    """When a clock shows that next; of two times without AM or PM, the one that comes first."""
    found = _CLOCK.fullmatch(said)
    if found is None:
        return None
    if found[4]:
        hours, minute = ([0] if found[4] == "midnight" else [12]), 0
    else:
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
        if hour > 23 or minute > 59 or (half in ("a", "p") and not 1 <= hour <= 12):
            return None
        hours = (
            [hour % 12 + 12 * (half == "p")]
            if half in ("a", "p")
            else [hour]
            if hour > 12
            else [hour % 12, hour % 12 + 12]
        )
    times = [now.replace(hour=hour, minute=minute, second=0, microsecond=0) for hour in hours]
    return min(time if time > now else time + dt.timedelta(1) for time in times)


def _said_clock(said: str, then: dt.datetime) -> str:
    return said if said.isalpha() else places.clock(then)


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _weeks(count: int) -> str:
    weeks, rest = divmod(count, 7)
    return f"{_counted(weeks, 'week')} and {_counted(rest, 'day')}" if rest else _counted(weeks, "week")


_PARTS = r"(?:(?:the )?(?:morning|afternoon|evening|night|day|am|pm))"
_PART = rf"(?:still |already )?{_PARTS},? or {_PARTS}"
_WHO = r"(?:i|you|he|she|someone|somebody|a person|my \w+|[a-z]+)"
_DAY, _COUNT = r"(?P<day>.+?)", r"(?P<unit>days|weeks|months)"
_NOW = r"(?: (?:now|currently))?"
_PLACE = r"(?: (?:over )?(?:in|on) (?P<place>.+))?"
_SPAN = r"(?: (?:is it|are there|are left|do we have|left|remain))*"
_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.datetime], str | None]], ...] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (rf"(?:what|which) time (?:is it|it is){_NOW}{_PLACE}", _time),
        (rf"(?!what is time\Z)(?:what is |what {_IS} )?{_THE_TIME}(?: is it)?{_NOW}{_PLACE}", _time),
        (rf"how late is it{_NOW}{_PLACE}{_NOW}", _time),
        (r"(?:do you have|have you got|got|give me|check) the time|now|how late is it|what hour is it", _time),
        (r"(?:what is )?(?P<place>[a-z .]+?)(?:'s)? time", _place_time),
        (r"(?:what|which) (?:day|date)(?: of the (?:week|month))? (?:is it|it is|is today|are we)(?: today)?", _today),
        (r"(?:what is )?(?:the |today's |the current |todays )+(?:date|day)(?: of the week)?(?: today)?", _today),
        (r"what is today(?:'s date)?|today is what day|date and time|today", _today),
        (
            r"(?:what|which) (?:day|date|weekday)(?: of the week)? (?:do we have|are we having)(?: today)?",
            _today,
        ),
        (r"what (?:is|was) (?P<day>tomorrow|yesterday)'s (?:date|day)", _day_of),
        (r"(?:what|which) (?:day|date) is it going to be (?P<day>.+)", _day_of),
        (
            rf"is it {_PART}(?: already| yet| now)?",
            _part_of_day,
        ),
        (r"(?:what|which) (?P<what>year|month) (?:is it|it is|are we in|is this)(?: currently)?", _this),
        (r"what is the (?:current )?(?P<what>year|month)", _this),
        (
            rf"(?:on )?(?:what|which) (?:day|date|weekday)(?: of the week)? "
            rf"(?:{_IS}|does|did|is it|will it be|will)(?: it)? {_DAY}(?: (?:be|fall|on|fall on|land on))*",
            _day_of,
        ),
        (rf"(?:what is|what was|what will be|what will) the (?:date|day) (?:of |for |on |be )?{_DAY}", _day_of),
        (rf"how old (?:am|is|are) {_WHO} if {_WHO} (?:was|were) born (?:on |in )?{_DAY}", _born),
        (
            rf"(?:if )?{_WHO} (?:was|were) born (?:on |in )?{_DAY}[,.]? how old (?:am|is|are) {_WHO}(?: now| today)?",
            _born,
        ),
        (
            rf"(?:what|which) (?:day|weekday)(?: of the week)? was {_WHO} born(?: on)? if {_WHO} was born on {_DAY}",
            _born,
        ),
        (
            rf"(?:if )?{_WHO} (?:was|were) born on {_DAY}[,.]? (?:what|which) (?:day|weekday)(?: of the week)? was "
            r"(?:that|it)(?: on)?",
            _born,
        ),
        (r"how many days (?:did|does|will|are in|were in) (?P<month>[a-z]+) (?:have )?in (?P<year>\d{4})", _month_of),
        (rf"(?:when|what day|what date) {_IS} {_DAY}", _day_of),
        (rf"(?:weekday|day|day of the week) (?:of|for|on) {_DAY}", _day_of),
        (r"what is (?P<day>tomorrow|yesterday|the day after tomorrow|.+ (?:from (?:now|today)|ago))", _day_of),
        (rf"(?:how many {_COUNT}{_SPAN}|how (?:long|far)(?: away)?(?: is it| is there)?|days) {_WAIT} {_DAY}", _until),
        (rf"how (?:far|long|many {_COUNT}) away is {_DAY}", _until),
        (rf"in how many {_COUNT} is {_DAY}", _until),
        (r"in (?P<span>.+?),? what time (?:will it be|is it)", _later),
        (rf"how (?:long|much time|many (?:hours|minutes)){_SPAN} {_WAIT} (?P<clock>.+)", _until_clock),
        (rf"how (?:many days|long)(?: has it been| is it| have passed| passed| went by)? since {_DAY}", _since),
        (rf"how (?:many days ago|long ago) (?:was|is) {_DAY}", _since),
        (
            rf"(?:(?:how many |number of |the number of )?{_COUNT}|how long)(?: (?:is it|are there|lie|are))? "
            r"(?:between|from) "
            r"(?P<first>.+?) (?:and|to|until|till) (?P<last>.+)",
            _between,
        ),
        (
            rf"how many (?P<unit>days|weeks){_SPAN}(?: are)? (?:left |remaining )?(?:in |of |until the end of )?"
            r"(?:the|this) (?P<span>year|month)",
            _left,
        ),
        (
            r"how many days (?:are|does|do)?(?: there)?(?: in| in the month of)? ?"
            r"(?P<month>[a-z]+(?: month)?(?: (?:of |in )?(?:\d{4}|this year))?)(?: have)?"
            r"(?: in an? (leap|normal) year)?",
            _month,
        ),
        (r"how many days (?:are |does |there )*(?:in )?a leap year(?: have)?", _leap),
        (rf"(?:what|which) year (?:was it|will it be|is it|was|will be|is) {_DAY}", _year_of),
        (r"(?:what time|what) (?:will it be|is it) (?:in )?(?P<span>.+?)(?: from now)?", _later),
        (r"what time was it (?P<span>.+) ago", _later),
    )
)


def resumed(text: str, before: str) -> str | None:
    """The whole question where a text only names another place or day: "and in London", "what about Easter".

    None where the question before was not about one.
    """
    words, earlier = asked(text), asked(before)
    other = re.fullmatch(r"(?:(?:what|how) about )?(?:in |for |until |on )?(.+)", words)
    if other is None:
        return None
    if (moved := _moved_on(words, other[1], earlier)) is not None:
        return moved
    if re.search(r"\btime\b", earlier):
        return f"what time is it in {other[1]}" if goes_on(text) and places.is_place(other[1]) else None
    for mark, begun in ((rf"\b{_WAIT}\b", "how many days until"), (r"\b(?:day|date|when)\b", "what day is")):
        if re.search(mark, earlier):
            return f"{begun} {other[1]}"
    return None


def _moved_on(words: str, other: str, earlier: str) -> str | None:
    """The earlier question with another unit, day, year, span or month in it; None where it has no place for one."""
    until = re.search(rf"\b{_WAIT} (.+)$", earlier)
    if until and (unit := re.fullmatch(r"(?:how many )?(days|weeks|months)(?: is (?:that|it))?", other)):
        return f"how many {unit[1]} until {until[1]}"
    if until and re.fullmatch(r"(?:what|which) (?:day|weekday|date)(?: of the week)? is (?:that|it)", words):
        return f"what day is {until[1]}"
    if (beside := re.search(r"\b(after|before) ([a-z]+)$", earlier)) and re.fullmatch(r"(?:after|before) that", words):
        step = words.partition(" ")[0]
        way = 1 if beside[1] == "after" else -1
        for names in (days.MONTHS[1:], days.WEEKDAYS):
            if beside[2] in names:
                return f"{earlier[: beside.start()]}{step} {names[(names.index(beside[2]) + way) % len(names)]}"
    if re.fullmatch(r"\d{4}", other) and re.search(r"\b\d{4}\b", earlier):
        return re.sub(r"\b\d{4}\b", other, earlier, count=1)
    dated = re.search(r",? (\d{4})$", earlier)
    if dated and any(month and month in other for month in days.MONTHS) and not re.search(r"\d{4}", other):
        return f"what day was {other} {dated[1]}"
    if "time" in earlier and not places.is_place(other) and quantity(other) is not None:
        return f"what time will it be in {other}"
    return None

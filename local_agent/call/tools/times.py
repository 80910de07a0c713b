"""Reckoning with times of day: how long from one to another, when something ends, 24 hours, and zones of two places."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from local_agent.call.tools.units import quantity
from local_agent.call.tools.zones import SeveralZones, zone

_DAY = 24 * 60  # minutes
_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_CLOCK = re.compile(
    r"(?:(half past|quarter past|quarter to) )?(\d{1,2})(?:[:.](\d{2})| (\d{2}))?(?: ?(a\.?m|p\.?m)\b\.?| ?oclock)?"
    r"(?: (?:in the (morning|afternoon|evening)|at (night)))?|(noon|midday|midnight)"
)
_TIME = (
    r"(?:(?:half|quarter|a quarter) (?:past|to) )?\d{1,2}(?:[:.]\d{2}| \d{2})?(?: ?[ap]\.?m\b\.?| ?oclock)?"
    r"(?: in the (?:morning|afternoon|evening)| at night)?|noon|midday|midnight"
)
_CLOCK_AT, _FIRST, _LAST = (rf"(?P<{name}>{_TIME})" for name in ("clock", "first", "last"))
_SPAN = r"(?P<span>(?:an?|\d+(?:\.\d+)?|half an|1) [a-z]+(?:(?:,| and)? (?:\d+(?:\.\d+)? [a-z]+|a half))?)"


def answer(words: str, now: dt.datetime) -> str | None:
    """A sentence; None where nothing of the kind is asked. words: as `wording.asked` gives them. now: with its zone."""
    for pattern, tell in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None and (said := tell(found, now)) is not None:
            return said
    return None


def plain(said: str) -> str:
    """A time in hours and minutes: quarter past 3 is 3:15, 7 in the evening 7 pm."""

    def told(found: re.Match[str]) -> str:
        part, way, hour = 30 if found[1] == "half" else 15, found[2], int(found[3])
        return f"{hour}:{part}" if way == "past" else f"{(hour - 2) % 12 + 1}:{60 - part}"

    said = re.sub(r"(\d) in the morning\b", r"\1 am", said)
    said = re.sub(r"(\d) (?:in the (?:afternoon|evening)|at night)\b", r"\1 pm", said)
    return re.sub(r"\b(?:a )?(half|quarter) (past|to) (\d{1,2})", told, said)


def _minutes(said: str) -> tuple[int, bool] | None:
    """Since midnight, and whether it was said which half of the day is meant."""
    found = _CLOCK.fullmatch(said.replace("a quarter", "quarter").strip())
    if found is None:
        return None
    if found[8]:
        return _NAMED[found[8]], True
    hour, minute = int(found[2]), int(found[3] or found[4] or 0)
    half = (found[5] or "")[:1] or {"morning": "a", "afternoon": "p", "evening": "p", "night": "p"}.get(
        found[6] or found[7] or "", ""
    )
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    minute += {"half past": 30, "quarter past": 15, "quarter to": -15}.get(found[1] or "", 0)
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return (hour * 60 + minute) % _DAY, bool(half) or hour > 12 or hour == 0


def _spoken(minutes: int, sure: bool) -> str:
    minutes %= _DAY
    hour, minute = divmod(minutes, 60)
    told = f"{hour % 12 or 12}:{minute:02}"
    return f"{told} {'AM' if hour < 12 else 'PM'}" if sure else told


def _long(minutes: int) -> str:
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}"
        for count, name in ((minutes // 60, "hour"), (minutes % 60, "minute"))
        if count
    ]
    return " and ".join(parts)


def _span(said: str) -> int | None:
    """Minutes."""
    found = quantity(said)
    return None if found is None or found.unit.kind != "time" or found.size % 60 else int(found.size // 60)


def _between(found: re.Match[str], now: dt.datetime) -> str | None:
    first, last = _minutes(found["first"]), _minutes(found["last"])
    said = f"{found['first']} {found['last']}"
    if first is None or last is None or not (re.search(r"[:apm]|clock", said) or _TOLD.search(found[0])):
        return None
    # Without AM and PM the later one is within twelve hours.
    circle = _DAY if first[1] and last[1] else _DAY // 2
    length = (last[0] - first[0]) % circle or circle
    if (found.groupdict().get("unit") or "").startswith("minute"):
        return f"That is {length} minutes."
    return f"That is {_long(length)}."


_TOLD = re.compile(r"\b(?:hours|minutes|sleep|slept|work|worked|bed|meeting|clock|train|flight|movie|film|shift)\b")


def _moved(found: re.Match[str], now: dt.datetime) -> str | None:
    begun, span = _minutes(found["clock"]), _span(found["span"])
    if begun is None or span is None:
        return None
    back = found.groupdict().get("way") in ("before", "to", "takes")
    return f"That is {_spoken(begun[0] + (-span if back else span), begun[1])}."


def _other_form(found: re.Match[str], now: dt.datetime) -> str | None:
    at = _minutes(found["clock"])
    if at is None:
        return None
    if found["form"] == "24":
        return f"That is {at[0] // 60}:{at[0] % 60:02}." if at[1] else None
    return f"That is {_spoken(at[0], True)}."


def _elsewhere(found: re.Match[str], now: dt.datetime) -> str | None:
    at = _minutes(found["clock"])
    try:
        here = zone(found["place"]) if found["place"] and found["place"] != "here" else now.tzinfo
        there = zone(found["other"]) if found["other"] != "here" else now.tzinfo
    except SeveralZones as place:
        return f"{str(place).title()} has several time zones. Which city do you mean?"
    if at is None or here is None or there is None:
        return None
    local = now.astimezone(here).replace(hour=at[0] // 60, minute=at[0] % 60)
    then = local.astimezone(there)
    day = " the next day" if then.date() > local.date() else " the day before" if then.date() < local.date() else ""
    name = found["other"].title() if found["other"] != "here" else ""
    return f"Then it is {_spoken(then.hour * 60 + then.minute, True)}{f' in {name}' if name else ' here'}{day}."


_WHAT = r"(?:what time|when|at what time)"
_BEGINS = r"(?:starts?|begins?|leaves?|put it in|departs?|is|opens?|goes?|put [a-z ]+? in)(?: at| from)?"
_LASTS = (
    r"(?:lasts?|takes?(?: me)?|is|runs?|goes on|drive|walk|travel|ride|fly|flies|cook|work|sleep|need|bake|study)"
    r"(?: for)?(?: about)?"
)
_ENDS = r"(?:(?:does|do|will|is|am|are|would) )?(?:it|he|she|i|we|they|the [a-z ]+?|that)?[a-z ]*"
_STARTS = r"(?:from|at|between|leaves at|starts at|begins at)"
_LONG = r"how (?:long|much time|many (?P<unit>hours|minutes))"
_NAMED_IN, _OTHER = r"(?: (?:in )?(?P<place>[a-z .]+?))?", r"(?P<other>[a-z .]+?)"
_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.datetime], str | None]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (
            rf"{_LONG}(?: is it| is there| are there| are| is(?: an? [a-z]+?)?| lie)* (?:between|from) {_FIRST} "
            rf"(?:and|to|until|till) {_LAST}",
            _between,
        ),
        (
            rf"(?:if )?[a-z' ]*? {_STARTS} {_FIRST},? (?:[a-z' ]*?)?(?:and|to|until|till)(?: [a-z' ]*?(?:at|by))? "
            rf"{_LAST}(?: [a-z ]*)?[,.]? {_LONG}[a-z ]*",
            _between,
        ),
        (
            rf"{_WHAT} (?:is it|is|will it be|was it) {_SPAN} (?P<way>after|before|past|to|from) {_CLOCK_AT}",
            _moved,
        ),
        (
            rf"(?:if )?[a-z' ]*? {_BEGINS} {_CLOCK_AT},?(?: [a-z' ]*?)? {_LASTS} {_SPAN}(?: [a-z' ]*?)?[,.]? "
            rf"{_WHAT} {_ENDS}",
            _moved,
        ),
        (
            rf"{_WHAT} {_ENDS} if [a-z' ]*? {_BEGINS} {_CLOCK_AT},?(?: [a-z' ]*?)? {_LASTS} {_SPAN}",
            _moved,
        ),
        (rf"it is {_CLOCK_AT}[,.]? {_WHAT} (?:is it|will it be)(?: in)? {_SPAN}(?: later| from now)?", _moved),
        (
            rf"{_WHAT} (?:do|should|must) (?:i|we) (?:have to |need to )?(?:leave|start|go|begin|set off)[a-z ]*? "
            rf"(?:at|by) {_CLOCK_AT} (?:if|when) it (?P<way>takes)(?: me| us)? {_SPAN}(?: to get there)?",
            _moved,
        ),
        (
            rf"(?:what is|convert|how do you (?:say|write)) {_CLOCK_AT} (?:in|to|as|on) (?:the )?(?:an? )?"
            r"(?P<form>12|24)[- ]hours?(?: (?:time|clock|format))?",
            _other_form,
        ),
        (
            rf"(?:(?:if|when) )?it is {_CLOCK_AT}{_NAMED_IN}[,.]? (?:what time|what|how late) is it(?: then)? "
            rf"(?:in )?{_OTHER}",
            _elsewhere,
        ),
        (
            rf"(?:what time is it|what is the time) in {_OTHER} (?:if|when) it is {_CLOCK_AT}{_NAMED_IN}",
            _elsewhere,
        ),
    )
)

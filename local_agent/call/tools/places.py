"""What time and day it is elsewhere, and how far apart the clocks of two places are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from local_agent.call.tools import days
from local_agent.call.tools.arithmetic import first_upper
from local_agent.call.tools.zones import SeveralZones, zone


def answer(words: str, now: dt.datetime) -> str | None:
    """A sentence; None where nothing of the kind is asked. words: as `wording.asked` gives them. now: with its zone."""
    for pattern, tell in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None and (said := tell(found, now)) is not None:
            return said
    return None


def clock(moment: dt.datetime) -> str:
    """2:35 PM."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {moment:%p}"


def is_place(words: str) -> bool:
    """Whether a time zone is known of it, or several."""
    try:
        return zone(words) is not None
    except SeveralZones:
        return True


def other_day(there: dt.datetime, now: dt.datetime) -> str:
    """The weekday where it is another one than here."""
    return f" on {there:%A}" if there.date() != now.date() else ""


def _named(place: str) -> str:
    small = {"the", "of", "and", "de", "la"}
    return " ".join(word if word in small else word.upper() if word in ("uk", "uae", "utc", "gmt") else word.title()
                    for word in place.split())  # fmt: skip


def _elsewhere(place: str, now: dt.datetime, tell: Callable[[dt.datetime], str]) -> str:
    try:
        there = zone(place)
    except SeveralZones:
        return f"{first_upper(_named(place))} has several time zones. Which city do you mean?"
    return f"I don't know the time zone of {_named(place)}." if there is None else tell(now.astimezone(there))


def _date_there(found: re.Match[str], now: dt.datetime) -> str | None:
    if not is_place(found["place"]):
        return None

    def tell(there: dt.datetime) -> str:
        return f"In {_named(found['place'])} it is {days.spoken(there.date(), now.date())}."

    return _elsewhere(found["place"], now, tell)


def _zone(found: re.Match[str], now: dt.datetime) -> str | None:
    def tell(there: dt.datetime) -> str:
        ahead = int((there.utcoffset() or dt.timedelta()).total_seconds()) // 60
        hours = f"{abs(ahead) / 60:g} hour{'s' if abs(ahead) != 60 else ''}"
        where = f"{hours} {'ahead of' if ahead > 0 else 'behind'}" if ahead else "the same as"
        return f"{_named(found['place'])} is {where} UTC."

    return _elsewhere(found["place"], now, tell) if is_place(found["place"]) else None


def _apart(found: re.Match[str], now: dt.datetime) -> str | None:
    try:
        here_too = ("", "here", "us", "me")
        place, other = (found["place"], (found["other"] or "").strip())
        if place in here_too:
            place, other = other, place
        there, here = zone(place), now.tzinfo if other in here_too else zone(other)
    except SeveralZones as several:
        return f"{first_upper(_named(str(several)))} has several time zones. Which city do you mean?"
    if there is None or here is None:
        return None
    ahead, behind = now.astimezone(there).utcoffset(), now.astimezone(here).utcoffset()
    if ahead is None or behind is None:
        return None
    minutes = int((ahead - behind).total_seconds()) // 60
    if minutes == 0:
        return "Both have the same time."
    hours = f"{abs(minutes) / 60:g} hour{'s' if abs(minutes) != 60 else ''}"
    named = "us" if other in here_too else _named(other)
    return f"{_named(place)} is {hours} {'ahead of' if minutes > 0 else 'behind'} {named}."


def time_in(place: str, now: dt.datetime) -> str | None:
    """What to say of the time in a place, known or not; None where no place has such a name."""
    if len(place.split()) > 4 and not is_place(place):
        return None
    begun = f"{'On' if place.endswith('coast') else 'In'} {_named(place)}"
    return _elsewhere(place, now, lambda there: f"{begun} it is {clock(there)}{other_day(there, now)}.")


_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.datetime], str | None]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (r"how (?:many hours|far) (?:ahead|behind)(?: of)? (?P<other>[a-z .]+?) is (?P<place>[a-z .]+)", _apart),
        (r"(?:what|which) (?:day|date) is it in (?P<place>[a-z .]+)", _date_there),
        (r"what is the time difference (?:between|from) (?P<place>.+) (?:and|to) (?P<other>.+)", _apart),
        (r"what is the time difference (?:to|with) (?P<place>.+?)(?P<other>)", _apart),
        (r"how many hours is (?P<place>[a-z .]+?) (?:ahead|behind)(?: of)?(?: us| me)?(?P<other>[a-z .]*)", _apart),
        (r"(?:what|which) (?:is the )?time ?zone (?:of|in|for|is|does) (?P<place>[a-z .]+?)(?: in| have| use)?", _zone),
        (
            r"how (?:many hours|far) (?:ahead|behind|apart)(?: of (?:us|me))? (?:is|are) (?P<place>[a-z .]+?)"
            r"(?: (?:from|of|than|and) (?P<other>.+))?",
            _apart,
        ),
    )
)

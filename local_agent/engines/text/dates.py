"""English dates, clock times, spans of time and years in words, as an American reads them."""

from __future__ import annotations

import re

from local_agent.config.languages import en
from local_agent.engines.text.numbers import (
    STOP,
    cardinal,
    decade,
    number,
    ordinal,
    paired,
    short_year,
    year,
)
from local_agent.engines.text.readings import TAKEN, Reading, is_adjective, reading

MONTHS = en.WRITING.months
DAYS = {"Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday",
        "Sun": "Sunday"}  # fmt: skip
_MONTH = r"(Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?" \
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"  # fmt: skip
_DAY = r"(0?[1-9]|[12]\d|3[01])"
_YEAR = r"((?:1[0-9]|20)\d\d)"
_DASH = r" ?[-–—‒] ?"
_HALF = r"(?: ?([apAP])\.? ?[mM]\b\.?)"
_CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?"
# What makes of 3/4 a day: a word before it, or a time behind it.
_DATED = re.compile(
    r"(?:\b(?:on|by|until|till|since|before|after|from|due|date|dated|starting|ending|born|of birth|effective"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)[.,:]? ?(?:the )?"
    r"|[-–] ?)$",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(rf"\b(?:{_MONTH} {_DAY}(?:st|nd|rd|th)?(?:,? {_YEAR})?|{_DAY}(?:st|nd|rd|th)? {_MONTH})$")
# Before so many out of so many.
RATED = re.compile(
    r"\b(?:rat(?:ed|ing)|scor(?:ed?|es|ing)|(?:gives?|gave|rates?)(?= (?:it|this|that|them|him|her)\b)"
    r"|perfect|solid|pain(?: level)?|grade)"
    r"(?:(?: (?:is|was|it|this|that|them|you|him|her|of|at|an?))*|:) $",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" (?:of|cups?|tsp|tbsp|teaspoons?|tablespoons?|inch(?:es)?|in\b|miles?|pounds?|lbs?|ounces?|oz|pints?|quarts?"
    r"|gallons?|full|empty|done|time|majority|mark|point|way|hour|share|scale|stars?|beat|rhythm|meter|signature|bar|ARM)\b"
)
_WEEKDAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:days?|(?<=e)s|(?<=d)s|rs?|nes|rsday|sday|nesday|urday)?\b\.?"
_SPAN_UNITS = {"d": "day", "h": "hour", "hr": "hour", "hrs": "hour", "m": "minute", "min": "minute", "mins": "minute",
               "s": "second", "sec": "second", "secs": "second", "w": "week", "y": "year"}  # fmt: skip
_SPAN_PART = r"\d+(?:\.\d+)? ?(?:hrs?|h|mins?|m|secs?|s|d|w|y)"
_DECADES_OF = r"(?:music|movies?|kids?|styles?|fashion|shows?|hits?|rock|pop|bands?|songs?|cartoons?|vibes?|era|party)"
# Whole numbers that stand for a year only behind such a word, or where nothing is counted.
_IN_A_YEAR = re.compile(
    r"\b(?:in|since|of|from|to|until|till|by|year|around|about|before|after|during|between|and|circa|c|ca|early|late|mid"
    r"|back|q[1-4]|h[12]|fy|spring|summer|fall|autumn|winter|(?:" + "|".join(MONTHS) + r"))[ .-]? ?$",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r" (?:of|more|people|men|women|children|times?|per|in total|(?!(?:is|was|has|his|its|this|as|us|does|plus|versus"
    r"|less|always|perhaps|across|unless|afterwards|saw|crisis|olympics|elections?)\b)[a-z]{2,}s)\b"
)


def _whole(match: re.Match[str]) -> str:
    return match.string[match.end() :]


def _until(match: re.Match[str]) -> str | None:
    """The dash of "May 3 - June 5"."""
    return " to " if _DAY_BEFORE.search(match.string[: match.start()]) else None


def _soldiers(match: re.Match[str]) -> str | None:
    """0800 hours -> oh eight hundred hours."""
    hour, minute, hours = match.groups()
    clear = hours or re.search(r"\b[Aa]t $", match.string[: match.start()])
    timed = hour[0] == "0" or re.search(r"\b(?:at|by|until|from|before|after|since) $", match.string[: match.start()])
    if not clear or not timed or (not hours and hour[0] != "0") or (hour, minute) in (("10", "00"), ("20", "00")):
        return None
    said = ("oh " if hour[0] == "0" else "") + cardinal(int(hour))
    said += " hundred" if minute == "00" else f" {'oh ' if minute[0] == '0' else ''}{cardinal(int(minute))}"
    return said + (" hours" if hours else "")


def _weekdays(match: re.Match[str]) -> str:
    """Mon, Wed & Fri; Tue/Thu; Mon-Fri."""
    said = re.sub(r" ?[-–—] ?", " to ", match[0].replace("/", " and ").replace("&", "and"))
    said = re.sub(_WEEKDAY, lambda m: DAYS[m[1]], said)
    return said + _ended(match)


def _dated(month: int, day: int) -> str:
    return f"{MONTHS[month - 1]} {ordinal(day)}"


def month_of(name: str) -> str:
    """Jan. -> January."""
    return next(month for month in MONTHS if month.startswith(name[:3].title()))


def _numeric(match: re.Match[str]) -> str | None:
    """3/4/2024 and 3/4/24, month first unless there is no such month."""
    first, second, years = int(match[1]), int(match[3]), match[4]
    if first > 12:
        first, second = second, first
    if not (1 <= first <= 12 and 1 <= second <= 31):
        return None
    return f"{_dated(first, second)}, {_long_year(years)}"


def _long_year(years: str) -> str:
    if len(years) == 4:
        return year(int(years))
    return year(int(years) + (1900 if int(years) > 50 else 2000))


def _iso(match: re.Match[str]) -> str:
    clock = f" at {_clock(int(match[5]), int(match[6]))}" if match[5] else ""
    return f"{_dated(int(match[3]), int(match[4]))}, {year(int(match[1]))}{clock}"


def _slashed(match: re.Match[str]) -> str | None:
    """3/4 and 12/5 as days, where they are no fractions."""
    month, day, before, after = int(match[1]), int(match[2]), match.string[: match.start()], _whole(match)
    if (month, day) == (9, 11):
        return "nine eleven"
    if re.match(r" ?=", after) or RATED.search(before) or ((month, day) == (10, 10) and not _DATED.search(before)):
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31) or _COUNTED.match(after) or re.match(r"/|\.\d", after):
        return None
    dated = _DATED.search(before) or re.match(r",? (?:at|@|from) \d", after)
    return _dated(month, day) if dated or _is_no_fraction(month, day) else None


def _is_no_fraction(top: int, bottom: int) -> bool:
    return top >= bottom or (bottom > 12 and bottom not in (16, 20, 32, 64, 100))


def _slashed_span(match: re.Match[str]) -> str | None:
    """6/1-6/15 and "3/4 to 3/6"."""
    first, second, link, third, fourth = match.groups()
    days = [(int(first), int(second)), (int(third), int(fourth))]
    if _COUNTED.match(_whole(match)) or not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in days):
        return None
    dated = _DATED.search(match.string[: match.start()]) or any(_is_no_fraction(*day) for day in days)
    if not dated and not re.match(_DASH, link):
        return None
    words = "to" if re.match(_DASH, link) else link.strip()
    return f"{_dated(*days[0])} {words} {_dated(*days[1])}"


def _named(match: re.Match[str]) -> str:
    """Jan. 5-7, 2024."""
    month, day, last, years = match.groups()
    until = f" to {ordinal(int(last))}" if last else ""
    return f"{month_of(month)} {ordinal(int(day))}{until}" + (f", {year(int(years))}" if years else "")


def _day_first(match: re.Match[str]) -> str:
    """5 January 2024, as it is read."""
    the = "" if re.search(r"\bthe $", match.string[: match.start()], re.IGNORECASE) else "the "
    return f"{the}{ordinal(int(match[1]))} of {month_of(match[2])}" + (f", {year(int(match[3]))}" if match[3] else "")


def _clock(hour: int, minute: int, half: str = "", seconds: str | None = None) -> str:
    said = cardinal(hour) if hour or minute or half else "zero"
    if minute:
        said += (" oh " if minute < 10 else " ") + cardinal(minute)
    elif not half:
        said += " o'clock" if 1 <= hour <= 12 else " hundred hours"
    if seconds and int(seconds):
        said += f" and {cardinal(int(seconds))} second" + ("s" if int(seconds) != 1 else "")
    return f"{said} {half.upper()}M" if half else said


def _ended(match: re.Match[str]) -> str:
    """The full stop that "p.m." shares with the sentence."""
    return "." if match[0].endswith(".") and re.match(STOP, _whole(match))[1] is not None else ""  # type: ignore[index]


def _time(match: re.Match[str]) -> str:
    return _clock(int(match[1]), int(match[2]), match[4] or "", match[3]) + _ended(match)


def _hour(match: re.Match[str]) -> str:
    return _clock(int(match[1]), 0, match[2]) + _ended(match)


def _bare_clock(hour: str, minute: str | None, half: str) -> str:
    """A clock time within a range, where "o'clock" would be too much."""
    return _clock(int(hour), int(minute or 0), half) if half or int(minute or 0) else cardinal(int(hour))


def _times(match: re.Match[str]) -> str | None:
    """5:30-6:30 PM, 9am-5pm, 9-11am."""
    first, low, begun, last, high, ended = (part or "" for part in match.groups())
    if not (low or high or begun) and not ended:
        return None
    if int(first) > 24 or int(last) > 24 or (ended and int(last) > 12):
        return None
    return f"{_bare_clock(first, low, begun)} to {_bare_clock(last, high, ended)}{_ended(match)}"


def _span(match: re.Match[str]) -> str | None:
    """2h 15m, 90 min, 1h30."""
    parts = re.findall(r"(\d+(?:\.\d+)?) ?(hrs?|h|mins?|m|secs?|s|d|w|y)?", match[0])
    said = []
    if len(parts) > 1 and parts[0][1] == parts[1][1]:
        return None  # 30s and 60s
    one = is_adjective(match)
    for amount, short in parts:
        unit = _SPAN_UNITS.get(short) or {"h": "minute", "m": "second"}[parts[0][1][0]]
        said.append(f"{number(amount)} {unit}" + ("" if one or amount == "1" else "s"))
    stop = "." if match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", _whole(match)) else ""
    return " ".join(said) + stop


def _decade(match: re.Match[str]) -> str | None:
    waited = re.search(r"\b(?:wait|for|hold|rest) \d0s (?:and|or|to) $", match.string[: match.start()])
    return None if waited else decade(match[1])


def _year(match: re.Match[str]) -> str | None:
    before, after, said = match.string[: match.start()], _whole(match), int(match[1])
    recent = 1900 <= said < 2100
    if _IN_A_YEAR.search(before) and (recent or not _COUNTS.match(after)) and not re.match(r" (?:people|of)\b", after):
        return year(said)
    return year(said) if 1700 <= said < 2100 and not _COUNTS.match(after) else None


def _years(match: re.Match[str]) -> str | None:
    """1990-1995 and 2020-21."""
    first, last = match[1], match[2]
    if len(last) == 4 and int(last) <= int(first):
        return None
    between = re.search(r"\b[Bb]etween $", match.string[: match.start()])
    return f"{year(int(first))} {'and' if between else 'to'} {short_year(last)}"


READINGS: tuple[Reading, ...] = (
    reading(rf" ?[-–—] ?(?={_MONTH} {_DAY}|{_DAY} {_MONTH})", _until),
    reading(r"(?<![\w.,:$/-])([01]\d|2[0-3])([0-5]\d)( (?:hours|hrs)\b)?(?![\w%]|[.,:/-]\d)", _soldiers),
    reading(rf"(?<![\d/-]){_YEAR}([-/])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
            r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?Z?)?"
            r"(?![\d/-])", _iso),
    reading(r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)", _numeric),
    reading(rf"\b{_MONTH} {_DAY}(?:st|nd|rd|th)?(?:(?:{_DASH}| to | through ){_DAY}(?:st|nd|rd|th)?)?(?:,? {_YEAR})?"
            r"(?![\d%°$:/]|[.,]\d)", _named),
    reading(rf"(?i:(?<![\w.,/:-]){_DAY}-{_MONTH}-{_YEAR}(?![\w-]))", _day_first),
    reading(r"(?<![\w/.-])(0?[1-9]|1[0-2])/((?:19|20)\d\d)(?![\w/-])",
            lambda m: f"{MONTHS[int(m[1]) - 1]} {year(int(m[2]))}"),
    reading(rf"(?<![\w.,/:-]){_DAY}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?(?![\w])", _day_first),
    reading(rf"(?<![\d:.$€£#/-])(1[0-9]|2[0-4]|0?\d)(?::([0-5]\d))?{_HALF}?{_DASH}(1[0-9]|2[0-4]|0?\d)(?::([0-5]\d))?"
            rf"(?:{_HALF})?(?![\d:%/-]|\.\d)", _times),
    reading(r"(?<![\w:.$#/-])(1[0-2]|[1-9])(?::([0-5]\d))?([ap])[-–](1[0-2]|[1-9])(?::([0-5]\d))?([ap])(?!\w)", _times),
    reading(rf"(?<![\d:.]){_CLOCK}(?![\d:]|\.\d){_HALF}?", _time),
    reading(rf"(?<![\d:.,$#])(1[0-2]|0?[1-9]){_HALF}(?!\w)", _hour),
    reading(r"(?<![\w.,:$/-])(10(?=s of (?:hundred|thousand|million|billion)s)|100|1,?000|10,?000"
            r"|100,?000)s(?= of\b)",
            lambda m: re.sub("one ", "", cardinal(int(m[1].replace(",", ""))), count=1) + "s"),
    reading(r"(?<![\w.,:$/])(?<!\d-)((?:1[0-9]|20)\d0)['’]?s\b", _decade),
    reading(r"(?<!\w)['’]([0-9]0)['’]?s\b", _decade),
    reading(r"(?<![\w.,:$/])(?:(?<!for )(?<!wait )(?<!hold )"
            r"(?=[5-9]0s (?:and|or|to) (?:the )?[6-9]0s\b)|(?<=\bthe )"
            r"|(?<=[Mm]id-)|(?<=[Mm]id )|(?<=early )|(?<=late )|(?<=early-)|(?<=late-)"
            r"|(?<=low )|(?<=high )|(?<=upper )|(?<=my )|(?<=his )|(?<=her )"
            r"|(?<=\d0s and )|(?<=\d0s or )|(?<=\d0s to )|(?<=their )|(?<=your )|(?<=our ))"
            r"([2-9]0)['’]?s\b", _decade),
    reading(r"(?<![\w.,:$/-])([2-9]0)['’]s\b", _decade),
    reading(rf"(?<![\w.,:$/-])([2-9]0)['’]?s(?= {_DECADES_OF}\b)", _decade),
    reading(rf"(?<![\w.,:$/-]){_SPAN_PART}(?:,? ?(?:and )?{_SPAN_PART})+(?!\w)", _span),
    reading(r"(?<![\w.,:$/-])\d+(?:h\d\d?|m\d\d)(?!\w)", _span),
    reading(r"(?<![\w.,:$/–-])(?<!\d [-–] )\d+(?:\.\d+)? ?(?:hrs?|mins?|secs?)(?![\w/²³])\.?", _span),
    reading(r"(?<![\w.,:$/])(?<!\d[-–])\d+(?:\.\d+)?[hsdwy](?![\w/²³])(?! (?:print|model|graphic|render|movie|film|view"
            r"|world|game|image|effect|animat|shape|space|scan|object))", _span),
    reading(rf"(?<![\w/.-])(\d{{1,2}})/(\d{{1,2}})({_DASH}| to | through | thru | and | or )"
            r"(\d{1,2})/(\d{1,2})(?![\w/]|\.\d)",
            _slashed_span),
    reading(r"(?<![\w/-])(?<!\d\.)(?:(\d{1,2})/(\d{1,2}))(?![\w/])", _slashed),
    reading(r"(?:(?<!\w)|(?<=Q[1-4]))['’](\d\d)(?![\w'’])", lambda m: f" {short_year(m[1])}".lstrip(
            "" if m.string[m.start() - 1 : m.start()].isdecimal() else " ")),
    reading(r"\bq(\d{1,2})h(?:rs?)?\b", lambda m: f"every {number(m[1])} hours"),
    reading(rf"(?<![\w.,:$/-]){_YEAR}/(\d\d)(?![\w/-]|[.,]\d)", _years),
    reading(rf"(?<![\w.,:$/-]){_YEAR}{_DASH}((?:1[0-9]|20)\d\d|\d\d)(?![\w-]|[.,]\d)", _years),
    reading(r"(?<![\w.,:$/-])(\d{3,4})(?= (?:AD|BCE?|CE|A\.D|B\.C|C\.E)\b)", lambda m: paired(m[1])),
    reading(r"(?<![\w.,:$€£¥₹/+-])(1[0-9]\d\d|20\d\d)(?![\w%°/]|[.,:-]\d| ?°)", _year),
    reading(rf"\b{_MONTH} ?[-–] ?{_MONTH}(?!\w)", lambda m: f"{month_of(m[1])} to {month_of(m[2])}{_ended(m)}"),
    reading(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.(?!\w)",
            lambda m: month_of(m[1]) + _ended(m)),
    reading(rf"\b{_WEEKDAY}(?:(?: ?[-–—/] ?|,? (?:and|or|&|to|through|thru) |, ){_WEEKDAY})+(?!\w)", _weekdays),
    reading(r"\bM ?[-–] ?F\b", "Monday to Friday"),
    reading(r"\bM/W/F\b|\bMWF\b", "Monday, Wednesday, Friday"),
    reading(r"\bT/Th\b", "Tuesday and Thursday"),
    reading(r"(?:(?<=[Tt]his )|(?<=[Nn]ext )|(?<=[Ll]ast ))(Mon|Wed|Sat|Sun)\b\.?", lambda m: DAYS[m[1]] + _ended(m)),
    reading(r"\b(Tue|Thu|Fri)(?:(?<=e)s|rs?)?\b(?!\.)", lambda m: DAYS[m[1]]),
    reading(r"\b(Mon|Tue|Wed|Thu|Fri)(?:s|rs?|nes)?\.(?!\w)", lambda m: DAYS[m[1]] + _ended(m)),
    reading(rf"\b{_WEEKDAY}(?=,? (?:\d|{TAKEN}))", lambda m: DAYS[m[1]]),
)  # fmt: skip

"""Requests for the time, a date, a sum or a timer in other languages than English, read and answered by the tables of
config/languages. `answer("calculate", "Was ist 15 % von 80?", "de", now)` is "Das ist 12.".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from num2words import num2words

from local_agent.call.tools import arithmetic
from local_agent.config.languages.facts import Facts, Figures, Requests, Situation
from local_agent.config.languages.table import facts

T = TypeVar("T")
_NUMBER = r"\d+(?:\.\d+)?"
_WRITTEN = (*range(101), *range(200, 1001, 100))  # read in words, too; Whisper writes most numbers in digits
# "1.250" and "12 000" are one number, and a comma is a decimal one.
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+(?!\d)")
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\w)|(?<=\w)-(?=[^\W\d_])")
_MARKS = re.compile(r"[!?¿¡;…\"«»„“”]|[,.:](?!\d)|(?<!\d)[.,:]")


def knows(language: str) -> bool:
    """Whether requests are read in a language."""
    return _reader(language) is not None


def request(text: str, language: str, name: str, before: str, now: dt.datetime) -> tuple[str, str] | None:
    """Which function words ask for, and what it is given; None where they ask for none.

    name: the agent's. before: the function of a timer that was called right before, with a "?" where it asked for how
    long; "" for none.
    """
    reader = _reader(language)
    if reader is None:
        return None
    text = reader.addressed(text, name)
    if (timer := reader.timer(reader.asked(text), before)) is not None:
        return timer
    return next(((function, text) for function in _ANSWERED if answer(function, text, language, now)), None)


def resumed(text: str, before: str, language: str, now: dt.datetime) -> str | None:
    """The whole question where a text goes on from the sum before it: "und mal drei"; None where it does not."""
    reader = _reader(language)
    known = reader.value(reader.asked(before)) if reader is not None else None
    if reader is None or known is None:
        return None
    question = f"{known} {reader.asked(text)}".replace(".", ",")  # as it is written there, to be read once more
    return question if reader.operates(reader.asked(text)) and answer("calculate", question, language, now) else None


def answer(function: str, text: str, language: str, now: dt.datetime) -> str | None:
    """A sentence; None where the text asks for something else. now: with its time zone."""
    reader = _reader(language)
    if reader is None or function not in _ANSWERED:
        return None
    words = reader.asked(text)
    return reader.result(words) if function == "calculate" else reader.clock(words, now)


def span(duration: str, language: str) -> int | None:
    """Seconds of a duration; None for anything else."""
    reader = _reader(language)
    return reader.seconds(reader.asked(duration)) if reader is not None else None


_ANSWERED = ("calculate", "date_and_time")


@cache
def _reader(language: str) -> _Reader | None:
    known = facts(language)
    if known.requests is None or known.situation is None or known.figures is None:
        return None
    return _Reader(known, known.requests, known.situation, known.figures)


class _Reader:
    """Of one language."""

    def __init__(self, known: Facts, table: Requests, situation: Situation, figures: Figures) -> None:
        self._table, self._situation, self._figures = table, situation, figures
        self._months = known.writing.months
        self._before = re.compile(rf"\A(?:(?:{table.before}) )+")
        self._after = re.compile(rf"(?: (?:{table.after}))+\Z")
        self._numbers = _in_words(figures.code) | table.numbers
        self._words = re.compile(rf"\b(?:{_longest_first(self._numbers)})\b")
        self._one = re.compile(rf"\b(?:{table.one})\b")
        self._question = re.compile(rf"\A(?:{table.question}) ")
        self._asked = re.compile(rf"(?: (?:{table.asked}))+\Z")
        self._signs = [(re.compile(rf"(?<![^\W\d])(?:{pattern})(?!\w)"), f" {sign} ") for pattern, sign in table.signs]
        self._money = re.compile(rf"(?<=\d) ?(?P<money>{'|'.join(table.money)})(?!\w)")
        self._joined = re.compile(rf"(?<=\d) {table.joined} (?=\d)")
        units, others = "|".join(table.seconds), "|".join(table.spans)
        half = f"|(?P<half>{table.and_half})" if table.and_half else ""
        count, unit = rf"{_NUMBER}|(?:{table.one})(?= )", rf"(?:{units})(?![^\W\d])"
        self._piece = re.compile(rf"(?P<other>{others})|(?P<count>{count}) ?(?P<unit>{unit}){half}|(?P<bare>\d+)")
        counted, joint = f"(?:{count}) ?{unit}", f"(?: {table.joined})?"
        more = rf"(?:{joint} {counted}| ?\d+\b|{joint} (?:{others})" + (f"| {table.and_half}" if half else "") + ")"
        self._span = rf"(?:{others}|{counted}{more}*)"
        filled = {
            "span": f"(?P<span>{self._span})",
            "day": f"(?P<day>{'|'.join(table.days)})",
            "until": "(?P<until>.+)",
        }
        self._time, self._date = _patterns(table.time, filled), _patterns(table.date, filled)
        self._day, self._until = _patterns(table.day, filled), _patterns(table.until, filled)
        self._when = _patterns(table.when, filled)
        self._timers = {
            "cancel_timer": _patterns(table.cancel, filled),
            "set_timer": _patterns(table.set, filled),
            "list_timers": _patterns(table.left, filled),
        }
        month = f"(?P<month>{'|'.join(self._months).lower()})"
        (self._written,) = _patterns([table.written], {"number": r"(?P<number>\d{1,2})", "month": month})

    def addressed(self, text: str, name: str) -> str:
        """Without the name that the agent is called by: "Hallo Robin, wie spät ist es?"."""
        called = re.escape(name)
        begun = rf"\A((?:(?:{self._table.before})[,.!]* +)*){called}\b[,.!:]*\s*"
        text = re.sub(begun, r"\1", text, flags=re.IGNORECASE)
        return re.sub(rf"[,\s]+{called}([\s.!?]*)\Z", r"\1", text, flags=re.IGNORECASE)

    def asked(self, text: str) -> str:
        """A request as the patterns want it."""
        words = text.lower().replace("’", "'").replace("\u2212", "-")
        words = _GROUPED.sub(lambda found: re.sub(r"\D", "", found[0]), words)
        words = _MARKS.sub(" ", _HYPHEN.sub(" ", _DECIMAL.sub(".", words)))
        words = self._words.sub(lambda found: f"{self._numbers[found[0]]:g}", " ".join(words.split()))
        while (shorter := self._after.sub("", self._before.sub("", words))) != words:
            words = shorter
        return words

    def result(self, words: str) -> str | None:
        """Of a sum, in a sentence."""
        said, paid = self._sum(words)
        if said is None:
            return None
        try:
            told = arithmetic.told(arithmetic.evaluate(said))
        except arithmetic.Unanswerable:
            return self._table.impossible
        about = self._figures.about if told.startswith("about ") else ""
        number = told.removeprefix("about ")
        if not re.fullmatch(r"-?[\d,.]+", number):
            return None  # too large to be told in digits
        number = number.translate({ord(","): self._figures.thousands, ord("."): ","})
        return self._table.result.format(" ".join(filter(None, (about, number, paid))))

    def value(self, words: str) -> str | None:
        """The result of a sum in digits; None where it is none, or has none."""
        said, _ = self._sum(words)
        try:
            return arithmetic.exact(arithmetic.evaluate(said)) if said is not None else None
        except arithmetic.Unanswerable:
            return None

    def operates(self, words: str) -> bool:
        """Whether words begin with what is done to a number: times three."""
        return any((found := pattern.match(words)) is not None and found[0] for pattern, _ in self._signs)

    def _sum(self, words: str) -> tuple[str | None, str]:
        """What is asked for in signs, None for no sum; and the currency that it is in."""
        body = self._question.sub("", words)
        questioned = body != words
        body = self._asked.sub("", body)
        paid = {_by_pattern(self._table.money, found["money"]) for found in self._money.finditer(body)}
        body = self._money.sub("", body)
        for pattern, sign in self._signs:
            body = pattern.sub(sign, body)
        body = " ".join(self._one.sub("1", body).split())
        said = arithmetic.expression(self._joined.sub(" + ", body) if questioned else body)
        return said, paid.pop() if len(paid) == 1 else ""

    def clock(self, words: str, now: dt.datetime) -> str | None:
        """The time or a date, in a sentence."""
        table, today = self._table, now.date()
        if _found(self._time, words):
            told = table.clock_one if table.clock_one and now.hour == 1 else table.clock
            return told.format(time=f"{now.hour}:{now:%M}")
        if _found(self._date, words):
            return self._dated(self._situation.date, today)
        if (found := _found(self._day, words)) is not None:
            away, begun = table.days[found["day"]]
            return self._dated(table.dated, today + dt.timedelta(away), begun)
        if (found := _found(self._when, words)) is not None and (day := self._next(found["until"], today)) is not None:
            return self._dated(table.dated, day, table.falls)
        if (found := _found(self._until, words)) is None or (day := self._next(found["until"], today)) is None:
            return None
        count = (day - today).days
        return table.days_left[min(count, 2)].format(count=count)

    def timer(self, words: str, before: str) -> tuple[str, str] | None:
        """The function that is asked for, and the duration that is named."""
        for function, patterns in self._timers.items():
            if (found := _found(patterns, words)) is not None:
                return function, found.groupdict().get("span") or ""
        if before and re.fullmatch(self._table.going_on, words):
            return "list_timers", ""
        if before and re.fullmatch(self._table.drop, words):
            return "cancel_timer", ""
        return ("set_timer", words) if before.endswith("?") and self.seconds(words) else None

    def seconds(self, words: str) -> int | None:
        """Of a duration."""
        if not re.fullmatch(self._span, words):
            return None
        total, unit = 0.0, 0
        for piece in self._piece.finditer(words):
            if piece["other"]:
                total += _by_pattern(self._table.spans, piece["other"])
            elif piece["unit"]:
                unit = _by_pattern(self._table.seconds, piece["unit"])
                total += unit * (float(piece["count"]) if piece["count"][0].isdigit() else 1)
            else:
                total += unit / 2 if piece["bare"] is None else int(piece["bare"]) * unit / 60
        return round(total)

    def _dated(self, told: str, day: dt.date, begun: str = "") -> str:
        weekday, month = self._situation.weekdays[day.weekday()], self._months[day.month - 1]
        return told.format(begun=begun, weekday=weekday, day=day.day, month=month, year=day.year)

    def _next(self, named: str, today: dt.date) -> dt.date | None:
        """The next day that is a feast, or written so."""
        if named in self._table.feasts:
            month, number = self._table.feasts[named]
        elif (found := self._written.fullmatch(named)) is not None:
            month = [name.lower() for name in self._months].index(found["month"]) + 1
            number = int(found["number"])
        else:
            return None
        for year in range(today.year, today.year + 9):  # 29 February
            try:
                day = dt.date(year, month, number)
            except ValueError:
                continue
            if day >= today:
                return day
        return None


def _in_words(code: str) -> dict[str, float]:
    """Numbers by how they are spelled, without the one, which may be an article. code: num2words' of the language."""
    spelled = {num2words(number, lang=code): number for number in _WRITTEN if number != 1}
    return {name.replace("-", " "): number for name, number in spelled.items()}


def _longest_first(names: dict[str, float]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


def _patterns(given: Sequence[str], filled: dict[str, str]) -> list[re.Pattern[str]]:
    """Compiled, with what stands for {name}."""
    for name, pattern in filled.items():
        given = [one.replace(f"{{{name}}}", pattern) for one in given]
    return [re.compile(one) for one in given]


def _found(patterns: Sequence[re.Pattern[str]], words: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.fullmatch(words)) is not None), None)


def _by_pattern(table: dict[str, T], words: str) -> T:
    return next(value for pattern, value in table.items() if re.fullmatch(pattern, words))

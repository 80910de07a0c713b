"""Sums that are told: what is left, what several cost, a bill that is split, a discount, a tip, a way and its time.

A story is read only where each of its numbers has its place in the sum: whatever else it tells is not weighed.
"""

from __future__ import annotations

import re
from fractions import Fraction

from local_agent.call.tools.arithmetic import told, without_money

_N = r"(\d+(?:\.\d+)?)"
_NUMBER = re.compile(_N)
_TO = r"[^\d,]*?"  # any words up to the next number
_TAIL = r"[^\d]*"
_HOW = r"how (?:much|many|far|fast|long|old|big|large)|what"
_ASKS = re.compile(rf"\b(?:{_HOW})\b")
_QUESTION_FIRST = re.compile(rf"((?:{_HOW})\b[^\d,]*?),? (?:if|when) (.+)")
_STOPS = re.compile(r"[.;:!?,]+ |,? (?=(?:how much|how many|what|how far|how old) (?:do|does|is|are|will|would|did)\b)")
_SHORT = re.compile(r"\b(it|that|there|he|she|they|what|each|i|we|you)'(s|re|ve)\b")
_LONG = {"s": "is", "re": "are", "ve": "have"}
_PAYS = re.compile(r"\b(?:each|apiece|a piece|costs?|cost|pays?|paid|price|change)\b")
_PRICE = re.compile(  # two fifty
    r"(?<=[a-z] )(\d{1,3}) (\d{2})(?=,| (?:each|apiece|a piece|per|how|what|and|if|do|is)\b|\Z)"
)

_MORE = (
    r"\b(?:buys?|bought|gets?|got|finds?|found|receives?|received|adds?|added|picks? up|picked|earns?|earned|wins?|won"
    r"|bakes?|baked|makes?|made|collects?|collected|(?:gives?|gave) (?:me|us)|another|join|joined)\b"
)
_LESS = (
    r"\b(?:eats?|ate|eaten|uses?|used|spends?|spent|loses?|lost|gives?|gave|sells?|sold|drinks?|drank|breaks?|broke"
    r"|pays?|paid|throws?|threw|takes?|took|removes?|removed|lends?|lent|donates?|leaves?|flies|fly|flew|dies?|died)\b"
)
_PAID = r"\b(?:buys?|bought|gets?|got)\b[^\d,]*?\bfor\b"
_BEGUN = re.compile(
    rf"(?:there (?:are|were)|{_TO}\b(?:have|has|had|got|starts? with|started with|bought|buy|baked|picked))\b{_TO}{_N}"
)
_STEP = re.compile(
    rf"[^\d]*?(?:(?P<less>{_LESS}|{_PAID})|(?P<more>{_MORE}))[^\d,]*?(?:(?P<all>half|all)\b|{_N}(?P<added> more)?)"
    r"|[^\d]*?(?P<count>\d+)(?: [a-z]+)??"
    r"(?: (?P<came>more (?:[a-z]+ )?(?:join|come|arrive)|come in|get on|arrive|join)|(?: of them)? "
    r"(?P<went>fly away|flew away|leave|left|get off|got off|get out|got out|went home"
    r"|die|died|go home|break|broke|run away|are eaten"
    r"|are sold|are taken))\b"
    r"|[^\d,]*?,? (?:and|plus) [^\d,]*?(?P<again>\d+(?:\.\d+)?)"
)
_LEFT = re.compile(
    r"[^\d]*?\b(?:how (?:many|much)|what)\b[^\d]*\b(?:left|remain\w*|have|has|still|are there|now)\b[^\d]*"
)
_TOTAL = re.compile(rf"{_TAIL}\bhow (?:many|much)\b{_TAIL}\b(?:total|altogether|in all|together|combined)\b{_TAIL}")
_EACH = re.compile(r"\b(?:each|apiece|a piece|every|per \w+|in it|an? (?:day|hour|week|month|year))\b")
_PEOPLE = r"(?:people|persons|friends|of us|ways|kids|children|guests|colleagues|roommates|siblings|brothers|sisters)"
_PERCENT = re.compile(rf"{_N} ?(?:%|percent)")

Told = tuple[Fraction, str]  # a result, and what it is of


def answer(words: str) -> str | None:
    """A sentence; None where no sum is told. words: as `wording.asked` gives them."""
    found = _sum(words)
    if found is None:
        return None
    value, of = found
    if value < 0:
        return None
    if of == "cents" and value >= 100:
        return f"That is {told(value)} cents, or {float(value / 100):.2f}."
    return f"That is {told(value, 2)}{f' {of}' if of else ''}."


def _sum(words: str) -> Told | None:
    asks = _ASKS.search(words) or words.startswith(("split", "divide", "calculate"))
    if not asks or not _NUMBER.search(words) or re.search(r"\b(?:all but|except|neither|none of)\b", words):
        return None
    words = _SHORT.sub(lambda found: f"{found[1]} {_LONG[found[2]]}", words)
    words = re.sub(r"\b1 (?=[a-z]+ (?:costs?|is|sells|weighs)\b)", "a ", words)
    words, unit = without_money(words)
    words = " ".join(_STOPS.sub(", ", words).replace("(", "").split())
    words = _PRICE.sub(r"\1.\2", words) if _PAYS.search(words) else words
    moved = (
        f"{turned[2]}, {turned[1]}"
        if (turned := _QUESTION_FIRST.fullmatch(words)) and not re.search(_HOW, turned[2])
        else words
    )
    moved = moved.removeprefix("if ").removeprefix("suppose ").removeprefix("say ")
    numbers = [Fraction(number) for number in _NUMBER.findall(words)]
    for read in (_percent, _way, _change, _split, _rate, _each, _left, _area):
        if (found := read(moved, numbers, unit.strip())) is not None:
            return found
    return None


def _percent(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """A price or a bill, and so many percent of it."""
    said = re.sub(r"\bhalf (?=off|price)", "50 percent ", words)
    share = _PERCENT.search(said)
    numbers = [Fraction(number) for number in _NUMBER.findall(said)]
    if share is None or len(numbers) != 2 or not (_ASKS.search(said) or said.startswith("calculate")):
        return None
    part = Fraction(share[1]) / 100
    rest = _NUMBER.search(said[: share.start()] + said[share.end() :])
    if rest is None or re.search(r"\b(?:percent|percentage|out of|chance|probab\w+|per year|a year|years)\b",
                                 said[: share.start()] + said[share.end() :]):  # fmt: skip
        return None
    whole = Fraction(rest[1])
    all_of_it = re.search(r"\b(?:total|altogether|in all|pay|including|with)\b", said) is not None
    if re.search(r"\b(?:off|discount|reduced|cheaper|reduction|markdown|on sale|price)\b", said):
        saved = re.search(r"\b(?:save|saved|saving|savings)\b", said) is not None
        return whole * (part if saved else 1 - part), unit
    if re.search(r"\b(?:tip|gratuity)\b", said):
        return whole * (1 + part if all_of_it else part), unit
    if re.search(r"\btax(?:es)?\b", said):
        return whole * (1 + part if all_of_it or "plus" in said else part), unit
    if re.search(r"\b(?:raise|increase[sd]?|rises?|rose|goes up|went up)\b", said):
        return whole * (1 + part), unit
    if re.search(r"\b(?:decrease[sd]?|falls?|fell|drops?|dropped|goes down|went down)\b", said):
        return whole * (1 - part), unit
    return None


_SPEED = rf"{_N} ?(miles|kilometers|kilometres|km|meters) ?(?:an|per|a|/) ?h(?:our)?|{_N} ?(mph|km/h|kph|kmh)"
_NAMES = {"mph": "miles", "km/h": "kilometers", "kph": "kilometers", "kmh": "kilometers", "km": "kilometers"}
_TIME = re.compile(rf"{_N} (hours?|minutes?|mins?)\b(?! ?/)")
_DISTANCE = re.compile(rf"{_N} (miles?|kilometers?|kilometres?|km|meters?)\b(?! ?(?:an|per|a|/) ?h)")


def _way(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """How far, or how long, at a speed."""
    if len(numbers) == 2 and re.search(r"how fast|what is (?:its|the|his|her|my)(?: average)? speed", words):
        distance, time = _DISTANCE.search(words), _TIME.search(words)
        if distance is None or time is None or not Fraction(time[1]):
            return None
        of = f"{distance[2].rstrip('s')}s" if distance[2] != "km" else "kilometers"
        return Fraction(distance[1]) / Fraction(time[1]) * (1 if time[2][0] == "h" else 60), f"{of} per hour"
    speed = re.search(_SPEED, words)
    if speed is None or len(numbers) != 2 or unit:
        return None
    fast, of = Fraction(speed[1] or speed[3]), speed[2] or speed[4]
    of, rest = _NAMES.get(of, of), words[: speed.start()] + words[speed.end() :]
    if "how far" in words or re.search(rf"how many {of}", words):
        time = _TIME.search(rest)
        return None if time is None else (fast * Fraction(time[1]) / (1 if time[2][0] == "h" else 60), of)
    distance = _DISTANCE.search(rest)
    if distance is None or not fast or not re.search(r"how (?:long|many hours)|what time", words):
        return None
    if _NAMES.get(distance[2], f"{distance[2].rstrip('s')}s") != of:
        return None
    hours = Fraction(distance[1]) / fast
    return (hours, "hour" if hours == 1 else "hours") if hours >= 1 else (hours * 60, "minutes")


def _split(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """Between so many."""
    if len(numbers) != 2:
        return None
    found = re.search(rf"\b(?:between|among|amongst|by|with|for|into) (?:the )?{_N}\b{_TAIL}\Z", words)
    count = re.search(rf"{_N}(?: of us| other)? {_PEOPLE}\b", words)
    if re.search(r"\b(?:split|divided?|share|shares|shared)\b", words):
        by = Fraction((count or found or [0, 0])[1])
    elif count is not None and re.search(
        r"(?:how (?:much|many)|what) (?:does|do|will|should|would) (?:each|every|\w+ each)", words
    ):
        by = Fraction(count[1])
    else:
        return None
    if not by or by not in numbers:
        return None
    return numbers[1 - numbers.index(by)] / by, f"{unit} each".strip()


_SPAN = r"(minute|hour|day|week|month|year)s?"
_RATE = re.compile(
    rf"{_TO}{_N} {_TO}(?:an?|per|every|each) {_SPAN}, {_TAIL}?how (?:much|many){_TAIL}? (?:in|after|per|an?|for)"
    rf" (an?|{_N}) {_SPAN}"
)
_WITHIN = {("minute", "hour"): 60, ("minute", "day"): 1440, ("hour", "day"): 24, ("hour", "week"): 168,
           ("day", "week"): 7, ("day", "year"): 365, ("week", "year"): 52, ("month", "year"): 12}  # fmt: skip


def _rate(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """So much a day, in a week."""
    found = _RATE.fullmatch(words)
    if found is None:
        return None
    one, whole = found[2], found[5]
    times = 1 if one == whole else _WITHIN.get((one, whole))
    return None if times is None else (Fraction(found[1]) * times * Fraction(found[4] or 1), unit)


def _change(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """What comes back of what was paid."""
    if (
        len(numbers) != 2
        or not re.search(r"\bchange\b", words)
        or not re.search(r"\b(?:pays?|paid|give|gave|costs?)\b", words)
    ):
        return None
    return abs(numbers[0] - numbers[1]), unit


def _each(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """So many, at so much for one."""
    if len(numbers) != 2 or not _ASKS.search(words):
        return None
    for pattern in _EACHES:
        if pattern.fullmatch(words):
            paid = re.search(r"\b(?:costs?|pay|paid|price)\b", words)
            if not (_EACH.search(words) or unit or paid) or re.search(r"\bchange\b", words):
                return None
            return numbers[0] * numbers[1], unit
    return None


_ONE = r"(?:an?|each|every|the|1 [a-z]+)"
_EACHES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_ONE} )?{_TO} (?:costs?|is|are|has|have|holds?|contains?|sells? for) {_N}(?: [a-z]+)?(?: each| apiece)?"
        rf", (?:how (?:much|many)|what) {_TO}{_N} {_TAIL}",
        rf"(?:{_HOW}) {_TO}{_N} {_TO}(?: costs?)?(?: at| for|,? if {_TO} costs?| that costs?| with) {_N}{_TO}",
        rf"{_TO}{_N} {_TO}(?:for|at|with|of|costs?|has|have|holds?|contains?|that are|are|is) {_N}{_TO}"
        rf"\b(?:each|apiece|a piece|per [a-z]+|every [a-z]+|in it|a month|a week|a day|an hour)\b{_TO}"
        rf", (?:{_HOW}) {_TAIL}",
        rf"{_TO}{_N} {_TO}(?:each|every|per [a-z]+)\b{_TO}(?:for|costs?|has|have|holds?|contains?|is|are|with|of) {_N}"
        rf"{_TO}, (?:{_HOW}) {_TAIL}",
        rf"{_TO}{_N} {_TO}(?:an hour|a day|a week|a month|per [a-z]+|every [a-z]+) {_TO}(?:for|in|and) {_TO}{_N} {_TO}"
        rf", (?:{_HOW}) {_TAIL}",
    )
)


def _left(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    """What there was, and what came and went."""
    begun = _BEGUN.match(words)
    if begun is None:
        return None
    value, at, read, sign = Fraction(begun[1]), begun.end(), 1, 0
    while (step := _STEP.match(words, at)) is not None and not _ASKS.search(step[0]):
        if step["again"] and not sign:
            break  # three cats and two dogs
        number = step[4] or step["count"] or step["again"]
        part = value / 2 if step["all"] == "half" else value if step["all"] else Fraction(number)
        read += step["all"] is None
        if not step["again"]:
            sign = 1 if step["more"] or step["added"] or step["came"] else -1
        value, at = value + sign * part, step.end()
    if read == len(numbers) and (read > 1 or at > begun.end()) and _LEFT.fullmatch(words, at):
        return value, unit
    tail = rf"(?:{_TO},? ?(?:and|plus) {_TO}{_N})+"
    if len(numbers) > 1 and re.fullmatch(rf"{_BEGUN.pattern}{tail}{_TOTAL.pattern}", words):
        return sum(numbers, Fraction(0)), unit
    return None


def _area(words: str, numbers: list[Fraction], unit: str) -> Told | None:
    found = re.fullmatch(
        rf"(?:what is |how (?:big|large) is )?the (area|perimeter) of {_TO}(?:(square)\b{_TO})?{_N}(?: ([a-z]+))?"
        rf"(?:(?: long)?,? (?:by|times|x|and) {_TO}{_N}(?: ([a-z]+))?{_TAIL}| long| on each side| wide)?",
        words,
    )
    if found is None or unit or not (found[2] or found[5]) or "circle" in words or "triangle" in words:
        return None
    one, other = Fraction(found[3]), Fraction(found[5] or found[3])
    of = found[6] or found[4] or ""
    if of in ("long", "wide", "by", "on", "room", "rectangle"):
        of = ""
    return (one * other, f"square {of}" if of else "") if found[1] == "area" else (2 * (one + other), of)

"""Whatever can be worked out: sums, units, and which of two is more. `answer("which is more, 3/4 or 0.7")`."""

from __future__ import annotations

import re
from fractions import Fraction

from local_agent.call.tools import arithmetic, numbers, stories, units
from local_agent.call.tools.wording import asked

_LESS = "smaller less lower fewer shorter lighter slower colder cheaper smallest least lowest shortest lightest"
_MORE = (
    "bigger larger greater more higher longer heavier faster hotter warmer taller biggest largest greatest most"
    " highest "
    "longest heaviest"
)
_WORDS = "|".join(f"{_LESS} {_MORE}".split())
_MEASURED = {  # kinds of units: a cup of oil is no heavier than it is large
    how: kinds
    for words, kinds in (
        ("heavier heaviest lighter lightest", "weight"), ("longer longest shorter shortest", "length time"),
        ("taller", "length"), ("faster slower", "speed"), ("colder hotter warmer", "temperature"),
    )
    for how in words.split()
}  # fmt: skip
_THINGS = r"(?:number|one|of the 2|fraction|amount|is it|of these|value)"
_WHICH = re.compile(
    rf"(?:which|what)(?: {_THINGS})*(?: (?:is|are|weighs|lasts|holds|costs))?(?: the)? (?P<how>{_WORDS})(?: {_THINGS})*"
    r"[,:]? (?P<one>.+?),? or (?P<other>.+)"
)
_WHETHER = re.compile(rf"(?:is|are) (?P<one>.+?) (?P<how>{_WORDS}) than (?P<other>.+)")
_OPERATOR = (
    r"(?:plus|minus|times|multiplied by|divided by|over|take away|subtract|add|to the power|[-+*/x×÷]) ?.+"
    r"|squared|cubed"
)
_OF = re.compile(r" of (?:[a-z]+ ?)+$")  # two kilograms of feathers
_IT = re.compile(r"\b(?:that|it|the (?:result|answer|total|sum))\b")
_OTHER = re.compile(r"(?:what about |how about |what is |make it )?(?P<what>.+?)(?: instead| of (?:that|it))?")
_PERCENT = re.compile(r"\d+(?:\.\d+)?(?= ?(?:%|percent))")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?")


def answer(text: str) -> str | None:
    """A sentence; None where there is nothing to work out."""
    words = asked(text)
    return (
        units.answer(text)
        or _compared(words)
        or numbers.answer(words)
        or arithmetic.answer(text)
        or stories.answer(words)
    )


def resumed(text: str, before: str) -> str | None:
    """The whole question where a text goes on from the one before: "and divided by 4", "and in feet", "and 20 percent".

    None where it does not, or makes no question that can be answered.
    """
    words = asked(text)
    for question in _whole(words, before):
        if answer(question) is not None:
            return question
    return None


def _whole(words: str, before: str) -> list[str]:
    made = []
    known = _known(before)
    if known:
        if re.fullmatch(_OPERATOR, words):
            made.append(f"{known} {re.sub('^(subtract|take away) ', 'minus ', words)}")
        if _IT.search(words):
            made.append(_IT.sub(known, words))
    earlier, other = asked(before), _OTHER.fullmatch(words.removeprefix("if "))
    what = other["what"] if other is not None else ""
    if unit := re.fullmatch(r"(?:in|to|into) (.+)", what):
        made.append(units.changed(earlier, unit[1]))
    elif re.fullmatch(r"\d+(?:\.\d+)? ?(?:%|percent)", what):
        made.append(re.sub(r"\d+(?:\.\d+)? ?(?:%|percent)", what, earlier, count=1))
    elif (quantity := units.quantity(what)) is not None and units.answer(before) is not None:
        made.append(units.changed(earlier, "", what) if quantity else "")
    elif re.fullmatch(_AMOUNT, what) and (len(_AMOUNT.findall(earlier)) == 1 or _PERCENT.search(earlier)):
        made.append(_AMOUNT.sub(what, earlier) if not _PERCENT.search(earlier) else _PERCENT.sub(what, earlier))
    elif len(numbers := _AMOUNT.findall(what)) == 1:
        made.append(_in_its_place(what, numbers[0], earlier))
    made.append(what)
    return [question for question in made if question]


def _known(before: str) -> str:
    """What the question before came to, in digits; "" where that is no number, or only about one."""
    result = arithmetic.value(before)
    if result is not None:
        return arithmetic.exact(result)
    said = answer(before) or ""
    numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", said)
    return (
        numbers[-1].replace(",", "")
        if said.startswith("That is ") and len(numbers) == 1 and "about" not in said
        else ""
    )


def _in_its_place(what: str, number: str, earlier: str) -> str:
    """The earlier question with a number instead of the one that stands beside the same word; "" where none does."""
    beside = re.fullmatch(rf"(?:.*?\b([a-z]+) )?{re.escape(number)}(?: ([a-z]+).*)?", what)
    for ahead, behind in ((beside[1], ""), ("", beside[2])) if beside else ():
        place = rf"(?<=\b{ahead} )" if ahead else ""
        follows = rf"(?= {behind}\b)" if behind else ""
        found = re.findall(rf"{place}\d+(?:\.\d+)?{follows}", earlier) if place or follows else []
        if len(found) == 1:
            return re.sub(rf"{place}\d+(?:\.\d+)?{follows}", number, earlier)
    return ""


def _compared(words: str) -> str | None:
    found = _WHICH.fullmatch(words) or _WHETHER.fullmatch(words)
    if found is None:
        return None
    one, other = found["one"].strip(), found["other"].strip()
    sizes = _sizes(one, other, found["how"])
    if sizes is None:
        return None
    less = found["how"] in _LESS.split()
    if sizes[0] == sizes[1]:
        return "They are the same."
    first = (sizes[0] < sizes[1]) == less
    if found.re is _WHETHER:
        return (
            f"{'Yes' if first else 'No'}, {one} is {found['how']} than {other}."
            if first
            else (f"No, {other} is {found['how']} than {one}.")
        )
    return f"{arithmetic.first_upper(one if first else other)} is {_comparative(found['how'])}."


def _comparative(how: str) -> str:
    known = {"most": "more", "least": "less"}
    return known.get(how, f"{how[:-3]}er" if how.endswith("est") else how)


def _sizes(one: str, other: str, how: str) -> tuple[Fraction, Fraction] | None:
    numbers = arithmetic.value(one), arithmetic.value(other)
    if numbers[0] is not None and numbers[1] is not None:
        return Fraction(numbers[0]), Fraction(numbers[1])
    first, second = (units.quantity(_OF.sub("", said)) for said in (one, other))
    if first is None or second is None or first.unit.kind != second.unit.kind:
        return None
    if first.unit.kind not in _MEASURED.get(how, first.unit.kind):
        return None
    return first.size, second.size

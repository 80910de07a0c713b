"""Everyday units: `answer("how many feet are in a mile")` is "1 mile is 5,280 feet."."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from local_agent.call.tools.arithmetic import first_upper, told
from local_agent.call.tools.wording import asked


@dataclass(frozen=True)
class Unit:
    """one, many: its names. kind: what it measures. size: of one, in the first unit of its kind. zero: where its scale
    begins, in that.
    """

    one: str
    many: str
    kind: str
    size: Fraction
    zero: Fraction = Fraction(0)


@dataclass(frozen=True)
class Quantity:
    amount: Fraction
    unit: Unit

    @property
    def size(self) -> Fraction:
        """In the first unit of its kind."""
        return self.amount * self.unit.size + self.unit.zero

    def spoken(self) -> str:
        return f"{told(self.amount, 2)} {self.unit.one if self.amount == 1 else self.unit.many}"

    def within(self, unit: Unit) -> Quantity:
        """The same in another unit of the kind."""
        return Quantity((self.size - unit.zero) / unit.size, unit)


# Size, names: of one, of many, and others. The international yard and pound, and the US customary measures of volume,
# are exact by definition. A year has 365 days, and a month
# a twelfth of them.
_TABLE = {
    "length": """1 meter|meters|metre|metres|m
        1000 kilometer|kilometers|kilometre|kilometres|km|kms
        .01 centimeter|centimeters|centimetre|centimetres|cm
        .001 millimeter|millimeters|millimetre|millimetres|mm
        .0254 inch|inches|in
        .3048 foot|feet|ft
        .9144 yard|yards|yd
        1609.344 mile|miles|mi
        1852 nautical mile|nautical miles""",
    "weight": """1 kilogram|kilograms|kilo|kilos|kg|kgs
        .001 gram|grams|g
        .000001 milligram|milligrams|mg
        1000 metric ton|metric tons|tonne|tonnes
        .45359237 pound|pounds|lb|lbs
        .028349523125 ounce|ounces|oz
        6.35029318 stone|stones
        907.18474 ton|tons""",
    "volume": """1 liter|liters|litre|litres|l
        .001 milliliter|milliliters|millilitre|millilitres|ml
        .01 centiliter|centiliters|cl
        .1 deciliter|deciliters|dl
        3.785411784 gallon|gallons|gal
        .946352946 quart|quarts|qt
        .473176473 pint|pints|pt
        .2365882365 cup|cups
        .0295735295625 fluid ounce|fluid ounces|fl oz
        .01478676478125 tablespoon|tablespoons|tbsp
        .00492892159375 teaspoon|teaspoons|tsp""",
    "time": """1 second|seconds|sec|secs
        60 minute|minutes|min|mins
        3600 hour|hours|hr|hrs
        86400 day|days
        604800 week|weeks
        2628000 month|months
        31536000 year|years
        315360000 decade|decades
        31536000000 millennium|millennia|millenniums
        3153600000 century|centuries
        .001 millisecond|milliseconds|ms""",
    "area": """1 square meter|square meters|square metre|square metres
        1000000 square kilometer|square kilometers|square kilometre|square kilometres
        10000 hectare|hectares
        4046.8564224 acre|acres
        .09290304 square foot|square feet
        2589988.110336 square mile|square miles""",
    "speed": """1 meter per second|meters per second
        5/18 kilometer per hour|kilometers per hour|kilometers an hour|km an hour|kilometres per hour|km/h|kph|kmh
        .44704 mile per hour|miles per hour|miles an hour|mph
        463/900 knot|knots""",
    "money": """1 dollar|dollars
        .01 cent|cents|penny|pennies
        .05 nickel|nickels
        .1 dime|dimes""",
    "data": """1 byte|bytes
        1000 kilobyte|kilobytes|kb
        1000000 megabyte|megabytes|mb
        1000000000 gigabyte|gigabytes|gb
        1000000000000 terabyte|terabytes|tb""",
}
_HEAT = (
    (Unit("degree Celsius", "degrees Celsius", "temperature", Fraction(1)), "celsius centigrade c"),
    (
        Unit("degree Fahrenheit", "degrees Fahrenheit", "temperature", Fraction(5, 9), Fraction(-160, 9)),
        "fahrenheit f",
    ),
    (Unit("kelvin", "kelvins", "temperature", Fraction(1), Fraction("-273.15")), "kelvin kelvins k"),
)


def _known() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for kind, lines in _TABLE.items():
        for line in lines.splitlines():
            size, _, names = line.strip().partition(" ")
            one, many, *others = names.split("|")
            found |= dict.fromkeys((one, many, *others), Unit(one, many, kind, Fraction(size)))
    for unit, names in _HEAT:
        for name in names.split():
            found |= dict.fromkeys((name, f"degrees {name}", f"degree {name}", f"°{name}", f"° {name}"), unit)
    return found


UNITS = _known()
_NAMES = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
_UNIT = rf"(?:{_NAMES})(?![\w°])"
_PART = r"(?:half (?:of )?an? |a half |half |(?:an?|\d) quarters? (?:of )?an? |a quarter )"
_AMOUNT = rf"(?:(?:-|minus |negative )?\d+(?:\.\d+)?(?:/\d+)? ?(?:degrees )?|an? (?:half )?|{_PART}|1 )?"
_ONE = rf"{_AMOUNT}{_UNIT}"
_QUANTITY = re.compile(
    rf"({_AMOUNT})({_UNIT})(?:(?:,| and)? (\d+(?:\.\d+)?)(?: ({_UNIT})| and a half)?| and (a half))?"
)
_WHOLE = rf"({_ONE}(?:(?:,? and|,)? ?\d+(?:\.\d+)?(?: ?{_UNIT})?| and a half)?)"
_CONVERSIONS = tuple(
    (re.compile(pattern), source, target)
    for pattern, source, target in (
        (rf"(?:convert |change |turn )?{_WHOLE} (?:in|to|into|as) ({_UNIT}(?: and {_UNIT})?)", 1, 2),
        (
            rf"(?:what is|what are|how much is|how much are) {_WHOLE} (?:in|to|into|as|converted to) "
            rf"({_UNIT}(?: and {_UNIT})?)",
            1,
            2,
        ),
        (rf"how many ({_UNIT}) (?:are |is )?(?:there )?(?:in|to|make|make up|does|equal|fit in(?:to)?) {_WHOLE}", 2, 1),
        (rf"how many ({_UNIT}) (?:does|do|is|are) {_WHOLE}(?: have| make| contain| equal)?", 2, 1),
        (rf"how (?:long|far|much|heavy|tall|fast|hot|cold|big|large) is {_WHOLE} in ({_UNIT}(?: and {_UNIT})?)", 1, 2),
        (
            rf"(?:if )?[a-z' ]*?{_WHOLE}(?: of [a-z]+)?[,.]? how many ({_UNIT}) "
            r"(?:is|are|does) (?:that|it|this)(?: make)?",
            1,
            2,
        ),
        (rf"in ({_UNIT}),? (?:what|how much|how many|how long) is {_WHOLE}", 2, 1),
    )
)


def answer(text: str) -> str | None:
    """A sentence with the converted quantity; None where the text asks for none."""
    given, target = _parts(asked(text))
    if given is None or (source := quantity(given)) is None:
        return None
    target, _, smaller = target.partition(" and ")
    unit = UNITS[target]
    if {source.unit.kind, unit.kind} == {"volume", "weight"} and "ounce" in (source.unit.one, unit.one):
        fluid = UNITS["fluid ounce"]  # an ounce of what is measured in cups
        source, unit = (
            Quantity(source.amount, fluid) if unit.one != "ounce" else source,
            fluid if unit.one == "ounce" else unit,
        )
    if source.unit.kind != unit.kind and "money" in (source.unit.kind, unit.kind):
        return None  # pounds that are paid with
    if source.unit.kind != unit.kind:
        return f"{first_upper(source.unit.many)} can't be converted to {unit.many}."
    begun = f"{first_upper(source.spoken())} is" if 100 % source.amount.denominator == 0 else "That is"
    if smaller and UNITS[smaller].kind == unit.kind:
        return f"{begun} {_in_two(source, unit, UNITS[smaller])}."
    return f"{begun} {source.within(unit).spoken()}."


def _in_two(source: Quantity, unit: Unit, smaller: Unit) -> str:
    """5 feet and 11 inches: the smaller one to the next whole."""
    whole, step = source.size, smaller.size
    count = round(whole / step)
    many, rest = divmod(count * step, unit.size)
    return f"{Quantity(Fraction(many), unit).spoken()} and {Quantity(Fraction(round(rest / step)), smaller).spoken()}"


def changed(before: str, unit: str = "", amount: str = "") -> str:
    """The same conversion into another unit, or of another quantity; "" where it was none. As `wording.asked` gives
    them.
    """
    given, target = _parts(before)
    return f"{amount or given} in {unit or target}" if given is not None else ""


def _parts(words: str) -> tuple[str | None, str]:
    """What is to be converted, and into which unit."""
    for pattern, source, target in _CONVERSIONS:
        if (found := pattern.fullmatch(words)) is not None:
            return found[source], found[target]
    return None, ""


def quantity(text: str) -> Quantity | None:
    """Five feet ten, half a mile, 3.5 hours; None for anything else. text: as `wording.asked` gives it."""
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        return None
    amount, unit = _amount(found[1]), UNITS[found[2]]
    if found[5]:
        return Quantity(amount + Fraction(1, 2), unit)
    if found[3]:
        smaller = UNITS.get(found[4] or _NEXT.get(unit.one, ""))
        if smaller is None or smaller.kind != unit.kind:
            return None
        amount += Fraction(found[3]) * smaller.size / unit.size
    return Quantity(amount, unit)


_NEXT = {"foot": "inch", "hour": "minute", "pound": "ounce", "minute": "second", "stone": "pound"}  # 5 foot 10


def _amount(said: str) -> Fraction:
    said = said.replace("degrees", "").strip()
    if "half" in said:
        return Fraction(1, 2)
    if "quarter" in said:
        return Fraction(int(said[0]) if said[:1].isdigit() else 1, 4)
    said = re.sub(r"\A(?:minus|negative) ", "-", said)
    return Fraction(said) if said[:1].isdigit() or said[:1] == "-" else Fraction(1)

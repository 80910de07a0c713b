"""English numbers, money, times, dates, measures and telephone numbers in words.

espeak-ng reads well: whole numbers, thousands with commas, decimals, ordinals (22nd), percent, minus before a digit,
NASA and FBI. It reads badly, and so they are written out here: money ("dollar twelve point five zero"), clock times
("two zero five"), telephone numbers (as thousands), ranges and dates ("dash", "slash"), years before 2000, units,
decades and Roman numerals ("roman eight").
"""

from __future__ import annotations

import re


def split_words(text: str) -> list[str]:
    """The words of a table that is easier read as a line than as a list."""
    return text.split()


ONES = split_words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MONTHS = split_words("January February March April May June July August September October November December")
ROMAN = split_words("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX")
CURRENCIES = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "₹": ("rupee", "paisa"),
}
PLURALS = {
    "penny": "pence",
    "yen": "yen",
    "paisa": "paise",
    "foot": "feet",
    "inch": "inches",
    "hertz": "hertz",
    "Celsius": "Celsius",
}
UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "mi": "mile", "ft": "foot", "yd": "yard",
    "kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce",
    "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter",
    "s": "second", "sec": "second", "ms": "millisecond", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour",
    "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "W": "watt", "kW": "kilowatt", "kWh": "kilowatt hour", "V": "volt",
    "mph": "mile per hour", "kcal": "kilocalorie", "cal": "calorie",
}  # fmt: skip
PER = {"h": "hour", "hr": "hour", "s": "second", "min": "minute", "kg": "kilogram", "L": "liter", "l": "liter"}
# Words that begin sentences: a full stop before one of them is the end of a sentence, not only of an abbreviation.
STARTERS = frozenset(
    split_words(
        "A About After All Also An And Any Are As At Because But Can Do Does For From Have He Her Here His How "
        "However I If In Is It Its Just Let Maybe My No Not Now On One Or Our Perhaps Please She So Some Sure That "
        "The Their Then There These They This Those To We Well What When Where Which Who Why With Would Yes You Your"
    )
)
# After an abbreviation: matches group 2 where a sentence ends.
STOP = r"(?=(\s+(?:" + "|".join(sorted(STARTERS)) + r")\b|\s*$)?)"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_BIG = r"(?: ?(?:thousand|million|billion|trillion|[kKMB](?![A-Za-z])|bn))?"
_MONEY = re.compile(rf"([$€£¥₹])\s?({_NUMBER})({_BIG})(?![\d,]*\d)")
_MONEY_AFTER = re.compile(rf"(?<![\d.,])({_NUMBER})\s?([€£¥])")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\(\d{2,4}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w]|[.,-]\d)|(?<![\w.,-])\d{3}-\d{4}(?![\w]|[.,-]\d)"
    r"|(?<![\w.,])0\d{2,4}(?:[ -]\d{3,4}){1,2}(?![\w]|[.,-]\d)"
)
_PLUS_PHONE = re.compile(r"(?<!\w)\+\d[\d .()-]{6,18}\d(?!\w)")
_CODE = re.compile(r"(?<![\w.,])(?:0\d{3,}|\d{11,})(?![\w]|[.,]\d)")
_CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])(\s?(?:[ap]\.m\.|[ap]m\b|[AP]\.?M\b))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:.])(1[0-2]|[1-9])\s?([aApP])\.?[mM]\b\.?" + STOP)
_ISO_DATE = re.compile(r"(?<![\d-])([12]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d-])")
_YEAR = re.compile(
    r"\b((?:in|since|of|from|to|until|till|by|year|around|about|before|after|during|between|and|circa|"
    + "|".join(MONTHS)
    + r")"
    r"(?: (?:\d{1,2}(?:st|nd|rd|th)?))?,?) (1[1-9])(\d\d)(s?)(?![\d%°]|[.,:-]\d)",
    re.IGNORECASE,
)
_DECADE = re.compile(r"(?<![\w.])(?:(1[1-9]|20)|['’])([1-9])0['’]?s\b")
_MEASURE = re.compile(
    rf"(?<![\w.])(-?(?:{_NUMBER}))([ -]?)("
    + "|".join(sorted(UNITS, key=len, reverse=True))
    + r")(?:/(h|hr|s|min|kg|L|l))?([²³]|\b)(?![-'’/]|\.\w)"
)
_TEMPERATURE = re.compile(rf"(?<![\w.])(-?(?:{_NUMBER})) ?°(?: ?([CF]))?(?!\w)")
_RANGE = re.compile(rf"(?<![\w.,/–-])((?:{_NUMBER})%?) ?(?:–|-|‒) ?(?=(?:{_NUMBER})(?![\w]*[–-]))")
_FRACTION = re.compile(r"(?<![\w./])(?:(\d{1,3}) )?(\d{1,2})/(\d{1,2})(?![\w/]|\.\d)")
_SLASH_DATE = re.compile(r"(?<![\w/])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/((?:19|20)\d\d)(?![\w/])")
_ROMAN = re.compile(r"\b([A-Z][\w’']+) (" + "|".join(sorted(ROMAN[1:], key=len, reverse=True)) + r")\b(?!['’.]\w)")
_WORLD_WAR = re.compile(r"\b(War|Part|Chapter|Act|Volume|Type|Phase|Class|Section) I\b(?!['’])")
NUMBERED = frozenset(
    split_words("War Part Chapter Act Volume Type Phase Class Section Level Grade Article Title Appendix Figure Table")
)
_MONTH = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.? (?=\d)")
_FEET = re.compile(r"(?<![\w.])(\d)['’] ?(1[01]|\d)(?:\"|”|'')")
_RATIO = re.compile(r"(?<![\d:.,])(\d+):(\d+)(?![\d:])")


def number_words(number: int) -> str:
    """0 to 99 in words."""
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return TENS[tens] + (f"-{ONES[ones]}" if ones else "")


def digit_words(text: str) -> str:
    """Each digit of `text` as a word, groups parted by commas, as a telephone number is read."""
    groups = [" ".join(ONES[int(digit)] for digit in group) for group in re.findall(r"\d+", text)]
    return ("plus " if text.lstrip().startswith("+") else "") + ", ".join(groups)


def figures(text: str) -> str:
    """`text` with its figures in words, or in those figures that espeak-ng reads well."""
    text = _ISO_DATE.sub(lambda m: f"{MONTHS[int(m[2]) - 1]} {int(m[3])}, {m[1]}", text)
    text = _SLASH_DATE.sub(lambda m: f"{MONTHS[int(m[1]) - 1]} {int(m[2])}, {m[3]}", text)
    text = _PLUS_PHONE.sub(lambda m: digit_words(m[0]), text)
    text = _CLOCK.sub(_clock, text)
    text = _RATIO.sub(r"\1 to \2", _FEET.sub(r"\1 foot \2", text))
    text = _MONTH.sub(lambda m: next(name for name in MONTHS if name.startswith(m[1][:3])) + " ", text)
    text = _HOUR.sub(
        lambda m: f"{m[1]} {m[2].upper()}M" + ("." if m[3] is not None and m[0].endswith(".") else ""), text
    )
    text = _MONEY.sub(_money, text)
    text = _MONEY_AFTER.sub(lambda m: f"{m[1]} {_plural(CURRENCIES[m[2]][0], m[1])}", text)
    text = _PHONE.sub(_phone, text)
    text = _CODE.sub(lambda m: digit_words(m[0]), text)
    text = re.sub(r"(?<=\d) (?:-|−) (?=\d)", " minus ", text)
    text = _DECADE.sub(lambda m: (f"{number_words(int(m[1]))} " if m[1] else "") + _decade(int(m[2])), text)
    text = _RANGE.sub(r"\1 to ", text)
    text = _TEMPERATURE.sub(
        lambda m: f"{m[1]} degrees" + {"C": " Celsius", "F": " Fahrenheit"}.get(m[2] or "", ""), text
    )
    text = _MEASURE.sub(_measure, text)
    text = _YEAR.sub(lambda m: f"{m[1]} {_year(int(m[2]), int(m[3]), m[4])}", text)
    text = _ROMAN.sub(_roman, _WORLD_WAR.sub(r"\1 one", text))
    return _FRACTION.sub(_fraction, text)


def _phone(match: re.Match[str]) -> str:
    """Digit by digit, unless two round numbers ("500-1000") are more likely a range."""
    if re.fullmatch(r"\d+0-\d+00", match[0]):
        return match[0]
    return digit_words(match[0])


def _plural(noun: str, amount: str) -> str:
    if amount.lstrip("-") == "1":
        return noun
    if " per " in noun:
        first, _, rest = noun.partition(" per ")
        return f"{_plural(first, amount)} per {rest}"
    return PLURALS.get(noun, noun + "s")


def _clock(match: re.Match[str]) -> str:
    """9:05 PM -> "nine oh five PM": the hour stays a figure, the minute is read as people do."""
    hour, minute, half = int(match[1]), int(match[2]), match[4] or ""
    said = str(hour)
    if minute >= 10:
        said += " " + number_words(minute)
    elif minute:
        said += " oh " + ONES[minute]
    elif not half:
        said += " o'clock" if 1 <= hour <= 12 else " hundred hours"
    if match[3] and int(match[3]):
        said += f" and {_seconds(int(match[3]))}"
    return said + (" " + half.strip().replace(".", "").upper() if half else "")


def _seconds(count: int) -> str:
    return f"{count} {_plural('second', str(count))}"


def _money(match: re.Match[str]) -> str:
    """$12.50 -> 12 dollars and 50 cents; $1.5 million -> 1.5 million dollars."""
    sign, amount, big = match[1], match[2], match[3].strip()
    unit, cent = CURRENCIES[sign]
    if big:
        big = {"k": "thousand", "K": "thousand", "M": "million", "B": "billion", "bn": "billion"}.get(big, big)
        return f"{amount} {big} {_plural(unit, '2')}"
    whole, _, part = amount.partition(".")
    if len(part) != 2 or not cent:
        return f"{amount} {_plural(unit, amount)}"
    cents = f"{int(part)} {_plural(cent, str(int(part)))}"
    if whole == "0":
        return cents
    return f"{whole} {_plural(unit, whole)}" + (f" and {cents}" if int(part) else "")


def _measure(match: re.Match[str]) -> str:
    """5 km -> 5 kilometers; 90 km/h -> 90 kilometers per hour; 20 m² -> 20 square meters."""
    amount, gap, short, per, power = match[1], match[2], match[3], match[4], match[5]
    # "5 s" and "a 5-m" are units, "in 1 h" too; but a lone letter after a space is as often a word ("plan 3 V").
    if gap == "-" and len(short) == 1 and short.isupper():
        return match[0]
    noun = UNITS[short] if gap == "-" else _plural(UNITS[short], amount)
    noun = {"²": "square ", "³": "cubic "}.get(power, "") + noun
    return f"{amount}{gap or ' '}{noun}" + (f" per {PER[per]}" if per else "")


def _year(century: int, rest: int, plural: str) -> str:
    if plural:
        return number_words(century) + " " + (_decade(rest // 10) if rest else "hundreds")
    if not rest:
        return number_words(century) + " hundred"
    return number_words(century) + (" oh " if rest < 10 else " ") + number_words(rest)


def _decade(tens: int) -> str:
    return "tens" if tens == 1 else TENS[tens][:-1] + "ies"


def _fraction(match: re.Match[str]) -> str:
    """1/2 -> one half, 2/3 -> two thirds, 7/10 -> 7 over 10, 1 1/2 -> 1 and one half. 24/7 is said as it is written."""
    whole, top, bottom = match[1], int(match[2]), int(match[3])
    if (top, bottom) == (24, 7):
        return "twenty-four seven"
    names = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth"}
    if bottom in names and 0 < top < bottom:
        said = f"{ONES[top]} {names[bottom]}" + ("s" if top > 1 else "")
    else:
        said = f"{top} over {bottom}"
    return f"{whole} and {said}" if whole else said


def _roman(match: re.Match[str]) -> str:
    """Henry VIII -> Henry the 8th; World War II -> World War 2."""
    number = ROMAN.index(match[2]) + 1
    if match[1] in NUMBERED:
        return f"{match[1]} {number_words(number)}"
    if len(match[2]) == 1 and match[2] not in "VX":
        return match[0]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{match[1]} the {number}{ending}"

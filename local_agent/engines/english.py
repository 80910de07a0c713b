"""English numbers, units, symbols and abbreviations in words, where espeak-ng would not read them as people do.

espeak-ng reads well: whole numbers, thousands with commas, decimals, ordinals (22nd), percent, minus before a digit, NASA and
FBI. It reads badly, and so they are written out here: money ("dollar twelve point five zero"), clock times ("two zero five"),
telephone numbers (as thousands), ranges and dates ("dash", "slash"), years before 2000, units, Roman numerals ("roman eight"),
titles ("Dr." ends a sentence), decades and most symbols.
"""

from __future__ import annotations

import re

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ROMAN = [
    "I",
    "II",
    "III",
    "IV",
    "V",
    "VI",
    "VII",
    "VIII",
    "IX",
    "X",
    "XI",
    "XII",
    "XIII",
    "XIV",
    "XV",
    "XVI",
    "XVII",
    "XVIII",
    "XIX",
    "XX",
]

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
    "kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter",
    "ml": "milliliter", "mL": "milliliter", "s": "second", "sec": "second", "ms": "millisecond", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte",
    "TB": "terabyte", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "W": "watt", "kW": "kilowatt",
    "kWh": "kilowatt hour", "V": "volt", "mph": "mile per hour", "kcal": "kilocalorie", "cal": "calorie",
}  # fmt: skip
PER = {"h": "hour", "hr": "hour", "s": "second", "min": "minute", "kg": "kilogram", "L": "liter", "l": "liter"}
ABBREVIATIONS = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Sr": "Senior", "Jr": "Junior",
    "Gen": "General", "Col": "Colonel", "Capt": "Captain", "Sgt": "Sergeant", "Lt": "Lieutenant", "Rev": "Reverend",
    "Mt": "Mount", "vs": "versus", "approx": "approximately", "etc": "et cetera", "dept": "department", "Dept": "Department",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation", "est": "established",
}  # fmt: skip
# Abbreviations that end a sentence as often as not: their full stop stays where a sentence could end.
ENDING = frozenset({"etc", "Jr", "Sr", "Inc", "Ltd", "Corp"})
PHRASES = {"e.g.": "for example,", "i.e.": "that is,", "a.k.a.": "also known as", "w/o": "without", "w/": "with"}
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by", "≈": "about", "≤": "at most", "≥": "at least",
    "≠": "is not equal to", "±": "plus or minus", "→": "to", "∞": "infinity", "√": "the square root of", "§": "section",
    "©": "copyright", "®": " ", "™": " ", "°": "degrees", "€": "euros", "£": "pounds", "¥": "yen", "¶": " ", "•": ",", "·": ",",
    "²": "squared", "³": "cubed", "½": "one half", "¼": "one quarter", "¾": "three quarters", "⅓": "one third",
    "⅔": "two thirds", "µ": "micro",
}  # fmt: skip

# Words that begin sentences: a full stop before one of them is the end of a sentence, not only of an abbreviation.
STARTERS = frozenset(
    [
        "A",
        "About",
        "After",
        "All",
        "Also",
        "An",
        "And",
        "Any",
        "Are",
        "As",
        "At",
        "Because",
        "But",
        "Can",
        "Do",
        "Does",
        "For",
        "From",
        "Have",
        "He",
        "Her",
        "Here",
        "His",
        "How",
        "However",
        "I",
        "If",
        "In",
        "Is",
        "It",
        "Its",
        "Just",
        "Let",
        "Maybe",
        "My",
        "No",
        "Not",
        "Now",
        "On",
        "One",
        "Or",
        "Our",
        "Perhaps",
        "Please",
        "She",
        "So",
        "Some",
        "Sure",
        "That",
        "The",
        "Their",
        "Then",
        "There",
        "These",
        "They",
        "This",
        "Those",
        "To",
        "We",
        "Well",
        "What",
        "When",
        "Where",
        "Which",
        "Who",
        "Why",
        "With",
        "Would",
        "Yes",
        "You",
        "Your",
    ]
)

_STOP = r"(?=(\s+(?:" + "|".join(sorted(STARTERS)) + r")\b|\s*$)?)"
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
_HOUR = re.compile(r"(?<![\d:.])(1[0-2]|[1-9])\s?([aApP])\.?[mM]\b\.?" + _STOP)
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
    [
        "War",
        "Part",
        "Chapter",
        "Act",
        "Volume",
        "Type",
        "Phase",
        "Class",
        "Section",
        "Level",
        "Grade",
        "Article",
        "Title",
        "Appendix",
        "Figure",
        "Table",
    ]
)
_TITLE = re.compile(r"\b(" + "|".join(ABBREVIATIONS) + r")\." + _STOP)
_MONTH = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.? (?=\d)")
_FEET = re.compile(r"(?<![\w.])(\d)['’] ?(1[01]|\d)(?:\"|”|'')")
_RATIO = re.compile(r"(?<![\d:.,])(\d+):(\d+)(?![\d:])")
_INITIAL = re.compile(r"(?<![\w.'’])((?:[A-Z]\.){2,})(?!\w)" + _STOP)
_ALONE = re.compile(r"(?<![\w.'’])([A-HJ-Z])\.(?= ?[A-Z][\w.])")
_PHRASE = re.compile(r"(?<!\w)(e\.g\.|i\.e\.|a\.k\.a\.|w/o|w/)(?:,)?(?=\W)", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_HOST = re.compile(
    r"(?<![\w.@/])((?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|ai|dev|app|co|uk|de|fr|es|it|eu|us|info|me|tv|ly|html?|py|js|txt|pdf))((?:/[\w.~/-]*\w)?)/?(?![\w@])",
    re.IGNORECASE,
)


def english(text: str) -> str:
    """`text` with everything named above in words."""
    text = _EMAIL.sub(lambda m: f"{_dotted(m[1])} at {_dotted(m[2])}", text)
    text = _HOST.sub(lambda m: _dotted(m[1]) + _dotted(m[2].replace("/", " slash ")), text)
    text = _PHRASE.sub(lambda m: PHRASES[m[1].lower()], text)
    text = re.sub(r"\bNo\.? ?(?=\d)", "number ", text)
    text = _numbers(text)
    text = _ROMAN.sub(_roman, _WORLD_WAR.sub(r"\1 one", text))
    text = _TITLE.sub(_title, text)
    text = re.sub(r"\bSt\.(?= [A-Z])", "Saint", text)
    text = _INITIAL.sub(lambda m: m[1].replace(".", "") + ("." if m[2] is not None else ""), text)
    text = _ALONE.sub(r"\1", text)
    return _symbols(text)


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


def _numbers(text: str) -> str:
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
    return _FRACTION.sub(_fraction, text)


def _dotted(address: str) -> str:
    """A host, path or mailbox with its marks in words."""
    address = re.sub(r"\.", " dot ", address)
    address = address.replace("-", " dash ").replace("_", " underscore ").replace("+", " plus ")
    return re.sub(r" {2,}", " ", address).rstrip()


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
    return f"{amount} {noun}" + (f" per {PER[per]}" if per else "")


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


def _title(match: re.Match[str]) -> str:
    stop = "." if match[1] in ENDING and match[2] is not None else ""
    return ABBREVIATIONS[match[1]] + stop


def _symbols(text: str) -> str:
    text = re.sub(r"(?<![\w#])#(?=\d)", "number ", text)
    text = re.sub(r"(?<![\w#])#(?=[^\W\d])", "hashtag ", text)
    text = re.sub(r"\bC#", "C sharp", text)
    text = re.sub(r"\b(C|Notepad)\+\+", r"\1 plus plus", text)
    text = re.sub(r"~ ?(?=[\d$€£])", "about ", text)
    text = re.sub(r"(?<=\d)\s*\*\s*(?=\d)", " times ", text)
    text = re.sub(r"(?<!\w)−(?=\d)", "-", text)
    text = re.sub(r"<=|=<", " at most ", text)
    text = re.sub(r">=", " at least ", text)
    text = re.sub(r"[-=]+>", " to ", text)
    text = re.sub(r"<\s?(?=[\d$€£.-])", " less than ", text)
    text = re.sub(r"(?<!^)>\s?(?=[\d$€£.-])", " greater than ", text, flags=re.MULTILINE)
    text = re.sub(r"(?<=\w)\s?/\s?(?=[^\W\d])", " ", text)
    text = re.sub(r"(?<=\d)/(?=\d)", " slash ", text)
    text = re.sub(r"(?<=\w)@(?=\w)|(?<!\w)@(?=\w)", " at ", text)
    return "".join(f" {SYMBOLS[char]} " if char in SYMBOLS else char for char in text)

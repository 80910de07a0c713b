"""English money, measures, temperatures, fractions and sums in words, as an American reads them."""

from __future__ import annotations

import re

from local_agent.engines.text.dates import RATED
from local_agent.engines.text.numbers import NUMBER, cardinal, number, ordinal, paired, value
from local_agent.engines.text.readings import TAKEN, Reading, is_adjective, is_before_noun, reading

CURRENCIES = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "₹": ("rupee", "paisa"),
    "₩": ("won", ""),
    "₽": ("ruble", "kopeck"),
    "US$": ("US dollar", "cent"),
    "USD": ("US dollar", "cent"),
    "C$": ("Canadian dollar", "cent"),
    "CAD": ("Canadian dollar", "cent"),
    "CA$": ("Canadian dollar", "cent"),
    "A$": ("Australian dollar", "cent"),
    "AU$": ("Australian dollar", "cent"),
    "NZ$": ("New Zealand dollar", "cent"),
    "HK$": ("Hong Kong dollar", "cent"),
    "Rs.": ("rupee", "paisa"),
    "AUD": ("Australian dollar", "cent"),
    "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"),
    "JPY": ("yen", ""),
    "CHF": ("Swiss franc", "centime"),
}
PLURALS = {"penny": "pence", "yen": "yen", "won": "won", "dozen": "dozen", "paisa": "paise", "foot": "feet",
           "inch": "inches", "Celsius": "Celsius"}  # fmt: skip
UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "nm": "nanometer", "µm": "micrometer",
    "μm": "micrometer", "mi": "mile", "ft": "foot", "yd": "yard", "yds": "yard", "ha": "hectare",
    "kg": "kilogram", "g": "gram", "mg": "milligram", "mcg": "microgram", "µg": "microgram", "μg": "microgram",
    "lb": "pound", "lbs": "pound", "oz": "ounce",
    "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "dl": "deciliter", "dL": "deciliter",
    "cl": "centiliter", "fl oz": "fluid ounce", "fl. oz": "fluid ounce",
    "tbsp": "tablespoon", "tsp": "teaspoon", "Tbsp": "tablespoon",
    "doz": "dozen", "pkg": "package", "pkgs": "package", "bps": "basis point", "pt": "pint", "qt": "quart",
    "gal": "gallon", "s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "µs": "microsecond",
    "ns": "nanosecond", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "wk": "week",
    "wks": "week", "mo": "month", "mos": "month", "yr": "year", "yrs": "year",
    "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte",
    "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte", "Mb": "megabit", "Gb": "gigabit",
    "kbps": "kilobit per second", "Mbps": "megabit per second", "Gbps": "gigabit per second",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "Wh": "watt hour", "kWh": "kilowatt hour",
    "MWh": "megawatt hour", "V": "volt", "kV": "kilovolt", "mV": "millivolt", "mA": "milliamp", "Ah": "amp hour",
    "mAh": "milliamp hour", "Ω": "ohm", "kΩ": "kilohm",
    "MΩ": "megohm", "Mbit": "megabit", "Gbit": "gigabit", "inHg": "inch of mercury",
    "J": "joule", "kJ": "kilojoule", "N": "newton", "Pa": "pascal",
    "kPa": "kilopascal", "hPa": "hectopascal", "psi": "pound per square inch", "mmHg": "millimeter of mercury",
    "dB": "decibel", "mol": "mole", "mmol": "millimole", "IU": "international unit", "hp": "horsepower",
    "mph": "mile per hour", "kph": "kilometer per hour", "kmh": "kilometer per hour", "kcal": "kilocalorie",
    "cal": "calorie", "rpm": "revolution per minute", "bpm": "beat per minute", "fps": "frame per second",
    "mpg": "mile per gallon", "ppm": "part per million", "px": "pixel", "pts": "point", "hpa": "hectopascal",
}  # fmt: skip
BIG = {"k": "thousand", "K": "thousand", "M": "million", "m": "million", "mn": "million",
       "B": "billion", "bn": "billion",
       "T": "trillion", "thousand": "thousand", "million": "million", "billion": "billion",
       "trillion": "trillion"}  # fmt: skip
FRACTIONS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3)}
_BIG = r"(?: ?(?:thousand|million|billion|trillion|bn|mn)\b| ?[kKMBT](?![\w])|m(?![\w]))?"
_SIGN = r"(?:(?:\b(?:US|CA?|AU?|NZ|HK))?\$|\bRs\.|[$€£¥₹₩₽])"
_CODE = r"(?:USD|EUR|GBP|CAD|AUD|CHF|JPY)"
_LISTED = (
    r"\b(?:option|step|room|level|week|day|part|phase|no\.?|number|item|chapter|section|unit|plan|tier|grade|round|game|set"
    r"|lap|rule|tip|question|exercise|lesson) $"
)
_PRICED = r" (?:bills?|coupons?|vouchers?|gift|deposit|fee|credit|copay|fine|minimum|refund|rebate|discount)\b"
_DASH = r" ?[-–—‒] ?"
_MINUS = rf"(?:(?<![\w)\].{TAKEN}])[-−])?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SIZED = r"(?:(sq(?:uare)?\.?|cu(?:bic)?\.?) ?)?"
_LENGTH = r"(\d+(?:\.\d+)?(?: \d+/\d+)?)"
_POWER = r"(?:\^?([23²³])(?![\w.]))?"
_PER = r"((?: ?/ ?[A-Za-zµ]+[²³]?(?!\w|\.\w|@))*)"
_ROUND = r"(?<![\w.,:/#^-])"


def plural(noun: str, amount: str) -> str:
    """The noun for so many: 1 pound, 2 pounds, 0.5 miles per hour."""
    if re.fullmatch(r"[-−]?1", amount):
        return noun
    for link in (" per ", " of "):
        if link in noun:
            first, _, rest = noun.partition(link)
            return f"{plural(first, amount)}{link}{rest}"
    return noun if noun.endswith(("hertz", "horsepower")) else PLURALS.get(noun, f"{noun}s")


def _per(units: str) -> str:
    """/h -> per hour, /kg/day -> per kilogram per day."""
    said = ""
    for one in re.findall(r"/ ?([A-Za-zµ]+)([²³]?)", units):
        noun = {"mo": "month", "d": "day", "in": "inch", "y": "year", "w": "week"}.get(one[0]) or UNITS.get(
            one[0], one[0]
        )
        said += " per " + {"²": "square ", "³": "cubic "}.get(one[1], "") + noun
        if noun == "second" and one[1]:
            said = said.replace("square second", "second squared").replace("cubic second", "second cubed")
    return said


def _amount(amount: str, big: str) -> str:
    """With its million in words."""
    return number(amount) + (f" {BIG[big.strip()]}" if big.strip() else "")


def _money(match: re.Match[str]) -> str | None:
    """$12.50 -> twelve dollars and fifty cents; $1.5 million -> one point five million dollars; $5-$10/month."""
    minus, sign, amount, big, last, last_big, per = match.groups()
    unit, cent = CURRENCIES[sign]
    said = "minus " if minus else ""
    if last:
        first = "" if big.strip() == last_big.strip() else big
        return f"{said}{_amount(amount, first)} to {_coins(last, last_big, unit, cent)}{_per(per)}"
    if is_adjective(match) or re.match(_PRICED, match.string[match.end() :]):
        coins = _coins(amount, big, unit, cent)
        return said + re.sub(rf"\b({unit}|{cent})s\b", r"\1", coins) if cent else said + coins
    return f"{said}{_coins(amount, big, unit, cent)}{_per(per)}"


def _money_after(match: re.Match[str]) -> str:
    unit, cent = CURRENCIES[match[3]]
    return _coins(match[1].replace(",", ".") if re.fullmatch(r"\d+,\d\d", match[1]) else match[1], match[2], unit, cent)


def _coins(amount: str, big: str, unit: str, cent: str) -> str:
    if big.strip():
        return f"{_amount(amount, big)} {plural(unit, '2')}"
    whole, _, part = amount.partition(".")
    if not part or not cent or len(part) > 2:
        return f"{number(amount)} {plural(unit, amount)}"
    count = str(int(part.ljust(2, "0")))
    cents = f"{number(count)} {plural(cent, count)}"
    if not whole or not value(whole):
        return cents if int(count) else f"zero {plural(unit, '0')}"
    return f"{number(whole)} {plural(unit, whole)}" + (f" and {cents}" if int(count) else "")


def _measure(match: re.Match[str]) -> str | None:
    """5 km -> five kilometers; 90 km/h -> ninety kilometers per hour; 20 m² -> twenty square meters; a 20-km run."""
    first, amount, gap, size, short, power, per = match.groups()
    if short in ("m", "g", "s", "l", "h", "V", "W", "N", "J", "L") and gap == "-" and short.isupper():
        return None
    if short == "pt" and re.match(r" (?:font|text|type|shot|lead|buck)\b", match.string[match.end() :]):
        return f"{number(amount)}{gap or ' '}point"
    kind = {"s": "square ", "c": "cubic ", "2": "square ", "²": "square ", "3": "cubic ", "³": "cubic "}
    one = gap == "-" or (is_adjective(match) and not per)
    noun = kind.get((size or power or " ")[0], "") + (UNITS[short] if one else plural(UNITS[short], amount))
    stop = "." if match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", match.string[match.end() :]) else ""
    said = f"{number(amount)}{gap if gap == '-' else ' '}{noun}{_per(per)}{stop}"
    return f"{_first(first)} to {said}" if first else said


def _sized(match: re.Match[str]) -> str:
    """9"x13" pan, 8 1/2" x 11", 3' x 5'."""
    sides = (match[1], match[3])
    first, second = (_length(side) for side in sides)
    noun = "inch" if match[2] in '"″' else "foot"
    return f"{first} by {second} {noun if is_before_noun(match) else plural(noun, '2')}"


def _length(text: str) -> str:
    """8.5 or 8 1/2."""
    whole, _, part = text.partition(" ")
    return _mixed(whole, *map(int, part.split("/"))) if part else number(text)


def _first(text: str) -> str:
    """The lower end of a range, whose unit stands behind the upper one."""
    return number(re.sub(r"(?: ?[^\d\s.,]+)?" + _DASH + "$", "", text))


def _lone_unit(match: re.Match[str]) -> str:
    """A unit without a number: "in kg", "per km"."""
    one = re.search(r"(?:\b(?:per|a|an|each|one|every)|/) ?$", match.string[: match.start()])
    return plural(UNITS[match[1]], "1" if one else "2") + _per(match[2])


def _feet(match: re.Match[str]) -> str:
    return f"{number(match[1])} foot {number(match[2])}"


def _temperature(match: re.Match[str]) -> str:
    first, amount, scale = match.groups()
    one = re.match(
        r" (?:angle|turn|rotation|view|slope|bend|incline|heat|weather|day|water|oven)\b", match.string[match.end() :]
    )
    said = f"{number(amount)} {'degree' if one else plural('degree', amount)}" + {
        "C": " Celsius",
        "F": " Fahrenheit",
        "K": " Kelvin",
        "N": " north",
        "S": " south",
        "E": " east",
        "W": " west",
    }.get(scale or "", "")
    return f"{_first(first)} to {said}" if first else said


def _percent(match: re.Match[str]) -> str:
    said = f"{number(match[2])} percent{_per(match[3])}"
    return f"{_first(match[1])} to {said}" if match[1] else said


def _part(top: int, bottom: int) -> str:
    """3/4 -> three quarters."""
    noun = {2: "half", 4: "quarter"}.get(bottom) or ordinal(bottom)
    noun = "halves" if bottom == 2 and top != 1 else noun + ("s" if top != 1 else "")
    return f"{cardinal(top)} {noun}"


def _mixed(whole: str | None, top: int, bottom: int) -> str:
    """1 1/2 -> one and a half."""
    if not whole:
        return _part(top, bottom)
    return f"{number(whole)} and " + re.sub(r"^one (?=half|quarter)", "a ", _part(top, bottom))


def _fraction(match: re.Match[str]) -> str | None:
    """1/2 -> one half, 1 1/2 -> one and a half, 8/10 -> eight out of ten, 50/50 -> fifty-fifty."""
    whole, top, bottom = match[1], int(match[2]), int(match[3])
    after = match.string[match.end() :]
    if match[4] == "mmHg":
        return f"{paired(match[2])} over {paired(match[3])} millimeters of mercury"
    if match[5] and match.string[: match.start()].count('"') % 2:
        return None
    if match[4] or match[5]:
        said = _mixed(whole, top, bottom)
        return f"{said} {plural(UNITS.get(match[4], 'inch'), whole or '1' if not whole else '2')}"
    if whole:
        return _mixed(whole, top, bottom)
    if (top, bottom) in ((24, 7), (20, 20)) or top + bottom == 100:
        return f"{cardinal(top)}{'-' if top == bottom else ' '}{cardinal(bottom)}"
    if re.match(r" ?=", after):
        return f"{cardinal(top)} divided by {cardinal(bottom)}"
    if re.match(r" (?:time|beat|rhythm|meter|signature|ARM)\b", after):
        return f"{cardinal(top)} {cardinal(bottom)}"
    rated = RATED.search(match.string[: match.start()]) or re.match(r" stars?\b", after)
    if (bottom in (10, 100) and top > 1 and not after.startswith(" of")) or (
        rated and not re.match(r" (?:of|cups?|more|less)\b", after)
    ):
        return f"{cardinal(top)} out of {cardinal(bottom)}"
    if 0 < top < bottom or bottom in (2, 3, 4, 8):
        return _part(top, bottom).removesuffix("s" if re.match(r"-[a-z]", after) else " ")
    return f"{paired(match[2])} over {paired(match[3])}"


def _sign(match: re.Match[str]) -> str:
    top, bottom = FRACTIONS[match[2]]
    unit = f" {plural(UNITS.get(match[3], 'inch'), '2' if match[1] else '1')}" if match[3] else ""
    return _mixed(match[1], top, bottom) + unit


def _power(match: re.Match[str]) -> str:
    """2^3 -> two cubed, x^2 -> x squared, 10^6 -> ten to the sixth, 10^-3 -> ten to the minus three."""
    base, exponent = match[1], match[2]
    said = number(base) if base[-1].isdecimal() else base
    if exponent in ("2", "3"):
        return f"{said} {'squared' if exponent == '2' else 'cubed'}"
    if exponent.isdecimal():
        return f"{said} to the {ordinal(int(exponent))}"
    return f"{said} to the {number(exponent) if exponent[-1].isdecimal() else exponent}"


def _by(match: re.Match[str]) -> str:
    """4x4 -> four by four, 1920x1080 -> nineteen twenty by ten eighty, 2 x 3 -> two times three."""
    parts = re.split(r" ?[x×] ?", match[0])
    spaced, sized = " " in match[0], re.match(r"[ -]?(?:" + _UNIT + r"|in|inch(?:es)?|feet|foot|photo|room|board)\b",
                                              match.string[match.end() :])  # fmt: skip
    times = "×" in match[0] or spaced
    return (" times " if times and not sized else " by ").join(
        paired(part) if len(part) == 4 and not spaced else number(part) for part in parts
    )


def _times(match: re.Match[str]) -> str:
    sums = re.match(r" ?[-+=*/^]", match.string[match.end() :])
    first = f"{number(match[1])} to " if match[1] else ""
    return f"{first}{number(match[2])} {'x' if sums else 'times'}"


def _scientific(match: re.Match[str]) -> str:
    """6.02×10^23 and 1.5e-3."""
    exponent = match[2] or match[3]
    said = ordinal(int(exponent)) if exponent.isdecimal() else number(exponent.lstrip("+"))
    unit = f" {plural(UNITS[match[4]], '2')}{_per(match[5])}" if match[4] else ""
    return f"{number(match[1])} times ten to the {said}{unit}"


def _wide_range(match: re.Match[str]) -> str | None:
    """30 - 45 minutes, which is no sum."""
    first, last = match.groups()
    named = re.search(_LISTED, match.string[: match.start()], re.IGNORECASE)
    if value(first) >= value(last) and not named:
        return None
    return f"{number(first)}{',' if named else ' to'} {number(last)}"


def _age(match: re.Match[str]) -> str:
    """35 y/o man; she is 35 y/o."""
    person = r" (?:m[ae]n|wom[ae]n|fe?males?|males?|boys?|girls?|sons?|daughters?|patients?|child|kids?)\b"
    before = match[2] == "yo" or is_adjective(match) or re.match(person, match.string[match.end() :])
    return f"{number(match[1])} {'year' if before else plural('year', match[1])} old"


def _many(match: re.Match[str]) -> str | None:
    """1.5M -> one point five million, 10k users, 2-3k."""
    first, amount, big = match.groups()
    if first:
        return f"{number(first)} to {_amount(amount, big)}"
    if big in ("K", "k") and (
        (big == "K" and amount in ("2", "4", "5", "8", "10"))
        or re.match(r" (?:run|race|gold|video|TV|monitor|resolution)", match.string[match.end() :])
    ):
        return f"{number(amount)} K"
    if (big in ("B", "T") and "." not in amount) or (amount, big) == ("3", "M"):
        return None
    return _amount(amount, big)


SUMS = {"+": "plus", "-": "minus", "−": "minus", "=": "equals", "*": "times", "×": "times", "/": "divided by",
        "÷": "divided by"}  # fmt: skip

READINGS: tuple[Reading, ...] = (
    reading(rf"({_MINUS})(?:\b{_CODE} ?(?=[$€£]))?({_SIGN}|\b{_CODE}) ?({NUMBER})({_BIG})"
            rf"(?:{_DASH}(?:{_SIGN}|{_CODE} ?)?({NUMBER})({_BIG}))?(?: ?{_CODE}\b)?{_PER}", _money),
    reading(rf"{_ROUND}({NUMBER}|\d+,\d\d)({_BIG}) ?([€£¥₹₩₽]|{_CODE}\b)", _money_after),
    reading(rf"{_ROUND}(\d[\d,]*\.\d\d) (dollar|euro)s\b", lambda m: _coins(m[1], "", m[2], "cent")),
    reading(rf"{_ROUND}({NUMBER}) ?¢{_PER}",
            lambda m: f"{number(m[1])} {plural('cent', m[1])}{_per(m[2])}"),
    reading(rf"(?<![\w.,/]){_LENGTH}([\"″'′]) ?[x×] ?{_LENGTH}\2(?!\w)", _sized),
    reading(r"(?<![\w.])(\d{1,2})['’′] ?(\d{1,2}(?:\.\d+)?)(?:\"|”|″|'')", _feet),
    reading(r"(?<![\w.,'‘’])(\d{1,3}(?:,\d{3})?)['′](?![\w'])", lambda m: f"{number(m[1])} {plural('foot', m[1])}"),
    reading(r"(?<![\w.\"“/])(\d{1,3}(?:\.\d+)?)[\"″](?!\w)",
            lambda m: None if m.string[: m.start()].count('"') % 2 else f"{number(m[1])} "
            + ("inch" if is_before_noun(m) else plural("inch", m[1]))),
    reading(rf"({NUMBER}[%]?{_DASH})?((?:{_MINUS})(?:{NUMBER})) ?(?:°|º|degrees? (?=[CF]\b))(?: ?([CFKNSEW])\b)?",
            _temperature),
    reading(rf"(?<!\d/)({NUMBER}%?{_DASH})?({_MINUS}{NUMBER}) ?%{_PER}", _percent),
    reading(rf"{_ROUND}(\d+(?:\.\d+)?)(?: ?[x×*·] ?10\^[({{]?([-+]?\d+)[)}}]?|(?:e|E(?=[-+]))([-+]?\d{{1,2}}))(?!\w)"
            rf"(?: ({_UNIT})\b{_PER})?", _scientific),
    reading(r"(?<![\w-])(\d+)[ -]?(y/o\b|y\.o\.|yo\b(?!-))", _age),
    reading(r"(?<![\w-])(\d+)-(yr|mo|wk|hr|min|sec)(?=-[a-z])", lambda m: f"{number(m[1])}-{UNITS[m[2]]}"),
    reading(r"(?<![\w.$-])([2-9]\d00) ?K(?!\w)", lambda m: f"{number(m[1])} Kelvin"),
    reading(r"(?<![\w.$-])(1\d0|2[0-5]0) ?C(?=/\d|[.,;)]|$)", lambda m: f"{number(m[1])} degrees Celsius"),
    reading(r"(?<![\w.$-])([1-5]\d[05]) ?F(?=[\s.,;:)/]|$)", lambda m: f"{number(m[1])} degrees Fahrenheit"),
    reading(r"(?<![\w.])([3-8])['’′](\d|1[01])(?![\w'’′\"”″]|\.\d)", _feet),
    reading(rf"{_ROUND}({NUMBER}) ft\.? (\d{{1,2}}) in\b\.?",
            lambda m: f"{number(m[1])} {plural('foot', m[1])} {number(m[2])} {plural('inch', m[2])}"),
    reading(rf"{_ROUND}({NUMBER}(?: ?(?:{_UNIT}))?{_DASH})?({_MINUS}{NUMBER})([ -]?){_SIZED}({_UNIT})(?!\w*['’]\w)"
            rf"(?:\b|(?<=Ω)|(?=[23²³])){_POWER}(?![\w-]|[²³])\.?{_PER}", _measure),
    reading(rf"{_ROUND}({NUMBER})([ -]?)in(?:\.|(?<=\din)(?!\w)|(?= ?(?:[.,;)]|$|x |×|by \d|wide|long|tall|deep|high"
            r"|thick|diameter|pipe|screen|monitor|TV)))", lambda m: f"{number(m[1])}{m[2] or ' '}"
            + ("inch" if m[2] == "-" else plural("inch", m[1]))),
    reading(rf"(?<={TAKEN}) ?[x×] ?(?={TAKEN})", " by "),
    reading(rf"(?<=\d) ?[x×] ?(?={TAKEN})|(?<={TAKEN}) ?[x×] ?(?=\d)", " times "),
    reading(r"(?<=\bat |\bto |\bof |\bis )(\d{2,3}) ?([FC])(?![\w'’])"
            r"|(?<=about |below |above |under )(\d{2,3})([FC])(?![\w'’])",
            lambda m: f"{number(m[1] or m[3])} degrees {'Celsius' if (m[2] or m[4]) == 'C' else 'Fahrenheit'}"),
    reading(rf"(?<![\w.])({_MINUS}\d+(?:\.\d+)?|[A-Za-z]{{1,2}})\^[({{]?(-?\d+|[a-z])[)}}]?(?!\w)", _power),
    reading(r"(?<![\w.])([A-Za-z])([²³])(?!\w)", lambda m: f"{m[1]} {'squared' if m[2] == '²' else 'cubed'}"),
    reading(r"(?<![\w.,:/])\d+(?:\.\d+)?(?: ?[x×] ?\d+(?:\.\d+)?)+(?!\w)", _by),
    reading(rf"{_ROUND}(?:(\d+)[-–])?(\d+(?:\.\d+)?)[xX](?!\w)", _times),
    reading(rf"{_ROUND}(\d+(?:\.\d+)?) ?/ ?(\d+\.\d+)(?!\w)|{_ROUND}(\d+\.\d+)/(\d+)(?![\w.])",
            lambda m: f"{number(m[1] or m[3])} out of {number(m[2] or m[4])}"),
    reading(rf"{_ROUND}(\d+)/([nxyz])(?!\w)", lambda m: f"{number(m[1])} over {m[2]}"),
    reading(r"(?<![\w./])(?:(\d{1,3})[ -])?(\d{1,3})/(\d{1,3}|1000)(?:rds?|ths?|nds?)?(?![\w/]|\.\d)"
            rf"(?: ({_UNIT}|in(?=\.|$|[,;)]| (?:wide|long|thick|tall|deep)))\b\.?|([\"″])(?!\w))?", _fraction),
    reading(rf"(\d+)? ?([½¼¾⅓⅔])(?: ?({_UNIT}|in(?=\.|$|[,;)]))\b\.?)?", _sign),
    reading(rf"{_ROUND}({NUMBER}) [-–] ({NUMBER})"
            r"(?= (?!(?:is|equals|are|was|and|or|gives|makes)\b)[a-z]{2})", _wide_range),
    reading(rf"(?<=[²³]) ([-−]) (?=[\d{TAKEN}])", " minus "),
    reading(r"(?<=[\d²³)]) ([-−+=*×/÷]) (?=[\d(.]|-\d)|(?<=\b[a-z]) ([-−+=*×/÷]) (?=\d|[a-z]\b)|(?<=\d) ([+=*×÷])"
            r" (?=[a-z]\b)|(?<=[\d)²³])([+=×÷*])(?=[\d(])|(?<=\d)(-)(?=\d+(?:\.\d+)? ?=)"
            r"|(?<=\b[a-z])([+=×÷*])(?=\d)",
            lambda m: f" {SUMS[next(filter(None, m.groups()))]} "),
    reading(rf"{_ROUND}(?:(\d+(?:\.\d+)?)[-–])?(\d+(?:\.\d+)?)([kKMBT])(?!\w)", _many),
    reading(rf"{_ROUND}({NUMBER}) ?(bn|mn)\b", lambda m: _amount(m[1], m[2])),
    reading(rf"(?<=[\d{TAKEN}] )c\.(?= [a-z])", "cups"),
    reading(r"(?<=\bper )(lb|oz|kg|g|hr|min|mo|yr|wk|gal|mi|ft|yd)\b\.?", lambda m: UNITS[m[1]]),
    reading(r"(?<![\w.])(kg|km|cm|mm|mph|km/h|kHz|MHz|GHz|kWh|kW|mL|mg|Mbps|Gbps|lbs|MB|GB|TB|yrs|hrs)(?=$|[^\w/]|/(?:s|h|hr|min|d|day|week|dL|mL|L|kg|m[²³]?)(?!\w))"
            + _PER, lambda m: _lone_unit(m) if m[1] in UNITS else "kilometers per hour"),
)  # fmt: skip

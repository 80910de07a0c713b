"""What names a thing rather than counts it, in English words: telephone numbers, addresses, codes, versions, models."""

from __future__ import annotations

import re

from local_agent.engines.text.numbers import STOP, cardinal, digits, grouped, number, ordinal, paired, split_words, year
from local_agent.engines.text.readings import Reading, reading

# Two-letter codes of the Postal Service.
_STATES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
    "FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,"
    "LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,"
    "MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,"
    "SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,"
    "WV West Virginia,WI Wisconsin,WY Wyoming,DC D C"
)
STATES: dict[str, str] = {state[:2]: state[3:] for state in _STATES.split(",")}
WORDS_TOO = frozenset(split_words("AL CO DE HI ID IN LA MA MD ME OH OK OR PA"))  # "Sure, OK."
STREETS = {"St": "Street", "Ave": "Avenue", "Av": "Avenue", "Rd": "Road", "Blvd": "Boulevard", "Dr": "Drive",
           "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Sq": "Square", "Hwy": "Highway", "Pkwy": "Parkway",
           "Ter": "Terrace", "Cir": "Circle", "Trl": "Trail"}  # fmt: skip
SAINTS = frozenset(
    split_words(
        "Albans Andrew Andrews Anne Ann Anthony Augustine Barts Bernard Catharines Catherine Charles Christopher "
        "Clair Clare Cloud Croix Elizabeth Elmo Francis George Helena Helens Ives James Jerome Joan Joe John Johns "
        "Joseph Jude Kilda Kitts Lawrence Louis Lucia Luke Mark Martin Mary Matthew Maarten Michael Moritz "
        "Nicholas Nick Pancras Patrick Paul Peter Peters Petersburg Pierre Simon Stephen Teresa Theresa Thomas "
        "Tropez Valentine Vincent Vitus"
    )
)
DIRECTIONS = {"N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
              "SE": "Southeast", "SW": "Southwest"}  # fmt: skip
_STREET = "|".join(STREETS)
_CALLED = (
    r"(?i:\b(?:call(?:ed|ing)?|phone|text|fax|number|dial(?:ed|ing)?|tel|telephone|mobile|cell|cellphone|hotline|contact"
    r"|ring|sms|whatsapp|reach|line|helpline)\b)"
)
_CODED = (
    r"(?i:\b(?:pin|code|codes|password|passcode|zip|id|account|card|order|invoice|ticket|case|confirmation|tracking|serial"
    r"|reference|ref|policy|member|membership|booking|reservation|license|licence|extension|ext|ssn|security|routing|imei"
    r"|isbn|combination|otp|plate|receipt|badge|passport|sku)\b)"
)
_LETTERED = (
    r"(?:(?i:\b(?:code|confirmation|tracking|serial|reference|ref|booking|reservation|plate|invoice|order|ticket|vin|sku|id"
    r"|passport|policy|member)\b\.?(?:[ :#]+(?:number|no\.?|code|is|was)\b)*[ :#]+))"
)
_VERSIONED = (
    r"(?:\b(?:Python|Java|PHP|Ruby|Rust|Go|Node(?:\.js)?|Ubuntu|Debian|Fedora|Linux|Kernel|kernel|Windows|macOS|iOS|iPadOS"
    r"|Android|Chrome|Firefox|Safari|Django|React|Angular|Vue|Swift|Kotlin|Postgres(?:QL)?|MySQL|SQLite|CUDA|Bluetooth|USB"
    r"|HDMI|HTTP|TLS|SSL|OpenGL|Vulkan|Docker|Kubernetes|Git|GCC|Clang|CMake|Llama|GPT|Claude|Gemini|Qwen|Whisper"
    r"|Numpy|NumPy|PyTorch|TensorFlow|[Vv]ersions?|[Rr]elease|[Vv]er\.?)[ -])"
)
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_NUMBERED = (
    "War|Part|Chapter|Act|Volume|Type|Phase|Class|Section|Level|Grade|Article|Title|Appendix|Figure|Table|Book|Episode|"
    "Season|Stage|Scene|Bowl|Apollo|Saturn|Gemini|Mark|Rocky|Rambo|Fantasy|Wars|Tier|Zone|Division|Schedule|Module|Unit|"
    "Lesson|Step|Amendment|Category|Factor|Psalm|Canto|Olympiad|Symphony|Quest|Titan|Polaris|Trident|Civilization|Vatican"
)
_REIGNED = (
    "Henry|Louis|Elizabeth|Charles|George|Edward|Richard|William|James|Philip|Catherine|Napoleon|Frederick|Wilhelm|"
    "Alexander|Nicholas|Peter|Francis|Mary|Ferdinand|Leopold|Xerxes|Darius|Ramesses|Otto|Robert|Pius|Constantine|Albert"
)


def _phone(match: re.Match[str]) -> str | None:
    """Groups of digits: 212 555 0123, with the country's code and the extension."""
    written, extension = match["number"], match["extension"]
    if re.fullmatch(r"\d00-\d{2}00", written) or re.fullmatch(r"\d+0-\d+000", written):
        return None  # more likely a range
    every = re.sub(r"\D", "", written)
    abroad = re.match(r"\+(?!1).*[ ()-]", written) or (written.startswith("0") and len(every) != 10)
    groups = re.findall(r"\d+", written) if abroad else _split_phone(every)  # ours are known, theirs are as written
    said = ", ".join(_group(group) for group in groups if group)
    plus = "plus " if written.startswith("+") else ""
    return plus + said + (f", extension {digits(extension)}" if extension else "")


def _split_phone(every: str) -> list[str]:
    if len(every) == 7:
        return [every[:3], every[3:]]
    head = every[:-10]
    return [head, every[-10:-7], every[-7:-4], every[-4:]] if len(every) >= 10 else [every]


def _group(text: str) -> str:
    return "eight hundred" if text == "800" else digits(text)


def _called(match: re.Match[str]) -> str | None:
    """Bare digits behind "call": a telephone number of 7, 10 or 11, or a short one (911)."""
    written = match[2].replace(" ", "")
    if len(written) in (3, 5, 6) and not re.search(r"(?i)\b(?:call|dial|text|number|hotline)\b", match[1]):
        return None
    return match[1] + ", ".join(filter(None, map(_group, _split_phone(written) if len(written) > 6 else [written])))


def _long(match: re.Match[str]) -> str | None:
    """Long strings of digits, which nobody counts; round numbers stay numbers."""
    written = match[0]
    soldiers = re.fullmatch(r"[012]\d[0-5]\d", written) and (
        re.match(r" (?:hours|hrs)\b", match.string[match.end() :])
        or re.search(r"\b[Aa]t $", match.string[: match.start()])
    )
    if soldiers or re.fullmatch(r"[1-9]\d{0,2}0{6,12}", written):
        return None
    return ", ".join(map(_group, _split_phone(written))) if len(written) in (10, 11) else digits(written)


def _coded(match: re.Match[str]) -> str | None:
    if re.fullmatch(r"(?:19|20)\d\d-\d\d-\d\d", match[2]):
        return None
    named = re.sub(r"\b([Ee])xt\b", r"\1xtension", match[1]).replace(".", "")
    return named.replace("#", "number ") + grouped(match[2])


def _lettered(match: re.Match[str]) -> str:
    """Code X7-K9: each letter and digit by itself."""
    groups = (" ".join(digits(char) if char.isdecimal() else char for char in part) for part in match[2].split("-"))
    return match[1].replace("#", "number ") + ", ".join(groups)


def _short_number(match: re.Match[str]) -> str | None:
    """211 and 988 in a sentence that speaks of calling; 911 in any."""
    called = re.search(_CALLED + r"[^.!?]*$", match.string[: match.start()])
    return digits(match[0]) if match[0] == "911" or called else None


def _vanity(match: re.Match[str]) -> str:
    """1-800-FLOWERS."""
    words = " ".join(digits(word) or word.capitalize() for word in match[2].split("-"))
    return ", ".join([*map(_group, re.findall(r"\d+", match[1])), words])


def _zip(match: re.Match[str]) -> str:
    state, code = STATES[match[1]], match[2]
    return state + (f" {grouped(code)}" if code else "")


def _stop(match: re.Match[str]) -> str:
    """What the full stop of an abbreviation is worth: a sentence's end, a moment's pause, or nothing."""
    if not match[0].endswith("."):
        return ""
    after = match.string[match.end() :]
    if re.match(STOP, after)[1] is not None:  # type: ignore[index]
        return "."
    return "," if re.match(r" [A-Z]", after) and not re.match(r" (?:[NSEW]{1,2}|Apt|Suite|Ste|Unit)\b", after) else ""


def _house(match: re.Match[str]) -> str:
    """123 N. Main St. -> one twenty-three North Main Street."""
    house, direction, name, kind = match.groups()
    side = f" {DIRECTIONS[direction]}" if direction else ""
    name = re.sub(r"\d+(?=st|nd|rd|th)(?:st|nd|rd|th)", lambda m: _ordinal(m[0]), name)
    name = re.sub(r"\bSt\.? ", "Saint ", name)
    stop = _stop(match)
    if stop == "," and match.string[match.end() :].startswith(" " + DIRECTIONS.get("", "\0")):
        stop = ""
    letter = f" {house[-1].upper()}" if house[-1].isalpha() else ""
    return f"{paired(house.rstrip('abcdABCD'))}{letter}{side} {name} {STREETS[kind]}{stop}"


def _ordinal(text: str) -> str:
    return ordinal(int(re.sub(r"\D", "", text)))


def _street(match: re.Match[str]) -> str | None:
    """Elm St. -> Elm Street, unless it is the saint or the doctor that the next word names."""
    name, kind = match.groups()
    after = re.match(r"\.? ([A-Z][\w’']*)", match.string[match.end(2) :])
    ended = re.match(r"\." + STOP, match.string[match.end(2) :])
    if kind == "St" and after and after[1].split("'")[0].split("’")[0] in SAINTS:
        return None
    if kind == "Dr" and after and not (ended and ended[1] is not None and after[1] not in ("No", "Who")):
        before = match.string[: match.end(1)]
        if not _ON_STREET.search(before) or re.search(rf"\b(?:{_NO_STREET})$", before):
            return None
    if kind in ("Pl", "Sq", "Ct", "Av", "Ter", "Cir", "Ln", "Trl") and not match[0].endswith("."):
        return None
    return f"{name} {STREETS[kind]}{_stop(match)}"


def _numbered_thing(match: re.Match[str]) -> str:
    """Room 212, flight UA 232, Hwy. 101."""
    thing = {"hwy": "highway", "rte": "route"}.get(match[1].lower().rstrip("."))
    named = (thing.capitalize() if match[1][0].isupper() else thing) if thing else match[1]
    last = f" to {paired(match[4])}" if match[4] else ""
    return f"{named} {match[2] + ' ' if match[2] else ''}{paired(match[3])}{last}"


def _version(match: re.Match[str]) -> str:
    return match[1] + _version_parts(match[2])


def _address_numbers(match: re.Match[str]) -> str:
    """192.168.1.1/24 and 2.0.1: parts with dots."""
    if match[0].count(".") == 3:
        host, _, mask = match[0].partition("/")
        return " dot ".join(map(paired, host.split("."))) + (f" slash {number(mask)}" if mask else "")
    return " point ".join(map(number, match[0].split(".")))


def _verse(match: re.Match[str]) -> str:
    """1 Corinthians 13:4-7."""
    volume, book, chapter, first, last = match.groups()
    said = f"{ordinal(int(volume)).capitalize()} {book}" if volume else book
    verses = f" verses {number(first)} to {number(last)}" if last else f" {number(first)}"
    return f"{said} {number(chapter)}{verses}"


def roman_value(text: str) -> int:
    values = [ROMAN[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def is_roman(text: str) -> bool:
    return re.fullmatch(r"C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", text) is not None


def _roman(match: re.Match[str]) -> str | None:
    """Henry VIII -> Henry the eighth; World War II -> World War two."""
    name, text = match.groups()
    if not is_roman(text):
        return None
    if re.fullmatch(_NUMBERED, name):
        return f"{name} {cardinal(roman_value(text))}"
    after = match.string[match.end() :]
    if text == "I" and not (
        re.fullmatch(_REIGNED, name) and re.match(r"[.,;:!?)]|$| (?:of|was|ruled|reigned|died)\b", after)
    ):
        return None
    if re.search(r"[LC]", text) or (text in ("V", "X") and not re.fullmatch(_REIGNED, name)):
        return None
    return f"{name} the {ordinal(roman_value(text))}"


def _mixed(match: re.Match[str]) -> str:
    """B2B, 1080p, 5G, A320, COVID-19: letters as they are, the numbers between them in words."""
    pieces = re.findall(r"\d+|[^\W\d]+", match[0])
    return " ".join(
        (year(int(piece)) if re.fullmatch(r"200\d", piece) else paired(piece)) if piece.isdecimal() else piece
        for piece in pieces
    )


def _plural(said: str) -> str:
    """twenty -> twenties, six -> sixes."""
    return said[:-1] + "ies" if said.endswith("y") else said + ("es" if said.endswith("x") else "s")


def _version_parts(text: str) -> str:
    return " point ".join(digits(part) if part.startswith("0") else number(part) for part in text.split("."))


# Before "Dr. Chicago": what stands on a road, not a day on which a doctor comes.
_ON_STREET = re.compile(r"\b(?:[Oo]n|[Oo]nto|[Aa]long|[Dd]own) (?:[A-Z][\w’'-]+ ){0,2}[A-Z][\w’'-]+$")
_NO_STREET = r"[A-Z][a-z]+day|Christmas|Easter|Thanksgiving|Eve|(?:January|February|March|April|May|June|July|August" \
    r"|September|October|November|December)"  # fmt: skip


def _numbered_street(match: re.Match[str]) -> str | None:
    said = _street(match)
    return re.sub(r"^\d+(?:st|nd|rd|th)", lambda m: _ordinal(m[0]), said) if said else None


def _mixed_word(match: re.Match[str]) -> str | None:
    return None if re.fullmatch(r"(?:[A-Za-z]+-)?\d+(?:st|nd|rd|th)s?", match[0]) else _mixed(match)


READINGS: tuple[Reading, ...] = (
    reading(r"(?<![\w.,])\d{4}(?:[ -]\d{4}){2,3}(?![\w-])", lambda m: grouped(m[0])),
    reading(r"(?<![\w.,/-])\d{3}-\d{2}-\d{4}(?![\w-])", lambda m: grouped(m[0])),
    reading(r"(?<!\w)\b(" + "|".join(STATES) + r")\.?,? (\d{5}(?:-\d{4})?)(?![\w-])", _zip),
    reading(r"(?<![\w.,/-])9-1-1(?![\w-])", "nine one one"),
    reading(r"(?<![\w.,:$€£/#-])(?<!year )(?<![Pp]orsche )(?:[2-9]11|988|112|999)"
            r"(?=[.,;:!?)](?!\d)|$| (?:right|now|immediately|any|anytime|if|or|and|for|to|at|in|on|is|from|when|as"
            r"|first|before|instead|who|calls?|caller|operators?|dispatch\w*|emergency|line|crisis|service|lifeline|hotline)\b)",
            _short_number),
    reading(r"(?<![\w-])((?:1-)?(?:8\d\d|900)-)([A-Z]{2,}(?:-(?:[A-Z]+|\d))*)\b", _vanity),
    reading(r"(?<![\w.,/])(?P<number>\+\d[\d .()-]{6,18}\d|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
            r"|(?<!-)\d{3}[-.]\d{4}|(?<!\d )0\d{2,4}(?:[ -]\d{3,4}){1,2})(?![\w]|[.,-]\d)"
            r"(?:,? ?(?:x|ext\.?|extension) ?(?P<extension>\d{1,5})\b)?", _phone),
    reading(rf"({_CALLED}(?:[ :]+(?:(?:me|us|him|her|them|at|on|is|number|no\.?|the|to|now|my|our)\b[ :]*){{0,4}}))"
            r"(\d{10,11}|\d{3} ?\d{4}|\d{5,6}|\d{3})(?![\w%]|[.,:/-]\d| [a-z]+s\b)", _called),
    reading(rf"({_CODED}\.?(?:[ :#]+(?:(?:number|no\.?|code|is|was|are|of|the)\b[ :]*){{0,3}}))#?"
            r"(\d{3,}|\d[\d-]{6,}\d)(?![\w%]|[.,:/-]\d)", _coded),
    reading(rf"({_LETTERED})#?((?=[\dA-Z-]*\d)(?=[\dA-Z-]*[A-Z])(?![A-Z]{{4}})(?=[\dA-Z-]{{5}})[\dA-Z]+(?:-[\dA-Z]+)*)"
            r"(?![\w-])", _lettered),
    reading(r"\b0x([\dA-Fa-f]+)\b",
            lambda m: "zero x " + " ".join(digits(c) if c.isdecimal() else c.upper() for c in m[1])),
    reading(r"(?<![\w.,$€£¥:/-])(?<!\d )(?:\d{8,}|0\d+)(?![\w%°]|[.,:/-]\d|-[A-Za-z]{3}-| ?(?:[ap]\.?m\b|°))", _long),
    reading(r"\bD\.C\.,? (\d{5}(?:-\d{4})?)(?![\w-])", lambda m: f"D C {grouped(m[1])}"),
    reading(r"(?<=[a-z], )(" + "|".join(set(STATES) - WORDS_TOO) + r")()(?=[.,;!?)]|$)", _zip),
    reading(rf"(?<![\w.,$/-])(\d{{1,5}}[A-Da-d]?)(?: (N|S|E|W|NE|NW|SE|SW)\.?)? "
            rf"((?:(?:[A-Z][\w’'-]+\.?|\d+(?:st|nd|rd|th)) ){{0,2}}(?:[A-Z][\w’'-]+|\d+(?:st|nd|rd|th)))"
            rf" ({_STREET})\b\.?", _house),
    reading(rf"\b([A-Z][\w’'-]+|\d+(?:st|nd|rd|th)) ({_STREET})\b(?:\.|(?!\.))", _numbered_street),
    reading(r"(?<=\bJr\. )(Dr|St)\b\.?", lambda m: STREETS[m[1]] + _stop(m)),
    reading(r"(?<![\w])(\d{3,5})(?= (?:[A-Z][a-z]+ ){1,3}(?:Street|Avenue|Road|Boulevard|Drive|Lane|Court|Place|Square"
            r"|Highway|Parkway|Terrace|Way|Circle)\b)", lambda m: paired(m[1])),
    reading(r"\b((?i:rooms?|flights?|suites?|apartment|units?|gates?|bus|train|highway|route|interstate|building|lockers?"
            r"|boeing|airbus|porsche|xbox|exit|port|error|http|channel|area|hwy|rte|p\.?o\.? box|box"
            r"|(?-i:RTX|GTX|RFC|Form))\.?) (?:([A-Z]{2}) ?)?(\d{3,4})(?:[-–](\d{3,4}))?"
            r"(?![\w%]|[.,:/-]\d)",
            _numbered_thing),
    reading(r"(?<![\w.,-])([45]\d\d)(?= errors?\b)", lambda m: paired(m[1])),
    reading(r"\bWW ?(I{1,3}|[12])\b",
            lambda m: f"World War {cardinal(int(m[1]) if m[1].isdecimal() else len(m[1]))}"),
    reading(r"\b(GMT|UTC) ?([+−-]) ?(\d{1,2})(?![\w:])",
            lambda m: f"{m[1]} {'plus' if m[2] == '+' else 'minus'} {number(m[3])}"),
    reading(r"\b[vV](\d+(?:\.\d+)+)(?!\w)", lambda m: "version " + _version_parts(m[1])),
    reading(rf"({_VERSIONED})(\d+(?:\.\d+)+)(?![\w])", _version),
    reading(r"(?<![\w.,$/-])(?!\d\d?\.\d\d?\.(?:19|20)?\d\d(?![\w.]))\d+(?:\.\d+){2,3}(?:/\d\d?)?(?!\w|\.\d)",
            _address_numbers),
    reading(r"\b(?:([123]) )?(Samuel|Kings|Chronicles|Corinthians|Thessalonians|Timothy|Peter|John|Genesis|Exodus"
            r"|Psalms?|Proverbs|Isaiah|Matthew|Mark|Luke|Acts|Romans|Ephesians|Philippians|Hebrews|James|Revelation)"
            r" (\d{1,3}):(\d{1,3})(?:[-–](\d{1,3}))?(?![\d:]| ?[ap]\.?m\b)", _verse),
    reading(r"(?<![\w.,:$-])([A-Z])-(\d{1,3})s\b", lambda m: f"{m[1]} {_plural(paired(m[2]))}"),
    reading(r"\b401 ?\(?k\)?(?!\w)", "four oh one k"),
    reading(r"\b([A-Z][\w’']+) ([IVXLC]+)\b(?!['’.]\w)", _roman),
)  # fmt: skip
MIXED: tuple[Reading, ...] = (
    reading(r"(?<![\w.,:$-])([A-Z]{1,2})(\d{1,4}) ?[-–—] ?\1(\d{1,4})(?![\w-])",
            lambda m: f"{m[1]} {paired(m[2])} to {m[1]} {paired(m[3])}"),
    reading(r"(?<![\w.,:$€£-])(?:[A-Za-z]+-?\d+|\d+[A-Za-z]+)(?:[A-Za-z]+\d+)*[A-Za-z]*(?![\w])",
            _mixed_word),
)  # fmt: skip

"""English as it is written, in words that are read as they stand: no figures, no symbols, no abbreviations."""

from __future__ import annotations

import re

from local_agent.engines.text import codes, dates, quantities
from local_agent.engines.text.numbers import NUMBER, STOP, cardinal, digits, number, ordinal, paired
from local_agent.engines.text.readings import TAKEN, Reading, read, reading

ABBREVIATIONS = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Sr": "Senior", "Jr": "Junior",
    "Gen": "General", "Col": "Colonel", "Capt": "Captain", "Sgt": "Sergeant", "Lt": "Lieutenant", "Rev": "Reverend",
    "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Hwy": "Highway", "Sts": "Streets", "Aves": "Avenues",
    "Hon": "Honorable", "Gov": "Governor", "Sen": "Senator", "Rep": "Representative", "Pres": "President",
    "Mt": "Mount", "Ft": "Fort", "vs": "versus", "approx": "approximately", "etc": "et cetera",
    "dept": "department", "Dept": "Department", "est": "established", "Est": "Established", "govt": "government",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation", "Co": "Company", "Bros": "Brothers",
    "Assn": "Association", "Univ": "University", "Apt": "Apartment", "Ste": "Suite", "appt": "appointment",
    "avg": "average", "max": "maximum", "min": "minimum", "misc": "miscellaneous", "tel": "telephone",
    "Tel": "Telephone", "temp": "temperature", "incl": "including", "ext": "extension", "asst": "assistant",
    "Maj": "Major", "Pvt": "Private", "Cpl": "Corporal", "Adm": "Admiral", "Cmdr": "Commander",
    "Supt": "Superintendent", "Atty": "Attorney", "Msgr": "Monsignor", "Bldg": "Building", "Rte": "Route",
    "attn": "attention", "viz": "namely", "ea": "each", "ca": "circa", "cf": "compare",
}  # fmt: skip
# Read so without a full stop as well.
BARE = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Prof": "Professor",
    "Jr": "Junior",
    "Mt": "Mount",
}
# Abbreviations that end a sentence as often as not: their full stop stays where a sentence could end.
ENDING = frozenset({"etc", "Jr", "Sr", "Inc", "Ltd", "Corp", "Co", "Bros", "approx", "max", "min", "avg", "Dr"})
# Only before a number.
COUNTED = {"no": "number", "nos": "numbers", "fig": "figure", "figs": "figures", "p": "page", "pp": "pages",
           "vol": "volume", "ch": "chapter", "sec": "section", "art": "article", "ext": "extension", "apt": "apartment",
           "ste": "suite", "pg": "page", "eq": "equation", "tab": "table", "ver": "version", "rm": "room",
           "fl": "floor", "bldg": "building", "rte": "route", "ps": "Psalm", "sc": "scene"}  # fmt: skip
PHRASES = {"e.g.": "for example,", "i.e.": "that is,", "a.k.a.": "also known as", "aka": "also known as",
           "w/o": "without", "w/in": "within",
           "a/k/a": "also known as", "w/": "with", "b/c": "because", "c/o": "care of", "p.s.": "P S",
           "et al.": "and others", "b.i.d.": "twice a day", "t.i.d.": "three times a day",
           "q.i.d.": "four times a day", "p.r.n.": "as needed", "p.a.": "per year"}  # fmt: skip
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by", "≈": "about",
    "≤": "less than or equal to", "≥": "greater than or equal to", "≠": "not equal to", "±": "plus or minus",
    "→": "to", "←": "from", "∞": "infinity", "√": "the square root of", "§": "section", "©": "copyright", "®": " ",
    "™": " ", "°": "degrees", "€": "euros", "£": "pounds", "¥": "yen", "₹": "rupees", "₩": "won", "₽": "rubles",
    "¶": " ", "•": ",", "·": ",", "²": "squared", "³": "cubed", "µ": "micro", "μ": "micro", "π": "pi", "Ω": "ohms",
    "%": "percent", "−": "minus", "‰": "per mille", "∑": "the sum of", "∫": "the integral of", "∈": "in",
    "∂": "partial", "∆": "delta", "Δ": "delta", "‒": " ",
}  # fmt: skip
_TLD = (
    "com|org|net|edu|gov|mil|io|ai|dev|app|co|uk|de|fr|es|it|eu|us|ca|au|in|info|biz|me|tv|ly|xyz|html?|py|js|ts|txt|pdf"
    "|json|ya?ml|toml|md|csv|sh|exe|zip|docx?|xlsx?|pptx?|png|jpe?g|gif|mp3|mp4|wav|cpp|rs|go|log|cfg|ini"
)


_PERIOD = "day|week|month|year|hour|minute|second|person|hr|min|sec|mo|yr|wk"
_PERIODS = {"hr": "hour", "min": "minute", "sec": "second", "mo": "month", "yr": "year", "wk": "week"}


def _spelled(address: str) -> str:
    """A host, path or mailbox with its marks and figures in words."""
    for mark, word in ((".", "dot"), ("-", "dash"), ("_", "underscore"), ("+", "plus"), ("/", "slash"), ("~", "tilde"),
                       (":", "colon"), ("@", "at"), ("\\", "backslash"), ("=", "equals"), ("&", "and")):  # fmt: skip
        address = address.replace(mark, f" {word} ")
    address = re.sub(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", address)
    return re.sub(r" {2,}", " ", re.sub(r"\d+", lambda m: paired(m[0]), address)).strip()


def _abbreviated(match: re.Match[str]) -> str:
    stop = "." if match[1] in ENDING and match[2] is not None else ""
    return ABBREVIATIONS[match[1]] + stop


def _initials(match: re.Match[str]) -> str:
    return match[1].replace(".", "") + ("." if match[2] is not None else "")


def _either(match: re.Match[str]) -> str:
    """he/she -> he or she; she/her, which is how someone is called, has no "or"."""
    first, second = match[0].split("/")
    if first.lower() == "s":
        return "she or he" if first == "s" else "She or he"
    own = (first.lower() in ("he", "she")) != (second.lower() in ("he", "she"))
    return f"{first} {second}" if own else f"{first} or {second}"


def _saint(match: re.Match[str]) -> str:
    return "Saint"


def _counted(match: re.Match[str]) -> str:
    said = COUNTED[match[1].lower()]
    return said.capitalize() if match[1][0].isupper() and match[1].lower() not in ("no", "nos") else said


def _range(match: re.Match[str]) -> str:
    """10-12 -> ten to twelve; the last of three, 3-4-5, have only pauses."""
    parts = re.split(r"%? ?[-–—‒] ?", match[0])
    if len(parts) > 2 or parts[0] == parts[1]:
        return "-".join(map(number, parts)) if len(parts) == 2 else " ".join(map(number, parts))
    between = re.search(r"\b[Bb]etween $", match.string[: match.start()])
    return f"{number(parts[0])} {'and' if between else 'to'} {number(parts[1])}"


def _ratio(match: re.Match[str]) -> str:
    """3:1, and minutes with seconds: 25:30."""
    first, second = match.groups()
    if len(second) == 2 and int(first) > 24 and int(second) < 60:
        return f"{number(first)} {'oh ' if second.startswith('0') else ''}{cardinal(int(second))}"
    return f"{number(first)} to {number(second)}"


def _hashtag(match: re.Match[str]) -> str:
    return "hashtag " + re.sub(r"(?<=[a-z])(?=[A-Z\d])|(?<=\d)(?=[A-Za-z])|_", " ", match[1])


ADDRESSES: tuple[Reading, ...] = (
    reading(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", lambda m: _spelled(m[0])),
    reading(rf"(?<![\w.@/])(?:[A-Za-z0-9_-]{{1,63}}\.){{1,6}}(?:{_TLD})(?::\d{{2,5}})?(?:/[\w.~/-]*\w)?(?![\w@])/?",
            lambda m: _spelled(m[0].rstrip("/"))),
    reading(r"(?<![\w/.%¢])(?:~|\.{1,2})?/[A-Za-z_][\w.-]*(?:/[\w.-]*\w)*/?(?![\w/])",
            lambda m: _spelled(m[0].rstrip("/")) if m[0].count("/") > 1 or "." in m[0][2:] or m[0][0] != "/"
            or not re.search(r"\w ?$", m.string[: m.start()]) else None),
    reading(r"(?<!\w)(?:[\w-]+/){2,}[\w-]*[A-Za-z][\w-]*(?![\w/])",
            lambda m: _spelled(m[0]) if re.search(r"\d|_|\.", m[0]) and not m[0][0].isdecimal()
            else None),
    reading(r"\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3}):\d{2,5}(?:/[\w.~/-]*\w)?", lambda m: _spelled(m[0])),
    reading(r"\b[A-Za-z]:\\[\w\\.-]+\w", lambda m: _spelled(m[0])),
)  # fmt: skip
WORDS: tuple[Reading, ...] = (
    reading(r"(?<![\w/])(e\.g\.|i\.e\.|a\.k\.a\.|aka\b|et al\.|p\.s\.|[btq]\.i\.d\.|p\.r\.n\.|p\.a\."
            r"|w/in\b|w/o\b|a/k/a\b|w/|b/c|c/o)(?:,)?",
            lambda m: PHRASES[m[1].lower()], flags=re.IGNORECASE),
    reading(r"\b(Nos?\.? ?(?=\d)|No\. (?=\ue000)"
            r"|(?:[Ff]igs?|[Pp]p?|[Vv]ol|[Cc]h|[Ss]ec|[Aa]rt|[Ee]xt|[Aa]pt|[Ss]te|[Pp]g|[Ee]q|[Rr]m|Fl|[Bb]ldg|Rte|Ps|sc|ver"
            r"|nos?)\. ?(?=\d))", lambda m: f"{_counted(re.match(r'([A-Za-z]+)', m[1]))} "),  # type: ignore[arg-type]
    reading(rf"(?<![-=<>])([<>])(=?) ?(?=[$€£]?[-−]?\.?[\d{TAKEN}])",
            lambda m: f" {'less' if m[1] == '<' else 'greater'} than {'or equal to ' if m[2] else ''}"),
    reading(r"\b(?:YoY|y/y)\b", "year over year"),
    reading(r"\bprn\b", "as needed"),
    reading(r"(?<![\w#])#(?=\d)", "number "),
    reading(r"(?<![\w#&])#([^\W\d]\w*)", _hashtag),
    reading(r"\b(C|F)#(?!\w)", lambda m: f"{m[1]} sharp"),
    reading(r"\b(C|Notepad)\+\+", lambda m: f"{m[1]} plus plus"),
    reading(r"\bSt\.?(?= [A-Z])", _saint),
    reading(rf"(?:(?<=\()|(?<=, ))([bdr])\. ?(?=[\d{TAKEN}]{{4}})",
            lambda m: {"b": "born ", "d": "died ", "r": "reigned "}[m[1]]),
    reading(r"\bext (?=\d)", "extension "),
    reading(rf"\bc\. ?(?=[\d{TAKEN}]{{3}})", "circa "),
    reading(r"\bFr\.(?= [A-Z])", "Father"),
    reading(r"(?<=\w )v\.(?= [A-Z])", "versus"),
    reading(r"(?<!\d[ -])\b(" + "|".join(ABBREVIATIONS) + r")\." + STOP, _abbreviated),
    reading(r"\b(Dr|Mr|Mrs|Ms|Prof|Jr|Mt)(?= [A-Z]|(?<=Jr)\b)", lambda m: BARE[m[1]]),
    reading(r"\bvs\b", "versus"),
    reading(r"\b([Pp])h\.?D\.?(?!\w)", "PhD"),
    reading(r"(?<![\w.'’])((?:[A-Z]\.){2,})(?!\w)" + STOP, _initials),
    reading(r"(?<![\w.'’])([A-HJ-Z])\.(?= ?[A-Z][\w.])", lambda m: m[1]),
    reading(r"(?i:\b(?:s/he|(?:he|him|his|himself|she|her|hers|herself)/(?:he|him|his|himself|she|hers?|herself)|yes/no"
            r"|true/false|male/female))\b", _either),
    reading(r"(?:(?<=[Pp]ress )|(?<=\bor ))#(?!\w)|(?<!\w)#(?= (?:key|sign)\b)", "pound"),
    reading(r"(?<=[Pp]ress )\*(?!\w)|(?<!\w)\*(?= key\b)", "star"),
    reading(r"(?:(?<=[Pp]ress )|(?<=[Dd]ial ))\*(\d\d)(?![\w*])", lambda m: f"star {digits(m[1])}"),
    reading(r"\bA/C\b", "A C"),
    reading(r"\b24/7/365\b", "twenty-four seven three sixty-five"),
    reading(r"\bP\. ?O\.(?= [Bb]ox)|\bPO(?= [Bb]ox)", "P O"),
    reading(rf"(?<=[a-z])/({_PERIOD})\b(?!/)",
            lambda m: None if re.search(rf"\b(?:{_PERIOD}|night)$", m.string[: m.start()])
            else f" per {_PERIODS.get(m[1], m[1])}"),
    reading(r"\b(?:N/A|n/a)\b", "not applicable"),
)  # fmt: skip
COUNTS: tuple[Reading, ...] = (
    reading(rf"(?<={TAKEN}) ?[-–—] ?(?=(?:noon|midnight|close|closing|present|now|today)\b)", " to "),
    reading(rf"(?<={TAKEN})[-–](?={TAKEN})|(?:(?<=noon)|(?<=midnight)) ?[-–] ?(?={TAKEN})", " to "),
    reading(r"(?<=\d[snrt][tdh])[-–](?=\d+(?:st|nd|rd|th)\b)", " to "),
    reading(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1].replace(",", "")))),
    reading(rf"(?<![\w.,/-]){NUMBER}%?(?: ?[-–—‒] ?{NUMBER})+(?![\w-])", _range),
    reading(r"(?<![\d:.,])(\d+):(\d+)(?![\d:])", _ratio),
    reading(r"(?<=\d) ?/ ?(?=\d)", " slash "),
    reading(rf"(?<![\w)\].{TAKEN}])[-−]{NUMBER}", lambda m: number(m[0])),
    reading(NUMBER, lambda m: number(m[0])),
    reading(r"\d+", lambda m: number(m[0])),
)  # fmt: skip


READINGS = (
    *ADDRESSES, *codes.READINGS, *dates.READINGS, *WORDS, *quantities.READINGS, *codes.MIXED, *COUNTS
)  # fmt: skip


def english(text: str) -> str:
    """`text` with everything named above in words."""
    return _symbols(read(text, READINGS))


def _symbols(text: str) -> str:
    text = re.sub(r"(?<!\w)~ ?(?=[\w$€£]+(?!~)\b)", "about ", text)
    text = re.sub(r"<=|=<", " less than or equal to ", text)
    text = re.sub(r">=", " greater than or equal to ", text)
    text = re.sub(r"[-=]+>", " to ", text)
    text = re.sub(r"!=", " not equal to ", text)
    text = re.sub(r"(?<=\w)\s<\s?(?=[\w$€£.-])|<\s?(?=[\d$€£.-])", " less than ", text)
    text = re.sub(r"(?<=\w)\s>\s?(?=[\w$€£.-])|(?<!^)>\s?(?=[\d$€£.-])", " greater than ", text, flags=re.MULTILINE)
    text = re.sub(r"(?<=\w)\s?/\s?(?=[^\W\d])", " ", text)
    text = re.sub(r"(?<=\w)@(?=\w)|(?<!\w)@ ?(?=\w)", " at ", text)
    return "".join(f" {SYMBOLS[char]} " if char in SYMBOLS else char for char in text)

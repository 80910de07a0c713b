"""English abbreviations, symbols, addresses and figures in words, where espeak-ng would not read them as people do.

"Dr." would end a sentence, "U.S." is fine, "~5" is read "tilde five", "/" is read "slash". Figures: see `figures`.
"""

from __future__ import annotations

import re

from local_agent.engines.figures import STOP, figures

ABBREVIATIONS = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Sr": "Senior", "Jr": "Junior",
    "Gen": "General", "Col": "Colonel", "Capt": "Captain", "Sgt": "Sergeant", "Lt": "Lieutenant", "Rev": "Reverend",
    "Mt": "Mount", "vs": "versus", "approx": "approximately", "etc": "et cetera",
    "dept": "department", "Dept": "Department", "est": "established",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation",
}  # fmt: skip
STREETS = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
# Abbreviations that end a sentence as often as not: their full stop stays where a sentence could end.
ENDING = frozenset({"etc", "Jr", "Sr", "Inc", "Ltd", "Corp"})
PHRASES = {"e.g.": "for example,", "i.e.": "that is,", "a.k.a.": "also known as", "w/o": "without", "w/": "with"}
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by", "≈": "about",
    "≤": "at most", "≥": "at least", "≠": "is not equal to", "±": "plus or minus", "→": "to",
    "∞": "infinity", "√": "the square root of", "§": "section", "©": "copyright", "®": " ", "™": " ",
    "°": "degrees", "€": "euros", "£": "pounds", "¥": "yen", "¶": " ", "•": ",", "·": ",",
    "²": "squared", "³": "cubed", "½": "one half", "¼": "one quarter", "¾": "three quarters",
    "⅓": "one third", "⅔": "two thirds", "µ": "micro",
}  # fmt: skip
_TITLE = re.compile(r"\b(" + "|".join(ABBREVIATIONS) + r")\." + STOP)
_INITIAL = re.compile(r"(?<![\w.'’])((?:[A-Z]\.){2,})(?!\w)" + STOP)
_ALONE = re.compile(r"(?<![\w.'’])([A-HJ-Z])\.(?= ?[A-Z][\w.])")
_PHRASE = re.compile(r"(?<!\w)(e\.g\.|i\.e\.|a\.k\.a\.|w/o|w/)(?:,)?(?=\W)", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_HOST = re.compile(
    r"(?<![\w.@/])((?:[A-Za-z0-9-]{1,63}\.){1,6}(?:com|org|net|edu|gov|io|ai|dev|app|co|uk"
    r"|de|fr|es|it|eu|us|info|me|tv|ly|html?|py|js|txt|pdf))((?:/[\w.~/-]*\w)?)/?(?![\w@])"
)


def english(text: str) -> str:
    """`text` with everything named above in words."""
    text = _EMAIL.sub(lambda m: f"{_dotted(m[1])} at {_dotted(m[2])}", text)
    text = _HOST.sub(lambda m: _dotted(m[1]) + _dotted(m[2].replace("/", " slash ")), text)
    text = _PHRASE.sub(lambda m: PHRASES[m[1].lower()], text)
    text = re.sub(r"\bNo\.? ?(?=\d)", "number ", text)
    text = figures(text)
    text = _TITLE.sub(_title, text)
    text = re.sub(r"(?<=[A-Za-z] )(St|Ave|Rd|Blvd)\.(?=\s+[a-z]|[,;])", lambda m: STREETS[m[1]], text)
    text = re.sub(r"\bSt\.(?= [A-Z])", "Saint", text)
    text = _INITIAL.sub(lambda m: m[1].replace(".", "") + ("." if m[2] is not None else ""), text)
    text = _ALONE.sub(r"\1", text)
    return _symbols(text)


def _dotted(address: str) -> str:
    """A host, path or mailbox with its marks in words."""
    address = re.sub(r"\.", " dot ", address)
    address = address.replace("-", " dash ").replace("_", " underscore ").replace("+", " plus ")
    return re.sub(r" {2,}", " ", address).rstrip()


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

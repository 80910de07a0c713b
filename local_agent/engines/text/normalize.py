"""Text as language models and people write it, into words that a voice can speak."""

from __future__ import annotations

import re
import unicodedata

from local_agent.config.languages.table import facts, family
from local_agent.engines.text.english import english
from local_agent.engines.text.expansion import dated, expanded
from local_agent.engines.text.markdown import CODE, plain
from local_agent.engines.text.numbers import split_words

# Languages whose script a Latin voice can't read: there every letter is kept.
OTHER_SCRIPTS = frozenset(
    split_words(
        "am ar as bg bn bpy el fa gu hi hy ja ka kk kn ko ky mk ml mr my ne or pa ru sd si sr ta te th tt uk ur vi "
        "yue zh"
    )
)
ROUNDS = 4

_SKIPPED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "So", "Sk", "Me"})
_KEPT = frozenset("\n\t°©®\u200c\u200d")
_ELLIPSIS = re.compile(r"(?:\.[ \t]*){2,}\.|…|\.\.+")
# 10⁶ and x⁴, and the marks of footnotes.
_POWER = re.compile(r"(?:(?<=[\d)])|(?<=\b[A-Za-z]))(?![²³](?![⁰¹²³⁴-⁹]))[⁻]?[⁰¹²³⁴-⁹ⁿ]+")
_FOOTNOTE = re.compile(r"(?<=[^\W\d]{2})[⁰¹⁴-⁹]+")
_URL = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>\"”’]+", re.IGNORECASE)


def speakable(text: str, language: str = "en") -> str:
    """What a voice should be given for `text`; "" when there is nothing to speak.

    Markup, emoji, control characters and bare punctuation are gone, addresses short, English numbers, units, symbols
    and abbreviations in words. Every word stays, in order, and `speakable(speakable(x)) == speakable(x)`. language:
    "en", "en-US", "de" ...; languages other than English leave their numbers to espeak-ng, which reads them natively.
    """
    code = family(language)
    for _ in range(ROUNDS):
        before, text = text, _once(text, code)
        if text == before:
            break
    return text


def unreadable(text: str, language: str) -> bool:
    """Whether `text` has letters of a script that a voice of this language can't read: they are not spoken."""
    if text.isascii() or family(language) in OTHER_SCRIPTS:
        return False
    return any(char.isalpha() and not _is_readable(char) for char in unicodedata.normalize("NFKC", text))


def instead(text: str, language: str) -> str:
    """What to say for a text that holds nothing but a program, which is for the eyes; "" for any other."""
    return facts(language).writing.only_code if CODE.search(text) and not speakable(text, language) else ""


def _once(text: str, code: str) -> str:
    text = plain(dated(_characters(_fold(text, code), code), code))
    text = _URL.sub(_address, text)
    text = english(text) if code == "en" else expanded(text, code)
    return _tidy(_pauses(text))


def _fold(text: str, code: str) -> str:
    """Full-width, mathematical and other look-alike letters as plain ones, where that doesn't change the meaning."""
    # Long runs of blanks make the searches below slow, and mean nothing.
    text = re.sub(r"[ \t]{3,}", "  ", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    if code in OTHER_SCRIPTS:
        return unicodedata.normalize("NFC", text)
    text = _FOOTNOTE.sub("", _POWER.sub(lambda m: f"^{unicodedata.normalize('NFKC', m[0]).replace('−', '-')}", text))
    text = re.sub(r"(?<=\d)(?=[⅐-⅞⅑⅒])", " ", text)
    kept = "²³½¼¾⅓⅔™…°ªº´¨"
    text = "".join(
        char if char in kept else unicodedata.normalize("NFKC", char) for char in unicodedata.normalize("NFC", text)
    )
    return text.replace("\u2044", "/")  # of what was one character: ⅝


def _characters(text: str, code: str) -> str:
    """Only characters that some voice of this language can speak."""
    return "".join(_character(char, code) for char in text)


def _character(char: str, code: str) -> str:
    if char.isascii():
        return char if char.isprintable() or char in "\n\t" else ""
    category = unicodedata.category(char)
    if char in "\u200c\u200d":  # they join letters in Persian and Indic scripts, emoji elsewhere
        return char if code in OTHER_SCRIPTS else ""
    if category in _SKIPPED and char not in _KEPT:
        # A symbol parts words, an invisible character does not.
        return " " if category == "So" else ""
    if category == "Mn" and 0xFE00 <= ord(char) <= 0xFE0F:
        return ""
    if category[0] in "LM" and code not in OTHER_SCRIPTS and not _is_readable(char):
        return " "
    return char


def _is_readable(char: str) -> bool:
    """Letters that a Latin voice reads: Latin, Greek letters by their names, and combining accents."""
    return unicodedata.name(char, "").startswith(
        ("LATIN", "GREEK", "COMBINING", "MICRO", "FEMININE", "MASCULINE", "MODIFIER")
    )


def _address(match: re.Match[str]) -> str:
    """A web address as people say it: no scheme, no query, and no long path."""
    whole = match[0].rstrip(".,;:!?)]}'*_~")
    rest = match[0][len(whole) :]
    address = re.sub(r"^(?:https?://|ftp://)?(?:www\.)?", "", whole, flags=re.IGNORECASE)
    host, _, path = re.split(r"[?#]", address, maxsplit=1)[0].partition("/")
    host = host.rpartition("@")[2]
    path = path.strip("/")
    return (f"{host}/{path}" if path and len(path) <= 24 and not re.search(r"[%=&]|\d{5}", path) else host) + rest


def _pauses(text: str) -> str:
    """Ellipses and dashes as the marks that make a voice pause."""
    text = _ELLIPSIS.sub("…", text)
    text = re.sub(r"^[\s….,;:]*…\s*", "", text)
    text = re.sub(r"…(?=\s*[\"'”’)]*(?:\n|$))", ".", text)
    text = re.sub(r"\s*…\s*(?=[\"“'(]*[A-Z])", ". ", text)
    text = re.sub(r"\s*…\s*", ", ", text)
    text = re.sub(
        r"(?<=\S)\s*(?:—|―|⸺|(?<=[^\d\s]\s)(?:--|–|-)(?=\s)|(?<=\d\s)(?:--|–|-)(?=\s\D)"
        r"|(?<=[^\W\d])(?:--|–)(?=[^\W\d]))\s*",
        ", ",
        text,
    )
    return re.sub(r"^\s*[—―–-]+\s+", "", text, flags=re.MULTILINE)


def _tidy(text: str) -> str:
    """Single spaces, single marks, none at the start; "" when no letter or digit is left."""
    text = re.sub(r"[|\\{}\[\]<>^~*`_]+", " ", text)
    text = re.sub(r"\(\s*\)|\"\s*\"|“\s*”", " ", text)
    text = re.sub(r"[!?]*\?[!?]*", "?", text)
    text = re.sub(r"!+", "!", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" *\n\s*", "\n\n", text)
    text = re.sub(r" +(?=[,.;:!?)](?:[\s\"')]|$))", "", text)
    text = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", text)
    text = re.sub(r"([.!?])(?:\s*[,;:.])+(?=\s|$)", r"\1", text)
    text = re.sub(r"[,;:]\s*([.!?])(?=\s|$)", r"\1", text)
    text = re.sub(r"(^|\n\n)(?!\.\d)[ ,.;:!?)]+(?<!\.(?=\d))(?=[\s\w\"'(]|$)", r"\1", text)
    text = re.sub(r"\n{2,}", "\n\n", text)
    return text.strip() if any(map(str.isalnum, text)) else ""

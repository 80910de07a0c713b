"""How many tokens a second of speech may take: Whisper's tokenizer spends many more on some scripts than on ours.

Its pairs of bytes were learnt mostly from English, where a token is five letters. The first article of the declaration
of human rights takes .2 tokens a character in English, .4 in Vietnamese, .5 in Greek, 1 in Hindi, Thai and Chinese,
2.4 in Georgian and 2.8 in Burmese. A limit that is too low cuts what somebody said.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

ENGLISH = 9.0  # tokens a second: nobody speaks faster than 6 words of 1.5 tokens
LATIN = 2 * ENGLISH  # marked letters, long words
LETTERS = 22.0  # characters a second: fast speech is 15 in alphabets, fewer where a character is a syllable
BLOCK = 40  # code points from the first letter on that hold most others

# The first letter of each script, and the languages that Whisper writes in it.
SCRIPTS = {
    "α": "el",
    "а": "ru uk bg mk sr be kk tg mn tt ba",
    "ա": "hy",
    "א": "he yi",
    "ؠ": "ar fa ur ps sd",
    "अ": "hi mr ne sa",
    "অ": "bn as",
    "ਅ": "pa",
    "અ": "gu",
    "அ": "ta",
    "అ": "te",
    "ಅ": "kn",
    "അ": "ml",
    "අ": "si",
    "ก": "th",
    "ກ": "lo",
    "ཀ": "bo",
    "က": "my",
    "ა": "ka",
    "አ": "am",
    "ក": "km",
    "あ": "ja",
    "가": "ko",
    "一": "zh yue",
}
_FIRST = {language: first for first, languages in SCRIPTS.items() for language in languages.split()}


def tokens_per_second(language: str, encode: Callable[[str], list[int]]) -> float:
    """The most that anybody needs. language: ISO 639-1. encode: text to tokens."""
    if language == "en":
        return ENGLISH
    first = _FIRST.get(language)
    if first is None:
        return LATIN
    letters = filter(str.isalpha, map(chr, range(ord(first), ord(first) + BLOCK)))
    return LETTERS * fmean(len(encode(letter)) for letter in letters)

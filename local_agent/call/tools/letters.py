"""Spelling and counting letters, which a language model can't see: `answer("how do you spell rhythm")`."""

from __future__ import annotations

import re
from collections.abc import Callable

from local_agent.call.tools.wording import asked

_WORD = r"(?:the (?:word|name) )?[\"'“‘]?(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)[\"'”’]?"
_NOT_MEANT = frozenset(
    ["it", "that", "this", "them", "out", "word", "name", "something", "anything", "me", "you", "correctly", "right"]
)
_VOWELS = frozenset("aeiou")
_SPELL = re.compile(
    r"(?:how (?:do|would|should|can|does) (?:you|i|we|one) (?:spell|write)|spell(?: out)?|(?:what is )?the spelling of)"
    rf" {_WORD}|how (?:is|do you spell) {_WORD.replace('word>', 'other>')} (?:spelled|spelt|written)"
)
_BACKWARDS = re.compile(
    rf"(?:(?:how (?:do|would) you )?(?:spell|say|write)|what is) {_WORD}(?: spelled| written)? "
    r"(?:backwards?|in reverse)"
)
_COUNT = re.compile(rf"how many letters (?:are |are there |does )?(?:in )?{_WORD}(?: have| contain)?")
_SOME = re.compile(
    r"how many (?:times (?:does|is) )?(?:the )?(?:letters? )?[\"'“]?(?P<letter>[a-z]"
    r"|vowels?)(?:['’]?s)?[\"'”]?(?: letters?)?"
    rf"(?: (?:are|is|appear|appears|do|does|occur|occurs|there|come|comes|in))* {_WORD}(?: have| contain)?"
)
_NEXT = re.compile(
    r"(?:what|which) (?:letter )?(?:comes|is|follows) (?:right |directly )?(?P<side>after"
    r"|before) (?:the letter )?(?P<word>[a-z])"
    r"(?: in the alphabet)?"
)
_PLACE = re.compile(rf"what is the (?P<place>first|last) letter (?:of|in) {_WORD}")


def answer(text: str) -> str | None:
    """A sentence; None where nothing is to be spelled or counted."""
    words = asked(text)
    for pattern, told in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None:
            word = found.groupdict().get("word") or found["other"]
            return None if word in _NOT_MEANT else told(found, word)
    return None


def resumed(text: str, before: str) -> str | None:
    """The whole question where another word is asked after one was spelled; None where it is not."""
    word = re.fullmatch(rf"(?:(?:what|how) about )?{_WORD}", asked(text))
    return f"spell {word['word']}" if word is not None and _SPELL.fullmatch(asked(before)) else None


def spelled(word: str) -> str:
    """R, H, Y, T, H, M."""
    return ", ".join(letter.upper() for letter in _letters(word))


def _letters(word: str) -> list[str]:
    return [letter for letter in word if letter.isalpha()]


def _spelled(found: re.Match[str], word: str) -> str:
    return f"{word.capitalize()} is spelled {spelled(word)}."


def _backwards(found: re.Match[str], word: str) -> str:
    return f"{word.capitalize()} backwards is {spelled(word[::-1])}."


def _counted(found: re.Match[str], word: str) -> str:
    return f"{word.capitalize()} has {len(_letters(word))} letters."


def _some(found: re.Match[str], word: str) -> str:
    letter = found["letter"]
    if letter.startswith("vowel"):
        count = sum(each in _VOWELS for each in word)
        return f"There {'is' if count == 1 else 'are'} {count} vowel{'' if count == 1 else 's'} in {word}."
    count = word.count(letter)
    return f"The letter {letter.upper()} comes {count} time{'' if count == 1 else 's'} in {word}."


def _placed(found: re.Match[str], word: str) -> str:
    letter = _letters(word)[0 if found["place"] == "first" else -1]
    return f"The {found['place']} letter of {word} is {letter.upper()}."


def _beside(found: re.Match[str], letter: str) -> str:
    other = chr(ord(letter) + (1 if found["side"] == "after" else -1))
    beside = other.upper() if other.isalpha() and other.isascii() else "No letter"
    return f"{beside} comes {found['side']} {letter.upper()}."


_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], str]], ...] = (
    (_BACKWARDS, _backwards),
    (_SOME, _some),
    (_COUNT, _counted),
    (_PLACE, _placed),
    (_NEXT, _beside),
    (_SPELL, _spelled),
)

"""Spelling and counting letters, which a language model can't see: `answer("how do you spell rhythm")`."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_lowercase

from num2words import num2words

from local_agent.call.tools.wording import asked

_WORD = r"(?:(?:the )?(?:word|name) )?[\"'“‘]?(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)[\"'”’]?"
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
_COUNT = re.compile(
    rf"(?:how many letters (?:are |are there |does )?(?:in )?|(?:count )?(?:the )?(?:number of )?letters (?:in|of) )"
    rf"{_WORD}(?: have| contain)?"
)
_SOME = re.compile(
    r"(?:how many (?:times (?:does|do|is) )?|count )(?:the )?(?:letters? )?[\"'“]?(?P<letter>[a-z]"
    r"|vowel|consonant)(?:['’]?s)?[\"'”]?(?: letters?)?"
    rf"(?: (?:are|is|appear|appears|do|does|occur|occurs|there|come|comes|in))* {_WORD}(?: have| contain)?"
)
_NEXT = re.compile(
    r"(?:what|which) (?:letter )?(?:comes|is|follows) (?:right |directly )?(?P<side>after"
    r"|before) (?:the letter )?(?P<word>[a-z])"
    r"(?: in the alphabet)?"
)
_ORDINALS = {num2words(number, to="ordinal"): number for number in range(1, 27)}
_PLACE = re.compile(
    rf"(?:(?:what|which) is )?the (?P<place>last|{'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th)) letter (?:of|in) "
    rf"(?:(?P<alphabet>the (?:english )?alphabet)|{_WORD})"
)
_ENDS = re.compile(
    rf"(?:what|which) letter does {_WORD} (?P<side>begin|start|end)(?: with)?"
    rf"|what does {_WORD.replace('word>', 'other>')} (?P<end>begin|start|end) with"
)
_LETTER = r"(?:an? |the )?(?:letter )?[\"']?(?P<letter>[a-z])[\"']?"
_HOLDS = re.compile(
    rf"does {_WORD} (?:contain|have|include) {_LETTER}(?: in it)?"
    rf"|is there {_LETTER.replace('letter>', 'one>')} in {_WORD.replace('word>', 'other>')}"
)
_PALINDROME = re.compile(rf"is {_WORD} a palindrome")
_LONGER = re.compile(
    rf"(?:which|what)(?: word)? (?:is|has)(?: the)? (?P<how>longer|shorter|more letters|fewer letters|less letters)"
    rf"[,:]? {_WORD},? or {_WORD.replace('word>', 'other>')}"
)
_ALPHABET = re.compile(
    r"how many (?P<what>letters|vowels|consonants) (?:are there |are |does |do we have )?(?:in )?the (?:english "
    r"|latin )?alphabet(?: have| contain)?|(?:say|recite|sing|tell me|give me|what is) the (?:whole )?alphabet"
    r"(?P<back> backwards?| in reverse)?"
)
_WORDS = re.compile(r"how many words (?:are |are there |does )?(?:in )?(?:the )?(?:sentence|phrase)[,:]? (?P<said>.+)")


def answer(text: str) -> str | None:
    """A sentence; None where nothing is to be spelled or counted."""
    words = asked(text)
    for pattern, told in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None:
            named = found.groupdict()
            word = named.get("word") or named.get("other") or ""
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
    if letter in ("vowel", "consonant"):
        count = sum((each in _VOWELS) == (letter == "vowel") for each in _letters(word))
        return f"There {'is' if count == 1 else 'are'} {count} {letter}{'' if count == 1 else 's'} in {word}."
    count = word.count(letter)
    return f"The letter {letter.upper()} comes {count} time{'' if count == 1 else 's'} in {word}."


def _placed(found: re.Match[str], word: str) -> str:
    place, letters = found["place"], list(ascii_lowercase) if found["alphabet"] else _letters(word)
    at = len(letters) if place == "last" else _ORDINALS.get(place) or int(place[:-2])
    if not 1 <= at <= len(letters):
        return f"{word.capitalize()} has only {len(letters)} letters."
    return f"The {place} letter of {found['alphabet'] or word} is {letters[at - 1].upper()}."


def _ended(found: re.Match[str], word: str) -> str:
    side = found["side"] or found["end"]
    return f"{word.capitalize()} {side}s with {_letters(word)[-1 if side == 'end' else 0].upper()}."


def _held(found: re.Match[str], word: str) -> str:
    letter = found["letter"] or found["one"]
    count = word.count(letter)
    if not count:
        return f"No, there is no {letter.upper()} in {word}."
    return f"Yes, the letter {letter.upper()} comes {count} time{'' if count == 1 else 's'} in {word}."


def _mirrored(found: re.Match[str], word: str) -> str:
    true = _letters(word) == _letters(word)[::-1]
    return f"{'Yes' if true else 'No'}, {word} is {'' if true else 'not '}the same backwards."


def _longer(found: re.Match[str], word: str) -> str | None:
    lengths = {each: len(_letters(each)) for each in (word, found["other"])}
    if (found["how"] in ("longer", "shorter") and "word" not in found[0]) or len(lengths) == 1:
        return None  # a river, or a film
    sign = -1 if found["how"] in ("longer", "more letters") else 1
    (first, count), (second, other) = sorted(lengths.items(), key=lambda each: sign * each[1])
    if count == other:
        return f"Both have {count} letters."
    return f"{first.capitalize()}: it has {count} letters, and {second} has {other}."


def _alphabet(found: re.Match[str], _: str) -> str:
    if found["what"]:
        count = {"letters": 26, "vowels": len(_VOWELS), "consonants": 26 - len(_VOWELS)}[found["what"]]
        return f"The English alphabet has {count} {found['what']}."
    return f"{spelled(ascii_lowercase[::-1] if found['back'] else ascii_lowercase)}."


def _worded(found: re.Match[str], _: str) -> str:
    count = len(re.findall(r"[\w'’-]+", found["said"]))
    return f"That is {count} word{'' if count == 1 else 's'}."


def _beside(found: re.Match[str], letter: str) -> str:
    other = chr(ord(letter) + (1 if found["side"] == "after" else -1))
    beside = other.upper() if other.isalpha() and other.isascii() else "No letter"
    return f"{beside} comes {found['side']} {letter.upper()}."


_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], str | None]], ...] = (
    (_ALPHABET, _alphabet),
    (_WORDS, _worded),
    (_PALINDROME, _mirrored),
    (_LONGER, _longer),
    (_ENDS, _ended),
    (_HOLDS, _held),
    (_BACKWARDS, _backwards),
    (_SOME, _some),
    (_COUNT, _counted),
    (_PLACE, _placed),
    (_NEXT, _beside),
    (_SPELL, _spelled),
)

"""Spelling and counting letters, which a language model can't see: `answer("how do you spell rhythm")`."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_lowercase

from num2words import num2words

from local_agent.call.tools.wording import asked, goes_on

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
    rf"(?:(?:(?:how (?:do|would) you )?(?:spell|say|write)|what is) )?{_WORD}(?: spelled| written)? "
    r"(?:backwards?|in reverse)"
)
_COUNT = re.compile(
    rf"(?:how many letters (?:are |are there |does |is )?(?:in )?|(?:count )?(?:the )?(?:number of )?letters (?:in|of) "
    rf"|how many letters has ){_WORD}(?: have| contain| got)?"
)
_SOME = re.compile(
    r"(?:how many (?:times (?:does|do|is) )?|how often (?:does|do|is) |count )(?:the )?(?:letters? )?"
    r"[\"'“]?(?P<letter>[a-z]|vowel|consonant)(?:['’]?s)?[\"'”]?(?: letters?)?"
    rf"(?: (?:are|is|appear|appears|do|does|occur|occurs|there|come|comes|in))* {_WORD}(?: have| contain)?"
)
_NEXT = re.compile(
    r"(?:what|which) (?:letter )?(?:comes|is|follows) (?:right |directly )?(?P<side>after"
    r"|before) (?:the letter )?(?P<word>[a-z])"
    r"(?: in the alphabet)?"
)
_ORDINALS = {num2words(number, to="ordinal"): number for number in range(1, 27)}
_PLACE = re.compile(
    rf"(?:(?:what|which) is )?the (?P<place>last|middle|{'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th)) letter (?:of|in) "
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
_BETWEEN = re.compile(
    r"(?:what|which) letter (?:comes|is|lies) between (?:the letters )?(?P<word>[a-z]) and (?P<last>[a-z])"
)
_VOWELS_OF = re.compile(rf"(?:what|which) (?:are the )?(?P<what>vowels|consonants) (?:are )?(?:in|of) {_WORD}")
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
    """The whole question where another word is asked for, or something else of the same; None where neither is."""
    words, earlier = asked(text), asked(before)
    known = next((found for pattern, _ in _QUESTIONS if (found := pattern.fullmatch(earlier)) is not None), None)
    named = known.groupdict() if known is not None else {}
    word = named.get("word") or named.get("other") or ""
    if not word or len(word) == 1:
        return None
    if re.fullmatch(r"(?:(?:spell|say) (?:it|that) )?(?:backwards?|in reverse)", words):
        return f"spell {word} backwards"
    if (other := re.fullmatch(rf"(?:(?:what|how) about )?(?:in )?{_WORD}", words)) is not None and goes_on(text):
        return earlier.replace(word, other["word"]) if other["word"] not in _NOT_MEANT else None
    if re.search(r"\b(?:it|that)\b", words):
        return re.sub(r"\b(?:in )?(?:it|that)\b", lambda it: it[0].replace("it", word).replace("that", word), words)
    return f"{words} are in {word}" if words.startswith("how many ") else None


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
    if place == "middle" and len(letters) % 2 == 0:
        return f"{word.capitalize()} has no middle letter: it has {len(letters)}."
    at = (
        len(letters)
        if place == "last"
        else len(letters) // 2 + 1
        if place == "middle"
        else _ORDINALS.get(place) or int(place[:-2])
    )
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


def _between(found: re.Match[str], letter: str) -> str | None:
    first, last = sorted((letter, found["last"]))
    inside = [chr(code).upper() for code in range(ord(first) + 1, ord(last))]
    return f"{', '.join(inside)}." if inside else None


def _vowels_of(found: re.Match[str], word: str) -> str:
    wanted = [each for each in _letters(word) if (each in _VOWELS) == (found["what"] == "vowels")]
    return f"{spelled(''.join(wanted))}." if wanted else f"There are no {found['what']} in {word}."


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
    (_BETWEEN, _between),
    (_VOWELS_OF, _vowels_of),
    (_PALINDROME, _mirrored),
    (_LONGER, _longer),
    (_ENDS, _ended),
    (_HOLDS, _held),
    (_BACKWARDS, _backwards),
    (_COUNT, _counted),
    (_SOME, _some),
    (_PLACE, _placed),
    (_NEXT, _beside),
    (_SPELL, _spelled),
)

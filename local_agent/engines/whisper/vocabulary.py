"""Words that callers say and Whisper would not write: names, medicines, products.

They reach Whisper as the text before this one, from which it goes on in the same spelling. But it also repeats them
where nobody speaks, and takes over how they are punctuated. So an utterance is first decoded without them, which tells
whether anybody spoke and what; then with them. The second text counts where it has words of the vocabulary for what
sounds like them in the first, and only then: everything else stays as it is (docs/decisions/vocabulary.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import tokenizers

from local_agent.config.languages.length import UNSPACED
from local_agent.engines.whisper.repetition import words

LEAST = 3  # letters of a word that is worth putting right
ALIKE, ALIKE_BY_SOUND = 0.5, 0.6  # of difflib's ratio of letters, and of consonants that sound alike
MORE = 3  # words that one word of the vocabulary may have been heard as, beside its own
NEARLY, LONG = 0.75, 6  # of the ratio of letters, and letters, of a word that can only be one of the vocabulary
END = re.compile(r"[^\w']*$")  # the marks behind a word
STOPS = (".", "?", "!")

# What is hardly told apart by ear, or by who spells by ear: the consonants of a word, in classes.
_SPELLINGS = (("ph", "f"), ("gh", ""), ("sch", "s"), ("sh", "s"), ("ch", "s"), ("x", "ks"))
_SOFT = re.compile("c(?=[eiy])")
_CLASSES = str.maketrans("zvdbgjqcm", "sftpkkkkn", "aeiouyhw")


def context_of(vocabulary: Sequence[str], encode: Callable[[str], list[int]], end: int) -> list[int]:
    """The words as a text before this one, which ends: without a full stop multilingual models go on with a list.

    end: the first token that is no text; none from there on is taken.
    """
    return [token for token in encode(f" {', '.join(vocabulary)}.") if token < end] if vocabulary else []


def count(vocabulary: Sequence[str], folder: Path) -> int:
    """Tokens of `context_of` with the tokenizer in a Whisper's folder, of which no weights are read. Takes 0.1 s."""
    known = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    end = known.token_to_id("<|endoftext|>") or known.get_vocab_size()
    return len(context_of(vocabulary, lambda text: list(known.encode(text, add_special_tokens=False).ids), end))


def spelled(first: str, again: str, vocabulary: Sequence[str]) -> str:
    """What was said, given a text of it and another one that was written with the vocabulary in mind: the second where
    it has words of the vocabulary for what sounds like them in the first, or nearly has them; else the first.
    """
    known = {word: written for entry in vocabulary for word, written in zip(*_parts(entry), strict=True)}
    (said, _), (told, written) = _parts(first), _parts(again)
    right, text = _unspaced(first, again, vocabulary), again
    for kind, start, stop, begin, end in SequenceMatcher(None, said, told, autojunk=False).get_opcodes():
        if kind in ("equal", "delete"):
            continue
        for at in range(begin, end):
            if (near := _nearest(told[at], known)) is not None:
                text = text.replace(END.sub("", written[at]), END.sub("", known[near]), 1)
                told[at] = near
        runs = _runs(told, begin, end, known)
        right |= any(_sounds_like(told[one:other], said[start:stop]) for one, other in runs)
    if not right:
        return first
    bare = END.sub("", text)
    return text if text[len(bare) :].strip() in STOPS else bare + first[len(END.sub("", first)) :]


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Its words without case and marks, and as they are written; a hyphen parts two."""
    written = text.replace("-", " ")
    return words(written), written.split()


def _unspaced(first: str, again: str, vocabulary: Sequence[str]) -> bool:
    """Whether the second text has an entry that the first has not, in a script without spaces, and is as long: who
    writes by the sound may take quite other characters.
    """
    new = [entry for entry in vocabulary if UNSPACED.search(entry) and entry in again and entry not in first]
    return bool(new) and abs(len(again) - len(first)) <= max(map(len, new))


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of the vocabulary that this one can only be."""
    if len(word) < LONG or word.removesuffix("'s") in known:
        return None
    likely = [(_ratio(word, other), other) for other in known if len(other) >= LONG]
    best, found = max(likely, default=(0.0, ""))
    return found if best >= NEARLY else None


def _runs(told: Sequence[str], begin: int, end: int, known: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Stretches of words in the vocabulary."""
    start = begin
    while start < end:
        stop = start
        while stop < end and told[stop].removesuffix("'s") in known:
            stop += 1
        if any(len(word) >= LEAST for word in told[start:stop]):
            yield start, stop
        start = max(stop, start + 1)


def _sounds_like(wanted: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether some of the words that were heard sound like these."""
    letters = "".join(wanted)
    for start in range(len(heard)):
        for stop in range(start + 1, min(len(heard), start + len(wanted) + MORE) + 1):
            other = "".join(heard[start:stop])
            if _ratio(letters, other) >= ALIKE or _ratio(_sounds(letters), _sounds(other)) >= ALIKE_BY_SOUND:
                return True
    return False


def _sounds(word: str) -> str:
    """Its consonants in classes; those of other scripts than ours stay what they are."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", word) if sign.isalpha())
    letters = "s" + letters[1:] if letters.startswith("x") else letters
    for spelling, sound in _SPELLINGS:
        letters = letters.replace(spelling, sound)
    return re.sub(r"(.)\1+", r"\1", _SOFT.sub("s", letters).translate(_CLASSES))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0

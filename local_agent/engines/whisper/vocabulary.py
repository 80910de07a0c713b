"""Words that callers say and Whisper would not write: names, medicines, products.

They reach Whisper as the text before this one, from which it goes on in the same spelling. But it also repeats them
where nobody speaks, and takes over how they are punctuated. So an utterance is first decoded without them, which tells
whether anybody spoke and what; then with them, and only their own words are taken from that, each where the first text
has something that sounds like it (docs/decisions/vocabulary.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import tokenizers

from local_agent.engines.whisper.repetition import words

ALIKE = 0.5  # of difflib's ratio of letters, between words of the vocabulary and what they take the place of
LEAST = 3  # letters of a word that is worth putting right
MORE = 3  # words that one word of the vocabulary may have been heard as, beside its own


def context_of(vocabulary: Sequence[str], encode: Callable[[str], list[int]], end: int) -> list[int]:
    """The words as a text before this one. end: the first token that is no text; none from there on is taken."""
    return [token for token in encode(" " + ", ".join(vocabulary)) if token < end] if vocabulary else []


def count(vocabulary: Sequence[str], folder: Path) -> int:
    """Tokens of `context_of` with the tokenizer in a Whisper's folder, of which no weights are read. Takes 0.1 s."""
    known = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    end = known.token_to_id("<|endoftext|>") or known.get_vocab_size()
    return len(context_of(vocabulary, lambda text: list(known.encode(text, add_special_tokens=False).ids), end))


def corrected(text: str, again: str, vocabulary: Sequence[str]) -> str:
    """`text` with those words of the vocabulary that `again` has in place of similar ones.

    again: the same sound written down with the vocabulary in mind. Punctuation and everything else stay as they are.
    """
    said, told = text.split(), again.split()
    plain, other = words(text), words(again)
    known = {word for entry in vocabulary for word in words(entry) if word}
    written: list[str] = []
    for kind, first, last, begin, end in SequenceMatcher(None, plain, other, autojunk=False).get_opcodes():
        if kind != "replace":
            written += said[first:last]
            continue
        at = first
        for start, stop in _runs(other, begin, end, known):
            place = _place(plain, at, last, other[start:stop])
            if place is not None:
                written += [*said[at : place[0]], *_marked_as(told[start:stop], said[place[1] - 1])]
                at = place[1]
        written += said[at:last]
    return " ".join(written)


def _runs(heard: Sequence[str], begin: int, end: int, known: set[str]) -> Iterator[tuple[int, int]]:
    """Stretches of words in the vocabulary."""
    start = begin
    while start < end:
        stop = start
        while stop < end and heard[stop].removesuffix("'s") in known:
            stop += 1
        if any(len(word) >= LEAST for word in heard[start:stop]):
            yield start, stop
        start = max(stop, start + 1)


def _place(heard: Sequence[str], first: int, last: int, wanted: Sequence[str]) -> tuple[int, int] | None:
    """Those words within [first, last) that sound most like `wanted`; None where none do."""
    letters = "".join(wanted)
    best, found = ALIKE, None
    for start in range(first, last):
        for stop in range(start + 1, min(last, start + len(wanted) + MORE) + 1):
            alike = SequenceMatcher(None, "".join(heard[start:stop]), letters, autojunk=False).ratio()
            if alike >= best:
                best, found = alike, (start, stop)
    return found


def _marked_as(told: Sequence[str], before: str) -> list[str]:
    """Words with the marks behind them that the word had whose place they take."""
    mark = re.search(r"[^\w']*$", before)
    return [*told[:-1], re.sub(r"[^\w']*$", "", told[-1]) + (mark[0] if mark else "")]

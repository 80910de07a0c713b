"""When each word of a text was said, as the heads of Whisper's decoder that follow the sound see it.

CTranslate2 reads the text once more and finds, for each token, the state of the encoder that it attends to
(`ctranslate2.models.Whisper.align`). A mark's share is mostly the pause behind its word, so it counts for no word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from faster_whisper.tokenizer import Tokenizer

from local_agent.config.languages.length import UNSPACED
from local_agent.engines.whisper.encoder_window import STATES_PER_SECOND


@dataclass(frozen=True)
class Word:
    """text: with its marks, without white space around. start, end: seconds from the beginning of the audio."""

    text: str
    start: float
    end: float


def word_times(words: Tokenizer, tokens: Sequence[int], alignment: Iterable[tuple[int, int]]) -> list[Word]:
    """The words of a text, one each between spaces, one a character in scripts without any.

    alignment: (which token, which state of the encoder), ascending; the token behind the last is the end.
    """
    begins: dict[int, float] = {}
    for token, state in alignment:
        begins.setdefault(token, state / STATES_PER_SECOND)
    found: list[Word] = []
    at = 0
    for piece, part in zip(*words.split_tokens_on_unicode(list(tokens)), strict=True):
        last = found[-1].end if found else 0.0
        start = begins.get(at, last)
        at += len(part)
        end = max(start, begins.get(at, start))
        spoken = any(map(str.isalnum, piece))
        if found and not piece[:1].isspace() and not (spoken and UNSPACED.search(piece)):
            found[-1] = replace(found[-1], text=found[-1].text + piece, end=end if spoken else last)
        elif piece.strip():
            found.append(Word(piece.strip(), start, end))
    return found


def shifted(words: Iterable[Word], seconds: float, first: float = 0.0, last: float = float("inf")) -> tuple[Word, ...]:
    """The same words so much later, none of them before `first` or after `last`."""
    return tuple(
        Word(word.text, min(max(word.start + seconds, first), last), min(max(word.end + seconds, first), last))
        for word in words
    )

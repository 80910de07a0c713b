"""Does a transcript end, or is it broken off? Whisper's second thoughts about the mark behind the last word.

Whisper puts a full stop after nearly everything it is cut off at, but with how much conviction? Where a speaker only
paused, a comma or three dots come close: over 109 ends of recordings and 18 pauses inside unfinished phrases this alone
tells them apart with an AUC of .81, where the mark that was written tells .58 (docs/decisions/end-of-turn.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from local_agent.engines.whisper.encoder_window import array

STOPS = (".", "?", "!", "。", "？", "！")
MORE = (",", "...", "、", "，")


@dataclass(frozen=True)
class Marks:
    """Tokens of the marks that end a sentence, and of those behind which it goes on."""

    stops: frozenset[int]
    more: frozenset[int]


def marks(encode: Callable[[str], list[int]]) -> Marks:
    """encode: text to tokens. Marks that are no single token are left out."""

    def single(texts: Sequence[str]) -> frozenset[int]:
        return frozenset(tokens[0] for tokens in map(encode, texts) if len(tokens) == 1)

    return Marks(single(STOPS), single(MORE))


def behind_last_word(tokens: Sequence[int], known: Marks) -> int:
    """Index of the mark behind the last word, or of what would be there; 0 without a word."""
    at = len(tokens)
    while at and tokens[at - 1] in known.stops | known.more:
        at -= 1
    return at


def ending(steps: Sequence[Any], tokens: Sequence[int], known: Marks) -> float | None:
    """How likely the mark behind the last word ends a sentence, 0..1, given that it is one; None without a word.

    steps: logits [vocabulary] from which each of `tokens` was picked, and one more for the end of the text. They may
    lie on a GPU: only those that count are fetched.
    """
    at = behind_last_word(tokens, known)
    return odds(steps[at], known) if at and at < len(steps) else None


def odds(step: Any, known: Marks) -> float | None:
    """The same from the logits [vocabulary] at the place of the mark."""
    if not (known.stops and known.more):
        return None
    logits = array(step).astype(np.float64).reshape(-1)
    weights = np.exp(logits - logits.max())
    stop, more = weights[list(known.stops)].sum(), weights[list(known.more)].sum()
    return float(stop / (stop + more)) if stop + more > 0 else None

"""The agent's own words in what the caller's microphone sends, where waveforms no longer tell: a busy machine sends and
plays them in jerks, and each of a phone's buffers stretches them anew.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

from local_agent.config.languages.length import UNSPACED

KEPT = 300  # words, two minutes of speech
FEW, MANY = 3, 6  # words: fewer may be an answer in the question's own; of so many some may be misheard
# Share of the words that must be the agent's. Whisper writes "against high in the mouth" for "begins high in the
# mountains"; "how high are the mountains there?" has half of that sentence, "no, the capital of Spain" .6 of an answer.
MOST = 0.7
SPARE = 2  # words of the agent between those heard: left out by who heard them
ALIKE = 3  # letters in which words begin alike that are one: "run" is "runs"; of shorter ones one letter may be missing

_WORD = re.compile(rf"{UNSPACED.pattern}|[^\W_]+")


class OwnWords:
    """What one call's agent said of late."""

    def __init__(self) -> None:
        self._said: deque[str] = deque(maxlen=KEPT)

    def say(self, text: str) -> None:
        """`text` is spoken now, or will be soon."""
        self._said.extend(_split(text))

    def hold(self, text: str, *, likely: bool) -> bool:
        """Whether `text` is a piece of what was said. likely: it sounds a little like the agent, or may do so."""
        heard, said = _split(text), list(self._said)
        if len(heard) < FEW:
            return False
        least = len(heard) * (MOST if likely or len(heard) >= MANY else 1.0)
        long = len(heard) + SPARE
        pieces = (said[start : start + long] for start in range(max(1, len(said) - FEW + 1)))
        return max(_in_order(heard, piece) for piece in pieces) >= least


def _split(text: str) -> list[str]:
    """Its words in small letters; of languages that part none, its characters."""
    return _WORD.findall(text.lower().replace("'", "").replace("’", ""))


def _alike(one: str, other: str) -> bool:
    short = min(len(one), len(other), ALIKE)
    return one[:short] == other[:short] and (short == ALIKE or abs(len(one) - len(other)) <= 1)


def _in_order(heard: Sequence[str], said: Sequence[str]) -> int:
    """Words of one that stand in the other, in the same order."""
    longest = [0] * (len(said) + 1)
    for word in heard:
        above = longest[:]
        for at, own in enumerate(said):
            longest[at + 1] = above[at] + 1 if _alike(word, own) else max(above[at + 1], longest[at])
    return longest[-1]

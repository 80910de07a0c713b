"""Words that Whisper says twice: its decoder, unsure where the speech ends, starts again."""

from __future__ import annotations

import re

LOOP = 3  # a phrase of at least this many words that comes back at once is a loop; people double one or two words


def words(text: str) -> list[str]:
    """Lower-case words of `text` without punctuation, as many as `text.split()` has; "" for bare punctuation."""
    return [re.sub(r"[^\w']", "", word.lower()) for word in text.split()]


def echo(text: str) -> int | None:
    """Index of the word where `text` starts to repeat itself at its end, None where it doesn't.

    Found are a phrase of LOOP words or more that comes straight after itself, the last time perhaps unfinished ("turn
    on the lamp. Turn on the"), and any phrase that comes three times in a row.
    """
    heard = words(text)
    count = len(heard)
    for start in range(1, count):
        for size in range(1, start + 1):
            same = _common(heard, start - size, start)
            if same == count - start and same >= LOOP:
                return start
    return None


def trim(text: str) -> str:
    """`text` without the repetition at its end."""
    start = echo(text)
    return text if start is None else " ".join(text.split()[:start])


def _common(heard: list[str], earlier: int, later: int) -> int:
    """How many words from `later` on are the same as from `earlier` on."""
    same = 0
    while later + same < len(heard) and heard[earlier + same] == heard[later + same]:
        same += 1
    return same

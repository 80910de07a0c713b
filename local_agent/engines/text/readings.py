"""How a text is read out: an ordered table of readings, each of which knows one kind of writing.

Every reading sees the text as it was written, so that none has to know what the ones before it made of their parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from local_agent.engines.text.numbers import split_words

_FUNCTION_WORDS = frozenset(
    split_words(
        "a an and are as at away be but by can each every for from if in into is it more of off on onto or out over "
        "per plus so than that the then there this to too total under until up was when which will with would you i we "
        "he she they back apart left ago long tall wide high deep all worth less were has had have does did goes went "
        "got came comes should could must may might not covers includes buys gets later before after because while "
        "since between north south east west please ready today tomorrow during"
    )
)
TAKEN = "\ue000"  # in place of each character that a reading has taken; texts hold none, it is nobody's character


@dataclass(frozen=True)
class Reading:
    """pattern: what it is about. say: the words for a match; None where it is something else after all."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


def reading(pattern: str, say: Callable[[re.Match[str]], str | None] | str, *, flags: int = 0) -> Reading:
    """say: words, or what makes them of a match."""
    return Reading(re.compile(pattern, flags), say if callable(say) else lambda _: say)


def is_before_noun(match: re.Match[str]) -> bool:
    """Whether a word follows that an amount may belong to."""
    after = re.match(r" ([A-Za-z]+)", match.string[match.end() :])
    return after is not None and after[1].lower() not in _FUNCTION_WORDS


def is_adjective(match: re.Match[str]) -> bool:
    """Whether the amount stands before what it belongs to: a $20 bill, the 2h30m flight."""
    before = re.search(
        r"\b(?:an?|the|this|that|my|your|our|his|her|their) (?:[a-z]+ )?$",
        match.string[: match.start()],
        re.IGNORECASE,
    )
    return before is not None and is_before_noun(match)


def read(text: str, readings: Iterable[Reading]) -> str:
    """`text` with every part that a reading takes in words. What an earlier one took is nothing to later ones."""
    found: list[tuple[int, int, str]] = []
    masked = text
    for one in readings:
        for start, end, words in _taken(masked, one):
            found.append((start, end, words))
            masked = masked[:start] + TAKEN * (end - start) + masked[end:]
    pieces, at = [""], 0
    for start, end, words in sorted(found):
        pieces += [text[at:start], words]
        at = end
    return _joined([*pieces, text[at:]])


def _taken(text: str, one: Reading) -> Iterator[tuple[int, int, str]]:
    at = 0
    while match := one.pattern.search(text, at):
        words = one.say(match) if match.end() > match.start() else None
        if words is not None:
            yield match.start(), match.end(), words
        at = match.end() if words is not None else match.start() + 1


def _joined(pieces: list[str]) -> str:
    """The pieces with a space where two words would run together."""
    whole = ""
    for piece in pieces:
        whole += f" {piece}" if whole[-1:].isalnum() and piece[:1].isalnum() else piece
    return whole

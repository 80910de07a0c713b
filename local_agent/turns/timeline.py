"""Moments of a turn, for whoever wants to know where a wait went: bench, metrics. Nothing that was said is in them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """name: one of NAMES, or one of `tally`. at: time.monotonic() seconds, the same clock in every process of a
    machine. amount: how much, where that means something.
    """

    name: str
    at: float
    amount: float = 1.0


# In the order in which a turn goes through them.
NAMES = (
    "silence",  # the caller fell silent: a draft transcript is wanted
    "transcript",  # it is there
    "asked",  # the language model was asked
    "token",  # its first text
    "clause",  # the first clause went to the voice
    "voice",  # its first audio
    "commit",  # the turn was committed: what was prepared may be heard
    # Then, over the agent's voice:
    "duck",  # something is to be heard: the voice is softer for a moment
    "hold",  # somebody may be speaking: the voice is held
    "resume",  # it was nothing: it goes on from where it was
    "interrupt",  # it was words: the voice is given up
)

# Names KIND/OUTCOME of what was done ahead of a turn's end, and of what became of it. Waste is told when
# it is known, so made may be more than used and wasted together for a while.
SPECULATED: dict[str, tuple[str, ...]] = {
    "partial": ("made",),  # transcripts in the midst of speech
    "transcript": ("made", "told", "used", "wasted"),  # drafts in a silence; told: a reply was let begin
    "reply": ("made", "used", "wasted"),  # begun before the turn was committed
    "prompt_token": ("made", "used", "wasted"),  # read before a reply was asked for
    "tried_token": ("made", "used"),  # of replies to words that were perhaps not all; verified in a reply
    "voice_second": ("made", "used"),  # synthesised; heard
}

Listener = Callable[[Mark], object]


def ignore(_: Mark) -> None:
    """Nobody wants to know."""


def mark(listener: Listener, name: str, amount: float = 1.0) -> None:
    listener(Mark(name, time.monotonic(), amount))

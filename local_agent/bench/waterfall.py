"""Where a wait went: the moments that the agent marked, laid between the end of speech and the sound in the ear."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from local_agent.bench.statistics import Turn
from local_agent.turns.timeline import NAMES, Mark

# What the time until a mark was spent on. A mark that is not named here goes by its own name.
LABELS = {
    "silence": "silence noticed",
    "transcript": "transcription",
    "asked": "asking",
    "token": "prefill, first token",
    "clause": "first clause",
    "voice": "synthesis",
    "commit": "end of turn",
}
TRANSPORT = "transport to the ear"
ORDER = NAMES[: NAMES.index("commit") + 1]  # after the commit there is only the way to the ear
STAGES = (*(LABELS.get(name, name) for name in ORDER), TRANSPORT)

_OF_THE_REPLY = frozenset({"token", "clause", "voice"})

Parts = Mapping[str, float]


def parts(turn: Turn, marks: Sequence[Mark]) -> Parts | None:
    """Seconds of each of STAGES; together they are the wait. None for a turn whose wait does
    not count.

    A stage begins where the one before it ended, so what was done ahead (before the caller fell silent, or beside a
    longer stage) takes no time: "end of turn" is what the finished first sound was held back for. Where drafts were
    thrown away, the last one before the sound counts.
    """
    if turn.audible is None or not turn.answered:
        return None
    times: dict[str, list[float]] = {}
    for mark in marks:
        if turn.began <= mark.at <= turn.audible:
            times.setdefault(mark.name, []).append(mark.at)
    asked = max(times.get("asked", [turn.began]))
    found, reached = {}, turn.end
    for name in ORDER:
        if name in _OF_THE_REPLY:  # the first of each: later ones are of its later sentences
            until = min((at for at in times.get(name, ()) if at >= asked), default=reached)
        else:
            until = max(times.get(name, (reached,)))
        found[LABELS.get(name, name)] = max(until - reached, 0.0)
        reached = max(until, reached)
    return found | {TRANSPORT: turn.audible - reached}


def means(waits: Sequence[Parts]) -> Parts:
    """Mean seconds of each stage, which together are the mean wait."""
    return {stage: statistics.fmean(wait[stage] for wait in waits) for stage in STAGES} if waits else {}


def medians(waits: Sequence[Parts]) -> Parts:
    """Median seconds of each stage."""
    return {stage: statistics.median(wait[stage] for wait in waits) for stage in STAGES} if waits else {}

"""What a run of calls comes to: how long callers waited, how often nobody answered, how often they were cut off."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from local_agent.bench.word_error_rate import errors


@dataclass(frozen=True)
class Turn:
    """One clip and its reply. Times in seconds of time.monotonic(), the same clock in every process of a machine.

    began: the clip began to play. end: its speech ended. audible: the reply was heard first, None: never. text, heard:
    what was said and what the agent understood. spoke_s: seconds of audible reply. pause_s: the longest silence inside
    it. failed: the agent had an error, so that what was heard is no more than an apology.
    """

    stack: str
    caller: int
    number: int
    clip: str
    began: float
    end: float
    audible: float | None
    text: str = ""
    heard: str = ""
    said: str = ""
    spoke_s: float = 0.0
    pause_s: float = 0.0
    failed: bool = False

    @property
    def wait(self) -> float | None:
        """Seconds from the end of speech to sound; negative where the agent cut in, None where it never spoke."""
        return None if self.audible is None else self.audible - self.end

    @property
    def answered(self) -> bool:
        """Whether the wait counts."""
        return self.wait is not None and self.wait >= 0 and not self.failed

    @property
    def cut_in(self) -> bool:
        return self.wait is not None and self.wait < 0

    def facts(self) -> dict[str, Any]:
        """For JSON: relative times only."""
        told = {name: value for name, value in asdict(self).items() if name not in ("began", "end", "audible", "stack")}
        return told | {
            "wait_s": _rounded(self.wait),
            "cut_in": self.cut_in,
            "speech_s": round(self.end - self.began, 3),
        }


@dataclass(frozen=True)
class Summary:
    """Waits in seconds over the turns that were answered, neither too early nor with an apology for an error; None
    where there are none. pause_p50_s, pause_worst_s: of the longest silence inside each of their replies.
    """

    turns: int
    answered: int
    missed: int
    cut_ins: int
    failed: int
    p50_s: float | None
    p95_s: float | None
    worst_s: float | None
    mean_s: float | None
    pause_p50_s: float | None
    pause_worst_s: float | None
    word_error_rate: float | None


def summary(turns: Sequence[Turn], language: str = "en") -> Summary:
    """The figures of a run."""
    waits = [turn.wait for turn in turns if turn.wait is not None and turn.answered]
    pauses = [turn.pause_s for turn in turns if turn.answered]
    wrong = [errors(turn.text, turn.heard, language) for turn in turns if turn.text]
    words = sum(count for _, count in wrong)
    return Summary(
        turns=len(turns),
        answered=len(waits),
        missed=sum(turn.wait is None for turn in turns),
        cut_ins=sum(turn.cut_in for turn in turns),
        failed=sum(turn.failed for turn in turns),
        p50_s=quantile(waits, 0.5),
        p95_s=quantile(waits, 0.95),
        worst_s=_rounded(max(waits, default=None)),
        mean_s=_rounded(statistics.fmean(waits) if waits else None),
        pause_p50_s=quantile(pauses, 0.5),
        pause_worst_s=quantile(pauses, 1.0),
        word_error_rate=round(sum(count for count, _ in wrong) / words, 4) if words else None,
    )


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` (0..1) of all are below, between neighbours where need be; None of nothing."""
    return _rounded(float(np.quantile(np.array(values), share))) if values else None


def ratios(ours: Summary, theirs: Summary) -> dict[str, float | None]:
    """How many times longer callers wait with the other stack: p50 and p95."""
    pairs = {"p50": (ours.p50_s, theirs.p50_s), "p95": (ours.p95_s, theirs.p95_s)}
    return {name: round(other / own, 2) if own and other else None for name, (own, other) in pairs.items()}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)

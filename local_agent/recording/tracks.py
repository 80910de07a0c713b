"""Both sides of a call on one clock: the caller on the left, the agent on the right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE

LATE = 0.3  # s by which a side may lag before silence is put in: frames come in bursts

Samples = NDArray[np.int16]


class Tracks:
    """Takes int16 [samples] at SPEECH_RATE of each side with the time they came, gives int16 [samples, 2].

    Times are seconds from the recording's beginning.
    """

    def __init__(self) -> None:
        self._sides = (np.zeros(0, np.int16), np.zeros(0, np.int16))
        self._taken = 0  # samples that `take` gave already

    def heard(self, samples: Samples, now: float) -> None:
        """The caller's sound, which ends now."""
        self._add(0, samples, now - len(samples) / SPEECH_RATE)

    def said(self, samples: Samples, now: float) -> None:
        """The agent's sound, which begins now or after what is not yet played."""
        self._add(1, samples, now)

    def cut(self, now: float) -> None:
        """What the agent has not yet said is never heard."""
        keep = max(0, round(now * SPEECH_RATE) - self._taken)
        self._sides = (self._sides[0], self._sides[1][:keep])

    def take(self, until: float) -> Samples:
        """All up to a time, silence where a side has none."""
        count = max(0, round(until * SPEECH_RATE) - self._taken)
        given = np.zeros((count, 2), np.int16)
        for number, side in enumerate(self._sides):
            given[: len(side[:count]), number] = side[:count]
        self._sides = (self._sides[0][count:], self._sides[1][count:])
        self._taken += count
        return given

    def _add(self, number: int, samples: Samples, begins: float) -> None:
        side = self._sides[number]
        gap = round(begins * SPEECH_RATE) - self._taken - len(side)
        silence = np.zeros(gap if gap > LATE * SPEECH_RATE else 0, np.int16)
        sides = list(self._sides)
        sides[number] = np.concatenate([side, silence, samples])
        self._sides = (sides[0], sides[1])

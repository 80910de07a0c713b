"""Whether voices talk on whatever the agent says: a television or a radio, of which nobody louder told before.

One such voice sounds like a person's. But a person listens to an answer, at least to its beginning, and waits for one:
voices that do neither, several times in a row, at the same level, with short pauses, are nobody's who calls.
Measured in docs/decisions/background-voices.md.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from local_agent.audio.levels import quantile

SPOKEN = 0.5  # probability of a window of 32 ms that holds speech
LEAST, MOST = 188, 250  # windows, 6 and 8 s, that are looked at
DUTY = 0.57  # share of them that holds speech
PAUSE = 53  # windows, 1.7 s: a longer pause waits for something
AFTER, BEFORE = 47, 94  # windows, 1.5 and 3 s, behind and before the agent took the floor, that are compared
HEARD = 0.3  # share of those behind with speech, where nobody listened
STEADY = 6.0  # dB between both at most: what goes on when a near caller stops is softer by more
IGNORED, WITHIN = 2, 470  # times, in so many windows (15 s), that the agent took the floor for nobody
NEAR = 66.0  # dB over one unit of 16 bits, -24 dBFS: whose loud windows are louder is near, and a person
LOUD = 0.9  # quantile of levels: a loud window


class Broadcast:
    """State of one microphone. Told of each window, and whether the agent has the floor, or is about to take it."""

    def __init__(self) -> None:
        self._heard: deque[tuple[float, bool]] = deque(maxlen=MOST)  # dB, and whether that is speech
        self._ignored: deque[int] = deque(maxlen=IGNORED)
        self._count = 0
        self._taken: int | None = None  # when the agent took the floor, if that is still to be judged
        self._replying = False

    def window(self, level: float, probability: float, replying: bool) -> int:
        """How many of the last windows are nobody's who calls, if that is found out just now. level: dB."""
        self._count += 1
        self._heard.append((level, probability >= SPOKEN))
        if replying and not self._replying and self._taken is None:
            self._taken = self._count
        self._replying = replying
        if self._taken is None or self._count < self._taken + AFTER:
            return 0
        self._taken = None
        if not self._talked_on():
            return 0
        self._ignored.append(self._count)
        if len(self._ignored) < IGNORED or self._count - self._ignored[0] > WITHIN or not self._goes_on():
            return 0
        self._ignored.clear()
        return len(self._heard)

    def echoed(self) -> None:
        """The last window held the agent's own voice."""
        if self._heard:
            self._heard[-1] = self._heard[-1][0], False

    def _talked_on(self) -> bool:
        """Whether what was heard went on as before when the agent took the floor."""
        heard = list(self._heard)
        before, after = heard[-AFTER - BEFORE : -AFTER], heard[-AFTER:]
        return sum(spoken for _, spoken in after) >= HEARD * AFTER and _loud(after) >= _loud(before) - STEADY

    def _goes_on(self) -> bool:
        """Whether it has been going on with short pauses alone, and nobody louder spoke or speaks."""
        heard = list(self._heard)
        if len(heard) < LEAST or sum(spoken for _, spoken in heard) < DUTY * len(heard):
            return False
        spoken = [-1, *(at for at, (_, is_speech) in enumerate(heard) if is_speech), len(heard)]
        steady = abs(_loud(heard[:-AFTER]) - _loud(heard[-AFTER:])) <= STEADY
        return steady and _loud(heard) < NEAR and max(later - at for at, later in pairwise(spoken)) <= PAUSE


def _loud(heard: list[tuple[float, bool]]) -> float:
    """dB of the loud windows with speech; nothing where there is none."""
    levels = [level for level, spoken in heard if spoken]
    return quantile(levels, LOUD) if levels else 0.0

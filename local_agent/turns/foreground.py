"""Which of the voices a microphone hears is the caller's: the one that is clearly louder than all others.

A voice activity detector says "speech" to a crowd or a television as well. Where nobody but the caller is to be heard
nothing here has any effect: others are assumed only where their speech is heard beside or without the caller's.
Measured in docs/decisions/background-voices.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.levels import quantile
from local_agent.turns.broadcast import Broadcast

STEP = 0.032  # s, a Silero window at 16 kHz
SPOKEN = 0.5  # probability of a window that holds speech
FAINT = 0.1  # probability that the windows of others get at most: it begins no turn, keeps none open, holds no voice
CROWD = 125  # windows, 4 s, after which voices that never pause are a crowd: no single speaker goes on so long,
SPANS = 3.0, 14.0  # dB between their loud and their quiet windows (one speaker: 16 to 38 in 4 s, a tone: none),
EARLY, FIRST = 62, 156  # windows, 2 s, that are enough in the first 5 s, in which a caller hears the greeting,
UNBROKEN = 0.97  # if so many of them hold speech
VOICED = 0.9  # with speech in so many of the quietest tenth, which between one speaker's words are silent
USUAL = 0.9  # of the windows as quiet among the last REMEMBERED ones: what was no speech at that level is noise
SLACK, BAND = 1.0, 6.0  # dB above the quietest tenth that still belong to it, and below it that are as quiet
REMEMBERED = 470  # windows, 15 s
DROP = 10.0  # dB by which all is softer than the loud windows of an utterance
DROPPED = 25  # windows, .8 s, of that, full of speech: within somebody's own speech it happens once in two minutes
FULL = 0.8  # share of windows with speech that make a stretch full of it
LOUD = 0.9  # quantile of levels: a loud window
ABOVE = 2.5  # dB over the loud windows of others' speech from which a window is the caller's
BELOW = 6.0  # dB under the caller's loud windows that this never comes closer than
KEPT = 375  # windows, 12 s, of others' speech that are learned from
NEAR, OF = 5, 10  # windows of the caller, of so many, that are no single shout of a crowd,
SOFT, OF_SOFT = 7, 16  # of a caller who is hardly louder than the others,
UNDER, CLEARLY = 8.0, 6.0  # dB: under a caller's usual loud windows, and over the others' at most, where that begins
USUALLY, TOLD, KNOWN = 15, 5, 940  # windows of a stretch, stretches, and windows (30 s) since, that tell what is usual
HELD = 6  # windows, .2 s, for which softer syllables behind one of the caller's are the caller's, too
BEHIND = 60  # windows, 1.9 s, behind such a stretch: what may be its softer words tells nothing of the others
OVER = 12  # windows, .4 s, without one of the caller's that end a stretch of speech
SILENT = 94  # windows, 3 s, without speech after which nobody is assumed any more
ALONE = 310  # windows, 10 s, without a stretch of others after which those left behind by a drop are not assumed
MOSTLY = 0.6  # of the windows of 8 s: a caller amid voices has a third, so these are the others, now louder
EVERY = 4  # windows between two looks at what was learned


def level(samples: NDArray[np.float32]) -> float:
    """dB of float32 [samples], -1..1, over one unit of 16 bits."""
    return float(10 * np.log10(np.mean(np.square(samples * 32768.0)) + 1.0)) if len(samples) else 0.0


class Foreground:
    """State of one microphone. Told of each window, it says how probably that is the caller."""

    def __init__(self) -> None:
        self.voices = False  # others are to be heard
        self.receded: int | None = None  # windows since the caller was last heard, if that was found out just now
        self.broadcast = False  # that was found out just now of voices that talk on whatever the agent says
        self.lasting = False  # they go on until all is silent
        self._crowd = False  # they never pause
        self._broadcast = Broadcast()
        self._callers: deque[tuple[int, float]] = deque(maxlen=TOLD)  # when, and dB of the loud windows of, a stretch
        self._all: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)  # dB and probability
        self._others: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._utterance: deque[float] = deque(maxlen=300)  # dB of the caller's windows with speech
        self._near: deque[bool] = deque(maxlen=OF_SOFT)
        self._clear: deque[bool] = deque(maxlen=OF)  # those of them that are clearly the caller's
        self._nears: deque[bool] = deque(maxlen=2 * CROWD)
        self._bound = self._most = self._sure = np.inf  # dB from which a window is the caller's, and clearly so
        self._open = 0  # windows for which a stretch of the caller's speech is still going on
        self._behind = BEHIND  # windows since one ended
        self._since = 0  # windows since one of the caller's
        self._silent = self._alone = self._count = 0

    def window(self, level: float, probability: float, *, replying: bool = False) -> float:
        """The probability that the caller speaks in a window of this `level` (dB) in which somebody does.

        replying: the agent has the floor, or is about to take it.
        """
        self._count += 1
        self.receded = None
        self._all.append((level, probability))
        spoken = probability >= SPOKEN
        self._follow(level, probability, near=spoken and (not self.voices or level >= self._bound))
        self._silent = 0 if spoken else self._silent + 1
        windows = self._broadcast.window(level, probability, replying)
        self.broadcast = windows > 0 and not self._crowd
        if self.broadcast:
            self._assume(windows, lasting=True)
        elif self.voices:
            self._doubt()
        else:
            self._suspect()
        if self.voices and self._count % EVERY == 0:
            self._learn()
        if not self.voices or (self._open and self._since < HELD):
            return probability
        return min(probability, FAINT)

    def echoed(self) -> None:
        """The last window held the agent's own voice: it tells nothing of anybody else."""
        for told in (self._all, self._others):
            if told:
                told[-1] = told[-1][0], 0.0
        self._broadcast.echoed()
        self._open = 0
        self._utterance.clear()
        self._near.clear()
        self._clear.clear()

    @property
    def speaking(self) -> bool:
        """Whether a stretch of the caller's speech is going on."""
        return self._open > 0

    @property
    def lead(self) -> float:
        """Seconds since the first of the windows that told of the caller, and a softer beginning."""
        first = self._near.index(True) if True in self._near else len(self._near)
        return (len(self._near) - first + OF) * STEP

    def _follow(self, level: float, probability: float, *, near: bool) -> None:
        """Keep up with what the caller says, and with what is left of others."""
        self._near.append(near)
        self._clear.append(near and level >= self._sure)
        self._nears.append(near)
        self._since = 0 if near else self._since + 1
        clear = sum(self._clear) >= NEAR
        begun = clear or (not self._crowd and sum(self._near) >= SOFT)
        if not self.voices:
            begun = len(self._near) > 1 and all(list(self._near)[-2:])
        if near and (begun or self._open):
            if not self._open:
                self._utterance.clear()
                for _ in range(min(OF if clear else OF_SOFT, len(self._others))):  # the beginning was the caller's, too
                    self._others.pop()
            self._open = OVER
        elif self._open:
            self._open -= 1
            if not self._open and self.voices and len(self._utterance) >= NEAR:
                self._said(quantile(self._utterance, LOUD))
        self._behind = 0 if self._open else self._behind + 1
        if near and self._open:
            self._utterance.append(level)
        elif self._behind > BEHIND:
            self._others.append((level, probability))

    def _said(self, loud: float) -> None:
        """A stretch of the caller's with loud windows of so many dB is over."""
        self._most = max(self._most, loud - BELOW)  # others may be louder than was thought
        if len(self._utterance) >= USUALLY:
            self._callers.append((self._count, loud))

    def _suspect(self) -> None:
        """Whether others are to be heard. Asked of every window of a call: what is dear comes behind what is not."""
        if self._open and len(self._utterance) >= NEAR * EVERY:
            loudest = max(level for level, _ in self._last(DROPPED))
            if loudest <= max(self._utterance) - DROP and self._full():
                loud = quantile(self._utterance, LOUD)
                if loudest <= loud - DROP:
                    self._assume(DROPPED, most=loud - BELOW)
                    self._callers.append((self._count, loud))
                    return
        if self._count % EVERY:
            return
        early = self._count <= FIRST and self._spoken(EARLY) >= UNBROKEN
        windows = EARLY if early else CROWD
        if len(self._all) >= windows and self._crowded(windows):
            self._assume(windows, lasting=True)
            self._crowd = True

    def _full(self) -> bool:
        """Whether the last windows are full of speech."""
        return self._spoken(DROPPED) >= FULL

    def _spoken(self, windows: int) -> float:
        """Share of the last so many windows that hold speech."""
        return sum(probability >= SPOKEN for _, probability in self._last(windows)) / windows

    def _last(self, windows: int) -> list[tuple[float, float]]:
        """dB and probability of the last so many windows."""
        return list(islice(reversed(self._all), windows))

    def _crowded(self, windows: int) -> bool:
        """Whether the last so many windows hold voices that never pause."""
        last = self._last(windows)
        levels = [level for level, _ in last]
        quietest, loudest = quantile(levels, 1 - LOUD), quantile(levels, LOUD)
        if not SPANS[0] <= loudest - quietest <= SPANS[1]:
            return False
        quiet = quietest - BAND, quietest + SLACK
        return (
            _share_spoken([window for window in last if window[0] <= quiet[1]]) >= VOICED
            and _share_spoken([window for window in self._all if quiet[0] <= window[0] <= quiet[1]]) >= USUAL
        )

    def _assume(self, windows: int, *, most: float = np.inf, lasting: bool = False) -> None:
        """Others' voices are those of the last so many windows.

        most: dB that none of them surpasses. lasting: they go on until all is silent.
        """
        self.voices, self.receded, self._most, self.lasting = True, windows, most, lasting
        self._crowd = False
        self._callers.clear()
        self._others.clear()
        self._others.extend(list(self._all)[-windows:])
        self._near.clear()
        self._clear.clear()
        self._nears.clear()
        self._open = self._alone = 0
        self._learn()

    def _learn(self) -> None:
        levels = [level for level, probability in self._others if probability >= SPOKEN]
        if len(levels) < NEAR:
            return
        others, above = quantile(levels, LOUD), ABOVE
        usual = [loud for at, loud in self._callers if self._count - at < KNOWN]
        if usual and not self._crowd:
            above = min(max(quantile(usual, 0.5) - UNDER - others, ABOVE), CLEARLY)
        self._bound, self._sure = min(others + ABOVE, self._most), min(others + above, self._most)

    def _doubt(self) -> None:
        """Whether the others have gone, or are louder than they were."""
        self._alone = 0 if self._since >= DROPPED and self._full() else self._alone + 1
        louder = sum(self._nears) >= MOSTLY * 2 * CROWD
        if louder or self._silent >= SILENT or (not self.lasting and self._alone >= ALONE):
            self.voices = False
            self._others.clear()


def _share_spoken(windows: Sequence[tuple[float, float]]) -> float:
    """Share of windows (dB and probability) that hold speech; none of none."""
    return sum(probability >= SPOKEN for _, probability in windows) / max(1, len(windows))

"""How loud a caller is beside their own speech.

A voice activity detector is sure of silence one or two windows late: of 56 recordings it still hears speech in the
window behind the last sound of 49. The level falls at once, so it tells the moment at which a draft may be begun.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE

STEP = 160  # samples, 10 ms
DROP = 35.0  # dB under the loudest of the speech: fricatives and closures of stops are mostly louder
ABOVE = 20.0  # dB over the quietest of the room
LEAST = 12.0  # dB over one unit of 16 bits: under it nothing is heard, digital silence has no level at all
DRIFT = 0.02  # dB in a step: so the loudest and the quietest are forgotten
KEPT = 8  # steps that a window of the detector, told of late, may lie behind


class EnergyTracker:
    """Levels of int16 sound at 16 kHz in steps of 10 ms, and since when they have been as low as in a pause.

    What the loudest of the speech is, only the detector can tell (`spoke`): a slammed door is louder, and no speech.
    """

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)
        self._recent: deque[float] = deque(maxlen=KEPT)
        self._loudest: float | None = None
        self._quietest = 96.0
        self._position = 0
        self.quiet_from: int | None = None  # position since which all was quiet
        self._loud_from = 0  # position since which nothing was
        self._calm_from = 0  # like quiet_from, but also before anybody spoke

    def hear(self, samples: NDArray[np.int16]) -> None:
        """int16 [samples] came in."""
        sound = np.concatenate([self._left, samples])
        whole = len(sound) // STEP
        steps, self._left = sound[: whole * STEP].reshape(whole, STEP), sound[whole * STEP :]
        powers = np.square(steps, dtype=np.float32).mean(axis=1)
        for level in 10 * np.log10(powers + 1.0):
            self._take(float(level))

    def _take(self, level: float) -> None:
        self._position += STEP
        self._recent.append(level)
        self._quietest = min(max(level, LEAST), self._quietest + DRIFT)
        bound = self._quietest + ABOVE
        if self._loudest is not None:
            self._loudest -= DRIFT
            bound = min(bound, self._loudest - DROP)
        if level > bound:
            self.quiet_from, self._calm_from = None, self._position
            return
        self._loud_from = self._position
        if self.quiet_from is None and self._loudest is not None:
            self.quiet_from = self._position - STEP

    def spoke(self) -> None:
        """The detector heard speech just now."""
        if self._recent:
            self._loudest = max(self._recent) if self._loudest is None else max(*self._recent, self._loudest)

    def began(self) -> None:
        """Somebody begins to speak: whoever spoke before may have been louder."""
        self._loudest, self.quiet_from = None, None
        self.spoke()

    def quiet(self) -> float:
        """Seconds for which all has been quiet until now."""
        return 0.0 if self.quiet_from is None else (self._position - self.quiet_from) / SPEECH_RATE

    def calm(self) -> float:
        """Seconds for which all has been quiet until now, also where nobody has spoken yet: as quiet as the room."""
        return (self._position - self._calm_from) / SPEECH_RATE

    def loud(self) -> float:
        """Seconds for which nothing has been quiet until now."""
        return (self._position - self._loud_from) / SPEECH_RATE

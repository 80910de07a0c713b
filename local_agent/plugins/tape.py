"""The audio of one caller, kept only as long as it may still be needed."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Tape:
    """Samples with absolute positions: int16 in, float32 out. Forgetting the past is the caller's decision."""

    def __init__(self) -> None:
        self._blocks: deque[NDArray[np.int16]] = deque()
        self._first = 0  # position of the first sample still kept
        self.end = 0  # position after the last sample

    def append(self, samples: NDArray[np.int16]) -> None:
        self._blocks.append(samples)
        self.end += len(samples)

    def forget(self, before: int) -> None:
        """Drop whole blocks that end at or before the position `before`."""
        while self._blocks and self._first + len(self._blocks[0]) <= before:
            self._first += len(self._blocks.popleft())

    def cut(self, start: int, end: int) -> NDArray[np.float32]:
        """float32 [samples], -1..1, from position `start` up to `end`, as far as they are still kept."""
        start, end = max(start, self._first), min(end, self.end)
        if end <= start:
            return np.zeros(0, np.float32)
        samples = np.concatenate(self._blocks)[start - self._first : end - self._first]
        return samples.astype(np.float32) / 32768.0

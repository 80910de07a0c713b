"""The audio of one caller, kept only as long as it may still be needed."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE

LONGEST = 60 * SPEECH_RATE  # samples that are kept at most, 1.9 MB: nothing that is transcribed is longer


class AudioBuffer:
    """Samples with absolute positions: int16 in, float32 out.

    Forgetting the past is the caller's decision, but of more than `longest` samples the oldest go.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._blocks: deque[NDArray[np.int16]] = deque()
        self._first = 0  # position of the first sample still kept
        self.end = 0  # position after the last sample

    def append(self, samples: NDArray[np.int16]) -> None:
        self._blocks.append(samples)
        self.end += len(samples)
        self.forget(self.end - self._longest)

    def forget(self, before: int) -> None:
        """Drop whole blocks that end at or before the position `before`."""
        while self._blocks and self._first + len(self._blocks[0]) <= before:
            self._first += len(self._blocks.popleft())

    def cut(self, start: int, end: int) -> NDArray[np.float32]:
        """float32 [samples], -1..1, from position `start` up to `end`, as far as they are still kept."""
        start, end = max(start, self._first), min(end, self.end)
        if end <= start:
            return np.zeros(0, np.float32)
        wanted: list[NDArray[np.int16]] = []
        last = self.end
        for block in reversed(self._blocks):  # only what is asked for is copied, and that is mostly near the end
            first = last - len(block)
            if first < end:
                wanted.append(block[max(0, start - first) : end - first])
            if first <= start:
                break
            last = first
        return np.concatenate(wanted[::-1]).astype(np.float32) / 32768.0

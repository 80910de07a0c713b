"""Loudness of recordings, frame by frame."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

FRAME = 320  # samples at 16 kHz: 20 ms, shorter than a stop consonant


def levels(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of each 20 ms of `audio` (float32 [samples]); the last frame may be shorter."""
    whole = len(audio) // FRAME * FRAME
    rms = np.sqrt(np.mean(np.square(audio[:whole]).reshape(-1, FRAME), axis=1))
    if whole < len(audio):
        rms = np.append(rms, np.sqrt(np.mean(np.square(audio[whole:]))))
    return np.asarray(rms, np.float32)


def quantile(values: Collection[float], share: float) -> float:
    """The value that `share` (0..1) of `values` (at least one) do not surpass, as numpy's default has it.

    Of a few hundred numbers in Python: numpy takes several times as long, and 40 ms the first time.
    """
    ordered = sorted(values)
    at = (len(ordered) - 1) * share
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)

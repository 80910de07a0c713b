"""A listener's hum, made from the harmonics of a voice: Piper reads "mm-hmm" with vowels, as no listener says it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Resonances of a nasal with closed lips: Hz, Hz of width, share. What is above the first is 20 dB and more weaker.
RESONANCES = ((260.0, 110.0, 1.0), (1050.0, 220.0, 0.06), (2150.0, 300.0, 0.03), (3000.0, 500.0, 0.01))
HIGHEST = 3600.0  # Hz of the highest harmonic
RISE, FALL = 0.03, 0.05  # s at either end of a murmur
BREATH = 0.06  # s between two murmurs: the "h"
LOUDEST = 0.3


def hum(murmurs: Sequence[tuple[float, float, float]], rate: int) -> NDArray[np.int16]:
    """int16 [samples]. murmurs: seconds, Hz at the beginning, Hz at the end of each; a soft breath lies between two."""
    dice = np.random.default_rng(0)
    pieces: list[NDArray[np.float64]] = []
    for number, murmur in enumerate(murmurs):
        if number:
            pieces.append(dice.standard_normal(int(BREATH * rate)) * np.hanning(int(BREATH * rate)) * 0.01)
        pieces.append(_murmur(*murmur, rate))
    sound = np.concatenate(pieces)
    return np.asarray(sound / np.abs(sound).max() * LOUDEST * 32767, np.int16)


def mm_hmm(pitch: float, rate: int) -> NDArray[np.int16]:
    """ "Mm-hmm" in a voice of so many Hz, int16 [samples]."""
    return hum([(0.18, pitch * 1.05, pitch * 0.95), (0.25, pitch * 1.1, pitch * 1.3)], rate)


def _murmur(seconds: float, begin: float, end: float, rate: int) -> NDArray[np.float64]:
    time = np.arange(int(seconds * rate)) / rate
    pitch = begin + (end - begin) * time / seconds
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    sound = np.zeros(len(time))
    for harmonic in range(1, int(HIGHEST / max(begin, end)) + 1):
        sound += _strength(harmonic * pitch) / harmonic**0.7 * np.sin(harmonic * phase + 0.3 * harmonic**2)
    return sound * np.minimum(1.0, np.minimum(time / RISE, (seconds - time) / FALL))


def _strength(pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = [share / np.sqrt(1 + ((pitch - at) / (width / 2)) ** 2) for at, width, share in RESONANCES]
    return np.asarray(sum(shares))

"""A hum is told from words by its sound: with closed lips next to nothing above 700 Hz comes out.

Whisper, which was taught to write words, may find some in a listener's "mm-hmm", and these would interrupt the agent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # Hz
FRAME, HOP = 512, 160  # samples
LOW, SPLIT = (
    80.0,
    700.0,
)  # Hz: under the lowest voice; above the strongest resonance of a nasal, under that of most vowels
DARK = -17.0  # dB: how far what is above SPLIT lies under what is below. 124 recordings of words: -14.6 and more
BRIGHT = 90.0  # percentile of the loud frames: words have one vowel at least that is not dark
FAINT = 12.0  # dB under the loudest frame from which on one says nothing
SHORTEST, LONGEST = 0.12, 1.0  # s of loud sound: a knock is shorter, and who hums longer is humming a tune
UNSURE = 0.6  # Whisper's confidence from which on its words are believed, whatever the sound


def hummed(sound: NDArray[np.float32], confidence: float) -> bool:
    """Whether float32 [samples] at 16 kHz, of which Whisper is so sure, 0..1, hold nothing but a hum."""
    if confidence >= UNSURE or len(sound) < FRAME:
        return False
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * np.hanning(FRAME)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    pitch = np.fft.rfftfreq(FRAME, 1 / RATE)
    below = power[:, (pitch >= LOW) & (pitch <= SPLIT)].sum(axis=1) + 1e-9
    above = power[:, pitch > SPLIT].sum(axis=1) + 1e-9
    total = below + above
    loud = total > total.max() * 10 ** (-FAINT / 10)
    if not SHORTEST * RATE <= loud.sum() * HOP <= LONGEST * RATE:
        return False
    return bool(np.percentile(10 * np.log10(above[loud] / below[loud]), BRIGHT) <= DARK)

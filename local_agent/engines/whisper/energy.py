"""What can be told from loudness alone: where speech lies in a recording, and where a long one may be cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.levels import FRAME, levels
from local_agent.audio.samples import SPEECH_RATE

SILENCE_RMS = 2e-4  # -74 dBFS, under the noise floor of a muted 16-bit microphone with its preamplifier on
LOUD = 0.1  # of the loudest frame: vowels, not pauses between words
BELOW_PEAK = 0.03  # 30 dB under the loudest frame: weak fricatives stay in, room noise stays out


@dataclass(frozen=True)
class Span:
    """A stretch of audio, in samples: first inside, first outside."""

    start: int
    end: int


def sound(audio: NDArray[np.float32]) -> Span | None:
    """From the first to the last frame that is not silent; None where nothing is."""
    rms = levels(audio)
    peak = float(rms.max(initial=0.0))
    if peak < SILENCE_RMS:
        return None
    loud = np.flatnonzero(rms >= max(SILENCE_RMS, peak * BELOW_PEAK))
    return Span(int(loud[0]) * FRAME, min(len(audio), (int(loud[-1]) + 1) * FRAME))


def loud_seconds(audio: NDArray[np.float32]) -> float:
    """How many seconds of `audio` are within 20 dB of its loudest frame."""
    rms = levels(audio)
    return int((rms >= LOUD * rms.max(initial=0.0)).sum()) * FRAME / SPEECH_RATE


def split(audio: NDArray[np.float32], longest: float = 28.0, look: float = 10.0) -> list[Span]:
    """Pieces of at most `longest` seconds that together are all of `audio`, cut at quiet places.

    Each cut is in the middle of the quietest 0.3 s within the last `look` seconds that are allowed, half of the piece
    at most, so that a word is rarely cut in two. `longest` stays below Whisper's window of 30 s.
    """
    spans: list[Span] = []
    look = min(look, longest / 2)
    start, reach, width = 0, int(longest * SPEECH_RATE), 15
    rms = levels(audio)
    while len(audio) - start > reach:
        first, last = (start + reach - int(look * SPEECH_RATE)) // FRAME, (start + reach) // FRAME
        smooth = np.convolve(rms[first:last], np.full(width, 1 / width), mode="valid")
        cut = (first + int(smooth.argmin()) + width // 2) * FRAME
        spans.append(Span(start, cut))
        start = cut
    return [*spans, Span(start, len(audio))]

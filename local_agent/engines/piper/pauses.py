"""Silence around a clause of speech: what the model left is cut off, what the punctuation deserves is put back.

Audio is float32 [samples], -1..1, at the voice's rate. Levels are in dBFS (0 = full scale).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

# A voice is brought to this level while it speaks; Piper's own way, every utterance to a peak of 1.0, makes a short
# clause up to 8 dB louder than a long one.
SPEECH_LEVEL = -20.0
# Below this is silence. Voices rest near -97 dBFS and the softest onsets ("h", "f") rise above -60 within 10 ms.
FLOOR = -60.0
FRAME = 0.005  # seconds, the grain of the search for silence
LEAD, TAIL = 0.005, 0.02  # seconds kept before the first and after the last frame above the floor
FADE_IN, FADE_OUT = 0.002, 0.008  # seconds; long enough that no step is heard, short enough to keep a "t" at the start
KNEE = 0.8  # peaks above this are bent, so that none is cut off flat

# Seconds of pause after a clause, by the mark it ends with. A clause without a mark was cut inside a phrase. The
# softest ends and beginnings of words, about 0.07 s together, sound like a part of it: none shall be heard as more than
# 0.3 s.
PAUSES = {",": 0.12, ";": 0.16, ":": 0.16, ".": 0.18, "!": 0.18, "?": 0.2}
PHRASE_PAUSE = 0.03
PARAGRAPH_PAUSE = 0.22
# Peak under which little is heard beside speech at SPEECH_LEVEL, and nothing on a line that keeps 8 kHz and half of the
# highs. Half of all clauses sound on below it for SOFT_END seconds, those that end with "ct", "ft", "mp" or "st" for up
# to 0.35 ("gift"): that is a part of their pause, and more than LONGEST_FAINT of it is too much. Inside a clause, where
# the model pauses by itself at a comma for up to 0.4 s ("your gift, that one"), LONGEST is as much as behind a clause.
FAINT = 0.04
SOFT_END, LEAST_PAUSE, LONGEST_FAINT, LONGEST = 0.05, 0.06, 0.15, 0.24
CLOSED = 0.005  # peak over which nothing is left out: -46 dBFS, which nobody hears beside speech at SPEECH_LEVEL


def pause_after(text: str) -> float:
    """Seconds of silence that should follow `text`: by its last mark, longer when a paragraph ends."""
    body = text.rstrip()
    if "\n\n" in text[len(body) :]:
        return PARAGRAPH_PAUSE
    return PAUSES.get(body[-1:], PHRASE_PAUSE)


def shortened(pause: float, faint: float) -> float:
    """Seconds of silence behind an end that was faint for `faint` seconds: together they are heard as `pause`."""
    return min(pause, max(LEAST_PAUSE, pause - max(0.0, faint - SOFT_END)))


def tighten(audio: Audio, rate: int, before: float = 0.0, *, end: bool = False) -> tuple[Audio, float]:
    """`audio` with no faint stretch of more than LONGEST in it, and the seconds for which it is faint at its end.

    The quietest is left out: the pause, and where the tongue closes before a "t", while the "t" stays. before: seconds
    for which the piece that it follows was faint at its end. end: nothing follows in this clause, so that LONGEST_FAINT
    is the most there.
    """
    peaks = _frame_peaks(audio, rate)
    kept = np.ones(len(peaks), bool)
    for first, last in _stretches(peaks <= FAINT):
        most = LONGEST_FAINT if end and last == len(peaks) else LONGEST
        quietest = first + np.argsort(peaks[first:last], kind="stable")
        surplus = max(0, round(((0.0 if first else before) - most) / FRAME) + last - first)
        kept[[at for at in quietest[:surplus] if peaks[at] <= CLOSED]] = False
    loud = np.flatnonzero(peaks > FAINT)
    faint = np.count_nonzero(kept[loud[-1] + 1 if len(loud) else 0 :]) * FRAME
    return _only(audio, rate, kept), float(faint if len(loud) else before + faint)


def silence(seconds: float, rate: int) -> Audio:
    """Zeros: float32 [seconds * rate]."""
    return np.zeros(round(seconds * rate), dtype=np.float32)


def level(audio: Audio, rate: int) -> float:
    """Loudness in dBFS: root mean square of the frames within 40 dB of the loudest one; -120 for silence."""
    frames = _frame_levels(audio, rate)
    if not len(frames) or frames.max() <= -120:
        return -120.0
    loud = frames[frames > frames.max() - 40]
    return float(10 * np.log10(np.mean(10 ** (loud / 10))))


def trim(audio: Audio, rate: int, *, start: bool = True, end: bool = True) -> Audio:
    """`audio` without the silence at its ends, softly faded there; empty when all of it is silence.

    start, end: which ends to trim; the other one goes on in another piece.
    """
    audible = np.flatnonzero(_frame_levels(audio, rate) > FLOOR)
    if not len(audible):
        return audio[:0] if start or end else audio
    frame = _frame(rate)
    first = max(0, audible[0] * frame - round(LEAD * rate)) if start else 0
    last = min(len(audio), (audible[-1] + 1) * frame + round(TAIL * rate)) if end else len(audio)
    return _fade(audio[first:last].copy(), rate, start, end)


def soften(audio: Audio) -> Audio:
    """Bend peaks above KNEE so that none exceeds 1: nothing is clipped flat, everything below is untouched."""
    size = np.abs(audio)
    if not len(audio) or size.max() <= KNEE:
        return audio
    bent = KNEE + (1 - KNEE) * np.tanh((size - KNEE) / (1 - KNEE))
    return np.where(size > KNEE, np.copysign(bent, audio), audio).astype(np.float32)


def pcm(audio: Audio) -> bytes:
    """int16 mono little-endian, what LiveKit's frames hold."""
    return (np.clip(audio, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def _frame(rate: int) -> int:
    """Samples of the grain of the search."""
    return max(1, round(FRAME * rate))


def _frames(audio: Audio, rate: int) -> Audio:
    """float32 [frames, samples], the last one filled up with zeros."""
    frame = _frame(rate)
    return np.pad(audio, (0, -len(audio) % frame)).reshape(-1, frame)


def _only(audio: Audio, rate: int, kept: NDArray[np.bool_]) -> Audio:
    """Those frames of `audio` that are `kept`: bool [frames]."""
    left: Audio = audio[np.repeat(kept, _frame(rate))[: len(audio)]]
    return left


def _stretches(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where each run of `marked` frames begins, and the frame behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _frame_peaks(audio: Audio, rate: int) -> NDArray[np.float32]:
    peaks: NDArray[np.float32] = np.abs(_frames(audio, rate)).max(axis=1)
    return peaks


def _frame_levels(audio: Audio, rate: int) -> NDArray[np.float32]:
    padded = _frames(audio, rate)
    power = np.mean(padded * padded, axis=1, dtype=np.float32)
    levels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(1e-12)))
    return levels


def _fade(audio: Audio, rate: int, start: bool, end: bool) -> Audio:
    rise = min(round(FADE_IN * rate), len(audio) // 2) if start else 0
    fall = min(round(FADE_OUT * rate), len(audio) // 2) if end else 0
    audio[:rise] *= np.linspace(0, 1, rise, endpoint=False, dtype=np.float32)
    audio[len(audio) - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return audio

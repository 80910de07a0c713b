"""One answer of the agent on its way to be heard, at the rate of rooms and sound cards, and its sound while ducked."""

from __future__ import annotations

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

RATE = 48_000  # Hz, that of WebRTC and of every sound card: nothing is resampled after us
STEP = RATE // 100  # samples; 10 ms
DIP = 0.25  # s that a ducked voice stays soft: a detector knows speech by then, and has the voice paused
DUCKED = 0.25  # of the amplitude, 12 dB less: clearly softer, and not a word lost
FALL, RISE = 0.01, 0.08  # s to become soft, without a click, and to come back
BACK = 0.3  # s before a pause in which the quietest moment is looked for, to go on from: half a word is no word


class SpokenReply:
    """Holds what came of it so far. sent: samples on their way to be heard, or heard."""

    def __init__(self) -> None:
        self._samples = bytearray()
        self.sent = 0
        self.whole = False  # flushed: nothing more comes
        self.started = False

    def __len__(self) -> int:
        return len(self._samples) // 2

    @property
    def left(self) -> float:
        """Seconds that are still to be sent; infinite while more is being made."""
        return (len(self) - self.sent) / RATE if self.whole else float("inf")

    def add(self, frame: rtc.AudioFrame) -> None:
        self._samples += bytes(frame.data)  # a copy: the memory is its sender's, who may use it again

    def take(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples, or as many as there are."""
        piece = self.between(self.sent, self.sent + count)
        self.sent += len(piece)
        return piece

    def between(self, start: int, end: int) -> NDArray[np.int16]:
        return np.frombuffer(bytes(self._samples[2 * start : 2 * end]), np.int16)

    def rewind(self) -> None:
        """Back to the quietest moment of the last BACK seconds, which is most often one between two words."""
        start = max(0, self.sent - int(BACK * RATE))
        recent = self.between(start, self.sent)
        count = len(recent) // STEP
        if count < 2:
            return
        loudness = np.abs(recent[: count * STEP].reshape(count, STEP).astype(np.int32)).sum(axis=1)
        self.sent = start + int(count - 1 - loudness[::-1].argmin()) * STEP


def softened(piece: NDArray[np.int16], since: float) -> NDArray[np.int16]:
    """int16 [samples] at RATE as they are to be heard; the first of them `since` seconds after the voice was ducked."""
    if not 0 <= since < DIP + RISE:
        return piece
    times = since + np.arange(len(piece)) / RATE
    return (piece * np.interp(times, (0.0, FALL, DIP, DIP + RISE), (1.0, DUCKED, DUCKED, 1.0))).astype(np.int16)

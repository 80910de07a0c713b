"""What every engine that hears demands of the audio it is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_agent.errors import BadInput

SPEECH_RATE = 16_000  # Hz: what Whisper, Silero and Smart Turn hear, and so what a room gives the session


def check(audio: NDArray[np.float32]) -> None:
    """Raise BadInput unless `audio` is float32 [samples], not empty, finite."""
    if not isinstance(audio, np.ndarray) or audio.dtype != np.float32 or audio.ndim != 1:
        shape = f"{audio.dtype} {audio.shape}" if isinstance(audio, np.ndarray) else type(audio).__name__
        raise BadInput(f"audio is {shape}", expected="float32 [samples] at 16 kHz, one channel")
    if not audio.size:
        raise BadInput("audio has no samples", expected="float32 [samples] at 16 kHz")
    if not np.isfinite(audio).all():
        raise BadInput("audio has values that are not finite", expected="samples of -1..1")

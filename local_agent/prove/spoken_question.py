"""What is asked in a proof, in our own voice, as sound and as a file.

python -m local_agent.prove.spoken_question VOICE FILE writes it as WAV, for `talk`.
"""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local_agent.config import sources

SENTENCE = "What is the capital of France?"
RATE = 48_000  # Hz


def speech(voice: Path) -> NDArray[np.int16]:
    """SENTENCE in a Piper voice: int16 [samples] at RATE, with a little silence at both ends."""
    from local_agent.audio.local_io import resampled
    from local_agent.engines.piper.engine import Piper

    engine, pieces = Piper(voice, threads=1), list[bytes]()
    try:
        engine.synthesize(SENTENCE, on_audio=pieces.append).result(60)
    finally:
        engine.close()
    spoken = resampled(np.frombuffer(b"".join(pieces), np.int16), engine.sample_rate, RATE)
    silence = np.zeros(RATE // 5, np.int16)
    return np.concatenate([silence, spoken, silence])


def main() -> int:
    sources.prepare_process(1)
    with wave.open(sys.argv[2], "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(speech(Path(sys.argv[1])).tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())

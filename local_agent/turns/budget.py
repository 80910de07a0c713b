"""How much of one caller's audio may be transcribed: the engine is everybody's."""

from __future__ import annotations

BURST = 36.0  # s of audio: all drafts and partial transcripts of an ordinary utterance
SPEAKING = 0.7  # s of audio for each second of an utterance: with the last piece 1.2 times its length in two minutes
SILENT = 3.0  # s of audio for each second in between
RESERVE = 20.0  # s that partial transcripts leave to what somebody waits for


class Budget:
    """Seconds of audio. Refilled with time, spent with each transcript."""

    def __init__(self) -> None:
        self._left = BURST

    def passed(self, seconds: float, *, speaking: bool) -> None:
        """So much time has gone by. speaking: in an utterance."""
        self._left = min(BURST, self._left + seconds * (SPEAKING if speaking else SILENT))

    def spend(self, seconds: float) -> None:
        self._left -= seconds

    def affords(self, seconds: float) -> bool:
        """Whether so much may be transcribed."""
        return self._left >= seconds

    def affords_partial(self, seconds: float) -> bool:
        """Whether so much may be transcribed that nobody waits for."""
        return self._left - RESERVE >= seconds

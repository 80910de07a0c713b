"""Which language a call is in, from what one utterance after the other sounds like."""

from __future__ import annotations

from dataclasses import dataclass

SURE = 0.8  # Whisper's own probability; it gives a "Ja." or "Okay." to any language, with less
ENOUGH = 2.0  # seconds of sound: below it, detection by the small models goes astray most often


@dataclass(frozen=True)
class Spoken:
    """A language, ISO 639-1, as heard in so many seconds of sound. probability: Whisper's, 0..1."""

    language: str
    probability: float
    seconds: float

    @property
    def sure(self) -> bool:
        """Whether it would change the language of a call."""
        return self.probability > SURE and self.seconds >= ENOUGH


def settled(heard: Spoken, before: Spoken | None) -> Spoken:
    """What the call is in after this utterance: as before, unless another language is sure.

    As long as nothing was sure, the likeliest of all guesses counts.
    """
    if before is None or heard.sure:
        return heard
    if before.sure or heard.probability <= before.probability:
        return before
    return heard

"""Barge-in: what a sound over the agent's voice means for that voice. Decisions only, no thread and no clock.

The voice is held at the first hint of speech, which loses nothing: it goes on from where it was. It is given up only
for words, so that a cough, a door or an "mhm" costs a short pause and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from local_agent.turns.backchannel import backchannel, worded

STEP = 0.032  # s, a Silero window at 16 kHz


class Action(Enum):
    """What becomes of the agent's voice."""

    DUCK = auto()  # softer, until it is known what is to be heard
    HOLD = auto()
    RESUME = auto()
    INTERRUPT = auto()


@dataclass(frozen=True)
class Patience:
    """Probabilities and seconds of voice activity.

    hint: one window as probable holds the voice. 436 onsets of recorded speech need 31 ms (median) and 52 ms (three of
    four) for it, counted from their first loud 10 ms, instead of 58 and 89 ms with .7 or two windows of .35; recorded
    noise does it 17 instead of 15 times a minute (mostly a crowd's voices; 3 instead of 1 without it). likely: voiced.
    brief: voiced less than this, silence lets the voice go on at once, without a transcript. gap: silence that ends a
    sound. words: silence after which no transcript is waited for any longer. endless: voiced longer than this without
    any transcript is an interruption. deaf: this many transcripts without a word are noise.
    """

    hint: float = 0.15
    likely: float = 0.5
    brief: float = 0.2
    gap: float = 0.13
    words: float = 0.8
    endless: float = 3.0
    deaf: int = 2


class BargeIn:
    """State of one caller's sounds over the agent's voice."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self.holding = False
        self._voiced = self._quiet = 0.0  # s: of this sound, and since it began or was last voiced
        self._row = 0  # voiced windows in a row
        self._deaf = 0  # transcripts of this sound without a word
        self._dismissed = False  # this sound is noise, however long it lasts

    @property
    def voiced(self) -> float:
        """Seconds of voice in the sound that is going on, or has just ended."""
        return self._voiced

    def window(self, probability: float, *, talking: bool, length: float = STEP) -> Action | None:
        """One window of the caller's sound. talking: the agent has the floor, held or not, or is about to take it."""
        patience = self._patience
        if probability >= patience.likely:
            self._voiced, self._quiet, self._row = self._voiced + length, 0.0, self._row + 1
        else:
            self._quiet, self._row = self._quiet + length, 0
        if self._quiet > patience.words:
            self._forget()
        if not talking:
            return self._over()
        if self.holding:
            return self._held()
        if not self._dismissed and probability >= patience.hint:
            self.holding, self._quiet = True, 0.0
            return Action.HOLD
        return None

    def _over(self) -> Action | None:
        """The agent has nothing more to say; a voice that was held then must not stay so."""
        held, self.holding = self.holding, False
        self._forget()
        return Action.RESUME if held else None

    def _held(self) -> Action | None:
        patience = self._patience
        if self._quiet > patience.gap and self._voiced < patience.brief:
            return self._resume()
        if self._voiced >= patience.endless and not self._deaf:
            return self.give_up()
        return None

    def words(self, text: str, *, talking: bool, language: str = "en") -> Action | None:
        """A transcript of the sound so far."""
        if not talking:
            return None
        if not worded(text):
            self._deaf += 1
            self._dismissed = self._deaf >= self._patience.deaf
            return self._resume() if self.holding and (self._dismissed or self._row == 0) else None
        if backchannel(text, language):
            return self._resume() if self.holding and self._row == 0 else None
        return self.give_up()

    def _resume(self) -> Action:
        self.holding = False
        return Action.RESUME

    def give_up(self) -> Action:
        """The agent's voice ends here."""
        self._forget()
        self.holding = False
        return Action.INTERRUPT

    def _forget(self) -> None:
        self._voiced, self._deaf, self._dismissed = 0.0, 0, False

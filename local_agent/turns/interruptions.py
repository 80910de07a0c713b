"""Who has the floor: the caller's sounds, judged over the agent's voice. Events in, actions out; no clock, no LiveKit.

What becomes of the voice is `turns.barge_in`'s decision, what is the agent's own voice that of `turns.echo` and
`turns.own_words`, and what is no more than a listener's "mhm" that of `turns.backchannel`. Times are seconds of one
clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.backchannel import Murmurs, backchannel, hummed
from local_agent.turns.barge_in import Action, BargeIn, Patience
from local_agent.turns.echo import Echo
from local_agent.turns.own_words import OwnWords
from local_agent.turns.speech import RESUMED

ANSWERED = 1.0  # s: an "okay" while no more than this of the agent's speech is left answers it
# Share of the last 0.8 s that the echo explains, from which a transcript of it is the agent's own words: whatever they
# are, and if they are nearly what the agent says. A caller who is louder than their loudspeaker leaves less of it.
ECHOED, PARTLY_ECHOED = 0.35, 0.1
SURE = 3  # windows in a row that stick out of a known echo before they are taken for the caller
HARDLY = 0.1  # probability of speech that holds nothing and keeps nobody speaking
HUM = "Mm-hmm."  # how a hum is spelled, whatever words Whisper found in it
VAIN = 3  # times in a row that the voice is ducked for sounds that then were nothing
LATE = 0.06  # s by which a clock of samples may be off before it is set again: frames come in bunches

Sound = Callable[[], NDArray[np.float32]]
"""Makes float32 [samples] at 16 kHz."""


@dataclass(frozen=True)
class Agent:
    """What the agent does that a caller may talk over. talking: it has the floor, its voice held or not. thinking: a
    reply to a turn that was committed is in the making, and nothing of it was heard yet.
    """

    talking: bool = False
    thinking: bool = False

    @property
    def busy(self) -> bool:
        """Whether it has the floor, or is about to take it."""
        return self.talking or self.thinking


class Interruptions:
    """State of one call. Each event returns what becomes of the agent's voice, None where nothing changes."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._bargein, self.echo, self.own, self.murmurs = BargeIn(patience), Echo(), OwnWords(), Murmurs()
        self._heard_at, self._played_at = _Clock(), _Clock()
        self._ducked = 0  # times since a sound was anything, or since the voice began
        self._unexplained = 0  # windows in a row that no echo explains
        self._heard_to = 0

    def on_played(self, samples: NDArray[np.int16], rate: int, at: float) -> None:
        """int16 [samples] go to the caller at `at` seconds; rate: a multiple of 16 kHz."""
        step = rate // SPEECH_RATE
        whole = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1, dtype=np.float32) / 32768.0
        self.murmurs.played(at, len(samples) / rate)
        self.echo.play(self._played_at.position(at, len(whole)), whole)

    def on_cut(self, at: float) -> None:
        """What was to be heard from then on will not be."""
        self.murmurs.cut(at)
        self.echo.cut(int(at * SPEECH_RATE))
        self._played_at.reset()

    def on_window(
        self, samples: NDArray[np.float32], probability: float, agent: Agent, at: float
    ) -> tuple[float, Action | None]:
        """The probability that somebody other than the agent speaks in float32 [512] at 16 kHz, which came in by `at`,
        and what follows from it.
        """
        end = self._heard_at.position(at - len(samples) / SPEECH_RATE, len(samples)) + len(samples)
        self._heard_to = end
        known = self.echo.lag is not None
        mine = self.echo.hear(end, samples)
        self._unexplained = 0 if mine else self._unexplained + 1
        if mine or (known and self._unexplained < SURE):
            probability = 0.0 if mine else min(probability, HARDLY)
        self._ducked = self._ducked if agent.busy else 0
        return probability, self._told(self._bargein.window(self._hint(probability, agent), talking=agent.busy))

    def _hint(self, probability: float, agent: Agent) -> float:
        """The probability that the caller wants the floor. Who goes on speaking after a pause in which their turn was
        committed shall not hear the reply begin; but right behind speech the detector is often in doubt (of 73 ends it
        gives .15 and more for 13 between .2 and .3 s later, .5 for one after that).
        """
        if agent.talking:
            return probability if self.echo.settled else 0.0
        return probability if probability >= RESUMED else 0.0

    def on_silence(self, seconds: float, agent: Agent) -> Action | None:
        """No audio came in for so long: a muted microphone sends none."""
        self._heard_at.reset()
        return self._told(self._bargein.window(0.0, talking=agent.busy, length=seconds))

    def on_broadcast(self, agent: Agent) -> Action | None:
        """What the agent says, or is about to, is a reply to nobody."""
        return self._told(self._bargein.give_up()) if agent.busy else None

    def on_stir(self, agent: Agent) -> Action | None:
        """Something is to be heard that may be the caller. Until the detector has heard it, too, a reply of which
        nothing was heard waits, and a voice is softer: a sound that is nothing costs it no pause.
        """
        if agent.thinking:
            return self._told(self._bargein.window(RESUMED, talking=True, length=0.0))
        if not agent.talking or self._bargein.holding or not self.echo.settled or self.echo.lag is not None:
            return None
        self._ducked += 1
        return Action.DUCK if self._ducked <= VAIN else None

    def on_words(
        self,
        text: str,
        confidence: float,
        sound: Sound | None,
        agent: Agent,
        at: float,
        left: float,
        language: str = "en",
    ) -> tuple[str, Action | None]:
        """The transcript to go on with: nothing when it holds the agent's own voice, or no more than an "mhm" to it.

        confidence: Whisper's, 0..1. sound: what it was made from. at: now. left: seconds of the agent's
        speech that are still to be heard. language: of the words.
        """
        text, action = self._heeded(text, confidence, sound, agent, at, left, language)
        if text:
            self.murmurs.withdraw()
        return text, self._told(action)

    def _heeded(
        self, text: str, confidence: float, sound: Sound | None, agent: Agent, at: float, left: float, language: str
    ) -> tuple[str, Action | None]:
        talking = agent.talking or self._bargein.holding
        if agent.talking and text and sound is not None and hummed(sound(), confidence):
            text = HUM
        if talking and text and self._echoed(text):
            text = ""
        if not talking or (agent.talking and not self.echo.settled):
            return text, None
        listens = backchannel(text, language)
        if listens and left <= ANSWERED:
            return text, Action.INTERRUPT
        action = self._bargein.words(text, talking=True, language=language)
        if not listens:
            return text, action
        self.murmurs.add(text, at, language)
        return "", action

    def _echoed(self, text: str) -> bool:
        """Whether it holds the agent's own voice, by its sound or by its words."""
        explained = self.echo.span(self._heard_to)
        likely = explained >= PARTLY_ECHOED or (self.echo.lag is None and not self.echo.absent)
        return explained >= ECHOED or self.own.hold(text, likely=likely)

    def _told(self, action: Action | None) -> Action | None:
        """A sound that changes something was no vain one."""
        if action is not None:
            self._ducked = 0
        return action


class _Clock:
    """Positions at SPEECH_RATE of pieces that arrive or leave one after the other, on the scale of seconds."""

    def __init__(self) -> None:
        self._next: int | None = None

    def position(self, at: float, length: int) -> int:
        """Where a piece of `length` samples begins that begins at about `at` seconds."""
        position = int(at * SPEECH_RATE)
        if self._next is not None and abs(position - self._next) < LATE * SPEECH_RATE:
            position = self._next
        self._next = position + length
        return position

    def reset(self) -> None:
        self._next = None

"""Who has the floor: the caller's sounds, judged over the agent's voice, and what becomes of that voice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import numpy as np
from livekit.agents import AgentSession
from livekit.agents.voice.io import AudioOutput
from numpy.typing import NDArray

from local_agent.audio.agent_voice import AgentVoice
from local_agent.turns.backchannel import Murmurs, backchannel
from local_agent.turns.barge_in import Action, BargeIn, Patience
from local_agent.turns.echo import RATE, Echo
from local_agent.turns.hum import hummed
from local_agent.turns.speech import RESUMED
from local_agent.turns.timeline import Listener, ignore, mark

logger = logging.getLogger("local_agent")

ANSWERED = 1.0  # s: an "okay" while no more than this of the agent's speech is left answers it
ECHOED = 0.35  # share of the last 0.8 s that the echo explains, from which a transcript of it is the agent's own words
SURE = 3  # windows in a row that stick out of a known echo before they are taken for the caller
HARDLY = 0.1  # probability of speech that holds nothing and keeps nobody speaking
HUM = "Mm-hmm."  # how a hum is spelled, whatever words Whisper found in it
VAIN = 3  # times in a row that the voice is ducked for sounds that then were nothing
LATE = 0.06  # s by which a clock of samples may be off before it is set again: frames come in bunches
Sound = Callable[[], NDArray[np.float32]]

NEVER = 86_400.0  # s; livekit-agents shall not judge by duration of speech what is judged here


class InterruptionHandler:
    """One per session. The stream that hears the caller asks it about each window and each transcript.

    Everything happens on the session's event loop. Until `attach`, and while the agent is silent, it changes nothing.
    """

    def __init__(self, patience: Patience | None = None, *, listener: Listener = ignore) -> None:
        self._bargein, self.echo, self.murmurs = BargeIn(patience), Echo(), Murmurs()
        self._session: AgentSession[None] | None = None
        self._listener = listener
        self._heard_at, self._played_at = _Clock(), _Clock()
        self._ducked = 0  # times since a sound was anything, or since the voice began
        self._unexplained = 0  # windows in a row that no echo explains
        self._heard_to = 0

    def attach(self, session: AgentSession[None]) -> None:
        self._session = session

    def follow(self, voice: AgentVoice) -> None:
        """Learn from an output what the caller hears of the agent. Without one nothing is known to be no echo, and a
        turn's end alone ends the agent's words.
        """
        voice.tell(self.played, self.stopped)

    def played(self, samples: NDArray[np.int16], rate: int, at: float) -> None:
        """int16 [samples] go to the caller at `time.monotonic()` seconds; rate: a multiple of 16 kHz."""
        step = rate // RATE
        whole = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1, dtype=np.float32) / 32768.0
        self.murmurs.played(at, len(samples) / rate)
        self.echo.play(self._played_at.position(at, len(whole)), whole)

    def stopped(self, at: float) -> None:
        """What was to be heard from then on will not be."""
        self.murmurs.cut(at)
        self.echo.cut(int(at * RATE))
        self._played_at.reset()

    @property
    def talking(self) -> bool:
        """Whether the agent has the floor, its voice held or not."""
        return self._replies("speaking")

    @property
    def about_to_talk(self) -> bool:
        """Whether a reply to a turn that was committed is in the making, and nothing of it was heard yet."""
        return self._replies("thinking")

    @property
    def busy(self) -> bool:
        """Whether the agent has the floor, or is about to take it."""
        return self.talking or self.about_to_talk

    def _replies(self, state: str) -> bool:
        session = self._session
        if session is None or session.agent_state != state:
            return False
        speech = session.current_speech
        return speech is not None and speech.allow_interruptions and not speech.interrupted

    def window(self, samples: NDArray[np.float32], probability: float) -> float:
        """The probability that somebody other than the agent speaks in float32 [512] at 16 kHz, which just came in."""
        end = self._heard_at.position(time.monotonic() - len(samples) / RATE, len(samples)) + len(samples)
        self._heard_to = end
        known = self.echo.lag is not None
        mine = self.echo.hear(end, samples)
        self._unexplained = 0 if mine else self._unexplained + 1
        if mine or (known and self._unexplained < SURE):
            probability = 0.0 if mine else min(probability, HARDLY)
        self._ducked = self._ducked if self.busy else 0
        self._act(self._bargein.window(self._hint(probability), talking=self.busy))
        return probability

    def give_up(self) -> None:
        """What the agent says, or is about to, is a reply to nobody."""
        if self.busy:
            self._act(self._bargein.give_up())

    def stirred(self) -> None:
        """Something is to be heard that may be the caller. Until the detector has heard it, too, a reply of which
        nothing was heard waits, and a voice is softer: a sound that is nothing costs it no pause.
        """
        if self.about_to_talk:
            self._act(self._bargein.window(RESUMED, talking=True, length=0.0))
        elif self.talking and not self._bargein.holding and self.echo.settled and self.echo.lag is None:
            self._duck()

    def _duck(self) -> None:
        self._ducked += 1
        if self._ducked > VAIN:
            return
        for output in self._outputs():
            if isinstance(output, AgentVoice):
                mark(self._listener, "duck")
                output.duck()

    def _hint(self, probability: float) -> float:
        """The probability that the caller wants the floor. Who goes on speaking after a pause in which their turn was
        committed shall not hear the reply begin; but right behind speech the detector is often in doubt (of 73 ends it
        gives .15 and more for 13 between .2 and .3 s later, .5 for one after that).
        """
        if self.talking:
            return probability if self.echo.settled else 0.0
        return probability if probability >= RESUMED else 0.0

    def silence(self, seconds: float) -> None:
        """No audio came in for so long: a muted microphone sends none."""
        self._heard_at.reset()
        self._act(self._bargein.window(0.0, talking=self.busy, length=seconds))

    def words(self, text: str, confidence: float = 1.0, sound: Sound | None = None) -> str:
        """The transcript to go on with: nothing when it holds the agent's own voice, or no more than an "mhm" to it.

        confidence: Whisper's, 0..1. sound: makes float32 [samples] at 16 kHz that it was made from.
        """
        text = self._heeded(text, confidence, sound)
        if text:
            self.murmurs.withdraw()
        return text

    def _heeded(self, text: str, confidence: float, sound: Sound | None) -> str:
        talking = self.talking or self._bargein.holding
        if talking and text and sound is not None and hummed(sound(), confidence):
            text = HUM
        if talking and text and self.echo.span(self._heard_to) >= ECHOED:
            text = ""
        if not talking or (self.talking and not self.echo.settled):
            return text
        if backchannel(text) and self._left() <= ANSWERED:
            self._act(Action.INTERRUPT)
            return text
        self._act(self._bargein.words(text, talking=True))
        if not backchannel(text):
            return text
        self.murmurs.add(text, time.monotonic())
        return ""

    def _left(self) -> float:
        return next((output.left() for output in self._outputs() if isinstance(output, AgentVoice)), float("inf"))

    def _outputs(self) -> Iterator[AudioOutput]:
        """What the voice goes through on its way out."""
        output = self._session.output.audio if self._session is not None else None
        while output is not None:
            yield output
            output = output.next_in_chain

    def _act(self, action: Action | None) -> None:
        session = self._session
        if action is None or session is None or session.output.audio is None:
            return
        output, self._ducked = session.output.audio, 0
        if action is Action.HOLD:
            mark(self._listener, "hold")
            output.pause()
        elif action is Action.RESUME:
            mark(self._listener, "resume")
            output.resume()
        elif (speech := session.current_speech) is not None and speech.allow_interruptions:
            mark(self._listener, "interrupt")
            output.pause()  # nothing more is heard, also where it was never held
            speech.add_done_callback(lambda _: output.resume())
            speech.interrupt()


class _Clock:
    """Positions at RATE of pieces that arrive or leave one after the other, on the scale of `time.monotonic()`."""

    def __init__(self) -> None:
        self._next: int | None = None

    def position(self, at: float, length: int) -> int:
        """Where a piece of `length` samples begins that begins at about `at` seconds."""
        position = int(at * RATE)
        if self._next is not None and abs(position - self._next) < LATE * RATE:
            position = self._next
        self._next = position + length
        return position

    def reset(self) -> None:
        self._next = None

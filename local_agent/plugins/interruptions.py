"""Drives the machine of `turns.interruptions` in a session: what it decides is done to the agent's voice."""

from __future__ import annotations

import time

import numpy as np
from livekit.agents import AgentSession
from numpy.typing import NDArray

from local_agent.audio.agent_voice import AgentVoice
from local_agent.turns.barge_in import Action, Patience
from local_agent.turns.interruptions import Agent, Interruptions, Sound
from local_agent.turns.timeline import Listener, ignore, mark

NEVER = 86_400.0  # s; livekit-agents shall not judge by duration of speech what is judged here


class InterruptionHandler:
    """One per session. The stream that hears the caller asks it about each window and each transcript.

    Everything happens on the session's event loop. Until `attach`, and while the agent is silent, it changes nothing.
    """

    def __init__(self, patience: Patience | None = None, *, listener: Listener = ignore) -> None:
        self.machine = Interruptions(patience)
        self._session: AgentSession[None] | None = None
        self._voice: AgentVoice | None = None
        self._listener = listener

    def attach(self, session: AgentSession[None]) -> None:
        self._session = session

    def follow(self, voice: AgentVoice) -> None:
        """Learn from an output what the caller hears of the agent. Without one nothing is known to be no echo, and a
        turn's end alone ends the agent's words.
        """
        self._voice = voice
        voice.tell(self.machine.on_played, self.machine.on_cut, self.machine.own.say)

    @property
    def agent(self) -> Agent:
        """What the agent does now."""
        session = self._session
        speech = session.current_speech if session is not None else None
        if session is None or speech is None or not speech.allow_interruptions or speech.interrupted:
            return Agent()
        state = session.agent_state
        return Agent(state == "speaking", state == "thinking")

    @property
    def busy(self) -> bool:
        """Whether the agent has the floor, or is about to take it."""
        return self.agent.busy

    def window(self, samples: NDArray[np.float32], probability: float) -> float:
        """The probability that somebody other than the agent speaks in float32 [512] at 16 kHz, which just came in."""
        probability, action = self.machine.on_window(samples, probability, self.agent, time.monotonic())
        self._do(action)
        return probability

    def give_up(self) -> None:
        """What the agent says, or is about to, is a reply to nobody."""
        self._do(self.machine.on_broadcast(self.agent))

    def stirred(self) -> None:
        """Something is to be heard that may be the caller, long before a detector can know."""
        self._do(self.machine.on_stir(self.agent))

    def silence(self, seconds: float) -> None:
        """No audio came in for so long: a muted microphone sends none."""
        self._do(self.machine.on_silence(seconds, self.agent))

    def words(self, text: str, confidence: float = 1.0, sound: Sound | None = None, language: str = "en") -> str:
        """The transcript to go on with: nothing when it holds the agent's own voice, or no more than an "mhm" to it.

        confidence: Whisper's, 0..1. sound: what it was made from. language: ISO 639-1.
        """
        left = self._voice.left() if self._voice is not None else float("inf")
        text, action = self.machine.on_words(text, confidence, sound, self.agent, time.monotonic(), left, language)
        self._do(action)
        return text

    def _do(self, action: Action | None) -> None:
        session = self._session
        if action is None or session is None or session.output.audio is None:
            return
        output, speech = session.output.audio, session.current_speech
        if action is Action.DUCK and self._voice is not None:
            mark(self._listener, "duck")
            self._voice.duck()
        elif action is Action.HOLD:
            mark(self._listener, "hold")
            output.pause()
        elif action is Action.RESUME:
            mark(self._listener, "resume")
            output.resume()
        elif action is Action.INTERRUPT and speech is not None and speech.allow_interruptions:
            mark(self._listener, "interrupt")
            output.pause()  # nothing more is heard, also where it was never held
            speech.add_done_callback(lambda _: output.resume())
            speech.interrupt()

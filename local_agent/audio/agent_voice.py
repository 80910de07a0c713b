"""The agent's voice, as whoever judges interruptions knows it: a room, a sound card and `talk` each give one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from numpy.typing import NDArray

OnSound = Callable[[NDArray[np.int16], int, float], object]
"""Gets int16 [samples], Hz, and when the first of them is heard in `time.monotonic()` seconds."""
OnCut = Callable[[float], object]
"""Gets from when on, in `time.monotonic()` seconds, nothing is heard of what was told."""

OnWords = Callable[[str], object]
"""Gets words of which the sound is on its way to be heard."""


@runtime_checkable
class AgentVoice(Protocol):
    """An audio output that can be talked over: tests/call/test_agent_voice.py holds what each of them does."""

    def left(self) -> float:
        """Seconds of the agent's speech that are still to be heard; infinite while more of it is being made."""
        ...

    def duck(self) -> None:
        """Speak softly until it is known what is to be heard."""

    def tell(self, on_sound: OnSound, on_cut: OnCut, on_words: OnWords) -> None:
        """Tell of all that is heard, on the session's event loop; of words where the sound came with them."""


def words(frame: rtc.AudioFrame) -> str:
    """What a frame says that is spoken in it and in those before it; empty where it says nothing."""
    return " ".join(frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, ()))

"""What a stream learns, from its detector and from the engines, one message after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from livekit.agents import vad

from local_agent.turns.speech import Draft

if TYPE_CHECKING:
    from local_agent.engines.whisper.engine import Transcript


@dataclass
class Drafted:
    """The engine has answered for a draft."""

    draft: Draft
    transcript: Transcript | None
    error: Exception | None


@dataclass
class Heard:
    """A partial transcript, or None when there was no time for one."""

    draft: Draft
    transcript: Transcript | None


@dataclass
class Opinion:
    """How likely the caller has finished with a draft, 0..1, by its words and by its sound; None where nobody knows."""

    draft: Draft
    words: float | None = None
    sound: float | None = None


@dataclass
class Flushed:
    """Everything up to this position of the tape is to become final."""

    position: int


Message = vad.VADEvent | Drafted | Heard | Opinion | Flushed | Literal["end", "quiet"]

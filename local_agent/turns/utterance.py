"""What to do about one caller's utterance: events in, actions out. No thread, no clock, no engine and no LiveKit.

The phases of an utterance, and what leads from one to the next, are drawn in docs/architecture.md. Whoever drives it
(`plugins.whisper_stream`) passes on what happens, and does what is returned, in that order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import wraps
from typing import ParamSpec, Protocol

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import WINDOW, Draft, Speech

CLOSE = 0.05  # s of sound behind a draft, heard since, that are worth another hearing where nothing was understood


class Transcript(Protocol):
    """What an engine understood. confidence: 0..1. ending: probability that a sentence ends here, None if unknown."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def ending(self) -> float | None: ...


Heed = Callable[[str, float, Callable[[], NDArray[np.float32]], str], str]
"""Gets words, the confidence in them, what makes float32 [samples] at 16 kHz of their sound, and their language;
returns the words to go on with, "" where they are not the caller's or ask for nothing."""


class Phase(Enum):
    """Of an utterance."""

    IDLE = auto()  # nobody speaks
    SPEAKING = auto()
    TRANSCRIBING = auto()  # silence, perhaps a pause: what was said is being written down
    TRANSCRIBED = auto()
    ANNOUNCED = auto()  # the session knows the words, and a reply is begun


@dataclass(frozen=True, eq=False)
class OfDraft:
    """What is to be done about a draft."""

    draft: Draft


@dataclass(frozen=True, eq=False)
class Transcribe(OfDraft):
    """Have a draft written down. again: the first try failed. late: it took all its time."""

    again: bool = False
    late: bool = False


class CancelTranscription(OfDraft):
    """Of a draft that speech has made stale."""


class TranscribePartial(OfDraft):
    """Have what was said so far written down, in the midst of speech, if the engine has nothing better to do."""


class CancelPartial:
    """A draft needs the engine."""


@dataclass(frozen=True, eq=False)
class Understood:
    """A draft's transcript counts: it tells of the call's language."""

    transcript: Transcript


class Interim(OfDraft):
    """Tell the session of a partial transcript."""


class Preflight(OfDraft):
    """Tell the session of words on which a reply can be begun."""


class AskModel(OfDraft):
    """Have judged whether the words are all there."""


class AskSound(OfDraft):
    """Have judged whether it sounds like an end."""


class CloseSegment(OfDraft):
    """Make a part of an utterance that goes on final."""


class Commit(OfDraft):
    """Make the draft final, byte for byte what the preflight said, and tell that the caller is silent."""


class AnswerFlush:
    """Nothing was said: whoever flushed learns it, and need not wait for a timeout."""


@dataclass(frozen=True, eq=False)
class GiveUp(OfDraft):
    """Both tries to write a draft down have failed. over: the utterance ends with it."""

    over: bool


Action = (
    Transcribe
    | CancelTranscription
    | TranscribePartial
    | CancelPartial
    | Understood
    | Interim
    | Preflight
    | AskModel
    | AskSound
    | CloseSegment
    | Commit
    | AnswerFlush
    | GiveUp
)
P = ParamSpec("P")


def event(steps: Callable[P, Iterator[Action]]) -> Callable[P, list[Action]]:
    """An event of a machine whose `steps` yield what is to be done."""

    @wraps(steps)
    def happens(*args: P.args, **given: P.kwargs) -> list[Action]:
        return list(steps(*args, **given))

    return happens


class Utterance:
    """Of one caller, one after the other. Each event returns what is to be done, in that order.

    heed: what of a transcript is the caller's. listens: somebody can tell from the sound whether a turn is over.
    """

    def __init__(self, endpointing: Endpointing, *, heed: Heed, listens: bool = False) -> None:
        self.speech = Speech(endpointing, listens=listens)
        self._heed = heed
        self._closing: deque[Draft] = deque()  # segments that are over, and not told yet
        self._partial = False  # one is being made
        self._flush: int | None = None  # position up to which everything is to become final
        self._owed = False  # a final, to whoever flushed
        self._ended = False  # no more audio comes

    @property
    def phase(self) -> Phase:
        draft = self.speech.draft
        if not self.speech.speaking:
            return Phase.IDLE
        if draft is None:
            return Phase.SPEAKING
        if draft.text is None:
            return Phase.TRANSCRIBING
        return Phase.ANNOUNCED if draft.told else Phase.TRANSCRIBED

    @property
    def over(self) -> bool:
        """Whether no more is to come."""
        return self._ended and not self.speech.speaking

    @event
    def on_quiet(self) -> Iterator[Action]:
        """The level told something that the detector does not know yet."""
        yield from self._advance()

    @event
    def on_speech(self, position: int, seconds: float) -> Iterator[Action]:
        """The detector is sure of speech that began `seconds` before `position`."""
        if not self.speech.foreground.voices:
            self.speech.began(position, seconds)
        yield from self._advance()

    @event
    def on_window(self, position: int, probability: float, detected: bool) -> Iterator[Action]:
        """One detector window that ends at `position`. detected: it is part of speech of which the detector told."""
        draft = self.speech.draft
        if self.speech.window(position, probability, detected) and draft is not None:
            closed = self.speech.drop_draft()
            if closed is None:
                yield CancelTranscription(draft)
            else:
                yield from self._close_segment(closed)
        yield from self._advance()

    @event
    def on_transcript(self, draft: Draft, transcript: Transcript) -> Iterator[Action]:
        """A draft is written down."""
        if self._wanted(draft):
            if not transcript.text and draft is self.speech.draft and self._more_to_hear(draft):
                yield Transcribe(draft, again=True)
            else:
                if transcript.text:
                    yield Understood(transcript)
                self._write_down(draft, transcript)
                draft.ending = transcript.ending
                yield from self._tell_closed()
        yield from self._advance()

    @event
    def on_failure(self, draft: Draft, *, late: bool) -> Iterator[Action]:
        """A draft could not be written down. late: it took all its time."""
        if self._wanted(draft):
            if draft.retried:
                yield from self._give_up(draft)
            else:
                draft.retried = True  # once more with the same audio: what was said must not be lost
                yield Transcribe(draft, again=True, late=late)
        yield from self._advance()

    @event
    def on_partial(self, draft: Draft, transcript: Transcript | None) -> Iterator[Action]:
        """A partial transcript, None where there was no time for it. It tells nothing if its segment is over by now, or
        about to be.
        """
        speech, self._partial = self.speech, False
        if transcript is not None and speech.draft is None and speech.speaking and speech.start == draft.start:
            self._write_down(draft, transcript)
            if draft.text:
                yield Interim(draft)
        yield from self._advance()

    @event
    def on_evidence(self, draft: Draft, *, words: float | None = None, sound: float | None = None) -> Iterator[Action]:
        """How likely the caller has finished with a draft, 0..1, by its words and sound; None where nobody knows."""
        draft.pending = False
        draft.end_probability = draft.end_probability if words is None else words
        draft.sound = draft.sound if sound is None else sound
        yield from self._advance()

    @event
    def on_silence(self, seconds: float) -> Iterator[Action]:
        """No audio came for so long: a muted microphone sends none."""
        self.speech.dead_time += seconds
        if self._flush is not None:  # the rest of a window, of which the detector never tells
            yield from self._finish()
        yield from self._advance()

    @event
    def on_flush(self, position: int) -> Iterator[Action]:
        """All that came in up to `position` is to become final, without waiting for silence."""
        self._flush = position
        yield from self._advance()

    @event
    def on_end(self) -> Iterator[Action]:
        """No more audio comes, and the detector has told of all that came."""
        self._ended = True
        yield from self._finish()
        yield from self._advance()

    def _advance(self) -> Iterator[Action]:
        """What it is time for now."""
        speech = self.speech
        # A flush overtakes audio on its way through the detector.
        if self._flush is not None and speech.now + WINDOW > self._flush:
            yield from self._finish()
        if speech.wants_draft():
            yield CancelPartial()
            yield Transcribe(speech.begin_draft())
        elif speech.endless():
            yield CancelPartial()
            draft = speech.cut()
            yield Transcribe(draft)
            yield from self._close_segment(draft)
        elif not self._partial and speech.wants_partial():
            self._partial = True
            yield TranscribePartial(speech.begin_partial())
        if not self._closing:  # what was said first is told first
            yield from self._tell()

    def _tell(self) -> Iterator[Action]:
        """Of the draft, as far as it is time for that."""
        speech = self.speech
        if speech.draft is not None and speech.tellable():
            speech.draft.told = speech.draft.pending = True
            yield AskModel(speech.draft)
            yield Preflight(speech.draft)
        if speech.draft is not None and speech.wants_sound():
            speech.draft.listened = speech.draft.pending = True
            yield AskSound(speech.draft)
        if speech.draft is not None and speech.due():
            yield from self._commit(speech.draft)

    def _commit(self, draft: Draft) -> Iterator[Action]:
        if not draft.text:
            yield from self._answer_flush()
        self._close()
        yield Commit(draft)

    def _close(self) -> None:
        """The utterance is over."""
        self.speech.close()
        self._owed = False

    def _finish(self) -> Iterator[Action]:
        """Whatever was said so far becomes final as soon as it is written down."""
        self._owed, self._flush = self._flush is not None, None
        self.speech.finish()
        if not self.speech.speaking:
            yield from self._answer_flush()

    def _answer_flush(self) -> Iterator[Action]:
        owed, self._owed = self._owed, False
        if owed:
            yield AnswerFlush()

    def _wanted(self, draft: Draft) -> bool:
        """Whether speech has not gone on meanwhile."""
        return draft is self.speech.draft or draft in self._closing

    def _more_to_hear(self, draft: Draft) -> bool:
        """Whether nothing was understood because the draft was cut close: "six" without its hiss passes for noise."""
        return self.speech.audio(draft).size >= draft.given + CLOSE * SPEECH_RATE

    def _write_down(self, draft: Draft, transcript: Transcript) -> None:
        speech = self.speech
        text = transcript.text if speech.believes(draft, transcript.text, transcript.confidence) else ""
        draft.text = self._heed(text, transcript.confidence, lambda: speech.audio(draft), transcript.language)
        draft.language, draft.confidence = transcript.language, transcript.confidence

    def _close_segment(self, draft: Draft) -> Iterator[Action]:
        """The speech goes on, this part of it is never heard again: it becomes final when its words are there."""
        self._closing.append(draft)
        yield from self._tell_closed()

    def _tell_closed(self) -> Iterator[Action]:
        """Make closed segments final in the order in which they were spoken."""
        while self._closing and self._closing[0].text is not None:
            yield CloseSegment(self._closing.popleft())

    def _give_up(self, draft: Draft) -> Iterator[Action]:
        if draft in self._closing:
            yield GiveUp(draft, over=False)
            draft.text = ""
            yield from self._tell_closed()
            return
        yield GiveUp(draft, over=True)
        yield from self._answer_flush()
        self._close()

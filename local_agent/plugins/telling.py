"""What a session is told of one caller's speech, in the order and words that livekit-agents wants."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from livekit.agents import stt
from livekit.agents.types import TimedString

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.speech import Draft, Speech

if TYPE_CHECKING:
    from local_agent.engines.whisper.engine import Transcript
    from local_agent.engines.whisper.word_times import Word

EventType = stt.SpeechEventType


def timed(words: Sequence[Word], lead: float = 0.0, offset: float = 0.0) -> list[TimedString] | None:
    """Words as livekit has them; None where their times were not asked for. lead: seconds of the stream before the
    audio that they were heard in. offset: of the stream.
    """
    later = lead + offset
    told = [
        TimedString(word.text, start_time=later + word.start, end_time=later + word.end, start_time_offset=offset)
        for word in words
    ]
    return told or None


class Telling:
    """One stream's events. send: takes them. offset: seconds, asked late: the session sets it on a stream it has."""

    def __init__(self, speech: Speech, send: Callable[[stt.SpeechEvent], None], offset: Callable[[], float]) -> None:
        self._speech, self._send, self._offset = speech, send, offset
        self._request_id = ""
        self._announced = False  # the session has had START_OF_SPEECH
        self._transcript: tuple[Draft, Transcript] | None = None  # the last that came

    def understood(self, draft: Draft, transcript: Transcript) -> None:
        """What came of a draft, whose words may have times."""
        self._transcript = draft, transcript

    def begin(self) -> None:
        """A transcript is under way: what follows belongs together."""
        self._request_id = self._request_id or uuid.uuid4().hex

    def tell(self, kind: stt.SpeechEventType, draft: Draft) -> None:
        """Tell of a draft, and before the first of an utterance that somebody speaks."""
        if not self._announced:
            self._announced = True
            began = time.time() - (self._speech.now - draft.start) / SPEECH_RATE - self._speech.dead_time
            self._send(stt.SpeechEvent(EventType.START_OF_SPEECH, self._request_id, speech_start_time=began))
        self._send(stt.SpeechEvent(kind, self._request_id, [self._data(draft)]))

    def nothing(self, language: str | None) -> None:
        """Whoever flushed where nothing was said learns it from an empty final, and need not wait for a timeout."""
        empty = stt.SpeechData(language=language or "", text="")  # type: ignore[arg-type]
        self._send(stt.SpeechEvent(EventType.FINAL_TRANSCRIPT, self._request_id, [empty]))

    def usage(self, draft: Draft) -> None:
        """How much audio a final came from."""
        used = stt.RecognitionUsage(audio_duration=(draft.end - draft.start) / SPEECH_RATE)
        self._send(stt.SpeechEvent(EventType.RECOGNITION_USAGE, self._request_id, recognition_usage=used))

    def end(self, draft: Draft | None) -> None:
        """Tell that the caller is silent, if the session was told of speech: noise alone is not worth a word."""
        if self._announced:
            said = [] if draft is None else [self._data(draft)]
            self._send(stt.SpeechEvent(EventType.END_OF_SPEECH, self._request_id, said))
            self._announced = False

    def close(self) -> None:
        """What follows is another utterance's."""
        self._request_id = ""

    def _data(self, draft: Draft) -> stt.SpeechData:
        offset = self._offset()
        return stt.SpeechData(
            language=draft.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
            text=draft.text or "",
            start_time=offset + draft.start / SPEECH_RATE,
            end_time=offset + draft.end / SPEECH_RATE,
            confidence=draft.confidence,
            words=self._words(draft),
        )

    def _words(self, draft: Draft) -> list[TimedString] | None:
        """Of a draft, unless what is told of it is not all that was heard."""
        if self._transcript is None or self._transcript[0] is not draft or self._transcript[1].text != draft.text:
            return None
        return timed(self._transcript[1].words, self._speech.lead_in(draft) / SPEECH_RATE, self._offset())

"""Speech to text for AgentSession: `STT()`, natively streaming, on the process's shared Whisper."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
    inference,
    stt,
    utils,
    vad,
)
from livekit.agents.utils import is_given
from numpy.typing import NDArray

from local_agent.audio.local_io import resampled
from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.languages import AUTO, demanded
from local_agent.engines import registry
from local_agent.errors import LocalAgentError
from local_agent.hardware import validation
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import api_errors, logged, shielded, within
from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.plugins.transcriber import STAGE
from local_agent.plugins.whisper_stream import Judge, Stream, speech_data, unjudged
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.timeline import Listener, ignore

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.smart_turn import TurnDetector
    from local_agent.engines.whisper.engine import Whisper

logger = logging.getLogger("local_agent")

EventType = stt.SpeechEventType

__all__ = ["STT", "Stream"]


class STT(stt.STT[Any]):
    """Whisper on this machine.

    model: a name of the catalogue or the path of a CTranslate2 folder; default from the settings. language: in any
    writing (`en-US`, `de`, `german`), or "auto" with multilingual weights. vad: finds speech; default Silero.
    endpointing: the waits in silence. commits_turns: the stream itself decides when a turn is over (use it with
    `turn_detection="stt"`); otherwise transcripts are final a quarter of a second after speech, and the session's own
    turn detection takes it from there. floor: tells the caller from the agent's own voice, and what is said over it
    from what interrupts it. judge: asks a language model how likely a message ends with these words. call_language:
    learns in which language the caller speaks. vocabulary: names and other words that callers say, spelled as they are
    to be written, or one text with commas between them; default from the settings.

    Raises ConfigError for a language that Whisper does not know. What is wrong with the model, or one that does not
    know the language or can't hold the vocabulary, is raised at its first use, and by `validate`.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        language: str | None = None,
        vad: vad.VAD | None = None,
        endpointing: Endpointing | None = None,
        commits_turns: bool = False,
        floor: InterruptionHandler | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
        judge: Judge = unjudged,
        call_language: CallLanguage | None = None,
        vocabulary: Sequence[str] | str | None = None,
    ) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True, interim_results=True, aligned_transcript="chunk", manual_flush=True
            )
        )
        self._engines, self.listener, self.judge = engines or registry.shared(), listener, judge
        self.call_language = call_language or CallLanguage(AUTO)
        self._model = str(model) if model is not None else None
        self._language = demanded(language) if language else None
        self._vocabulary = None if vocabulary is None else _taken(vocabulary)
        self._vad, self._commits_turns = vad, commits_turns
        self.floor = floor or InterruptionHandler()
        self._endpointing = endpointing or (
            Endpointing() if commits_turns else Endpointing(sure=0.25, bare=0.25, unsure=0.25)
        )

    def update_options(self, *, vocabulary: Sequence[str] | str | None = None) -> None:
        """Another vocabulary from the next utterance on, also in streams that are open; None keeps the one there is.

        Raises ConfigError for one that is too large.
        """
        if vocabulary is not None:
            words = _taken(vocabulary)
            self._engines.suits("whisper", self._model, vocabulary=words)
            self._vocabulary = words

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Of the settings, where none was given."""
        return self._engines.settings.vocabulary if self._vocabulary is None else self._vocabulary

    @property
    def model(self) -> str:
        return self._engines.name("whisper", self._model)

    @property
    def provider(self) -> str:
        return "local_agent"

    def prewarm(self) -> None:
        """Start loading in the background, if nobody has yet. A fault is logged, and raised at the first use."""
        loading = self._engines.whisper(self._model)
        logged(loading, STAGE)
        loading.add_done_callback(lambda _: self._turn())  # there is a plan then

    def validate(self) -> None:
        """Return where the model is there, knows the language and can hold the vocabulary. Takes its time: not for an
        event loop.

        Raises ConfigError, WeightsMissing, WeightsCorrupt, HardwareError.
        """
        self._engines.suits("whisper", self._model, language=self.language, vocabulary=self.vocabulary)

    async def engine(self) -> Whisper:
        engine = await shielded(self._engines.whisper(self._model))
        self._engines.suits("whisper", self._model, language=self.language)
        return engine

    @property
    def language(self) -> str:
        """Whisper's code, or "auto"; of the settings, where none was given."""
        return self._language or demanded(self._engines.settings.language)

    @property
    def listens(self) -> bool:
        """Whether the sound of a turn's end is judged at all."""
        return self._turn() is not None

    def sounds_finished(self, audio: NDArray[np.float32]) -> Job[float] | None:
        """Ask whether float32 [samples] at 16 kHz sound like the end of a turn; None where nobody can tell now."""
        loading = self._turn()
        if loading is None or not loading.done() or loading.exception() is not None:
            return None
        try:
            return loading.result().judge(audio, timeout=self.timeout)
        except LocalAgentError as error:
            logger.debug("the end of a turn was not judged from its sound: %s", error)
            return None

    def _turn(self) -> Future[TurnDetector] | None:
        """In other people's sessions their own turn detection has the say."""
        return self._engines.turn() if self._commits_turns else None

    def spoken_language(self, language: NotGivenOr[str] = NOT_GIVEN) -> str | None:
        """Whisper's code to transcribe in; None lets the engine detect it. Raises ConfigError for one it can't."""
        if not is_given(language) or not language:
            return None if self.language == AUTO else self.language
        chosen = demanded(str(language))
        self._engines.suits("whisper", self._model, language=chosen)
        return None if chosen == AUTO else chosen

    @property
    def timeout(self) -> float:
        return self._engines.settings.engine_timeout

    def detector(self) -> vad.VAD:
        """What finds speech. By default the Silero bundled with livekit-agents: a stream costs only its state.

        It tells silence one window (32 ms) sooner than livekit-plugins-silero, which smooths the same probabilities.
        """
        if self._vad is None:
            self._vad = inference.VAD(model="silero", min_silence_duration=0.1, prefix_padding_duration=0.1)
        return self._vad

    async def _recognize_impl(
        self, buffer: utils.AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        with api_errors(STAGE):
            engine = await self.engine()
            audio = samples(rtc.combine_audio_frames(buffer))
            spoken = self.spoken_language(language)
            job = engine.transcribe(audio, language=spoken, vocabulary=self.vocabulary, timeout=self.timeout)
            transcript = await within(job, self.timeout, STAGE)
            end = len(audio) / SPEECH_RATE
            return stt.SpeechEvent(EventType.FINAL_TRANSCRIPT, uuid.uuid4().hex, [speech_data(transcript, 0.0, end)])

    def stream(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> Stream:
        return Stream(self, language, self._endpointing, conn_options)


def _taken(vocabulary: Sequence[str] | str) -> tuple[str, ...]:
    words: tuple[str, ...] = validation.allowed({"vocabulary": vocabulary})["vocabulary"]
    return words


def samples(frame: rtc.AudioFrame) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """float32 [samples] at 16 kHz, mono, of a frame in any rate and number of channels."""
    pcm = np.frombuffer(frame.data, np.int16)
    if frame.num_channels > 1:
        pcm = pcm.reshape(-1, frame.num_channels).mean(axis=1).astype(np.int16)
    return resampled(pcm, frame.sample_rate, SPEECH_RATE).astype(np.float32) / 32768.0

"""Speech to text for AgentSession: `STT()`, natively streaming, on the process's shared Whisper."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
import weakref
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
from local_agent.errors import BadInput, LocalAgentError
from local_agent.hardware import validation
from local_agent.plugins import registered
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import api_errors, asked_timeout, limit, logged, on_loop, shielded, within
from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.plugins.transcriber import STAGE
from local_agent.plugins.whisper_stream import Judge, Stream, mono, speech_data, unjudged
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.timeline import Listener, ignore

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.smart_turn import TurnDetector
    from local_agent.engines.whisper.engine import Whisper

logger = logging.getLogger("local_agent")
registered.register()

EventType = stt.SpeechEventType

__all__ = ["STT", "Stream"]


class STT(stt.STT[Any]):
    """Whisper on this machine.

    model: a name of the catalogue or the path of a CTranslate2 folder; default from the settings. language: in any
    writing (`en-US`, `de`, `german`), or "auto" with multilingual weights; detect_language is "auto". vad: finds
    speech; default Silero. endpointing: the waits in silence. commits_turns: the stream itself decides when a turn is
    over (use it with `turn_detection="stt"`); otherwise transcripts are final a quarter of a second after speech, and
    the session's own turn detection takes it from there. floor: tells the caller from the agent's own voice, and what
    is said over it from what interrupts it. judge: asks a language model how likely a message ends with these words.
    call_language: learns in which language the caller speaks. vocabulary: names and other words that callers say,
    spelled as they are to be written, or one text with commas between them; default from the settings. keyterms,
    prompt: the same by other plugins' names. word_times: streams tell when each word was said (`SpeechData.words`),
    which takes Whisper another reading of each text; `recognize` tells it always.

    Audio is int16 in any sample rate and number of channels. Times are seconds from the beginning of a recording or
    stream, there with its `start_time_offset`. `conn_options.timeout` (s) is what loading Whisper, and then each
    transcript, may take; where it is livekit's usual one, the setting engine_timeout holds for transcripts. What takes
    longer is an APITimeoutError. A stream ends with an error when more than `max_retry` utterances in a row were not
    understood, unless it commits turns.

    Raises ConfigError for a language that Whisper does not know. What is wrong with the model, or one that does not
    know the language or can't hold the vocabulary, is raised at its first use, and by `validate`.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        language: str | None = None,
        detect_language: bool = False,
        vad: vad.VAD | None = None,
        endpointing: Endpointing | None = None,
        commits_turns: bool = False,
        floor: InterruptionHandler | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
        judge: Judge = unjudged,
        call_language: CallLanguage | None = None,
        vocabulary: Sequence[str] | str | None = None,
        keyterms: Sequence[str] | None = None,
        prompt: str | None = None,
        word_times: bool = False,
    ) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=True,
                aligned_transcript="word" if word_times else "chunk",
                keyterms=True,
                manual_flush=True,
            )
        )
        self.word_times = word_times
        self._engines, self.listener, self.judge = engines or registry.shared(), listener, judge
        self.call_language = call_language or CallLanguage(AUTO)
        self._model = str(model) if model is not None else None
        self._language = AUTO if detect_language else demanded(language) if language else None
        given = next((words for words in (vocabulary, keyterms, prompt) if words is not None), None)
        self._vocabulary = None if given is None else _taken(given)
        self._session_terms: tuple[str, ...] = ()
        self._heeding: Future[None] | None = None  # whether the session's newest words fit is being found out
        self._unchecked = False  # whether options were taken on an event loop that only files can judge
        self._vad, self._commits_turns, self._own_endpointing = vad, commits_turns, endpointing is not None
        self.floor = floor or InterruptionHandler()
        self._streams = weakref.WeakSet[Stream]()
        self._endpointing = endpointing or (
            Endpointing() if commits_turns else Endpointing(sure=0.25, bare=0.25, unsure=0.25)
        )

    def update_options(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        detect_language: NotGivenOr[bool] = NOT_GIVEN,
        endpointing: NotGivenOr[Endpointing] = NOT_GIVEN,
        vocabulary: Sequence[str] | str | None = None,
        keyterms: Sequence[str] | None = None,
        prompt: str | None = None,
    ) -> None:
        """Hear otherwise from the next transcript on, also in streams that are open; what is not given stays.

        All as for the constructor; detect_language=False is the language of the settings. An empty vocabulary is none.

        Raises ConfigError for a language that this model does not know or a vocabulary that is too large for it; then
        all stays as it was. An event loop waits for no file: what only files tell is raised by the next stream there.
        """
        if is_given(detect_language) and not is_given(language):
            language = AUTO if detect_language else ""
        given = next((words for words in (vocabulary, keyterms, prompt) if words is not None), None)
        words = None if given is None else _taken(given)
        chosen = demanded(language) if is_given(language) and language else None
        known = self._engines.knows("whisper", self._model)
        if not on_loop():
            asked = () if words is None else (*words, *self._session_terms)
            self._engines.suits("whisper", self._model, language=chosen or AUTO, vocabulary=asked)
        elif known:
            self._engines.suits("whisper", self._model, language=chosen or AUTO)
        self._unchecked = self._unchecked or (on_loop() and (words is not None or not known))
        self._vocabulary = self._vocabulary if words is None else words
        if is_given(language):
            self._language = chosen
        if is_given(endpointing):
            self._endpointing, self._own_endpointing = endpointing, True
        for stream in self._streams:
            stream.update_options(language=language, endpointing=endpointing)

    def _update_session_keyterms(self, keyterms: list[str]) -> None:
        """livekit's own hook: the words of `AgentSession(stt_context_options={"keyterms": ...})`, beside ours."""
        words, heeding = _taken(keyterms), Future[None]()
        self._heeding = heeding

        def judge(_: object) -> None:
            threading.Thread(target=self._heed, args=(words, heeding), name="keyterms", daemon=True).start()

        self._engines.whisper(self._model).add_done_callback(judge)

    def _heed(self, words: tuple[str, ...], heeding: Future[None]) -> None:
        """Take a session's words, if they fit and are the newest. On a thread: a file tells how many tokens."""
        try:
            self._engines.suits("whisper", self._model, vocabulary=(*self._own_vocabulary, *words))
        except LocalAgentError as error:
            logger.warning("the session's keyterms are not heeded: %s", error)
        else:
            if heeding is self._heeding:
                self._session_terms = words
        finally:
            heeding.set_result(None)

    @property
    def _own_vocabulary(self) -> tuple[str, ...]:
        return self._engines.settings.vocabulary if self._vocabulary is None else self._vocabulary

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Of the settings, where none was given; and that of the session."""
        return tuple(dict.fromkeys((*self._own_vocabulary, *self._session_terms)))

    def commit_turns(self, endpointing: Endpointing) -> None:
        """Let streams from now on decide when a turn is over. endpointing: where none of your own was given."""
        self._commits_turns = True
        if not self._own_endpointing:
            self._endpointing = endpointing

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
        if self._heeding is not None:
            await shielded(self._heeding)
        if self._unchecked:
            await asyncio.to_thread(self.validate)
            self._unchecked = False
        self._engines.suits("whisper", self._model, language=self.language)
        return engine

    @property
    def language(self) -> str:
        """Whisper's code, or "auto"; of the settings, where none was given."""
        return self._language or demanded(self._engines.settings.language)

    @property
    def persists(self) -> bool:
        """Where turns are ours the caller is told of what was not understood, and may say it again."""
        return self._commits_turns

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
        asked = asked_timeout(conn_options)
        with api_errors(STAGE):
            audio = samples(_whole(buffer))
            async with limit(asked, "loading Whisper"):
                engine = await self.engine()
            timeout = asked or self.timeout  # of settings that loading has read
            spoken = self.spoken_language(language)
            job = engine.transcribe(audio, language=spoken, vocabulary=self.vocabulary, times=True, timeout=timeout)
            transcript = await within(job, timeout, STAGE)
            end = len(audio) / SPEECH_RATE
            return stt.SpeechEvent(EventType.FINAL_TRANSCRIPT, uuid.uuid4().hex, [speech_data(transcript, 0.0, end)])

    def stream(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> Stream:
        made = Stream(self, language, self._endpointing, conn_options)
        self._streams.add(made)
        return made

    async def aclose(self) -> None:
        """End its streams; the engine stays for the others. Any number of times."""
        for stream in list(self._streams):
            await stream.aclose()
        await super().aclose()


def _taken(vocabulary: Sequence[str] | str) -> tuple[str, ...]:
    words: tuple[str, ...] = validation.allowed({"vocabulary": vocabulary})["vocabulary"]
    return words


def _whole(buffer: utils.AudioBuffer) -> rtc.AudioFrame:
    """A recording in one frame. Raises BadInput where there is none."""
    frames = [mono(frame) for frame in (buffer if isinstance(buffer, list) else [buffer])]
    if not any(frame.samples_per_channel for frame in frames):
        raise BadInput("there is no audio to recognise", expected="frames with samples in them")
    return rtc.combine_audio_frames(frames)


def samples(frame: rtc.AudioFrame) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """float32 [samples] at 16 kHz, mono, of a frame in any rate and number of channels."""
    pcm = np.frombuffer(mono(frame).data, np.int16)
    return resampled(pcm, frame.sample_rate, SPEECH_RATE).astype(np.float32) / 32768.0

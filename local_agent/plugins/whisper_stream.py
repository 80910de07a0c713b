"""One caller's audio on its way to transcripts: drives the machine of `turns.utterance`, and does what that wants."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from livekit import rtc
from livekit.agents import NOT_GIVEN, APIConnectOptions, APIError, NotGivenOr, stt, utils, vad
from livekit.agents.utils import is_given
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.engines.whisper.language import Spoken
from local_agent.errors import EngineTimeout
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import api_errors, asked_timeout, limit
from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.plugins.stream_messages import Drafted, Flushed, Heard, Message, Opinion
from local_agent.plugins.telling import Telling, timed
from local_agent.plugins.transcriber import STAGE, Transcriber
from local_agent.turns import utterance as turn
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import WINDOW, Draft, Speech
from local_agent.turns.timeline import Listener, mark
from local_agent.turns.utterance import Utterance

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.types import Prefilled
    from local_agent.engines.whisper.engine import Transcript, Whisper

logger = logging.getLogger("local_agent")

Judge = Callable[[str], "Job[Prefilled] | None"]

EventType = stt.SpeechEventType
TICK = 0.1  # s without a message after which time alone moves an utterance on (a muted microphone sends no audio)
STEPS = 4  # waits that make a tick; one wait also ends when this process stood still, with the audio on its way to us


def speech_data(transcript: Transcript, start: float, end: float) -> stt.SpeechData:
    return stt.SpeechData(
        language=transcript.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
        text=transcript.text,
        start_time=start,
        end_time=end,
        confidence=transcript.confidence,
        words=timed(transcript.words),
    )


def mono(frame: rtc.AudioFrame) -> rtc.AudioFrame:
    """A frame with its channels as one."""
    if frame.num_channels == 1:
        return frame
    pcm = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
    mixed = pcm.mean(axis=1).astype(np.int16).tobytes()
    return rtc.AudioFrame(mixed, frame.sample_rate, 1, frame.samples_per_channel)


def unjudged(_: str) -> None:
    """Nobody judges whether a message is over."""


class Plugin(Protocol):
    """What a stream asks of the STT that it belongs to (`plugins.whisper`). judge: of words, and sounds_finished: of
    their sound, whether a turn ends with them; None where nobody can tell now. listens: whether the sound ever tells.
    vocabulary: words that callers say. word_times: finals tell when each word was said. persists: no number of failures
    ends a stream; else more than `conn_options.max_retry` utterances in a row that were not understood do.
    """

    floor: InterruptionHandler
    listener: Listener
    judge: Judge
    call_language: CallLanguage

    @property
    def vocabulary(self) -> tuple[str, ...]: ...
    @property
    def word_times(self) -> bool: ...
    @property
    def persists(self) -> bool: ...
    @property
    def listens(self) -> bool: ...
    @property
    def timeout(self) -> float: ...
    async def engine(self) -> Whisper: ...
    def spoken_language(self, language: NotGivenOr[str] = NOT_GIVEN) -> str | None: ...
    def detector(self) -> vad.VAD: ...
    def sounds_finished(self, audio: NDArray[np.float32]) -> Job[float] | None: ...


class Stream(stt.RecognizeStream):
    """Audio in, transcripts out. All state moves in one task that reads one queue of messages."""

    def __init__(
        self, plugin: Plugin, asked: NotGivenOr[str], endpointing: Endpointing, conn_options: APIConnectOptions
    ) -> None:
        """asked: the language that was asked for."""
        self._plugin, self._asked, self._endpointing = plugin, asked, endpointing
        self._language: str | None = None
        self._own_voice = True
        self._spoken: Spoken | None = None  # the language of this call, as far as it had to be detected
        self._failed = 0  # utterances in a row that were not understood
        self._running: tuple[Speech, Transcriber] | None = None
        super().__init__(stt=cast("stt.STT[Any]", plugin), conn_options=conn_options, sample_rate=SPEECH_RATE)

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """int16 in any number of channels and any sample rate, the same in all frames of a stream.

        Raises ValueError for another rate than before, RuntimeError when the input has ended or the stream is closed.
        """
        super().push_frame(mono(frame))

    def update_options(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, endpointing: NotGivenOr[Endpointing] = NOT_GIVEN
    ) -> None:
        """Hear otherwise from the next transcript on. language: in any writing, or "auto". endpointing: the waits in
        silence, in seconds.

        Raises ConfigError for a language that this model does not know.
        """
        code = self._plugin.spoken_language(language) if is_given(language) and self._running else None
        if is_given(endpointing):
            self._endpointing = endpointing
        if is_given(language):
            self._asked, self._language, self._spoken = language, code, None
        if self._running is not None:
            speech, transcriber = self._running
            speech.endpointing = self._endpointing
            transcriber.spoken = None if is_given(language) else transcriber.spoken

    @property
    def _timeout(self) -> float:
        """Seconds for one answer of the engine."""
        return asked_timeout(self._conn_options) or self._plugin.timeout

    async def _run(self) -> None:
        with api_errors(STAGE):
            async with limit(asked_timeout(self._conn_options), "loading Whisper"):
                engine = await self._plugin.engine()
            self._language = self._plugin.spoken_language(self._asked)
            detector = self._plugin.detector().stream()
            self._utterance = Utterance(self._endpointing, heed=self._plugin.floor.words, listens=self._plugin.listens)
            self._speech = self._utterance.speech
            self._messages: asyncio.Queue[Message] = asyncio.Queue()
            self._transcriber = Transcriber(
                engine,
                self._messages.put_nowait,
                language=lambda: self._language,
                timeout=self._timeout,
                spoken=self._spoken,
                vocabulary=lambda: self._plugin.vocabulary,
                times=self._plugin.word_times,
            )
            self._running = self._speech, self._transcriber
            self._telling = Telling(self._speech, self._event_ch.send_nowait, lambda: self.start_time_offset)
            self._actions: deque[turn.Action] = deque()
            self._unheard = 0.0  # s since the detector told anything
            self._failure: Exception | None = None  # of the draft that could not be written down
            pumps = [
                asyncio.create_task(self._pump_audio(detector)),
                asyncio.create_task(self._pump_detector(detector)),
            ]
            try:
                await self._listen(pumps)
            except Exception:
                self._telling.end(None)  # or the session would take the caller for speaking for ever
                raise
            finally:
                self._spoken, self._running = self._transcriber.spoken, None
                await utils.aio.cancel_and_wait(*pumps)
                await self._transcriber.aclose()
                await detector.aclose()

    async def _pump_audio(self, detector: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                if self._speech.hear(np.frombuffer(item.data, np.int16)):
                    self._messages.put_nowait("quiet")
                if self._speech.stirs() and not self._speech.foreground.voices:
                    self._plugin.floor.stirred()
                detector.push_frame(item)
            else:
                self._messages.put_nowait(Flushed(self._speech.tape.end))
        detector.end_input()

    async def _pump_detector(self, detector: vad.VADStream) -> None:
        async for event in detector:
            self._messages.put_nowait(event)
        self._messages.put_nowait("end")

    async def _listen(self, pumps: list[asyncio.Task[None]]) -> None:
        waits = 0  # in a row
        while not self._utterance.over:
            try:
                # wait_for may swallow a cancellation that comes with a message
                async with asyncio.timeout(TICK / STEPS):
                    message = await self._messages.get()
            except TimeoutError:
                waits += 1
                if waits < STEPS:
                    continue
                self._on_tick(pumps)
            else:
                self._do(self._event(message))
            waits = 0

    def _on_tick(self, pumps: list[asyncio.Task[None]]) -> None:
        """Nothing happened for a while: no audio comes, or a pump has died."""
        for pump in pumps:
            if pump.done() and (error := pump.exception()) is not None:
                raise error
        self._unheard += TICK
        if self._unheard > self._timeout and self._speech.tape.end > self._speech.now + SPEECH_RATE:
            raise EngineTimeout(f"the voice detector has said nothing for {self._unheard:.0f} s")
        self._plugin.floor.silence(TICK)
        self._do(self._utterance.on_silence(TICK))

    def _event(self, message: Message) -> Iterable[turn.Action]:
        """Let the machine know of a message: what it wants done."""
        machine = self._utterance
        match message:
            case vad.VADEvent():
                return self._on_detector(message)
            case Drafted(draft, transcript, error):
                self._transcriber.remember(message)
                self._failure = error
                if transcript is None:
                    return machine.on_failure(draft, late=isinstance(error, EngineTimeout))
                self._telling.understood(draft, transcript)
                return machine.on_transcript(draft, transcript)
            case Heard(draft, transcript):
                self._transcriber.remember(message)
                return machine.on_partial(draft, transcript)
            case Opinion(draft, words, sound):
                return machine.on_evidence(draft, words=words, sound=sound)
            case Flushed(position):
                return machine.on_flush(position)
            case "end":
                return machine.on_end()
            case _:
                return machine.on_quiet()

    def _on_detector(self, event: vad.VADEvent) -> Iterable[turn.Action]:
        self._unheard = 0.0
        if event.type == vad.VADEventType.START_OF_SPEECH and self._own_voice:  # of the caller, not of the agent
            return self._utterance.on_speech(event.samples_index, event.speech_duration)
        if event.type == vad.VADEventType.INFERENCE_DONE:
            return self._utterance.on_window(event.samples_index, self._judged(event), event.speaking)
        return self._utterance.on_quiet()

    def _judged(self, event: vad.VADEvent) -> float:
        """The probability that the caller speaks, once the floor has told the agent's own voice from it."""
        speech, floor = self._speech, self._plugin.floor
        heard = speech.tape.cut(event.samples_index - WINDOW, event.samples_index)
        near = speech.near(event.samples_index, event.probability, replying=floor.busy)
        if speech.foreground.broadcast and speech.committed:
            floor.give_up()  # a reply to a television
        probability = floor.window(heard, near)
        self._own_voice = probability == near
        if not self._own_voice:
            speech.foreground.echoed()
        return probability

    def _do(self, actions: Iterable[turn.Action]) -> None:
        """Do them in order, and behind them those that they lead to."""
        self._actions.extend(actions)
        while self._actions:
            self._act(self._actions.popleft())

    def _act(self, action: turn.Action) -> None:
        match action:
            case turn.Transcribe(draft):
                self._write_down(action)
            case turn.CancelTranscription(draft):
                self._transcriber.cancel(draft)
            case turn.TranscribePartial(draft):
                self._transcriber.listen_in(draft, self._speech.audio(draft))
            case turn.CancelPartial():
                self._transcriber.cancel_partial()
            case turn.Understood(transcript):
                self._failed = 0
                spoken = self._transcriber.settle(transcript)  # type: ignore[arg-type]  # it is the engine's, unchanged
                self._plugin.call_language.heard(spoken, transcript.text)
            case turn.AskModel(draft):
                self._ask(draft, words=self._plugin.judge(draft.text or ""))
            case turn.AskSound(draft):
                self._ask(draft, sound=self._plugin.sounds_finished(self._speech.audio(draft)))
            case turn.AnswerFlush():
                if not self._input_ch.closed:
                    self._telling.nothing(self._language)
            case turn.GiveUp():
                self._give_up(action)
            case _:
                self._tell(action)

    def _write_down(self, action: turn.Transcribe) -> None:
        self._telling.begin()
        if not action.again and action.draft is self._speech.draft:
            mark(self._plugin.listener, "silence")
        self._transcriber.write_down(action.draft, self._speech.audio(action.draft), late=action.late)

    def _ask(self, draft: Draft, **jobs: Any) -> None:
        """Have the end of a draft judged; where nobody can, the machine learns that at once."""
        if any(jobs.values()):
            self._transcriber.judge(draft, **jobs)
        else:
            self._actions.extend(self._utterance.on_evidence(draft))

    def _tell(self, action: turn.Interim | turn.Preflight | turn.CloseSegment | turn.Commit) -> None:
        draft, telling, listener = action.draft, self._telling, self._plugin.listener
        match action:
            case turn.Interim():
                telling.begin()
                mark(listener, "partial/made")
                telling.tell(EventType.INTERIM_TRANSCRIPT, draft)
            case turn.Preflight():
                mark(listener, "transcript")
                telling.tell(EventType.PREFLIGHT_TRANSCRIPT, draft)
            case turn.CloseSegment():
                if draft.text:
                    telling.tell(EventType.FINAL_TRANSCRIPT, draft)
                telling.usage(draft)
            case turn.Commit():
                if draft.text:
                    mark(listener, "commit")
                    telling.tell(EventType.FINAL_TRANSCRIPT, draft)
                telling.end(draft)
                telling.usage(draft)
                telling.close()

    def _give_up(self, action: turn.GiveUp) -> None:
        """The engine failed twice: whoever listens for errors tells the caller, and the next words are heard again.

        Errors that no other try will mend end the stream, and so does any where no other try is wanted, or more of them
        in a row than are: somebody else's engine may do better then.
        """
        assert self._failure is not None
        self._failed += 1
        most = self._conn_options.max_retry
        try:
            with api_errors(STAGE):
                raise self._failure
        except APIError as failure:
            if most == 0 or not failure.retryable:
                raise
            if self._failed > most and not self._plugin.persists:
                failure.retryable = False  # by livekit, which would count from nothing again
                raise
            logger.warning("what a caller said was not understood: %s", failure)
            told = stt.STTError(timestamp=time.time(), label=self._stt.label, error=failure, recoverable=True)
            self._stt.emit("error", told)
        if action.over:
            self._telling.end(None)
            self._telling.close()

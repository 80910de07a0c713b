"""Speech to text for AgentSession: `STT()`, natively streaming, on the process's shared Whisper."""

from __future__ import annotations

import asyncio
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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

from local_agent.engines import registry
from local_agent.plugins.edge import api_errors, shielded, within
from local_agent.plugins.hearing import RATE, WINDOW, Draft, Hearing
from local_agent.plugins.marks import Listener, ignore, mark
from local_agent.plugins.turn import Endpointing

if TYPE_CHECKING:
    from local_agent.engines.lane import Job
    from local_agent.engines.whisper import Transcript, Whisper

EventType = stt.SpeechEventType
STAGE = "speech to text"
TICK = 0.1  # s without a message after which time alone moves an utterance on (a muted microphone sends no audio)


class STT(stt.STT[Any]):
    """Whisper on this machine.

    model: a name of the catalogue or the path of a CTranslate2 folder; default from the settings. language: ISO 639-1,
    or "auto" with multilingual weights. vad: finds speech; default Silero. endpointing: the waits in silence.
    commits_turns: the stream itself decides when a turn is over (use it with `turn_detection="stt"`); otherwise
    transcripts are final a quarter of a second after speech, and the session's own turn detection takes it from there.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        language: str | None = None,
        vad: vad.VAD | None = None,
        endpointing: Endpointing | None = None,
        commits_turns: bool = False,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
    ) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True, interim_results=True, aligned_transcript="chunk", manual_flush=True
            )
        )
        self._engines, self.listener = engines or registry.shared(), listener
        self._model = str(model) if model is not None else None
        self._language = language or self._engines.settings.language
        self._vad = vad
        self._endpointing = endpointing or (
            Endpointing() if commits_turns else Endpointing(sure=0.25, bare=0.25, unsure=0.25)
        )

    @property
    def model(self) -> str:
        return self._engines.name("whisper", self._model)

    @property
    def provider(self) -> str:
        return "local_agent"

    def prewarm(self) -> None:
        """Start loading in the background, if nobody has yet."""
        self._engines.whisper(self._model)

    def engine(self) -> Future[Whisper]:
        return self._engines.whisper(self._model)

    def spoken_language(self, language: NotGivenOr[str] = NOT_GIVEN) -> str | None:
        """ISO 639-1 code to transcribe in; None lets the engine detect it."""
        chosen = str(language).split("-")[0].lower() if is_given(language) and language else self._language
        return None if chosen in ("auto", "multi", "") else chosen

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
            engine = await shielded(self.engine())
            audio = samples(rtc.combine_audio_frames(buffer))
            job = engine.transcribe(audio, language=self.spoken_language(language), timeout=self.timeout)
            transcript = await within(job, self.timeout, STAGE)
            end = len(audio) / RATE
            return stt.SpeechEvent(EventType.FINAL_TRANSCRIPT, uuid.uuid4().hex, [speech_data(transcript, 0.0, end)])

    def stream(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> Stream:
        return Stream(self, self.spoken_language(language), self._endpointing, conn_options)


def samples(frame: rtc.AudioFrame) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """float32 [samples] at 16 kHz, mono, of a frame in any rate and number of channels."""
    pcm = np.frombuffer(frame.data, np.int16)
    if frame.num_channels > 1:
        pcm = pcm.reshape(-1, frame.num_channels).mean(axis=1).astype(np.int16)
    if frame.sample_rate != RATE:
        resampler = rtc.AudioResampler(frame.sample_rate, RATE, quality=rtc.AudioResamplerQuality.HIGH)
        frames = resampler.push(bytearray(pcm.tobytes())) + resampler.flush()
        pcm = np.concatenate([np.frombuffer(f.data, np.int16) for f in frames]) if frames else np.zeros(0, np.int16)
    return pcm.astype(np.float32) / 32768.0


def speech_data(transcript: Transcript, start: float, end: float) -> stt.SpeechData:
    return stt.SpeechData(
        language=transcript.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
        text=transcript.text,
        start_time=start,
        end_time=end,
        confidence=transcript.confidence,
    )


@dataclass
class Drafted:
    """The engine has answered for a draft."""

    draft: Draft
    transcript: Transcript | None
    error: Exception | None


@dataclass
class Flushed:
    """Everything up to this position of the tape is to become final."""

    position: int


Message = vad.VADEvent | Drafted | Flushed | Literal["end"]


class Stream(stt.RecognizeStream):
    """Audio in, transcripts out. All state moves in one task that reads one queue of messages."""

    def __init__(
        self, plugin: STT, language: str | None, endpointing: Endpointing, conn_options: APIConnectOptions
    ) -> None:
        self._plugin, self._language, self._endpointing = plugin, language, endpointing
        self._request_id = ""
        self._job: Job[Transcript] | None = None
        self._drafting: set[asyncio.Task[None]] = set()
        self._retried = False
        super().__init__(stt=plugin, conn_options=conn_options, sample_rate=RATE)

    async def _run(self) -> None:
        with api_errors(STAGE):
            self._engine = await shielded(self._plugin.engine())
            detector = self._plugin.detector().stream()
            self._hearing = Hearing(self._endpointing)
            self._messages: asyncio.Queue[Message] = asyncio.Queue()
            self._request_id, self._retried, self._ended = "", False, False
            self._flush: Flushed | None = None
            self._owed = False  # a final, to whoever flushed
            pumps = [
                asyncio.create_task(self._pump_audio(detector)),
                asyncio.create_task(self._pump_detector(detector)),
            ]
            try:
                await self._listen(pumps)
            except Exception:
                self._end_speech(None)  # or the session would take the caller for speaking for ever
                raise
            finally:
                self._cancel_draft()
                await utils.aio.cancel_and_wait(*pumps, *self._drafting)
                await detector.aclose()

    async def _pump_audio(self, detector: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                self._hearing.tape.append(np.frombuffer(item.data, np.int16))
                detector.push_frame(item)
            else:
                self._messages.put_nowait(Flushed(self._hearing.tape.end))
        detector.end_input()

    async def _pump_detector(self, detector: vad.VADStream) -> None:
        async for event in detector:
            self._messages.put_nowait(event)
        self._messages.put_nowait("end")

    async def _listen(self, pumps: list[asyncio.Task[None]]) -> None:
        while not (self._ended and not self._hearing.speaking):
            try:
                async with asyncio.timeout(TICK):  # wait_for may swallow a cancellation that comes with a message
                    message = await self._messages.get()
            except TimeoutError:
                self._on_tick(pumps)
            else:
                self._on_message(message)
            self._advance()

    def _on_tick(self, pumps: list[asyncio.Task[None]]) -> None:
        """Nothing happened for a while: no audio comes, or a pump has died."""
        for pump in pumps:
            if pump.done() and (error := pump.exception()) is not None:
                raise error
        self._hearing.dead_time += TICK
        if self._flush is not None:  # the rest of a window, of which the detector never tells
            self._finish_utterance()

    def _on_message(self, message: Message) -> None:
        if isinstance(message, vad.VADEvent):
            self._on_window(message)
        elif isinstance(message, Drafted):
            self._on_drafted(message)
        elif isinstance(message, Flushed):
            self._flush = message
        else:
            self._ended = True
            self._finish_utterance()
        # The flush overtakes audio on its way through the detector.
        if self._flush is not None and self._hearing.now + WINDOW > self._flush.position:
            self._finish_utterance()

    def _finish_utterance(self) -> None:
        """Whatever was said so far becomes final as soon as it is written down."""
        self._owed, self._flush = self._flush is not None, None
        self._hearing.finish()
        if not self._hearing.speaking:
            self._answer_flush()

    def _answer_flush(self) -> None:
        """Nothing was said: whoever flushed learns it from an empty final, and need not wait for a timeout."""
        if self._owed and not self._input_ch.closed:
            nothing = stt.SpeechData(language=self._language or "", text="")  # type: ignore[arg-type]
            self._send(stt.SpeechEvent(EventType.FINAL_TRANSCRIPT, self._request_id, [nothing]))
        self._owed = False

    def _on_window(self, event: vad.VADEvent) -> None:
        hearing = self._hearing
        if event.type == vad.VADEventType.START_OF_SPEECH:
            hearing.began(event.samples_index, event.speech_duration)
        elif event.type == vad.VADEventType.INFERENCE_DONE and hearing.window(
            event.samples_index, event.probability, event.speaking
        ):
            self._cancel_draft()
            closed = hearing.drop_draft()
            if closed is not None:
                self._emit(EventType.FINAL_TRANSCRIPT, closed)
                self._report_usage(closed)

    def _advance(self) -> None:
        hearing = self._hearing
        if hearing.wants_draft():
            self._request_id = self._request_id or uuid.uuid4().hex
            mark(self._plugin.listener, "silence")
            self._transcribe(hearing.begin_draft())
        if hearing.due() and hearing.draft is not None:
            self._commit(hearing.draft)

    def _transcribe(self, draft: Draft) -> None:
        async def work() -> None:
            transcript, error = None, None
            try:
                self._job = self._engine.transcribe(
                    self._hearing.audio(draft), language=self._language, timeout=self._plugin.timeout
                )
                transcript = await within(self._job, self._plugin.timeout, STAGE)
            except Exception as failure:  # carried to the one task that owns the state, which raises it
                error = failure
            self._messages.put_nowait(Drafted(draft, transcript, error))

        task = asyncio.create_task(work())
        self._drafting.add(task)
        task.add_done_callback(self._drafting.discard)

    def _cancel_draft(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_drafted(self, message: Drafted) -> None:
        draft = message.draft
        if draft is not self._hearing.draft:
            return  # speech went on meanwhile
        if message.error is not None:
            if self._retried:
                raise message.error
            self._retried = True  # once more with the same audio: what was said must not be lost
            self._transcribe(draft)
            return
        assert message.transcript is not None
        self._retried = False
        draft.text, draft.language = message.transcript.text, message.transcript.language
        draft.confidence = message.transcript.confidence
        mark(self._plugin.listener, "transcript")
        if draft.text:
            self._emit(EventType.PREFLIGHT_TRANSCRIPT, draft)

    def _commit(self, draft: Draft) -> None:
        """Make the draft final, byte for byte what the preflight said, and end the utterance."""
        if draft.text:
            mark(self._plugin.listener, "commit")
            self._emit(EventType.FINAL_TRANSCRIPT, draft)
        else:
            self._answer_flush()
        self._end_speech(draft)
        self._report_usage(draft)
        self._hearing.close()
        self._request_id, self._owed = "", False

    def _report_usage(self, draft: Draft) -> None:
        usage = stt.RecognitionUsage(audio_duration=(draft.end - draft.start) / RATE)
        self._send(stt.SpeechEvent(EventType.RECOGNITION_USAGE, self._request_id, recognition_usage=usage))

    def _end_speech(self, draft: Draft | None) -> None:
        """Tell the session that the caller is silent, if it was told of speech: noise alone is not worth a word."""
        if self._hearing.announced:
            said = [] if draft is None else [self._data(draft)]
            self._send(stt.SpeechEvent(EventType.END_OF_SPEECH, self._request_id, said))
            self._hearing.announced = False

    def _emit(self, kind: stt.SpeechEventType, draft: Draft) -> None:
        if not self._hearing.announced:
            self._hearing.announced = True
            began = time.time() - (self._hearing.now - draft.start) / RATE - self._hearing.dead_time
            self._send(stt.SpeechEvent(EventType.START_OF_SPEECH, self._request_id, speech_start_time=began))
        self._send(stt.SpeechEvent(kind, self._request_id, [self._data(draft)]))

    def _data(self, draft: Draft) -> stt.SpeechData:
        offset = self.start_time_offset  # read late: the session sets it after the stream was made
        return stt.SpeechData(
            language=draft.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
            text=draft.text or "",
            start_time=offset + draft.start / RATE,
            end_time=offset + draft.end / RATE,
            confidence=draft.confidence,
        )

    def _send(self, event: stt.SpeechEvent) -> None:
        self._event_ch.send_nowait(event)

"""One caller's audio on its way to transcripts: drafts in short silences, partials in the midst of speech."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt, utils, vad

from local_agent.engines.lane import Urgency
from local_agent.engines.language import Spoken, settled
from local_agent.errors import LocalAgentError
from local_agent.marks import mark
from local_agent.plugins.edge import api_errors, shielded, within
from local_agent.plugins.hearing import RATE, WINDOW, Draft, Hearing
from local_agent.plugins.inbox import Drafted, Flushed, Heard, Message, Opinion
from local_agent.plugins.turn import Endpointing

if TYPE_CHECKING:
    from local_agent.engines.completion import Prefilled
    from local_agent.engines.lane import Job
    from local_agent.engines.whisper import Transcript
    from local_agent.plugins.whisper import STT

logger = logging.getLogger("local_agent")

Judge = Callable[[str], "Job[Prefilled] | None"]

EventType = stt.SpeechEventType
STAGE = "speech to text"
CLOSE = 0.05  # s of sound behind a draft, heard since, that are worth another hearing where nothing was understood
TICK = 0.1  # s without a message after which time alone moves an utterance on (a muted microphone sends no audio)
STEPS = 4  # waits that make a tick; one wait also ends when this process stood still, with the audio on its way to us


def speech_data(transcript: Transcript, start: float, end: float) -> stt.SpeechData:
    return stt.SpeechData(
        language=transcript.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
        text=transcript.text,
        start_time=start,
        end_time=end,
        confidence=transcript.confidence,
    )


def _spoken(transcript: Transcript) -> Spoken:
    return Spoken(transcript.language, transcript.language_probability, transcript.end - transcript.start)


def unjudged(_: str) -> None:
    """Nobody judges whether a message is over."""


class Stream(stt.RecognizeStream):
    """Audio in, transcripts out. All state moves in one task that reads one queue of messages."""

    def __init__(
        self, plugin: STT, language: str | None, endpointing: Endpointing, conn_options: APIConnectOptions
    ) -> None:
        self._plugin, self._language, self._endpointing = plugin, language, endpointing
        self._request_id = ""
        self._job: Job[Transcript] | None = None
        self._partial: Job[Transcript] | None = None
        self._drafting: set[asyncio.Task[None]] = set()
        self._retried = False
        self._own_voice = True
        self._spoken: Spoken | None = None  # the language of this call, as far as it had to be detected
        self._written: tuple[int, tuple[int, ...]] = (0, ())  # tokens of the last transcript, and where it began
        super().__init__(stt=plugin, conn_options=conn_options, sample_rate=RATE)

    async def _run(self) -> None:
        with api_errors(STAGE):
            self._engine = await shielded(self._plugin.engine())
            detector = self._plugin.detector().stream()
            self._hearing = Hearing(self._endpointing, listens=self._plugin.listens)
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
                self._cancel_partial()
                await utils.aio.cancel_and_wait(*pumps, *self._drafting)
                await detector.aclose()

    async def _pump_audio(self, detector: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                if self._hearing.hear(np.frombuffer(item.data, np.int16)):
                    self._messages.put_nowait("quiet")
                if self._hearing.stirs():
                    self._plugin.floor.stirred()
                detector.push_frame(item)
            else:
                self._messages.put_nowait(Flushed(self._hearing.tape.end))
        detector.end_input()

    async def _pump_detector(self, detector: vad.VADStream) -> None:
        async for event in detector:
            self._messages.put_nowait(event)
        self._messages.put_nowait("end")

    async def _listen(self, pumps: list[asyncio.Task[None]]) -> None:
        waits = 0  # in a row
        while not (self._ended and not self._hearing.speaking):
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
                self._on_message(message)
            waits = 0
            self._advance()

    def _on_tick(self, pumps: list[asyncio.Task[None]]) -> None:
        """Nothing happened for a while: no audio comes, or a pump has died."""
        for pump in pumps:
            if pump.done() and (error := pump.exception()) is not None:
                raise error
        self._hearing.dead_time += TICK
        self._plugin.floor.silence(TICK)
        if self._flush is not None:  # the rest of a window, of which the detector never tells
            self._finish_utterance()

    def _on_message(self, message: Message) -> None:
        if isinstance(message, vad.VADEvent):
            self._on_window(message)
        elif isinstance(message, Drafted):
            self._on_drafted(message)
        elif isinstance(message, Heard):
            self._on_heard(message)
        elif isinstance(message, Opinion):
            message.take()
        elif isinstance(message, Flushed):
            self._flush = message
        elif message == "end":
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
            if self._own_voice:  # of the caller, not of the agent come back
                hearing.began(event.samples_index, event.speech_duration)
        elif event.type == vad.VADEventType.INFERENCE_DONE and hearing.window(
            event.samples_index, self._judged(event), event.speaking
        ):
            self._cancel_draft()
            closed = hearing.drop_draft()
            if closed is not None:
                self._emit(EventType.FINAL_TRANSCRIPT, closed)
                self._report_usage(closed)

    def _judged(self, event: vad.VADEvent) -> float:
        """The probability that the caller speaks, once the floor has told the agent's own voice from it."""
        heard = self._hearing.tape.cut(event.samples_index - WINDOW, event.samples_index)
        probability = self._plugin.floor.window(heard, event.probability)
        self._own_voice = probability == event.probability
        return probability

    def _advance(self) -> None:
        hearing = self._hearing
        if hearing.wants_draft():
            self._request_id = self._request_id or uuid.uuid4().hex
            mark(self._plugin.listener, "silence")
            self._cancel_partial()
            self._transcribe(hearing.begin_draft())
        elif self._partial is None and hearing.wants_partial():
            self._listen_in(hearing.begin_partial())
        if hearing.tellable() and hearing.draft is not None:
            self._tell(hearing.draft)
        if hearing.wants_sound() and hearing.draft is not None:
            self._listen_for_end(hearing.draft)
        if hearing.due() and hearing.draft is not None:
            self._commit(hearing.draft)

    def _tell(self, draft: Draft) -> None:
        """Let a reply begin, and have it judged whether the words are all there: reading them is the same work."""
        draft.told = True
        mark(self._plugin.listener, "transcript")
        judging = self._plugin.judge(draft.text or "")
        if judging is not None:
            draft.pending = True
            self._keep(self._form_opinion(draft, words=judging))
        self._emit(EventType.PREFLIGHT_TRANSCRIPT, draft)

    def _listen_for_end(self, draft: Draft) -> None:
        """Have it judged from the sound whether the caller has finished."""
        draft.listened = True
        listening = self._plugin.sounds_finished(self._hearing.audio(draft))
        if listening is not None:
            draft.pending = True
            self._keep(self._form_opinion(draft, sound=listening))

    async def _form_opinion(
        self, draft: Draft, *, words: Job[Prefilled] | None = None, sound: Job[float] | None = None
    ) -> None:
        opinion = Opinion(draft)
        try:
            if words is not None:
                opinion.words = (await within(words, self._plugin.timeout, STAGE)).end_probability
            if sound is not None:
                opinion.sound = await within(sound, self._plugin.timeout, STAGE)
        except LocalAgentError as error:  # the other evidence decides; the reply reports what is wrong with a model
            logger.debug("the end of a turn was not judged: %s", error)
        self._messages.put_nowait(opinion)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        """Run work beside this task, and end it with it."""
        task = asyncio.create_task(work)
        self._drafting.add(task)
        task.add_done_callback(self._drafting.discard)

    def _transcribe(self, draft: Draft) -> None:
        async def work() -> None:
            transcript, error = None, None
            try:
                audio = self._hearing.audio(draft)
                draft.given = audio.size
                self._job = self._engine.transcribe(
                    audio,
                    language=self._language,
                    before=self._spoken,
                    guess=self._guess(draft),
                    timeout=self._plugin.timeout,
                )
                transcript = await within(self._job, self._plugin.timeout, STAGE)
            except Exception as failure:  # carried to the one task that owns the state, which raises it
                error = failure
            self._messages.put_nowait(Drafted(draft, transcript, error))

        self._keep(work())

    def _cancel_draft(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _listen_in(self, draft: Draft) -> None:
        """Write down what was said so far, if the engine has nothing better to do."""

        async def work() -> None:
            transcript = None
            try:
                self._partial = self._engine.transcribe(
                    self._hearing.audio(draft),
                    language=self._language,
                    before=self._spoken,
                    guess=self._guess(draft),
                    urgency=Urgency.SPECULATIVE,
                    timeout=self._plugin.timeout,
                )
                transcript = await within(self._partial, self._plugin.timeout, STAGE)
            except LocalAgentError as error:  # busy, or worse: the draft hears the same audio again, and reports
                logger.debug("no partial transcript: %s", error)
            self._partial = None
            self._messages.put_nowait(Heard(draft, transcript))

        self._keep(work())

    def _guess(self, draft: Draft) -> tuple[int, ...]:
        """Tokens that a draft probably begins with: those of an earlier transcript of the same speech."""
        start, tokens = self._written
        return tokens if start == draft.start else ()

    def _remember(self, message: Heard | Drafted) -> None:
        """Keep the tokens of a transcript, also of one that comes too late to be told, for the next one's guess."""
        if message.transcript is not None:
            self._written = message.draft.start, message.transcript.tokens

    def _cancel_partial(self) -> None:
        if self._partial is not None:
            self._partial.cancel()

    def _on_heard(self, message: Heard) -> None:
        """Tell of a partial transcript, unless the segment it belongs to is over or about to be."""
        hearing, draft, transcript = self._hearing, message.draft, message.transcript
        self._remember(message)
        if transcript is None or hearing.draft is not None or not hearing.speaking or hearing.start != draft.start:
            return
        self._write_down(draft, transcript)
        if draft.text:
            self._request_id = self._request_id or uuid.uuid4().hex
            mark(self._plugin.listener, "partial/made")
            self._emit(EventType.INTERIM_TRANSCRIPT, draft)

    def _on_drafted(self, message: Drafted) -> None:
        draft = message.draft
        self._remember(message)
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
        if not message.transcript.text and self._more_to_hear(draft):
            self._transcribe(draft)
            return
        if message.transcript.text:
            self._spoken = settled(_spoken(message.transcript), self._spoken)
        self._write_down(draft, message.transcript)
        draft.ending = message.transcript.ending

    def _write_down(self, draft: Draft, transcript: Transcript) -> None:
        floor = self._plugin.floor
        sound = self._hearing.audio(draft) if floor.talking else None  # nobody else asks how the words sounded
        draft.text = floor.words(transcript.text, transcript.confidence, sound)
        draft.language, draft.confidence = transcript.language, transcript.confidence

    def _more_to_hear(self, draft: Draft) -> bool:
        """Whether nothing was understood because the draft was cut close: "six" without its hiss passes for noise."""
        return self._hearing.audio(draft).size >= draft.given + CLOSE * RATE

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

"""One caller's audio on its way to transcripts: drafts in short silences, partials in the midst of speech."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, stt, utils, vad

from local_agent.engines.whisper.language import Spoken
from local_agent.errors import EngineTimeout
from local_agent.plugins.errors import api_errors, shielded
from local_agent.plugins.stream_messages import Drafted, Flushed, Heard, Message, Opinion
from local_agent.plugins.telling import Telling
from local_agent.plugins.transcriber import STAGE, Transcriber
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.timeline import mark
from local_agent.turns.utterance import RATE, WINDOW, Draft, Utterance

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.types import Prefilled
    from local_agent.engines.whisper.engine import Transcript
    from local_agent.plugins.whisper import STT

logger = logging.getLogger("local_agent")

Judge = Callable[[str], "Job[Prefilled] | None"]

EventType = stt.SpeechEventType
CLOSE = 0.05  # s of sound behind a draft, heard since, that are worth another hearing where nothing was understood
TICK = 0.1  # s without a message after which time alone moves an utterance on (a muted microphone sends no audio)
AGAIN = 0.25  # of the time that a draft gets, when it took all of it once: somebody has been waiting
STEPS = 4  # waits that make a tick; one wait also ends when this process stood still, with the audio on its way to us


def speech_data(transcript: Transcript, start: float, end: float) -> stt.SpeechData:
    return stt.SpeechData(
        language=transcript.language,  # type: ignore[arg-type]  # SpeechData turns it into a LanguageCode
        text=transcript.text,
        start_time=start,
        end_time=end,
        confidence=transcript.confidence,
    )


def unjudged(_: str) -> None:
    """Nobody judges whether a message is over."""


class Stream(stt.RecognizeStream):
    """Audio in, transcripts out. All state moves in one task that reads one queue of messages."""

    def __init__(
        self, plugin: STT, language: str | None, endpointing: Endpointing, conn_options: APIConnectOptions
    ) -> None:
        self._plugin, self._language, self._endpointing = plugin, language, endpointing
        self._own_voice = True
        self._spoken: Spoken | None = None  # the language of this call, as far as it had to be detected
        super().__init__(stt=plugin, conn_options=conn_options, sample_rate=RATE)

    async def _run(self) -> None:
        with api_errors(STAGE):
            engine = await shielded(self._plugin.engine())
            detector = self._plugin.detector().stream()
            self._hearing = Utterance(self._endpointing, listens=self._plugin.listens)
            self._messages: asyncio.Queue[Message] = asyncio.Queue()
            self._transcriber = Transcriber(
                engine,
                self._hearing,
                self._messages.put_nowait,
                language=self._language,
                timeout=self._plugin.timeout,
                spoken=self._spoken,
            )
            self._telling = Telling(self._hearing, self._event_ch.send_nowait, lambda: self.start_time_offset)
            self._closing: deque[Draft] = deque()  # segments that are over, and not told yet
            self._ended, self._unheard = False, 0.0
            self._flush: Flushed | None = None
            self._owed = False  # a final, to whoever flushed
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
                self._spoken = self._transcriber.spoken
                await utils.aio.cancel_and_wait(*pumps)
                await self._transcriber.aclose()
                await detector.aclose()

    async def _pump_audio(self, detector: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                if self._hearing.hear(np.frombuffer(item.data, np.int16)):
                    self._messages.put_nowait("quiet")
                if self._hearing.stirs() and not self._hearing.foreground.voices:
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
        self._unheard += TICK
        if self._unheard > self._plugin.timeout and self._hearing.tape.end > self._hearing.now + RATE:
            raise EngineTimeout(f"the voice detector has said nothing for {self._unheard:.0f} s")
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
            self._telling.nothing(self._language)
        self._owed = False

    def _on_window(self, event: vad.VADEvent) -> None:
        hearing, self._unheard = self._hearing, 0.0
        if event.type == vad.VADEventType.START_OF_SPEECH:
            if self._own_voice and not hearing.foreground.voices:  # of the caller, not of the agent or of others
                hearing.began(event.samples_index, event.speech_duration)
        elif event.type == vad.VADEventType.INFERENCE_DONE and hearing.window(
            event.samples_index, self._judged(event), event.speaking
        ):
            closed = hearing.drop_draft()
            if closed is None:
                self._transcriber.cancel_draft()
            else:
                self._close_segment(closed)

    def _close_segment(self, draft: Draft) -> None:
        """The speech goes on, this part of it is never heard again: it becomes final when its words are there."""
        self._transcriber.keep_draft()
        self._closing.append(draft)
        self._tell_closed()

    def _tell_closed(self) -> None:
        """Make closed segments final in the order in which they were spoken."""
        while self._closing and self._closing[0].text is not None:
            draft = self._closing.popleft()
            if draft.text:
                self._telling.tell(EventType.FINAL_TRANSCRIPT, draft)
            self._telling.usage(draft)

    def _judged(self, event: vad.VADEvent) -> float:
        """The probability that the caller speaks, once the floor has told the agent's own voice from it."""
        hearing = self._hearing
        heard = hearing.tape.cut(event.samples_index - WINDOW, event.samples_index)
        floor = self._plugin.floor
        near = hearing.near(event.samples_index, event.probability, replying=floor.busy)
        if hearing.foreground.broadcast and hearing.committed:
            floor.give_up()  # a reply to a television
        probability = floor.window(heard, near)
        self._own_voice = probability == near
        if not self._own_voice:
            hearing.foreground.echoed()
        return probability

    def _advance(self) -> None:
        hearing = self._hearing
        if hearing.wants_draft():
            self._telling.begin()
            mark(self._plugin.listener, "silence")
            self._transcriber.cancel_partial()
            self._transcriber.write_down(hearing.begin_draft())
        elif hearing.endless():
            self._telling.begin()
            self._transcriber.cancel_partial()
            draft = hearing.cut()
            self._transcriber.write_down(draft)
            self._close_segment(draft)
        elif not self._transcriber.listening_in and hearing.wants_partial():
            self._transcriber.listen_in(hearing.begin_partial())
        if self._closing:
            return  # what was said first is told first
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
        self._transcriber.judge(draft, words=self._plugin.judge(draft.text or ""))
        self._telling.tell(EventType.PREFLIGHT_TRANSCRIPT, draft)

    def _listen_for_end(self, draft: Draft) -> None:
        """Have it judged from the sound whether the caller has finished."""
        draft.listened = True
        self._transcriber.judge(draft, sound=self._plugin.sounds_finished(self._hearing.audio(draft)))

    def _on_heard(self, message: Heard) -> None:
        """Tell of a partial transcript, unless the segment it belongs to is over or about to be."""
        hearing, draft, transcript = self._hearing, message.draft, message.transcript
        self._transcriber.remember(message)
        if transcript is None or hearing.draft is not None or not hearing.speaking or hearing.start != draft.start:
            return
        self._write_down(draft, transcript)
        if draft.text:
            self._telling.begin()
            mark(self._plugin.listener, "partial/made")
            self._telling.tell(EventType.INTERIM_TRANSCRIPT, draft)

    def _on_drafted(self, message: Drafted) -> None:
        draft = message.draft
        self._transcriber.remember(message)
        if draft is not self._hearing.draft and draft not in self._closing:
            return  # speech went on meanwhile
        if message.error is not None:
            if draft.retried:
                self._give_up(draft, message.error)
                return
            draft.retried = True  # once more with the same audio: what was said must not be lost
            late = isinstance(message.error, EngineTimeout)
            self._transcriber.write_down(draft, AGAIN * self._plugin.timeout if late else None)
            return
        assert message.transcript is not None
        if not message.transcript.text and draft is self._hearing.draft and self._more_to_hear(draft):
            self._transcriber.write_down(draft)
            return
        if message.transcript.text:
            self._transcriber.settle(message.transcript)
        self._write_down(draft, message.transcript)
        draft.ending = message.transcript.ending
        self._tell_closed()

    def _give_up(self, draft: Draft, error: Exception) -> None:
        """The engine failed twice: whoever listens for errors tells the caller, and the next words are heard again.

        Errors that no other try will mend end the stream, and so does any where no other try is wanted.
        """
        try:
            with api_errors(STAGE):
                raise error
        except APIError as failure:
            if not failure.retryable or self._conn_options.max_retry == 0:
                raise
            logger.warning("what a caller said was not understood: %s", failure)
            told = stt.STTError(timestamp=time.time(), label=self._plugin.label, error=failure, recoverable=True)
            self._plugin.emit("error", told)
        if draft in self._closing:
            draft.text = ""
            self._tell_closed()
            return
        self._telling.end(None)
        self._answer_flush()
        self._close()

    def _write_down(self, draft: Draft, transcript: Transcript) -> None:
        floor = self._plugin.floor
        sound = self._hearing.audio(draft) if floor.talking else None  # nobody else asks how the words sounded
        text = transcript.text if self._hearing.believes(draft, transcript.text, transcript.confidence) else ""
        draft.text = floor.words(text, transcript.confidence, sound)
        draft.language, draft.confidence = transcript.language, transcript.confidence

    def _more_to_hear(self, draft: Draft) -> bool:
        """Whether nothing was understood because the draft was cut close: "six" without its hiss passes for noise."""
        return self._hearing.audio(draft).size >= draft.given + CLOSE * RATE

    def _commit(self, draft: Draft) -> None:
        """Make the draft final, byte for byte what the preflight said, and end the utterance."""
        if draft.text:
            mark(self._plugin.listener, "commit")
            self._telling.tell(EventType.FINAL_TRANSCRIPT, draft)
        else:
            self._answer_flush()
        self._telling.end(draft)
        self._telling.usage(draft)
        self._close()

    def _close(self) -> None:
        """The utterance is over."""
        self._hearing.close()
        self._telling.close()
        self._owed = False

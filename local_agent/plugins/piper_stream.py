"""Text on its way to speech: clause after clause into livekit's emitter."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from livekit import rtc
from livekit.agents import APIConnectOptions, tts, utils
from livekit.agents.types import TimedString

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.text.clauses import ClauseCutter
from local_agent.engines.text.normalize import instead
from local_agent.errors import BadInput, EngineError
from local_agent.plugins.errors import api_errors, asked_timeout, limit, threadsafe, within
from local_agent.plugins.first_clause import FirstClause, WritingPace
from local_agent.turns.timeline import Listener, mark

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.piper.engine import Piper, Spoken

logger = logging.getLogger("local_agent")

STAGE = "text to speech"
FRAME = 20  # ms of audio a frame: a small first frame is on its way sooner
BARELY = 2.0  # s of speech that may be over before a long clause is made: its beginning is wanted sooner
AHEAD = 4.0  # s of speech that may wait to be played before more is synthesised: an interruption throws it away
BLANK = 0.1  # s of silence for a segment of white space behind others: livekit takes none at all for a failure
TURNS = 2_000  # of the event loop at most that livekit's measuring of a segment may take: one or two a frame


@dataclass(frozen=True)
class Manner:
    """How a text is spoken, from its first clause to its last. model: None is the plan's voice. speed: 1.0 is the
    voice's own. speaker: name or number. None of both is what the settings say, which are read where the voice loads.
    """

    model: str | None
    speed: float | None
    speaker: str | int | None

    @property
    def pace(self) -> float:
        return 1.0 if self.speed is None else self.speed


class Plugin(Protocol):
    """What speech asks of the TTS that it belongs to (`plugins.piper`). voiced: the voice speaks the call's language.
    opening: a first clause on its way to sound, which may have begun before.
    """

    voiced: bool
    listener: Listener
    pace: WritingPace

    @property
    def sample_rate(self) -> int: ...
    @property
    def timeout(self) -> float: ...
    @property
    def manner(self) -> Manner: ...
    async def engine(self, manner: Manner) -> tuple[Piper, Manner]: ...
    def opening(self, engine: Piper, clause: str, manner: Manner, timeout: float) -> FirstClause: ...


class Voice:
    """Says clause after clause into an emitter, one engine job at a time, and tells when each of them sounds.

    timeout: seconds that one clause may take. paced: no more is made than AHEAD seconds before it is played.
    language: that it speaks.
    """

    def __init__(
        self, plugin: Plugin, engine: Piper, manner: Manner, emitter: tts.AudioEmitter, timeout: float, *, paced: bool
    ) -> None:
        self._plugin, self._engine, self._manner, self._emitter = plugin, engine, manner, emitter
        self._timeout, self._paced, self.language = timeout, paced, engine.language
        self._first = True
        self._foreseen = ""
        self._began = 0.0
        self._worded, self._spoken, self._instead = False, False, ""
        self.seconds = 0.0  # of audio pushed
        self._segment = 0.0  # of them before the segment under way
        self._pause = 0.0  # s of silence that it ends with
        foreign = engine.sample_rate != plugin.sample_rate
        self._resampler = rtc.AudioResampler(engine.sample_rate, plugin.sample_rate) if foreign else None

    async def say(self, clause: str) -> None:
        """Synthesise one clause; cancelling stops the engine before its next one. Raises our errors."""
        if not self._first:
            await self._let_play()
        elif clause.strip() != self._foreseen:
            mark(self._plugin.listener, "clause")
        start = self.seconds
        job = self._begin(clause)
        self._first = False
        try:
            spoken = await within(job, self._timeout, STAGE)
        finally:
            job.cancel()
        if self.seconds == start:
            raise EngineError("the voice made no sound of a clause", fix="python -m local_agent doctor")
        if self._resampler is not None:
            self._pass_on(self._resampler.flush())
        self._worded = self._worded or any(map(str.isalnum, clause))
        self._spoken = self._spoken or bool(spoken.text)
        self._instead = self._instead or instead(clause, self.language)
        start -= self._segment
        words = TimedString(clause, start_time=start, end_time=max(start, self.seconds - self._segment - self._pause))
        self._emitter.push_timed_transcript(words)
        self._emitter.flush()  # or the words would travel with the next clause, when these have been heard

    async def end(self) -> None:
        """A segment's text is over: a listener must not be left in silence by one of which nothing could be spoken.

        Raises BadInput where there is nothing to say instead.
        """
        unspoken, self._worded, self._spoken = self._worded and not self._spoken, False, False
        said, self._instead = self._instead, ""
        if unspoken and self._plugin.voiced and not said:  # who has no voice for a language answers in writing
            raise BadInput(
                "nothing of a text could be spoken: it holds no word that the voice can read",
                expected=f"words for a voice that speaks {self.language}",
                fix="choose a voice of the language that the model answers in: python -m local_agent download --list",
            )
        if unspoken and self._plugin.voiced:
            await self.say(said)
        if 0 < self._segment == self.seconds:
            self._emitter.push(bytes(2 * int(BLANK * self._plugin.sample_rate)))
            self.seconds += BLANK
        self._segment = self.seconds

    def foresee(self, clause: str) -> None:
        """Begin with what is probably the first clause, a moment before that is sure."""
        if not self._first:
            return
        try:
            self._plugin.opening(self._engine, clause, self._manner, self._timeout)
        except Exception as error:  # `say` asks again and reports it, if it is still wrong then
            logger.debug("the first clause was not begun: %s", error)
            return
        self._foreseen = clause.strip()
        mark(self._plugin.listener, "clause")

    def _begin(self, clause: str) -> Job[Spoken]:
        if self._first:
            return self._plugin.opening(self._engine, clause, self._manner, self._timeout).adopt(self._push)
        return self._engine.synthesize(
            clause,
            on_audio=threadsafe(self._push),
            speed=self._manner.pace,
            speaker=self._manner.speaker,
            urgency=Urgency.SOON,
            soon=self._unplayed() < BARELY,
            timeout=self._timeout,
        )

    def _push(self, pcm: bytes) -> None:
        if not self._began:
            self._began = time.monotonic()
            mark(self._plugin.listener, "voice")
        seconds = len(pcm) / 2 / self._engine.sample_rate
        self.seconds += seconds
        mark(self._plugin.listener, "voice_second/made", seconds)
        self._pause = (len(pcm) - len(pcm.rstrip(b"\0"))) / 2 / self._engine.sample_rate
        if self._resampler is None:
            self._emitter.push(pcm)
        else:
            self._pass_on(self._resampler.push(bytearray(pcm)))

    def _pass_on(self, frames: list[rtc.AudioFrame]) -> None:
        for frame in frames:
            self._emitter.push(bytes(frame.data))

    async def _let_play(self) -> None:
        """Wait until at most AHEAD seconds are unplayed, counted as if playing began with the first audio."""
        if self._paced and self._began and (surplus := self._unplayed() - AHEAD) > 0:
            await asyncio.sleep(surplus)

    def _unplayed(self) -> float:
        """Seconds of speech that are still to be heard."""
        return self.seconds - (time.monotonic() - self._began) if self._began else 0.0


async def _voice(
    plugin: Plugin,
    manner: Manner,
    conn_options: APIConnectOptions,
    emitter: tts.AudioEmitter,
    *,
    written: bool = False,
) -> Voice:
    """A voice for the emitter, once its engine is loaded. written: its text is still being written, and somebody
    listens meanwhile.
    """
    asked = asked_timeout(conn_options)
    async with limit(asked, "loading the voice"):
        engine, manner = await plugin.engine(manner)
    emitter.initialize(
        request_id=uuid.uuid4().hex,
        sample_rate=plugin.sample_rate,
        num_channels=1,
        mime_type="audio/pcm",
        frame_size_ms=FRAME,
        stream=written,
    )
    return Voice(plugin, engine, manner, emitter, asked or plugin.timeout, paced=written)


class Chunked(tts.ChunkedStream):
    """A whole text at once, as quickly as the machine makes it: nobody is known to be listening meanwhile."""

    def __init__(self, *, plugin: Plugin, text: str, conn_options: APIConnectOptions) -> None:
        self._plugin, self._manner = plugin, plugin.manner
        super().__init__(tts=cast("tts.TTS[Any]", plugin), input_text=text, conn_options=conn_options)

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        with api_errors(STAGE):
            voice = await _voice(self._plugin, self._manner, self._conn_options, output_emitter)
            cutter = ClauseCutter(language=voice.language)
            for clause in [*cutter.push(self.input_text), *cutter.flush()]:
                await voice.say(clause)
            await voice.end()
            output_emitter.flush()


class Stream(tts.SynthesizeStream):
    """Text as it is written, speech as soon as its first clause stands. Each flush ends a segment."""

    def __init__(self, *, plugin: Plugin, conn_options: APIConnectOptions) -> None:
        self._plugin, self._manner = plugin, plugin.manner
        super().__init__(tts=cast("tts.TTS[Any]", plugin), conn_options=conn_options)

    def push_text(self, token: str) -> None:
        """Push some text to be spoken; what follows a flush is a segment of its own, said behind the one before.

        The base class drops all segments but the first, which it counts.
        """
        before, self._num_segments = self._num_segments, 0
        super().push_text(token)
        self._num_segments += before

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        with api_errors(STAGE):
            voice = await _voice(self._plugin, self._manner, self._conn_options, output_emitter, written=True)
            clauses = utils.aio.Chan[str | None]()
            cutting = asyncio.create_task(self._cut(clauses, voice))
            try:
                await self._speak(clauses, voice, output_emitter)
                await cutting
            finally:
                await utils.aio.cancel_and_wait(cutting)

    async def _cut(self, clauses: utils.aio.Chan[str | None], voice: Voice) -> None:
        """Cut the text into clauses, None behind the last of a segment: text is read while a clause is being said."""
        pace, written = self._plugin.pace, False
        cutter = ClauseCutter(
            first_words=pace.first_words,
            mark_words=pace.mark_words,
            second_words=pace.second_words,
            language=voice.language,
        )
        try:
            async for item in self._input_ch:
                if isinstance(item, str):
                    pace.hear(item)
                for clause in cutter.push(item) if isinstance(item, str) else cutter.flush():
                    clauses.send_nowait(clause)
                if likely := cutter.likely():
                    voice.foresee(likely)
                if written and not isinstance(item, str):
                    clauses.send_nowait(None)
                written = isinstance(item, str)
            for clause in cutter.flush():
                clauses.send_nowait(clause)
            pace.end()
        finally:
            clauses.close()  # also when cutting fails, or the reader would wait for ever

    async def _speak(self, clauses: utils.aio.Chan[str | None], voice: Voice, emitter: tts.AudioEmitter) -> None:
        under_way = False  # a segment
        async for clause in clauses:
            if not under_way:
                await self._measured()
                emitter.start_segment(segment_id=uuid.uuid4().hex)
                under_way = True
                self._mark_started()
            if clause is not None:
                await voice.say(clause)
                continue
            await voice.end()
            emitter.end_segment()
            under_way = False

    async def _measured(self) -> None:
        """Until livekit has measured the segment before: it takes the beginning of this one for its own else."""
        for _ in range(TURNS):
            if not self._started_time:
                return
            await asyncio.sleep(0)

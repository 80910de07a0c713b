"""Text to speech for AgentSession: `TTS()`, clause by clause from the process's shared Piper voice."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, tts, utils
from livekit.agents.types import TimedString

from local_agent.config.settings import FASTEST, SLOWEST
from local_agent.engines import registry
from local_agent.engines.inference_thread import Urgency
from local_agent.engines.text.clauses import MARK_WORDS, SLOW_MARK_WORDS, ClauseCutter
from local_agent.engines.text.normalize import instead
from local_agent.errors import BadInput, ConfigError, EngineError, LocalAgentError
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import api_errors, shielded, threadsafe, within
from local_agent.plugins.first_clause import FirstClause, Openings, WritingPace
from local_agent.turns.timeline import Listener, ignore, mark

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.piper.engine import Piper, Spoken

logger = logging.getLogger("local_agent")

STAGE = "text to speech"
FRAME = 20  # ms of audio a frame: a small first frame is on its way sooner
BARELY = 2.0  # s of speech that may be over before a long clause is made: its beginning is wanted sooner
AHEAD = 4.0  # s of speech that may wait to be played before more is synthesised: an interruption throws it away


class TTS(tts.TTS[Any]):
    """A Piper voice on this machine.

    model: a name of the catalogue or the path of an .onnx voice (its .onnx.json beside it). speed: 1.0 is the voice's
    own, 2.0 twice as fast. speaker: name or number, for voices that have several. call_language: where it changes, the
    voice changes to one that speaks it, if one is there (`Engines.voice_for`) and no model was named.

    Raises ConfigError for a speed or speaker that the voice can't give, WeightsMissing, WeightsCorrupt.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        speed: float | None = None,
        speaker: str | int | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
        call_language: CallLanguage | None = None,
    ) -> None:
        self._engines, self.listener = engines or registry.shared(), listener
        self._model = str(model) if model is not None else None
        settings = self._engines.settings
        self.speed = settings.speed if speed is None else float(speed)
        self.speaker = settings.speaker if speaker is None else speaker
        self._own, self._own_speaker = self._model, self.speaker
        self.voiced = True  # a voice speaks the language of the call
        if not SLOWEST <= self.speed <= FASTEST:
            raise ConfigError(f"speed = {self.speed:g}", expected=f"{SLOWEST:g} to {FASTEST:g}", fix="1.0 is the usual")
        self._engines.suits("piper", self._model, speaker=self.speaker)
        self._openings, self.pace = Openings(), WritingPace()
        if call_language is not None and model is None:
            call_language.on_change(self._change)
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True, aligned_transcript=True),
            sample_rate=self._engines.voice_rate(self._model),
            num_channels=1,
        )

    @property
    def model(self) -> str:
        return self._engines.name("piper", self._model)

    @property
    def provider(self) -> str:
        return "local_agent"

    @property
    def timeout(self) -> float:
        return self._engines.settings.engine_timeout

    @property
    def language(self) -> str:
        return self._engines.settings.language

    def _change(self, language: str) -> None:
        """Speak with the voice of a language from the next reply on; with the usual one where there is none."""
        found = self._engines.voice_for(language)
        self.voiced = found is not None
        own = found is None or found == self._engines.plan.piper.model
        self._model = None if own else found
        self.speaker = self._own_speaker if own else 0
        self._engines.piper(self._model)  # begins to load

    async def engine(self) -> Piper:
        try:
            return await shielded(self._engines.piper(self._model))
        except LocalAgentError as error:
            if self._model == self._own:
                raise
            logger.warning("%s does not load, and the voice stays as it was: %s", self.model, error)
            self._model, self.speaker = self._own, self._own_speaker
            return await shielded(self._engines.piper(self._model))

    def prewarm(self) -> None:
        """Start loading in the background, if nobody has yet."""
        self._engines.piper(self._model)

    def opening(self, engine: Piper, clause: str) -> FirstClause:
        """A reply's first clause on its way to sound, which may have begun before. Raises what the engine raises."""
        return self._openings.get(
            (clause.strip(), self.speed, self.speaker, engine),
            lambda on_audio: engine.synthesize(
                clause, on_audio=on_audio, speed=self.speed, speaker=self.speaker, soon=True, timeout=self.timeout
            ),
        )

    def forget(self) -> None:
        """Keep none of the clauses that were said, or begun to be."""
        self._openings.forget()

    async def aclose(self) -> None:
        """Give up what is being made for nobody; the engine stays for the others."""
        await super().aclose()
        self.forget()

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Chunked:
        return Chunked(plugin=self, text=text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Stream:
        return Stream(plugin=self, conn_options=conn_options)


class Voice:
    """Says clause after clause into an emitter, one engine job at a time, and tells when each of them sounds."""

    def __init__(self, plugin: TTS, engine: Piper, emitter: tts.AudioEmitter) -> None:
        self._plugin, self._engine, self._emitter = plugin, engine, emitter
        self._first = True
        self._foreseen = ""
        self._began = 0.0
        self._worded, self._spoken, self._instead = False, False, ""
        self.seconds = 0.0  # of audio pushed
        self._pause = 0.0  # s of silence that it ends with

    async def say(self, clause: str) -> None:
        """Synthesise one clause; cancelling stops the engine before its next one. Raises our errors."""
        if not self._first:
            await self._let_play()
        elif clause.strip() != self._foreseen:
            mark(self._plugin.listener, "clause")
        timeout, start = self._plugin.timeout, self.seconds
        job = self._begin(clause)
        self._first = False
        try:
            spoken = await within(job, timeout, STAGE)
        finally:
            job.cancel()
        if self.seconds == start:
            raise EngineError("the voice made no sound of a clause", fix="python -m local_agent doctor")
        self._worded = self._worded or any(map(str.isalnum, clause))
        self._spoken = self._spoken or bool(spoken.text)
        self._instead = self._instead or instead(clause, self._engine.language)
        words = TimedString(clause, start_time=start, end_time=max(start, self.seconds - self._pause))
        self._emitter.push_timed_transcript(words)
        self._emitter.flush()  # or the words would travel with the next clause, when these have been heard

    async def end(self) -> None:
        """The text is over: a listener must not be left in silence by one of which nothing could be spoken.

        Raises BadInput where there is nothing to say instead.
        """
        if self._spoken or not self._worded or not self._plugin.voiced:
            return  # who has no voice for a language answers in writing
        if not self._instead:
            raise BadInput(
                "nothing of a text could be spoken: it holds no word that the voice can read",
                expected=f"words for a voice that speaks {self._engine.language}",
                fix="choose a voice of the language that the model answers in: python -m local_agent download --list",
            )
        await self.say(self._instead)

    def foresee(self, clause: str) -> None:
        """Begin with what is probably the first clause, a moment before that is sure."""
        try:
            self._plugin.opening(self._engine, clause)
        except Exception as error:  # `say` asks again and reports it, if it is still wrong then
            logger.debug("the first clause was not begun: %s", error)
            return
        self._foreseen = clause.strip()
        mark(self._plugin.listener, "clause")

    def _begin(self, clause: str) -> Job[Spoken]:
        if self._first:
            return self._plugin.opening(self._engine, clause).adopt(self._push)
        return self._engine.synthesize(
            clause,
            on_audio=threadsafe(self._push),
            speed=self._plugin.speed,
            speaker=self._plugin.speaker,
            urgency=Urgency.SOON,
            soon=self._unplayed() < BARELY,
            timeout=self._plugin.timeout,
        )

    def _push(self, pcm: bytes) -> None:
        if not self._began:
            self._began = time.monotonic()
            mark(self._plugin.listener, "voice")
        seconds = len(pcm) / 2 / self._engine.sample_rate
        self.seconds += seconds
        mark(self._plugin.listener, "voice_second/made", seconds)
        self._pause = (len(pcm) - len(pcm.rstrip(b"\0"))) / 2 / self._engine.sample_rate
        self._emitter.push(pcm)

    async def _let_play(self) -> None:
        """Wait until at most AHEAD seconds are unplayed, counted as if playing began with the first audio."""
        if self._began and (surplus := self._unplayed() - AHEAD) > 0:
            await asyncio.sleep(surplus)

    def _unplayed(self) -> float:
        """Seconds of speech that are still to be heard."""
        return self.seconds - (time.monotonic() - self._began) if self._began else 0.0


class Chunked(tts.ChunkedStream):
    """A whole text at once."""

    def __init__(self, *, plugin: TTS, text: str, conn_options: APIConnectOptions) -> None:
        self._plugin = plugin
        super().__init__(tts=plugin, input_text=text, conn_options=conn_options)

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        with api_errors(STAGE):
            engine = await self._plugin.engine()
            output_emitter.initialize(
                request_id=uuid.uuid4().hex,
                sample_rate=engine.sample_rate,
                num_channels=1,
                mime_type="audio/pcm",
                frame_size_ms=FRAME,
            )
            voice = Voice(self._plugin, engine, output_emitter)
            cutter = ClauseCutter(language=engine.language)
            for clause in [*cutter.push(self.input_text), *cutter.flush()]:
                await voice.say(clause)
            await voice.end()
            output_emitter.flush()


class Stream(tts.SynthesizeStream):
    """Text as it is written, speech as soon as its first clause stands."""

    def __init__(self, *, plugin: TTS, conn_options: APIConnectOptions) -> None:
        self._plugin = plugin
        super().__init__(tts=plugin, conn_options=conn_options)

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        with api_errors(STAGE):
            engine = await self._plugin.engine()
            output_emitter.initialize(
                request_id=uuid.uuid4().hex,
                sample_rate=engine.sample_rate,
                num_channels=1,
                mime_type="audio/pcm",
                frame_size_ms=FRAME,
                stream=True,
            )
            output_emitter.start_segment(segment_id=uuid.uuid4().hex)
            await self._speak(Voice(self._plugin, engine, output_emitter), engine.language)
            output_emitter.end_segment()

    async def _speak(self, voice: Voice, language: str) -> None:
        """Cut the text and say the clauses; two tasks, so that text is read while a clause is being said."""
        clauses: asyncio.Queue[str | None] = asyncio.Queue()

        async def cut() -> None:
            pace = self._plugin.pace
            cutter = ClauseCutter(mark_words=SLOW_MARK_WORDS if pace.slow else MARK_WORDS, language=language)
            try:
                async for item in self._input_ch:
                    if isinstance(item, str):
                        pace.hear(item)
                    for clause in cutter.push(item) if isinstance(item, str) else cutter.flush():
                        clauses.put_nowait(clause)
                    if likely := cutter.likely():
                        voice.foresee(likely)
                for clause in cutter.flush():
                    clauses.put_nowait(clause)
                pace.end()
            finally:
                clauses.put_nowait(None)  # also when cutting fails, or the reader would wait for ever

        cutting = asyncio.create_task(cut())
        try:
            while (clause := await clauses.get()) is not None:
                self._mark_started()
                await voice.say(clause)
            await cutting
            await voice.end()
        finally:
            await utils.aio.cancel_and_wait(cutting)

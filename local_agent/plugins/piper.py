"""Text to speech for AgentSession: `TTS()`, clause by clause from the process's shared Piper voice."""

from __future__ import annotations

import asyncio
import logging
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, tts
from livekit.agents.types import NotGiven
from livekit.agents.utils import is_given

from local_agent.config.languages import demanded, told
from local_agent.config.settings import FASTEST, SLOWEST
from local_agent.engines import registry
from local_agent.errors import ConfigError, LocalAgentError
from local_agent.plugins import registered
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.errors import logged, on_loop, shielded
from local_agent.plugins.first_clause import FirstClause, Openings, WritingPace
from local_agent.plugins.piper_stream import STAGE, Chunked, Manner, Stream
from local_agent.turns.timeline import Listener, ignore

if TYPE_CHECKING:
    from local_agent.engines.piper.engine import Piper

logger = logging.getLogger("local_agent")
registered.register()

__all__ = ["TTS", "Chunked", "Stream"]


class TTS(tts.TTS[Any]):
    """A Piper voice on this machine.

    model, or voice, which is the same: a name of the catalogue or the path of an .onnx voice (its .onnx.json beside
    it). speed: 1.0 is the voice's own, 2.0 twice as fast. speaker: name or number, for voices that have several.
    call_language: where it changes, the voice changes to one that speaks it, if one is there (`Engines.voice_for`) and
    no voice was named. Audio is int16 mono at `sample_rate` Hz, whatever voice speaks. Timed transcripts tell when each
    clause sounds, in seconds from the beginning of its segment.

    `conn_options.timeout` (s) is what loading the voice, and then each clause, may take; where it is livekit's usual
    one, the setting engine_timeout holds for clauses. What takes longer is an APITimeoutError.

    Raises ConfigError for a speed that no voice has. What is wrong with the model, or a speaker that it has not, is
    raised at its first use, and by `validate`.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        voice: str | Path | None = None,
        speed: float | None = None,
        speaker: str | int | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
        call_language: CallLanguage | None = None,
    ) -> None:
        self._engines, self.listener = engines or registry.shared(), listener
        self._model = _named(voice if model is None else model)
        self._speed = None if speed is None else _allowed(speed)
        self._speaker = speaker
        self._own, self._own_speaker = self._model, speaker
        self._awaited = ""  # a language that was asked for before anybody knew which voice speaks it
        self.voiced = True  # a voice speaks the language of the call
        self._openings, self.pace = Openings(), WritingPace()
        self._streams = weakref.WeakSet[Chunked | Stream]()
        self._follows = self._model is None  # the language of the call
        self._followed = ""  # which it is now
        if call_language is not None:
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
    def speed(self) -> float:
        """Of the settings, where none was given."""
        return self._engines.settings.speed if self._speed is None else self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = _allowed(speed)

    @property
    def speaker(self) -> str | int:
        """Of the settings, where none was given."""
        return self._engines.settings.speaker if self._speaker is None else self._speaker

    @property
    def manner(self) -> Manner:
        """How the next text will be spoken."""
        return Manner(self._model, self._speed, self._speaker)

    def update_options(
        self,
        *,
        voice: NotGivenOr[str | Path | None] = NOT_GIVEN,
        model: NotGivenOr[str | Path | None] = NOT_GIVEN,
        speed: NotGivenOr[float] = NOT_GIVEN,
        speaker: NotGivenOr[str | int] = NOT_GIVEN,
        language: NotGivenOr[str] = NOT_GIVEN,
    ) -> None:
        """Speak otherwise from the next text on; one that is being spoken goes on as it began.

        voice, or model: as for the constructor, None the one of the settings; it begins to load at once, and speaks as
        its first speaker, or that of the settings, unless one is named. language: of the voice to take, in any writing,
        where none is named.
        `sample_rate` stays: another voice is resampled to it.

        Raises ConfigError for a language that no voice on disk speaks, a speed or a speaker that the voice can't give,
        WeightsMissing, WeightsCorrupt; then all stays as it was. An event loop waits for no file: what only files tell
        is raised by the next text there.
        """
        chosen, code, named = self._model, "", is_given(voice) or is_given(model)
        if named:
            chosen = _named((voice if is_given(voice) else model) or None)
        elif is_given(language):
            code = demanded(language)
            if not on_loop() or self._engines.knows("piper"):
                chosen, code = self._speaking(code), ""
        pace = _allowed(speed) if is_given(speed) else self._speed
        usual = self._speaker if chosen == self._model else None if chosen is None else 0
        speaks = usual if isinstance(speaker, NotGiven) else speaker
        if not on_loop() or self._engines.knows("piper", chosen):
            self._engines.suits("piper", chosen, speaker=self._engines.settings.speaker if speaks is None else speaks)
        self._model, self._speed, self._speaker = chosen, pace, speaks
        self._own, self._own_speaker = chosen, speaks
        self._awaited = code if named or is_given(language) else self._awaited
        if named or is_given(language):
            self._follows, self.voiced = False, True
            if not code:
                self.prewarm()

    def _speaking(self, language: str) -> str | None:
        """The voice of a language, None where it is the plan's, whose weights are there once."""
        if (found := self._engines.voice_for(language)) is None:
            raise ConfigError(
                f"no voice on this machine speaks {told(language)}",
                expected="the language of a voice in the folder of models",
                fix="python -m local_agent download --list",
            )
        return None if found == self._engines.plan.piper.model else found

    def _change(self, language: str) -> None:
        """Speak with the voice of a language from the next reply on; with the usual one where there is none. Which
        there are is known when the usual one has loaded.
        """
        self._followed = language
        if self._engines.knows("piper"):
            self._follow()
        else:
            self._engines.piper().add_done_callback(self._follow)

    def _follow(self, _: object = None) -> None:
        if not self._follows or not self._engines.knows("piper"):
            return
        found = self._engines.voice_for(self._followed)
        self.voiced = found is not None
        own = found is None or found == self._engines.plan.piper.model
        self._model = None if own else found
        self._speaker = self._own_speaker if own else 0
        self._engines.piper(self._model)  # begins to load

    async def engine(self, manner: Manner) -> tuple[Piper, Manner]:
        """A loaded voice, and how it is to speak: the usual one where that of the call's language does not load."""
        if self._awaited and manner.model == self._model:
            code, self._awaited = self._awaited, ""
            found = await asyncio.to_thread(self._speaking, code)
            if found != self._model:
                self._model = self._own = found
                self._speaker = self._own_speaker = self._speaker or (None if found is None else 0)
                manner = replace(manner, model=found, speaker=self._speaker)
        try:
            return await self._loaded(manner)
        except LocalAgentError as error:
            if manner.model == self._own:
                raise
            logger.warning("%s does not load, and the voice stays as it was: %s", self.model, error)
            self._model, self._speaker = self._own, self._own_speaker
            return await self._loaded(replace(manner, model=self._own, speaker=self._own_speaker))

    async def _loaded(self, manner: Manner) -> tuple[Piper, Manner]:
        engine, settings = await shielded(self._engines.piper(manner.model)), self._engines.settings
        speed = settings.speed if manner.speed is None else manner.speed
        whole = Manner(manner.model, speed, settings.speaker if manner.speaker is None else manner.speaker)
        self._engines.suits("piper", manner.model, speaker=whole.speaker)  # known since it is loaded
        return engine, whole

    def prewarm(self) -> None:
        """Start loading in the background, if nobody has yet. A fault is logged, and raised at the first use."""
        logged(self._engines.piper(self._model), STAGE)

    def validate(self) -> None:
        """Return where the voice is there and has the speaker. Takes its time: not for an event loop.

        Raises ConfigError, WeightsMissing, WeightsCorrupt, HardwareError.
        """
        self._engines.suits("piper", self._model, speaker=self.speaker)

    def opening(self, engine: Piper, clause: str, manner: Manner, timeout: float) -> FirstClause:
        """A reply's first clause on its way to sound, which may have begun before. Raises what the engine raises."""
        return self._openings.get(
            (clause.strip(), manner.pace, manner.speaker, engine),
            lambda on_audio: engine.synthesize(
                clause, on_audio=on_audio, speed=manner.pace, speaker=manner.speaker, soon=True, timeout=timeout
            ),
        )

    def forget(self) -> None:
        """Keep none of the clauses that were said, or begun to be."""
        self._openings.forget()

    async def aclose(self) -> None:
        """End its streams and give up what is being made for nobody; the engine stays for the others. Any number of
        times.
        """
        for stream in list(self._streams):
            await stream.aclose()
        await super().aclose()
        self.forget()

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Chunked:
        """A text, spoken as quickly as the machine can; not paced."""
        made = Chunked(plugin=self, text=text, conn_options=conn_options)
        self._streams.add(made)
        return made

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Stream:
        """A text as it is written, spoken a few seconds ahead of who listens. Each flush ends a segment."""
        made = Stream(plugin=self, conn_options=conn_options)
        self._streams.add(made)
        return made


def _named(voice: str | Path | None) -> str | None:
    return str(voice) if voice is not None else None


def _allowed(speed: float) -> float:
    pace = float(speed)
    if not SLOWEST <= pace <= FASTEST:
        raise ConfigError(f"speed = {pace:g}", expected=f"{SLOWEST:g} to {FASTEST:g}", fix="1.0 is the usual")
    return pace

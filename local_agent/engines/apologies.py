"""The apology in the languages of the calls, spoken while the voices work, so that it is there when they do not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from local_agent.config import phrases
from local_agent.engines.inference_thread import Urgency

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.piper.engine import Piper, Spoken

Made = tuple[str, bytes, int]
"""Its text, int16 mono PCM and Hz."""


class Apologies:
    """Thread-safe. language: of the settings. voice: loads one by its name, None for the plan's own."""

    def __init__(self, language: str, voice: Callable[[str | None], Future[Piper]]) -> None:
        self._usual, self._voice = language, voice
        self._made: dict[str, Made] = {}

    def get(self, language: str | None = None) -> Made:
        """In that language as soon as it is made (`begin`), before that in the usual one, which is made at the first
        call.
        """
        known = self._made.get(language or self._usual) or self._made.get(self._usual)
        if known is None:
            voice = self._voice(None).result()
            known = self._kept(self._usual, voice, *self._synthesized(self._usual, voice, Urgency.NOW))
        return known

    def begin(self, language: str, model: str | None) -> None:
        """Have it made in another language, by the voice that speaks it. Returns at once."""

        def loaded(loading: Future[Piper]) -> None:
            if loading.exception() is None and language not in self._made:
                voice = loading.result()
                job, pieces = self._synthesized(language, voice, Urgency.SOON)
                job.add_done_callback(lambda done: self._keep(language, voice, done, pieces))

        self._voice(model).add_done_callback(loaded)

    def _synthesized(self, language: str, voice: Piper, urgency: Urgency) -> tuple[Job[Spoken], list[bytes]]:
        pieces = list[bytes]()
        return voice.synthesize(phrases.apology(language), on_audio=pieces.append, urgency=urgency), pieces

    def _keep(self, language: str, voice: Piper, job: Future[Spoken], pieces: list[bytes]) -> None:
        if not job.cancelled() and job.exception() is None:
            self._made[language] = phrases.apology(language), b"".join(pieces), voice.sample_rate

    def _kept(self, language: str, voice: Piper, job: Job[Spoken], pieces: list[bytes]) -> Made:
        job.result()
        self._keep(language, voice, job, pieces)
        return self._made[language]

"""The work that one caller's stream has done: drafts, partial transcripts, and opinions on the end of a turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

import numpy as np
from livekit.agents import utils
from numpy.typing import NDArray

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.whisper.language import Spoken, settled
from local_agent.errors import LocalAgentError
from local_agent.plugins.errors import within
from local_agent.plugins.stream_messages import Drafted, Heard, Message, Opinion
from local_agent.turns.speech import Draft

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.types import Prefilled
    from local_agent.engines.whisper.engine import Transcript, Whisper

logger = logging.getLogger("local_agent")

STAGE = "speech to text"
AGAIN = 0.25  # of the time that a draft gets, when it took all of it once: somebody has been waiting


class Transcriber:
    """Asks the engines, and posts what they answer. All of it ends with `aclose`.

    language: ISO 639-1, None to detect it, and vocabulary: words that callers say; both asked for with every recording.
    timeout: seconds for one answer. times: those of words, too. spoken: the language of the call so far.
    """

    def __init__(
        self,
        engine: Whisper,
        post: Callable[[Message], None],
        *,
        language: Callable[[], str | None],
        timeout: float,
        spoken: Spoken | None = None,
        vocabulary: Callable[[], Sequence[str]] = tuple,
        times: bool = False,
    ) -> None:
        self._engine, self._post = engine, post
        self._language, self._timeout = language, timeout
        self.spoken, self._vocabulary, self._times = spoken, vocabulary, times
        self._jobs: dict[Draft, Job[Transcript]] = {}
        self._partial: Job[Transcript] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._written: tuple[int, tuple[int, ...]] = (0, ())  # tokens of the last transcript, and where it began

    async def aclose(self) -> None:
        """Cancel whatever is still being worked on."""
        for draft in list(self._jobs):
            self.cancel(draft)
        self.cancel_partial()
        await utils.aio.cancel_and_wait(*self._tasks)

    def write_down(self, draft: Draft, audio: NDArray[np.float32], *, late: bool = False) -> None:
        """Have a draft transcribed, float32 [samples] at 16 kHz. late: it took all its time once."""
        limit = AGAIN * self._timeout if late else self._timeout
        draft.given = audio.size

        async def work() -> None:
            transcript, error = None, None
            try:
                self._jobs[draft] = self._engine.transcribe(
                    audio,
                    language=self._language(),
                    before=self.spoken,
                    guess=self._guess(draft),
                    vocabulary=self._vocabulary(),
                    times=self._times,
                    timeout=limit,
                )
                transcript = await within(self._jobs[draft], limit, STAGE)
            except Exception as failure:  # carried to the one task that owns the state, which raises it
                error = failure
            self._jobs.pop(draft, None)
            self._post(Drafted(draft, transcript, error))

        self._keep(work())

    def cancel(self, draft: Draft) -> None:
        """Nobody wants it any more."""
        if (job := self._jobs.pop(draft, None)) is not None:
            job.cancel()

    def listen_in(self, draft: Draft, audio: NDArray[np.float32]) -> None:
        """Write down what was said so far, if the engine has nothing better to do."""

        async def work() -> None:
            transcript = None
            try:
                self._partial = self._engine.transcribe(
                    audio,
                    language=self._language(),
                    before=self.spoken,
                    guess=self._guess(draft),
                    vocabulary=self._vocabulary(),
                    urgency=Urgency.SPECULATIVE,
                    timeout=self._timeout,
                )
                transcript = await within(self._partial, self._timeout, STAGE)
            except Exception as error:  # busy, or worse: the draft hears the same audio again, and reports
                logger.debug("no partial transcript: %s", error)
            self._partial = None
            self._post(Heard(draft, transcript))

        self._keep(work())

    def cancel_partial(self) -> None:
        if self._partial is not None:
            self._partial.cancel()

    def judge(self, draft: Draft, *, words: Job[Prefilled] | None = None, sound: Job[float] | None = None) -> None:
        """Have an opinion formed on whether the caller has finished; None asks nobody."""

        async def work() -> None:
            opinion = Opinion(draft)
            try:
                if words is not None:
                    opinion.words = (await within(words, self._timeout, STAGE)).end_probability
                if sound is not None:
                    opinion.sound = await within(sound, self._timeout, STAGE)
            except LocalAgentError as error:  # other evidence decides; the reply reports what is wrong with a model
                logger.debug("the end of a turn was not judged: %s", error)
            self._post(opinion)

        self._keep(work())

    def remember(self, message: Heard | Drafted) -> None:
        """Keep the tokens of a transcript, also of one that comes too late to be told, for the next one's guess."""
        if message.transcript is not None:
            self._written = message.draft.start, message.transcript.tokens

    def settle(self, transcript: Transcript) -> Spoken:
        """Learn the language of the call from what was said."""
        heard = Spoken(transcript.language, transcript.language_probability, transcript.end - transcript.start)
        self.spoken = settled(heard, self.spoken)
        return self.spoken

    def _guess(self, draft: Draft) -> tuple[int, ...]:
        """Tokens that a draft probably begins with: those of an earlier transcript of the same speech."""
        start, tokens = self._written
        return tokens if start == draft.start else ()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        """Run work beside the stream's task, and end it with it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

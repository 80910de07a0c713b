"""First clauses on their way to sound, of one session: begun a moment before they are sure, and kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from local_agent.engines.text.clauses import FIRST_WORDS, LATER_WORDS, MARK_WORDS, SLOW_MARK_WORDS, SLOW_WORDS
from local_agent.plugins.errors import threadsafe

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.piper.engine import Spoken

# s a word: six words before the first mark are a third of a second, in which one word can be said. Behind a writer that
# is slower still the pause after that word would be longer than half a second (at .13 s a word it was .97 s).
SLOW, TOO_SLOW = 0.05, 0.1
MEMORY = 0.3  # weight of the newest reply in what is known of the pace
KEPT = 8  # clauses, two to four words each mostly: 50 to 100 kB

Submit = Callable[[Callable[[bytes], None]], "Job[Spoken]"]


class WritingPace:
    """How fast replies begin to be written, of one session: their text comes word by word."""

    def __init__(self) -> None:
        self._word_seconds = 0.0
        self._words, self._began, self._last = 0, 0.0, 0.0

    @property
    def mark_words(self) -> int:
        """The fewest words of a first clause before a comma: one, where several are not worth waiting for."""
        return SLOW_MARK_WORDS if SLOW < self._word_seconds < TOO_SLOW else MARK_WORDS

    @property
    def first_words(self) -> int:
        """The most words of a first clause."""
        return SLOW_WORDS if self._word_seconds > SLOW else FIRST_WORDS

    @property
    def second_words(self) -> int:
        """The most words of a clause behind a brief first one."""
        return SLOW_WORDS if self._word_seconds > SLOW else LATER_WORDS

    def hear(self, text: str) -> None:
        """A piece of a reply came. What is not urgent any more may come slower, and tells nothing."""
        if self._words < FIRST_WORDS:
            self._last = time.monotonic()
            self._began = self._began if self._words else self._last
            self._words += len(text.split())

    def end(self) -> None:
        """The reply is over."""
        if self._words > 1:
            fresh = (self._last - self._began) / (self._words - 1)
            self._word_seconds += (MEMORY if self._word_seconds else 1.0) * (fresh - self._word_seconds)
        self._words = 0


class FirstClause:
    """One first clause, for whoever adopts it."""

    def __init__(self, submit: Submit) -> None:
        self._pieces: list[bytes] = []
        self._sink: Callable[[bytes], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._whole = False  # all of it that there will be is here
        self.adopted = False
        self.job = submit(threadsafe(self._hear))
        self.job.add_done_callback(threadsafe(self._end))

    @property
    def usable(self) -> bool:
        """It is there, or on its way for nobody yet: what is made for somebody ends when they no longer want it."""
        if asyncio.get_running_loop() is not self._loop:
            return False
        if self._whole:
            return bool(self._pieces) and not self.job.cancelled() and self.job.exception() is None
        return not self.job.stopping and not self.adopted

    def adopt(self, sink: Callable[[bytes], None]) -> Job[Spoken]:
        """Give `sink` the audio that there is and all that comes. The job, to wait for or to cancel."""
        for piece in self._pieces:
            sink(piece)
        self._sink, self.adopted = None if self._whole else sink, True
        return self.job

    def give_up(self) -> None:
        """End what is being made for nobody."""
        if not self.adopted:
            self.job.cancel()

    def _end(self, _: object) -> None:
        self._whole, self._sink = True, None

    def _hear(self, pcm: bytes) -> None:
        self._pieces.append(pcm)
        if self._sink is not None:
            self._sink(pcm)


class Openings:
    """The last few. Belongs to the session's event loop."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, FirstClause] = {}

    def get(self, key: Hashable, submit: Submit) -> FirstClause:
        """What is kept under a key, begun now unless it is there; others that are being made for nobody are given up.

        Raises what `submit` raises.
        """
        known = self._kept.pop(key, None)
        for other in self._kept.values():
            other.give_up()
        self._kept = {at: opening for at, opening in self._kept.items() if opening.usable}
        if known is None or not known.usable:
            known = FirstClause(submit)
        self._kept[key] = known
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return known

    def forget(self) -> None:
        """Give up what is being made for nobody, and keep none of what was made."""
        for opening in self._kept.values():
            opening.give_up()
        self._kept.clear()

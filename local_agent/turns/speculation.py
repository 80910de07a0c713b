"""How much was done ahead of a turn's end, and how much of it was of use. Numbers only, told as marks.

A mark of this module is named KIND/OUTCOME, as in SPECULATED, and says how much by its `amount`.
"""

from __future__ import annotations

from local_agent.turns.timeline import Listener, Mark, mark


class SpeculationCounter:
    """A listener of one session: passes every mark on, and adds what becomes of drafts and replies."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._drafted = self._told = self._replied = False

    def __call__(self, told: Mark) -> None:
        self._listener(told)
        if told.name == "silence":
            self._drop("transcript", self._drafted)
            self._drop("reply", self._replied)
            self._tell("transcript", "made")
            self._drafted, self._told, self._replied = True, False, False
        elif told.name == "transcript":
            self._tell("transcript", "told")
            self._told = True
        elif told.name == "asked" and self._told:
            self._drop("reply", self._replied)
            self._tell("reply", "made")
            self._replied = True
        elif told.name == "commit":
            self._commit()

    def _commit(self) -> None:
        """The last draft, and the reply to it if one was begun, are the turn's."""
        if self._drafted:
            self._tell("transcript", "used")
        if self._replied:
            self._tell("reply", "used")
        self._drafted = self._told = self._replied = False

    def _drop(self, kind: str, there: bool) -> None:
        if there:
            self._tell(kind, "wasted")

    def _tell(self, kind: str, outcome: str) -> None:
        mark(self._listener, f"{kind}/{outcome}")


class Reading:
    """What of one conversation was read ahead, and what of that the next reply found in the cache."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._read = self._floor = 0

    def read(self, prompt: int, cached: int) -> None:
        """A reading of `prompt` tokens is done, of which `cached` were there before."""
        if not self._read:
            self._floor = cached
        fresh = max(0, prompt - cached)
        self._read += fresh
        mark(self._listener, "prompt_token/made", fresh)

    def replied(self, cached: int) -> None:
        """A reply found `cached` tokens."""
        used = min(self._read, max(0, cached - self._floor))
        mark(self._listener, "prompt_token/used", used)
        mark(self._listener, "prompt_token/wasted", self._read - used)
        self._read = 0

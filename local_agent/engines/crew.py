"""How many threads a step of the language model gets, learned while it runs.

A token needs hundreds of short parallel stretches with a meeting after each. On idle cores two threads write one in two
thirds of the time; when anything else runs on one of the cores, each meeting waits for the scheduler and two threads
take twice as long or worse (figures in docs/decisions/threads.md). Nobody tells us which it is, but every step does.
"""

from __future__ import annotations

MEMORY = 0.3  # weight of the newest step in the running mean: forgets a busy moment within about ten tokens
TRY_EVERY = 8  # tokens that nobody waits for, after which the other choice is tried once
READING = 8  # rows from which a batch counts as reading a prompt


class Crew:
    """most: threads at most (the plan's). One or `most` threads are used, whatever wrote the last tokens faster."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._cost: dict[int, float] = {}  # seconds of a step that writes one token
        self._steps = 0

    def size(self, rows: int, *, urgent: bool) -> int:
        """Threads for a batch of `rows` tokens. Trying out is left to steps that are not urgent."""
        if self._most == 1:
            return 1
        if rows >= READING:  # long stretches between meetings: more threads always pay
            return self._most
        best = min((1, self._most), key=lambda size: self._cost.get(size, 0.0 if size > 1 else float("inf")))
        if urgent:
            return best
        self._steps += 1
        if self._steps % TRY_EVERY == 0 or len(self._cost) < 2:
            return self._most if best == 1 else 1
        return best

    def learn(self, size: int, rows: int, seconds: float) -> None:
        """A step of `rows` tokens took `seconds` with `size` threads."""
        if rows == 1:
            known = self._cost.get(size, seconds)
            self._cost[size] = known + MEMORY * (seconds - known)

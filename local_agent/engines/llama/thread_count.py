"""How many threads a step of the language model gets, learned while it runs.

A token needs hundreds of short parallel stretches with a meeting after each. On idle cores two threads write one in two
thirds of the time; when anything else runs on one of the cores, each meeting waits for the scheduler and two threads
take twice as long or worse (figures in docs/decisions/threads.md). Nobody tells us which it is, but every step does.
"""

from __future__ import annotations

MEMORY = 0.3  # weight of the newest step in the running mean: forgets a busy moment within about ten tokens
TRY_EVERY = 8  # steps that nobody waits for, after which the other choice is tried once
READING = 2  # rows from which a batch counts as reading a few words
PROMPT = 48  # rows from which it counts as reading a prompt: long stretches between meetings, more threads always pay


class ThreadCountTuner:
    """most: threads at most (the plan's). One or `most` threads are used, whatever did the last steps of a kind faster.

    Writing a token and reading a few words are learned apart: with two threads, words that take 29 ms on an idle
    machine take 60 to 90 in a call, and 50 with one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cost: dict[tuple[bool, int], float] = {}  # seconds a row, by reading and threads
        self._steps = {False: 0, True: 0}

    def size(self, rows: int, *, urgent: bool) -> int:
        """Threads for a batch of `rows` tokens. Trying out is left to steps that are not urgent."""
        if self._most == 1:
            return 1
        if rows >= PROMPT:
            return self._most
        reading = rows >= READING
        known = {size: self._cost[reading, size] for size in (1, self._most) if (reading, size) in self._cost}
        best = min(known, key=known.__getitem__) if known else self._most
        if urgent:
            return best
        self._steps[reading] += 1
        if self._steps[reading] % TRY_EVERY == 0 or len(known) < 2:
            return self._most if best == 1 else 1
        return best

    @property
    def row_seconds(self) -> float:
        """What a token takes in a batch that reads a few words, with the better number of threads; 0 at first."""
        return min((cost for (reading, _), cost in self._cost.items() if reading), default=0.0)

    def learn(self, size: int, rows: int, seconds: float) -> None:
        """A step of `rows` tokens took `seconds` with `size` threads."""
        if rows == 1 or READING <= rows < PROMPT:
            kind = rows >= READING, size
            known = self._cost.get(kind, seconds / rows)
            self._cost[kind] = known + MEMORY * (seconds / rows - known)

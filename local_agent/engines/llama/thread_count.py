"""How many threads a step of the language model gets, learned while it runs.

A token needs hundreds of short parallel stretches with a meeting after each. On idle cores two threads write one in two
thirds of the time; when anything else runs on one of the cores, each meeting waits for the scheduler and two threads
take twice as long or worse (figures in docs/decisions/threads.md). Nobody tells us which it is, but every step does.
"""

from __future__ import annotations

MEMORY = 0.3  # weight of the newest step in the running mean: forgets a busy moment within about ten tokens
TRY_EVERY = 8  # steps that nobody waits for, after which the other choice is tried once
FEW = 4  # rows that a large model reads in hardly more time than one
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
        self._step: dict[int, float] = {}  # seconds of a step of FEW rows at most, by threads
        self._more: dict[int, float] = {}  # seconds that each further row adds, by threads

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

    def rows_within(self, seconds: float) -> int:
        """Tokens that a step may read to be over within so long; 0 while nothing is known.

        A step has a part that does not grow with its rows: the weights are fetched once, and on a busy machine the
        threads wait for each other. So steps may always take twice as long as the shortest, or a prompt would be read
        in ever smaller pieces, each as slow as a large one.
        """
        if not self._more:
            return 0
        least = min(self._step.values(), default=0.0)
        return 1 + int(max(seconds - least, least) / max(min(self._more.values()), 1e-6))

    def learn(self, size: int, rows: int, seconds: float) -> None:
        """A step of `rows` tokens took `seconds` with `size` threads."""
        if rows == 1 or READING <= rows < PROMPT:
            kind = rows >= READING, size
            known = self._cost.get(kind, seconds / rows)
            self._cost[kind] = known + MEMORY * (seconds / rows - known)
        if rows <= FEW:
            known = self._step.get(size, seconds)
            self._step[size] = known + MEMORY * (seconds - known)
        else:
            more = max(seconds - self._step.get(size, 0.0), 0.0) / (rows - 1)
            known = self._more.get(size, more)
            self._more[size] = known + MEMORY * (more - known)

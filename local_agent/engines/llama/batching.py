"""Who takes part in the next batch of the language model, and with how many tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.native import BATCH
from local_agent.engines.llama.request import ActiveRequest

ALONE_CHUNK, ALONE_SECONDS = 128, 1.0
"""Prompt tokens read in one step while nothing else runs, at most, and how long that may take: so long may a cancelled
prefill go on. Chunks of 32 cost about 10 % more processor time than chunks of 128, larger ones save nothing
(SmolLM2-135M, AVX-512).
"""
SHARED_CHUNK, SHARED_SECONDS = 64, 0.25
"""The same while another reply is being written."""
SPECULATIVE_CHUNK, SPECULATIVE_SECONDS = 32, 0.12
"""The same for what nobody waits for yet: how long a request that is wanted may have to wait for it. A model of 1.5B
reads 32 tokens in .25 s on two cores, and 12 in half of that.
"""
SMALLEST_CHUNK = 4
"""Tokens of any step: a large model reads four in hardly more time than one."""
PACE = 0.15
"""Seconds between the tokens of a reply that is not urgent while one that is urgent runs: still twice as fast as
speech.
"""


def compose(
    runs: Sequence[ActiveRequest], now: float, rows_within: Callable[[float], int] = lambda _: 0
) -> list[tuple[ActiveRequest, int]]:
    """Which runs take part in the next batch, and with how many tokens at most. rows_within: how many tokens this model
    reads here within so many seconds, 0 where that is not known yet.

    Replies being written come first, one token each and those that are expected behind it; those that are not urgent
    keep only the pace of speech while something urgent runs. Then prompts, the most urgent first, within what is left.
    What is speculative waits while something urgent runs.
    """
    urgent = any(run.urgent for run in runs)
    writing = [r for r in runs if r.decoding and (r.urgent or not urgent or _keeps_pace(r, now))][:BATCH]
    parts, spare = [], BATCH - len(writing)
    for run in writing:
        parts.append((run, 1 + min(run.width - 1, spare)))
        spare -= parts[-1][1] - 1
    reading = sorted((run for run in runs if not run.decoding), key=lambda run: run.request.rank)
    left, seconds = (SHARED_CHUNK, SHARED_SECONDS) if len(reading) < len(runs) else (ALONE_CHUNK, ALONE_SECONDS)
    if reading and reading[0].request.urgency == Urgency.SPECULATIVE:
        left, seconds = SPECULATIVE_CHUNK, SPECULATIVE_SECONDS
    if rows := rows_within(seconds):
        left = max(SMALLEST_CHUNK, min(left, rows))
    wanted = [run for run in reading if run.urgent or not urgent]
    return parts + _shared(wanted, min(left, spare))


def _shared(reading: Sequence[ActiveRequest], budget: int) -> list[tuple[ActiveRequest, int]]:
    """What prompts, by rank, get of so many tokens. Among the most urgent the shortest goes first, as its caller is
    answered soonest; half is kept for whoever came first, so that a long one does not wait for ever.
    """
    taken, left = {id(run): 0 for run in reading}, budget

    def take(run: ActiveRequest, most: int) -> None:
        nonlocal left
        more = min(most, left, len(run.todo) - taken[id(run)])
        taken[id(run)] += more
        left -= more

    for run in reading[:1]:
        take(run, budget if len(reading) == 1 else budget // 2)
    for run in sorted(reading, key=lambda run: (int(run.request.urgency), len(run.todo))):
        take(run, left)
    return [(run, budget if taken[id(run)] == len(run.todo) else taken[id(run)]) for run in reading if taken[id(run)]]


def _keeps_pace(run: ActiveRequest, now: float) -> bool:
    """Whether a reply that is not urgent is due for its next token all the same."""
    return run.request.urgency is not Urgency.SPECULATIVE and now - run.token_at >= PACE

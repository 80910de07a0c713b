"""Who takes part in the next batch of the language model, and with how many tokens."""

from __future__ import annotations

from collections.abc import Sequence

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.native import BATCH
from local_agent.engines.llama.request import ActiveRequest

ALONE_CHUNK = 128
"""Prompt tokens read in one step while nothing else runs: how long a cancelled prefill may go on. Chunks of 32 cost
about 10 % more processor time than chunks of 128, larger ones save nothing (SmolLM2-135M, AVX-512).
"""
SHARED_CHUNK = 64
"""The same while another reply is being written: a quarter of a second on two slow cores."""
SPECULATIVE_CHUNK = 32
"""The same for what nobody waits for yet: how long a request that is wanted may have to wait for it."""
PACE = 0.15
"""Seconds between the tokens of a reply that is not urgent while one that is urgent runs: still twice as fast as
speech.
"""


def compose(runs: Sequence[ActiveRequest], now: float) -> list[tuple[ActiveRequest, int]]:
    """Which runs take part in the next batch, and with how many tokens at most.

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
    left = SHARED_CHUNK if len(reading) < len(runs) else ALONE_CHUNK
    if reading and reading[0].request.urgency == Urgency.SPECULATIVE:
        left = SPECULATIVE_CHUNK
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

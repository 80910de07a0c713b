"""How much of what was said was understood."""

from __future__ import annotations

from collections.abc import Iterable

from local_agent.bench.word_error_rate import errors, rate


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Errors per word of English, over all (said, heard)."""
    return rate(errors(said, heard) for said, heard in pairs)

"""Who takes part in the next batch, as a table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.batching import SMALLEST_CHUNK
from local_agent.engines.llama.scheduler import ALONE_CHUNK, BATCH, PACE, SHARED_CHUNK, SPECULATIVE_CHUNK, compose

NOW = 100.0


def run(
    name: str, urgency: Urgency, *, reads: int = 0, wrote: int = 0, expects: int = 0, ago: float = 0.0, order: int = 0
) -> Any:
    return SimpleNamespace(
        name=name,
        decoding=wrote > 0,
        urgent=urgency == Urgency.NOW and wrote < 12,
        token_at=NOW - ago,
        todo=[0] * (reads or 1),
        width=(reads or 1) + expects,
        request=SimpleNamespace(urgency=urgency, rank=(int(urgency), order)),
    )


def parts(*runs: Any, row_seconds: float = 0.0) -> list[tuple[str, int]]:
    def rows_within(seconds: float) -> int:
        return int(seconds / row_seconds) if row_seconds else 0

    return [(taken.name, limit) for taken, limit in compose(runs, NOW, rows_within)]


def test_one_prompt_alone_is_read_in_large_pieces() -> None:
    assert parts(run("a", Urgency.NOW, reads=900)) == [("a", ALONE_CHUNK)]


def test_a_prompt_beside_a_reply_is_read_in_small_pieces() -> None:
    assert parts(run("a", Urgency.NOW, reads=900), run("b", Urgency.NOW, wrote=3)) == [
        ("b", 1),
        ("a", SHARED_CHUNK),
    ]


def test_prompts_are_read_in_order_of_urgency_then_of_arrival() -> None:
    late = run("late", Urgency.NOW, reads=900, order=2)
    early = run("early", Urgency.NOW, reads=100, order=1)
    assert parts(late, early) == [("early", ALONE_CHUNK), ("late", ALONE_CHUNK - 100)]


def test_a_short_prompt_does_not_wait_for_a_long_one_nor_a_long_one_for_ever() -> None:
    long = run("long", Urgency.NOW, reads=2000, order=1)
    short = run("short", Urgency.NOW, reads=20, order=2)
    assert parts(long, short) == [("long", ALONE_CHUNK - 20), ("short", ALONE_CHUNK)]
    many = [run(f"short {number}", Urgency.NOW, reads=100, order=number) for number in range(2, 9)]
    assert parts(long, *many) == [("long", ALONE_CHUNK // 2), ("short 2", ALONE_CHUNK // 2)]
    ahead = run("ahead", Urgency.SOON, reads=5, order=0)
    assert parts(ahead, long) == [("long", ALONE_CHUNK)], "whoever is waited for goes first"


def test_speculation_waits_while_somebody_waits() -> None:
    guess = run("guess", Urgency.SPECULATIVE, reads=900)
    assert parts(guess, run("a", Urgency.NOW, reads=10)) == [("a", ALONE_CHUNK)]
    assert parts(guess, run("a", Urgency.NOW, wrote=3)) == [("a", 1)]
    assert parts(guess, run("a", Urgency.NOW, wrote=30)) == [("a", 1), ("guess", SPECULATIVE_CHUNK)]
    assert parts(guess) == [("guess", SPECULATIVE_CHUNK)]


def test_a_large_model_reads_in_pieces_that_take_no_longer() -> None:
    guess, writing = run("guess", Urgency.SPECULATIVE, reads=900), run("a", Urgency.NOW, wrote=3)
    assert parts(guess, row_seconds=0.001) == [("guess", SPECULATIVE_CHUNK)]
    assert parts(guess, row_seconds=0.011) == [("guess", 10)]
    assert parts(guess, row_seconds=0.1) == [("guess", SMALLEST_CHUNK)]
    asked = run("asked", Urgency.NOW, reads=900)
    assert parts(asked, row_seconds=0.01) == [("asked", 100)]
    assert parts(writing, asked, row_seconds=0.01) == [("a", 1), ("asked", 25)]


def test_long_replies_keep_the_pace_of_speech_while_a_first_clause_is_written() -> None:
    first = run("first", Urgency.NOW, wrote=3)
    fresh, due = (run(name, Urgency.NOW, wrote=50, ago=ago) for name, ago in (("fresh", 0.01), ("due", PACE)))
    assert parts(first, fresh, due) == [("first", 1), ("due", 1)]
    assert parts(fresh, due) == [("fresh", 1), ("due", 1)]


def test_a_reply_takes_the_tokens_along_that_are_expected_of_it() -> None:
    writing = run("writing", Urgency.NOW, wrote=3, expects=7)
    assert parts(writing, run("reading", Urgency.NOW, reads=900)) == [("writing", 8), ("reading", SHARED_CHUNK)]


def test_everybody_gets_a_token_before_anybodys_are_expected() -> None:
    taken = parts(*(run(str(number), Urgency.NOW, wrote=3, expects=7) for number in range(32)))
    assert sum(limit for _, limit in taken) == BATCH and all(1 <= limit <= 8 for _, limit in taken)
    assert [name for name, _ in taken] == [str(number) for number in range(32)]


def test_what_is_only_tried_is_not_written_while_somebody_waits() -> None:
    tried = run("tried", Urgency.SPECULATIVE, wrote=3, ago=10 * PACE)
    assert parts(tried) == [("tried", 1)]
    assert parts(tried, run("a", Urgency.NOW, wrote=3)) == [("a", 1)]
    assert parts(tried, run("a", Urgency.NOW, wrote=30)) == [("tried", 1), ("a", 1)]

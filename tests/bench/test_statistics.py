from __future__ import annotations

import pytest

from local_agent.bench.caller import longest_pause
from local_agent.bench.statistics import Turn, quantile, ratios, summary


def turn(wait: float | None, stack: str = "local_agent", **more: object) -> Turn:
    audible = None if wait is None else 102.0 + wait
    return Turn(stack, 0, 1, "clip.wav", 100.0, 102.0, audible, **more)  # type: ignore[arg-type]


def test_waits_are_of_turns_with_a_reply_in_time() -> None:
    turns = [turn(0.4), turn(0.6), turn(1.0), turn(None), turn(-0.3), turn(0.2, failed=True)]
    found = summary(turns)
    assert (found.turns, found.answered, found.missed, found.cut_ins, found.failed) == (6, 3, 1, 1, 1)
    assert (found.p50_s, found.worst_s) == (0.6, 1.0)
    assert found.mean_s == pytest.approx(0.667, abs=1e-3)
    assert found.p95_s == pytest.approx(0.96)


def test_nothing_has_no_figures() -> None:
    found = summary([turn(None)])
    assert (found.p50_s, found.p95_s, found.worst_s, found.mean_s, found.word_error_rate) == (None,) * 5
    assert quantile([], 0.5) is None


def test_pauses_are_those_inside_replies() -> None:
    found = summary([turn(0.4, pause_s=0.3), turn(0.5, pause_s=0.1), turn(-0.3, pause_s=9.0)])
    assert (found.pause_p50_s, found.pause_worst_s) == (0.2, 0.3)
    assert longest_pause([1.0, 1.01, 1.31, 1.32]) == 0.3
    assert longest_pause([1.0]) == longest_pause([]) == 0.0


def test_words_count_where_it_is_known_what_was_said() -> None:
    turns = [turn(0.5, text="turn on the light", heard="Turn on the night."), turn(0.5, heard="whatever")]
    assert summary(turns).word_error_rate == 0.25


def test_ratios_say_how_many_times_longer_the_other_takes() -> None:
    ours, theirs = summary([turn(0.5), turn(0.5)]), summary([turn(2.0), turn(2.0)])
    assert ratios(ours, theirs) == {"p50": 4.0, "p95": 4.0}
    assert ratios(ours, summary([turn(None)])) == {"p50": None, "p95": None}


def test_facts_hold_no_clocks() -> None:
    told = turn(0.4567, text="hello").facts()
    assert told["wait_s"] == 0.457
    assert told["speech_s"] == 2.0
    assert not {"began", "end", "audible"} & set(told)

"""Whether the mark behind the last word ends a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.engines.whisper.end_mark import Marks, ending, marks

WORD, STOP, COMMA, END = 0, 1, 2, 3
KNOWN = Marks(frozenset({STOP}), frozenset({COMMA}))


def step(**chances: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    given = {"word": 0.0, "stop": 0.0, "comma": 0.0, "end": 0.0} | chances
    return np.log(np.array([max(given[name], 1e-9) for name in ("word", "stop", "comma", "end")], np.float32))


@pytest.mark.parametrize(("tokens", "last"), [([WORD, WORD, STOP], 2), ([WORD, COMMA], 1), ([WORD], 1)])
def test_the_step_behind_the_last_word_decides(tokens: list[int], last: int) -> None:
    steps = [step(word=1.0) for _ in [*tokens, END]]
    steps[last] = step(stop=0.6, comma=0.2, end=0.2)
    assert ending(steps, tokens, KNOWN) == pytest.approx(0.75, abs=1e-4)


def test_two_marks_are_one_ending() -> None:
    steps = [step(word=1.0), step(stop=0.1, comma=0.9), step(stop=0.9), step(end=1.0)]
    assert ending(steps, [WORD, COMMA, STOP], KNOWN) == pytest.approx(0.1, abs=1e-4)


def test_marks_that_are_more_than_one_token_do_not_count() -> None:
    known = marks(lambda text: {".": [7], ",": [8], "。": [1, 2]}.get(text, [3, 4]))
    assert known == Marks(frozenset({7}), frozenset({8}))


@pytest.mark.parametrize("tokens", [[], [STOP]])
def test_without_a_word_nothing_ends(tokens: list[int]) -> None:
    assert ending([step(stop=1.0), step(end=1.0)], tokens, KNOWN) is None


def test_without_steps_or_marks_nothing_is_known() -> None:
    assert ending([], [WORD], KNOWN) is None
    assert ending([step(word=1.0), step(stop=1.0)], [WORD], Marks(frozenset(), frozenset())) is None

from __future__ import annotations

import pytest

from local_agent.bench.statistics import Turn
from local_agent.bench.waterfall import LABELS, STAGES, TRANSPORT, means, medians, parts
from local_agent.turns.timeline import NAMES, Mark

END, AUDIBLE = 102.0, 102.9
TURN = Turn("local_agent", 0, 1, "clip.wav", 100.0, END, AUDIBLE)


def marks(**after: float) -> list[Mark]:
    """Marks by seconds after the end of speech."""
    return [Mark(name, END + seconds) for name, seconds in after.items()]


def test_every_mark_ends_a_stage_and_the_stages_are_the_wait() -> None:
    seen = marks(silence=0.2, transcript=0.3, asked=0.31, token=0.5, clause=0.6, voice=0.7, commit=0.4)
    found = parts(TURN, seen)
    assert found is not None
    assert tuple(found) == STAGES
    assert sum(found.values()) == pytest.approx(0.9)
    assert found[LABELS["silence"]] == pytest.approx(0.2)
    assert found[LABELS["token"]] == pytest.approx(0.19)
    assert found[LABELS["commit"]] == 0
    assert found[TRANSPORT] == pytest.approx(0.2)


def test_a_reply_held_back_waits_for_the_end_of_the_turn() -> None:
    seen = marks(silence=0.1, transcript=0.2, asked=0.2, token=0.3, clause=0.3, voice=0.4, commit=0.7)
    found = parts(TURN, seen)
    assert found is not None
    assert found[LABELS["commit"]] == pytest.approx(0.3)
    assert found[TRANSPORT] == pytest.approx(0.2)


def test_what_was_done_while_the_caller_spoke_takes_no_time() -> None:
    seen = marks(silence=-0.5, transcript=-0.2, asked=0.1, token=0.2, clause=0.3, voice=0.4)
    found = parts(TURN, seen)
    assert found is not None
    assert found[LABELS["silence"]] == found[LABELS["transcript"]] == 0
    assert found[LABELS["asked"]] == pytest.approx(0.1)


def test_drafts_thrown_away_and_later_sentences_do_not_count() -> None:
    wasted = marks(silence=-1.0, transcript=-0.9, asked=-0.9, token=-0.8, clause=-0.7, voice=-0.6)
    used = marks(silence=0.2, transcript=0.3, asked=0.3, token=0.4, clause=0.5, voice=0.6)
    later = [*marks(clause=0.75, voice=0.85), Mark("silence", AUDIBLE + 2), Mark("voice", TURN.began - 1)]
    found = parts(TURN, [*wasted, *used, *later])
    assert found is not None
    assert found[LABELS["clause"]] == pytest.approx(0.1)
    assert found[LABELS["voice"]] == pytest.approx(0.1)
    assert found[TRANSPORT] == pytest.approx(0.3)


def test_turns_whose_wait_does_not_count_have_no_parts() -> None:
    assert parts(Turn("a", 0, 1, "clip.wav", 100.0, END, None), []) is None
    assert parts(Turn("a", 0, 1, "clip.wav", 100.0, END, END - 0.1), []) is None
    assert parts(Turn("a", 0, 1, "clip.wav", 100.0, END, AUDIBLE, failed=True), []) is None


def test_every_stage_has_a_middle() -> None:
    several = [dict.fromkeys(STAGES, seconds) for seconds in (0.1, 0.2, 0.6)]
    assert means(several) == pytest.approx(dict.fromkeys(STAGES, 0.3))
    assert medians(several) == dict.fromkeys(STAGES, 0.2)
    assert means([]) == medians([]) == {}


def test_labels_are_of_marks_that_exist() -> None:
    assert set(LABELS) <= set(NAMES)

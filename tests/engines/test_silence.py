"""Silence around and inside clauses, on made sound."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.engines.silence import (
    FAINT,
    FLOOR,
    FRAME,
    LEAST_PAUSE,
    LONGEST,
    LONGEST_FAINT,
    SOFT_END,
    Audio,
    curtail,
    faint_end,
    shortened,
    tighten,
)

RATE = 22_050


def sound(seconds: float) -> Audio:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


def rest(seconds: float) -> Audio:
    """As quiet as a voice at rest, and not digital silence."""
    made = np.random.default_rng(1).normal(size=round(seconds * RATE)) * 10 ** ((FLOOR - 20) / 20)
    return made.astype(np.float32)


def pauses(audio: Audio) -> list[float]:
    """Seconds of each stretch without sound."""
    at = np.flatnonzero(np.abs(audio) > 0.01)
    return [gap / RATE for gap in np.diff([-1, *at, len(audio)]) if gap > RATE / 100]


@pytest.mark.parametrize(("given", "left"), [(0.1, 0.1), (LONGEST, LONGEST), (0.4, LONGEST), (2.0, LONGEST)])
def test_a_pause_inside_is_shortened_to_the_longest(given: float, left: float) -> None:
    audio, behind = tighten(np.concatenate([sound(0.3), rest(given), sound(0.3)]), RATE)
    assert pauses(audio) == [pytest.approx(left, abs=2 * FRAME)]
    assert behind == 0
    assert len(audio) / RATE == pytest.approx(0.6 + left, abs=2 * FRAME)


@pytest.mark.parametrize("at", [0.02, 0.1, 0.25, 0.39])
def test_a_pause_that_two_pieces_share_is_one_pause(at: float) -> None:
    one, behind = tighten(np.concatenate([sound(0.3), rest(at)]), RATE)
    other, end = tighten(np.concatenate([rest(0.4 - at), sound(0.3)]), RATE, behind)
    assert pauses(np.concatenate([one, other])) == [pytest.approx(LONGEST, abs=3 * FRAME)]
    assert end == 0


def test_a_piece_of_nothing_but_silence_goes_on_with_the_pause() -> None:
    audio, behind = tighten(rest(0.3), RATE, 0.1)
    assert len(audio) / RATE == pytest.approx(LONGEST - 0.1, abs=2 * FRAME)
    assert behind == pytest.approx(LONGEST, abs=2 * FRAME)
    assert len(tighten(rest(0.3), RATE, behind)[0]) <= FRAME * RATE
    assert tighten(audio[:0], RATE, 0.1) == (pytest.approx(audio[:0]), pytest.approx(0.1))


def test_speech_is_left_as_it_is() -> None:
    spoken = np.concatenate([sound(0.2), rest(0.05), sound(0.2)])
    assert np.array_equal(tighten(spoken, RATE)[0], spoken)


def test_a_faint_end_is_a_part_of_the_pause() -> None:
    faint = sound(0.1) * np.float32(FAINT / 2 / np.abs(sound(0.1)).max())
    spoken = np.concatenate([sound(0.3), faint])
    assert faint_end(spoken, RATE) == pytest.approx(0.1, abs=FRAME)
    assert faint_end(faint, RATE, faint_end(spoken, RATE)) == pytest.approx(0.2, abs=2 * FRAME)
    assert faint_end(sound(0.3), RATE, 0.2) <= FRAME
    assert faint_end(spoken[:0], RATE, 0.07) == 0.07


def as_faint(audio: Audio, share: float) -> Audio:
    """`audio` with its peak at so much of FAINT."""
    return audio * np.float32(share * FAINT / np.abs(audio).max())


@pytest.mark.parametrize("before", [0.0, 0.1])
def test_of_a_faint_end_too_long_the_closure_goes_and_the_release_stays(before: float) -> None:
    release = as_faint(sound(0.04), 0.9)
    decay, closure = as_faint(sound(0.05), 0.5), rest(0.2 - before)
    left = curtail(np.concatenate([sound(0.3), decay, closure, release]), RATE, before)
    assert faint_end(left, RATE) == pytest.approx(LONGEST_FAINT, abs=2 * FRAME)
    assert left[-len(release) + 200 :].tolist() == release[200:].tolist()
    assert np.array_equal(left[: round(0.34 * RATE)], np.concatenate([sound(0.3), decay])[: round(0.34 * RATE)])


def test_the_part_of_a_faint_end_that_was_handed_over_before_counts() -> None:
    faint = as_faint(sound(0.1), 0.5)
    assert len(curtail(faint, RATE, LONGEST_FAINT)) <= FRAME * RATE
    assert len(curtail(faint, RATE, LONGEST_FAINT - 0.04)) / RATE == pytest.approx(0.04, abs=2 * FRAME)
    assert len(curtail(faint[:0], RATE, 0.5)) == 0


@pytest.mark.parametrize("end", [0.0, 0.05, LONGEST_FAINT - 2 * FRAME])
def test_a_short_faint_end_is_left_as_it_is(end: float) -> None:
    spoken = np.concatenate([sound(0.3), as_faint(sound(0.2), 0.5)[: round(end * RATE)]])
    assert np.array_equal(curtail(spoken, RATE), spoken)


@pytest.mark.parametrize(
    ("pause", "faint", "left"),
    [(0.18, 0.0, 0.18), (0.18, SOFT_END, 0.18), (0.18, 0.12, 0.11), (0.18, 0.3, LEAST_PAUSE), (0.03, 0.3, 0.03)],
)
def test_what_is_left_of_a_pause_behind_it(pause: float, faint: float, left: float) -> None:
    assert shortened(pause, faint) == pytest.approx(left)

"""Silence around and inside clauses, on made sound."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.engines.piper.pauses import (
    CLOSED,
    FAINT,
    FLOOR,
    FRAME,
    LEAST_PAUSE,
    LONGEST,
    LONGEST_FAINT,
    SOFT_END,
    Audio,
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


def as_faint(audio: Audio, share: float) -> Audio:
    """`audio` with its peak at so much of FAINT."""
    return audio * np.float32(share * FAINT / np.abs(audio).max())


def test_it_tells_how_long_the_end_is_faint() -> None:
    faint = as_faint(sound(0.1), 0.5)
    spoken = np.concatenate([sound(0.3), faint])
    _, behind = tighten(spoken, RATE)
    assert behind == pytest.approx(0.1, abs=FRAME)
    assert tighten(faint, RATE, behind)[1] == pytest.approx(0.2, abs=2 * FRAME)
    assert tighten(sound(0.3), RATE, 0.2)[1] <= FRAME
    assert tighten(spoken[:0], RATE, 0.07)[1] == 0.07


@pytest.mark.parametrize("before", [0.0, 0.1])
def test_of_a_faint_end_too_long_the_closure_goes_and_the_release_stays(before: float) -> None:
    release = as_faint(sound(0.04), 0.9)
    decay, closure = as_faint(sound(0.05), 0.5), rest(0.2)
    voiced = [] if before else [sound(0.3)]  # or in the piece before
    left, faint = tighten(np.concatenate([*voiced, decay, closure, release]), RATE, before, end=True)
    assert faint == pytest.approx(max(LONGEST_FAINT, before + 0.09), abs=2 * FRAME)
    assert left[-len(release) + 200 :].tolist() == release[200:].tolist()
    kept = np.concatenate([*voiced, decay])[: -round(0.01 * RATE)]
    assert np.array_equal(left[: len(kept)], kept)


def test_a_closure_and_the_pause_behind_it_are_one_pause_inside_a_clause_too() -> None:
    """ "your gift, that one": "f", closure, "t", pause, "th"."""
    f, t, th = (as_faint(sound(seconds), 0.9) for seconds in (0.04, 0.02, 0.03))
    spoken = [sound(0.3), f, rest(0.08), t, rest(0.18), th, sound(0.3)]
    left, faint = tighten(np.concatenate(spoken), RATE)
    assert len(left) / RATE == pytest.approx(0.6 + LONGEST, abs=3 * FRAME)
    heard = np.count_nonzero(np.abs(left) > CLOSED) / RATE
    assert heard == pytest.approx(np.count_nonzero(np.abs(np.concatenate(spoken)) > CLOSED) / RATE, abs=FRAME)
    assert faint <= FRAME


@pytest.mark.parametrize("end", [False, True])
def test_soft_speech_is_no_silence_however_long(end: bool) -> None:
    soft = as_faint(sound(0.6), 0.5)
    assert np.abs(soft).max() > CLOSED
    left, faint = tighten(np.concatenate([sound(0.3), soft]), RATE, end=end)
    assert len(left) / RATE == pytest.approx(0.9, abs=FRAME)
    assert faint == pytest.approx(len(left) / RATE - 0.3, abs=FRAME)


def test_the_part_of_a_faint_end_that_was_handed_over_before_counts() -> None:
    assert len(tighten(rest(0.1), RATE, LONGEST_FAINT, end=True)[0]) <= FRAME * RATE
    left, faint = tighten(rest(0.1), RATE, LONGEST_FAINT - 0.04, end=True)
    assert len(left) / RATE == pytest.approx(0.04, abs=2 * FRAME)
    assert faint == pytest.approx(LONGEST_FAINT, abs=2 * FRAME)
    assert len(tighten(rest(0), RATE, 0.5, end=True)[0]) == 0


@pytest.mark.parametrize("seconds", [0.0, 0.05, LONGEST_FAINT - 2 * FRAME])
def test_a_short_faint_end_is_left_as_it_is(seconds: float) -> None:
    spoken = np.concatenate([sound(0.3), as_faint(sound(0.2), 0.5)[: round(seconds * RATE)]])
    assert np.array_equal(tighten(spoken, RATE, end=True)[0], spoken)


@pytest.mark.parametrize(
    ("pause", "faint", "left"),
    [(0.18, 0.0, 0.18), (0.18, SOFT_END, 0.18), (0.18, 0.12, 0.11), (0.18, 0.3, LEAST_PAUSE), (0.03, 0.3, 0.03)],
)
def test_what_is_left_of_a_pause_behind_it(pause: float, faint: float, left: float) -> None:
    assert shortened(pause, faint) == pytest.approx(left)

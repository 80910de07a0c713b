"""Two sides on one clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.recording.tracks import Tracks


def sound(value: int, seconds: float) -> NDArray[np.int16]:
    return np.full(round(seconds * SPEECH_RATE), value, np.int16)


def test_both_sides_stand_where_they_were_heard() -> None:
    tracks = Tracks()
    tracks.heard(sound(1, 0.5), 1.0)  # ended at 1.0
    tracks.said(sound(2, 1.0), 2.0)  # begins at 2.0, and is there at once
    both = tracks.take(4.0)
    assert both.shape == (4 * SPEECH_RATE, 2)
    assert np.flatnonzero(both[:, 0])[[0, -1]].tolist() == [SPEECH_RATE // 2, SPEECH_RATE - 1]
    assert np.flatnonzero(both[:, 1])[[0, -1]].tolist() == [2 * SPEECH_RATE, 3 * SPEECH_RATE - 1]


def test_frames_that_come_in_bursts_leave_no_gaps() -> None:
    tracks = Tracks()
    for number in range(100):
        tracks.heard(sound(1, 0.032), 0.032 * (number + 1) + (0.1 if number % 7 == 0 else 0.0))
    assert np.count_nonzero(tracks.take(3.2)[:, 0]) == round(3.2 * SPEECH_RATE)


def test_what_was_interrupted_before_it_was_heard_is_gone() -> None:
    tracks = Tracks()
    tracks.said(sound(2, 5.0), 0.0)
    first = tracks.take(1.0)
    tracks.cut(2.0)
    rest = tracks.take(6.0)
    assert np.count_nonzero(first[:, 1]) == SPEECH_RATE and np.count_nonzero(rest[:, 1]) == SPEECH_RATE
    assert len(first) + len(rest) == 6 * SPEECH_RATE
    assert len(tracks.take(6.0)) == 0

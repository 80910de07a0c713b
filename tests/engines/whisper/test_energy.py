from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.engines.whisper import energy

RATE = SPEECH_RATE


def hum(seconds: float, level: float = 0.3) -> NDArray[np.float32]:
    times = np.arange(int(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 200 * times)).astype(np.float32)


def hush(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(seconds * RATE), np.float32)


def test_sound_is_found_between_silence() -> None:
    span = energy.sound(np.concatenate([hush(1.0), hum(0.5), hush(2.0)]))
    assert span is not None
    assert span.start / RATE == pytest.approx(1.0, abs=0.03)
    assert span.end / RATE == pytest.approx(1.5, abs=0.03)


def test_silence_has_no_sound() -> None:
    assert energy.sound(hush(1.0)) is None
    assert energy.sound(hum(1.0, 1e-5)) is None


def test_a_last_incomplete_frame_counts() -> None:
    span = energy.sound(np.concatenate([hush(0.1), hum(0.005)]))
    assert span is not None
    assert span.end == len(hush(0.1)) + len(hum(0.005))


def test_loud_seconds_leave_out_pauses() -> None:
    assert energy.loud_seconds(np.concatenate([hum(1.0), hush(3.0), hum(0.5)])) == pytest.approx(1.5, abs=0.05)


def test_short_audio_is_one_piece() -> None:
    assert energy.split(hum(5.0)) == [energy.Span(0, 5 * RATE)]


def test_long_audio_is_cut_in_its_pauses() -> None:
    parts = [hum(12.0), hush(0.5), hum(11.0), hush(0.5), hum(15.0)]
    audio = np.concatenate(parts)
    spans = energy.split(audio)
    assert [span.start for span in spans[1:]] == [span.end for span in spans[:-1]]
    assert (spans[0].start, spans[-1].end) == (0, len(audio))
    assert 23.5 < spans[0].end / RATE < 24.0
    assert all(span.end - span.start <= 28 * RATE for span in spans)


def test_audio_without_pauses_is_cut_all_the_same() -> None:
    spans = energy.split(hum(100.0))
    assert spans[-1].end == 100 * RATE
    assert all(0 < span.end - span.start <= 28 * RATE for span in spans)

"""A hum and words sound different."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench.synthetic_hum import hum, mm_hmm
from local_agent.turns.backchannel import LONGEST, UNSURE, hummed

PITCHES = (95, 130, 180, 240)


def heard(sound: NDArray[np.int16], noise: float = 0.0005) -> NDArray[np.float32]:
    """As a microphone hears it, in a room."""
    whole = np.concatenate([np.zeros(SPEECH_RATE // 2), sound / 32768, np.zeros(SPEECH_RATE // 5)])
    return (whole + noise * np.random.default_rng(1).standard_normal(len(whole))).astype(np.float32)


def vowel(seconds: float, pitch: float, first: float, second: float) -> NDArray[np.int16]:
    """Two formants, Hz."""
    time = np.arange(int(seconds * SPEECH_RATE)) / SPEECH_RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(4000 / pitch)):
        at = harmonic * pitch
        strength = sum(1 / np.sqrt(1 + ((at - formant) / 80) ** 2) for formant in (first, second))
        sound += strength / harmonic**0.7 * np.sin(2 * np.pi * at * time)
    return np.asarray(sound / np.abs(sound).max() * 10_000, np.int16)


@pytest.mark.parametrize("pitch", PITCHES)
def test_hums(pitch: float) -> None:
    for sound in (
        mm_hmm(pitch, SPEECH_RATE),
        hum([(0.4, pitch * 1.1, pitch * 0.9)], SPEECH_RATE),
        hum([(0.1, pitch, pitch), (0.2, 1.2 * pitch, 1.3 * pitch)], SPEECH_RATE),
    ):
        assert hummed(heard(sound), 0.3)
        assert hummed(heard(sound // 4), 0.3), "softly"


@pytest.mark.parametrize("pitch", PITCHES)
@pytest.mark.parametrize(("first", "second"), [(700, 1200), (400, 2000), (300, 2300), (500, 900)])
def test_words_have_a_vowel(pitch: float, first: float, second: float) -> None:
    murmur = hum([(0.15, pitch, pitch)], SPEECH_RATE)
    assert not hummed(heard(np.concatenate([murmur, vowel(0.2, pitch, first, second), murmur])), 0.3)


def test_who_is_understood_has_spoken() -> None:
    assert not hummed(heard(mm_hmm(120, SPEECH_RATE)), UNSURE)


def test_a_tune_is_no_listeners_hum() -> None:
    assert not hummed(heard(hum([(LONGEST + 0.2, 120, 130)], SPEECH_RATE)), 0.3)


def test_silence_and_next_to_nothing_are_none() -> None:
    assert not hummed(np.zeros(100, np.float32), 0.3)
    assert not hummed(heard(np.zeros(1000, np.int16)), 0.3)

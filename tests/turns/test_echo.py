"""The agent's voice come back through rooms: made of noise here, recorded ones where they are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio import wav
from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.echo import LISTEN, Echo, delay
from local_agent.turns.speech import WINDOW

ROOMS = Path(__file__).resolve().parents[3] / "shared" / "speech" / "rir"
AHEAD = int(0.2 * SPEECH_RATE)  # samples between playing a sample and its echo's arrival
Signal = NDArray[np.float32]


def voice(seed: int, seconds: float = 8.0) -> Signal:
    """Noise with the colour and the syllables of speech, float32 [samples] at SPEECH_RATE."""
    random = np.random.default_rng(seed)
    count = int(seconds * SPEECH_RATE)
    noise = np.convolve(random.normal(size=count), np.hanning(12), "same")
    syllables = np.interp(
        np.arange(count), np.arange(0, count, SPEECH_RATE // 8), random.uniform(0, 1, -(-count // (SPEECH_RATE // 8)))
    )
    sound = noise * syllables**2
    return (0.1 * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)


def room(seed: int) -> Signal:
    """A made impulse response: direct sound, then a fading tail of 0.25 s."""
    random = np.random.default_rng(seed)
    tail = random.normal(size=SPEECH_RATE // 4) * np.exp(-np.arange(SPEECH_RATE // 4) / (0.05 * SPEECH_RATE)) * 0.1
    tail[0] = 1.0
    return (tail / np.sqrt(np.sum(tail**2))).astype(np.float32)


def rooms() -> list[tuple[str, Signal]]:
    recorded = []
    for path in sorted(ROOMS.glob("*.wav")):
        samples, rate = wav.read(path)
        assert rate == SPEECH_RATE
        response = samples[: SPEECH_RATE // 2].astype(np.float32)
        recorded.append((path.stem, response / np.sqrt(np.sum(response**2))))
    return [("made", room(1)), *recorded]


def echo_of(played: Signal, response: Signal, level: float) -> Signal:
    """What comes back at `level` dB, over the hiss of a microphone."""
    wet = np.convolve(played, response)[: len(played)] * 10 ** (level / 20)
    late = np.concatenate([np.zeros(AHEAD, np.float32), wet])[: len(played)]
    return (late + np.random.default_rng(9).normal(0, 3e-4, len(played))).astype(np.float32)


def listen(played: Signal, heard: Signal, start: int = 0) -> tuple[Echo, NDArray[np.bool_]]:
    """(the listener, for each window whether it was the agent's own voice)."""
    echo, found = Echo(), []
    for at in range(start, start + len(heard) - WINDOW + 1, WINDOW):
        piece = slice(at - start, at - start + WINDOW)
        echo.play(at, played[piece])
        found.append(echo.hear(at + WINDOW, heard[piece]))
    return echo, np.array(found)


@pytest.mark.parametrize(("name", "response"), rooms())
@pytest.mark.parametrize("level", [-20.0, -30.0])
def test_an_echo_is_known_for_one(name: str, response: Signal, level: float) -> None:
    played = voice(1)
    echo, found = listen(played, echo_of(played, response, level), start=123 * WINDOW)
    assert echo.settled and echo.lag is not None and echo.lag >= AHEAD - 32
    assert found[len(found) // 2 :].mean() > 0.95


def test_the_callers_speech_is_not_taken_for_an_echo() -> None:
    echo, found = listen(voice(1), voice(2))
    assert echo.settled and not found.any()


def test_the_caller_is_heard_over_an_echo() -> None:
    played = voice(1)
    heard = echo_of(played, room(1), -20.0)
    heard[6 * SPEECH_RATE : 7 * SPEECH_RATE] += voice(3)[:SPEECH_RATE]
    _, found = listen(played, heard)
    during = found[6 * SPEECH_RATE // WINDOW + 1 : 7 * SPEECH_RATE // WINDOW]
    assert during.mean() < 0.4
    assert not found[6 * SPEECH_RATE // WINDOW + 1 : 6 * SPEECH_RATE // WINDOW + 8].all()


def test_without_the_agents_voice_nothing_is_an_echo() -> None:
    silent = np.zeros(4 * SPEECH_RATE, np.float32)
    echo, found = listen(silent, voice(2, 4.0))
    assert echo.lag is None and not found.any()


def test_what_was_cut_is_not_expected_back() -> None:
    """Other words that sound like it are the caller's."""
    played = voice(1, 10.0)
    comes_back = echo_of(played, room(1), -20.0)
    known = 8 * SPEECH_RATE // WINDOW * WINDOW
    found = {}
    for cut in (False, True):
        echo, _ = listen(played[:known], comes_back[:known])
        echo.play(known, played[known:])
        if cut:
            echo.cut(known)
        rest = range(known + SPEECH_RATE // WINDOW * WINDOW, len(played) - WINDOW, WINDOW)  # no reverberation left
        found[cut] = np.mean([echo.hear(at + WINDOW, comes_back[at : at + WINDOW]) for at in rest])
    assert found[False] > 0.9 and found[True] == 0.0


def test_the_delay_is_found_to_the_sample() -> None:
    played = voice(4, 3.0)
    heard = played[-LISTEN - 1234 : -1234] * np.float32(0.1)
    found, sharpness = delay(heard, played[-LISTEN - SPEECH_RATE :])
    assert found == 1234 and sharpness > 20

"""Which windows of a microphone hold the caller's speech, by level and probability alone."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.turns.foreground import FAINT, STEP, Foreground

Windows = list[tuple[float, float]]  # dB and probability


def seconds(duration: float) -> int:
    return round(duration / STEP)


def crowd(duration: float, loud: float = 62.0, seed: int = 0) -> Windows:
    """Voices at once: never silent, and hardly louder at one time than at another."""
    levels = np.random.default_rng(seed).normal(loud - 5, 3, seconds(duration))
    return [(float(level), 0.97) for level in np.minimum(levels, loud + 2)]


def voice(duration: float, loud: float = 72.0, seed: int = 0, floor: float = 25.0) -> Windows:
    """One person: syllables of .13 s, closures between them, and a pause now and then."""
    rng = np.random.default_rng(seed)
    windows: Windows = []
    while len(windows) < seconds(duration):
        windows += [(loud - float(rng.uniform(0, 4)), 0.98)] * 3 + [(loud - 22 - float(rng.uniform(0, 6)), 0.8)] * 2
        if rng.random() < 0.08:
            windows += [(floor, 0.05)] * 8
    return [(max(level, floor), probability) for level, probability in windows[: seconds(duration)]]


def over(caller: Windows, others: Windows) -> Windows:
    """Both at once."""
    return [(max(a[0], b[0]), max(a[1], b[1])) for a, b in zip(caller, others, strict=True)]


def quiet(duration: float, level: float = 25.0) -> Windows:
    return [(level, 0.02)] * seconds(duration)


def judged(foreground: Foreground, windows: Windows) -> list[float]:
    return [foreground.window(level, probability) for level, probability in windows]


@pytest.mark.parametrize("loud", [72.0, 50.0, 38.0], ids=["near", "soft", "whispering"])
@pytest.mark.parametrize("floor", [5.0, 25.0])
def test_one_speaker_in_a_room_is_heard_as_the_detector_says(loud: float, floor: float) -> None:
    said = [
        *quiet(2, floor),
        *voice(40, loud, floor=floor),
        *quiet(3, floor),
        *voice(5, max(loud - 14, floor + 12), floor=floor),
    ]
    assert judged(Foreground(), said) == [probability for _, probability in said]


def test_steady_noise_is_no_voices() -> None:
    fan = [*quiet(5, 55), *over(voice(12, 66), quiet(12, 55)), *quiet(2, 55), *over(voice(12, 66), quiet(12, 55))]
    assert judged(Foreground(), fan) == [probability for _, probability in fan]


@pytest.mark.parametrize("before", [0.5, 6.0], ids=["a call that begins in it", "later"])
def test_a_crowd_alone_is_nobody_after_four_seconds(before: float) -> None:
    foreground = Foreground()
    judged(foreground, [*quiet(before), *crowd(4.2)])
    assert foreground.voices and max(judged(foreground, crowd(120, seed=1))) <= FAINT


def test_a_crowd_that_comes_in_through_a_door_is_one_too() -> None:
    foreground = Foreground()
    judged(foreground, [*quiet(14), *crowd(4.2)])
    assert max(judged(foreground, crowd(20, seed=1))) <= FAINT


@pytest.mark.parametrize("above", [8.0, 12.0, 20.0])
def test_a_caller_is_heard_over_a_crowd_and_their_silence_is_too(above: float) -> None:
    foreground = Foreground()
    judged(foreground, crowd(8))
    said = judged(foreground, over(voice(4, 62 + above, seed=2), crowd(4, seed=3)))
    assert np.mean(np.array(said[15:]) >= 0.5) > 0.8
    behind = judged(foreground, crowd(3, seed=4))
    assert max(behind[10:]) <= FAINT


def test_what_is_left_when_a_louder_speaker_stops_is_not_the_caller() -> None:
    """A television, of which nothing was known before."""
    foreground = Foreground()
    television = voice(3, 56, seed=6, floor=50)
    judged(foreground, [*quiet(1), *over(voice(3, 72), television)])
    after = judged(foreground, voice(6, 56, seed=7, floor=50))
    assert foreground.voices and max(after[seconds(1.2) :]) <= FAINT
    assert max(judged(foreground, over(voice(3, 72, seed=8), television))) > 0.9


def test_a_louder_word_of_a_television_is_not_the_caller_who_is_known_to_be_louder_still() -> None:
    foreground = Foreground()
    judged(foreground, [*quiet(1), *voice(3, 74), *voice(4, 58, seed=7, floor=50)])
    word = [(62.5, 0.98)] * seconds(0.2)
    for seed in range(3):
        assert max(judged(foreground, [*word, *voice(3, 58, seed=seed, floor=50)])) <= FAINT
    soft = [(65.4, 0.98)] * seconds(1)
    assert np.mean(np.array(judged(foreground, soft)) >= 0.5) > 0.6


def test_a_callers_softer_words_do_not_pass_for_the_others() -> None:
    foreground = Foreground()
    judged(foreground, crowd(8))
    for seed in range(6):
        judged(foreground, over(voice(1.5, 78, seed=seed), crowd(1.5, seed=seed)))
        judged(foreground, [*over([(62.8, 0.98)] * seconds(1.5), crowd(1.5, seed=seed)), *crowd(2.5, seed=seed + 9)])
    said = judged(foreground, over([(64.4, 0.98)] * seconds(2), crowd(2, seed=3)))
    assert np.mean(np.array(said[15:]) >= 0.5) > 0.8


def test_the_moment_at_which_the_caller_stopped_is_told() -> None:
    foreground = Foreground()
    judged(foreground, [*quiet(1), *voice(3, 72)])
    receded = []
    for level, probability in voice(2, 56, seed=7, floor=50):
        foreground.window(level, probability)
        receded.append(foreground.receded)
    (told,) = [at for at in receded if at is not None]
    assert receded.index(told) + 1 - told == pytest.approx(0, abs=2)


def test_others_who_have_gone_are_forgotten() -> None:
    foreground = Foreground()
    judged(foreground, [*crowd(8), *quiet(3.2)])
    soft = voice(3, 50)
    assert judged(foreground, soft) == [probability for _, probability in soft]


def test_a_call_that_begins_in_a_crowd_knows_it_before_the_greeting_would_be_given_up() -> None:
    foreground = Foreground()
    judged(foreground, [*quiet(0.3), *crowd(2.3)])
    assert max(judged(foreground, crowd(5, seed=1))) <= FAINT


def test_levels_of_which_none_is_near_the_quiet_ones_are_no_crowd() -> None:
    """Steady sound with one dip: the quantile lies between the two."""
    foreground = Foreground()
    judged(foreground, [(58.0, 0.9)] * 60 + [(40.0, 0.9)] * 13 + [(58.0, 0.9)] * 120)
    assert not foreground.voices


def test_a_crowd_that_grows_louder_is_still_a_crowd() -> None:
    foreground = Foreground()
    judged(foreground, [*crowd(8), *crowd(20, 74, seed=1)])
    assert max(judged(foreground, crowd(20, 74, seed=2))) <= FAINT


def test_the_agents_own_voice_come_back_is_nobodys() -> None:
    foreground = Foreground()
    for level, probability in crowd(8):
        foreground.window(level, probability)
        foreground.echoed()
    soft = voice(3, 50)
    assert judged(foreground, soft) == [probability for _, probability in soft]

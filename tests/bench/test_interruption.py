"""What counts as falling silent, and what a run of calls that are talked over comes to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local_agent.bench import interruption
from local_agent.bench.clips import Clip
from local_agent.bench.interrupting_caller import OVER, Effect, falls_silent, heard_out, onset
from local_agent.bench.interruption import Held, figures, lost
from local_agent.turns.timeline import Mark

VOICE = [0.01 * number for number in range(500)]  # audible without a break until 4.99


def effect(kind: str = "speech", *, silent: float | None = None, talking: bool = True) -> Effect:
    return Effect("a sound", kind, 10.0, 12.0, silent, talking)


def held(*effects: Effect, marks: str = "", missing: int | None = None, echo: bool = False) -> Held:
    told = [Mark(name, 10.1) for name in marks.split()]
    return Held(0, list(effects), "", "", echo, 8.0, 30.0, told, missing)


def test_speech_begins_where_it_gets_loud_and_stays_so() -> None:
    samples = np.zeros(16_000, np.int16)
    samples[1_600:1_620] = 20_000  # a click
    samples[8_000:] = 5_000
    assert onset(samples, 16_000) == pytest.approx(0.5, abs=0.011)


def test_silence_begins_with_the_last_sound_before_it() -> None:
    assert falls_silent(VOICE, 3.0, until=6.0) == pytest.approx(4.99)
    assert falls_silent([*VOICE, 5.2, 5.3], 3.0, until=6.0) == pytest.approx(5.3)
    assert falls_silent([*VOICE, 6.0], 3.0, until=8.0) == pytest.approx(4.99)
    assert falls_silent(VOICE, 3.0, until=5.2) is None


def test_the_first_words_are_heard_out_when_their_sound_is_over() -> None:
    """Their text may come before their sound, which was held on the way."""
    assert not heard_out([], [90.0], 100.0)
    assert not heard_out(["The river begins."], [90.0, 100.1 - OVER], 100.0)
    assert heard_out(["The river begins."], [90.0, 99.9 - OVER], 100.0)


def test_words_without_anything_in_their_place_are_lost() -> None:
    assert lost("one two three four", "One, two three four!") == 0
    assert lost("one two three four", "one four") == 2
    assert lost("one two three four", "one to three for") == 0


def test_a_word_that_one_of_several_transcripts_holds_is_not_lost() -> None:
    assert lost("one two three four", "one four", "one two three") == 0
    assert lost("one two three four", "one four", "one two four") == 1


def test_only_silences_after_a_sound_over_the_voice_are_waits() -> None:
    calls = [
        held(effect(silent=10.1), marks="hold interrupt"),
        held(effect(silent=10.3), marks="interrupt"),
        held(effect(silent=10.0, talking=False), marks="interrupt"),
        held(effect(silent=10.2), marks="hold resume"),
    ]
    found = figures(calls)["speech"]
    assert (found["clips"], found["measured"], found["not_interrupted"]) == (4, 2, 1)
    assert (found["p50_s"], found["worst_s"]) == (0.2, 0.3)


def test_when_the_voice_yielded_counts_from_the_first_sound_over_it() -> None:
    late = held(effect(silent=10.4), marks="interrupt")
    late.marks = [Mark("hold", 9.5), Mark("resume", 9.8), Mark("hold", 10.3), *late.marks]
    found = figures(
        [held(effect(silent=10.2), marks="hold interrupt"), late, held(effect(talking=False), marks="hold")]
    )
    assert (found["speech"]["yielded_p50_s"], found["speech"]["yielded_p95_s"]) == pytest.approx((0.2, 0.29))
    ducked = held(effect(silent=10.1), marks="hold interrupt")
    ducked.marks.insert(0, Mark("duck", 10.05))
    assert figures([ducked])["speech"]["yielded_worst_s"] == pytest.approx(0.05)
    assert (found["speech"]["yielded_soon"], figures([ducked])["speech"]["yielded_soon"]) == (1, 1)
    unheld = figures([held(effect(silent=10.1), marks="interrupt")])["speech"]
    assert unheld["yielded_p50_s"] is unheld["yielded_worst_s"] is None and not unheld["yielded_soon"]


def test_interruptions_are_counted_by_what_was_heard() -> None:
    calls = [
        held(missing=1),
        held(effect("noise"), effect("noise"), marks="duck hold resume hold interrupt", missing=5),
        held(effect("backchannel"), marks="hold resume", missing=1),
        held(echo=True, missing=2),
    ]
    found = figures(calls)
    assert found["undisturbed_missing_words"] == 1
    assert found["noise"] == {"sounds": 2, "interruptions": 1, "ducks": 1, "holds": 2, "missing_words": [5]}
    assert found["backchannel"]["interruptions"] == found["echo"]["interruptions"] == 0
    assert interruption.table(found, "clips").row_count == 5


def test_each_clip_has_a_call_of_its_own_after_the_echo_is_known(tmp_path: Path) -> None:
    clips = [Clip(f"{number}.wav", tmp_path / f"{number}.wav", "", 1.0) for number in range(3)]
    calls = interruption.plan(clips, tmp_path)
    assert [[sound.name for sound in call.sounds] for call in calls] == [["0.wav"], ["1.wav"], ["2.wav"]]
    assert all(sound.at >= interruption.SETTLED for call in calls for sound in call.sounds)
    assert len({call.record for call in calls}) == 3

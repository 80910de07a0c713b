"""How loud a caller is beside their own speech, and what that tells before the detector does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.energy import ABOVE, DROP, STEP, EnergyTracker
from local_agent.turns.speech import HUSH, QUIET, RESUMED, WINDOW, Speech
from tests.plugins.fakeengines import FakeEngines, run, silence, speech
from tests.plugins.sttkit import Kind, plugin, talking


def tone(seconds: float, decibels: float) -> NDArray[np.int16]:
    """A steady sound of so many dB over one unit of 16 bits."""
    time = np.arange(int(seconds * SPEECH_RATE)) / SPEECH_RATE
    return (np.sqrt(2) * 10 ** (decibels / 20) * np.sin(2 * np.pi * 200 * time)).astype(np.int16)


def spoken(level: EnergyTracker, decibels: float = 70) -> None:
    """A room of 20 dB in which somebody speaks so loudly."""
    level.hear(tone(0.5, 20))
    level.began()
    level.hear(tone(0.3, decibels))
    level.spoke()


def test_quiet_begins_with_the_first_step_that_is_as_quiet_as_the_room() -> None:
    level = EnergyTracker()
    spoken(level)
    assert level.quiet_from is None and level.quiet() == 0
    level.hear(tone(0.05, 20))
    assert level.quiet_from == pytest.approx(0.8 * SPEECH_RATE, abs=STEP)
    assert level.quiet() == pytest.approx(0.05, abs=0.011)
    level.hear(tone(0.02, 70))
    assert level.quiet_from is None


@pytest.mark.parametrize("size", [1, 7, 160, 512, 800])
def test_the_size_of_frames_does_not_matter(size: int) -> None:
    whole, pieces = EnergyTracker(), EnergyTracker()
    spoken(whole)
    spoken(pieces)
    sound = np.concatenate([tone(0.1, 65), tone(0.1, 20)])
    whole.hear(sound)
    for at in range(0, len(sound), size):
        pieces.hear(sound[at : at + size])
    assert whole.quiet_from is not None
    assert pieces.quiet_from == whole.quiet_from


@pytest.mark.parametrize(
    ("decibels", "quiet"), [(70 - DROP + 3, False), (20 + ABOVE + 3, False), (20 + ABOVE - 10, True), (0, True)]
)
def test_quiet_is_far_below_the_speech_and_near_to_the_room(decibels: float, quiet: bool) -> None:
    level = EnergyTracker()
    spoken(level)
    level.hear(tone(0.1, decibels))
    assert (level.quiet() >= QUIET) is quiet


def test_in_a_loud_room_nothing_is_quiet() -> None:
    level = EnergyTracker()
    level.hear(tone(0.5, 45))
    level.began()
    level.hear(tone(0.3, 70))
    level.spoke()
    level.hear(tone(0.5, 45))
    assert level.quiet() == 0


def test_a_bang_is_no_measure_of_speech() -> None:
    level = EnergyTracker()
    level.hear(tone(0.5, 20))
    level.hear(tone(0.2, 90))
    level.hear(tone(0.5, 20))
    level.began()
    for _ in range(10):
        level.hear(tone(0.03, 52))
        level.spoke()
    assert level.quiet() == 0


class Room:
    """A hearing that gets windows of sound, and of each what the detector makes of it."""

    def __init__(self) -> None:
        self.hearing = Speech(Endpointing(draft_after=0.1, sure=0.3, bare=0.5, unsure=1.0))
        self.position = 0

    def hear(self, seconds: float, decibels: float, probability: float) -> list[bool]:
        """Whether a draft was wanted at once, with each window."""
        told = []
        for _ in range(round(seconds * SPEECH_RATE / WINDOW)):
            told.append(self.hearing.hear(tone(WINDOW / SPEECH_RATE, decibels)))
            self.position += WINDOW
            self.hearing.window(self.position, probability, probability > RESUMED)
        return told

    def speak(self) -> None:
        self.hear(0.5, 20, 0.01)
        self.hear(0.5, 70, 0.95)
        assert self.hearing.speaking


def test_a_draft_is_wanted_while_the_detector_still_hears_speech() -> None:
    room = Room()
    room.speak()
    assert not any(room.hear(0.2, 70, 0.95))
    ended = room.position
    assert room.hear(0.064, 20, 0.9)[-1]
    draft = room.hearing.begin_draft()
    assert draft.end == pytest.approx(ended, abs=2 * STEP)
    assert room.hearing.silence() == pytest.approx((room.position - ended) / SPEECH_RATE, abs=0.02)
    assert not room.hearing.wants_draft()


def test_the_detectors_last_windows_do_not_make_that_draft_stale() -> None:
    room = Room()
    room.speak()
    room.hear(0.032, 20, 0.9)
    draft = room.hearing.begin_draft()
    room.hear(0.064, 20, 0.9)
    room.hear(0.3, 20, 0.05)
    assert room.hearing.draft is draft


def test_speech_that_goes_on_makes_it_stale() -> None:
    room = Room()
    room.speak()
    room.hear(0.064, 20, 0.9)
    room.hearing.begin_draft()
    room.hearing.hear(tone(2 * WINDOW / SPEECH_RATE, 70))
    stale = [room.hearing.window(room.position + n * WINDOW, 0.95, True) for n in (1, 2)]
    assert stale == [False, True]
    room.hearing.drop_draft()
    assert not room.hearing.wants_draft()


def test_soft_speech_is_speech_however_quiet_it_is() -> None:
    room = Room()
    room.speak()
    room.hear(0.032, 20, 0.95)
    room.hearing.begin_draft()
    stale = False
    for _ in range(8):
        room.hearing.hear(tone(WINDOW / SPEECH_RATE, 25))
        room.position += WINDOW
        if room.hearing.window(room.position, 0.95, True):
            stale = True
            room.hearing.drop_draft()
    assert stale
    assert not room.hearing.wants_draft(), "the same quiet must not make one draft after the other"
    assert room.hearing.silence() < 0.1


def committed(behind: float = 0.3, *, room_db: float = 20) -> Room:
    """A room in which a turn was committed after so many seconds of quiet."""
    room = Room()
    room.speak()
    room.hear(0.064, room_db, 0.01)
    room.hearing.begin_draft().text = "Make me a coffee."
    room.hear(behind - 0.064, room_db, 0.01)
    room.hearing.close()
    return room


def test_the_silence_of_a_draft_is_counted_to_the_last_sample() -> None:
    room = Room()
    room.speak()
    room.hear(0.096, 20, 0.01)
    room.hearing.begin_draft().text = "Make me a coffee."
    counted = room.hearing.silence()
    room.hearing.hear(tone(0.02, 20))
    assert room.hearing.silence() == pytest.approx(counted + 0.02)
    room.hearing.hear(tone(0.02, 70))  # what that is, the detector tells
    assert room.hearing.silence() == pytest.approx(counted)


@pytest.mark.parametrize(("soft", "counted"), [(0.128, 0.2), (0.512, 0.712)])
def test_silence_begins_where_a_soft_ending_does_not_sound_any_more(soft: float, counted: float) -> None:
    """The "ee" of "coffee" is no speech to the detector; what sounds for longer is the room."""
    room = Room()
    room.speak()
    room.hear(soft, 50, 0.1)
    room.hearing.begin_draft().text = "Make me a coffee."
    room.hearing.hear(tone(0.2, 20))
    room.hearing.window(room.position + WINDOW, 0.01)
    assert room.hearing.silence() == pytest.approx(counted, abs=0.02)


def test_a_turn_is_due_as_soon_as_the_last_sample_says_so() -> None:
    room = Room()
    room.speak()
    room.hear(0.064, 20, 0.01)
    draft = room.hearing.begin_draft()
    draft.text, draft.told = "Make me a coffee.", True
    told = [room.hearing.hear(tone(0.01, 20)) for _ in range(40)]
    at = told.index(True)
    assert all(told[at:]) and room.hearing.due()
    assert room.hearing.silence() - (len(told) - at - 1) * 0.01 == pytest.approx(0.3, abs=0.011)


def test_sound_behind_a_committed_turn_is_told_once() -> None:
    room = committed()
    assert not room.hearing.stirs()
    room.hearing.hear(tone(0.01, 70))
    assert not room.hearing.stirs()  # a click
    room.hearing.hear(tone(0.02, 70))
    assert room.hearing.stirs() and not room.hearing.stirs()


def test_sound_is_told_again_after_quiet_and_before_anybody_spoke() -> None:
    hearing = Room().hearing
    hearing.hear(tone(0.5, 20))
    assert not hearing.stirs()
    told = []
    for quiet in (0.1, HUSH, 0.3):
        hearing.hear(tone(0.2, 70))
        told.append(hearing.stirs())
        hearing.hear(tone(quiet, 20))
        assert not hearing.stirs()
    hearing.hear(tone(0.2, 70))
    assert [*told, hearing.stirs()] == [True, False, True, True]


def test_who_is_speaking_does_not_stir() -> None:
    room = Room()
    room.speak()
    room.hear(0.5, 20, 0.9)
    room.hear(0.2, 70, 0.9)
    assert room.hearing.speaking and not room.hearing.stirs()


def test_where_it_is_never_quiet_sound_tells_nothing() -> None:
    room = committed(room_db=62)
    room.hearing.hear(tone(0.1, 62))
    assert not room.hearing.stirs()


def test_the_floor_learns_at_once_that_it_is_not_quiet_any_more(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    stirs: list[int] = []

    async def check() -> None:
        made = plugin(engines)
        monkeypatch.setattr(made.floor, "stirred", lambda: stirs.append(1))
        async with talking(made) as talk:
            talk.hear(silence(0.3), speech("one two"))
            await talk.settle()  # how loud the speech is, only the detector tells
            talk.hear(silence(0.6))
            await talk.until(Kind.FINAL_TRANSCRIPT)
            assert len(stirs) == 1  # at its beginning
            talk.hear(speech("three"), silence(0.6))
            await talk.until(Kind.FINAL_TRANSCRIPT, 2)
            assert len(stirs) == 2

    run(check())

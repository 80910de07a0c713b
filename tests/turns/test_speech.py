"""From detector windows to drafts and turns, without any clock, thread or engine."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns import speech
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import LEAD_IN, LEAD_OUT, WINDOW, Speech

STEP = WINDOW / SPEECH_RATE  # s
WAITS = Endpointing(draft_after=0.1, sure=0.3, bare=0.5, unsure=1.0)


class Caller:
    """Feeds a Hearing window after window; the sample at position n is n modulo 30000."""

    def __init__(self) -> None:
        self.hearing = Speech(WAITS)
        self.position = 0
        self.detected = False

    def windows(self, count: int, probability: float) -> list[bool]:
        """What `window` said of each."""
        return [self._window(probability) for _ in range(count)]

    def speak(self, count: int) -> None:
        """The detector is sure after the second window."""
        self.windows(2, 0.9)
        if not self.hearing.speaking:
            self.hearing.began(self.position, 2 * STEP)
        self.detected = True
        self.windows(count - 2, 0.9)

    def pause(self, count: int) -> None:
        self.windows(count, 0.02)

    def draft(self, text: str) -> speech.Draft:
        assert self.hearing.wants_draft()
        made = self.hearing.begin_draft()
        made.text = text
        return made

    def _window(self, probability: float) -> bool:
        samples = np.arange(self.position, self.position + WINDOW) % 30_000
        self.hearing.tape.append(samples.astype(np.int16))
        self.position += WINDOW
        return self.hearing.window(self.position, probability, self.detected)


@pytest.fixture
def caller() -> Caller:
    return Caller()


def first_sample(audio: np.ndarray[tuple[int], np.dtype[np.float32]]) -> int:
    return round(float(audio[0]) * 32768)


def test_silence_wants_nothing_and_keeps_little_audio(caller: Caller) -> None:
    caller.pause(200)
    assert not caller.hearing.wants_draft() and not caller.hearing.due()
    kept = caller.hearing.tape.cut(0, caller.position)
    assert len(kept) / SPEECH_RATE == pytest.approx(LEAD_IN + 1.0, abs=0.1)


def test_a_draft_is_wanted_after_a_short_silence_and_not_before(caller: Caller) -> None:
    caller.pause(30)
    caller.speak(10)
    caller.pause(3)
    assert not caller.hearing.wants_draft() and caller.hearing.silence() == pytest.approx(3 * STEP)
    caller.pause(1)
    assert caller.hearing.wants_draft()


@pytest.mark.parametrize(("ending", "wait"), [(0.99, 0.3), (0.01, 1.0)])
def test_a_turn_is_due_when_the_models_say_so(caller: Caller, ending: float, wait: float) -> None:
    caller.speak(10)
    caller.pause(4)
    caller.draft("yes please").ending = ending
    while not caller.hearing.due():
        assert caller.hearing.silence() < wait
        caller.pause(1)
    assert caller.hearing.silence() == pytest.approx(wait, abs=STEP)


def commit(caller: Caller, text: str = "yes please.") -> None:
    caller.speak(10)
    caller.pause(4)
    caller.draft(text)
    while not caller.hearing.due():
        caller.pause(1)
    caller.hearing.close()


def test_speech_right_after_a_commit_tells_that_it_was_early(caller: Caller) -> None:
    commit(caller)
    caller.pause(10)
    commit(caller)
    assert caller.hearing.cut_offs == 1
    caller.pause(100)
    commit(caller)
    assert caller.hearing.cut_offs == 0


def test_a_pause_that_was_no_end_is_remembered_for_this_utterance_alone(caller: Caller) -> None:
    caller.speak(10)
    for length in (20, 10):
        caller.pause(length)
        told = caller.draft("I went to the")
        caller.windows(2, 0.9)
        caller.hearing.drop_draft()
    assert caller.hearing.evidence(told).pause == pytest.approx(20 * STEP)
    caller.pause(4)
    caller.draft("I went to the shop yesterday.")
    while not caller.hearing.due():
        caller.pause(1)
    assert caller.hearing.silence() == pytest.approx(1.0, abs=STEP)  # WAITS' longest: 1.7 times .64 s is more
    caller.hearing.close()
    caller.pause(100)
    caller.speak(10)
    assert caller.hearing.pause == 0.0


def test_a_noise_before_a_turn_is_no_cut_off(caller: Caller) -> None:
    commit(caller, "")
    caller.pause(10)
    commit(caller)
    assert caller.hearing.cut_offs == 0


def test_a_draft_reaches_from_the_first_to_the_last_loud_window(caller: Caller) -> None:
    caller.pause(30)
    caller.speak(10)
    caller.pause(10)
    draft = caller.draft("yes.")
    assert (draft.start, draft.end) == (30 * WINDOW, 40 * WINDOW)
    audio = caller.hearing.audio(draft)
    assert first_sample(audio) == 30 * WINDOW - int(LEAD_IN * SPEECH_RATE)
    assert len(audio) == 10 * WINDOW + int(LEAD_IN * SPEECH_RATE) + int(LEAD_OUT * SPEECH_RATE)


def test_speech_at_the_very_beginning_has_no_lead_in(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    assert first_sample(caller.hearing.audio(caller.draft("yes."))) == 0


@pytest.mark.parametrize(("text", "wait"), [("yes please.", 0.3), ("yes please", 0.5), ("yes the", 1.0)])
def test_a_turn_is_due_when_its_words_say_so(caller: Caller, text: str, wait: float) -> None:
    caller.speak(10)
    caller.pause(4)
    caller.draft(text)
    while not caller.hearing.due():
        assert caller.hearing.silence() < wait
        caller.pause(1)
    assert caller.hearing.silence() == pytest.approx(wait, abs=STEP)


def test_a_turn_without_transcript_yet_is_not_due(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    caller.hearing.begin_draft()
    caller.pause(100)
    assert not caller.hearing.due() and not caller.hearing.wants_draft()


def test_time_without_any_audio_counts_as_silence(caller: Caller) -> None:
    caller.speak(10)
    caller.hearing.dead_time = 0.2
    assert caller.hearing.wants_draft()
    caller.windows(1, 0.9)
    assert caller.hearing.dead_time == 0.0 and not caller.hearing.wants_draft()


def test_two_loud_windows_make_a_draft_stale_and_one_does_not(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    caller.draft("yes.")
    assert caller.windows(1, 0.9) + caller.windows(1, 0.02) + caller.windows(2, 0.9) == [False, False, False, True]
    assert caller.hearing.drop_draft() is None
    assert caller.hearing.silence() == 0 and not caller.hearing.wants_draft()
    caller.pause(4)
    assert caller.draft("yes and no.").start == 0


def test_faint_sound_does_not_make_a_draft_stale(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    caller.draft("yes.")
    assert not any(caller.windows(20, 0.45))


def test_a_long_segment_is_closed_at_a_pause_and_none_of_its_audio_is_heard_again(caller: Caller) -> None:
    caller.speak(int(speech.LONG / STEP) + 5)
    caller.pause(4)
    draft = caller.draft("a long story,")
    caller.windows(2, 0.9)
    assert caller.hearing.drop_draft() is draft and caller.hearing.speaking
    caller.windows(10, 0.9)
    caller.pause(4)
    following = caller.draft("and its end.")
    assert following.start == draft.end
    assert first_sample(caller.hearing.audio(following)) == draft.end % 30_000


@pytest.mark.parametrize("text", ["", None], ids=["without words", "not yet written down"])
def test_a_long_segment_is_closed_whatever_its_text(caller: Caller, text: str | None) -> None:
    caller.speak(int(speech.LONG / STEP) + 5)
    caller.pause(4)
    draft = caller.draft("")
    draft.text = text
    end = draft.end
    assert caller.hearing.drop_draft() is draft and caller.hearing.start == end


def test_the_lead_in_of_an_utterance_stops_at_the_one_before(caller: Caller) -> None:
    caller.speak(20)
    caller.pause(10)
    first = caller.draft("yes.")
    caller.hearing.close()
    caller.detected = False
    caller.speak(10)
    caller.pause(4)
    second = caller.draft("no.")
    assert second.start == 30 * WINDOW
    assert first_sample(caller.hearing.audio(second)) == max(first.end, 30 * WINDOW - int(LEAD_IN * SPEECH_RATE))


def test_finishing_takes_all_that_was_said_and_is_due_at_once(caller: Caller) -> None:
    caller.speak(10)
    caller.hearing.finish()
    draft = caller.draft("yes the")
    assert draft.end == caller.position and caller.hearing.due()


def test_finishing_keeps_the_draft_that_is_there(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    draft = caller.draft("yes the")
    caller.hearing.finish()
    assert caller.hearing.draft is draft and not caller.hearing.wants_draft() and caller.hearing.due()


def test_finishing_silence_is_nothing(caller: Caller) -> None:
    caller.pause(10)
    caller.hearing.finish()
    assert not caller.hearing.wants_draft() and not caller.hearing.due()
    caller.speak(10)
    assert not caller.hearing.wants_draft()


def test_speech_that_follows_a_finish_is_the_next_utterance(caller: Caller) -> None:
    caller.speak(10)
    caller.hearing.finish()
    draft = caller.draft("yes the")
    assert not any(caller.windows(6, 0.9))
    caller.pause(2)
    caller.hearing.close()
    assert caller.hearing.speaking and caller.hearing.silence() == pytest.approx(2 * STEP)
    caller.pause(2)
    following = caller.draft("other.")
    assert (following.start, following.end) == (draft.end, 16 * WINDOW)


def test_speech_that_the_detector_never_told_the_beginning_of_is_a_new_utterance(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(10)
    caller.draft("yes.")
    caller.hearing.close()
    caller.pause(2)
    assert not caller.hearing.speaking  # the detector still takes it for speech
    caller.windows(2, 0.9)
    assert caller.hearing.speaking and caller.hearing.start == 22 * WINDOW


def test_loud_windows_are_no_utterance_until_the_detector_is_sure(caller: Caller) -> None:
    caller.windows(5, 0.9)
    assert not caller.hearing.speaking


def test_closing_forgets_audio_that_nothing_needs(caller: Caller) -> None:
    caller.speak(200)
    caller.pause(10)
    caller.draft("yes.")
    caller.hearing.close()
    kept = caller.hearing.tape.cut(0, caller.position)
    assert len(kept) / SPEECH_RATE == pytest.approx(LEAD_IN + 1.0, abs=0.1)


def test_a_loud_window_after_the_draft_is_waited_out(caller: Caller) -> None:
    caller.speak(20)
    caller.pause(4)
    caller.draft("It is late.")
    assert caller.hearing.tellable()
    caller.windows(1, 0.9)
    assert not caller.hearing.tellable(), "a reply to half a sentence would be begun"
    caller.pause(8)
    assert caller.hearing.due()
    caller.windows(1, 0.9)
    assert not caller.hearing.due(), "perhaps the speech is going on"
    caller.pause(1)
    assert caller.hearing.due(), "it was a click"


def talk_on(caller: Caller, seconds: float) -> list[speech.Draft]:
    """Speak without any pause; segments that were closed in the meantime."""
    closed = []
    for _ in range(round(seconds / STEP)):
        caller.speak(2)
        if caller.hearing.endless():
            closed.append(caller.hearing.cut())
    return closed


def test_speech_without_any_pause_is_closed_in_pieces_that_are_all_of_it(caller: Caller) -> None:
    closed = talk_on(caller, 35)
    assert len(closed) >= 3
    assert all((draft.end - draft.start) / SPEECH_RATE <= speech.MOST + STEP for draft in closed)
    assert [draft.start for draft in closed[1:]] == [draft.end for draft in closed[:-1]]
    assert first_sample(caller.hearing.audio(closed[-1])) == closed[-1].start % 30_000
    assert len(caller.hearing.tape.cut(0, caller.position)) / SPEECH_RATE < 61


def test_an_utterance_without_end_is_committed_and_what_follows_is_the_next(caller: Caller) -> None:
    talk_on(caller, speech.ANSWERED / 2 + 1)  # two windows a step
    said = caller.draft("and so on")
    assert caller.hearing.due()
    caller.windows(4, 0.9)
    caller.hearing.close()
    assert caller.hearing.speaking and caller.hearing.start >= said.end
    caller.speak(100)
    assert not caller.hearing.due()


def test_a_caller_who_pauses_all_the_time_is_not_transcribed_all_the_time(caller: Caller) -> None:
    caller.speak(4)
    given = 0.0
    for _ in range(round(120 / (26 * STEP))):
        caller.windows(20, 0.9)
        caller.pause(6)
        if caller.hearing.wants_draft():
            draft = caller.draft("and")
            given += len(caller.hearing.audio(draft)) / SPEECH_RATE
            if caller.hearing.due():  # after ANSWERED
                caller.hearing.close()
        caller.speak(2)
        caller.hearing.drop_draft()
        if caller.hearing.endless():
            given += len(caller.hearing.audio(caller.hearing.cut())) / SPEECH_RATE
    assert given <= 1.2 * caller.position / SPEECH_RATE, given


def test_a_few_doubtful_words_are_nobodys_amid_other_voices_alone(caller: Caller) -> None:
    caller.speak(10)
    caller.pause(4)
    draft = caller.draft("")
    assert caller.hearing.believes(draft, "The dial", 0.22)
    chance = np.random.default_rng(0)
    for _ in range(150):
        caller.hearing.foreground.window(float(chance.normal(57, 3)), 0.97)
    assert not caller.hearing.believes(draft, "The dial", 0.22)
    assert caller.hearing.believes(draft, "The dial", 0.5)
    assert caller.hearing.believes(draft, "may I have a double shot", 0.22)

"""The machine of an utterance: what each event leads to, without any clock, thread or engine."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns import utterance as turn
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import LONG, MOST, WINDOW, Draft
from local_agent.turns.utterance import Action, Phase, Transcript, Utterance

STEP = WINDOW / SPEECH_RATE  # s


def transcript(text: str, confidence: float = 0.8) -> Transcript:
    return SimpleNamespace(text=text, language="en", confidence=confidence, ending=None)


class Caller:
    """Speaks to a machine whose engines answer when the test says so. done: the actions that were returned."""

    def __init__(self) -> None:
        self.machine = Utterance(
            Endpointing(draft_after=0.1, tell_after=0.2, sure=0.3, bare=0.5, unsure=1.0), heed=self._heed
        )
        self.heeded: Callable[[str], str] = str
        self.done: list[Action] = []
        self.position = 0

    def _heed(self, text: str, confidence: float, sound: Callable[[], NDArray[np.float32]], language: str) -> str:
        assert sound().size and language == "en"
        return self.heeded(text)

    def does(self, actions: list[Action]) -> None:
        self.done += actions

    def hears(self, seconds: float, *, loud: bool) -> None:
        for _ in range(round(seconds / STEP)):
            self.machine.speech.tape.append(np.full(WINDOW, 9_000 if loud else 0, np.int16))
            self.position += WINDOW
            spoken = self.machine.phase is not Phase.IDLE
            self.does(self.machine.on_window(self.position, 0.97 if loud else 0.01, loud and spoken))
            if loud and not spoken:
                self.does(self.machine.on_speech(self.position, STEP))

    def speaks(self, seconds: float = 1.0) -> None:
        self.hears(seconds, loud=True)

    def pauses(self, seconds: float = 0.16) -> None:
        self.hears(seconds, loud=False)

    def asked(self, kind: type = turn.Transcribe) -> Draft:
        """The draft of the last such action."""
        draft = [action.draft for action in self.done if isinstance(action, kind)][-1]  # type: ignore[attr-defined]
        assert isinstance(draft, Draft)
        return draft

    def understood(self, text: str) -> None:
        """Whisper answers for the last draft; nobody judges its end."""
        draft = self.asked()
        self.does(self.machine.on_transcript(draft, transcript(text)))
        while draft.pending:
            self.does(self.machine.on_evidence(draft))

    @property
    def kinds(self) -> list[str]:
        return [type(action).__name__ for action in self.done]


@pytest.fixture
def caller() -> Caller:
    made = Caller()
    made.pauses(1.0)
    return made


def test_a_question_goes_through_every_phase_once(caller: Caller) -> None:
    phases = [caller.machine.phase]
    caller.speaks()
    phases.append(caller.machine.phase)
    caller.pauses(0.14)
    phases.append(caller.machine.phase)
    caller.does(caller.machine.on_transcript(caller.asked(), transcript("what time is it?")))
    phases.append(caller.machine.phase)
    caller.pauses(0.1)
    phases.append(caller.machine.phase)
    caller.pauses(2.0)
    assert phases == list(Phase) and caller.machine.phase is Phase.IDLE
    assert caller.kinds[0] == "TranscribePartial"  # while they spoke
    assert caller.kinds[1:] == ["CancelPartial", "Transcribe", "Understood", "AskModel", "Preflight", "Commit"]
    assert caller.asked(turn.Preflight) is caller.asked(turn.Commit) is caller.asked()
    assert caller.asked().text == "what time is it?"


def test_speech_that_goes_on_cancels_a_draft_and_one_that_is_told(caller: Caller) -> None:
    caller.speaks()
    caller.pauses()
    stale = caller.asked()
    caller.speaks()
    assert caller.machine.phase is Phase.SPEAKING and caller.asked(turn.CancelTranscription) is stale
    caller.done.clear()
    caller.does(caller.machine.on_transcript(stale, transcript("too late")))
    assert caller.kinds == [] and stale.text is None
    caller.pauses()
    caller.understood("one and")
    caller.pauses(0.06)
    assert caller.machine.phase is Phase.ANNOUNCED
    caller.speaks()
    assert caller.kinds.count("CancelTranscription") == 1 and "Commit" not in caller.kinds


def test_the_wait_for_an_opinion_ends_with_it(caller: Caller) -> None:
    caller.speaks()
    caller.pauses()
    caller.does(caller.machine.on_transcript(caller.asked(), transcript("yes please.")))
    caller.pauses(0.1)
    draft = caller.asked(turn.AskModel)
    caller.pauses(0.1)
    assert "Commit" not in caller.kinds  # it is waited for
    caller.does(caller.machine.on_evidence(draft, words=0.99))
    caller.pauses(0.1)
    assert caller.kinds[-1] == "Commit" and draft.end_probability == 0.99


def test_words_that_are_not_the_callers_are_no_turn(caller: Caller) -> None:
    caller.heeded = lambda text: ""
    caller.speaks()
    caller.pauses()
    caller.understood("the agent's own words")
    caller.pauses(2.0)
    assert "Preflight" not in caller.kinds and caller.asked(turn.Commit).text == ""
    assert caller.machine.phase is Phase.IDLE


def test_what_fails_once_is_tried_again_and_what_fails_twice_ends_the_utterance(caller: Caller) -> None:
    caller.speaks()
    caller.pauses()
    draft = caller.asked()
    caller.does(caller.machine.on_failure(draft, late=True))
    again = caller.done[-1]
    assert isinstance(again, turn.Transcribe) and again.again and again.late and again.draft is draft
    caller.does(caller.machine.on_failure(draft, late=False))
    assert isinstance(caller.done[-1], turn.GiveUp) and caller.done[-1].over
    assert caller.machine.phase is Phase.IDLE
    caller.done.clear()
    caller.does(caller.machine.on_failure(draft, late=False))  # nobody waits for it
    assert caller.kinds == []


def test_segments_become_final_in_the_order_in_which_they_were_spoken(caller: Caller) -> None:
    for _ in range(2):
        caller.speaks(LONG + 1)
        caller.pauses()
    caller.speaks(1.0)
    first, second = (action.draft for action in caller.done if isinstance(action, turn.Transcribe))
    assert caller.kinds.count("CancelTranscription") == 0
    caller.does(caller.machine.on_transcript(second, transcript("second")))
    assert "CloseSegment" not in caller.kinds
    caller.does(caller.machine.on_transcript(first, transcript("first")))
    told = [action.draft.text for action in caller.done if isinstance(action, turn.CloseSegment)]
    assert told == ["first", "second"] and caller.machine.phase is Phase.SPEAKING


def test_a_segment_that_fails_keeps_none_behind_it_waiting(caller: Caller) -> None:
    caller.speaks(MOST + 1)
    first = caller.asked()
    for late in (False, False):
        caller.does(caller.machine.on_failure(first, late=late))
    assert [action.over for action in caller.done if isinstance(action, turn.GiveUp)] == [False]
    assert caller.asked(turn.CloseSegment) is first and first.text == ""
    assert caller.machine.phase is Phase.SPEAKING


def test_a_flush_is_answered_with_a_turn_or_with_nothing(caller: Caller) -> None:
    caller.does(caller.machine.on_flush(caller.position))
    assert caller.kinds == ["AnswerFlush"]
    caller.done.clear()
    caller.speaks()
    caller.done.clear()
    caller.does(caller.machine.on_flush(caller.position))
    assert caller.kinds == ["CancelPartial", "Transcribe"]
    caller.understood("yes.")
    assert caller.kinds[-1] == "Commit" and "AnswerFlush" not in caller.kinds


def test_a_flush_waits_for_audio_that_the_detector_has_not_told_of(caller: Caller) -> None:
    caller.does(caller.machine.on_flush(caller.position + WINDOW))
    assert caller.kinds == []
    caller.does(caller.machine.on_silence(0.1))
    assert caller.kinds == ["AnswerFlush"]


def test_the_end_of_the_audio_commits_what_was_said(caller: Caller) -> None:
    caller.speaks()
    caller.does(caller.machine.on_end())
    assert not caller.machine.over
    caller.understood("goodbye")
    assert caller.kinds[-1] == "Commit" and caller.machine.over


def test_silence_without_audio_moves_an_utterance_on(caller: Caller) -> None:
    caller.speaks()
    for _ in range(3):
        caller.does(caller.machine.on_silence(0.1))
    caller.understood("one and one.")
    for _ in range(20):
        caller.does(caller.machine.on_silence(0.1))
    assert caller.kinds[-1] == "Commit"


def test_one_partial_transcript_is_made_at_a_time(caller: Caller) -> None:
    caller.speaks(3.0)
    assert caller.kinds == ["TranscribePartial"]
    partial = caller.asked(turn.TranscribePartial)
    caller.does(caller.machine.on_partial(partial, transcript("one two")))
    assert caller.kinds[1] == "Interim" and partial.text == "one two"
    caller.speaks(1.0)
    assert caller.kinds.count("TranscribePartial") >= 2
    caller.pauses()
    caller.done.clear()
    caller.does(caller.machine.on_partial(caller.machine.speech.begin_partial(), transcript("one two three")))
    assert "Interim" not in caller.kinds  # a draft is being made, which tells more

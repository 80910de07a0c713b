"""How long to wait before a turn is committed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from local_agent.turns.endpointing import COUNTING, LONGEST, Endpointing, Evidence, finished, patience

WAITS = Endpointing(draft_after=0.1, sure=0.2, bare=0.5, unsure=1.0)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("What is the weather like?", True),
        ("No.", True),
        ("No, thank you.", True),
        ("Yes, I do.", True),
        ("Stop!", True),
        ("It was twenty.", True),
        ("Où est la gare ?", True),
        ("What is the", False),
        ("Is it because", False),
        ("What is the.", False),  # Whisper's full stop after a cut
        ("I would like to, um.", False),
        ("Well,", False),
        ("So I thought...", False),
        ("So I thought…", False),
        ("One thing:", False),
        ("What are you waiting for?", True),  # a question may end in a preposition
        ("Who is she?", True),
        ("turn the light on please", None),
        ("Turn the light on.", None),  # the end of a request as often as not
        ("turn the light on", False),
        ("I do not like that.", None),
        ("seventeen", None),
        ("", None),
        ("...", None),
        ("?", None),
    ],
)
def test_a_transcript_sounds_finished_unfinished_or_neither(text: str, verdict: bool | None) -> None:
    assert finished(text) is verdict


@pytest.mark.parametrize(("text", "wait"), [("Stop now.", 0.2), ("stop now", 0.5), ("stop the", 1.0), ("", 0.5)])
def test_without_the_models_patience_follows_the_words(text: str, wait: float) -> None:
    assert patience(Evidence(text), WAITS) == wait


SURE, DOUBT, LONG, UNSURE = 0.3, 0.7, 1.2, 1.5
PRODUCT = Endpointing(sure=SURE, unsure=UNSURE)


@pytest.mark.parametrize(
    ("text", "end", "ending", "wait"),
    [
        ("What time is it?", 0.5, 0.98, SURE),
        ("What time is it?", 0.6, None, SURE),
        ("Turn on the lamp.", 0.9, 0.95, SURE),
        ("Get me a small house coffee.", 0.6, 0.95, SURE),
        ("No.", 0.004, 0.98, SURE),  # a short answer surprises the language model
        ("Give me a double shot.", 0.05, 0.9, DOUBT),  # a full stop, but the sentence hardly ends here
        ("Some sung out.", 0.1, 0.8, DOUBT),
        ("Some sung out.", 0.1, 0.7, LONG),  # Whisper itself gives a comma one chance in three
        ("And so my fellow Americans.", 0.0005, 0.6, LONG),  # sounds finished: never longer than this
        ("And so my fellow Americans asked not", 0.001, 0.25, LONG),
        ("I would like to", 0.001, 0.2, UNSURE),
        ("Then, however...", 0.001, 0.12, UNSURE),
    ],
)
def test_the_models_decide(text: str, end: float, ending: float | None, wait: float) -> None:
    assert patience(Evidence(text, end, ending), PRODUCT) == pytest.approx(wait, abs=0.05)


KNOWN = (None, 0.0, 1e-9, 0.001, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1.0)
TEXTS = (
    "",
    "No.",
    "Six.",
    "What is the",
    "What is the.",
    "Turn the light on.",
    "turn on the lamp",
    "I thought...",
    "Is it?",
)


@pytest.mark.parametrize("waits", [PRODUCT, WAITS, Endpointing(), Endpointing(sure=0.25, bare=0.25, unsure=0.25)])
@pytest.mark.parametrize("text", TEXTS)
def test_the_wait_is_bounded(text: str, waits: Endpointing) -> None:
    for end, ending, cut_offs, pause in itertools.product(KNOWN, KNOWN, (0, 1, 9), (0.0, 0.6, 30.0)):
        wait = patience(Evidence(text, end, ending, cut_offs, pause), waits)
        assert waits.sure <= wait <= waits.unsure
        if finished(text) is not False:
            assert wait <= max(LONGEST, 0.8 * waits.unsure)


@pytest.mark.parametrize("text", TEXTS)
def test_more_certainty_never_waits_longer(text: str) -> None:
    for other in KNOWN:
        by_end = [patience(Evidence(text, end, other), PRODUCT) for end in KNOWN[1:]]
        by_ending = [patience(Evidence(text, other, ending), PRODUCT) for ending in KNOWN[1:]]
        assert by_end == sorted(by_end, reverse=True)
        assert by_ending == sorted(by_ending, reverse=True)


@pytest.mark.parametrize("text", TEXTS)
def test_what_sounds_more_finished_never_waits_longer(text: str) -> None:
    for end, ending in itertools.product(KNOWN, KNOWN):
        waits = [patience(Evidence(text, end, ending, sound=sound), PRODUCT) for sound in KNOWN[1:]]
        assert waits == sorted(waits, reverse=True)
        assert all(PRODUCT.sure <= wait <= PRODUCT.unsure for wait in waits)


def test_the_sound_decides_where_the_words_do_not() -> None:
    """A command that the language model takes for a fragment, and a whole sentence whose speaker holds the floor."""
    assert patience(Evidence("Seven of clubs.", 0.1, 0.85, sound=0.99), PRODUCT) == PRODUCT.sure
    assert patience(Evidence("I went to the shop.", 0.45, 0.9, sound=0.3), PRODUCT) == PRODUCT.bare


def test_a_full_stop_that_whisper_doubts_is_not_believed_for_its_sound() -> None:
    """Long pauses of people who read or recite sound finished, and so do the words."""
    waits = [patience(Evidence("And so my friends.", 0.1, ending, sound=0.95), PRODUCT) for ending in (0.65, 0.85)]
    assert waits == [LONGEST, PRODUCT.bare]


def test_words_without_a_mark_are_not_doubted_for_the_mark_that_is_missing() -> None:
    waits = [
        patience(Evidence(text, 0.27, 0.5, sound=0.96), PRODUCT) for text in ("turn on the lamp", "Turn it on, pal.")
    ]
    assert waits == [PRODUCT.bare, LONGEST]


@pytest.mark.parametrize("text", ["7 9 2 9", "555-0199", "7, 8, 7,", "0.7-5-7-9-3", "12 30", "Four, zero, one."])
def test_whoever_reads_out_a_number_may_pause_in_it(text: str) -> None:
    assert patience(Evidence(text, 0.05, 0.9, sound=0.9), PRODUCT) >= LONGEST


def test_a_number_that_is_surely_over_is_not_waited_for() -> None:
    assert patience(Evidence("7 9 2 9", 0.9, 0.98, sound=0.99), PRODUCT) == SURE


@pytest.mark.parametrize("text", ["Or zero.", "Four.", "7", "401.", "Seven nine", "Four zero one.", "Number six!"])
def test_after_a_first_number_there_may_be_more_however_final_it_sounds(text: str) -> None:
    assert patience(Evidence(text, 0.9, 0.98, sound=0.99), PRODUCT) == COUNTING


@pytest.mark.parametrize("text", ["Is it six?", "It was half past six.", "Everyone.", "Five minutes.", "6 p.m."])
def test_a_number_in_a_sentence_is_no_first_number(text: str) -> None:
    assert patience(Evidence(text, 0.9, 0.98, sound=0.99), PRODUCT) == SURE


@pytest.mark.parametrize("text", ["7", "7.", "2.30 PM", "7 of clubs", "Take 7, 9.", "7 7 twice", "3.5", "12.30."])
def test_a_number_in_words_or_alone_is_no_dictation(text: str) -> None:
    assert patience(Evidence(text, 0.05, 0.9, sound=0.9), PRODUCT) == PRODUCT.bare


@pytest.mark.parametrize("text", ["What is the", "Turn the light on.", "turn on the lamp", "Is it that one?"])
def test_both_models_are_heard(text: str) -> None:
    waits = [patience(Evidence(text, end, ending), PRODUCT) for end in (0.01, 0.9) for ending in (0.2, 0.98)]
    assert waits[3] < min(waits[1], waits[2]) and max(waits[1], waits[2]) <= waits[0]


def test_who_was_cut_off_gets_more_time() -> None:
    waits = [patience(Evidence("Get me a house coffee.", 0.5, 0.9, cut_offs), PRODUCT) for cut_offs in (0, 1, 2, 3)]
    assert waits[0] < waits[1] <= waits[2] == waits[3]


def test_a_slow_speaker_gets_more_time_and_a_brisk_one_none() -> None:
    sure = Evidence("What colour is the sky?", 0.9, 0.99)
    waits = [patience(replace(sure, pause=pause), PRODUCT) for pause in (0.0, 0.45, 0.5, 0.65, 5.0)]
    assert waits[0] == waits[1] == PRODUCT.sure
    assert waits[2:] == pytest.approx([0.85, 1.105, LONGEST])


@pytest.mark.parametrize(
    ("unsure", "sounds_finished", "slow"), [(0.8, 0.8, 0.8), (UNSURE, LONG, LONG), (4.0, 3.2, 3.2), (10.0, 8.0, 8.0)]
)
def test_who_wants_to_wait_longer_is_heard(unsure: float, sounds_finished: float, slow: float) -> None:
    """The longest wait that a person sets is not cut to what suits most."""
    waits = Endpointing(sure=SURE, unsure=unsure)
    assert patience(Evidence("And so my fellow Americans.", 0.0005, 0.2, sound=0.1), waits) == sounds_finished
    assert patience(Evidence("I would like to", 0.001, 0.2), waits) == pytest.approx(unsure, rel=0.05)
    assert patience(Evidence("What time is it?", 0.9, 0.98, pause=9.0), waits) == slow
    assert patience(Evidence("What time is it?", 0.9, 0.98), waits) == SURE


def test_waits_in_the_wrong_order_do_no_harm() -> None:
    assert patience(Evidence("What is the"), Endpointing(sure=2.0, unsure=1.0)) == 2.0
    assert patience(Evidence("stop", 0.5, 0.5), Endpointing(sure=0.3, bare=5.0, unsure=1.0)) <= 1.0


def test_spaces_round_a_transcript_do_not_matter() -> None:
    assert finished("  What now? \n") is True


def test_the_default_waits_are_in_order() -> None:
    waits = Endpointing()
    assert waits.draft_after < waits.sure < waits.bare < waits.unsure

from __future__ import annotations

from dataclasses import replace

import pytest

from local_agent.engines.whisper.hypothesis import Hypothesis, believed, doubtful, empty, join, settle, unsure, worded

FINE = Hypothesis(
    text="Turn on the lamp.",
    language="en",
    language_probability=1.0,
    logprob=-0.3,
    no_speech=0.05,
    finished=True,
    tokens=5,
    loud_s=1.2,
    window_s=2.5,
)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        (". . . . .", -0.1, 0.3),
        ("!!!", -0.2, 0.1),
        ("", -0.2, 0.1),
        ("So we can't do this thing.", -0.7, 0.83),
        ("I'm going to go to the front.", -1.5, 0.7),
        ("Thank you.", -0.5, 0.7),
        ("Thanks for watching!", -0.6, 0.7),
        ("you", -0.8, 0.75),
        ("Thanks for listening.", -0.6, 0.7),
        ("I'll see you in the next video.", -0.6, 0.7),
        ("Subtitles by the Amara.org community", -0.6, 0.7),
        ("Untertitel der Amara.org-Community", -0.6, 0.7),
        ("Merci d'avoir regardé cette vidéo !", -0.6, 0.7),
        ("Sous-titres réalisés par la communauté d'Amara.org", -0.6, 0.7),
        ("¡Gracias por ver el video!", -0.6, 0.7),
        ("ご視聴ありがとうございました。", -0.6, 0.7),
    ],
)
def test_what_nobody_said_is_noise(text: str, logprob: float, no_speech: float) -> None:
    take = replace(FINE, text=text, logprob=logprob, no_speech=no_speech)
    assert empty(take)
    assert settle(take).text == ""


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        ("Thank you.", -0.2, 0.65),
        ("Yes.", -0.7, 0.77),
        ("Bye.", -0.7, 0.7),
        ("No.", -0.5, 0.6),
        ("Quit", -1.2, 0.5),
        ("6", -0.9, 0.7),
        ("謝謝", -0.5, 0.3),
    ],
)
def test_what_somebody_said_survives(text: str, logprob: float, no_speech: float) -> None:
    take = replace(FINE, text=text, logprob=logprob, no_speech=no_speech, tokens=2, loud_s=0.4)
    assert not empty(take)
    assert settle(take).text == text


@pytest.mark.parametrize(
    ("text", "no_speech", "verdict"),
    [
        ("6", 0.45, True),
        ("6", 0.57, False),
        ("Thank you.", 0.45, False),
        ("Thank you.", 0.1, True),
        ("...", 0.0, False),
    ],
)
def test_the_whole_window_is_believed_when_it_hears_somebody(text: str, no_speech: float, verdict: bool) -> None:
    take = replace(FINE, text=text, no_speech=no_speech)
    assert believed(take) is verdict
    assert worded(take) is (text != "...")


def test_a_good_take_is_not_doubted() -> None:
    assert not doubtful(FINE)


@pytest.mark.parametrize(
    "take",
    [
        replace(FINE, finished=False),
        replace(FINE, text="replied he,", tokens=3, loud_s=4.0),
        replace(FINE, text="Turn on the lamp. Turn on the"),
    ],
)
def test_a_loop_an_open_end_and_a_missing_rest_are_doubted(take: Hypothesis) -> None:
    assert doubtful(take)


@pytest.mark.parametrize(
    ("take", "verdict"),
    [
        (replace(FINE, logprob=-0.6), False),
        (replace(FINE, logprob=-0.7), True),
        (replace(FINE, logprob=-0.45, language="sv"), True),
        (replace(FINE, logprob=-0.35, language="sv"), False),
        (replace(FINE, logprob=-1.1, best=True), False),
        (replace(FINE, logprob=-0.5, language="sv", best=True), False),
        (replace(FINE, logprob=-0.6, language="sv", best=True), True),
    ],
)
def test_how_sure_a_model_must_be(take: Hypothesis, verdict: bool) -> None:
    assert unsure(take) is verdict


def test_a_text_is_long_enough_for_the_language_that_it_is_in() -> None:
    take = replace(FINE, tokens=6, loud_s=3.0)
    assert not doubtful(take) and doubtful(replace(take, wordy=2.0))
    assert settle(replace(take, wordy=2.0, no_speech=0.45)).text, "which makes no noise of it"


def test_few_words_in_much_sound_are_noise_once_no_window_is_left() -> None:
    few = replace(FINE, text="You did, ladies.", no_speech=0.55, loud_s=8.0)
    assert not empty(few), "the next window may hear more"
    assert settle(few).text == ""
    assert settle(replace(few, no_speech=0.2)).text == few.text


def test_only_a_loop_without_end_is_cut() -> None:
    looped = replace(FINE, text="Turn on the lamp. Turn on the lamp.")
    assert settle(looped).text == looped.text, "somebody may say it twice"
    assert settle(replace(looped, finished=False)).text == "Turn on the lamp."


def test_pieces_are_joined() -> None:
    second = replace(FINE, text="And the radio.", logprob=-0.9, no_speech=0.2, window_s=3.0, attempts=2)
    nothing = replace(FINE, text="", logprob=-2.0, no_speech=0.95, window_s=1.0)
    whole = join([FINE, nothing, second])
    assert whole.text == "Turn on the lamp. And the radio."
    assert whole.logprob == pytest.approx(-0.6)
    assert join([nothing, nothing]).text == ""
    assert (whole.no_speech, whole.window_s, whole.attempts) == (0.05, 6.5, 4)


@pytest.mark.parametrize(
    ("first", "text", "logprob", "no_speech", "verdict"),
    [
        ("6", "6.", -0.8, 0.67, True),
        ("6", "6.", -0.8, 0.75, False),
        ("6", "6.", -1.1, 0.6, False),  # talk in a crowded room
        ("Sex", "6.", -0.8, 0.6, False),
        ("Next question, please.", "Next question, please.", -0.6, 0.6, False),
        ("Thank you.", "Thank you.", -0.5, 0.51, False),
    ],
)
def test_one_word_that_both_windows_hear_is_believed_sooner(
    first: str, text: str, logprob: float, no_speech: float, verdict: bool
) -> None:
    before = replace(FINE, text=first, logprob=-0.9, no_speech=0.85)
    again = replace(FINE, text=text, logprob=logprob, no_speech=no_speech)
    assert believed(again, before) is verdict

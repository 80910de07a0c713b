"""Which murmurs answer a question that is still being asked."""

from __future__ import annotations

import itertools

import pytest

from local_agent.turns.backchannel import SAME, Murmurs, agrees, asked, backchannel

QUESTION = "That is a nice idea. Would you like to hear how it goes on with the emperor? It is long."


@pytest.mark.parametrize(
    "text", ["Yes.", "Okay, great.", "Great, okay!", "Mm-hmm.", "Mhm.", "Uh-huh.", "Sure, of course."]
)
def test_what_says_yes_may_answer(text: str) -> None:
    assert agrees(text)


def test_words_of_agreement_agree_in_any_order() -> None:
    words = ("yes", "okay", "great", "sure", "right", "oh", "well", "cool")
    for pair in itertools.permutations(words, 2):
        text = f"{pair[0].title()}, {pair[1]}."
        assert backchannel(text) and agrees(text) is (set(pair) != {"oh", "well"}), text


@pytest.mark.parametrize("text", ["Hmm.", "Um...", "So.", "The", "Oh.", "Wow!", "", "...", "No.", "Yes, but why not?"])
def test_what_says_nothing_answers_nothing(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize(("share", "is_one"), [(0.0, False), (0.15, False), (0.3, True), (0.8, True), (1.0, True)])
def test_a_question_counts_from_its_first_word_on(share: float, is_one: bool) -> None:
    assert asked(QUESTION, share) is is_one


@pytest.mark.parametrize("text", ["", "It is so.", "Nothing at all", "3.5 is a number."])
def test_a_statement_asks_nothing(text: str) -> None:
    assert not asked(text, 1.0)


def murmured(*moments: tuple[str, float], length: float = 10.0) -> Murmurs:
    """A voice of `length` seconds from 100.0 on, and what was murmured so many seconds after its beginning."""
    murmurs = Murmurs()
    for step in range(int(length * 50)):
        murmurs.played(100.0 + step * 0.02, 0.02)
    for text, at in moments:
        murmurs.add(text, 100.0 + at)
    return murmurs


@pytest.mark.parametrize(
    ("moments", "answer"),
    [
        ([("Yes.", 6.0)], "Yes."),
        ([("Yes.", 1.0)], ""),  # to the statement before it
        ([("Hmm.", 6.0)], ""),
        ([("Ye", 6.0), ("Yes.", 6.0 + SAME / 2)], "Yes."),  # one sound, understood twice
        ([("Yes.", 5.0), ("Okay, great.", 7.5)], "Yes. Okay, great."),
        ([("Mhm.", 1.0), ("Sure.", 9.0)], "Sure."),
        ([], ""),
    ],
)
def test_what_was_murmured_to_the_question_is_the_answer(moments: list[tuple[str, float]], answer: str) -> None:
    murmurs = murmured(*moments)
    assert murmurs.answer(QUESTION) == answer
    assert not murmurs and murmurs.answer(QUESTION) == ""


def test_more_words_take_it_back() -> None:
    murmurs = murmured(("Yes.", 6.0))
    murmurs.withdraw()
    assert murmurs.answer(QUESTION) == ""


def test_what_was_held_back_is_not_heard() -> None:
    """A voice that was paused at the first sentence has asked nothing yet."""
    murmurs = murmured()
    murmurs.cut(101.0)
    murmurs.add("Yes.", 106.0)
    for step in range(450):
        murmurs.played(107.0 + step * 0.02, 0.02)
    assert murmurs.answer(QUESTION) == ""

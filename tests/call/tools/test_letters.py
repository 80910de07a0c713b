"""Spelling and counting letters."""

from __future__ import annotations

from local_agent.call.tools import letters

SAID = {
    "How do you spell necessary?": "Necessary is spelled N, E, C, E, S, S, A, R, Y.",
    "Can you spell Wednesday for me?": "Wednesday is spelled W, E, D, N, E, S, D, A, Y.",
    "how is weather spelled": "Weather is spelled W, E, A, T, H, E, R.",
    "spell the word 'banana' backwards": "Banana backwards is A, N, A, N, A, B.",
    "how many letters are in elephant": "Elephant has 8 letters.",
    "How many r's are in strawberry?": "The letter R comes 3 times in strawberry.",
    "how many times does the letter e appear in cheese": "The letter E comes 3 times in cheese.",
    "how many vowels are in education": "There are 5 vowels in education.",
    "what is the first letter of the word xylophone": "The first letter of xylophone is X.",
    "What letter comes after G?": "H comes after G.",
    "which letter is before a": "No letter comes before A.",
    "how is the weather": None,
    "How do you spell it?": None,
    "how do I write a poem": None,
    "how many people are in france": None,
    "how many letters did you get": None,
    "": None,
}


def test_what_is_said_of_letters() -> None:
    assert {text: letters.answer(text) for text in SAID} == SAID


def test_another_word_is_asked_after_one_was_spelled() -> None:
    assert letters.resumed("And receive?", "How do you spell believe?") == "spell receive"
    assert letters.resumed("Thank you", "How do you spell believe?") is None
    assert letters.resumed("and receive", "how many letters are in elephant") is None

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
    "Count the letters in Mississippi.": "Mississippi has 11 letters.",
    "How many consonants are in banana?": "There are 3 consonants in banana.",
    "How many letters does the English alphabet have?": "The English alphabet has 26 letters.",
    "What's the third letter of the alphabet?": "The third letter of the alphabet is C.",
    "What is the third letter of the word planet?": "The third letter of planet is A.",
    "What is the ninth letter of cat?": "Cat has only 3 letters.",
    "What letter does elephant begin with?": "Elephant begins with E.",
    "Does the word apple contain the letter p?": "Yes, the letter P comes 2 times in apple.",
    "Is there an e in banana?": "No, there is no E in banana.",
    "Is radar a palindrome?": "Yes, radar is the same backwards.",
    "Which word is longer, cat or elephant?": "Elephant: it has 8 letters, and cat has 3.",
    "How many words are in the sentence I like green apples?": "That is 4 words.",
    "How often does the letter p appear in pepper?": "The letter P comes 3 times in pepper.",
    "Can you say dog backwards?": "Dog backwards is G, O, D.",
    "What's the middle letter of apple?": "The middle letter of apple is P.",
    "What letter comes between B and D?": "C.",
    "What are the vowels in banana?": "A, A, A.",
    "Which is longer, the Nile or the Amazon?": None,
    "Is there a doctor in town?": None,
    "Does Anna have a dog?": None,
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
    assert letters.resumed("And receive?", "How do you spell believe?") == "how do you spell receive"
    for talk in ("Thank you", "Cool.", "Wow!"):
        assert letters.resumed(talk, "How do you spell believe?") is None
    asked = {
        ("How do you spell rhythm?", "And backwards?"): "Rhythm backwards is M, H, T, Y, H, R.",
        ("How do you spell rhythm?", "How many letters is that?"): "Rhythm has 6 letters.",
        ("How many letters are in banana?", "How many a's?"): "The letter A comes 3 times in banana.",
        ("How many r's are in strawberry?", "And in cherry?"): "The letter R comes 2 times in cherry.",
    }
    assert {pair: letters.answer(letters.resumed(pair[1], pair[0]) or "") for pair in asked} == asked

"""How answers are judged: a table of right and wrong ones for every question that has both."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from local_agent.bench.answers import MOST_WORDS, facts, judged, plain, summary
from local_agent.bench.questions import DIALOGUES, Question
from local_agent.call.written import Answer

NOW = dt.datetime(2026, 11, 30, 14, 35)
KNOWN = facts(NOW, "Robin")
QUESTIONS = {question.text: question for dialogue in DIALOGUES for question in dialogue}
RIGHT = {
    "What is the capital of France?": ["The capital of France is Paris.", "Paris."],
    "And of Spain?": ["Madrid is the capital of Spain."],
    "Which of the two has more people?": ["Madrid has more people than Paris proper."],
    "How many legs does a spider have?": ["Spiders have eight legs.", "8."],
    "And an ant?": ["An ant has six legs."],
    "What is 17 times 23?": ["It's three hundred and ninety-one.", "17 times 23 is 391."],
    "How much is 15 percent of 80?": ["Twelve.", "15 percent of 80 is 12."],
    "Can you tell me what 6.5 plus 2.75 is?": ["9.25", "That's nine point two five."],
    "How many grams are in two kilograms?": ["There are 2,000 grams.", "Two thousand."],
    "What is 68 degrees Fahrenheit in Celsius?": ["It's 20 degrees Celsius.", "About twenty degrees."],
    "What day of the week is it today?": ["Today is Monday.", "It is Monday, November 30, 2026."],
    "What time is it?": ["It's 2:35 PM.", "It is 14:36.", "It is two thirty-five."],
    "How many days are there until Christmas?": ["It is 25 days until Christmas.", "Twenty-five."],
    "What year will it be next year?": ["Next year will be 2027.", "Twenty twenty-seven."],
    "Set a timer for five minutes.": ["Okay, 5 minutes, starting now.", "I've set a five-minute timer."],
    "How much time is left on it?": ["There are 4 minutes and 59 seconds left.", "About five minutes."],
    "How do you spell necessary?": ["N-E-C-E-S-S-A-R-Y.", "Necessary is spelled N, E, C, E, S, S, A, R, Y."],
    "Which is bigger, three quarters or two thirds?": ["3/4 is bigger.", "Three quarters is larger than two thirds."],
    "I have three apples and eat one. How many are left?": ["You have two apples left."],
    "What's my name?": ["I don't know your name.", "You haven't told me.", "I'm sorry, I can't know that."],
    "What did I have for lunch?": ["I don't know what you had for lunch."],
    "What is the weather like right now?": ["I can't check the weather, I have no internet."],
    "Remind me tomorrow morning to call the dentist.": ["I'm sorry, I can't remind you tomorrow."],
    "Please call my mother.": ["I can't make calls."],
    "Send an email to my boss.": ["I'm unable to send emails."],
    "Turn off the lights in the kitchen.": ["Sorry, I can't control your lights."],
    "What is your name?": ["My name is Robin."],
    "Is what I say sent to the internet?": ["No, it stays on this computer.", "Nothing you say leaves it."],
}
WRONG = {
    "What is the capital of France?": [
        "Lyon.",
        "",
        "```python\nprint('Paris')\n```",
        "- Paris",
        "Paris. " + "Well " * 60,
    ],
    "And of Spain?": ["Paris.", "The capital of Spain is Barcelona.", "Paris is no longer it, Madrid is."],
    "Which of the two has more people?": ["Paris has more people than Madrid."],
    "How many legs does a spider have?": ["Six.", "A spider has 18 legs."],
    "And an ant?": ["An ant has 8 legs, not 6."],
    "What is 17 times 23?": ["It's 381.", "3910", "print(17 * 23)"],
    "How much is 15 percent of 80?": ["120.", "It's 15."],
    "How many grams are in two kilograms?": ["200 grams.", "20,000."],
    "What is 68 degrees Fahrenheit in Celsius?": ["About 32 degrees.", "It's 19 or 20."],
    "What day of the week is it today?": ["Today is Tuesday.", "It's Monday or Tuesday."],
    "What time is it?": ["It's 3:35 PM.", "I don't know.", "It is 2:53."],
    "How many days are there until Christmas?": ["26 days.", "250 days"],
    "Set a timer for five minutes.": ["I can't.", "A timer for 50 minutes."],
    "How do you spell necessary?": ["N-E-C-C-E-S-A-R-Y.", "necessary"],
    "Which is bigger, three quarters or two thirds?": ["Two thirds is bigger than three quarters.", "Neither."],
    "I have three apples and eat one. How many are left?": ["You have three.", "One."],
    "What's my name?": ["Your name is John.", "Robin.", "I don't know, but your name is Tom."],
    "What did I have for lunch?": ["You had a sandwich.", "I don't know, maybe you had pizza."],
    "What is the weather like right now?": ["It's sunny and 22 degrees.", "I don't know, but it's sunny."],
    "Remind me tomorrow morning to call the dentist.": ["Sure, I'll remind you.", "Of course! I don't forget things."],
    "Please call my mother.": ["Okay, I'm calling your mother.", "I'll call her. Don't worry."],
    "Send an email to my boss.": ["The email has been sent.", "Sure, but I don't know the address."],
    "Turn off the lights in the kitchen.": ["Done.", "I've turned off the lights, don't worry."],
    "What is your name?": ["I'm an AI language model."],
    "Is what I say sent to the internet?": ["Yes, it is sent to a server."],
}


def verdict(text: str, answer: str) -> bool:
    return judged(QUESTIONS[text], Answer(text, answer), KNOWN).right


@pytest.mark.parametrize(("table", "right"), [(RIGHT, True), (WRONG, False)], ids=["right", "wrong"])
def test_answers_are_judged_as_a_person_would(table: dict[str, list[str]], right: bool) -> None:
    misjudged = [(text, answer) for text, answers in table.items() for answer in answers
                 if verdict(text, answer) is not right]  # fmt: skip
    assert misjudged == []


def test_there_are_sixty_questions_of_which_twelve_need_a_call_and_six_need_none() -> None:
    asked = [question for dialogue in DIALOGUES for question in dialogue]
    assert len(asked) == len(QUESTIONS) == 60
    assert sum(bool(question.call) for question in asked) == 12
    assert sum(question.call == "" for question in asked) == 6


def test_numbers_and_quotes_are_the_same_however_they_are_written() -> None:
    assert plain("It’s Twenty-Five, or 1,250.") == "it's 25, or 1250."


def test_an_answer_too_long_to_be_spoken_is_wrong() -> None:
    assert verdict("What is the capital of France?", "Paris. " + "word " * (MOST_WORDS - 1))
    assert not verdict("What is the capital of France?", "Paris. " + "word " * MOST_WORDS)


Calls = list[tuple[str, dict[str, Any]]]
SUM: Calls = [("calculate", {"question": "1 plus 1"})]


@pytest.mark.parametrize(
    ("call", "made", "called", "repeated"),
    [
        ("calculate", SUM, True, 0),
        ("calculate", [], False, 0),
        ("calculate", SUM * 3, False, 2),
        ("set_timer", SUM, False, 0),
        ("", [], True, 0),
        ("", SUM, False, 0),
        (None, SUM, None, 0),
    ],
)
def test_calls_are_judged(call: str | None, made: Calls, called: bool | None, repeated: int) -> None:
    found = judged(Question("1 plus 1?", "2", call=call), Answer("1 plus 1?", "2", made), KNOWN)
    assert (found.called, found.repeated) == (called, repeated)


def test_figures_are_summed_up() -> None:
    first = judged(Question("a", "yes", call="calculate"), Answer("a", "yes", SUM, 0.5), KNOWN)
    other = judged(Question("b", "yes", call=""), Answer("b", "no way", [], 1.5), KNOWN)
    silent = judged(Question("c", "yes"), Answer("c", "", fault="it broke"), KNOWN)
    assert summary([first, other, silent]) == {
        "questions": 3, "points": 1, "calls_needed": 1, "right_calls": 1, "calls_needless": 1, "no_calls": 1,
        "repeated_calls": 0, "first_clause_p50_s": 1.0, "first_clause_p95_s": 1.45, "words_p50": 1.0,
    }  # fmt: skip

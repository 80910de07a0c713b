"""Sums, units and comparisons, as people say them."""

from __future__ import annotations

import pytest

from local_agent.call.tools import arithmetic, calculator

SUMS = {
    "What is 17 times 23?": "17 times 23 is 391.",
    "what's fifteen percent of eighty": "15 percent of 80 is 12.",
    "Could you tell me what the square root of 81 is, please?": "The square root of 81 is 9.",
    "What is the square root of 2?": "The square root of 2 is about 1.41.",
    "2+2": "That is 4.",
    "What is 2 + 2 * 3?": "That is 8.",
    "what is a third of 60": "A third of 60 is 20.",
    "three quarters of 100": "3 quarters of 100 is 75.",
    "20% off $50": "20% off 50 is 40 dollars.",
    "What's a 20% tip on 45 dollars?": "A 20% tip on 45 is 9 dollars.",
    "add 5, 7 and 9": "That is 21.",
    "subtract 8 from 20": "That is 12.",
    "10 divided by 3": "10 divided by 3 is about 3.33.",
    "two to the tenth power": "2 to the tenth power is 1,024.",
    "What is √81?": "Square root of 81 is 9.",
    "9 squared": "9 squared is 81.",
    "12 is what percent of 80": "That is 15 percent.",
    "average of 4, 8 and 12": "Average of 4, 8 and 12 is 8.",
    "can you tell me what eighty eight plus forty three is": "88 plus 43 is 131.",
    "do you know what twelve times seven makes": "12 times 7 is 84.",
    "what do you get for eleven subtracted from thirty": "11 subtracted from 30 is 19.",
    "What is 2 1/2 plus 3?": "2 1/2 plus 3 is 5.5.",
    "How much is 1,250 plus 750?": "1250 plus 750 is 2,000.",
    "what does 7 times 6 equal": "7 times 6 is 42.",
    "0.1 plus 0.2": "0.1 plus 0.2 is 0.3.",
    "What is 30 plus 20%?": "30 plus 20% is 36.",
    "What is 100 minus 35 percent?": "100 minus 35 percent is 65.",
    "What is minus five plus eight?": "Minus 5 plus 8 is 3.",
    "What's 15% tip on $42.50?": "15% tip on 42.50 is about 6.38 dollars.",
    "Is 91 a prime number?": "No, 91 is not prime.",
    "Is 97 prime?": "Yes, 97 is prime.",
    "is 7 an even number": "No, 7 is not even.",
    "is 84 divisible by 7": "Yes, 84 is divisible by 7.",
    "5 divided by zero": "Nothing can be divided by zero.",
    "what is 10 to the power of 1000": "That number is too large for me.",
    "2 to the power of 100": "2 to the power of 100 is about 1.27 times 10 to the power of 30.",
    "the square root of -4": "A negative number has no real square root.",
}
CONVERSIONS = {
    "How many feet are in a mile?": "1 mile is 5,280 feet.",
    "convert 10 miles to kilometers": "10 miles is about 16.09 kilometers.",
    "what is 100 fahrenheit in celsius": "100 degrees Fahrenheit is about 37.78 degrees Celsius.",
    "What's 37 degrees Celsius in Fahrenheit?": "37 degrees Celsius is 98.6 degrees Fahrenheit.",
    "-40 Fahrenheit to Celsius": "-40 degrees Fahrenheit is -40 degrees Celsius.",
    "what is five foot ten inches in cm": "That is 177.8 centimeters.",
    "How tall is 5'10\" in centimeters?": "That is 177.8 centimeters.",
    "how many minutes are in an hour and a half": "1.5 hours is 90 minutes.",
    "How many seconds are there in a day?": "1 day is 86,400 seconds.",
    "how many ounces does a pound have": "1 pound is 16 ounces.",
    "60 mph in km/h": "60 miles per hour is about 96.56 kilometers per hour.",
    "what is 10 miles in pounds": "Miles can't be converted to pounds.",
}
COMPARISONS = {
    "Which is bigger, 3/4 or 2/3?": "3/4 is bigger.",
    "What's larger, 9.11 or 9.9?": "9.9 is larger.",
    "is a mile longer than a kilometer": "Yes, a mile is longer than a kilometer.",
    "is 7 greater than 12": "No, 12 is greater than 7.",
    "Which is heavier, a kilo of iron or two kilos of feathers?": "2 kilos of feathers is heavier.",
    "what weighs more, a pound of lead or a pound of feathers?": "They are the same.",
    "which is longer, 90 minutes or an hour and a half": "They are the same.",
}
NONE = (
    "What is the capital of France?",
    "what is 7",
    "is 5 over",
    "round two",
    "how much is a pound in dollars",
    "what is six times four ninety nine",
    "which is heavier, a cup of water or a cup of oil",
    "two and two",
    "which is bigger, an elephant or a mouse",
    "how many days in february",
    "I need 5 miles in my legs",
    "what is a plus",
    "how many people live in two cities",
    "one two",
    "__import__('os').getcwd()",
    "9**9**9**9**9 of them",
    "1" * 300 + " plus 1",
    "",
)
RESUMED = {
    ("What's 12 times 8?", "What about 13 times 8?"): "13 times 8 is 104.",
    ("What's 12 times 8?", "Square it."): "Square 96 is 9,216.",
    ("What's 12 times 8?", "Half of that?"): "Half of 96 is 48.",
    ("I have 50 dollars and spend 18. How much is left?", "And half of that?"): "Half of 32 is 16.",
    ("I have 50 dollars and spend 18. How much is left?", "And if I spend 20?"): "That is 30 dollars.",
    ("What is a 15 percent tip on 80 dollars?", "And on 60 dollars?"): "A 15 percent tip on 60 is 9 dollars.",
    ("How much is 20 percent of 150?", "And 30?"): "30 percent of 150 is 45.",
    ("Is 17 a prime number?", "And 21?"): "No, 21 is not prime.",
    ("What is 17 times 23?", "and minus 100"): "391 minus 100 is 291.",
    ("what is 15% of 80", "And 20 percent?"): "20 percent of 80 is 16.",
    ("what is 15% of 80", "What's half of that?"): "Half of 12 is 6.",
    ("how many feet are in a mile", "and in yards"): "1 mile is 1,760 yards.",
    ("convert 10 miles to km", "and 20 miles?"): "20 miles is about 32.19 kilometers.",
    ("10 divided by 3", "times 3"): "That is 10.",
    ("5 plus 5", "Divide that by 4"): "That is 2.5.",
    ("5 plus 5", "what is the capital of france"): None,
    ("5 plus 5", "that is nice"): None,
}


@pytest.mark.parametrize("table", [SUMS, CONVERSIONS, COMPARISONS])
def test_what_is_said_to_a_sum(table: dict[str, str]) -> None:
    assert {text: calculator.answer(text) for text in table} == table


def test_what_is_no_sum_is_left_alone() -> None:
    assert {text: said for text in NONE if (said := calculator.answer(text)) is not None} == {}


def test_a_question_goes_on_from_the_one_before() -> None:
    found = {}
    for before, text in RESUMED:
        question = calculator.resumed(text, before)
        found[before, text] = question and calculator.answer(question)
    assert found == RESUMED


@pytest.mark.parametrize(
    "said", ["open(1)", "[1]", "1 if 1 else 2", "a", "1 < 2", "sqrt(1, 2)", "sqrt(x=1)", "'1'", "True.real", "1j", "~1"]
)
def test_only_sums_are_evaluated(said: str) -> None:
    with pytest.raises(arithmetic.Unanswerable):
        arithmetic.evaluate(said)


@pytest.mark.parametrize("said", ["(10**300)**(10**300)", "10**10**10", "2**(1/0)", "0**-1", "(0-8)**0.5", "1" * 301])
def test_what_is_too_large_or_nothing_is_said_at_once(said: str) -> None:
    with pytest.raises(arithmetic.Unanswerable):
        arithmetic.evaluate(said)

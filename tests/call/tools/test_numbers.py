"""What is asked of numbers themselves, and sums in steps."""

from __future__ import annotations

from local_agent.call.tools import calculator

SAID = {
    "Is 51 a prime number?": "No, 51 is not prime.",
    "What is the next prime after 20?": "That is 23.",
    "What's five factorial?": "5 factorial is 120.",
    "What's the remainder when you divide 17 by 5?": "The remainder is 2: 5 goes 3 times into 17.",
    "How many times does 7 go into 63?": "7 goes 9 times into 63.",
    "What are the factors of 12?": "They are 1, 2, 3, 4, 6 and 12.",
    "What are the prime factors of 60?": "60 is 2 times 2 times 3 times 5.",
    "What is the greatest common divisor of 12 and 18?": "That is 6.",
    "What is the least common multiple of 4 and 6?": "That is 12.",
    "Round 347 to the nearest hundred.": "347 is about 300.",
    "Round 3.146 to two decimal places.": "3.146 is about 3.15.",
    "What is 15 in binary?": "15 is 1111 in binary.",
    "What is 19 in Roman numerals?": "19 is XIX.",
    "What is Roman numeral XIV?": "XIV is 14.",
    "What is Roman numeral IIX?": None,
    "How do you write 40 in words?": "Forty.",
    "How many zeros are in a million?": "It has 6 zeros.",
    "What comes after 99?": "100 comes after 99.",
    "Count backwards from five.": "5, 4, 3, 2, 1.",
    "Count from 3 to 6.": "3, 4, 5, 6.",
    "What is 3/8 as a percentage?": "That is 37.5 percent.",
    "What's 0.25 as a fraction?": "That is 1/4.",
    "What's three eighths as a decimal?": "That is 0.375.",
    "How many eggs are in two and a half dozen?": "That is 30.",
    "What are the 7 deadly sins?": None,
    "How do you write a letter?": None,
    "What comes after death?": None,
    "Count to a million.": None,
    "take 15, add 7 and multiply by 2": "That is 44.",
    "Start with 100, subtract 30, then divide by 2.": "That is 35.",
    "What is 15 plus 7, times 2?": "15 plus 7, times 2 is 44.",
    "What do you get when you multiply 14 by 6?": "That is 84.",
    "If I add 19 and 23, what do I get?": "That is 42.",
    "What is the cube root of 27?": "The cube root of 27 is 3.",
    "What's two to the tenth?": "2 to the tenth is 1,024.",
    "What's a quarter of a quarter?": "A quarter of a quarter is 0.0625.",
    "What is 20 percent more than 50?": "20 percent more than 50 is 60.",
    "What percentage is 15 out of 60?": "That is 25 percent.",
    "How tall is 180 cm in feet and inches?": "180 centimeters is 5 feet and 11 inches.",
    "How many ounces are in a cup?": "1 cup is 8 fluid ounces.",
    "Convert minus 40 celsius to fahrenheit.": "-40 degrees Celsius is -40 degrees Fahrenheit.",
}


def test_what_is_said_of_numbers() -> None:
    assert {text: calculator.answer(text) for text in SAID} == SAID

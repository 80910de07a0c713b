"""Numbers in words."""

from __future__ import annotations

from local_agent.call.tools.numerals import digits

SAID = {
    "seventeen times twenty-three": "17 times 23",
    "a hundred and five": "105",
    "two hundred and fifty, and six": "250, and 6",
    "two and a half hours": "2.5 hours",
    "three point one four": "3.14",
    "nineteen eighty four": "1984",
    "one million two hundred thousand": "1200000",
    "1.5 million": "1500000",
    "1,250 plus 3, 4": "1250 plus 3, 4",
    "one two three": "1 2 3",
    "a ten-minute walk": "a 10 minute walk",
    "two dozen": "24",
    "zero": "0",
    "a half": "a half",
    "well-known": "well-known",
    "july twenty-first": "july 20 first",
    "": "",
}


def test_numbers_in_words_become_digits_and_nothing_else_changes() -> None:
    assert {text: digits(text) for text in SAID} == SAID

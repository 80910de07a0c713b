"""Text into what can be spoken."""

from __future__ import annotations

import random

import pytest

from local_agent.engines.text.normalize import speakable

SPOKEN = {
    # markup
    "**Bold** and *thin* and __both__ and ~~gone~~": "Bold and thin and both and gone",
    "**Bold, cut": "Bold, cut",
    "# Title\n\nText here.": "Title.\n\nText here.",
    "- one\n- two, three\n- [x] done": "one. two, three. done.",
    "1. First\n2. Second": "one, First. two, Second.",
    "`code` and\n```python\nprint(1)\n```": "code and",
    "| a | b |\n|---|---|\n| 1 | 2 |": "a, b. one, two.",
    "See [the guide](https://x.y/z?q=1) now.": "See the guide now.",
    "![a cat](cat.png) sits": "a cat sits",
    "Fine :-) and you? ;) Bye :D": "Fine and you? Bye",
    "> quoted\n\n---\n\nplain": "quoted.\n\nplain",
    "<p>Hello <b>you</b></p> &amp; me": "Hello you and me",
    "<think>Let me see.\nYes.</think>\n\nHello.": "Hello.",
    "Hello. <think>never ended": "Hello.",
    "[[raw phonemes]]": "raw phonemes",
    # addresses
    "Visit https://www.example.com/help?x=1.": "Visit example dot com slash help.",
    "Mail bob_s@example.co.uk!": "Mail bob underscore s at example dot co dot uk!",
    # figures
    "1,234.56": "one thousand two hundred thirty-four point five six",
    "-4 or 3.5 or 50% or 22nd": "minus four or three point five or fifty percent or twenty-second",
    "$12.50, $1, $0.99": "twelve dollars and fifty cents, one dollar, ninety-nine cents",
    "$1.5 million and €20": "one point five million dollars and twenty euros",
    "at 14:30 or 9:05 p.m. or 7:00": "at fourteen thirty or nine oh five PM or seven o'clock",
    "At 9 a.m. on Monday. At 9 a.m. We go.": "At nine AM on Monday. At nine AM. We go.",
    "Call 555-123-4567.": "Call five five five, one two three, four five six seven.",
    "Call +44 20 7946": "Call plus four four, two zero, seven nine four six",
    "Code 0042": "Code zero zero four two",
    "10-20 and 5–6": "ten to twenty and five to six",
    "5 - 3 = 2": "five minus three equals two",
    "2024-05-06": "May sixth, twenty twenty-four",
    "in 1985 and the 1990s": "in nineteen eighty-five and the nineteen nineties",
    "5 km, 1 kg, 90 km/h, 20 m²": "five kilometers, one kilogram, ninety kilometers per hour, twenty square meters",
    "a 20-km run": "a twenty-kilometer run",
    "20 °C, 72°F": "twenty degrees Celsius, seventy-two degrees Fahrenheit",
    "1/2 of 3/4": "one half of three quarters",
    "World War II, Henry VIII": "World War two, Henry the eighth",
    "Jan. 5 at 3:1": "January fifth at three to one",
    # abbreviations and symbols
    "Dr. Smith, e.g. the U.S. one": "Doctor Smith, for example, the US one",
    "J. R. R. Tolkien": "J R R Tolkien",
    "Baker St. in St. Louis": "Baker Street in Saint Louis",
    "No. 5. No. I can't": "number five. No. I can't",
    "Tom & I, and/or C++": "Tom and I, and or C plus plus",
    "~5 or <6": "about five or less than six",
    "snake_case": "snake case",
    # marks
    "Well — yes - no": "Well, yes, no",
    "Wait... what": "Wait, what",
    "I see... Good": "I see. Good",
    "The end...": "The end.",
    "What?!?! No!!!": "What? No!",
    "it's don’t “so”": "it's don’t “so”",
    # characters
    "Hi 😀! 👍🏽 OK": "Hi! OK",
    "a\u200bb\x00c\ufeff": "abc",
    "ＡＢＣ ﬁne": "ABC fine",
    "Привет, this is 你好 text.": "this is text.",
    "café naïve Ångström": "café naïve Ångström",
}
SILENT = [
    "",
    " \n\t",
    "...",
    "?!",
    "—",
    "😀👍🏽",
    "***",
    "---",
    "\u200b",
    "()",
    "Привет",
    "你好",
    "<br>",
    "<think>a</think>",
    "```\n```",
]


@pytest.mark.parametrize(("text", "spoken"), SPOKEN.items())
def test_spoken(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


@pytest.mark.parametrize("language", ["en", "en-US", "de", "ru"])
def test_idempotent(language: str) -> None:
    once = {text: speakable(text, language) for text in [*SPOKEN, *SPOKEN.values(), *SILENT]}
    assert {text: speakable(spoken, language) for text, spoken in once.items()} == once


@pytest.mark.parametrize("text", SILENT)
def test_nothing_to_speak(text: str) -> None:
    assert speakable(text) == ""


def test_mixtures_are_idempotent_and_finite() -> None:
    parts = [
        *SPOKEN,
        *SILENT,
        "*",
        "_",
        "&amp;lt;",
        "[",
        "](",
        "<",
        ">",
        "`",
        "|",
        "#",
        "1",
        ".",
        ",",
        "\n",
        "\n\n- ",
        " ",
    ]
    for seed in range(400):
        dice = random.Random(seed)
        text = "".join(dice.choice(parts) + dice.choice(["", " ", "\n"]) for _ in range(dice.randint(1, 8)))
        once = speakable(text)
        assert speakable(once) == once, repr(text)


def test_noise_is_idempotent() -> None:
    alphabet = "aB9 .,:;!?-–—…*_`#|<>[]()&/\\\"'$€%°~+=@\n\t\u200b😀é你Ж²½0"
    for seed in range(1000):
        dice = random.Random(seed)
        text = "".join(dice.choice(alphabet) for _ in range(dice.randint(1, 40)))
        once = speakable(text)
        assert speakable(once) == once, repr(text)


def test_plain_words_are_untouched() -> None:
    text = "The weather today is mild and sunny; isn't that good? Yes, it is: let's go (now) \"outside\"!"
    assert speakable(text) == text


def test_a_long_paste_keeps_all_its_words() -> None:
    text = "All of these words, every one, stay. " * 300
    assert speakable(text).split() == text.split()


def test_other_languages_keep_their_letters_and_figures() -> None:
    assert speakable("Привет, **мир** 14:30 😀", "ru") == "Привет, мир 14:30"
    assert speakable("Größe: 3,5 km – *sehr* gut", "de") == "Größe: 3,5 Kilometer, sehr gut"
    assert speakable("你好。", "zh") == "你好。"

"""Clauses out of streamed text."""

from __future__ import annotations

import random

import pytest

from local_agent.engines.text.clauses import SLOW_WORDS, ClauseCutter, ends_sentence

LONG = (
    'Well, I think that Dr. Smith paid $1,234.50 at 10:30, e.g. for the "big, red car" (a 3.5 l one, maybe)! '
    "Really?! Wait... no. See https://example.com/a,b.c?d=1. It is in the U.S. Army, or in the U.S. We know.\n\n"
    "# A list\n\n- one, two\n- three and four\n1. five\n2. six\n\n"
    "<think>Hm. What now, then? Yes.</think>Yes—no, that was J. R. R. Tolkien. So do I. Number No. 5. No. I can't "
    "see why a sentence without any mark goes on for ever because nobody has ever told it to stop after so many words "
    "and so it goes on, and on, until the end of time or of the page whichever comes first on a quiet sunday "
    'morning in the garden behind the house. 你好。我是谁？好！ **Done.** "Quoted." Next. It ends with 3.14'
)
FIRST = {
    "Sure. I can help.": "Sure. ",
    "You're welcome, and now we go.": "You're welcome,",
    "Well, I can help you with that.": "Well, I can help you with that.",
    "I can tell you that it rains because the clouds are low.": "I can tell you that it rains ",
    "It is 3.14, or 1,000 at 10:30 today": "It is 3.14, ",
    "It was 'fine,' he said.": "It was 'fine,' ",
    "About 1,000 or 10:30 it was": "About 1,000 or 10:30 it was",
    "Dr. Smith came. Then he left.": "Dr. Smith came. ",
    "No. 5 is alive. Yes.": "No. 5 is alive. ",
    "No. I can't do that.": "No. ",
    "What?! You are here.": "What?! ",
    "Wait... no, not yet.": "Wait... no,",
    "The U.S. Army is big. Yes.": "The U.S. Army is big. ",
    "It is in the U.S. We know.": "It is in the U.S. ",
    "J. R. Smith wrote it. Yes.": "J. R. Smith wrote it. ",
    "So do I. And you?": "So do I. ",
    'He said "Stop. Now, please." and left.': 'He said "Stop. Now, please." and left.',
    "It (the red, old one) works. Good.": "It (the red, old one) works. ",
    "Look at https://a.b/c,d.e?f today, please": "Look at https://a.b/c,d.e?f today,",
    "1. First thing\n2. Second thing": "1. First thing\n",
    "I know well—it is so": "I know well—",
    "<think>One. Two, three.</think>Yes. Go.": "<think>One. Two, three.</think>Yes. ",
    "你好。我是谁？": "你好。",
    "The quick brown fox jumps over the lazy dog near the river bank": "The quick brown fox jumps over the lazy dog ",
}


def cut(chunks: list[str], **options: object) -> list[str]:
    cutter = ClauseCutter(**options)  # type: ignore[arg-type]
    return [clause for chunk in chunks for clause in cutter.push(chunk)] + cutter.flush()


@pytest.mark.parametrize(("text", "first"), FIRST.items())
def test_first_clause(text: str, first: str) -> None:
    assert cut(list(text))[0] == first


@pytest.mark.parametrize("first_words", [0, 1, 4, 11, 30])
@pytest.mark.parametrize("language", ["en", "de", "xx"])
def test_same_clauses_whatever_the_chunks(first_words: int, language: str) -> None:
    whole = cut([LONG], first_words=first_words, language=language)
    assert "".join(whole) == LONG
    assert cut(list(LONG), first_words=first_words, language=language) == whole
    for seed in range(50):
        dice, chunks, at = random.Random(seed), [], 0
        while at < len(LONG):
            size = dice.choice([1, 2, 3, 5, 8, 40])
            chunks.append(LONG[at : at + size])
            at += size
        assert cut(chunks, first_words=first_words, language=language) == whole


def test_any_prefix_loses_nothing() -> None:
    for end in range(1, len(LONG)):
        assert "".join(cut([LONG[:end]])) == LONG[:end]


def test_never_cuts_inside_a_word() -> None:
    for clause in cut([LONG], first_words=1)[:-1]:
        assert clause[-1].isspace() or clause.endswith(("—", "。", "？", "！", ","))


def test_a_clause_is_out_as_soon_as_the_next_word_begins() -> None:
    cutter = ClauseCutter()
    assert cutter.push("Sure.") == []
    assert cutter.push(" I") == ["Sure. "]
    assert cutter.push(" can help") == []


def test_a_comma_is_not_waited_behind() -> None:
    cutter = ClauseCutter()
    assert cutter.push("That's") == []
    assert cutter.push(" lovely") == []
    assert cutter.push(",") == ["That's lovely,"]
    assert cutter.push(" and it") == []
    assert cutter.flush() == [" and it"]


def test_waits_for_the_digit_after_a_point() -> None:
    cutter = ClauseCutter()
    assert cutter.push("It is 3.") == []
    assert cutter.push("14 now") == []
    assert cutter.flush() == ["It is 3.14 now"]


def test_later_clauses_are_whole_sentences() -> None:
    text = (
        "Sure, this is what you asked me for. Here it is, as you asked, and it is good because I made it for you. Bye."
    )
    assert cut([text]) == [
        "Sure, this is what you asked me for. ",
        "Here it is, as you asked, and it is good because I made it for you. ",
        "Bye.",
    ]


def test_a_long_later_sentence_is_cut_at_a_comma() -> None:
    text = "Sure. " + "word " * 19 + "word, and more of it follows here."
    assert cut([text])[1].endswith("word, ")


def test_no_clause_is_endless() -> None:
    assert max(len(clause.split()) for clause in cut(["word " * 1000])) <= 50
    assert max(map(len, cut(["x" * 10_000]))) <= 300
    assert max(len(clause.split()) for clause in cut(['"open quote ' + "word " * 500])) <= 100


def test_the_first_clause_has_a_most() -> None:
    text = "house " * 100
    assert len(cut([text], first_words=5)[0].split()) == 5
    fox = "The quick brown fox jumps over the lazy dog near the river bank"
    assert cut([fox], first_words=SLOW_WORDS)[0] == "The quick brown fox jumps "
    card = "The seven of clubs is a card in the standard deck"
    assert cut([card])[0] == card
    assert cut([card], first_words=SLOW_WORDS)[0] == "The seven of clubs is a card "
    assert len(cut([text], first_words=0)[0].split()) == 45


def test_behind_a_brief_clause_of_a_slow_writer_no_whole_sentence_is_waited_for() -> None:
    text = "I'm sorry, but I don't have the ability to provide any information about the time in your location."
    assert cut([text]) == [
        "I'm sorry,",
        " but I don't have the ability to provide any information about the time in your location.",
    ]
    assert cut([text], second_words=SLOW_WORDS) == [
        "I'm sorry,",
        " but I don't have the ability ",
        "to provide any information about the time in your location.",
    ]


def test_flush_starts_over() -> None:
    cutter = ClauseCutter()
    cutter.push("You are here, my friend.")
    cutter.flush()
    assert cutter.push("You are here, my friend") == ["You are here,"]
    assert cutter.flush() == [" my friend"]
    assert cutter.flush() == []


def test_white_space_alone_is_no_clause() -> None:
    assert cut(["  \n", " "]) == []


@pytest.mark.parametrize(
    ("text", "following", "expected"),
    [
        ("It rains.", " The", True),
        ("It rains!", " T", True),
        ('He said "go."', " Then", True),
        ("Really?", " Yes", True),
        ("It rains", " now", False),
        ("I saw Dr.", " No", False),
        ("At 5 p.m.", " We", False),  # perhaps: the word isn't over
        ("It is 3.", "5", False),
        ("It rains.", "", False),
        ("It rains.", " ", False),
        ("1.", " Eggs", False),
        ("", " The", False),
    ],
)
def test_a_sentence_has_ended_only_where_the_next_begins(text: str, following: str, expected: bool) -> None:
    assert ends_sentence(text, following) is expected


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("That's a lovely choice.", True),
        ("Yes.", True),
        ("Really?", True),
        ("That's a lovely choice", False),
        ("That's a lovely choice,", False),
        ("That's a lovely choice. I", False),
        ("I spoke to Dr.", False),
        ("1.", False),
        ("At 9 a.m.", False),
        ("...", False),
        ("", False),
    ],
)
def test_a_first_clause_is_likely_over_at_a_sentences_end(text: str, likely: bool) -> None:
    cutter = ClauseCutter()
    cutter.push(text)
    assert cutter.likely() == (text if likely else "")
    assert cutter.push(" A") == ([f"{text} "] if likely else []) or "," in text or " I" in text


def test_only_the_first_clause_is_foreseen_and_foreseeing_changes_nothing() -> None:
    cutter, plain = ClauseCutter(), ClauseCutter()
    for letter in "That cost 2.30. It is a lot. I think so.":
        assert cutter.push(letter) == plain.push(letter)
        cutter.likely()
    assert cutter.likely() == "" and cutter.flush() == plain.flush()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "A name. That's a great one, I'll make it with cream.",
            ["A name.", "That's a great one,", "I'll make it with cream."],
        ),
        ("A name. Oh well, it is.", ["A name.", "Oh well, it is."]),
        (
            "That's a very great name. That's a great one, I'll make it.",
            ["That's a very great name.", "That's a great one, I'll make it."],
        ),
        (
            "That's great, I'm sure of it. You have an amazing talent, and you know.",
            ["That's great,", "I'm sure of it.", "You have an amazing talent,", "and you know."],
        ),
    ],
)
def test_behind_a_brief_clause_the_next_is_cut_at_its_first_mark(text: str, clauses: list[str]) -> None:
    """What is heard meanwhile would be over before a long sentence could be made."""
    cutter = ClauseCutter()
    assert [clause.strip() for clause in [*cutter.push(text), *cutter.flush()]] == clauses

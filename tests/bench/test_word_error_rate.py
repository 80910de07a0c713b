from __future__ import annotations

import pytest

from local_agent.bench.word_error_rate import errors, rate, words


def test_digits_and_words_are_the_same() -> None:
    assert words("At 2:30, 16 people said OK!") == ["at", "two", "thirty", "sixteen", "people", "said", "okay"]
    assert words("I’m 117") == ["i'm", "one", "hundred", "seventeen"]


def test_digits_are_spelled_in_the_language() -> None:
    assert words("26", "it") == ["ventisei"]
    assert words("3", "xx") == ["3"]


def test_marks_are_part_of_letters_and_characters_are_words_where_nothing_is_between_them() -> None:
    assert words("Nein, über 2 Uhr – «naïve»!", "de") == ["nein", "über", "zwei", "uhr", "naïve"]
    assert words("C’était l'été.", "fr") == ["c'était", "l'été"]
    assert words("हिन्दी में", "hi") == ["हिन्दी", "में"]
    assert words("真っ昼間、１２時。 はい", "ja") == [*"真っ昼間十二時はい"]
    assert words("砸自己的脚！", "zh") == [*"砸自己的脚"]
    assert words("Mr OK", "de") == ["mr", "ok"]
    assert errors("砸自己的脚", "砸自已的脚", "zh") == (1, 5)


@pytest.mark.parametrize(
    ("heard", "wrong"),
    [("turn on the lamp", 0), ("turn on the clamp", 1), ("turn on lamp", 1), ("turn on the the lamp", 1), ("", 4)],
)
def test_errors_are_counted(heard: str, wrong: int) -> None:
    assert errors("Turn on the lamp.", heard) == (wrong, 4)


def test_the_rate_is_over_all_words() -> None:
    assert rate([errors("one two three", "one two"), errors("four", "four")]) == pytest.approx(0.25)
    assert rate([]) == 0.0

"""Chinese and Japanese: their marks end clauses and sentences; characters are counted where words have no spaces."""

from __future__ import annotations

import pytest

from local_agent.config.languages.length import word_count
from local_agent.engines.text.clauses import ClauseCutter

CUT = {
    ("ja", "今日はとても良い天気ですね。散歩に行きましょうか。"): [
        "今日はとても良い天気ですね。",
        "散歩に行きましょうか。",
    ],
    ("ja", "そうですね、私は明日の朝に新幹線で東京へ行って、それから友達と会う予定です。とても楽しみです！"): [
        "そうですね、",
        "私は明日の朝に新幹線で東京へ行って、",
        "それから友達と会う予定です。",
        "とても楽しみです！",
    ],
    ("ja", "はい、わかりました。"): ["はい、わかりました。"],
    ("ja", "彼は「もう帰る。」と言いました。それで終わりです。"): [
        "彼は「もう帰る。」と言いました。",
        "それで終わりです。",
    ],
    # no mark: where kana end, once it is long enough
    ("ja", "私達は明日の朝早くに新幹線で東京へ行って美術館を見学する予定です"): [
        "私達は明日の朝早くに新幹線で東京へ行って美術館を",
        "見学する予定です",
    ],
    ("zh", "今天天气很好，我们去公园散步吧。你觉得怎么样？"): [
        "今天天气很好，",
        "我们去公园散步吧。",
        "你觉得怎么样？",
    ],
    ("zh", "好的，我明白了。"): ["好的，我明白了。"],
    ("zh", "他说：“你好！”然后走了。"): ["他说：“你好！”", "然后走了。"],
}


@pytest.mark.parametrize(("language", "text"), CUT)
def test_clauses_end_at_the_marks(language: str, text: str) -> None:
    for size in (1, 2, 3, 100):
        cutter = ClauseCutter(language=language)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert [clause for piece in pieces for clause in cutter.push(piece)] + cutter.flush() == CUT[language, text]


def test_a_first_clause_is_known_at_its_mark() -> None:
    """Without waiting for what follows: a comma at once, a full stop as likely."""
    assert ClauseCutter(language="ja").push("そうですね、") == ["そうですね、"]
    cutter = ClauseCutter(language="ja")
    assert cutter.push("そうです。") == [] and cutter.likely() == "そうです。"


@pytest.mark.parametrize(
    ("text", "words"),
    [("one two three", 3), ("はい", 1), ("今日はとても良い天気", 5), ("我明白了", 2), ("はいはい そう", 3), ("", 0)],
)
def test_two_characters_are_a_word(text: str, words: int) -> None:
    assert word_count(text.split()) == words

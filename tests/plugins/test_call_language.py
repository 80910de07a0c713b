"""Which words make a call go on in another language."""

from __future__ import annotations

import pytest

from local_agent.engines.whisper.language import Spoken
from local_agent.plugins.call_language import CallLanguage


@pytest.mark.parametrize(
    ("text", "language", "probability", "code"),
    [
        ("Wie spät ist es?", "de", 0.97, "de"),
        ("Wie spät ist es?", "de", 0.7, "en"),  # not sure enough
        ("Ja.", "de", 0.99, "en"),  # one short word
        ("Ja, genau.", "de", 0.99, "en"),
        ("What time is it?", "en", 0.99, "en"),
        ("今何時ですか？", "ja", 0.95, "ja"),  # seven characters
        ("はい。", "ja", 0.95, "en"),
    ],
)
def test_a_call_follows_its_caller(text: str, language: str, probability: float, code: str) -> None:
    call, told = CallLanguage("auto"), list[str]()
    call.on_change(told.append)
    call.heard(Spoken(language, probability, 2.5), text)
    assert (call.code, told) == (code, [code] if code != "en" else [])


def test_it_is_told_once_and_may_come_back() -> None:
    call, told = CallLanguage("auto"), list[str]()
    call.on_change(told.append)
    for language, text in (
        ("de", "Ich möchte etwas fragen."),
        ("de", "Wie alt bist du?"),
        ("en", "Let us speak English."),
    ):
        call.heard(Spoken(language, 0.98, 3.0), text)
    assert told == ["de", "en"]


def test_a_language_that_was_set_stays() -> None:
    call = CallLanguage("fr")
    call.heard(Spoken("de", 0.99, 4.0), "Ich möchte etwas fragen.")
    assert call.code == "fr" and not call.follows

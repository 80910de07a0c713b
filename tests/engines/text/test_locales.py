"""Texts of languages other than English: what ends a sentence there, and what is written short."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from piper.phonemize_espeak import EspeakPhonemizer

from local_agent.engines.text.clauses import ClauseCutter
from local_agent.engines.text.normalize import speakable, unreadable
from tests.engines.text import languages

READ = {
    ("de-DE", "Es sind 20 °C am 3. Mai. Dann regnet es."): [
        "Es sind 20 Grad Celsius am dritten Mai.",
        "Dann regnet es.",
    ],
    ("de", "Der 2. Weltkrieg endete am 8. Mai 1945. Das ist lange her."): [
        "Der zweite Weltkrieg endete am achten Mai neunzehnhundert 45.",
        "Das ist lange her.",
    ],
    ("de", "3. Oktober"): ["dritter Oktober"],
    ("de", "Nehmen Sie z. B. Tabletten, ca. 5 mg usw. Gute Besserung."): [
        "Nehmen Sie zum Beispiel Tabletten,",
        "circa 5 Milligramm und so weiter Gute Besserung.",
    ],
    ("de", "Dr. Weber kommt um 14:30 Uhr. Es kostet 50 €."): [
        "Doktor Weber kommt um 14 Uhr 30.",
        "Es kostet 50 Euro.",
    ],
    ("es", "El Sr. García y la Sra. Ruiz llegan. Hace 20 °C."): [
        "El señor García y la señora Ruiz llegan.",
        "Hace 20 grados Celsius.",
    ],
    ("es-ES", "Viven en EE. UU. desde ayer."): ["Viven en Estados Unidos desde ayer."],
    ("fr", "M. Dupont est là. Il fait 20 °C."): ["monsieur Dupont est là.", "Il fait 20 degrés Celsius."],
    ("cs", "Je 3. května a prší."): ["Je 3. května a prší."],
    ("it", "Sono le 5. Andiamo."): ["Sono le 5.", "Andiamo."],
}


@pytest.mark.parametrize(("language", "text"), READ)
def test_read_and_cut(language: str, text: str) -> None:
    for size in (1, 3, 100):
        cutter = ClauseCutter(language=language)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        clauses = [clause for piece in pieces for clause in cutter.push(piece)] + cutter.flush()
        spoken = [speakable(clause, language) for clause in clauses]
        assert spoken == READ[language, text]
        assert [speakable(words, language) for words in spoken] == spoken


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Привет", "en-US", True),
        ("Hello, мир", "en", True),
        ("你好", "de", True),
        ("Привет", "ru", False),
        ("Café, naïve, Ångström, α, 20 µm 😀 — “so”…", "en", False),
        ("hello", "en", False),
    ],
)
def test_letters_that_a_voice_can_not_read_are_noticed(text: str, language: str, expected: bool) -> None:
    assert unreadable(text, language) is expected


@pytest.mark.parametrize("language", languages.READ)
def test_figures_are_read_as_a_speaker_would(language: str) -> None:
    table = languages.READ[language]
    assert len(table) >= 25
    wrong = {text: spoken for text in table if (spoken := speakable(text, language)) != table[text]}
    assert wrong == {}
    assert {text: once for once in table.values() if (text := speakable(once, language)) != once} == {}


@pytest.mark.parametrize("language", languages.READ)
def test_mixtures_are_idempotent(language: str) -> None:
    parts = [*languages.READ[language], *"*-–/:.,€%h 1+º", "12", "Uhr", "er", "(0)", "05", "2024", "\n"]
    for seed in range(150):
        dice = random.Random(seed)
        text = "".join(dice.choice(parts) + dice.choice(["", " ", "\n"]) for _ in range(dice.randint(1, 8)))
        once = speakable(text, language)
        assert speakable(once, language) == once, repr(text)


@pytest.mark.parametrize("language", languages.BY_THE_VOICE)
def test_what_stays_in_figures_is_read_by_the_voice(language: str) -> None:
    """Piper's own phonemes, without their stress and the shades of their vowels."""
    espeak = EspeakPhonemizer()

    def sounds(text: str) -> str:
        heard = "".join(itertools.chain(*espeak.phonemize(language, text)))
        return re.sub("[ˈˌə -]", "", heard).translate(str.maketrans("ɛɪʊɔ", "eiuo"))

    wrong = {
        text: sounds(text)
        for text, words in languages.BY_THE_VOICE[language].items()
        if speakable(text, language) != text or sounds(text) != sounds(words)
    }
    assert wrong == {}


def test_nothing_english_is_said_in_other_languages() -> None:
    for language in ("de", "es", "fr", "it", "pl"):
        assert not re.search(r"\b(?:and|at|percent|street)\b", speakable("5 & 6 @ 7% $8 St. 9", language))

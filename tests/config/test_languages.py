"""One code for each language, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from local_agent.config import sources
from local_agent.config.languages import CODES, ENGLISH_NAMES, normalised
from local_agent.errors import ConfigError
from local_agent.weights.catalogue import CATALOGUE


def test_they_are_whispers() -> None:
    assert set(_LANGUAGE_CODES) == CODES == set(ENGLISH_NAMES)
    assert {code for entry in CATALOGUE.values() for code in entry.languages} - {"multi"} <= CODES


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en-US", "en"), ("EN", "en"), ("en_GB.UTF-8", "en"), (" de ", "de"), ("de-CH", "de"), ("German", "de"),
        ("nb", "no"), ("nb-NO", "no"), ("nn", "nn"), ("nor", "no"), ("iw", "he"), ("iw-IL", "he"), ("in", "id"),
        ("ji", "yi"), ("jv", "jw"), ("fil", "tl"), ("zh-Hans", "zh"), ("zh_Hant_TW", "zh"), ("cmn-Hans-CN", "zh"),
        ("zh-yue", "yue"), ("yue-HK", "yue"), ("pt-BR", "pt"), ("es-419", "es"), ("sr-Latn-RS", "sr"), ("deu", "de"),
        ("ger", "de"), ("fre", "fr"), ("farsi", "fa"), ("castilian", "es"), ("AUTO", "auto"), ("multi", "auto"),
    ],
)  # fmt: skip
def test_one_code_for_each(given: str, code: str, tmp_path: Path) -> None:
    assert normalised(given) == code
    assert sources.load(environ={"LOCAL_AGENT_LANGUAGE": given}, folder=tmp_path).language == code


@pytest.mark.parametrize("given", ["xx", "klingon", "e", "english please", "-", "zz-US"])
def test_one_that_nobody_knows_is_refused_with_its_variable(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LOCAL_AGENT_LANGUAGE") as caught:
        sources.load(environ={"LOCAL_AGENT_LANGUAGE": given}, folder=tmp_path)
    assert "expected an ISO 639-1 code" in str(caught.value)


def test_the_nearest_is_named() -> None:
    with pytest.raises(ValueError, match=r"did you mean de \(German\)"):
        normalised("germann")

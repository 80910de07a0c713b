"""What a program asks of a plugin that can't be given: options are refused where it is made, models by `validate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import ConfigError, WeightsMissing
from local_agent.hardware import validation
from local_agent.plugins import llama, piper, whisper
from local_agent.weights.catalogue import CATALOGUE
from tests.conftest import Starter
from tests.headers import gguf_header


@pytest.fixture(scope="module")
def real(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Engines of which none is ever loaded."""
    folder = tmp_path_factory.mktemp("data")
    return Engines(Settings(models_dir=starter.whisper.parent, data_dir=folder, profile="starter"), guest=True)


@pytest.mark.parametrize("given", ["en-US", "EN_gb", "english", "en", None])
def test_a_language_in_any_writing(real: Engines, given: str | None) -> None:
    assert whisper.STT(engines=real, language=given).spoken_language() == "en"


def test_auto_lets_the_engine_detect(real: Engines) -> None:
    for word in ("auto", "multi"):
        assert whisper.STT(engines=real, language=word).spoken_language() is None


@pytest.mark.parametrize(
    ("given", "said"),
    [("xx", "no language that Whisper knows"), ("de-DE", "does not know de"), ("nb", "does not know no")],
)
def test_a_language_that_can_not_be_heard(real: Engines, given: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        whisper.STT(engines=real, language=given).validate()
    assert caught.value.expected and caught.value.fix
    with pytest.raises(ConfigError, match=said):
        whisper.STT(engines=real).spoken_language(given)


def test_a_vocabulary_is_a_list_or_a_text(real: Engines) -> None:
    heard_by = whisper.STT(engines=real, vocabulary=" Dr.  Okafor,metoprolol, ,metoprolol")
    assert heard_by.vocabulary == ("Dr. Okafor", "metoprolol")
    heard_by.update_options(vocabulary=["Xeljanz"])
    assert heard_by.vocabulary == ("Xeljanz",)
    heard_by.update_options()
    assert heard_by.vocabulary == ("Xeljanz",)
    assert whisper.STT(engines=real).vocabulary == ()


def test_a_vocabulary_that_whisper_can_not_bear_in_mind(real: Engines) -> None:
    names = [f"Okafor number {number}" for number in range(100)]
    with pytest.raises(ConfigError, match="vocabulary has 100 entries"):
        whisper.STT(engines=real, vocabulary=names).validate()
    with pytest.raises(ConfigError, match="expected 223 tokens at most"):
        whisper.STT(engines=real).update_options(vocabulary=names)
    whisper.STT(engines=real, vocabulary=names[:20]).validate()  # more bytes than tokens are allowed, but fewer tokens
    settings = Settings(models_dir=real.settings.models_dir, data_dir=real.settings.data_dir, vocabulary=tuple(names))
    assert "vocabulary has 100 entries" in str(Engines(settings).findings("whisper")[0])


@pytest.mark.parametrize("speed", [0.4, 3.0, -1.0])
def test_a_speed_that_no_voice_has(real: Engines, speed: float) -> None:
    with pytest.raises(ConfigError, match=r"expected 0\.5 to 2"):
        piper.TTS(engines=real, speed=speed)


@pytest.mark.parametrize("speaker", [1, 7, -1, "bob"])
def test_a_speaker_that_the_voice_has_not(real: Engines, speaker: str | int) -> None:
    with pytest.raises(ConfigError, match="has one speaker"):
        piper.TTS(engines=real, speaker=speaker).validate()
    assert piper.TTS(engines=real, speaker=0, speed=2.0).sample_rate == 22_050


@pytest.mark.parametrize(
    ("option", "value"),
    [("max_tokens", 0), ("temperature", 9.0), ("top_p", 0.0), ("min_p", 2.0), ("repeat_penalty", 0.0), ("seed", -5)],
)
def test_an_option_that_no_reply_could_be_written_with(real: Engines, option: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{option} = "):
        llama.LLM(engines=real, **{option: value})  # type: ignore[arg-type]


def test_a_model_that_is_none_for_conversations(real: Engines, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not answer: it is an embedding model"):
        llama.LLM(engines=real, model=gguf_header(tmp_path / "e.gguf", "qwen3", pooling_type=3)).validate()
    with pytest.raises(ConfigError, match="expected a language model"):
        llama.LLM(engines=real, model="whisper-tiny.en").validate()
    with pytest.raises(WeightsMissing, match="is not there"):
        llama.LLM(engines=real, model="qwen2.5-7b-instruct").validate()
    assert set(CATALOGUE) >= {"qwen2.5-7b-instruct"}


def test_numbers_out_of_the_environment_are_texts(real: Engines) -> None:
    with pytest.raises(ConfigError, match="max_tokens"):
        llama.LLM(engines=real, max_tokens="many")  # type: ignore[arg-type]
    assert piper.TTS(engines=real, speed="1.5").speed == 1.5  # type: ignore[arg-type]
    assert validation.allowed({"max_tokens": "5", "min_p": "0.1", "stop": ("x",)}) == {
        "max_tokens": 5,
        "min_p": 0.1,
        "stop": ("x",),
    }

"""What the files of the chosen models tell about them, without loading any: languages, speakers, sizes, context.

Standard library only. `read` is the one function that looks at the disk for all three.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from local_agent.config.languages import AUTO, CODES, normalised
from local_agent.errors import ConfigError, LocalAgentError, WeightsCorrupt, WeightsError, WeightsMissing
from local_agent.hardware import llama_build
from local_agent.weights import completeness, gguf_header, store
from local_agent.weights.catalogue import CATALOGUE, Role
from local_agent.weights.gguf_header import GgufFacts

ROLES: Mapping[str, Role] = {"whisper": "stt", "llama": "llm", "piper": "tts"}
_KINDS: Mapping[Role, str] = {
    "stt": "a Whisper model (a CTranslate2 folder)",
    "llm": "a language model (.gguf)",
    "tts": "a Piper voice (.onnx)",
    "turn": "a turn detector",
}
# As CTranslate2 tells them apart (src/models/whisper.cc): English-only models have one token less than multilingual
# ones, large-v3 one more, for Cantonese.
_MULTILINGUAL, _CANTONESE = 51_865, 51_866
_MELS = (80, 128)  # bands: 128 for large-v3 and what was distilled from it
_RATES = range(4_000, 192_001)  # Hz: below, speech is no speech; above, no sound card plays it
_MOST_SPEAKERS = 100_000  # the largest voice there is has 904


@dataclass(frozen=True)
class WhisperFacts:
    """languages: codes that it writes. mels: bands of its spectrogram."""

    languages: frozenset[str]
    mels: int = 80


@dataclass(frozen=True)
class VoiceFacts:
    """rate: Hz. speakers: how many. names: of the speakers, with their numbers. language: code, "" where unknown."""

    rate: int
    speakers: int = 1
    names: Mapping[str, int] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True)
class Facts:
    """whisper, llama, piper: None where the model is not there or tells nothing. missing: what is not there of a model
    of the catalogue, by its name. faults: why models given by name or path can't be used, by engine.
    """

    whisper: WhisperFacts | None = None
    llama: GgufFacts | None = None
    piper: VoiceFacts | None = None
    missing: Mapping[str, LocalAgentError] = field(default_factory=dict)
    faults: Mapping[str, LocalAgentError] = field(default_factory=dict)


def read(models: Mapping[str, str], models_dir: Path) -> Facts:
    """Facts of the models by engine (whisper, llama, piper: name or path). Nothing that is wrong with one is raised."""
    found: dict[str, Any] = {}
    missing: dict[str, LocalAgentError] = {}
    faults: dict[str, LocalAgentError] = {}
    for engine, name in models.items():
        if engine not in ROLES:
            continue
        try:
            found[engine] = of(engine, name, models_dir)
        except WeightsMissing as error:
            known = CATALOGUE.get(name)
            if known is not None and known.role == ROLES[engine]:
                missing[name] = error
            else:
                faults[engine] = error
        except LocalAgentError as error:
            faults[engine] = error
    return Facts(**found, missing=missing, faults=faults)


def of(engine: str, name: str, models_dir: Path) -> WhisperFacts | GgufFacts | VoiceFacts:
    """Facts of one model. Raises ConfigError for one of another kind, WeightsMissing, WeightsCorrupt."""
    model = store.find(name, models_dir)
    if model.role != ROLES[engine]:
        raise ConfigError(f"{name} is {_KINDS[model.role]}", expected=_KINDS[ROLES[engine]])
    store.check_presence(model)
    try:
        if engine == "whisper":
            return whisper(model.path) if model.entry is not None else _own_whisper(model.path)
        if engine == "piper":
            known = voice(described(model.path.with_name(model.path.name + ".json")))
            if model.entry is None:
                completeness.onnx(model.path)
            return known
        return _with_eyes(gguf_header.read(model.path, size=model.size), model.projector)
    except OSError as error:
        raise WeightsCorrupt(f"{model.path} can't be read: {error}", fix=store.mend(model)) from error
    except completeness.Damaged as error:
        raise WeightsCorrupt(
            f"{model.path} is not whole: {error}", expected=_KINDS[model.role], fix=store.mend(model)
        ) from error
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:  # anybody's JSON
        raise WeightsCorrupt(
            f"what describes {model.path} holds values of the wrong kind: {error}",
            expected=_KINDS[model.role],
            fix=store.mend(model),
        ) from error


def _with_eyes(known: GgufFacts, projector: Path | None) -> GgufFacts:
    """A projector takes memory where there is what looks through it."""
    if projector is None:
        return known
    if not llama_build.sees():
        why = f"{projector.name} lies beside the model, and what looks at images is not compiled; to see them: "
        return replace(known, images=("not seen", why + llama_build.vision_command()))
    return replace(known, size=known.size + projector.stat().st_size, images=("seen", f"with {projector.name}"))


def _own_whisper(folder: Path) -> WhisperFacts:
    for name in ("config.json", "tokenizer.json"):
        _json(folder / name)
    known = whisper(folder)
    completeness.ctranslate2(folder / "model.bin")
    return known


def whisper(folder: Path) -> WhisperFacts:
    """Facts of a CTranslate2 Whisper folder. Raises WeightsCorrupt, OSError."""
    mels = int(_json(folder / "preprocessor_config.json").get("feature_size") or 80) if _has_mels(folder) else 80
    if mels not in _MELS:
        raise _undescribed(folder / "preprocessor_config.json", f"feature_size is {mels}, where Whisper has 80 or 128")
    words = _vocabulary(folder)
    tokens = len(words)
    if tokens < _MULTILINGUAL:
        return WhisperFacts(frozenset({"en"}), mels)
    return WhisperFacts(CODES if tokens >= _CANTONESE else CODES - {"yue"}, mels)


def _has_mels(folder: Path) -> bool:
    return (folder / "preprocessor_config.json").is_file()


def _vocabulary(folder: Path) -> list[str]:
    path = folder / "vocabulary.json"
    if not path.is_file():
        return (folder / "vocabulary.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        words = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise WeightsCorrupt(f"{path} is no JSON: {error}", fix=f"copy {folder.name} again") from error
    if not isinstance(words, list):
        raise _undescribed(path, "it is no list of tokens")
    return words


def described(path: Path) -> dict[str, Any]:
    """A Piper voice's description, with what older and other trainers leave out or write as null filled in.

    Raises WeightsCorrupt for one that does not describe a voice, WeightsError where its phonemiser would have to
    download something, OSError.
    """
    told = {name: value for name, value in _json(path).items() if value is not None}
    for name in ("inference", "speaker_id_map", "language", "espeak", "audio", "phoneme_id_map"):
        part = told.get(name, {})
        told[name] = {key: value for key, value in part.items() if value is not None} if isinstance(part, dict) else {}
    names = told["speaker_id_map"]
    told["num_speakers"] = max(1, int(told.get("num_speakers") or 0), *(int(number) + 1 for number in names.values()))
    told.setdefault("num_symbols", len(told["phoneme_id_map"]))
    told["espeak"].setdefault("voice", told["language"].get("family") or told["language"].get("code") or "en-us")
    if told["num_speakers"] > _MOST_SPEAKERS:
        raise _undescribed(path, f"it tells of {told['num_speakers']} speakers")
    rate = told["audio"].get("sample_rate")
    if isinstance(rate, bool) or not isinstance(rate, int) or rate not in _RATES:
        raise _undescribed(path, "it tells no sample rate" if rate is None else f"its sample rate is {rate!r}")
    if (kind := told.get("phoneme_type", "espeak")) not in ("espeak", "text"):
        raise WeightsError(
            f"the voice {path.name} wants the {kind} phonemiser, which downloads more models",
            expected="a voice with phoneme_type espeak or text",
            fix="choose another voice: python -m local_agent download --list",
        )
    return told


def voice(told: Mapping[str, Any]) -> VoiceFacts:
    """Facts out of a voice's description as `described` gives it."""
    spoken = told["language"].get("code") or told["language"].get("family") or told["espeak"]["voice"]
    try:
        language = normalised(str(spoken))
    except ValueError:
        language = ""  # espeak-ng knows more languages than Whisper
    names = {str(name): int(number) for name, number in told["speaker_id_map"].items() if int(number) >= 0}
    return VoiceFacts(told["audio"]["sample_rate"], told["num_speakers"], names, "" if language == AUTO else language)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _undescribed(path, str(error)) from error
    if not isinstance(found, dict):
        raise _undescribed(path, "it is no JSON object")
    return found


def _undescribed(path: Path, why: str) -> WeightsCorrupt:
    return WeightsCorrupt(
        f"{path} can't be read: {why}",
        expected="the JSON file of that model",
        fix=f"copy or download {path.name} again",
    )

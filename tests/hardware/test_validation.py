"""What is found wrong before anything loads: a table of settings and models, and what the commands say about them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_agent.config import sources
from local_agent.config.languages import CODES
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines, judged
from local_agent.errors import ConfigError, LocalAgentError, WeightsMissing, as_typed_here
from local_agent.hardware import model_facts, validation
from local_agent.hardware.model_facts import Facts, VoiceFacts, WhisperFacts, described, voice, whisper
from local_agent.hardware.plan import Hardware, plan
from local_agent.weights.catalogue import CATALOGUE
from local_agent.weights.gguf_header import GgufFacts
from tests.conftest import Starter
from tests.headers import gguf_header

ROOT = Path(__file__).resolve().parents[2]
GIB = 1 << 30
ALL = frozenset(CATALOGUE)
MACHINE = Hardware(2, 4 * GIB, 4 * GIB)
ENGLISH = WhisperFacts(frozenset({"en"}))
MANY = WhisperFacts(CODES - {"yue"})
JOE = VoiceFacts(22050, 1, {}, "en")
SMOL = GgufFacts("llama", 98 << 20, 30, 8192, 23040, 0, 0, True, True, 49152, 1, "")
STARTER = Facts(ENGLISH, SMOL, JOE)


def gone(*names: str) -> dict[str, LocalAgentError]:
    return {
        name: WeightsMissing(f"{name}: a file is not there", expected="it", fix=f"download {name}") for name in names
    }


def found(
    given: dict[str, Any],
    known: Facts = STARTER,
    *,
    tokens: int | None = None,
    hardware: Hardware = MACHINE,
    words: int | None = None,
) -> list[str]:
    """Findings about settings with these facts."""
    settings = Settings(**given)
    made = plan(settings, hardware, ALL, known)
    subject = validation.Subject(settings, hardware, made, tokens, words=words)
    return [str(finding) for finding in validation.findings(subject)]


def one(given: dict[str, Any], known: Facts = STARTER, **more: Any) -> str:
    (line,) = found(given, known, **more)
    assert "\n" not in line and "; expected " in line and "; fix: " in line
    return line


def test_what_is_right_finds_nothing() -> None:
    assert found({}) == []
    assert found({"language": "auto"}, replace(STARTER, whisper=MANY)) == []
    assert found({"language": "de"}, Facts(MANY, None, VoiceFacts(22050, 1, {}, "de"))) == []
    assert found({"speaker": 3}, replace(STARTER, piper=VoiceFacts(22050, 4, {}, "en"))) == []


# settings, facts, what is said, the fix
TABLE: dict[str, tuple[dict[str, Any], Facts, str, str]] = {
    "a speaker of a voice that has one": (
        {"speaker": 7}, STARTER, "the voice piper-en_US-joe-medium has one speaker; expected 0",
        "LOCAL_AGENT_SPEAKER=0"),
    "a speaker beyond the last": (
        {"speaker": 4}, replace(STARTER, piper=VoiceFacts(22050, 4, {"anna": 0, "bo": 1}, "en")),
        "has 4 speakers; expected 0 to 3, or a name such as anna, bo", "LOCAL_AGENT_SPEAKER=0"),
    "a language for which there is no voice": (
        {"language": "pl"}, Facts(MANY, None, JOE),
        "language = pl (Polish) (default), but piper-en_US-joe-medium speaks en (English)",
        "name a model for pl (Polish) in LOCAL_AGENT_VOICE, or LOCAL_AGENT_LANGUAGE=en"),
    "English-only ears that somebody named": (
        {"language": "de", "whisper_model": "whisper-tiny.en"}, Facts(ENGLISH, None, VoiceFacts(22050, 1, {}, "de")),
        "whisper-tiny.en writes en (English)", "leave LOCAL_AGENT_WHISPER_MODEL out"),
    "three models that somebody named, none of which knows the language": (
        {"language": "fr", "whisper_model": "whisper-tiny.en", "llm_model": "smollm2-135m-instruct", "voice": "v.onnx"},
        Facts(ENGLISH, SMOL, VoiceFacts(22050, 1, {}, "de")),
        "whisper-tiny.en writes en (English); smollm2-135m-instruct answers in en (English); v.onnx speaks de (German)",
        "leave LOCAL_AGENT_WHISPER_MODEL and LOCAL_AGENT_LLM_MODEL and LOCAL_AGENT_VOICE out"),
    "a German voice, and the language forgotten": (
        {"voice": "/v/thorsten.onnx"}, replace(STARTER, piper=VoiceFacts(22050, 1, {}, "de")),
        "language = en (English) (default), but /v/thorsten.onnx speaks de (German)", "LOCAL_AGENT_LANGUAGE=de"),
    "Cantonese, which only the largest Whisper knows": (
        {"language": "yue", "voice": "/v.onnx"}, Facts(MANY, None, VoiceFacts(22050, 1, {}, "yue")),
        "whisper-base writes 99 others", "name a model for yue (Cantonese) in LOCAL_AGENT_WHISPER_MODEL"),
    "models of which several are not there": (
        {"profile": "multilingual"}, Facts(None, None, JOE, gone("whisper-base", "qwen2.5-coder-0.5b-instruct")),
        "what profile multilingual needs is not there in models: whisper-base, qwen2.5-coder-0.5b-instruct; expected 2",
        "local-agent download --profile multilingual"),
    "a language whose models are not there": (
        {"language": "de"},
        Facts(missing=gone("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-de_DE-thorsten-medium")),
        "what profile multilingual in de (German) needs is not there in models: whisper-base, qwen2.5-coder-0.5b",
        "local-agent download whisper-base qwen2.5-coder-0.5b-instruct piper-de_DE-thorsten-medium"),
    "one model that is not there": (
        {}, replace(STARTER, missing=gone("whisper-tiny.en")), "whisper-tiny.en: a file is not there",
        "download whisper-tiny.en"),
    "an embedding model": (
        {"llm_model": "/m/nomic.gguf"}, replace(STARTER, llama=replace(SMOL, unfit="it is an embedding model")),
        "/m/nomic.gguf does not answer: it is an embedding model; expected a model that was made for conversations",
        "name one in LOCAL_AGENT_LLM_MODEL, or leave it out"),
    "no time to answer": (
        {"engine_timeout": 0.05}, STARTER, "engine_timeout = 0.05 s ends every reply before it begins; expected 2 s",
        "LOCAL_AGENT_ENGINE_TIMEOUT=20"),
    "a voice where a language model belongs": (
        {"llm_model": "piper-en_US-joe-medium"},
        replace(STARTER, llama=None, faults={"llama": ConfigError("it is a Piper voice", expected="a .gguf")}),
        "llm_model (default): it is a Piper voice", "correct LOCAL_AGENT_LLM_MODEL, or leave it out"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_table_of_findings(name: str) -> None:
    given, known, said, fix = TABLE[name]
    line = one(given, known)
    assert said in line and fix in line.replace(f"{sys.executable} -m", "python -m"), line


def test_a_vocabulary_that_whisper_can_not_bear_in_mind() -> None:
    names = tuple(f"Okafor {number}" for number in range(60))
    assert found({"vocabulary": names}, words=223) == []
    line = one({"vocabulary": names}, words=300)
    assert "vocabulary has 60 entries, which are 300 tokens to Whisper; expected 223 tokens at most, about 44" in line
    assert f"LOCAL_AGENT_VOCABULARY='{', '.join(names[:44])}'" in line
    assert "LOCAL_AGENT_VOCABULARY" in one({"vocabulary": names[:1]}, words=300)


@pytest.mark.parametrize("pair", [("nn", "no"), ("no", "no"), ("en", "en"), ("de", "")])
def test_a_voice_that_reads_the_language_is_none_too_many(pair: tuple[str, str]) -> None:
    language, spoken = pair
    known = Facts(MANY, SMOL, VoiceFacts(22050, 1, {}, spoken))
    assert found({"language": language, "voice": "/v.onnx", "llm_model": "/m.gguf"}, known) == []


@pytest.mark.parametrize(
    ("given", "tokens", "context", "fix"),
    [
        ({"max_tokens": 1250}, 420, 1280, "LOCAL_AGENT_MAX_TOKENS=540"),
        ({"max_tokens": 541}, 420, 1280, "LOCAL_AGENT_MAX_TOKENS=540"),
        ({"instructions": "Be kind. " * 480}, 1500, 1280, "LOCAL_AGENT_CONTEXT=2048"),
        ({"instructions": "Be kind. " * 480, "context": 1536}, 1500, 1536, "LOCAL_AGENT_CONTEXT=2048"),
        ({"instructions": "Be kind. " * 9000}, 9000, 1280, "shorten the instructions to about 560 words"),
        ({"instructions": "Be kind.", "max_tokens": 8192}, 30, 1280, "LOCAL_AGENT_MAX_TOKENS=160"),
    ],
)
def test_room_to_answer(given: dict[str, Any], tokens: int, context: int, fix: str) -> None:
    line = one(given, tokens=tokens)
    assert f"but a conversation has {context};" in line and f"; fix: {fix}" in line, line


@pytest.mark.parametrize("given", [{"max_tokens": 540}, {"max_tokens": 1250, "context": 2048}])
def test_what_fits_is_accepted(given: dict[str, Any]) -> None:
    assert found(given, tokens=420) == []


def test_a_fix_that_raises_the_context_works() -> None:
    given: dict[str, Any] = {"instructions": "Be kind. " * 480}
    fix = re.search(r"LOCAL_AGENT_CONTEXT=(\d+)", one(given, tokens=1500))
    assert fix and found(given | {"context": int(fix[1])}, tokens=1500) == []


def test_more_than_the_machine_remembers() -> None:
    large = replace(STARTER, llama=replace(SMOL, size=19 * GIB, cache_bytes=256 << 10, context=32768))
    line = one({"llm_model": "/m/32b.gguf"}, large)
    assert "but this machine has 4 GB" in line and "fix: name a smaller model in LOCAL_AGENT_LLM_MODEL" in line
    long = replace(STARTER, llama=replace(SMOL, cache_bytes=256 << 10, context=131072))
    assert "fix: LOCAL_AGENT_CONTEXT=2048" in one({"llm_model": "/m/a.gguf", "context": 65536}, long)


def test_all_is_told_at_once() -> None:
    lines = found({"speaker": 7, "language": "pl", "max_tokens": 5000}, Facts(MANY, SMOL, JOE), tokens=100)
    assert len(lines) == 3
    told = validation.joined([ConfigError("a"), ConfigError("b", fix="c")])
    assert str(told) == "2 things are wrong:\n  a\n  b; fix: c"


def test_typing_needs_neither_ears_nor_voice() -> None:
    settings = Settings(speaker=7, language="pl", whisper_model="whisper-tiny.en")
    made = plan(settings, MACHINE, ALL, replace(STARTER, missing=gone("piper-en_US-joe-medium")))
    subject = validation.Subject(settings, MACHINE, made, engines=frozenset({"llama"}))
    assert validation.findings(subject) == []


def test_typing_tells_what_calls_lack_beside_its_own_model() -> None:
    names = ("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-de_DE-thorsten-medium")
    made = plan(Settings(language="de"), MACHINE, ALL, Facts(missing=gone(*names)))
    (told,) = validation.findings(
        validation.Subject(Settings(language="de"), MACHINE, made, engines=frozenset({"llama"}))
    )
    assert all(name in told.what and name in told.fix for name in names)
    assert told.fix.endswith("for this command alone: " + as_typed_here(f"python -m local_agent download {names[1]}"))


@pytest.mark.parametrize(
    ("changes", "speakers", "language"),
    [
        ({}, 1, "en"),
        ({"num_speakers": None}, 1, "en"),
        ({"speaker_id_map": None, "num_speakers": 3}, 3, "en"),
        ({"speaker_id_map": {"a": 0, "b": 5}, "num_speakers": None}, 6, "en"),
        ({"num_speakers": 0, "inference": None, "language": None, "espeak": {"voice": "de"}}, 1, "de"),
        ({"language": {"code": "nb_NO"}}, 1, "no"),
        ({"language": {"code": "x-unknown"}}, 1, ""),
        ({"num_symbols": None, "espeak": None, "language": {"family": "fr"}}, 1, "fr"),
    ],
)
def test_a_voices_description_with_gaps(tmp_path: Path, changes: dict[str, Any], speakers: int, language: str) -> None:
    told = {
        "audio": {"sample_rate": 16000},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "num_symbols": 256,
        "num_speakers": 1,
        "inference": {"length_scale": 1},
        "phoneme_id_map": {"a": [1]},
        "speaker_id_map": {},
    } | changes
    path = tmp_path / "voice.onnx.json"
    for content in (told, {name: value for name, value in told.items() if value is not None}):
        path.write_text(json.dumps(content), encoding="utf-8")
        known = voice(described(path))
        assert (known.rate, known.speakers, known.language) == (16000, speakers, language)


def test_a_voice_that_would_have_to_download_its_phonemes(tmp_path: Path) -> None:
    (tmp_path / "v.onnx").write_bytes(b"onnx")
    told = {"audio": {"sample_rate": 22050}, "phoneme_type": "japanese"}
    (tmp_path / "v.onnx.json").write_text(json.dumps(told))
    known = model_facts.read({"piper": str(tmp_path / "v.onnx")}, tmp_path)
    assert "wants the japanese phonemiser, which downloads more models" in str(known.faults["piper"])


@pytest.mark.parametrize("content", ["", "[]", "{", '{"audio": {}}', '{"audio": {"sample_rate": "16k"}}'])
def test_what_describes_no_voice(tmp_path: Path, content: str) -> None:
    (tmp_path / "v.onnx").write_bytes(b"onnx")
    (tmp_path / "v.onnx.json").write_text(content)
    known = model_facts.read({"piper": str(tmp_path / "v.onnx")}, tmp_path)
    assert known.piper is None and "v.onnx.json" in str(known.faults["piper"])


@pytest.mark.parametrize(("tokens", "languages"), [(51_864, {"en"}), (51_865, CODES - {"yue"}), (51_866, CODES)])
@pytest.mark.parametrize("kind", ["txt", "json"])
def test_the_languages_of_a_whisper(tmp_path: Path, tokens: int, languages: set[str], kind: str) -> None:
    words = [f"w{number}" for number in range(tokens)]
    text = json.dumps(words) if kind == "json" else "\n".join(words) + "\n"
    (tmp_path / f"vocabulary.{kind}").write_text(text, encoding="utf-8")
    (tmp_path / "preprocessor_config.json").write_text('{"feature_size": 128}')
    assert whisper(tmp_path) == WhisperFacts(frozenset(languages), 128)


def test_models_of_other_kinds_are_told_apart(tmp_path: Path) -> None:
    gguf_header(tmp_path / "m.gguf")
    known = model_facts.read({"whisper": str(tmp_path / "m.gguf"), "piper": "smollm2-135m-instruct"}, tmp_path)
    assert "m.gguf is a language model (.gguf); expected a Whisper model" in str(known.faults["whisper"])
    assert "expected a Piper voice" in str(known.faults["piper"]) and known.missing == {}


def test_the_starter_weights_tell_what_the_catalogue_says(starter: Starter) -> None:
    models = {"whisper": "whisper-tiny.en", "llama": "smollm2-135m-instruct", "piper": "piper-en_US-joe-medium"}
    known = model_facts.read(models, starter.whisper.parent)
    assert known.whisper == ENGLISH and known.piper == VoiceFacts(22050, 1, {}, "en")
    assert known.llama is not None and (known.llama.context, known.llama.cache_bytes) == (8192, 23040)
    assert known.missing == {} and known.faults == {}


def starting(starter: Starter, folder: Path, **environ: str) -> Settings:
    models = {"LOCAL_AGENT_MODELS_DIR": str(starter.whisper.parent)}
    return sources.load(
        environ=models | {f"LOCAL_AGENT_{name}": value for name, value in environ.items()}, folder=folder
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, ""),
        ({"INSTRUCTIONS": "Answer with care and think of the caller. " * 24}, ""),
        ({"INSTRUCTIONS": "Answer with care and think of the caller. " * 120}, "fix: LOCAL_AGENT_CONTEXT=1792"),
        ({"INSTRUCTIONS": "Answer with care and think of the caller. " * 120, "CONTEXT": "1792"}, ""),
        (
            {"INSTRUCTIONS": "Antworte überlegt: Wörter wie Äpfel. " * 60, "CONTEXT": "1024"},
            "fix: LOCAL_AGENT_CONTEXT=",
        ),
        ({"MAX_TOKENS": "1250"}, "fix: LOCAL_AGENT_MAX_TOKENS="),
    ],
)
def test_the_vocabulary_counts_what_surely_does_not_fit(
    starter: Starter, tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    _, findings = judged(starting(starter, tmp_path, **environ), MACHINE)
    assert said in "".join(map(str, findings)) and bool(findings) is bool(said)


def test_a_wrong_profile_and_device_do_not_hide_the_rest(starter: Starter, tmp_path: Path) -> None:
    settings = starting(starter, tmp_path, PROFILE="strater", DEVICE="cuda", SPEAKER="9")
    _, findings = judged(settings, MACHINE)
    told = "\n".join(map(str, findings))
    assert "LOCAL_AGENT_PROFILE=starter" in told and "no CUDA device" in told and "LOCAL_AGENT_SPEAKER=0" in told
    assert len(findings) == 3


def test_nothing_loads_where_something_is_wrong(starter: Starter, tmp_path: Path) -> None:
    engines = Engines(starting(starter, tmp_path, SPEAKER="9"), MACHINE)
    with pytest.raises(ConfigError, match="has one speaker"):
        engines.load()
    engines.demand("llama", "whisper")
    gone = Engines(starting(starter, tmp_path, PROFILE="large"), replace(MACHINE, memory=8 * GIB))
    with pytest.raises(WeightsMissing, match=r"whisper-small, qwen3-4b-instruct"):
        gone.load()


def command(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCAL_AGENT_", "LIVEKIT_"))}
    free = {f"LOCAL_AGENT_{name}_PORT": "0" for name in ("LIVEKIT", "RTC_TCP", "RTC_UDP")}
    # The starter's models also where others have been chosen for this machine.
    given = {"PYTHONPATH": str(ROOT), "LOCAL_AGENT_MODELS_DIR": str(ROOT / "models"), "LOCAL_AGENT_PROFILE": "starter"}
    given |= free | environ
    return subprocess.run(
        [sys.executable, "-m", "local_agent", *words], env=kept | given, cwd=folder, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip


WRONG = {"LOCAL_AGENT_SPEED": "3", "LOCAL_AGENT_SPEAKER": "7", "LOCAL_AGENT_PUBLIC_URL": "https://a.example/voice"}
TOLD = ("LOCAL_AGENT_SPEED=2", "LOCAL_AGENT_SPEAKER=0", "LOCAL_AGENT_PUBLIC_URL=https://a.example")


@pytest.mark.parametrize(
    "words",
    [("start", "--port", "0"), ("talk", "q.wav"), ("console",), ("ask", "hi"), ("say", "hi"), ("transcribe", "q.wav")],
)
def test_a_command_tells_all_of_it_and_starts_nothing(starter: Starter, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = command(*words, folder=tmp_path, **WRONG)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert all(fix in done.stderr for fix in TOLD), done.stderr
    assert "loading" not in done.stderr and not (tmp_path / ".local_agent").exists()


def test_start_tells_what_only_the_models_know(starter: Starter, tmp_path: Path) -> None:
    done = command("start", "--port", "0", folder=tmp_path, LOCAL_AGENT_SPEAKER="7", LOCAL_AGENT_MAX_TOKENS="1250")
    assert done.returncode == 1 and "2 things are wrong" in done.stderr
    assert "LOCAL_AGENT_SPEAKER=0" in done.stderr and "LOCAL_AGENT_MAX_TOKENS=" in done.stderr
    assert not (tmp_path / ".local_agent" / "livekit-keys.json").exists()


def test_start_tells_of_a_taken_port_before_it_loads(starter: Starter, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command("start", "--port", port, folder=tmp_path, LOCAL_AGENT_SPEAKER="7")
    assert done.returncode == 1 and "2 things are wrong" in done.stderr
    assert f"TCP port {port} on 127.0.0.1 can't be used" in done.stderr and "LOCAL_AGENT_SPEAKER=0" in done.stderr
    assert not (tmp_path / ".local_agent").exists()


def test_a_finding_is_an_error_of_ours() -> None:
    settings = Settings(speaker=7)
    made = plan(settings, MACHINE, ALL, STARTER)
    (finding,) = validation.findings(validation.Subject(settings, MACHINE, made))
    assert isinstance(finding, LocalAgentError) and finding.what and finding.expected and finding.fix

"""The engine with the starter weights, on synthesised speech and, where they are, on human clips and noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from piper import PiperVoice
from piper.config import SynthesisConfig

from local_agent.bench.stt import read, read_wave
from local_agent.bench.word_error_rate import errors
from local_agent.engines.whisper import onnx_export, repetition
from local_agent.engines.whisper.engine import Whisper
from tests.hearing import error_rate

if TYPE_CHECKING:
    from conftest import Starter

RATE = 16_000
STEADY = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
SPEECH = Path(__file__).resolve().parents[4] / "shared" / "speech"
human = pytest.mark.skipif(not SPEECH.is_dir(), reason="no human clips beside the repository")


@pytest.fixture(scope="module")
def engine(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whisper]:
    folder = tmp_path_factory.mktemp("graphs")
    graphs = (folder / "memory.onnx", folder / "decoder.onnx")
    onnx_export.write(starter.whisper / onnx_export.SOURCE, graphs)
    built = Whisper(starter.whisper, graphs=graphs)
    built.warm()
    yield built
    built.close()


@pytest.fixture(scope="module")
def voice(starter: Starter) -> PiperVoice:
    return PiperVoice.load(starter.voice)


def speak(voice: PiperVoice, text: str) -> NDArray[np.float32]:
    """float32 [samples] at 16 kHz of `text`, the same each time: one in a hundred chance readings is misheard."""
    said = np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text, STEADY)])
    times = np.arange(0, len(said), voice.config.sample_rate / RATE)
    return np.interp(times, np.arange(len(said)), said).astype(np.float32)


@pytest.mark.parametrize(
    "text",
    [
        "What is the weather like in London today?",
        "Please turn on the lamp in the kitchen.",
        "Thank you.",
        "Good morning, Steve. Good morning, Katie.",
    ],
)
def test_what_is_said_is_heard(engine: Whisper, voice: PiperVoice, text: str) -> None:
    heard = engine.transcribe(speak(voice, text)).result(60)
    wrong, count = errors(text, heard.text)
    assert wrong <= count // 6, heard.text
    assert heard.language == "en"
    assert 0.3 < heard.confidence <= 1.0
    assert heard.no_speech < 0.5
    assert heard.window_s < 10.0


def test_each_word_has_its_time(engine: Whisper, voice: PiperVoice) -> None:
    first, second = speak(voice, "Good morning."), speak(voice, "The library closes at six on Friday.")
    pause = np.zeros(RATE, np.float32)
    audio = np.concatenate([pause, first, pause, second, pause])
    heard = engine.transcribe(audio, times=True).result(60)
    assert " ".join(word.text for word in heard.words) == heard.text
    times = [at for word in heard.words for at in (word.start, word.end)]
    assert times == sorted(times) and heard.start <= times[0] and times[-1] <= heard.end
    begins = (2 * RATE + len(first)) / RATE
    assert [word.start >= begins - 0.15 for word in heard.words] == [False] * 2 + [True] * (len(heard.words) - 2)
    assert heard.words[2].start < begins + 0.3
    assert engine.transcribe(audio).result(60).words == ()


VOCABULARY = ("Dr. Okafor", "metoprolol", "Siobhan Gallagher", "lisinopril", "gabapentin", "Kowalczyk")


@pytest.mark.parametrize(
    "text",
    [
        "Please ask Dr. Okafor about metoprolol.",
        "Please ask Siobhan Gallagher about lisinopril.",
        "I have been taking gabapentin twice a day.",
    ],
)
def test_words_of_the_vocabulary_are_written_as_they_are_spelled(engine: Whisper, voice: PiperVoice, text: str) -> None:
    said = speak(voice, text)
    alone, told = (engine.transcribe(said, vocabulary=words).result(60).text for words in ((), VOCABULARY))
    assert errors(text, told)[0] == 0, told
    assert errors(text, alone)[0] > 0, "these weights know the words anyway"


def test_where_no_word_of_the_vocabulary_is_said_it_changes_nothing(engine: Whisper, voice: PiperVoice) -> None:
    for text in ("What is the weather like in London today?", "Call the doctor.", "Thank you.", "Ask her about it."):
        said = speak(voice, text)
        alone, told = (engine.transcribe(said, vocabulary=words).result(60) for words in ((), VOCABULARY))
        assert (told.text, told.tokens, told.ending) == (alone.text, alone.tokens, alone.ending)
    random = np.random.default_rng(3)
    noise = (random.standard_normal(2 * RATE) * 0.05).astype(np.float32)
    assert engine.transcribe(noise, vocabulary=VOCABULARY).result(60).text == ""


def test_silence_around_the_speech_is_not_encoded(engine: Whisper, voice: PiperVoice) -> None:
    said = speak(voice, "Please turn on the lamp in the kitchen.")
    quiet = np.zeros(5 * RATE, np.float32)
    heard = engine.transcribe(np.concatenate([quiet, said, quiet])).result(60)
    assert heard.window_s < len(said) / RATE + 2.0
    assert 4.9 < heard.start < 5.5
    assert "kitchen" in heard.text.lower()


def test_more_than_a_window_is_heard_to_its_end(engine: Whisper, voice: PiperVoice) -> None:
    cities = ("London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Prague", "Dublin", "Oslo", "Athens")
    pause = np.zeros(RATE // 2, np.float32)
    parts = [part for city in cities for part in (speak(voice, f"I want to take the next train to {city}."), pause)]
    audio = np.concatenate([*parts, *parts])
    assert len(audio) > 45 * RATE
    text = engine.transcribe(audio, timeout=100).result(100).text.lower()
    found = [text.count(city.lower()) for city in cities]
    assert sum(count == 2 for count in found) >= 8, text


def test_made_up_noise_has_no_text(engine: Whisper) -> None:
    random = np.random.default_rng(3)
    for seconds, level in ((0.6, 0.001), (1.5, 0.01), (3.0, 0.1)):
        noise = (random.standard_normal(int(seconds * RATE)) * level).astype(np.float32)
        assert engine.transcribe(noise).result(60).text == ""
    hum = (0.2 * np.sin(np.arange(2 * RATE) * 2 * np.pi * 50 / RATE)).astype(np.float32)
    assert engine.transcribe(hum).result(60).text == ""


@human
def test_recorded_noise_has_no_text(engine: Whisper) -> None:
    entries = [json.loads(line) for line in (SPEECH / "noise_manifest.jsonl").read_text().splitlines()]
    noises = [entry["file"] for entry in entries if entry["kind"] == "noise"]
    assert len(noises) >= 10
    for words, names in (((), noises), (VOCABULARY, noises[::5])):
        heard = {name: engine.transcribe(read_wave(SPEECH / name), vocabulary=words).result(60).text for name in names}
        assert {name: text for name, text in heard.items() if text} == {}


@human
def test_people_are_understood(engine: Whisper) -> None:
    clips = [clip for clip in read(SPEECH, longest=10.0) if len(clip.audio) > 2 * RATE][::4]
    assert len(clips) >= 12
    heard = [engine.transcribe(clip.audio).result(60).text for clip in clips]
    assert error_rate(zip((clip.text for clip in clips), heard, strict=True)) < 0.2
    assert [text for text in heard if repetition.echo(text) is not None] == []

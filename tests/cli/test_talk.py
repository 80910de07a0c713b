"""`talk` as a person runs it: a recorded question in, an answer out, one clear line for all that goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio import wav

if TYPE_CHECKING:
    from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[2]
HUNG = 200  # s
QUESTION = "What do you know about the ocean?"
# The same answer every time, of a length at which one misheard word does not decide.
STEADY = {"LOCAL_AGENT_TEMPERATURE": "0", "LOCAL_AGENT_MAX_TOKENS": "40"}
KEYS = {"heard", "said", "wait_s", "stages", "reply_s"}


def talk(*arguments: str | Path, models: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local_agent", "talk", *map(str, arguments)]
    environment = {**os.environ, **STEADY} | ({"LOCAL_AGENT_MODELS_DIR": str(models)} if models else {})
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=HUNG, check=False)


def refusal(*arguments: str | Path, models: Path | None = None) -> str:
    """The one line that a person gets."""
    done = talk(*arguments, models=models)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("local_agent:")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def resampled(samples: NDArray[np.int16], rate: int, to: int) -> NDArray[np.int16]:
    at = np.arange(int(len(samples) * to / rate)) * rate / to
    return np.interp(at, np.arange(len(samples)), samples).astype(np.int16)


@pytest.fixture(scope="module")
def question(starter: Starter) -> tuple[NDArray[np.int16], int]:
    """(int16 [samples], Hz), spoken by the starter voice."""
    from piper import PiperVoice

    voice = PiperVoice.load(str(starter.voice))
    pcm = b"".join(chunk.audio_int16_bytes for chunk in voice.synthesize(QUESTION))
    return np.frombuffer(pcm, np.int16), int(voice.config.sample_rate)


def save(path: Path, samples: NDArray[np.int16], rate: int, channels: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).astype("<i2").tobytes())
    return path


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def word_errors(expected: list[str], found: list[str]) -> float:
    """Edits between two word lists, for each word expected."""
    row = list(range(len(found) + 1))
    for number, word in enumerate(expected, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(found, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1] / max(1, len(expected))


def transcript(path: Path, starter: Starter) -> str:
    from faster_whisper import WhisperModel

    samples, rate = wav.read(path)
    heard = resampled(samples, rate, 16_000).astype(np.float32) / 32768
    model = WhisperModel(str(starter.whisper), device="cpu", compute_type="int8", cpu_threads=2)
    return " ".join(segment.text for segment in model.transcribe(heard, language="en", beam_size=5)[0])


@pytest.mark.timeout(2 * HUNG)
def test_a_spoken_question_is_answered(
    question: tuple[NDArray[np.int16], int], starter: Starter, tmp_path: Path
) -> None:
    path = save(tmp_path / "question.wav", resampled(*question, 8_000), 8_000, 2)
    done = talk(path, "--json", "--output", tmp_path / "reply.wav")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    facts = json.loads(done.stdout)
    assert set(facts) == KEYS
    assert word_errors(words(QUESTION), words(facts["heard"])) <= 0.34, facts["heard"]
    assert words(facts["said"])
    assert facts["wait_s"] > 0
    assert facts["reply_s"] > 0.2
    assert {"llm_node_ttft", "tts_node_ttfb"} <= set(facts["stages"])
    reply, reply_rate = wav.read(tmp_path / "reply.wav")
    assert len(reply) / reply_rate >= facts["reply_s"]
    assert np.abs(reply.astype(int)).max() > 1_000
    spoken = transcript(tmp_path / "reply.wav", starter)
    assert word_errors(words(facts["said"]), words(spoken)) <= 0.3, (facts["said"], spoken)


@pytest.mark.timeout(2 * HUNG)
def test_silence_is_said_to_be_silence(starter: Starter, tmp_path: Path) -> None:
    path = save(tmp_path / "silence.wav", np.zeros(16_000, np.int16), 16_000, 1)
    done = talk(path, "--json")
    assert done.returncode == 1
    assert "nothing was understood" in done.stderr
    assert "Traceback" not in done.stderr
    facts = json.loads(done.stdout)
    assert set(facts) == KEYS
    assert (facts["heard"], facts["said"], facts["wait_s"]) == ("", "", None)


def test_a_question_that_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello")
    assert "can't be read as a recording" in refusal(tmp_path / "text.wav")
    assert "there is no file" in refusal(tmp_path / "missing.wav")
    assert "holds no sound" in refusal(save(tmp_path / "empty.wav", np.zeros(0, np.int16), 16_000, 1))


def test_a_reply_that_can_not_be_written(tmp_path: Path) -> None:
    path = save(tmp_path / "question.wav", np.ones(1600, np.int16), 16_000, 1)
    assert "can't be written" in refusal(path, "--output", tmp_path / "no" / "reply.wav")


@pytest.fixture
def models(starter: Starter, tmp_path: Path) -> Path:
    """A models folder of links to the starter weights, whose files a test may take away or spoil."""
    folder = tmp_path / "models"
    for source in starter.folders:
        shutil.copytree(
            source, folder / source.name, copy_function=os.link if _same(source, tmp_path) else shutil.copy2
        )
    return folder


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


@pytest.mark.timeout(2 * HUNG)
def test_a_missing_model(models: Path, starter: Starter, tmp_path: Path) -> None:
    path = save(tmp_path / "question.wav", np.ones(1600, np.int16), 16_000, 1)
    gone = models / starter.llama.name / starter.gguf.name
    gone.unlink()
    line = refusal(path, models=models)
    assert starter.gguf.name in line
    assert "local-agent download" in line


@pytest.mark.timeout(2 * HUNG)
def test_an_altered_model(models: Path, starter: Starter, tmp_path: Path) -> None:
    path = save(tmp_path / "question.wav", np.ones(1600, np.int16), 16_000, 1)
    spoilt = models / starter.piper.name / starter.voice.name
    spoilt.unlink()  # a link: writing through it would spoil the weights themselves
    spoilt.write_bytes(starter.voice.read_bytes()[:1000])
    line = refusal(path, models=models)
    assert starter.voice.name in line
    assert "expected" in line
    assert "1000" in line.replace(",", "").replace(" ", "")
    assert "local-agent download" in line

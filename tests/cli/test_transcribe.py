"""`transcribe` as a person runs it: recordings in, words out, one clear line for each that is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from local_agent.audio import wav

if TYPE_CHECKING:
    from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The train to the city leaves in ten minutes."


def transcribe(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "local_agent", "transcribe", *map(str, arguments)],
        cwd=ROOT, env=os.environ, input=given, capture_output=True, check=False, timeout=200,
    )  # fmt: skip


@pytest.fixture(scope="module")
def spoken(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TEXT as the starter voice says it."""
    path = tmp_path_factory.mktemp("spoken") / "spoken.wav"
    subprocess.run(
        [sys.executable, "-m", "local_agent", "say", "--output", path, TEXT], cwd=ROOT, check=True, timeout=200
    )
    return path


def as_m4a(source: Path, path: Path) -> Path:
    samples, rate = wav.read(source)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate = rate
        fitted = av.AudioResampler(
            stream.format.name, stream.layout, 44_100, frame_size=stream.codec_context.frame_size
        )
        for piece in [*fitted.resample(frame), *fitted.resample(None), None]:
            container.mux(stream.encode(piece))
    return path


@pytest.mark.timeout(400)
def test_each_file_is_written_down_or_told_of(spoken: Path, tmp_path: Path) -> None:
    memo = as_m4a(spoken, tmp_path / "memo.m4a")
    (tmp_path / "text.mp3").write_text("hello")
    wav.write(tmp_path / "silence.wav", np.zeros(32_000, np.int16), 16_000)
    files = [memo, tmp_path / "text.mp3", tmp_path / "silence.wav", "https://example.com/a.wav"]
    done = transcribe("--json", *files)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in told] == list(map(str, files))
    words = told[0]["text"].lower()
    assert "to the city" in words and "10 minutes" in words.replace("ten", "10")
    assert (told[0]["language"], told[0]["segments"][0]["start"] < 1.0) == ("en", True)
    assert abs(told[0]["seconds"] - told[0]["segments"][-1]["end"]) < 1.0
    assert "can't be read as a recording" in told[1]["error"]
    assert (told[2]["text"], told[2]["segments"], told[2]["seconds"]) == ("", [], 2.0)
    assert "nothing is fetched" in told[3]["error"]
    lines = done.stderr.decode().splitlines()
    assert [line.split(":")[0] for line in lines] == ["local_agent"] * 3, lines


@pytest.mark.timeout(400)
def test_a_recording_from_stdin_is_one_line_of_words(spoken: Path) -> None:
    done = transcribe("-", given=spoken.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"\n") == 1
    assert b"city" in done.stdout


@pytest.mark.timeout(400)
def test_hours_are_written_down_piece_by_piece(spoken: Path, tmp_path: Path) -> None:
    samples, rate = wav.read(spoken)
    spaced = np.concatenate([np.concatenate([samples, np.zeros(rate, np.int16)])] * 12)
    wav.write(tmp_path / "long.wav", spaced, rate)
    done = transcribe("--json", tmp_path / "long.wav")
    told = json.loads(done.stdout)
    assert told["text"].lower().count("city") >= 10  # the smallest model skips one of twelve equal sentences
    starts = [segment["start"] for segment in told["segments"]]
    assert len(starts) > 1 and starts == sorted(starts)


def test_nothing_is_loaded_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = transcribe(tmp_path / "missing.mp3")
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1
    assert b"there is no file" in done.stderr

"""The voice's engine: with a tiny voice made here, and with the starter voice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from local_agent.engines.inference_thread import CrossEnginePriority, Right, Urgency
from local_agent.engines.piper.engine import Piper, Spoken
from local_agent.engines.piper.pauses import SPEECH_LEVEL, level
from local_agent.engines.text.clauses import ClauseCutter
from local_agent.errors import (
    BadInput,
    EngineBusy,
    EngineCancelled,
    EngineClosed,
    EngineTimeout,
    HardwareError,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from tests.engines.piper.tinyvoice import RATE, config, tiny_voice

THREE = "You are here. I am here as well. So we are all here."
Samples = NDArray[np.float32]


@pytest.fixture
def voice(tmp_path: Path) -> Iterator[Piper]:
    engine = Piper(tiny_voice(tmp_path), threads=1)
    yield engine
    engine.close()


def say(engine: Piper, text: str, **options: object) -> tuple[Spoken, list[Samples]]:
    heard: list[bytes] = []
    spoken = engine.synthesize(text, on_audio=heard.append, **options).result(60)  # type: ignore[arg-type]
    return spoken, [np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32767 for pcm in heard]


def test_one_call_a_clause(voice: Piper) -> None:
    spoken, clauses = say(voice, THREE)
    assert voice.sample_rate == RATE
    assert voice.language == "en-US"
    assert spoken.clauses == len(clauses) == 3
    assert spoken.text == THREE
    assert spoken.seconds == pytest.approx(sum(map(len, clauses)) / RATE)
    assert 0 <= spoken.queued_s <= spoken.first_audio_s
    assert spoken.compute_s > 0


def test_silence_is_trimmed_and_pauses_follow_marks(voice: Piper) -> None:
    pauses = {}
    for text in ("here", "here,", "here:", "here.", "here?", "here.\n\n"):
        _, (audio,) = say(voice, text)
        audible = np.flatnonzero(np.abs(audio) > 0.003)
        assert audible[0] / RATE < 0.012
        pauses[text] = (len(audio) - audible[-1]) / RATE
    order = list(pauses.values())
    assert order == sorted(order)
    assert order[0] < 0.08
    assert 0.1 < pauses["here,"] < 0.16
    assert 0.18 < pauses["here."] < 0.25
    assert order[-1] <= 0.35


def test_clauses_begin_and_end_at_zero(voice: Piper) -> None:
    _, clauses = say(voice, THREE)
    assert all(audio[0] == 0 and audio[-1] == 0 for audio in clauses)


@pytest.mark.parametrize("amplitude", [0.02, 0.3, 1.0])
def test_every_voice_has_the_same_level(tmp_path: Path, amplitude: float) -> None:
    engine = Piper(tiny_voice(tmp_path, amplitude=amplitude), threads=1)
    levels = [level(audio, RATE) for audio in say(engine, "No. You are all here, my dear friends, and so am I.")[1]]
    engine.close()
    assert levels == pytest.approx([SPEECH_LEVEL] * len(levels), abs=1.0)


def test_loud_speakers_are_not_clipped(tmp_path: Path) -> None:
    engine = Piper(tiny_voice(tmp_path, speakers=30), threads=1)
    (audio,) = say(engine, "here", speaker=29)[1]
    engine.close()
    assert 0.9 < np.abs(audio).max() <= 1.0


@pytest.mark.parametrize("text", ["", "...", "😀", "?!", "** **", "<think>no</think>", "\x00\u200b", "Привет"])
def test_nothing_to_speak_is_a_short_silence(voice: Piper, text: str) -> None:
    spoken, clauses = say(voice, text)
    assert spoken.text == ""
    assert [len(audio) for audio in clauses] == [RATE // 10]
    assert not clauses[0].any()


@pytest.mark.parametrize("text", ["x" * 10_000, "7" * 10_000, "word " * 2000, "[[" * 50 + "a", "ʘǃ a", "a\n\n\n\nb"])
def test_odd_text_is_spoken(voice: Piper, text: str) -> None:
    spoken, clauses = say(voice, text)
    assert 1 <= spoken.clauses <= len(clauses) <= spoken.clauses + 2
    assert any(audio.any() for audio in clauses)
    assert max(map(len, clauses)) < 180 * RATE


def test_speed(voice: Piper) -> None:
    slow, normal, fast = (say(voice, "here we are", speed=speed)[0].seconds for speed in (0.5, 1.0, 2.0))
    assert slow - normal == pytest.approx(2 * (normal - fast), rel=0.02)


@pytest.mark.parametrize("speed", [0.49, 2.01, 0.0, -1.0, float("nan")])
def test_a_wrong_speed_is_refused(voice: Piper, speed: float) -> None:
    with pytest.raises(BadInput, match=r"0.5 to 2"):
        voice.synthesize("here", on_audio=print, speed=speed)


def test_speakers_by_name_and_id(tmp_path: Path) -> None:
    engine = Piper(tiny_voice(tmp_path, speakers=3), threads=1)
    assert dict(engine.speakers) == {"speaker0": 0, "speaker1": 1, "speaker2": 2}
    loud = [np.abs(say(engine, "here", speaker=who)[1][0]).max() for who in (None, 0, "speaker1", 1, "speaker2")]
    assert loud[0] == loud[1]
    assert loud[2] == loud[3] == pytest.approx(2 * loud[0], rel=0.01)
    assert loud[4] == pytest.approx(3 * loud[0], rel=0.01)
    with pytest.raises(BadInput, match="speaker2"):
        engine.synthesize("here", on_audio=print, speaker="Speaker 2")
    with pytest.raises(BadInput, match="0 to 2"):
        engine.synthesize("here", on_audio=print, speaker=3)
    engine.close()


def test_cancelled_between_clauses(voice: Piper) -> None:
    heard: list[bytes] = []
    reached, go_on = threading.Event(), threading.Event()

    def on_audio(pcm: bytes) -> None:
        heard.append(pcm)
        reached.set()
        go_on.wait(10)

    job = voice.synthesize(THREE, on_audio=on_audio)
    assert reached.wait(10)
    job.cancel()
    go_on.set()
    with pytest.raises(EngineCancelled):
        job.result(10)
    assert len(heard) == 1


def test_late_is_too_late_only_before_a_clause(voice: Piper) -> None:
    with pytest.raises(EngineTimeout):
        voice.synthesize(THREE, on_audio=print, timeout=-1.0).result(10)
    job = voice.synthesize(THREE, on_audio=lambda pcm: None, timeout=20.0)
    job.result(10)
    assert job.deadline is not None
    assert job.deadline > job.submitted + 20.0


def test_a_failing_listener_fails_its_job_only(voice: Piper) -> None:
    def on_audio(pcm: bytes) -> None:
        raise ValueError("no room")

    with pytest.raises(Exception, match="no room"):
        voice.synthesize(THREE, on_audio=on_audio).result(10)
    assert say(voice, "here")[0].clauses == 1


class Watched(CrossEnginePriority):
    """Writes down what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    @contextmanager
    def urgent(self, right: Right = Right.THOUGHT) -> Iterator[None]:
        self.asked.append("urgent")
        with super().urgent(right):
            yield

    def yield_to_urgent(self, patience: float = 0.25, right: Right = Right.LATER) -> float:
        self.asked.append("yield")
        return super().yield_to_urgent(patience, right)


@pytest.mark.parametrize(
    ("urgency", "asked"),
    [(Urgency.NOW, ["urgent", "yield", "yield"]), (Urgency.SOON, ["yield", "yield"])],
)
def test_right_of_way_is_for_the_first_clause(tmp_path: Path, urgency: Urgency, asked: list[str]) -> None:
    way = Watched()
    engine = Piper(tiny_voice(tmp_path), threads=1, way=way)
    say(engine, THREE, urgency=urgency)
    engine.close()
    assert way.asked == asked


def test_only_a_wanted_text_gets_a_short_first_clause(voice: Piper) -> None:
    text = "You are here, and I am here as well."
    assert say(voice, text)[0].clauses == 2
    assert say(voice, text, urgency=Urgency.SOON)[0].clauses == 1


def test_two_voices_do_not_share_a_language(tmp_path: Path) -> None:
    text = "Nice, the weather is good today. " * 3
    engines = [Piper(tiny_voice(tmp_path, name, espeak=name), threads=1) for name in ("en-us", "de", "fr")]
    alone = [say(engine, text)[0].seconds for engine in engines]
    assert len(set(alone)) == 3
    jobs = [
        (n, engine.synthesize(text, on_audio=lambda pcm: None)) for _ in range(15) for n, engine in enumerate(engines)
    ]
    together = [(n, job.result(60).seconds) for n, job in jobs]
    for engine in engines:
        engine.close()
    assert together == [(n, alone[n]) for n, _ in together]


def test_full_and_closed(tmp_path: Path) -> None:
    engine = Piper(tiny_voice(tmp_path), threads=1, lane_capacity=1)
    go_on = threading.Event()
    first = engine.synthesize("here", on_audio=lambda pcm: go_on.wait(10) and None)
    while first.started is None:
        threading.Event().wait(0.01)
    engine.synthesize("here", on_audio=lambda pcm: None)
    with pytest.raises(EngineBusy):
        engine.synthesize("here", on_audio=lambda pcm: None)
    go_on.set()
    engine.close()
    with pytest.raises(EngineClosed):
        engine.synthesize("here", on_audio=lambda pcm: None)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"nowhere\.onnx"):
        Piper(tmp_path / "nowhere.onnx")
    path = tiny_voice(tmp_path)
    (tmp_path / "tiny.onnx.json").rename(tmp_path / "moved.json")
    with pytest.raises(WeightsMissing, match=r"tiny\.onnx\.json"):
        Piper(path)
    Piper(path, config=tmp_path / "moved.json").close()
    path.unlink()
    with pytest.raises(WeightsMissing, match=r"tiny\.onnx;"):
        Piper(path, config=tmp_path / "moved.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', json.dumps(config() | {"audio": {}}), "\xff"])
def test_broken_settings(tmp_path: Path, text: str) -> None:
    path = tiny_voice(tmp_path)
    (tmp_path / "tiny.onnx.json").write_text(text, encoding="latin-1")
    with pytest.raises(WeightsCorrupt, match=r"tiny\.onnx\.json"):
        Piper(path)


@pytest.mark.parametrize("name", ["num_speakers", "speaker_id_map", "inference", "language", "num_symbols"])
@pytest.mark.parametrize("left_out", [True, False])
def test_what_other_trainers_leave_out_is_filled_in(tmp_path: Path, name: str, left_out: bool) -> None:
    path = tiny_voice(tmp_path)
    told = {key: value for key, value in config().items() if key != name} | ({} if left_out else {name: None})
    (tmp_path / "tiny.onnx.json").write_text(json.dumps(told), encoding="utf-8")
    engine = Piper(path, threads=1)
    assert engine.speakers == {} and say(engine, "here", speaker=0)[0].seconds > 0.1
    engine.close()


@pytest.mark.parametrize("size", [0, 100, 700])
def test_truncated_model(tmp_path: Path, size: int) -> None:
    path = tiny_voice(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(WeightsCorrupt, match=r"tiny\.onnx"):
        Piper(path)


def test_a_voice_that_would_download_is_refused(tmp_path: Path) -> None:
    path = tiny_voice(tmp_path)
    (tmp_path / "tiny.onnx.json").write_text(json.dumps(config() | {"phoneme_type": "pinyin"}))
    with pytest.raises(WeightsError, match="pinyin"):
        Piper(path)


def test_no_cuda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(HardwareError, match="cpu"):
        Piper(tiny_voice(tmp_path), device="cuda")


# With the starter voice.

ANSWER = (
    "You're welcome, I can help you with that. Dr. Smith lives **five** kilometers from here, at 12 Green Street. "
    "Really? Yes! The train leaves at 10:30 and costs $12.50, so please bring some money and a warm coat."
)


@pytest.fixture(scope="module")
def joe(starter) -> Iterator[Piper]:  # type: ignore[no-untyped-def]
    engine = Piper(starter.voice)
    yield engine
    engine.close()


def longest_gap(audio: Samples, rate: int) -> float:
    """Seconds of the longest stretch below -45 dBFS between two audible places."""
    audible = np.flatnonzero(np.abs(audio) > 10 ** (-45 / 20))
    return float(np.diff(audible).max()) / rate


def test_the_starter_voice_speaks_evenly(joe: Piper) -> None:
    spoken, clauses = say(joe, ANSWER)
    assert spoken.clauses >= 5
    assert 8 < spoken.seconds < 20
    levels = [level(audio, joe.sample_rate) for audio in clauses]
    assert max(levels) - min(levels) < 6
    whole = np.concatenate(clauses)
    assert np.abs(whole).max() < 1.0
    assert longest_gap(whole, joe.sample_rate) <= 0.45
    joins = np.cumsum([len(audio) for audio in clauses])[:-1]
    assert np.abs(whole[joins] - whole[joins - 1]).max() < 0.001


def test_the_starter_voice_is_understood(joe: Piper, starter) -> None:  # type: ignore[no-untyped-def]
    from faster_whisper import WhisperModel

    listener = WhisperModel(str(starter.whisper), device="cpu", compute_type="int8", local_files_only=True)
    cutter = ClauseCutter()
    clauses = [*cutter.push(ANSWER), *cutter.flush()]
    streamed = np.concatenate([audio for clause in clauses for audio in say(joe, clause, urgency=Urgency.SOON)[1]])
    at = np.arange(0, len(streamed), joe.sample_rate / 16000)
    heard = np.interp(at, np.arange(len(streamed)), streamed).astype(np.float32)
    text = " ".join(segment.text for segment in listener.transcribe(heard, beam_size=1)[0]).lower()
    expected = (
        "welcome help doctor smith kilometers green street really yes train leaves costs please bring money warm coat"
    )
    words = {"doctor": ("doctor", "dr")}
    missed = [word for word in expected.split() if not any(form in text for form in words.get(word, (word,)))]
    assert len(missed) <= 2, (missed, text)

"""What the measurement of turns makes of pauses that are judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from local_agent.audio import wav
from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench import turns
from local_agent.bench.pauses import Kind, Pause
from local_agent.bench.turns import Judged
from local_agent.turns.endpointing import Evidence
from local_agent.weights import store
from tests.plugins.fakeengines import LoudnessVad


def judged(kind: Kind, seconds: float | None, *waits: float, text: str = "words") -> Judged:
    alone, all_evidence = waits
    return Judged(Pause("a", kind, seconds, 0.0, np.zeros(1, np.float32)), Evidence(text), (alone, all_evidence))


FOUND = [
    judged("end", None, 0.3, 0.4),
    judged("end", None, 0.5, 0.6),
    judged("end", None, 9.0, 9.0, text=""),  # nothing was understood: there is no turn to wait for
    judged("cut", 0.65, 0.3, 0.75),
    judged("cut", 0.65, 0.3, 0.65),
    judged("phrase", 0.5, 0.55, 0.75),
]


def test_figures_are_waits_at_ends_and_shares_of_pauses() -> None:
    told = turns.figures(FOUND)
    assert told["counts"] == {"end": 3, "cut": 2, "phrase": 1, "clause": 0, "sentence": 0}
    assert told["words alone"]["ends"] == {"p50_s": 0.4, "mean_s": 0.4, "p95_s": pytest.approx(0.49)}
    assert told["words alone"]["cut"] == 1.0 and told["all evidence"]["cut"] == 0.5
    assert told["all evidence"]["phrase"] == 0.0 and told["all evidence"]["sentence"] is None


def test_what_each_piece_of_evidence_tells_is_seen_whatever_the_models() -> None:
    def said(kind: Kind, end: float | None) -> Judged:
        return Judged(Pause("a", kind, None, 0.0, np.zeros(1, np.float32)), Evidence("words", end), (0.3, 0.3))

    found = [said("end", 0.9), said("end", 0.5), said("cut", 0.5), said("phrase", 0.1), said("sentence", 0.99)]
    told = {"clips": "none", **turns.figures([*found, said("end", None)])}
    assert told["evidence"]["language model"] == {"ends": 1.1, "pauses": -1.1, "told_apart": 0.875}
    assert told["evidence"]["sound"]["told_apart"] is None
    console = Console(record=True, width=160)
    console.print(turns.table(told))
    assert "+1.1 and -1.1" in console.export_text()


def met(clip: str, seconds: float | None, wait: float, kind: Kind = "phrase") -> Judged:
    return Judged(Pause(clip, kind, seconds, 0.0, np.zeros(1, np.float32)), Evidence("words"), (0.3, wait))


def test_rhythm_is_learnt_from_the_pauses_that_were_waited_out() -> None:
    rhythm = turns.Rhythm()
    first = met("a", 0.8, 0.9)
    assert rhythm.before(first.pause) == (0, 0.0)
    rhythm.learn(first)
    broken = met("a", 0.65, 0.3, "cut")
    assert rhythm.before(broken.pause) == (0, 0.0)  # it begins at the recording's beginning
    rhythm.learn(broken)
    second = met("a", 0.9, 0.66)
    assert rhythm.before(second.pause) == (0, 0.8)
    rhythm.learn(second)  # cut off: what follows is another turn, of a caller who needs more time
    assert rhythm.before(met("a", None, 0.3, "end").pause) == (1, 0.0)
    assert rhythm.before(met("b", 0.8, 0.9).pause) == (0, 0.0)


def test_without_ends_there_is_no_wait() -> None:
    told = {"clips": "none", **turns.figures(FOUND[3:])}
    assert told["words alone"]["ends"]["p50_s"] is None
    console = Console(record=True, width=120)
    console.print(turns.table(told))
    shown = console.export_text()
    assert "50%" in shown and "cut off" in shown


@pytest.fixture
def gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, list[Pause]]]:
    """The pauses of each recording in the folder, in which nothing but loudness is heard."""
    monkeypatch.setattr(
        "faster_whisper.WhisperModel", lambda *_, **__: SimpleNamespace(transcribe=lambda *_, **__: ([], 0))
    )
    monkeypatch.setattr(store, "find", lambda *_: SimpleNamespace(path="nowhere"))
    monkeypatch.setattr(turns.inference, "VAD", lambda **_: LoudnessVad())
    engines: Any = SimpleNamespace(
        plan=SimpleNamespace(whisper=SimpleNamespace(model="none", threads=1)),
        settings=SimpleNamespace(models_dir=tmp_path),
    )

    def gather() -> dict[str, list[Pause]]:
        names: list[str] = []
        found = turns.gathered(engines, tmp_path, "en", names.append)
        return {name: [pause for pause in found if pause.clip == name] for name in names}

    return gather


def record(path: Path) -> None:
    """A second that is loud, a second that is not, and half a second that is."""
    path.parent.mkdir(exist_ok=True)
    loud = (8000 * np.sin(np.arange(SPEECH_RATE) / 8)).astype(np.int16)
    wav.write(path, np.concatenate([loud, np.zeros_like(loud), loud[: SPEECH_RATE // 2]]), SPEECH_RATE)


def test_recordings_are_those_in_the_language(tmp_path: Path, gathered: Callable[[], dict[str, list[Pause]]]) -> None:
    rows = [
        {"file": "clips/a.wav", "language": "en", "speech_end": 1.0},
        {"file": "clips/b.wav", "language": "de", "speech_end": 1.0},
        {"file": "clips/c.wav", "language": "en", "group": "dialogue"},  # two people: a pause is the end of a turn
        {"file": "clips/d.wav"},
    ]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for name in "abcd":
        record(tmp_path / "clips" / f"{name}.wav")
    found = gathered()
    assert list(found) == ["a.wav", "d.wav"]
    (end,) = found["a.wav"]
    assert (end.kind, end.at) == ("end", pytest.approx(1.0, abs=0.05)), "what follows the known end is no speech"
    inner, end = found["d.wav"]
    assert (inner.kind, inner.seconds) == ("phrase", pytest.approx(1.0, abs=0.1))
    assert (end.kind, end.at) == ("end", pytest.approx(2.5, abs=0.05))


def test_a_folder_without_manifest_is_all_its_files(
    tmp_path: Path, gathered: Callable[[], dict[str, list[Pause]]]
) -> None:
    record(tmp_path / "b.wav")
    record(tmp_path / "a.wav")
    assert {name: len(pauses) for name, pauses in gathered().items()} == {"a.wav": 2, "b.wav": 2}

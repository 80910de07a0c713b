from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from local_agent.audio import wav
from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench import clips
from local_agent.bench.clips import MANIFEST, SENTENCES, Clip
from local_agent.engines.piper.engine import Piper
from local_agent.errors import BadInput, ConfigError
from tests.conftest import Starter


@pytest.fixture(scope="module")
def voice(starter: Starter) -> Iterator[Piper]:
    speaking = Piper(starter.voice, threads=1)
    yield speaking
    speaking.close()


def manifest(folder: Path, *rows: dict[str, object]) -> Path:
    (folder / MANIFEST).write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    return folder


def row(name: str, **more: object) -> dict[str, object]:
    return {"file": f"clips/{name}.wav", "text": name, "language": "en", "speech_end": 2.0, **more}


def test_a_manifest_tells_what_is_said_and_when_it_ends(tmp_path: Path) -> None:
    rows = (
        row("good"),
        row("german", language="de"),
        row("machine", human="no"),
        row("pausing", max_internal_pause=0.5),
        row("long", speech_end=7.5),
    )
    assert clips.read(manifest(tmp_path, *rows)) == [Clip("good.wav", tmp_path / "clips/good.wav", "good", 2.0)]
    assert [clip.text for clip in clips.read(tmp_path, "de")] == ["german"]
    assert len(clips.read(tmp_path, "en", longest=8.0)) == 2


@pytest.mark.parametrize("line", ["{", "[]", '{"text": "no file"}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps(row("good")) + "\n" + line)
    with pytest.raises(BadInput, match="line 2"):
        clips.read(tmp_path)


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no clip to play"):
        clips.read(tmp_path)
    with pytest.raises(BadInput, match="1 are longer than 6 s"):
        clips.read(manifest(tmp_path, row("long", speech_end=7.5)))


def test_what_was_chosen_goes_before_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted() -> Piper:
        raise AssertionError("nobody wants to hear it")

    monkeypatch.setattr(clips, "recordings", lambda: tmp_path / "recorded")
    assert clips.folder(tmp_path, unwanted, tmp_path)[0] == tmp_path
    assert clips.folder(None, unwanted, tmp_path) == (tmp_path / "recorded", "recorded clips")
    with pytest.raises(BadInput, match="no folder"):
        clips.folder(tmp_path / "nowhere", unwanted, tmp_path)


def test_callers_say_different_things_in_an_order_that_stays(tmp_path: Path) -> None:
    some = [Clip(str(number), tmp_path, "", 1.0) for number in range(6)]
    first, second = clips.orders(some, 2, 4)
    assert [first, second] == clips.orders(some, 2, 4)
    assert first != second
    assert len(set(first)) == 4
    (many,) = clips.orders(some, 1, 13)
    assert len(many) == 13
    assert set(many) == set(some)


def test_without_recordings_our_own_voice_speaks(tmp_path: Path, voice: Piper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "recordings", lambda: None)
    folder, _ = clips.folder(None, lambda: voice, tmp_path)
    found = clips.read(folder)
    assert [clip.text for clip in found] == list(SENTENCES)
    for clip in found:
        samples, rate = wav.read(clip.path)
        end = round(clip.speech_end * rate)
        assert rate == SPEECH_RATE
        assert np.abs(samples[end - rate // 10 : end].astype(int)).max() > 30
        assert np.abs(samples[end + rate // 100 :].astype(int)).max() == 0
        assert clips.speech_end(samples, rate) == pytest.approx(clip.speech_end, abs=0.2)


def test_plain_files_end_where_their_speech_does(tmp_path: Path, voice: Piper) -> None:
    folder = clips.spoken(voice, tmp_path)
    known = clips.read(folder)[0].speech_end
    (folder / MANIFEST).unlink()
    samples, _ = wav.read(folder / "spoken_00.wav")
    door = np.concatenate(
        [np.zeros(SPEECH_RATE, np.int16), np.full(80, 20_000, np.int16), np.zeros(SPEECH_RATE, np.int16)]
    )
    wav.write(folder / "spoken_00.wav", np.concatenate([samples, door]), SPEECH_RATE)
    assert clips.read(folder)[0].speech_end == pytest.approx(known, abs=0.2)
    assert clips.read(folder)[0].text == ""


def test_a_recording_without_speech_is_taken_whole() -> None:
    assert clips.speech_end(np.zeros(SPEECH_RATE, np.int16), SPEECH_RATE) == 1.0


def test_sentences_are_english(tmp_path: Path, voice: Piper) -> None:
    with pytest.raises(ConfigError, match="--clips"):
        clips.spoken(voice, tmp_path, "de")

"""A voice in two halves says the same as the whole, and begins sooner."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from piper.config import SynthesisConfig

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.piper.engine import Piper
from local_agent.engines.piper.split_model import APART, BORDER, halves
from local_agent.engines.piper.voice import FIRST, NEXT, WORTH, Voice, spans
from local_agent.weights import hash_cache
from local_agent.weights.store import sha256_of
from tests.engines.piper.tinyvoice import tiny_voice

STEADY = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)


def falling_apart(folder: Path, frames_per_phoneme: int = 8, *, speakers: bool = False) -> Path:
    """A voice whose vocoder repeats each latent frame HOP times and looks one frame around."""
    path = tiny_voice(folder, "apart")
    make = helper.make_node
    constants = {
        "per": np.array([frames_per_phoneme], np.float32),
        "flat": np.array([], np.int64),
        "zero": np.array(0, np.float32),
        "unit": np.array(1, np.float32),
        "pitch": np.array(0.7, np.float32),
        "axes": np.array([0, 1], np.int64),
        "kernel": np.array([[[0.25, 0.5, 0.25]]], np.float32),
        "scale": np.array([1, 1, 4], np.float32),
        "deep": np.array([1], np.int64),
    }
    nodes = [
        make("Cast", ["input_lengths"], ["count"], to=TensorProto.FLOAT),
        make("Mul", ["count", "per"], ["frames"]),
        make("Reshape", ["frames", "flat"], ["end"]),
        make("Range", ["zero", "end", "unit"], ["time"]),
        make("Mul", ["time", "pitch"], ["phase"]),
        make("Sin", ["phase"], ["wave"]),
        make("Unsqueeze", ["wave", "axes"], ["latent"]),
        make("Conv", ["latent", "kernel"], ["soft"], name=BORDER, pads=[1, 1]),
    ]
    if speakers:
        nodes += [make("Mul", ["soft", "frames"], ["spoken"], name="/dec/cond")]
    soft = "spoken" if speakers else "soft"
    nodes += [
        make("Resize", [soft, "", "scale"], ["long"], mode="nearest", name="/dec/up"),
        make("Unsqueeze", ["long", "deep"], ["output"], name="/dec/out"),
    ]
    model = onnx.load(str(path))
    stored = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "t"])]
    graph = helper.make_graph(nodes, "apart", list(model.graph.input), outputs, stored)
    onnx.save(helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version), str(path))
    return path


def folder(tmp_path: Path) -> Path:
    (tmp_path / "voice").mkdir()
    return tmp_path / "voice"


def test_the_pieces_are_the_whole(tmp_path: Path) -> None:
    path = falling_apart(folder(tmp_path))
    config = path.with_name(path.name + ".json")
    cut = halves(path, sha256_of(path), hash_cache.of(tmp_path))
    assert cut is not None
    whole = Voice(path, config, device="cpu", threads=1)
    voice = Voice(path, config, device="cpu", threads=1, halves=cut)
    phonemes = voice.phonemize("one two three four five six seven eight nine ten")[0]
    ((expected, last),) = whole.speak(phonemes, STEADY, early=True)
    assert last
    pieces = list(voice.speak(phonemes, STEADY, early=True))
    assert [last for _, last in pieces] == [False, False, True]
    assert len(pieces[0][0]) == FIRST * 4
    np.testing.assert_allclose(np.concatenate([audio for audio, _ in pieces]), expected, atol=1e-6)
    ((at_once, _),) = voice.speak(phonemes, STEADY, early=False)
    np.testing.assert_allclose(at_once, expected, atol=1e-6)


def test_large_weights_are_a_mapped_file_and_small_ones_stay(tmp_path: Path) -> None:
    path = falling_apart(folder(tmp_path))
    model = onnx.load(str(path))
    kernel = next(weight for weight in model.graph.initializer if weight.name == "kernel")
    wide = np.zeros((1, 1, 2 * APART + 1), np.float32)
    wide[0, 0, APART - 1 : APART + 2] = [0.25, 0.5, 0.25]
    kernel.CopyFrom(numpy_helper.from_array(wide, "kernel"))
    border = next(node for node in model.graph.node if node.name == BORDER)
    border.attribute[0].ints[:] = [APART, APART]
    onnx.save(model, str(path))
    cut = halves(path, sha256_of(path), hash_cache.of(tmp_path))
    assert cut is not None
    stored = {one.name: one for one in onnx.load(str(cut[1]), load_external_data=False).graph.initializer}
    told = {entry.key: entry.value for entry in stored["kernel"].external_data}
    weights = path.with_name(told["location"])
    assert weights.read_bytes()[int(told["offset"]) :] == wide.tobytes() and int(told["offset"]) % APART == 0
    assert {name for name, one in stored.items() if one.external_data} == {"kernel"}
    voice = Voice(path, path.with_name(path.name + ".json"), device="cpu", threads=1)
    apart = Voice(path, path.with_name(path.name + ".json"), device="cpu", threads=1, halves=cut)
    phonemes = voice.phonemize("one two three")[0]
    (one, _), (other, _) = (next(each.speak(phonemes, STEADY, early=False)) for each in (voice, apart))
    np.testing.assert_allclose(other, one, atol=1e-6)
    weights.unlink()
    assert halves(path, sha256_of(path), hash_cache.of(tmp_path)) == cut and weights.is_file()


def test_the_engine_hands_over_a_short_piece_first_and_loses_nothing(tmp_path: Path) -> None:
    path = falling_apart(folder(tmp_path))
    text = "one two three four five six seven eight nine ten"
    heard: dict[bool, list[bytes]] = {}
    for apart in (False, True):
        engine = Piper(
            path, threads=1, halves=halves(path, sha256_of(path), hash_cache.of(tmp_path)) if apart else None
        )
        heard[apart] = []
        try:
            spoken = engine.synthesize(text, on_audio=heard[apart].append).result(30)
        finally:
            engine.close()
        assert spoken.clauses == 1
        assert spoken.text == text
    assert len(heard[False]) == 1
    assert len(heard[True]) == 3
    whole, pieces = (np.frombuffer(b"".join(heard[key]), np.int16).astype(int) for key in (False, True))
    assert len(whole) == len(pieces)
    assert np.abs(whole - pieces).max() <= 2


@pytest.mark.parametrize(("soon", "pieces"), [(False, 1), (True, 3)])
def test_a_later_clause_comes_in_pieces_where_it_is_wanted_soon(tmp_path: Path, soon: bool, pieces: int) -> None:
    path = falling_apart(folder(tmp_path))
    engine = Piper(path, threads=1, halves=halves(path, sha256_of(path), hash_cache.of(tmp_path)))
    heard: list[bytes] = []
    text = "one two three four five six seven eight nine ten"
    try:
        engine.synthesize(text, on_audio=heard.append, urgency=Urgency.SOON, soon=soon).result(30)
    finally:
        engine.close()
    assert len(heard) == pieces


def test_a_voice_without_a_vocoder_of_its_own_is_spoken_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tiny_voice(folder(tmp_path))
    with caplog.at_level("INFO"):
        assert halves(path, sha256_of(path), hash_cache.of(tmp_path)) is None
    assert "no vocoder that could be taken apart" in caplog.text
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".json", ".onnx"]


def test_a_vocoder_that_wants_more_than_frames_is_left_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = falling_apart(folder(tmp_path), speakers=True)
    with caplog.at_level("INFO"):
        assert halves(path, sha256_of(path), hash_cache.of(tmp_path)) is None
    assert "its vocoder also needs input_lengths" in caplog.text


@pytest.mark.parametrize("frames", [1, FIRST, FIRST + WORTH - 1, FIRST + WORTH, FIRST + NEXT + WORTH, 1000])
def test_spans_cover_all_frames_in_order(frames: int) -> None:
    cut = spans(frames)
    assert cut[0][0] == 0 and cut[-1][1] == frames
    assert all(left[1] == right[0] for left, right in pairwise(cut))
    assert all(last - first >= min(frames, WORTH) for first, last in cut)

"""The turn detector: what its network gets to see, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from onnx import NodeProto, TensorProto, helper, numpy_helper

from local_agent.audio.samples import SPEECH_RATE
from local_agent.engines.smart_turn import FRAMES, HEARD, INPUT, TurnDetector
from local_agent.errors import BadInput, EngineClosed, WeightsCorrupt, WeightsMissing


def network(folder: Path, name: str = INPUT, frames: int = FRAMES) -> Path:
    """Stands in for Smart Turn: the probability is higher the louder the last 0.2 s are beside the rest."""
    node = helper.make_node
    nodes = [
        node("Slice", [name, "from", "to", "axis"], ["late"]),
        node("ReduceMean", ["late"], ["end"], axes=[1, 2]),
        node("ReduceMean", [name], ["all"], axes=[1, 2]),
        node("Sub", ["end", "all"], ["louder"]),
        node("Sigmoid", ["louder"], ["flat"]),
        node("Unsqueeze", ["flat", "column"], ["logits"]),
    ]
    constants = [
        helper.make_tensor(key, TensorProto.INT64, [1], [value])
        for key, value in (("from", frames - 20), ("to", frames), ("axis", 2), ("column", 1))
    ]
    return save(folder, nodes, constants, name, frames)


def save(
    folder: Path, nodes: list[NodeProto], constants: list[TensorProto], name: str = INPUT, frames: int = FRAMES
) -> Path:
    given = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 80, frames])
    told = helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "turn", [given], [told], constants)
    path = folder / "turn.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def comparing(folder: Path, expected: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Path:
    """Stands in for Smart Turn: tells how far what it gets lies from `expected`, at most."""
    node = helper.make_node
    nodes = [
        node("Sub", [INPUT, "expected"], ["off"]),
        node("Abs", ["off"], ["far"]),
        node("ReduceMax", ["far"], ["logits"], axes=[1, 2], keepdims=0),
    ]
    constant = numpy_helper.from_array(expected[np.newaxis].astype(np.float32), "expected")
    return save(folder, nodes, [constant])


def sound(seconds: float, loud_end: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Noise, the last `loud_end` seconds ten times as loud."""
    noise = np.random.default_rng(1).standard_normal(int(seconds * SPEECH_RATE)).astype(np.float32) * np.float32(0.01)
    noise[len(noise) - int(loud_end * SPEECH_RATE) :] *= 10
    return noise


def test_it_listens_to_the_end_of_what_was_said(tmp_path: Path) -> None:
    detector = TurnDetector(network(tmp_path))
    chances = [detector.judge(sound(3.0, loud_end=loud)).result(10) for loud in (0.0, 0.2)]
    assert 0.0 < chances[0] < chances[1] < 1.0
    detector.close()


@pytest.mark.parametrize("seconds", [0.05, 1.0, 2.345, HEARD, HEARD + 3.0])
def test_any_length_becomes_the_same_features_as_the_whole_window(tmp_path: Path, seconds: float) -> None:
    """Silence before a short recording is not computed frame by frame, and looks as if it were."""
    audio = sound(seconds)
    size = int(HEARD * SPEECH_RATE)
    window = np.concatenate([np.zeros(size, np.float32), audio])[-size:]
    level = (window - window.mean()) / np.sqrt(window.var() + 1e-7)
    whole = FeatureExtractor(feature_size=80)(level, padding=0)[:, :FRAMES]
    detector = TurnDetector(comparing(tmp_path, whole))
    assert detector.judge(audio).result(10) < 1e-4
    detector.close()


@pytest.mark.parametrize(
    "audio",
    [np.zeros(0, np.float32), np.zeros(9, np.int16), np.zeros((2, 9), np.float32), np.array([0.1, np.nan], np.float32)],
    ids=["none", "int", "two", "nan"],
)
def test_audio_of_another_kind_is_refused_at_once(
    tmp_path: Path, audio: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> None:
    detector = TurnDetector(network(tmp_path))
    with pytest.raises(BadInput, match="expected"):
        detector.judge(audio)
    detector.close()


def test_a_closed_one_takes_no_work(tmp_path: Path) -> None:
    detector = TurnDetector(network(tmp_path))
    detector.warm()
    detector.close()
    with pytest.raises(EngineClosed):
        detector.judge(sound(1.0))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"turn\.onnx") as error:
        TurnDetector(tmp_path / "turn.onnx")
    assert "download" in str(error.value)


def test_another_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsCorrupt, match="input is other"):
        TurnDetector(network(tmp_path, name="other"))
    with pytest.raises(WeightsCorrupt, match=r"\['n', 80, 300\]"):
        TurnDetector(network(tmp_path, frames=300))
    (tmp_path / "turn.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsCorrupt, match="can't be read"):
        TurnDetector(tmp_path / "turn.onnx")

"""A Piper voice of two kilobytes: a tone between two silences, as long as its text, as loud as its speaker."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE = 16000
LEAD, TAIL = 800, 3200  # samples of silence that the model puts around its tone
STEP = 100  # samples of tone for each phoneme id, at a length scale of 1


def tiny_voice(
    folder: Path, name: str = "tiny", *, espeak: str = "en-us", speakers: int = 1, amplitude: float = 0.1
) -> Path:
    """Write `name`.onnx and its .json into `folder`; the path of the former. Speaker n is 1 + n times as loud."""
    path = folder / f"{name}.onnx"
    save(_model(speakers, amplitude), path)
    path.with_name(path.name + ".json").write_text(json.dumps(config(espeak, speakers)), encoding="utf-8")
    return path


def config(espeak: str = "en-us", speakers: int = 1) -> dict[str, object]:
    """The voice's settings, as a dictionary to write or to break."""
    return {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": espeak},
        "language": {"code": espeak.replace("-us", "_US")},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": speakers,
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "speaker_id_map": {f"speaker{n}": n for n in range(speakers)} if speakers > 1 else {},
    }


def _model(speakers: int, amplitude: float) -> object:
    constants = {
        "one": np.array([1], np.int64),
        "two": np.array([2], np.int64),
        "zero": np.array(0, np.float32),
        "unit": np.array(1, np.float32),
        "step": np.array([STEP], np.float32),
        "pitch": np.array(0.3, np.float32),
        "size": np.array(amplitude, np.float32),
        "lead": np.zeros(LEAD, np.float32),
        "tail": np.zeros(TAIL, np.float32),
        "axes": np.array([0, 1, 2], np.int64),
        "flat": np.array([], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Cast", ["input_lengths"], ["count"], to=TensorProto.FLOAT),
        node("Slice", ["scales", "one", "two"], ["length_scale"]),
        node("Mul", ["count", "step"], ["plain"]),
        node("Mul", ["plain", "length_scale"], ["samples"]),
        node("Reshape", ["samples", "flat"], ["end"]),
        node("Range", ["zero", "end", "unit"], ["time"]),
        node("Mul", ["time", "pitch"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("Mul", ["wave", "size"], ["tone"]),
    ]
    loud = "tone"
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
        nodes += [
            node("Cast", ["sid"], ["number"], to=TensorProto.FLOAT),
            node("Add", ["number", "unit"], ["factor"]),
            node("Mul", ["tone", "factor"], ["loud"]),
        ]
        loud = "loud"
    nodes += [
        node("Concat", ["lead", loud, "tail"], ["line"], axis=0),
        node("Unsqueeze", ["line", "axes"], ["output"]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "t"])]
    stored = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)

"""CTranslate2's model.bin is read as it was written, and refused where it is anything else."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from local_agent.engines.whisper.ct2_checkpoint import KIND, REVISION, VERSION, read
from tests.engines.whisper import tinywhisper

MATRIX = "decoder/layer_0/self_attention/linear_0/weight"


def head(version: int = VERSION, kind: str = KIND, revision: int = REVISION, variables: int = 0) -> bytes:
    return struct.pack("<I", version) + text(kind) + struct.pack("<II", revision, variables)


def text(name: str) -> bytes:
    return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"


def variable(name: str, shape: tuple[int, ...], kind: int, content: bytes) -> bytes:
    sizes = b"".join(struct.pack("<I", size) for size in shape)
    return text(name) + bytes([len(shape)]) + sizes + bytes([kind]) + struct.pack("<I", len(content)) + content


@pytest.mark.parametrize("quantization", ["float16", "int8", "int8_float16"])
def test_weights_are_the_same_however_they_are_stored(tmp_path: Path, quantization: str) -> None:
    plain = read(tinywhisper.write(tmp_path / "plain"))
    other = read(tinywhisper.write(tmp_path / "other", quantization))
    assert plain.array(MATRIX).shape == (3 * tinywhisper.WIDTH, tinywhisper.WIDTH)
    assert other.array(MATRIX) == pytest.approx(plain.array(MATRIX), abs=1e-6)
    gamma = "decoder/layer_norm/gamma"
    assert other.array(gamma) == pytest.approx(plain.array(gamma), abs=1e-3)
    assert other.count("decoder/num_heads") == tinywhisper.HEADS
    assert other.shape("decoder/embeddings/weight") == (94, tinywhisper.WIDTH)
    shared = other.array("decoder/projection/weight")
    assert np.array_equal(shared, other.array("decoder/embeddings/weight")), "stored once, under one of the names"


def test_bfloat16_is_the_upper_half_of_a_float(tmp_path: Path) -> None:
    values = np.array([[1.5, -2.0], [0.25, 3.0]], np.float32)
    halves = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    file = tmp_path / "model.bin"
    file.write_bytes(head(variables=1) + variable("m", (2, 2), 5, halves) + struct.pack("<I", 0))
    assert np.array_equal(read(file).array("m"), values)


def test_a_missing_bias_is_nothing_and_another_missing_variable_an_error(tmp_path: Path) -> None:
    weights = read(tinywhisper.write(tmp_path / "tiny", key_bias=False))
    assert weights.bias("decoder/layer_0/attention/linear_1/bias", 4).tolist() == [0, 0, 0, 0]
    with pytest.raises(OSError, match="has no variable decoder/nothing"):
        weights.array("decoder/nothing")


SHORTS = head(variables=1) + variable("m", (2,), 2, b"\1\0\2\0") + struct.pack("<I", 0)


def test_whole_numbers_of_another_size_are_no_weights(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(SHORTS)
    with pytest.raises(OSError, match="int16"):
        read(file).array("m")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF and nothing behind it",
        head(version=5) + struct.pack("<I", 0),
        head(kind="TransformerSpec") + struct.pack("<I", 0),
        head(revision=4) + struct.pack("<I", 0),
        head(variables=1) + variable("m", (1,), 9, b"\0\0\0\0"),
        head() + struct.pack("<I", 1) + text("alias") + text("nothing"),
        SHORTS[:-8],
    ],
    ids=["empty", "gguf", "version", "kind", "revision", "type", "alias", "cut"],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(content)
    with pytest.raises(OSError):
        read(file)

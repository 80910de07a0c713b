"""Whisper's decoder as two graphs for ONNX Runtime, made from a CTranslate2 model.

The first turns encoder states into the keys and values that every layer attends to, once for each recording. The second
makes logits of tokens, one or several at a time. The large matrices are 8 bits a weight in blocks of at most 128
(`MatMulNBits`), which ONNX Runtime multiplies with a single row several times faster than CTranslate2 does
(docs/decisions/whisper-window.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from local_agent.engines.whisper.ct2_checkpoint import Checkpoint, read
from local_agent.engines.whisper.decoder_onnx import Keep
from local_agent.hardware.plan import EnginePlan
from local_agent.weights import store
from local_agent.weights.derived import derived

SOURCE = "model.bin"
FORM = 1  # of what is made here; to be raised with every change of it, so that nobody takes an older one
FUSED = "com.microsoft"  # the domain of ONNX Runtime's own operators
BLOCKS = (128, 64, 32, 16)  # weights that share a scale; the largest that divides a row
WHOLE_NUMBERS = 4  # the accuracy level at which MatMulNBits multiplies 8-bit numbers; others are 100 times slower
EPSILON = 1e-5  # of the layers' norms, as in Whisper
GELU = 3  # CTranslate2's number for the activation that Whisper has


def made_for(chosen: EnginePlan, found: store.Model, noted: Path) -> tuple[tuple[Path, Path] | None, Keep | None]:
    """The graphs of a verified Whisper's decoder, made if need be, and what keeps files of what these compute.

    Neither where CTranslate2 decodes: on a GPU, for numbers of more than 8 bits, which somebody demanded, and for a
    model given by path, beside which nothing is written. noted: the ledger.
    """
    source = next((file for file in found.files if file.path.name == SOURCE), None)
    ours = chosen.device == "cpu" and chosen.compute_type.startswith("int8") and found.entry is not None
    if not ours or source is None or not source.sha256:
        return None, None
    made = graphs(source.path, source.sha256, noted)
    return made, partial(derived, source.path, source.sha256, noted=noted) if made else None


def graphs(source: Path, digest: str, noted: Path) -> tuple[Path, Path] | None:
    """The two graphs of the model whose model.bin is `source`, made if need be; None for one that can't be read.

    Keys and values first. digest: hexadecimal SHA-256 that `source` was verified to have. noted: the ledger.
    """
    names = [f"{source.stem}.{part}-{FORM}.onnx" for part in ("memory", "decoder")]
    made = derived(source, digest, names, lambda paths: write(source, paths), noted)
    return (made[0], made[1]) if made else None


def write(source: Path, paths: Sequence[Path]) -> None:
    """Write both graphs. Raises OSError for a model that is not what this file knows of Whisper."""
    weights = read(source)
    try:
        onnx.save(memory(weights), str(paths[0]))
        onnx.save(decoder(weights), str(paths[1]))
    except (ValueError, IndexError) as error:
        raise OSError(f"its weights are not those of Whisper: {error}") from error


def memory(weights: Checkpoint) -> onnx.ModelProto:
    """Keys and values of encoder states, for all layers in one matrix.

    Input: `states` float32 [heard, width]. Output: `memory` float32 [heard, layers * 2 * width]; of each layer first
    its keys, then its values.
    """
    shape, made = _Shape.of(weights), _Graph(weights)
    scopes = [f"decoder/layer_{layer}/attention/linear_1" for layer in range(shape.layers)]
    matrix = np.concatenate([weights.array(f"{scope}/weight") for scope in scopes])
    bias = np.concatenate([weights.bias(f"{scope}/bias", 2 * shape.width) for scope in scopes])
    made.takes("states", ["heard", shape.width])
    made.gives("memory", ["heard", len(matrix)])
    made.product("states", "matrix", matrix, made.constant("bias", bias), "memory")
    return made.model("memory")


def decoder(weights: Checkpoint) -> onnx.ModelProto:
    """Logits of tokens, given what was heard and the tokens before.

    Inputs: `embedded` float32 [1, n, width], the tokens' embeddings and their places' added up, which are looked up in
    the model's own file, so that this one need not hold them; for every layer `key_N` and `value_N` float32 [1, heads,
    states, head], and `past_key_N` and `past_value_N` float32 [1, heads, past, head], past may be 0. Outputs: `logits`
    float32 [1, n, vocabulary]; for every layer `present_key_N` and `present_value_N` float32 [1, heads, past + n,
    head].
    """
    shape, made = _Shape.of(weights), _Graph(weights)
    made.takes("embedded", [1, "n", shape.width])
    made.gives("logits", [1, "n", shape.vocabulary])
    stream, told = "embedded", cast("str | None", None)  # what a layer adds is added where it is next normalised
    for layer in range(shape.layers):
        stream, told = made.layer(layer, shape, stream, told)
    _, ended = made.norm(stream, told, "decoder/layer_norm")
    made.linear(ended, "decoder/projection", output="logits")
    return made.model("decoder")


@dataclass(frozen=True)
class _Shape:
    """layers, heads: of the decoder. width: of a state; head: of a head's part of it. vocabulary: tokens."""

    layers: int
    heads: int
    width: int
    vocabulary: int

    @property
    def head(self) -> int:
        return self.width // self.heads

    @staticmethod
    def of(weights: Checkpoint) -> _Shape:
        layers = 0
        while f"decoder/layer_{layers}/attention/linear_1/weight" in weights.stored:
            layers += 1
        vocabulary, width = weights.shape("decoder/projection/weight")
        found = _Shape(layers, weights.count("decoder/num_heads"), width, vocabulary)
        if not layers or not found.heads or width % found.heads or width % BLOCKS[-1]:
            raise OSError(
                f"a decoder of {layers} layers, {found.heads} heads and a width of {width} is none of Whisper's"
            )
        if weights.count("decoder/activation") != GELU or not weights.count("decoder/pre_norm"):
            raise OSError("its layers are not those of Whisper")
        return found


class _Graph:
    """Nodes and weights as they come; names of intermediate values are made up."""

    def __init__(self, weights: Checkpoint) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._stored: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def model(self, name: str) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, list(self._stored.values()))
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=9)

    def takes(self, name: str, shape: Sequence[int | str]) -> None:
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def gives(self, name: str, shape: Sequence[int | str]) -> None:
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self._stored.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, inputs: Sequence[str], outputs: Sequence[str] = (), **options: Any) -> str:
        """Name of the first output."""
        outputs = list(outputs) or [f"v{len(self._nodes)}"]
        self._nodes.append(helper.make_node(kind, inputs, outputs, **options))
        return outputs[0]

    def fused(self, kind: str, inputs: Sequence[str], outputs: Sequence[str] = (), **options: Any) -> str:
        return self.node(kind, inputs, outputs, domain=FUSED, **options)

    def split(self, value: str, parts: int) -> list[str]:
        names = [f"{value}_{part}" for part in range(parts)]
        self.node("Split", [value], names, axis=-1)
        return names

    def linear(self, value: str, scope: str, output: str = "", *, factor: float = 1.0) -> str:
        """A layer's matrix, and its bias where it has one, both times `factor`."""
        matrix, bias, kept = self._weights.array(f"{scope}/weight"), f"{scope}/bias", ""
        if bias in self._weights.stored:
            kept = self.constant(bias, self._weights.array(bias) * np.float32(factor))
        return self.product(
            value, f"{scope}/weight", matrix * np.float32(factor) if factor != 1 else matrix, kept, output
        )

    def product(self, value: str, name: str, matrix: NDArray[np.float32], bias: str = "", output: str = "") -> str:
        """`value` times the matrix, float32 [rows, columns], in 8 bits."""
        block = self._keep(name, matrix)
        options = {"bits": 8, "accuracy_level": WHOLE_NUMBERS, "block_size": block}
        options |= {"N": matrix.shape[0], "K": matrix.shape[1]}
        inputs = [value, name, f"{name}_scale", *(["", "", bias] if bias else [])]
        return self.fused("MatMulNBits", inputs, [output] if output else (), **options)

    def _keep(self, name: str, matrix: NDArray[np.float32]) -> int:
        """Store a matrix in 8 bits; the size of its blocks."""
        block = next((size for size in BLOCKS if matrix.shape[1] % size == 0), None)
        if block is None:
            raise OSError(f"{name} has rows of {matrix.shape[1]}, which can't be cut into blocks")
        small, scale = quantized(matrix, block)
        self.constant(name, small)
        self.constant(f"{name}_scale", scale)
        return block

    def norm(self, stream: str, told: str | None, scope: str) -> tuple[str, str]:
        """The stream with `told` added, and the same normalised."""
        named = [self.constant(f"{scope}/{part}", self._weights.array(f"{scope}/{part}")) for part in ("gamma", "beta")]
        if told is None:
            return stream, self.node("LayerNormalization", [stream, *named], axis=-1, epsilon=EPSILON)
        outputs = [f"v{len(self._nodes)}", "", "", f"v{len(self._nodes)}_sum"]
        ended = self.fused("SkipLayerNormalization", [told, stream, *named], outputs, epsilon=EPSILON)
        return outputs[3], ended

    def layer(self, number: int, shape: _Shape, stream: str, told: str | None) -> tuple[str, str]:
        """Attention to the tokens before, attention to what was heard, and the network behind them."""
        scope = f"decoder/layer_{number}"
        stream, ready = self.norm(stream, told, f"{scope}/self_attention/layer_norm")
        query, key, value = self.split(self.linear(ready, f"{scope}/self_attention/linear_0"), 3)
        past = [f"past_{name}_{number}" for name in ("key", "value")]
        present = [f"present_{name}_{number}" for name in ("key", "value")]
        for name in past:
            self.takes(name, [1, shape.heads, "past", shape.head])
        for name in present:
            self.gives(name, [1, shape.heads, "present", shape.head])
        found = f"{scope}/before"
        inputs = [query, key, value, "", "", "", *past]
        self.fused("MultiHeadAttention", inputs, [found, *present], num_heads=shape.heads, unidirectional=1)
        stream, ready = self.norm(
            stream, self.linear(found, f"{scope}/self_attention/linear_1"), f"{scope}/attention/layer_norm"
        )
        found = self.recalled(ready, f"{scope}/attention", number, shape)
        stream, ready = self.norm(stream, self.linear(found, f"{scope}/attention/linear_2"), f"{scope}/ffn/layer_norm")
        wide = self.fused("Gelu", [self.linear(ready, f"{scope}/ffn/linear_0")])
        return stream, self.linear(wide, f"{scope}/ffn/linear_1")

    def recalled(self, ready: str, scope: str, number: int, shape: _Shape) -> str:
        """Attention to what was heard, in single steps: MultiHeadAttention needs twice the time for one token."""
        key, value = f"key_{number}", f"value_{number}"
        for name in (key, value):
            self.takes(name, [1, shape.heads, "states", shape.head])
        apart = self.constant("apart", np.array([0, 0, shape.heads, shape.head], np.int64))
        joined = self.constant("joined", np.array([0, 0, shape.width], np.int64))
        # scaled in the weights: a product that also scales has no quick way for a single row
        query = self.node("Reshape", [self.linear(ready, f"{scope}/linear_0", factor=shape.head**-0.5), apart])
        query = self.node("Transpose", [query], perm=[0, 2, 1, 3])
        scores = self.fused("FusedMatMul", [query, key], transB=1)
        found = self.node("MatMul", [self.node("Softmax", [scores], axis=-1), value])
        return self.node("Reshape", [self.node("Transpose", [found], perm=[0, 2, 1, 3]), joined])


def quantized(values: NDArray[np.float32], block: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """float32 [rows, columns] as uint8 [rows, columns / block, block] around 128, and float32 [rows, columns / block],
    the size of a step.
    """
    apart = values.reshape(values.shape[0], -1, block)
    scale = np.maximum(apart.max(axis=2), -apart.min(axis=2)) / np.float32(127)
    steps = apart / np.where(scale > 0, scale, 1)[..., None]
    np.rint(steps, out=steps)  # in place: some of these matrices have gigabytes
    steps += 128
    return np.clip(steps, 0, 255, out=steps).astype(np.uint8), scale

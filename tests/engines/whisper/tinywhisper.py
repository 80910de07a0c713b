"""A Whisper of random weights, small enough to be made for a test, as CTranslate2 stores it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs import whisper_spec
from numpy.typing import NDArray

WORDS = 90  # tokens of text: "w0" to "w89"
SPECIAL = ("<|endoftext|>", "<|startoftranscript|>", "<|nospeech|>", "<|notimestamps|>")
END, START, NOBODY, PLAIN = range(WORDS, WORDS + len(SPECIAL))
NEVER, NOT_FIRST = [3, 5, START], [7, END]
WIDTH, HEADS, LAYERS, MELS = 128, 2, 2, 80
STEP = 1 / 512  # weights are whole multiples of it, and one in 128 is 127 of it: 8 bits hold them exactly


def write(folder: Path, quantization: str | None = None, *, key_bias: bool = True, seed: int = 0) -> Path:
    """Write the model into `folder`, which is made; the path of its model.bin.

    quantization: as CTranslate2's converters name it. key_bias: whether queries, keys and values of a layer have one.
    """
    spec = whisper_spec.WhisperSpec(1, HEADS, LAYERS, HEADS)
    random = np.random.default_rng(seed)
    _encoder(spec.encoder, random)
    _decoder(spec.decoder, random, key_bias)
    spec.register_vocabulary([*(f"w{number}" for number in range(WORDS)), *SPECIAL])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = NEVER, NOT_FIRST
    spec.config.lang_ids, spec.config.alignment_heads = [], [(0, 0)]
    spec.validate()
    spec.optimize(quantization)
    folder.mkdir(parents=True)
    spec.save(str(folder))
    words = [*(f"w{number}" for number in range(WORDS)), *SPECIAL]
    (folder / "vocabulary.json").write_text(json.dumps(words), encoding="utf-8")
    return folder / "model.bin"


def _encoder(spec: whisper_spec.WhisperEncoderSpec, random: np.random.Generator) -> None:
    for conv, given in ((spec.conv1, MELS), (spec.conv2, WIDTH)):
        conv.weight, conv.bias = _matrix(random, WIDTH, given, 3), _matrix(random, WIDTH)
    spec.position_encodings.encodings = _matrix(random, 1500, WIDTH)
    _norm(spec.layer_norm, random)
    for layer in spec.layer:
        _attention(layer.self_attention, random, [3 * WIDTH, WIDTH], True)
        _network(layer.ffn, random)


def _decoder(
    spec: whisper_spec.transformer_spec.TransformerDecoderSpec, random: np.random.Generator, bias: bool
) -> None:
    spec.embeddings.weight = spec.projection.weight = _weights(random, WORDS + len(SPECIAL), WIDTH)
    # as large as what the layers add, so that every place has words of its own
    spec.position_encodings.encodings = (random.standard_normal((448, WIDTH)) * 2).astype(np.float32)
    _norm(spec.layer_norm, random)
    for layer in spec.layer:
        _attention(layer.self_attention, random, [3 * WIDTH, WIDTH], bias)
        _attention(layer.attention, random, [WIDTH, 2 * WIDTH, WIDTH], bias)
        _network(layer.ffn, random)


def _attention(
    spec: whisper_spec.transformer_spec.attention_spec.MultiHeadAttentionSpec,
    random: np.random.Generator,
    sizes: list[int],
    bias: bool,
) -> None:
    _norm(spec.layer_norm, random)
    for number, (linear, size) in enumerate(zip(spec.linear, sizes, strict=True)):
        linear.weight = _weights(random, size, WIDTH)
        if bias or number == len(sizes) - 1:
            linear.bias = _matrix(random, size)


def _network(spec: whisper_spec.transformer_spec.FeedForwardSpec, random: np.random.Generator) -> None:
    _norm(spec.layer_norm, random)
    spec.linear_0.weight, spec.linear_0.bias = _weights(random, 4 * WIDTH, WIDTH), _matrix(random, 4 * WIDTH)
    spec.linear_1.weight, spec.linear_1.bias = _weights(random, WIDTH, 4 * WIDTH), _matrix(random, WIDTH)


def _norm(spec: whisper_spec.common_spec.LayerNormSpec, random: np.random.Generator) -> None:
    spec.gamma, spec.beta = 1 + _matrix(random, WIDTH), _matrix(random, WIDTH)


def _weights(random: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    steps = np.clip(np.rint(random.standard_normal((rows, columns)) * 40), -127, 127)
    steps[:, ::128] = 127
    return (steps * STEP).astype(np.float32)


def _matrix(random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return (random.standard_normal(shape) * 0.1).astype(np.float32)

"""A language model for tests: two random layers, a byte-level vocabulary and a chat template, in about 700 kB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGED = ["he", "ll", "ell", "ello", "th", "the", "in", "an", "er", "re", "on", "at", "ou", "us", "as", "is", "it"]
WIDTH, HEADS, HIDDEN, LAYERS = 64, 4, 128, 2


def write(
    path: Path,
    *,
    template: str | None = TEMPLATE,
    trained: int = 2048,
    special: Sequence[str] = SPECIAL,
    pooling: gguf.PoolingType | None = None,
    causal: bool | None = None,
    tensors_a_part: int = 0,
) -> Path:
    """Write the model; the same bytes each time. The end of a message is never its likeliest token.

    tensors_a_part: cuts it into files `STEM-00001-of-0000N.gguf` of so many tensors each; 0 for one file.
    special: control tokens, the third of which ends a reply. pooling, causal: of models that do not answer.
    """
    tokens, merges = _vocabulary(special)
    writer = gguf.GGUFWriter(path, "llama", split_max_tensors=tensors_a_part)
    writer.add_name("tiny")
    writer.add_context_length(trained)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL] * len(special) + [gguf.TokenType.NORMAL] * (len(tokens) - len(special))
    )
    writer.add_token_merges(merges)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    if causal is not None:
        writer.add_causal_attention(causal)
    if template is not None:
        writer.add_chat_template(template)
    for name, values in _weights(len(tokens), len(special)).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vocabulary(special: Sequence[str]) -> tuple[list[str], list[str]]:
    """GPT-2's way to write bytes: printable ones as themselves, the others as characters from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable} | {byte: chr(256 + at) for at, byte in enumerate(others)}
    tokens = [*special, *(letters[byte] for byte in range(256))]
    merges = []
    for word in MERGED:
        cut = next(at for at in range(len(word) - 1, 0, -1) if word[:at] in tokens and word[at:] in tokens)
        merges.append(f"{word[:cut]} {word[cut:]}")
        tokens.append(word)
    return tokens, merges


def _weights(vocabulary: int, special: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)

    def matrix(rows: int, columns: int, scale: float = 0.15) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * scale).astype(np.float32)

    weights = {"token_embd.weight": matrix(vocabulary, WIDTH, 1.0), "output.weight": matrix(vocabulary, WIDTH, 0.6)}
    weights["output.weight"][:special] = 0
    weights["output_norm.weight"] = np.ones(WIDTH, np.float32)
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights[f"blk.{layer}.{name}.weight"] = matrix(WIDTH, WIDTH)
        weights[f"blk.{layer}.ffn_gate.weight"] = matrix(HIDDEN, WIDTH)
        weights[f"blk.{layer}.ffn_up.weight"] = matrix(HIDDEN, WIDTH)
        weights[f"blk.{layer}.ffn_down.weight"] = matrix(WIDTH, HIDDEN)
        weights[f"blk.{layer}.attn_norm.weight"] = np.ones(WIDTH, np.float32)
        weights[f"blk.{layer}.ffn_norm.weight"] = np.ones(WIDTH, np.float32)
    return weights

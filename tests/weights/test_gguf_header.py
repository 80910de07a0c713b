"""What the header of a GGUF tells, on headers with the figures of real models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import pytest

from local_agent.errors import WeightsCorrupt
from local_agent.weights.gguf_header import BLOCKS, read
from tests.conftest import Starter
from tests.headers import TOKENS, gguf_header

KIB = 1024
EVERY_SIXTH_WHOLE = [(layer + 1) % 6 != 0 for layer in range(48)]
# architecture, keys, KiB of cache for a token, KiB of state for a conversation
MODELS: dict[str, tuple[str, dict[str, Any], float, float]] = {
    "Qwen2.5 0.5B": ("qwen2", {"block_count": 24, "embedding_length": 896, "attention_head_count": 14,
        "attention_head_count_kv": 2}, 12, 0),
    "Qwen2.5 32B": ("qwen2", {"block_count": 64, "embedding_length": 5120, "attention_head_count": 40,
        "attention_head_count_kv": 8}, 256, 0),
    "Llama 2 7B, without grouped heads": ("llama", {"block_count": 32, "embedding_length": 4096,
        "attention_head_count": 32}, 512, 0),
    "Gemma 3 12B, five layers of six windowed": ("gemma3", {"block_count": 48, "embedding_length": 3840,
        "attention_head_count": 16, "attention_head_count_kv": 8, "attention_key_length": 256,
        "attention_value_length": 256, "attention_sliding_window": 1024}, 384, 0),
    "windowed layers with smaller heads": ("gemma4", {"block_count": 48, "attention_head_count_kv": 1,
        "attention_key_length": 512, "attention_value_length": 512, "attention_key_length_swa": 256,
        "attention_value_length_swa": 256, "attention_sliding_window_pattern": EVERY_SIXTH_WHOLE}, 56, 0),
    "layers that share a cache": ("gemma3n", {"block_count": 35, "attention_head_count_kv": 2,
        "attention_key_length": 256, "attention_value_length": 256, "attention_shared_kv_layers": 15}, 40, 0),
    "latent attention": ("deepseek2", {"block_count": 27, "attention_head_count": 16, "attention_head_count_kv": 1,
        "attention_key_length": 576, "attention_value_length": 512}, 57.375, 0),
    "heads by layer": ("deci", {"block_count": 3, "embedding_length": 512, "attention_head_count": [4, 4, 0],
        "attention_head_count_kv": [2, 1, 0]}, 1.5, 0),
    "every fourth layer has attention": ("qwen3next", {"block_count": 48, "embedding_length": 2048,
        "attention_head_count": 16, "attention_head_count_kv": 2, "attention_key_length": 256,
        "attention_value_length": 256, "ssm_inner_size": 4096, "ssm_state_size": 128, "ssm_group_count": 16,
        "ssm_conv_kernel": 4}, 24, 36 * (3 * 32 + 2048)),
    "recurrent layers named by no heads": ("lfm2", {"block_count": 4, "embedding_length": 1024,
        "attention_head_count": 16, "attention_head_count_kv": [0, 8, 0, 0], "shortconv_l_cache": 3}, 2, 24),
    "no attention at all": ("mamba", {"block_count": 2, "attention_head_count": 0, "ssm_inner_size": 1536,
        "ssm_state_size": 16, "ssm_conv_kernel": 4}, 0, 2 * (18 + 96)),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_memory_of_a_conversation(tmp_path: Path, name: str) -> None:
    architecture, keys, cache, state = MODELS[name]
    found = read(gguf_header(tmp_path / "model.gguf", architecture, **keys))
    assert (found.cache_bytes / KIB, found.state_bytes / KIB) == (cache, state)
    assert (found.architecture, found.unfit) == (architecture, "")


@pytest.mark.parametrize(
    ("name", "lengths"),
    [
        ("Qwen2.5 0.5B", {64}),
        ("latent attention", {576}),
        ("windowed layers with smaller heads", {256, 512}),
    ],
)
def test_how_long_a_key_is(tmp_path: Path, name: str, lengths: set[int]) -> None:
    architecture, keys, _, _ = MODELS[name]
    found = read(gguf_header(tmp_path / "model.gguf", architecture, **keys))
    assert len(found.keys) == found.layers and set(found.keys) == lengths


def test_what_else_is_told(tmp_path: Path) -> None:
    path = gguf_header(tmp_path / "a.gguf", "gemma3", attention_sliding_window=1024, context_length=131072)
    found = read(path)
    assert (found.layers, found.context, found.window, found.parts) == (2, 131072, 1024, 1)
    assert (found.template, found.ends, found.vocabulary) == (True, True, len(TOKENS))
    assert found.size == path.stat().st_size and read(path, size=5).size == 5
    assert read(gguf_header(tmp_path / "b-00001-of-00002.gguf", split_count=2)).parts == 2


@pytest.mark.parametrize(
    ("architecture", "keys", "said"),
    [
        ("bert", {}, "an encoder that makes embeddings"),
        ("nomic-bert", {}, "an encoder that makes embeddings"),
        ("t5encoder", {}, "an encoder that makes embeddings"),
        ("t5", {}, "an encoder with a decoder"),
        ("qwen3", {"pooling_type": 3}, "an embedding model (pooling last)"),
        ("qwen3", {"pooling_type": 4}, "a reranker"),
        ("llada", {}, "a diffusion model"),
        ("llama", {"attention_causal": False}, "reads texts and writes none"),
        ("clip", {}, "a projector"),
        ("llama", {"general_type": "adapter"}, "of the type adapter"),
        ("qwen2", {"general_type": "mmproj"}, "of the type mmproj"),
        ("flux", {"tokenizer": False}, "no tokenizer"),
    ],
)
def test_what_can_not_converse_is_told(tmp_path: Path, architecture: str, keys: dict[str, Any], said: str) -> None:
    assert said in read(gguf_header(tmp_path / "a.gguf", architecture, **keys)).unfit


def test_a_decoder_without_pooling_can(tmp_path: Path) -> None:
    assert read(gguf_header(tmp_path / "a.gguf", "qwen3", pooling_type=0)).unfit == ""


@pytest.mark.parametrize("kept", [0, 3, 20, 30, 100, -1])
def test_a_header_that_breaks_off(tmp_path: Path, kept: int) -> None:
    whole = gguf_header(tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[:kept] if kept >= 0 else whole[: len(whole) // 2])
    with pytest.raises(WeightsCorrupt, match=r"cut\.gguf is not a GGUF file that is whole"):
        read(path)


@pytest.mark.parametrize("at", range(4, 60, 3))
def test_damage_is_an_error_of_ours_and_no_hang(tmp_path: Path, at: int) -> None:
    content = bytearray(gguf_header(tmp_path / "whole.gguf").read_bytes())
    content[at : at + 8] = b"\xff" * 8
    (tmp_path / "damaged.gguf").write_bytes(content)
    try:
        read(tmp_path / "damaged.gguf")
    except WeightsCorrupt as error:
        assert "damaged.gguf" in str(error)


def test_weights_that_break_off(starter: Starter, tmp_path: Path) -> None:
    whole = starter.gguf.read_bytes()
    assert read(starter.gguf).cache_bytes == 30 * 3 * 64 * 4
    assert read(starter.gguf).parameters == 134_515_008
    (tmp_path / "cut.gguf").write_bytes(whole[:-4096])
    with pytest.raises(WeightsCorrupt, match="its weights end at"):
        read(tmp_path / "cut.gguf")


def test_the_bytes_of_each_format(starter: Starter) -> None:
    found = read(starter.gguf)
    assert set(found.formats) == {0, 3, 8}, "F32, Q4_1, and Q8_0 for the embeddings"
    assert 0.9 * found.size < sum(found.formats.values()) < found.size


def test_sizes_of_blocks_are_ggmls() -> None:
    theirs = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: theirs[kind] for kind in BLOCKS} == BLOCKS

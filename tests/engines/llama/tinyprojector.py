"""Eyes for the language model of tinygguf: two random layers of a vision transformer and a projector, in 100 kB."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests.engines.llama import tinygguf

SIDE, PATCH, WIDTH, HEADS, HIDDEN, LAYERS = 32, 8, 32, 2, 64, 2
TOKENS = (SIDE // PATCH) ** 2  # of an image


def write(path: Path, *, width: int = tinygguf.WIDTH, kind: str = "mlp", side: int = SIDE) -> Path:
    """Write the projector; the same bytes each time.

    width: of the language model's embeddings. kind: of projector, as llama.cpp's clip-impl.h names them: mlp (LLaVA
    1.5) or gemma3, whose images are read with each of their tokens seeing all others. side: of an image, in pixels.
    """
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", kind)
    writer.add_uint32("clip.vision.image_size", side)
    writer.add_uint32("clip.vision.patch_size", PATCH)
    writer.add_uint32("clip.vision.embedding_length", WIDTH)
    writer.add_uint32("clip.vision.feed_forward_length", HIDDEN)
    writer.add_uint32("clip.vision.block_count", LAYERS)
    writer.add_uint32("clip.vision.projection_dim", width)
    writer.add_uint32("clip.vision.attention.head_count", HEADS)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    for name, values in _weights(width, kind, (side // PATCH) ** 2).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(width: int, kind: str, patches: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(11)

    def matrix(*shape: int, scale: float = 0.2) -> np.ndarray:
        return (random.standard_normal(shape) * scale).astype(np.float32)

    weights = {
        "v.patch_embd.weight": matrix(WIDTH, 3, PATCH, PATCH),
        "v.position_embd.weight": matrix(patches, WIDTH, scale=0.5),
    }
    for layer in range(LAYERS):
        shapes = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_out"), (WIDTH, WIDTH))
        for name, (rows, columns) in {**shapes, "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN)}.items():
            weights[f"v.blk.{layer}.{name}.weight"] = matrix(rows, columns)
            weights[f"v.blk.{layer}.{name}.bias"] = matrix(rows)
        for name in ("ln1", "ln2"):
            weights[f"v.blk.{layer}.{name}.weight"] = np.ones(WIDTH, np.float32)
            weights[f"v.blk.{layer}.{name}.bias"] = np.zeros(WIDTH, np.float32)
    if kind == "gemma3":
        weights["v.post_ln.weight"], weights["v.post_ln.bias"] = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
        return weights | {
            "mm.input_projection.weight": matrix(WIDTH, width),
            "mm.soft_emb_norm.weight": np.ones(WIDTH, np.float32),
        }
    return weights | {
        "mm.0.weight": matrix(width, WIDTH),
        "mm.0.bias": matrix(width),
        "mm.2.weight": matrix(width, width),
        "mm.2.bias": matrix(width),
    }

"""Headers of GGUF files without weights: what a model by path is judged by before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf

TOKENS = ["<|endoftext|>", "<|im_end|>", *"abc"]


def gguf_header(path: Path, architecture: str = "llama", *, tokenizer: bool = True, **keys: Any) -> Path:
    """Write a file with a header alone.

    keys: of the architecture, `_` for `.` after its group (`attention_key_length`); with `general_`, `tokenizer_` or
    `split_` in front, of the file. By default it is a model of two layers with a template, trained on 4096 tokens.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, architecture)
    told = {"block_count": 2, "context_length": 4096, "embedding_length": 64, "attention_head_count": 4} | keys
    for name, value in told.items():
        if value is not None:
            _add(writer, _key(name, architecture), value)
    if tokenizer:
        writer.add_tokenizer_model("gpt2")
        writer.add_token_list(TOKENS)
        writer.add_eos_token_id(1)
        writer.add_chat_template("{{ messages }}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _key(name: str, architecture: str) -> str:
    group = name.split("_")[0]
    if group in ("general", "tokenizer", "split"):
        return name.replace("_", ".", 1)
    if group in ("attention", "ssm", "rope", "wkv", "shortconv"):
        name = name.replace("_", ".", 1)
    return f"{architecture}.{name}"


def _add(writer: gguf.GGUFWriter, key: str, value: object) -> None:
    if isinstance(value, str):
        writer.add_string(key, value)
    elif isinstance(value, list):
        writer.add_array(key, value)
    elif isinstance(value, bool):
        writer.add_bool(key, value)
    else:
        writer.add_uint32(key, value)

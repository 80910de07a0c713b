"""What a GGUF file tells about its model in its header: nothing of the weights is read, and llama.cpp is not needed.

The format: docs/gguf.md of ggml. Keys: gguf-py's constants.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_agent.errors import WeightsCorrupt

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST_KEPT = 4096  # values of an array that are kept; longer ones are vocabularies, of which only the length matters
# Bytes of a block of so many values, by ggml_type: enough to know where the last tensor ends.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip

# Architectures of llama.cpp that write no text one token after the other, with what they are.
_OTHERS = {
    **dict.fromkeys(
        ("bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert"),
        "an encoder that makes embeddings",
    ),
    **dict.fromkeys(("gemma-embedding", "llama-embed", "t5encoder"), "an encoder that makes embeddings"),
    **dict.fromkeys(("dream", "llada", "llada-moe", "rnd1"), "a diffusion model"),
    "clip": "a projector for images or sound (mmproj), which belongs to a language model",
    "t5": "an encoder with a decoder, as translators are",
    "wavtokenizer-dec": "a decoder of sound",
}
_POOLED = {1: "mean", 2: "cls", 3: "last", 4: "rank"}  # llama_pooling_type; 0 is none
_INTERVAL = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}  # every so manieth layer has attention, the others a state
_FP16, _FP32 = 2, 4  # bytes of a value in the cache, and in a recurrent state


@dataclass(frozen=True)
class GgufFacts:
    """One model. size: bytes of all its files. context: tokens that it was trained on, 0 where it does not say.

    cache_bytes: of the key-value cache for each token of a conversation, in fp16. Layers with a sliding window count
    like the others, as llama.cpp keeps whole caches for them unless told otherwise (`swa_full`). state_bytes: of the
    recurrent layers, for each conversation. window: tokens of the sliding window, 0 for none. template: whether it
    brings a chat template. ends: whether it names a token that ends a turn or text. vocabulary: tokens. parts: files.
    unfit: why it can't answer in a conversation, "" where it can. parameters: how many, 0 where nobody has counted.
    formats: bytes of the weights by ggml_type, of the first file. images: whether it sees them, and how, in words; ""
    where there is nothing to tell. keys: values of one head's key, by layer.
    """

    architecture: str
    size: int
    layers: int
    context: int
    cache_bytes: int
    state_bytes: int
    window: int
    template: bool
    ends: bool
    vocabulary: int
    parts: int
    unfit: str
    parameters: int = 0
    formats: Mapping[int, int] = field(default_factory=dict, hash=False)
    images: tuple[str, str] = ("", "")
    keys: tuple[int, ...] = ()


def read(path: Path, *, size: int = 0) -> GgufFacts:
    """Facts of a GGUF file, of the first one of a model in parts. size: bytes of all its files, if there are more.

    Raises WeightsCorrupt for one that is no GGUF or whose end is missing, OSError where it can't be read.
    """
    with path.open("rb") as stream:
        found = path.stat().st_size
        if found < 24 or stream.read(4) != b"GGUF":
            raise _corrupt(path, "it does not begin like one")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                reader = _Reader(content)
                said, tensors = reader.header()
                end, parameters, formats = reader.tensors(tensors, _number(said.get("general.alignment"), 32))
            except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
                raise _corrupt(path, f"its header breaks off or is damaged ({error})") from error
    if end > found:
        raise _corrupt(path, f"it has {found:,} bytes, and its weights end at {end:,}")
    # Of a model in parts, the other files hold more; that they are as dense is near enough.
    return _facts(said, size or found, parameters * max(size, found) // found, formats)


def _corrupt(path: Path, why: str) -> WeightsCorrupt:
    return WeightsCorrupt(
        f"{path} is not a GGUF file that is whole: {why}",
        expected="a whole .gguf file",
        fix=f"copy or download {path.name} again",
    )


class _Reader:
    """Goes through the bytes of a header."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content, self._at = content, 4
        version = self._take("I")
        if not 2 <= version <= 3:
            swapped = 2 <= int.from_bytes(version.to_bytes(4, "little"), "big") <= 3
            told = "a file for big-endian machines" if swapped else f"version {version} of the format"
            raise OverflowError(f"{told}, where llama.cpp reads versions 2 and 3, little-endian")

    def header(self) -> tuple[dict[str, Any], int]:
        """What the file says by key (arrays as tuples, a vocabulary as its length), and the number of its tensors."""
        tensors, count = self._take("Q"), self._take("Q")
        return {self._string(): self._value(self._take("I")) for _ in range(count)}, tensors

    def tensors(self, count: int, alignment: int) -> tuple[int, int, dict[int, int]]:
        """Where the last tensor ends, in bytes, how many values there are in all of them, and bytes by ggml_type."""
        last, total, formats = 0, 0, dict[int, int]()
        for _ in range(count):
            self._string()
            values = 1
            for _ in range(self._take("I")):
                values *= self._take("Q")
            kind = self._take("I")
            block, size = BLOCKS.get(kind, (1, 0))
            formats[kind] = formats.get(kind, 0) + values // block * size
            last = max(last, self._take("Q") + values // block * size)
            total += values
        return -(-self._at // alignment) * alignment + last if count else self._at, total, formats

    def _take(self, kind: str) -> Any:
        value = struct.unpack_from(f"<{kind}", self._content, self._at)[0]
        self._at += struct.calcsize(f"<{kind}")
        return value

    def _skip_string(self) -> None:
        self._at += 8 + int.from_bytes(self._content[self._at : self._at + 8], "little")

    def _string(self) -> str:
        start = self._at + 8
        self._skip_string()
        if self._at > len(self._content):
            raise IndexError("a text is longer than the file")
        return self._content[start : self._at].decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._take(_SCALARS[kind]) if kind in _SCALARS else self._unknown(kind)
        inner, count = self._take("I"), self._take("Q")
        if inner == _STRING:
            for _ in range(count):
                self._skip_string()
                if self._at > len(self._content):
                    raise IndexError("a list is longer than the file")
            return count
        if inner not in _SCALARS:
            return self._unknown(inner)
        if count > _LONGEST_KEPT:
            self._at += count * struct.calcsize(_SCALARS[inner])
            return count
        return tuple(self._take(_SCALARS[inner]) for _ in range(count))

    def _unknown(self, kind: int) -> Any:
        raise IndexError(f"a value of the unknown type {kind}")


def _facts(said: Mapping[str, Any], size: int, parameters: int, formats: Mapping[int, int]) -> GgufFacts:
    architecture = str(said.get("general.architecture") or "")

    def ask(key: str) -> Any:
        return said.get(f"{architecture}.{key}")

    layers = _number(ask("block_count"))
    heads = _attention_heads(ask, layers, architecture)
    keys, values = _head_sizes(ask, layers)
    return GgufFacts(
        architecture=architecture,
        size=size,
        layers=layers,
        context=_number(ask("context_length")),
        cache_bytes=_FP16 * sum(each * (key + value) for each, key, value in zip(heads, keys, values, strict=False)),
        state_bytes=_FP32 * sum(each == 0 or architecture == "falcon-h1" for each in heads) * _state(ask),
        window=_number(ask("attention.sliding_window")),
        template=bool(said.get("tokenizer.chat_template")),
        ends=any(f"tokenizer.ggml.{name}_token_id" in said for name in ("eos", "eot", "eom")),
        vocabulary=_number(said.get("tokenizer.ggml.tokens")),
        parts=max(1, _number(said.get("split.count"))),
        unfit=_unfit(said, architecture, ask, layers),
        parameters=parameters,
        formats=formats,
        keys=tuple(keys),
    )


def _unfit(said: Mapping[str, Any], architecture: str, ask: Any, layers: int) -> str:
    pooling, kind = ask("pooling_type"), str(said.get("general.type") or "model")
    if kind != "model":
        return f"it is of the type {kind}"
    if architecture in _OTHERS:
        return f"it is {_OTHERS[architecture]} ({architecture})"
    if pooling in _POOLED:
        what = "a reranker" if pooling == 4 else "an embedding model"
        return f"it is {what} (pooling {_POOLED[_number(pooling)]})"
    if ask("attention.causal") is False:
        return "each of its tokens sees those behind it, so it reads texts and writes none"
    if not layers or said.get("tokenizer.ggml.model") in (None, "none", "no_vocab"):
        return (
            f"it has no {'tokenizer' if layers else 'layers'}, so it is no language model ({architecture or 'unnamed'})"
        )
    return ""


def _attention_heads(ask: Any, layers: int, architecture: str) -> list[int]:
    """Heads of keys and values that each layer keeps in the cache; 0 for a recurrent layer."""
    given = ask("attention.head_count_kv")
    heads = _by_layer(ask("attention.head_count") if given is None else given, layers)
    if interval := _number(ask("full_attention_interval"), _INTERVAL.get(architecture, 0)):
        heads = [count if (at + 1) % interval == 0 else 0 for at, count in enumerate(heads)]
    shared = _number(ask("attention.shared_kv_layers"))  # these read what an earlier layer keeps
    return heads[: layers - shared] if shared else heads


def _head_sizes(ask: Any, layers: int) -> tuple[list[int], list[int]]:
    """Values of a key and of a value of one head, by layer."""
    usual = _number(ask("embedding_length")) // max(1, max(_by_layer(ask("attention.head_count"), max(1, layers))))
    windowed = ask("attention.sliding_window_pattern")
    sizes = []
    for name in ("key_length", "value_length"):
        each = [_number(ask(f"attention.{name}"), usual)] * layers
        if isinstance(windowed, tuple) and (other := _number(ask(f"attention.{name}_swa"))):
            each = [other if here else size for size, here in zip(each, windowed, strict=False)]
        sizes.append(each)
    return sizes[0], sizes[1]


def _state(ask: Any) -> int:
    """Values that a recurrent layer remembers of a conversation, as llama.cpp's n_embd_r and n_embd_s count them."""
    width, inner, state = (
        _number(ask("embedding_length")),
        _number(ask("ssm.inner_size")),
        _number(ask("ssm.state_size")),
    )
    if inner:
        convolved = inner + 2 * _number(ask("ssm.group_count")) * state
        return max(0, _number(ask("ssm.conv_kernel")) - 1) * convolved + inner * state
    if head := _number(ask("wkv.head_size")):
        return 2 * width + width * head
    return width * max(0, _number(ask("shortconv.l_cache")) - 1)


def _by_layer(given: object, layers: int) -> list[int]:
    """A value for each layer, of one for all or of a list."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        return [_number(value) for value in given][:layers] or [0]
    return [_number(given)] * layers


def _number(value: object, otherwise: int = 0) -> int:
    return value if isinstance(value, int) and value >= 0 else otherwise

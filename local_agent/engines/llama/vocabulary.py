"""How many tokens a text has, from a language model's vocabulary alone: its weights are not read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import llama_cpp as native

from local_agent.engines.llama.native import quiet
from local_agent.errors import WeightsCorrupt
from local_agent.hardware.validation import AROUND


def count(path: Path, messages: Sequence[str]) -> int:
    """Tokens of messages with what a template puts around them. path: a GGUF file. Takes a tenth of a second or less.

    Raises WeightsCorrupt where llama.cpp can't read the vocabulary.
    """
    native.llama_log_set(quiet, None)
    native.llama_backend_init()
    params = native.llama_model_default_params()
    params.vocab_only = True
    model = native.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise WeightsCorrupt(
            f"llama.cpp cannot read the vocabulary of {path}", expected="a GGUF file of a known architecture"
        )
    try:
        vocabulary = native.llama_model_get_vocab(model)
        return sum(AROUND + _count(vocabulary, text.encode("utf-8", "replace")) for text in messages)
    finally:
        native.llama_model_free(model)


def _count(vocabulary: object, text: bytes) -> int:
    """llama.cpp tells the count as a negative number where there is no room for the tokens."""
    return abs(int(native.llama_tokenize(vocabulary, text, len(text), None, 0, False, True)))

"""A GGUF model in llama.cpp's hands: weights, vocabulary and the one context with the cells of all sequences.

Everything native is behind this class. Apart from `tokenize`, which any thread may call, it belongs to the
scheduler's thread.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp as native
import numpy as np
import numpy.typing as npt

from local_agent.engines.llama import native_log
from local_agent.engines.llama.native_log import last_error, quiet
from local_agent.engines.llama.reasoning import is_markup
from local_agent.engines.llama.vision import Eyes
from local_agent.errors import (
    EngineClosed,
    EngineError,
    HardwareError,
    LocalAgentError,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from local_agent.hardware.validation import AROUND
from local_agent.weights import gguf_header

log = logging.getLogger(__name__)

KEY_BLOCK = 32  # values that q8_0 keeps together (ggml's QK8_0)
BATCH = 160
"""Tokens in one llama_decode at most: the scheduler's largest piece of a prompt and a row for each of 32 replies. The
attention of a batch takes memory with its size, and nothing is gained by larger ones.
"""

NO_EYES = "there is no projector (mmproj*.gguf) beside it"
OURS = 0.95
"""Share of a file's bytes from which our products take its weights as they lie in the file (docs/decisions/kernels.md).
"""


class NativeModel:
    """One loaded model with one context.

    path: a .gguf file. context: cells (tokens) of each sequence. gpu_layers: how many layers go to the GPU, -1 for all,
    0 for none. small: the keys of the KV cache take 8 bits instead of 16. projector: a GGUF file with the model's eyes.
    Raises WeightsMissing, WeightsCorrupt, HardwareError (the GPU was wanted and does not work) or EngineError (no
    memory for the context).

    eyes: None where it sees nothing. blind: why not, with what mends it.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int,
        sequences: int,
        threads: int,
        gpu_layers: int,
        small: bool = False,
        projector: Path | None = None,
    ) -> None:
        _check_file(path)
        native.llama_log_set(quiet, None)
        native.llama_backend_init()
        if gpu_layers and not native.llama_supports_gpu_offload():
            raise HardwareError(
                "llama.cpp was built without GPU support",
                expected="a build with CUDA, as layers were to go to the GPU",
                fix="make setup GPU=cuda, or run with --device cpu",
            )
        self._lock = threading.Lock()
        self.path, self.context, self.sequences = path, context, sequences
        self._model = _load(path, gpu_layers)
        self._vocab = native.llama_model_get_vocab(self._model)
        self._refuse_what_only_reads()
        self.eyes: Eyes | None = None
        self.blind = NO_EYES
        if projector is not None:
            self._open_eyes(projector, threads, gpu=gpu_layers != 0)
        self._open(context, sequences, threads, gpu_layers, small)
        self._describe()

    def _open_eyes(self, projector: Path, threads: int, *, gpu: bool) -> None:
        """A model whose eyes can't be used still answers: it is told of images as one without eyes is."""
        try:
            self.eyes = Eyes(projector, self._model, threads=threads, gpu=gpu)
        except LocalAgentError as error:
            self.blind = f"{self.path.name} can't see: {error}"
            log.log(logging.WARNING if isinstance(error, WeightsError) else logging.INFO, "%s", self.blind)

    def _open(self, context: int, sequences: int, threads: int, gpu_layers: int, small: bool) -> None:
        params = native.llama_context_default_params()
        if small and not any(keys % KEY_BLOCK for keys in gguf_header.read(self.path).keys):
            params.type_k = native.GGML_TYPE_Q8_0
        params.n_ctx, params.n_seq_max = context * sequences, sequences
        params.n_batch = params.n_ubatch = batch = BATCH if self.eyes is None else max(BATCH, self.eyes.whole)
        params.n_threads, params.n_threads_batch = threads, threads
        params.kv_unified = False  # else each token also passes the cells of all others (docs/decisions/kv-cache.md)
        # On a CPU flash attention reads 20 tokens over a history of 2,000 in 212 ms instead of 170.
        params.flash_attn_type = (
            native.LLAMA_FLASH_ATTN_TYPE_AUTO if gpu_layers else native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.offload_kqv = params.op_offload = gpu_layers != 0
        self._ctx = native.llama_init_from_model(self._model, params)
        if not self._ctx:
            if self.eyes is not None:
                self.eyes.free()
            native.llama_model_free(self._model)
            error = HardwareError if gpu_layers else EngineError
            raise error(
                f"llama.cpp could not open {sequences} x {context} tokens of context for {self.path.name} "
                f"({last_error()})",
                expected="enough memory for the cache of all conversations",
                fix="set a smaller context, or use a smaller model",
            )
        self._memory = native.llama_get_memory(self._ctx)
        self._batch = _Batch(batch)

    def _refuse_what_only_reads(self) -> None:
        """A model that makes vectors or judgements of texts loads like any other, and answers letters."""
        kind = self._meta("general.architecture")
        pools = self._meta(f"{kind}.pooling_type") not in ("", "0")
        looks_back = self._meta(f"{kind}.attention.causal") != "false" and native.llama_model_has_decoder(self._model)
        if looks_back and not pools and not native.llama_model_has_encoder(self._model):
            return
        native.llama_model_free(self._model)
        raise WeightsError(
            f"{self.path.name} ({kind}) is no chat model: it reads texts, and writes none",
            expected="a language model that answers, often called instruct, chat or it",
            fix="set LOCAL_AGENT_LLM_MODEL to such a model; python -m local_agent download --list shows some",
        )

    def _describe(self) -> None:
        self.trained_context = int(native.llama_model_n_ctx_train(self._model))
        self.parameters = int(native.llama_model_n_params(self._model))
        self.architecture = self._meta("general.architecture")
        self.vocabulary_size = int(native.llama_vocab_n_tokens(self._vocab))
        self.name = self._meta("general.name") or self.path.stem
        template = native.llama_model_chat_template(self._model, None)
        self.chat_template: str | None = template.decode("utf-8", "replace") if template else None
        bos, eos = native.llama_vocab_bos(self._vocab), native.llama_vocab_eos(self._vocab)
        self.bos: int | None = bos if bos >= 0 else None
        self.adds_bos = self.bos is not None and bool(native.llama_vocab_get_add_bos(self._vocab))
        self.bos_text, self.eos_text = self.token_text(bos), self.token_text(eos)
        tokens = range(self.vocabulary_size)
        self.control = frozenset(token for token in tokens if native.llama_vocab_is_control(self._vocab, token))
        self.ends = frozenset(token for token in tokens if native.llama_vocab_is_eog(self._vocab, token))
        self.partial_prefix = not (
            native.llama_model_is_recurrent(self._model) or native.llama_model_is_hybrid(self._model)
        )
        self._pieces: dict[int, bytes] = {}

    @property
    def handle(self) -> object:
        """The native context, for samplers."""
        return self._ctx

    @property
    def vocab(self) -> object:
        """The native vocabulary, for samplers."""
        return self._vocab

    def tokenize(self, text: str) -> list[int]:
        """Tokens of a text; control tokens that are spelled in it become such. Adds none. Raises EngineClosed."""
        raw = text.encode("utf-8", "replace")
        buffer = (native.llama_token * (len(raw) + 2))()
        with self._lock:
            if not self._model:
                raise EngineClosed("the language model is closed")
            count = native.llama_tokenize(self._vocab, raw, len(raw), buffer, len(buffer), False, True)
        if count < 0:
            raise EngineError(f"llama.cpp could not tokenize {len(raw)} bytes")
        return buffer[:count]

    def piece(self, token: int) -> bytes:
        """The bytes that a token adds to a text, maybe part of a character; of control tokens only what tells thoughts
        and calls from speech.
        """
        known = self._pieces.get(token)
        if known is None:
            seen = token in self.control and is_markup(self.token_text(token))
            known = self._pieces[token] = self._read_piece(token, special=seen)
        return known

    def token_text(self, token: int) -> str:
        """The text of a token, control tokens spelled out; "" for a token that does not exist."""
        return self._read_piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def decode(self, rows: Sequence[tuple[int, int, int, bool]], threads: int) -> None:
        """Run (token, position, sequence, wants logits) rows on `threads` cores. Raises EngineError."""
        native.llama_set_n_threads(self._ctx, threads, threads)
        _demand(native.llama_decode(self._ctx, self._batch.fill(rows)))

    def decode_image(
        self, rows: Sequence[tuple[int, int, int, bool]], threads: int, embeddings: npt.NDArray[np.float32]
    ) -> None:
        """The same with embeddings, float32 [rows, width] of an image, in the place of tokens."""
        native.llama_set_n_threads(self._ctx, threads, threads)
        values = np.ascontiguousarray(embeddings, np.float32)
        batch: Any = native.llama_batch.from_buffer_copy(self._batch.fill([(0, *row[1:]) for row in rows]))
        batch.token, batch.embd = None, values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        whole = self.eyes is not None and self.eyes.whole > 0
        try:
            if whole:
                native.llama_set_causal_attn(self._ctx, False)
            _demand(native.llama_decode(self._ctx, batch))
        finally:
            if whole:
                native.llama_set_causal_attn(self._ctx, True)

    def logits(self, row: int) -> npt.NDArray[np.float32]:
        """Logits [vocabulary] of a row of the last batch, copied."""
        pointer = native.llama_get_logits_ith(self._ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,)).copy()

    def trim(self, sequence: int, length: int) -> int:
        """Keep the first `length` tokens of a sequence; returns how many are really left.

        Recurrent models and windowed caches cannot forget a part: then nothing is left.
        """
        kept = length > 0 and native.llama_memory_seq_rm(self._memory, sequence, length, -1)
        if kept and native.llama_memory_seq_pos_max(self._memory, sequence) == length - 1:
            return length
        native.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return 0

    def copy(self, source: int, target: int, length: int) -> int:
        """Give an empty sequence the first `length` tokens of another; returns how many it then has.

        All cells of the source are copied, whatever the length: a few milliseconds.
        """
        native.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        return self.trim(target, length)

    def free(self) -> None:
        """Give back all native memory; safe to call twice."""
        with self._lock:
            if self._model:
                if self.eyes is not None:
                    self.eyes.free()
                native.llama_free(self._ctx)
                native.llama_model_free(self._model)
            self._model = self._ctx = self._vocab = None

    def _read_piece(self, token: int, *, special: bool) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = native.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = native.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        return buffer.raw[: max(length, 0)]

    def _meta(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        length = native.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length > 0 else ""


class _Batch:
    """A llama_batch over numpy memory, each row in one sequence."""

    def __init__(self, size: int) -> None:
        self._token, self._pos = np.zeros(size, np.int32), np.zeros(size, np.int32)
        self._sequence, self._wanted = np.zeros(size, np.int32), np.zeros(size, np.int8)
        self._counts = np.ones(size, np.int32)
        step, start = self._sequence.itemsize, self._sequence.ctypes.data
        self._pointers = np.array([start + step * row for row in range(size)], np.uintp)
        self._native = native.llama_batch(
            n_tokens=0,
            token=self._token.ctypes.data_as(ctypes.POINTER(native.llama_token)),
            embd=None,
            pos=self._pos.ctypes.data_as(ctypes.POINTER(native.llama_pos)),
            n_seq_id=self._counts.ctypes.data_as(ctypes.POINTER(ctypes.c_int32)),
            seq_id=self._pointers.ctypes.data_as(ctypes.POINTER(ctypes.POINTER(native.llama_seq_id))),
            logits=self._wanted.ctypes.data_as(ctypes.POINTER(ctypes.c_int8)),
        )

    def fill(self, rows: Sequence[tuple[int, int, int, bool]]) -> native.llama_batch:
        """The batch with these rows in it."""
        count = len(rows)
        table = np.array(rows, np.int32)
        self._token[:count], self._pos[:count] = table[:, 0], table[:, 1]
        self._sequence[:count], self._wanted[:count] = table[:, 2], table[:, 3]
        self._native.n_tokens = count
        return self._native


def _demand(result: int) -> None:
    """Return where llama_decode has worked; else raise EngineError."""
    if result != 0:
        reason = "no room in the cache" if result == 1 else last_error()
        raise EngineError(
            f"llama_decode failed with {result} ({reason})",
            expected="0",
            fix="ask again; if it comes back, set a smaller LOCAL_AGENT_CONTEXT or LOCAL_AGENT_MAX_CALLS",
        )


def _check_file(path: Path) -> None:
    fix = "python -m local_agent download"
    if not path.is_file():
        raise WeightsMissing(f"there is no language model at {path}", expected="a .gguf file", fix=fix)
    with path.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        raise WeightsCorrupt(f"{path} does not start like a GGUF file (found {magic!r})", expected="b'GGUF'", fix=fix)


def multiplies(kind: int) -> bool:
    """Whether the llama.cpp of this machine has products of ours for weights of a format.

    kind: a number of ggml_type. False for a llama.cpp that was compiled elsewhere, or for another processor.
    """
    asked = getattr(native.llama_cpp._lib, "local_agent_multiplies", None)
    if asked is None:
        return False
    asked.restype, asked.argtypes = ctypes.c_bool, [ctypes.c_int]
    return bool(asked(kind))


def _all_ours(path: Path) -> bool:
    """Whether our products are for nearly all of a file's weights: llama.cpp need not copy them into its own order."""
    formats = gguf_header.read(path).formats
    return sum(size for kind, size in formats.items() if multiplies(kind)) >= OURS * sum(formats.values())


def _load(path: Path, gpu_layers: int) -> object:
    params = native.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.use_extra_bufts = gpu_layers != 0 or not _all_ours(path)
    native_log.errors.clear()
    model = native.llama_model_load_from_file(str(path).encode(), params)
    if model:
        return model
    if gpu_layers:
        raise HardwareError(
            f"{path.name} does not load with {gpu_layers} layers on the GPU ({last_error()})",
            expected="a working GPU with enough free memory",
            fix="use fewer layers, a smaller model, or --device cpu",
        )
    raise WeightsCorrupt(
        f"llama.cpp cannot load {path} ({last_error()})",
        expected="a whole GGUF file of a known architecture",
        fix="python -m local_agent download",
    )


def tokens_of(path: Path, messages: Sequence[str]) -> int:
    """Tokens of messages with what a template puts around them. path: a GGUF file, of which the vocabulary is read and
    no weights. Takes a tenth of a second or less.

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

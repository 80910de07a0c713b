"""Images for a language model that sees: llama.cpp's mtmd makes embeddings of them, which stand where tokens would.

An image is one or more chunks of embeddings, and a few tokens around them. In a prompt each embedding is a negative
number made of the image's digest, its chunk and its row in it: equal images are equal prompts, and the KV cache, the
context window and the queue need know nothing of images.
"""

from __future__ import annotations

import ctypes
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from local_agent.engines.llama import native_log
from local_agent.engines.llama.types import Image
from local_agent.errors import BadInput, EngineClosed, EngineError, WeightsError
from local_agent.hardware import llama_build

Views = Mapping[int, npt.NDArray[np.float32]]
"""Embeddings float32 [rows, width] of chunks of images, by `chunk`."""

KEPT_BYTES = 200_000_000
"""Of embeddings that are kept for the next turns: 20 images for a model of 7B (576 rows of 4096), more for less."""
_ROW_BITS, _CHUNK_BITS, _DIGITS = 16, 8, 12  # of an embedding's number; hexadecimal digits of the digest
_MARKER = b"<image>"  # which mtmd replaces; in no text of ours


def chunk(token: int) -> int:
    """Which chunk of which image an embedding is of; one number for all tokens that are none."""
    return -1 if token >= 0 else (-token - 1) >> _ROW_BITS


def row(token: int) -> int:
    """Which row of its chunk an embedding is."""
    return (-token - 1) & ((1 << _ROW_BITS) - 1)


class Eyes:
    """A projector beside its language model; thread-safe.

    projector: a GGUF file. model: llama.cpp's own, which outlives this. threads: of the language model. whole: rows of
    the context's batches that an image needs, where each of its embeddings sees all others; 0 for models that read
    images as they read text.

    Raises EngineError where llama.cpp was built without mtmd, WeightsError for a projector that is not this model's,
    or of a kind that is not supported.
    """

    def __init__(self, projector: Path, model: object, *, threads: int, gpu: bool) -> None:
        self._mtmd, self._model = _library(), model
        self._mtmd.mtmd_helper_log_set(native_log.quiet, None)
        options = self._mtmd.mtmd_context_params_default()
        options.use_gpu, options.print_timings, options.warmup = gpu, False, False
        options.n_threads = max(1, threads - 1)  # one is left to the replies of others
        options.media_marker = _MARKER
        native_log.errors.clear()
        self._context = self._mtmd.mtmd_init_from_file(str(projector).encode(), model, options)
        self._encoding, self._brief = threading.Lock(), threading.Lock()  # the first is held for seconds
        self._views: OrderedDict[str, tuple[Views, set[str]]] = OrderedDict()  # by digest, with its conversations
        if not self._context:
            raise WeightsError(
                f"the projector {projector.name} can't be used with this model ({native_log.last_error()})",
                expected="the mmproj file that was published with the model",
                fix=f"put that one in the place of {projector}, or remove it",
            )
        fault = self._unsupported()
        if fault:
            self.free()
            raise WeightsError(
                f"the projector {projector.name} {fault}",
                expected="a model that sees with usual positions, such as SmolVLM, Gemma 3 or LLaVA",
                fix="use another model for images",
            )
        self.whole = 0
        if self._mtmd.mtmd_decode_use_non_causal(self._context, None):
            self.whole = sum(token < 0 for token in self._numbered(Image(b"", 4096, 4096)))

    def known(self, images: Sequence[Image]) -> dict[str, list[int]]:
        """Tokens of images, by their marks. Quick: no pixel is looked at. Raises BadInput, EngineClosed."""
        return {image.mark: self._numbered(image) for image in images}

    def look(self, images: Sequence[Image], conversation: str) -> Views:
        """What these images look like; what was not seen before is encoded, seconds each on a CPU.

        Raises BadInput, EngineError, EngineClosed.
        """
        views: dict[int, npt.NDArray[np.float32]] = {}
        for image in images:
            found = self._kept(image, conversation)
            if found is None:
                with self._encoding:
                    found = self._kept(image, conversation) or self._keep(image, self._encode(image), conversation)
            views |= found
        return views

    def looked(self, images: Sequence[Image]) -> bool:
        """Whether all of them are kept."""
        with self._brief:
            return all(image.digest in self._views for image in images)

    def forget(self, conversation: str) -> None:
        """Keep nothing that only this conversation has shown."""
        with self._brief:
            for digest, (_, conversations) in list(self._views.items()):
                conversations.discard(conversation)
                if not conversations:
                    del self._views[digest]

    def free(self) -> None:
        """Give back native memory, after what is being encoded; safe to call twice."""
        with self._encoding, self._brief:
            if self._context:
                self._mtmd.mtmd_free(self._context)
            self._context = None
            self._views.clear()

    def _unsupported(self) -> str:
        if not self._mtmd.mtmd_support_vision(self._context):
            return "has ears and no eyes"
        if self._mtmd.mtmd_decode_use_mrope(self._context):
            return "is of a model whose images have positions in two dimensions (M-RoPE), which does not see here yet"
        return ""

    def _kept(self, image: Image, conversation: str) -> Views | None:
        with self._brief:
            if image.digest not in self._views:
                return None
            views, conversations = self._views[image.digest]
            self._views.move_to_end(image.digest)
            conversations.add(conversation)
            return views

    def _keep(self, image: Image, views: Views, conversation: str) -> Views:
        with self._brief:
            self._views[image.digest] = views, {conversation}
            while len(self._views) > 1 and sum(map(_size, self._views.values())) > KEPT_BYTES:
                self._views.popitem(last=False)
        return views

    def _numbered(self, image: Image) -> list[int]:
        tokens: list[int] = []
        with self._brief, self._chunks(image, seen=False) as chunks:
            for at, native in enumerate(chunks):
                count = int(self._mtmd.mtmd_input_chunk_get_n_tokens(native))
                if int(self._mtmd.mtmd_input_chunk_get_n_pos(native)) != count:
                    raise BadInput("this model's images have other positions than texts have", fix="use another model")
                if self._is_image(native):
                    tokens += [-(_number(image, at) << _ROW_BITS | row) - 1 for row in range(count)]
                else:
                    size = ctypes.byref(ctypes.c_size_t())
                    tokens += self._mtmd.mtmd_input_chunk_get_tokens_text(native, size)[:count]
        return tokens

    def _encode(self, image: Image) -> Views:
        views: dict[int, npt.NDArray[np.float32]] = {}
        with self._chunks(image, seen=True) as chunks:
            for at, native in enumerate(chunks):
                if not self._is_image(native):
                    continue
                if self._mtmd.mtmd_encode_chunk(self._context, native) != 0:
                    raise EngineError(f"llama.cpp could not look at an image ({native_log.last_error()})")
                shape = int(self._mtmd.mtmd_input_chunk_get_n_tokens(native)), self._width
                found = np.ctypeslib.as_array(self._mtmd.mtmd_get_output_embd(self._context), shape)
                views[_number(image, at)] = found.astype(np.float32)  # a copy
        return views

    @property
    def _width(self) -> int:
        import llama_cpp

        return int(llama_cpp.llama_model_n_embd_inp(self._model))

    def _is_image(self, native: object) -> bool:
        return bool(self._mtmd.mtmd_input_chunk_get_type(native) == self._mtmd.MTMD_INPUT_CHUNK_TYPE_IMAGE)

    @contextmanager
    def _chunks(self, image: Image, *, seen: bool) -> Iterator[list[object]]:
        """llama.cpp's chunks of an image, as long as the context lasts. seen: with its pixels."""
        mtmd = self._mtmd
        if not self._context:
            raise EngineClosed("the language model is closed")
        if seen and len(image.rgb) != image.width * image.height * 3:
            raise BadInput(
                f"an image of {image.width} x {image.height} has {len(image.rgb)} bytes",
                expected="three bytes a pixel",
            )
        pixels = ctypes.cast(ctypes.c_char_p(image.rgb), ctypes.POINTER(ctypes.c_uint8)) if seen else None
        bitmap = mtmd.mtmd_bitmap_init(image.width, image.height, pixels)
        chunks = mtmd.mtmd_input_chunks_init()
        text = mtmd.mtmd_input_text(_MARKER, len(_MARKER), False, True)
        try:
            found = mtmd.mtmd_tokenize(self._context, chunks, ctypes.byref(text), (ctypes.c_void_p * 1)(bitmap), 1)
            if found != 0:
                raise BadInput(f"llama.cpp can't read an image of {image.width} x {image.height} pixels")
            yield [mtmd.mtmd_input_chunks_get(chunks, at) for at in range(mtmd.mtmd_input_chunks_size(chunks))]
        finally:
            mtmd.mtmd_input_chunks_free(chunks)
            mtmd.mtmd_bitmap_free(bitmap)


def _number(image: Image, at: int) -> int:
    return int(image.digest[:_DIGITS], 16) << _CHUNK_BITS | at


def _size(kept: tuple[Views, set[str]]) -> int:
    return sum(embeddings.nbytes for embeddings in kept[0].values())


def _library() -> Any:
    try:
        from llama_cpp import mtmd_cpp
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise EngineError(
            f"llama.cpp was built without mtmd, which looks at images ({error})",
            expected="libmtmd beside libllama",
            fix=llama_build.vision_command(),
        ) from error
    return mtmd_cpp

"""The products that are linked into llama.cpp (scripts/kernels): right for every shape, there where they should be."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from pathlib import Path

import llama_cpp as native
import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.engines.llama.requantize import multiplies

BLOCK = 32
Q4_1, Q8_0 = native.GGML_TYPE_Q4_1, native.GGML_TYPE_Q8_0
Q4_K, Q6_K = native.GGML_TYPE_Q4_K, native.GGML_TYPE_Q6_K
LAYOUT = {
    Q4_1: np.dtype([("scale", "<f2"), ("least", "<f2"), ("integers", "u1", BLOCK // 2)]),
    Q8_0: np.dtype([("scale", "<f2"), ("integers", "i1", BLOCK)]),
    Q4_K: np.dtype([("scale", "<f2"), ("least", "<f2"), ("sixes", "u1", 12), ("integers", "u1", (4, BLOCK))]),
    Q6_K: np.dtype([("low", "u1", (2, 2, BLOCK)), ("high", "u1", (2, BLOCK)), ("sixths", "i1", 16), ("scale", "<f2")]),
}
WIDTH = {Q4_1: BLOCK, Q8_0: BLOCK, Q4_K: 8 * BLOCK, Q6_K: 8 * BLOCK}  # weights of a block
SHAPES = {
    BLOCK: [(1, 32), (16, 32), (33, 96), (192, 576), (575, 64), (40, 1536)],
    8 * BLOCK: [(1, 256), (16, 256), (33, 512), (192, 768), (575, 256), (40, 1536)],
}
SPACE = 64 << 20  # bytes for the tensors of one product
Floats = NDArray[np.float32]


class _Space(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("buffer", ctypes.c_void_p), ("empty", ctypes.c_bool))


class Ggml:
    """The few functions of ggml that a product takes."""

    def __init__(self) -> None:
        self.library = native.llama_cpp._lib
        for name in ("init", "new_tensor_2d", "mul_mat", "new_graph", "get_data"):
            getattr(self.library, f"ggml_{name}").restype = ctypes.c_void_p
        self.library.ggml_init.argtypes = [_Space]
        self.library.ggml_new_tensor_2d.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
        self.library.ggml_quantize_chunk.argtypes = [
            ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *3 * [ctypes.c_int64], ctypes.c_void_p,
        ]  # fmt: skip
        self.library.ggml_mul_mat.argtypes = 3 * [ctypes.c_void_p]
        self.library.ggml_build_forward_expand.argtypes = 2 * [ctypes.c_void_p]
        self.library.ggml_graph_compute_with_ctx.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
        for name in ("new_graph", "get_data", "free"):
            getattr(self.library, f"ggml_{name}").argtypes = [ctypes.c_void_p]

    def product(self, kind: int, weights: Floats, columns: Floats, threads: int) -> tuple[Floats, Floats]:
        """[columns, rows] of columns [columns, width] with weights [rows, width], and the weights as they became."""
        library, (rows, width) = self.library, weights.shape
        space = library.ggml_init(_Space(SPACE, None, False))
        try:
            held = library.ggml_new_tensor_2d(space, kind, width, rows)
            given = library.ggml_new_tensor_2d(space, native.GGML_TYPE_F32, width, len(columns))
            at = library.ggml_get_data(held)
            library.ggml_quantize_chunk(kind, weights.ctypes.data, at, 0, rows, width, None)
            ctypes.memmove(library.ggml_get_data(given), columns.ctypes.data, columns.nbytes)
            wanted, graph = library.ggml_mul_mat(space, held, given), library.ggml_new_graph(space)
            library.ggml_build_forward_expand(graph, wanted)
            assert library.ggml_graph_compute_with_ctx(space, graph, threads) == 0
            size = rows * width // WIDTH[kind] * LAYOUT[kind].itemsize
            became = restored(kind, ctypes.string_at(at, size), weights.shape)
            content = ctypes.string_at(library.ggml_get_data(wanted), 4 * rows * len(columns))
        finally:
            library.ggml_free(space)
        return np.frombuffer(content, np.float32).reshape(len(columns), rows), became


def restored(kind: int, content: bytes, shape: tuple[int, ...]) -> Floats:
    """Weights out of their blocks."""
    blocks = np.frombuffer(content, LAYOUT[kind])
    scale = blocks["scale"].astype(np.float32)[:, None]
    if kind == Q8_0:
        return (scale * blocks["integers"]).reshape(shape)
    if kind == Q6_K:
        return (scale[..., None] * blocks["sixths"][..., None] * sixes(blocks)).reshape(shape)
    least = blocks["least"].astype(np.float32)[:, None]
    if kind == Q4_1:
        halves = np.concatenate([blocks["integers"] & 15, blocks["integers"] >> 4], axis=-1)
        return (scale * halves + least).reshape(shape)
    first, second, third = blocks["sixes"].reshape(-1, 3, 4).swapaxes(0, 1)
    scales = np.concatenate([first & 63, third & 15 | first >> 6 << 4], axis=-1)
    lowest = np.concatenate([second & 63, third >> 4 | second >> 6 << 4], axis=-1)
    halves = np.stack([blocks["integers"] & 15, blocks["integers"] >> 4], axis=2).reshape(-1, 8, BLOCK)
    return ((scale * scales)[..., None] * halves - (least * lowest)[..., None]).reshape(shape)


def sixes(blocks: NDArray[np.void]) -> NDArray[np.int64]:
    """The integers of Q6_K, [blocks, 16, 16]: four bits of each beside two, halves of 128 weights apart."""
    low = np.stack([blocks["low"] & 15, blocks["low"] >> 4], axis=2).reshape(-1, 2, 4, BLOCK)
    high = np.stack([blocks["high"] >> bits & 3 for bits in (0, 2, 4, 6)], axis=2)
    return np.asarray((low | high << 4).reshape(-1, 16, 16).astype(np.int64) - 32)


@pytest.fixture(scope="module")
def ggml() -> Iterator[Ggml]:
    native.llama_backend_init()
    yield Ggml()


def made(rows: int, width: int, columns: int) -> tuple[Floats, Floats]:
    """Weights and columns, some rows far larger than others, one block of activations all zeros."""
    dice = np.random.default_rng(rows * width + columns)
    weights = dice.standard_normal((rows, width)) * dice.lognormal(size=(rows, 1)) + 0.1
    given = dice.standard_normal((columns, width)) * dice.lognormal(size=(columns, 1))
    given[0, :BLOCK] = 0
    return weights.astype(np.float32), given.astype(np.float32)


@pytest.mark.parametrize("kind", WIDTH)
@pytest.mark.parametrize("shape", range(6))
@pytest.mark.parametrize("columns", [1, 2, 5, 12, 13, 30])
def test_products_are_right(ggml: Ggml, kind: int, shape: int, columns: int) -> None:
    """No further from the exact ones than activations in 8 bits, a scale for each 32 of them, must be."""
    rows, width = SHAPES[WIDTH[kind]][shape]
    weights, given = made(rows, width, columns)
    for threads in (1, 2, 3):
        told, became = ggml.product(kind, weights, given, threads)
        most = np.abs(given).reshape(columns, -1, BLOCK).max(axis=2, keepdims=True)
        step = np.broadcast_to(most / 127, (columns, width // BLOCK, BLOCK)).reshape(columns, width)
        # half a step of rounding, and scales that llama.cpp itself keeps in 16 bits
        bound = (0.52 * step + np.abs(given) * 2**-10) @ np.abs(became).T
        exact = given.astype(np.float64) @ became.astype(np.float64).T
        assert np.all(np.abs(told - exact) <= bound + 1e-5 * np.abs(became).sum(axis=1))


@pytest.mark.parametrize("kind", WIDTH)
def test_a_column_has_the_same_products_in_any_company(ggml: Ggml, kind: int) -> None:
    """A reply must not depend on who else is answered in the same batch."""
    weights, given = made(64, 576 if WIDTH[kind] == BLOCK else 768, 14)
    together, _ = ggml.product(kind, weights, given, 1)
    for at in range(len(given)):
        alone, _ = ggml.product(kind, weights, given[at : at + 1], 2)
        np.testing.assert_allclose(alone[0], together[at], rtol=1e-4, atol=1e-4 * float(np.abs(together[at]).max()))


@pytest.mark.skipif(platform.system() != "Linux", reason="they are linked in on Linux")
def test_they_are_there_where_the_processor_can() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    able = {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"} <= set(flags)
    library = native.llama_cpp._lib
    assert hasattr(library, "local_agent_multiplies"), "make setup links them in"
    for name in ("ggml_compute_forward_mul_mat_tiled", "ggml_tiled_wdata_size"):
        assert hasattr(library, name), f"llama.cpp calls {name} no more: ours would be left out without a word"
    assert [multiplies(kind) for kind in WIDTH] == [able] * len(WIDTH)
    assert not multiplies(native.GGML_TYPE_Q5_K)

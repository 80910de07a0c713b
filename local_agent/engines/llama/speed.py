"""How fast a language model is on this machine: some seconds of work, with nobody waiting.

Only the quickest steps count: what else runs here now makes others many times slower, as threads wait for each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from local_agent.engines.llama.native import NativeModel
from local_agent.hardware.fit import LAST_WORDS
from local_agent.hardware.speed import Speed

SECONDS = 1.5  # for reading, and for writing
LEAST, MOST = 3, 64  # steps of each
QUICKEST = 4  # steps of writing that count
CELLS = 256  # tokens of context: a first turn
TEXT = "Thank you for calling. Could you tell me when you are open next week, and whether I need an appointment? "


def measure(path: Path, *, threads: int, gpu_layers: int) -> Speed:
    """Load a GGUF file, read and write with it, and free it. Raises as NativeModel does, and EngineError."""
    model = NativeModel(path, context=CELLS, sequences=1, threads=threads, gpu_layers=gpu_layers)
    try:
        tokens = model.tokenize(TEXT)
        words, others = tokens[:LAST_WORDS], cycle(tokens)
        read = _steps(lambda _: _read(model, words, threads))
        written = _steps(lambda at: _write(model, next(others), LAST_WORDS + at, threads))
        best = sorted(written)[:QUICKEST]
        return Speed(LAST_WORDS / min(read), len(best) / sum(best))
    finally:
        model.free()


def _steps(step: Callable[[int], float]) -> list[float]:
    """Seconds that each of many steps took."""
    end, taken = time.monotonic() + SECONDS, list[float]()
    while len(taken) < LEAST or (len(taken) < MOST and time.monotonic() < end):
        taken.append(step(len(taken)))
    return taken


def _read(model: NativeModel, tokens: list[int], threads: int) -> float:
    """Seconds for these tokens at once, at the beginning of a conversation."""
    model.trim(0, 0)
    last = len(tokens) - 1
    began = time.perf_counter()
    model.decode([(token, at, 0, at == last) for at, token in enumerate(tokens)], threads)
    model.logits(last)
    return time.perf_counter() - began


def _write(model: NativeModel, token: int, at: int, threads: int) -> float:
    """Seconds for one token at that place."""
    began = time.perf_counter()
    model.decode([(token, at, 0, True)], threads)
    model.logits(0)
    return time.perf_counter() - began

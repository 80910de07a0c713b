"""A Whisper without weights: hears nothing and says what it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import ctranslate2
import numpy as np


@dataclass(frozen=True)
class Said:
    """One answer of the fake decoder."""

    text: str
    logprob: float = -0.3
    no_speech: float = 0.05
    finished: bool = True


class OnGpu:
    """A `ctranslate2.StorageView` on a graphics card: numpy can't look at it, it can only be fetched."""

    device, device_index = "cuda", 0

    def __init__(self, view: ctranslate2.StorageView) -> None:
        self._view = view
        self.shape, self.dtype = view.shape, view.dtype

    @property
    def __array_interface__(self) -> object:
        raise AttributeError("Cannot get __array_interface__ when the StorageView is viewing a CUDA array")

    def to_device(self, device: ctranslate2.Device) -> ctranslate2.StorageView:
        assert device == ctranslate2.Device.cpu
        return self._view

    def to(self, dtype: ctranslate2.DataType) -> OnGpu:
        return OnGpu(self._view.to(dtype))


@dataclass
class FakeModel:
    """Stands in for `ctranslate2.models.Whisper`; `encoded` collects the seconds of every window it was given."""

    answers: Iterator[Said]
    is_multilingual: bool = False
    device: str = "cpu"
    dtype: ctranslate2.DataType = ctranslate2.DataType.float32
    n_mels: int = 80
    encoded: list[float] = field(default_factory=list)
    prompts: list[list[int]] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)  # of tokens
    beams: list[int] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=lambda: {"<|de|>": 0.9, "<|en|>": 0.1})  # of languages
    detected: list[float] = field(default_factory=list)  # seconds of encoder output whose language was asked for
    go: threading.Event | None = None  # held back until set
    entered: threading.Event = field(default_factory=threading.Event)
    words: FakeWords = field(default_factory=lambda: FakeWords())

    def encode(self, features: Any, to_cpu: bool = False) -> Any:
        frames = np.asarray(features).shape[2]
        self.encoded.append(frames / 100)
        self.entered.set()
        if self.go is not None:
            assert self.go.wait(10)
        return self._view(np.zeros((1, frames // 2, 4), np.float32), "cpu" if to_cpu else self.device)

    def _view(self, array: np.ndarray[Any, Any], device: str) -> Any:
        view = ctranslate2.StorageView.from_array(array).to(self.dtype)
        return view if device == "cpu" else OnGpu(view)

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> list[Any]:
        if prompts[0][-1] in range(100, self.words.eot):  # only what may follow a text is wanted
            step = [self._view(np.zeros(200, np.float32), self.device)] * 2
            return [SimpleNamespace(sequences_ids=[[100]], scores=[-1.0], no_speech_prob=0.0, logits=[step])]
        said = next(self.answers)
        self.prompts += prompts
        limit = min(options["max_length"] // 2, options["max_length"] + 1 - len(prompts[0]))
        self.limits.append(limit)
        self.beams.append(options["beam_size"])
        tokens = self.words.encode(said.text)
        if not said.finished:
            tokens = (tokens * limit)[:limit]
        if self.words.no_timestamps not in prompts[0]:
            tokens = [self.words.eot + 8, *tokens, self.words.eot + 99]  # the times when it began and ended
        score = said.logprob * (len(tokens) + 1) / max(1, len(tokens))
        logits = [self._view(np.zeros(200, np.float32), self.device) for _ in [*tokens, None]]
        if not options["return_logits_vocab"]:
            logits = []
        return [SimpleNamespace(sequences_ids=[tokens], scores=[score], no_speech_prob=said.no_speech, logits=[logits])]

    def detect_language(self, features: Any) -> list[list[tuple[str, float]]]:
        self.detected.append(features.shape[1] / 50)
        return [list(self.chances.items())]


class FakeWords:
    """Stands in for the tokenizer: a token a word."""

    sot, sot_prev, sot_lm, no_speech, no_timestamps, transcribe = 1, 2, 3, 4, 5, 6
    eot = 1_000

    def __init__(self) -> None:
        self.vocabulary: list[str] = []
        self.tokenizer = SimpleNamespace(
            token_to_id=lambda name: {"<|de|>": 7, "<|en|>": 8}.get(name, 9),
            encode=lambda text, add_special_tokens: SimpleNamespace(
                ids=[10 + ord(word[0]) % 90 for word in text.split()]
            ),
        )

    def encode(self, text: str) -> list[int]:
        self.vocabulary += text.split()
        return [100 + self.vocabulary.index(word) for word in text.split()]

    def decode(self, tokens: list[int]) -> str:
        return " ".join(self.vocabulary[token - 100] for token in tokens)

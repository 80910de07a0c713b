"""Encoder output for a short recording that Whisper's decoder takes for a whole 30 s window.

Whisper was trained on windows of 30 s; encoding one costs 7-10 times more than the few seconds somebody spoke. A window
that is simply cut makes the decoder start again at the end, because it has never seen sound without the padding behind
it. So the speech is encoded with a short padding of its own, and behind it goes the encoder's output for padding alone,
computed once when the model is loaded. Measured in docs/decisions/whisper-window.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

FRAMES = 3000  # log-mel frames of 10 ms in Whisper's window of 30 s
FRAMES_PER_SECOND = 100
STATES_PER_SECOND = 50  # the encoder halves the frames


class Model(Protocol):
    """The part of `ctranslate2.models.Whisper` that is used."""

    is_multilingual: bool
    n_mels: int

    def encode(self, features: Any, to_cpu: bool = False) -> Any: ...

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> list[Any]: ...

    def detect_language(self, features: Any) -> list[list[tuple[str, float]]]: ...


@dataclass(frozen=True)
class Window:
    """What the decoder gets to hear.

    padding: seconds encoded behind the speech. tail: seconds of ready-made padding after that. whole: encode all 30 s
    instead.
    """

    padding: float = 1.0
    tail: float = 8.0
    whole: bool = False


QUICK = Window()
WHOLE = Window(whole=True)


class Ear:
    """Turns audio into encoder output for `model`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._extract = FeatureExtractor(feature_size=model.n_mels)
        self._padding: NDArray[np.float32] | None = None

    def prepare(self) -> None:
        """Encode the padding once (about 0.25 s for the smallest model on two cores)."""
        silence = np.zeros((1, self._model.n_mels, FRAMES), np.float32)
        self._padding = np.array(
            self._model.encode(ctranslate2.StorageView.from_array(silence), to_cpu=True), np.float32
        )

    def hear(self, audio: NDArray[np.float32], window: Window) -> tuple[Any, float]:
        """Encoder output for float32 [samples] at 16 kHz, and the seconds that were encoded for it."""
        features = self._extract(audio)[:, :FRAMES]
        spoken = features.shape[1]
        frames = FRAMES if window.whole else min(FRAMES, spoken + round(window.padding * FRAMES_PER_SECOND))
        frames += frames % 2
        # zeros in the log-mel features, not in the samples: what Whisper's window looks like in faster-whisper
        padded = np.zeros((1, features.shape[0], frames), np.float32)
        padded[0, :, :spoken] = features
        encoded = self._model.encode(ctranslate2.StorageView.from_array(padded), to_cpu=frames < FRAMES)
        seconds = frames / FRAMES_PER_SECOND
        if frames == FRAMES:
            return encoded, seconds
        return self._extend(encoded, window.tail), seconds

    def _extend(self, encoded: Any, tail: float) -> Any:
        if self._padding is None:
            self.prepare()
        assert self._padding is not None
        states = np.asarray(encoded)
        first = states.shape[1]
        extra = self._padding[:, first : first + round(tail * STATES_PER_SECOND)]
        return ctranslate2.StorageView.from_array(np.concatenate([states, extra.astype(states.dtype)], axis=1))

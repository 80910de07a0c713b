"""Encoder output for a short recording that Whisper's decoder takes for a whole 30 s window.

Whisper was trained on windows of 30 s; encoding one costs 7-10 times more than the few seconds somebody spoke. A window
that is simply cut makes the decoder start again at the end, because it has never seen sound without the padding behind
it. So the speech is encoded with a short padding of its own, and behind it goes the encoder's output for padding alone,
computed once when the model is loaded. Measured in docs/decisions/whisper-window.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

FRAMES = 3000  # log-mel frames of 10 ms in Whisper's window of 30 s
FRAMES_PER_SECOND = 100
STATES_PER_SECOND = 50  # the encoder halves the frames
STATES = FRAMES // 2  # of a whole window


class Model(Protocol):
    """The part of `ctranslate2.models.Whisper` that is used."""

    is_multilingual: bool
    n_mels: int

    def encode(self, features: Any, to_cpu: bool = False) -> Any: ...

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> list[Any]: ...

    def detect_language(self, features: Any) -> list[list[tuple[str, float]]]: ...

    def align(
        self, features: Any, start_sequence: list[int], text_tokens: list[list[int]], num_frames: list[int]
    ) -> list[Any]: ...


@dataclass(frozen=True)
class Window:
    """What the decoder gets to hear, and how it looks for words.

    padding: seconds encoded behind the speech, None to encode all 30 s. tail: seconds of ready-made padding after that.
    beam: texts that are followed at once; 1 takes the likeliest token each time. timed: with the times of what was
    said.
    """

    padding: float | None
    tail: float = 0.0
    beam: int = 1
    timed: bool = False


QUICK = Window(padding=1.0, tail=11.0)
WHOLE = Window(padding=None)
BEAM = 5  # as in Whisper


def ladder(device: str, *, multilingual: bool) -> tuple[Window, ...]:
    """Windows in which a doubtful text is heard one after the other.

    On a CPU each costs more: the second only decodes again, the third encodes again, too. A GPU encodes 30 s in a few
    milliseconds, so there the whole window comes first. A search finds more with times in a multilingual model, and
    with all padding but no times in an English one (docs/decisions/whisper-window.md).
    """
    whole = replace(WHOLE, beam=BEAM, timed=multilingual)
    if device != "cpu":
        return WHOLE, whole
    return QUICK, replace(QUICK, tail=11.0 if multilingual else 30.0, beam=BEAM, timed=multilingual), whole


def array(view: Any) -> NDArray[np.float32]:
    """float32 of what the model gave, wherever it lies: numpy can look neither into a GPU nor at bfloat16."""
    if getattr(view, "device", "cpu") != "cpu":
        view = view.to_device(ctranslate2.Device.cpu)
    if getattr(view, "dtype", None) == ctranslate2.DataType.bfloat16:
        view = view.to(ctranslate2.DataType.float32)
    return np.asarray(view, np.float32)


@dataclass(frozen=True)
class Heard:
    """Encoder output. padding: as in Window. seconds: encoded for it."""

    encoded: Any
    padding: float | None
    seconds: float


class Encoder:
    """Turns audio into encoder output for `model`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._extract = FeatureExtractor(feature_size=model.n_mels)
        self.silence: NDArray[np.float32] | None = None

    def prepare(self) -> NDArray[np.float32]:
        """The encoder's output for 30 s of padding; computed on the first call, unless `silence` is there."""
        if self.silence is None:
            nothing = np.zeros((1, self._model.n_mels, FRAMES), np.float32)
            encoded = self._model.encode(ctranslate2.StorageView.from_array(nothing), to_cpu=True)
            self.silence = array(encoded)
        return self.silence

    def encode(self, audio: NDArray[np.float32], padding: float | None) -> Heard:
        """Encoder output for float32 [samples] at 16 kHz; what is beyond 30 s is not heard."""
        features = self._extract(audio)[:, :FRAMES]
        spoken = features.shape[1]
        frames = FRAMES if padding is None else min(FRAMES, spoken + round(padding * FRAMES_PER_SECOND))
        frames += frames % 2
        # zeros in the log-mel features, not in the samples: what Whisper's window looks like in faster-whisper
        padded = np.zeros((1, features.shape[0], frames), np.float32)
        padded[0, :, :spoken] = features
        encoded = self._model.encode(ctranslate2.StorageView.from_array(padded), to_cpu=frames < FRAMES)
        return Heard(encoded, padding, frames / FRAMES_PER_SECOND)

    def behind(self, heard: Heard, tail: float) -> slice:
        """Which states of 30 s of padding go behind what was heard, for `tail` seconds; 30 s in all at most."""
        first = round(heard.seconds * STATES_PER_SECOND)
        return slice(first, min(STATES, first + round(tail * STATES_PER_SECOND)))

    def extend(self, heard: Heard, tail: float) -> Any:
        """Encoder output with `tail` seconds of padding behind it, but 30 s in all at most."""
        behind = self.behind(heard, tail)
        if behind.start == behind.stop:
            return heard.encoded
        states = array(heard.encoded)
        extra = self.prepare()[:, behind]
        return ctranslate2.StorageView.from_array(np.concatenate([states, extra], axis=1))

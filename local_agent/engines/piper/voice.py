"""One Piper voice in ONNX Runtime's hands: phonemes in, samples out, whole or from the beginning on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig, SynthesisConfig

from local_agent.engines.onnx_session import set_up
from local_agent.engines.piper.pauses import Audio
from local_agent.errors import HardwareError, WeightsCorrupt, WeightsMissing
from local_agent.hardware.model_facts import described

CONTEXT = 10
"""Latent frames that the vocoder sees on either side of those it is asked for. With ten, the pieces of a voice of
medium quality are the same samples as the whole (8: 70 dB apart, 4: 40 dB).
"""
FIRST = 28
"""Latent frames of the first piece: a third of a second at 22,050 Hz, longer than the rest of a clause takes."""
NEXT = 80
"""Frames of the second piece, which plays while a long rest is computed."""
WORTH = 20
"""A rest of fewer frames is not worth a piece of its own."""


class Voice:
    """Belongs to one thread. halves: of the same voice (`engines.piper.split_model`), to hear its beginning sooner.

    Raises WeightsMissing, WeightsCorrupt, WeightsError (a phonemiser that would have to download something) or
    HardwareError (no CUDA).
    """

    def __init__(
        self, path: Path, config: Path, *, device: str, threads: int, halves: tuple[Path, Path] | None = None
    ) -> None:
        self.config, self.language = _read_config(config)
        text, vocoder = halves or (path, None)
        self._session = _open_session(text, device, threads, {"input", "input_lengths", "scales"})
        self._vocoder = _open_session(vocoder, device, threads, set()) if vocoder else None
        self._piper = PiperVoice(session=self._session, config=self.config, download_dir=path.parent)

    def phonemize(self, text: str) -> list[list[str]]:
        """Phonemes of each sentence."""
        return self._piper.phonemize(text)

    def speak(self, phonemes: Sequence[str], options: SynthesisConfig, *, early: bool) -> Iterator[tuple[Audio, bool]]:
        """Pieces of float32 [samples] as the model made them, and whether each is the last.

        early: a short piece first, if the voice is in halves; else all of it is one piece.
        """
        made = self._session.run(None, self._feed(phonemes, options))[0]
        if self._vocoder is None:
            yield _line(made), True
            return
        frames = int(made.shape[2])
        for first, last in spans(frames) if early else [(0, frames)]:
            yield self._decode(made, first, last), last == frames

    def _decode(self, latent: Audio, first: int, last: int) -> Audio:
        assert self._vocoder is not None
        low, high = max(0, first - CONTEXT), min(latent.shape[2], last + CONTEXT)
        name = self._vocoder.get_inputs()[0].name
        samples = _line(self._vocoder.run(None, {name: latent[:, :, low:high]})[0])
        hop = len(samples) // (high - low)
        return samples[(first - low) * hop : (last - low) * hop]

    def _feed(self, phonemes: Sequence[str], options: SynthesisConfig) -> dict[str, object]:
        ids = np.array([self._piper.phonemes_to_ids(list(phonemes))], np.int64)
        known = self.config
        scales = [
            known.noise_scale if options.noise_scale is None else options.noise_scale,
            known.length_scale if options.length_scale is None else options.length_scale,
            known.noise_w_scale if options.noise_w_scale is None else options.noise_w_scale,
        ]
        feed: dict[str, object] = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if known.num_speakers > 1:
            speaker = options.speaker_id if options.speaker_id is not None else known.default_speaker_id
            feed["sid"] = np.array([speaker or 0], np.int64)
        return feed


def spans(frames: int) -> list[tuple[int, int]]:
    """Where to cut so many latent frames, for the first piece to be ready soon and each next one in time."""
    borders = [0]
    for size in (FIRST, NEXT):
        if frames - borders[-1] >= size + WORTH:
            borders.append(borders[-1] + size)
    return list(zip(borders, [*borders[1:], frames], strict=True))


def _line(samples: object) -> Audio:
    return np.atleast_1d(np.asarray(samples, dtype=np.float32).squeeze())


def _read_config(path: Path) -> tuple[PiperConfig, str]:
    """The voice's settings and its language as "en-US"."""
    if not path.is_file():
        raise _missing(path)
    try:
        data = described(path)
        settings = PiperConfig.from_dict(data)
        code = str(data["language"].get("code") or settings.espeak_voice)
        if not settings.phoneme_id_map:
            raise ValueError("no phonemes")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _corrupt(path, error) from error
    return settings, code.replace("_", "-")


def _open_session(path: Path, device: str, threads: int, inputs: set[str]) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise _missing(path)
    provider = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
    if provider not in onnxruntime.get_available_providers():
        raise _no_cuda("ONNX Runtime was installed without CUDA")
    try:
        session = onnxruntime.InferenceSession(str(path), sess_options=set_up(threads), providers=[provider])
    except Exception as error:
        raise _corrupt(path, error) from error
    if session.get_providers()[0] != provider:
        raise _no_cuda("ONNX Runtime could not load its CUDA libraries")
    if inputs - {node.name for node in session.get_inputs()}:
        raise _corrupt(path, "it has not the inputs of a Piper voice")
    return session


def _missing(path: Path) -> WeightsMissing:
    return WeightsMissing(
        f"there is no file {path}",
        expected="a Piper voice (.onnx) with its .onnx.json beside it",
        fix="python -m local_agent download",
    )


def _corrupt(path: Path, why: object) -> WeightsCorrupt:
    reason = str(why).splitlines()[0] if str(why) else type(why).__name__
    return WeightsCorrupt(
        f"{path} can't be read: {reason}", expected="a whole Piper voice", fix="python -m local_agent download"
    )


def _no_cuda(what: str) -> HardwareError:
    return HardwareError(what, expected="a CUDA device for the voice", fix="use --device cpu, or make setup GPU=cuda")

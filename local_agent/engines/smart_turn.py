"""Has the speaker finished? Smart Turn, a small network that hears it from the sound of a sentence, in ONNX Runtime.

It knows nothing of words: melody, rhythm and loudness at the end of what was said. Whisper and the language model know
the words; `turns.endpointing` puts the three together.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE, check
from local_agent.engines.inference_thread import CrossEnginePriority, InferenceThread, Job, Right
from local_agent.engines.onnx_session import set_up
from local_agent.errors import WeightsCorrupt, WeightsMissing

HEARD = 8.0  # s that the network looks at, the end of what it is given; less is preceded by zeros
HOP = 160  # samples of a log-mel frame
FRAMES = 800  # of HEARD
INPUT = "input_features"
PATIENCE = 0.1  # s that it steps aside, at most
_LED_IN = 6  # frames of silence before a shorter recording that are computed
_LEAST_VARIANCE = 1e-7  # as in the extractor that the network was trained with


class TurnDetector:
    """One copy of the network, one thread, any number of callers.

    path: smart-turn's ONNX file. way: lets a first clause that is being spoken go first. Raises WeightsMissing or
    WeightsCorrupt.
    """

    def __init__(self, path: Path, *, way: CrossEnginePriority | None = None, lane_capacity: int = 64) -> None:
        self._session = _open_session(path)
        self._extract = FeatureExtractor(feature_size=80)
        self._lane, self._way = InferenceThread("turn", lane_capacity), way or CrossEnginePriority()

    def judge(self, audio: NDArray[np.float32], *, timeout: float | None = 5.0) -> Job[float]:
        """The probability, 0..1, that the speaker has finished with the end of `audio`: float32 [samples] at 16 kHz.

        How much silence is behind the speech matters little: against pauses inside sentences the area under the curve
        is .74 without any, .73 with 0.16 s, .70 with 0.5 s. timeout: seconds from now. Raises BadInput for audio of
        another kind, none at all or values that are not finite, EngineBusy when too many wait, EngineClosed.
        """
        check(audio)
        return self._lane.submit(lambda job: self._judge(audio), timeout=timeout)

    def warm(self) -> None:
        """Judge once, so that the first caller does not pay for first uses. Blocks."""
        self.judge(np.zeros(SPEECH_RATE, np.float32), timeout=None).result()

    def close(self) -> None:
        """Refuse new work, cancel what waits."""
        self._lane.close()

    def _judge(self, audio: NDArray[np.float32]) -> float:
        self._way.yield_to_urgent(PATIENCE, Right.THOUGHT)  # what a caller hears first comes first
        (found,) = self._session.run(None, {INPUT: self._features(audio)[np.newaxis]})
        return float(np.asarray(found).reshape(-1)[0])

    def _features(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [80, 800]: log-mel features of the last HEARD seconds, brought to a mean of 0 and a variance of 1."""
        size = int(HEARD * SPEECH_RATE)
        heard = np.zeros(size, np.float32)
        last = audio[-size:]
        heard[size - len(last) :] = last
        level = (heard - heard.mean()) / np.sqrt(heard.var() + _LEAST_VARIANCE)
        count = min(FRAMES, -(-len(last) // HOP) + _LED_IN)
        found = np.asarray(self._extract(level[size - count * HOP :], padding=0), np.float32)[:, :count]
        if count == FRAMES:
            return found
        # The frames before are all alike: those of silence. The first two of these see the edge of the samples.
        return np.concatenate([np.repeat(found[:, 2:3], FRAMES - count + 2, axis=1), found[:, 2:]], axis=1)


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise WeightsMissing(
            f"there is no file {path}", expected="Smart Turn's ONNX file", fix="python -m local_agent download"
        )
    options = set_up(threads=1)  # beside Whisper, which has the other core
    try:
        session = onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
        (given,) = session.get_inputs()
        if given.name != INPUT or given.shape[1:] != [80, FRAMES]:
            raise ValueError(f"its input is {given.name} {given.shape}")
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsCorrupt(
            f"{path} can't be read: {reason}", expected="Smart Turn's ONNX file", fix="python -m local_agent download"
        ) from error
    return session

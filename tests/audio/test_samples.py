"""Which audio the engines take, and that asking costs no inference library."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from local_agent.audio.samples import check
from local_agent.errors import BadInput

FINITE = np.array([0.1, -1.0], np.float32)


@pytest.mark.parametrize(
    ("audio", "found"),
    [
        (FINITE[:0], "no samples"),
        (np.zeros((2, 160), np.float32), r"float32 \(2, 160\)"),
        (np.zeros(160, np.int16), r"int16 \(160,\)"),
        (np.array([0.1, np.nan], np.float32), "not finite"),
        (np.array([0.1, -np.inf], np.float32), "not finite"),
        ([0.1, 0.2], "list"),
        (None, "NoneType"),
    ],
    ids=["empty", "stereo", "int16", "nan", "infinite", "list", "none"],
)
def test_other_audio_is_refused_and_told(audio: Any, found: str) -> None:
    with pytest.raises(BadInput, match=f"{found}.*expected"):
        check(audio)


def test_audio_of_our_kind_is_taken() -> None:
    check(FINITE)


def test_asking_loads_no_inference_library() -> None:
    asked = "import sys; import local_agent.audio.samples; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert not {"ctranslate2", "onnxruntime", "faster_whisper", "llama_cpp"} & set(loaded)

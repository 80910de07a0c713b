"""A caller's voice in any language: espeak-ng, which Piper brings along for its phonemes, can speak by itself, too.

It speaks in a process of its own (`python -m tests.calls.espeak LANGUAGE TEXT`): where voices of ours are about to ask
it for phonemes, it must not be started for anything else.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import piper
from numpy.typing import NDArray
from piper import espeakbridge

# of espeak-ng's speak_lib.h
RETRIEVAL, UTF_8, SPEED = 1, 1, 1  # AUDIO_OUTPUT_RETRIEVAL, espeakCHARS_UTF8, espeakRATE
OnSamples = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
HZ = 22_050
ROOT = Path(__file__).resolve().parents[2]


def spoken(text: str, language: str, *, words_a_minute: int = 140) -> NDArray[np.int16]:
    """int16 [samples] at HZ."""
    command = [sys.executable, "-m", "tests.calls.espeak", language, text, str(words_a_minute)]
    return np.frombuffer(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout, np.int16)


def speak(language: str, text: str, words_a_minute: int) -> bytes:
    library, pieces = ctypes.CDLL(espeakbridge.__file__), list[bytes]()

    @OnSamples
    def hear(samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    data = str(Path(piper.__file__).parent / "espeak-ng-data").encode()
    assert library.espeak_Initialize(RETRIEVAL, 0, data, 0) == HZ
    library.espeak_SetSynthCallback(hear)
    assert library.espeak_SetVoiceByName(language.encode()) == 0, f"espeak-ng does not speak {language}"
    library.espeak_SetParameter(SPEED, words_a_minute, 0)
    said = text.encode() + b"\0"
    library.espeak_Synth(said, ctypes.c_size_t(len(said)), 0, 1, 0, UTF_8, None, None)
    library.espeak_Synchronize()
    return b"".join(pieces)


if __name__ == "__main__":
    sys.stdout.buffer.write(speak(sys.argv[1], sys.argv[2], int(sys.argv[3])))

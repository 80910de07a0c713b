"""WAV files a person may hand us, and the ones we write."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local_agent.errors import BadInput

LONGEST = 600.0  # s


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """(int16 [samples], Hz): any PCM WAV of 8, 16, 24 or 32 bits, its channels mixed to one.

    Raises BadInput for what is not there, not a PCM WAV, empty, or longer than LONGEST seconds.
    """
    try:
        with wave.open(str(path)) as file:
            width, channels, rate, count = (
                file.getsampwidth(),
                file.getnchannels(),
                file.getframerate(),
                file.getnframes(),
            )
            if count / max(rate, 1) > LONGEST:
                raise BadInput(f"{path} is {count / rate:.0f} s long", expected=f"at most {LONGEST:g} s")
            data = file.readframes(count)
    except FileNotFoundError as error:
        raise BadInput(f"there is no file {path}", expected="a WAV file") from error
    except (OSError, EOFError, wave.Error) as error:
        raise BadInput(
            f"{path} can't be read as WAV: {error or 'it ends too early'}",
            expected="a PCM WAV file",
            fix=f"convert it, for example: ffmpeg -i {path.name} -ac 1 -ar 16000 question.wav",
        ) from error
    samples = _int16(data, width, path)
    samples = samples[: len(samples) // channels * channels].reshape(-1, channels)
    if not len(samples) or rate < 4000:
        raise BadInput(f"{path} holds no sound ({len(samples)} samples at {rate} Hz)", expected="a spoken question")
    return np.round(samples.mean(axis=1)).astype(np.int16), rate


def write(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    """A mono PCM WAV of 16 bits. Raises BadInput where it can't be written."""
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}", fix="name another --output") from error


def _int16(data: bytes, width: int, path: Path) -> NDArray[np.int16]:
    if width == 1:
        return ((np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    if width == 2:
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
    if width == 3:
        whole = np.frombuffer(data[: len(data) // 3 * 3], np.uint8).reshape(-1, 3)
        return np.ascontiguousarray(whole[:, 1:]).view("<i2").reshape(-1).astype(np.int16)
    if width == 4:
        return (np.frombuffer(data[: len(data) // 4 * 4], "<i4") >> 16).astype(np.int16)
    raise BadInput(f"{path} has samples of {width} bytes", expected="1 to 4")

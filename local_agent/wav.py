"""WAV files a person may hand us, and the ones we write."""

from __future__ import annotations

import struct
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from local_agent.errors import BadInput

LONGEST = 600.0  # s
SLOWEST = 4_000  # Hz, below that nothing is left of speech
# Format tags of Microsoft's mmreg.h. EXTENSIBLE, which ffmpeg writes above 16 bits or 48 kHz and Python's own reader
# refuses before 3.12, has the real one at the start of its subformat.
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
SUBFORMAT = 24  # bytes into the format chunk


@dataclass(frozen=True)
class _Format:
    tag: int
    channels: int
    rate: int  # Hz
    width: int  # bytes of a sample


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """(int16 [samples], Hz): any WAV of 8 to 32 bits or floating point, its channels mixed to one.

    Raises BadInput for what is not there, coded otherwise, empty, or longer than LONGEST seconds.
    """
    try:
        with path.open("rb") as file:
            form, data = _parts(file, path)
    except FileNotFoundError as error:
        raise BadInput(f"there is no file {path}", expected="a WAV file") from error
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}", expected="a WAV file") from error
    samples = _int16(data, form)
    samples = samples[: len(samples) // form.channels * form.channels].reshape(-1, form.channels)
    if not len(samples):
        raise BadInput(f"{path} holds no sound", expected="a spoken question")
    if len(samples) > LONGEST * form.rate:
        raise BadInput(f"{path} is longer than {LONGEST:g} s", expected=f"a question of at most {LONGEST:g} s")
    return np.round(samples.mean(axis=1)).astype(np.int16), form.rate


def write(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    """A mono PCM WAV of 16 bits. Raises BadInput where it can't be written."""
    try:
        with path.open("wb") as file, wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            sound.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}", fix="name another --output") from error


def _parts(file: BinaryIO, path: Path) -> tuple[_Format, bytes]:
    """Format and samples, no more than just past LONGEST. A data chunk may promise more than there is: recorders that
    write into a pipe don't know the length.
    """
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise _refusal(path, "it does not begin as a WAV file does" if head else "it is empty")
    form: _Format | None = None
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == b"fmt ":
            form = _format(file.read(size), path)
            file.seek(size % 2, 1)
        elif name == b"data" and form is not None:
            return form, file.read(min(size, int(LONGEST * form.rate + 1) * form.channels * form.width))
        else:
            file.seek(size + size % 2, 1)
    raise _refusal(path, "it ends before its sound begins")


def _format(chunk: bytes, path: Path) -> _Format:
    if len(chunk) < 16:
        raise _refusal(path, "it ends before its sound begins")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == EXTENSIBLE and len(chunk) >= SUBFORMAT + 2:
        (tag,) = struct.unpack("<H", chunk[SUBFORMAT : SUBFORMAT + 2])
    width = (bits + 7) // 8
    if (tag, width) not in [(PCM, 1), (PCM, 2), (PCM, 3), (PCM, 4), (FLOAT, 4), (FLOAT, 8)]:
        raise _refusal(path, f"its samples are coded in a way that is not known here (format {tag}, {bits} bits)")
    if not channels or rate < SLOWEST:
        raise _refusal(path, f"it has {channels} channels at {rate} Hz")
    return _Format(tag, channels, rate, width)


def _refusal(path: Path, why: str) -> BadInput:
    return BadInput(
        f"{path} can't be read as WAV: {why}",
        expected="a PCM WAV file",
        fix=f"convert it, for example: ffmpeg -i {path.name} -ac 1 -ar 16000 question.wav",
    )


def _int16(data: bytes, form: _Format) -> NDArray[np.int16]:
    """All samples as int16, channels still interleaved; a sample that was cut off is left out."""
    width = form.width
    data = data[: len(data) // width * width]
    if form.tag == FLOAT:
        loud: NDArray[np.float64] = np.nan_to_num(np.frombuffer(data, f"<f{width}").astype(np.float64)) * 32768
        return np.round(np.clip(loud, -32768, 32767)).astype(np.int16)
    if width == 1:
        return ((np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    # Little-endian: the two highest bytes of a sample are its last.
    highest = np.frombuffer(data, np.uint8).reshape(-1, width)[:, width - 2 :]
    return np.ascontiguousarray(highest).view("<i2").reshape(-1).astype(np.int16)

"""Recordings a person may hand us, and the WAV files we write."""

from __future__ import annotations

import shlex
import struct
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.decode import decode
from local_agent.errors import BadInput

LONGEST = 600.0  # s, of a question
SLOWEST = 4_000  # Hz, below that nothing is left of speech
# Format tags of Microsoft's mmreg.h. EXTENSIBLE, which ffmpeg writes above 16 bits or 48 kHz and Python's own reader
# refuses before 3.12, has the real one at the start of its subformat.
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
SUBFORMAT = 24  # bytes into the format chunk
UNKNOWN = 0xFFFF_0000  # bytes; such a length, and none, stand for one that a recorder could not write down in time


@dataclass(frozen=True)
class _Format:
    tag: int
    channels: int
    rate: int  # Hz
    width: int  # bytes of a sample


def read(path: Path, *, longest: float = LONGEST) -> tuple[NDArray[np.int16], int]:
    """(int16 [samples], Hz) of a recording, its channels mixed to one.

    PCM WAV of 8 to 32 bits or floating point is read here, also where a recorder was cut off; anything else by FFmpeg's
    libraries. Raises BadInput for what is not there, is no recording, is empty, or longer than `longest` seconds.
    """
    try:
        with path.open("rb") as file:
            return read_from(file, str(path), longest=longest)
    except FileNotFoundError as error:
        what = f"{path} is an address, and nothing is fetched here" if ":/" in str(path) else f"there is no file {path}"
        raise BadInput(what, expected="a recording on this machine") from error
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}", expected="a recording") from error


def read_from(file: BinaryIO, name: str, *, longest: float = LONGEST) -> tuple[NDArray[np.int16], int]:
    """As `read`, from a file that is open at its start and can seek."""
    found = _parts(file, name, longest)
    if found is None:
        file.seek(0)
        samples, rate = decode(file, name, longest)
    else:
        form, data = found
        loud = _int16(data, form)
        channels = loud[: len(loud) // form.channels * form.channels].reshape(-1, form.channels)
        samples, rate = np.round(channels.mean(axis=1)).astype(np.int16) if len(channels) else loud[:0], form.rate
    if not len(samples):
        raise BadInput(f"{name} holds no sound", expected="recorded speech")
    if len(samples) > longest * rate:
        raise BadInput(f"{name} is longer than {longest:g} s", expected=f"at most {longest:g} s of sound")
    return samples, rate


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


def _parts(file: BinaryIO, name: str, longest: float) -> tuple[_Format, bytes] | None:
    """Format and samples, no more than just past `longest`; None for what only FFmpeg may be able to read.

    A data chunk may promise more than there is, or nothing at all: recorders that write into a pipe don't know the
    length, and one that was killed never wrote it down.
    """
    head = file.read(12)
    if not head:
        raise _refusal(name, "it is empty")
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    form: _Format | None = None
    while len(header := file.read(8)) == 8:
        kind, size = struct.unpack("<4sI", header)
        if kind == b"fmt ":
            form = _format(file.read(size), name)
            if form is None:
                return None
        elif kind == b"data" and form is not None:
            return form, _sound(file, size, int(longest * form.rate + 1) * form.channels * form.width)
        else:
            file.seek(size, 1)
        _pass_padding(file, size)
    raise _refusal(name, "it ends before its sound begins")


def _sound(file: BinaryIO, size: int, most: int) -> bytes:
    """The samples of a data chunk of `size` bytes, or of all that follows where the size is none."""
    if 0 < size < UNKNOWN:
        return file.read(min(size, most))
    data = file.read(most)
    if size == 0 and len(data) >= 8:
        kind, length = struct.unpack("<4sI", data[:8])
        if kind.isalnum() and length + 8 + length % 2 == len(data):  # another chunk: there is no sound indeed
            return b""
    return data


def _pass_padding(file: BinaryIO, size: int) -> None:
    """Chunks begin at even places, but not every writer knows that."""
    if size % 2 and (ahead := file.read(1)) not in (b"", b"\0"):
        after = file.read(3)
        padded = not (ahead + after).replace(b" ", b"a").isalnum()
        file.seek(-len(after) - (0 if padded else 1), 1)


def _format(chunk: bytes, name: str) -> _Format | None:
    """None for samples that are coded."""
    if len(chunk) < 16:
        raise _refusal(name, "it ends before its sound begins")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == EXTENSIBLE and len(chunk) >= SUBFORMAT + 2:
        (tag,) = struct.unpack("<H", chunk[SUBFORMAT : SUBFORMAT + 2])
    width = (bits + 7) // 8
    if not channels or rate < SLOWEST:
        raise _refusal(name, f"it has {channels} channels at {rate} Hz")
    if (tag, width) not in [(PCM, 1), (PCM, 2), (PCM, 3), (PCM, 4), (FLOAT, 4), (FLOAT, 8)]:
        return None
    return _Format(tag, channels, rate, width)


def _refusal(name: str, why: str) -> BadInput:
    return BadInput(
        f"{name} can't be read as WAV: {why}",
        expected="a whole WAV file",
        fix=f"convert it, for example: ffmpeg -i {shlex.quote(name)} -ac 1 -ar 16000 recording.wav",
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

"""CTranslate2's model.bin as arrays: what its converters write and only its own engine reads otherwise.

The file says its version, the model's kind and revision, then name, shape, type and bytes of every variable, then
which names stand for another's variable.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VERSION = 6  # of the file's form; the one that CTranslate2 has written since 2021
KIND, REVISION = "WhisperSpec", 3
_TYPES = ("<f4", "|i1", "<i2", "<i4", "<f2", "<u2")  # in the order of CTranslate2's DataType; the last is bfloat16
_BFLOAT16 = 5


@dataclass(frozen=True)
class Checkpoint:
    """Variables by name, as CTranslate2 names them: "decoder/layer_0/ffn/linear_0/weight"."""

    stored: dict[str, NDArray[np.generic]]

    def array(self, name: str, rows: Sequence[int] | None = None) -> NDArray[np.float32]:
        """A variable, or some of its rows, as float32; 8-bit weights are brought back to their size.

        Raises OSError for an unknown name.
        """
        stored = self._variable(name)
        value = stored if rows is None else stored[list(rows)]
        if value.dtype == np.int8 and value.ndim > 1:
            scale = np.asarray(self._variable(f"{name}_scale"), np.float32)
            scale = scale if rows is None else scale[list(rows)]
            return np.asarray(value, np.float32) / scale.reshape(-1, *[1] * (value.ndim - 1))
        if value.dtype.kind == "i" and value.ndim:
            raise OSError(f"{name} is stored as {value.dtype}, which is read nowhere here")
        return np.asarray(value, np.float32)

    def bias(self, name: str, size: int) -> NDArray[np.float32]:
        """A variable that may be missing, float32 [size]: then zeros."""
        return self.array(name) if name in self.stored else np.zeros(size, np.float32)

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a variable. Raises OSError for an unknown name."""
        return self._variable(name).shape

    def count(self, name: str) -> int:
        """A variable that is one number. Raises OSError for an unknown name."""
        return int(np.asarray(self._variable(name), np.int64).reshape(()))

    def _variable(self, name: str) -> NDArray[np.generic]:
        if name not in self.stored:
            raise OSError(f"it has no variable {name}")
        return self.stored[name]


def read(path: Path) -> Checkpoint:
    """A Whisper model's variables. Raises OSError for a file of another kind or version, or one that is cut short."""
    try:
        with path.open("rb") as file:  # not read as a whole: some have gigabytes
            return _parse(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (struct.error, ValueError, IndexError) as error:
        raise OSError(f"{path.name} is no whole model of CTranslate2's: {error}") from error


def _parse(content: mmap.mmap) -> Checkpoint:
    source = _Source(content)
    found = source.number("<I"), source.text(), source.number("<I")
    if found != (VERSION, KIND, REVISION):
        raise OSError(
            f"it is {found[1]} {found[2]} in a file of version {found[0]}, not {KIND} {REVISION} in {VERSION}"
        )
    stored = dict(source.variable() for _ in range(source.number("<I")))
    for _ in range(source.number("<I")):
        alias, name = source.text(), source.text()
        if name not in stored:
            raise OSError(f"{alias} stands for {name}, which is missing")
        stored[alias] = stored[name]
        if f"{name}_scale" in stored:
            stored.setdefault(f"{alias}_scale", stored[f"{name}_scale"])
    return Checkpoint(stored)


class _Source:
    """Bytes that are read from the beginning on."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content, self._at = content, 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def text(self) -> str:
        size = self.number("<H")  # with a zero byte behind the letters
        self._at += size
        if not size or self._at > len(self._content):
            raise ValueError("a name ends too early")
        return self._content[self._at - size : self._at - 1].decode()

    def variable(self) -> tuple[str, NDArray[np.generic]]:
        """Name and array; views of the content, but for bfloat16."""
        name = self.text()
        shape = [self.number("<I") for _ in range(self.number("<B"))]
        kind, size = self.number("<B"), self.number("<I")
        values = np.frombuffer(self._content, _TYPES[kind], size // np.dtype(_TYPES[kind]).itemsize, self._at)
        self._at += size
        if kind == _BFLOAT16:  # the upper half of a float32
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return name, values.reshape(shape)

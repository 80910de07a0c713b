"""Whether a voice or a Whisper model is whole, by walking over its file: nothing of the weights is read.

A download that broke off leaves a file that begins like one; the libraries find out when they load it. Formats: ONNX is
a message of protocol buffers (protobuf.dev/programming-guides/encoding), CTranslate2's is read in its
src/models/model.cc.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

VARINT, FIXED64, SIZED, FIXED32 = 0, 1, 2, 5  # wire types
_OLDEST, _NEWEST = 4, 32  # binary versions of CTranslate2's format that have this layout; the newest known is 6


class Damaged(ValueError):
    """What is wrong, in words."""


def onnx(path: Path) -> None:
    """Return where the fields of the message end where the file does. Raises Damaged, OSError."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        while stream.tell() < size:
            field, kind = divmod(_varint(stream), 8)
            if field == 0 or kind not in (VARINT, FIXED64, SIZED, FIXED32):
                raise Damaged("it is no ONNX file")
            if kind == VARINT:
                _varint(stream)
            else:
                stream.seek(_varint(stream) if kind == SIZED else 8 if kind == FIXED64 else 4, os.SEEK_CUR)
        _ends(stream.tell(), size)


def ctranslate2(path: Path) -> None:
    """Return where the last variable, and the last of its other names, are in the file. Raises Damaged, OSError."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        version = _number(stream, "I")
        if not 1 <= version <= _NEWEST:
            raise Damaged("it is no CTranslate2 file")
        if version < _OLDEST:
            return
        _skip_text(stream)
        _number(stream, "I")  # revision of what the text names
        for _ in range(_number(stream, "I")):
            _skip_text(stream)
            stream.seek(4 * _number(stream, "B") + 1, os.SEEK_CUR)  # dimensions, and the type of a value
            stream.seek(_number(stream, "I"), os.SEEK_CUR)
            _ends(stream.tell(), size)
        for _ in range(2 * _number(stream, "I")):  # another name, and whose
            _skip_text(stream)
        _ends(stream.tell(), size)


def _ends(end: int, size: int) -> None:
    if end > size:
        raise Damaged(f"it has {size:,} bytes, and what it holds ends at {end:,} or later")


def _number(stream: BinaryIO, kind: str) -> int:
    found = stream.read(struct.calcsize(f"<{kind}"))
    if len(found) < struct.calcsize(f"<{kind}"):
        raise Damaged("it breaks off")
    return int(struct.unpack(f"<{kind}", found)[0])


def _skip_text(stream: BinaryIO) -> None:
    stream.seek(_number(stream, "H"), os.SEEK_CUR)


def _varint(stream: BinaryIO) -> int:
    value = 0
    for place in range(0, 70, 7):
        byte = _number(stream, "B")
        value |= (byte & 0x7F) << place
        if byte < 0x80:
            return value
    raise Damaged("it is no ONNX file")

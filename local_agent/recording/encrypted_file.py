"""The encrypted file of one recording, and the key that opens it.

A file is `MAGIC`, 32 random bytes, then chunks: 4 bytes of length (big-endian; the top bit marks the last one) and that
many bytes of ChaCha20-Poly1305 (RFC 8439). Every file has a key of its own, derived with HKDF-SHA256 (RFC 5869) from
the key file and its random bytes, so the chunk's number can be the nonce. Length and mark are authenticated: a chunk
that was altered, moved, left out or put in is noticed, and so is a file that was cut off.
"""

from __future__ import annotations

import os
import secrets
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from local_agent.errors import ConfigError, RecordingUnreadable
from local_agent.process import atomic_file

MAGIC = b"local_agent recording 1\n"
KEY_BYTES, SALT_BYTES, TAG_BYTES = 32, 32, 16
LAST = 1 << 31
LARGEST = 1 << 20  # bytes of a chunk, its tag aside: 16 s; files of earlier versions may have larger ones


def own_key(path: Path) -> bytes:
    """The key in a file, made there with mode 0600 when there is none. Raises ConfigError when others may read it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.create(path, secrets.token_hex(KEY_BYTES) + "\n")
    except OSError as error:
        raise ConfigError(
            f"the key of the recordings can't be written to {path}: {error.strerror}",
            expected="a folder that may be written, on a disk with room",
            fix="make room there or make it writable, or set LOCAL_AGENT_RECORD_KEY to another file",
        ) from error
    return read_key(path)


def read_key(path: Path) -> bytes:
    """32 bytes. Raises ConfigError for a file that is not there, that others may read, or that holds no key."""
    try:
        with path.open(encoding="ascii") as file:
            mode = stat.S_IMODE(
                os.fstat(file.fileno()).st_mode
            )  # of the file that is read, whatever the name means now
            text = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the key of the recordings in {path} can't be read: {error}") from error
    if mode & 0o077:
        raise ConfigError(
            f"{path} has mode {mode:04o}: others may have read the key of the recordings",
            expected="0600",
            fix=f"chmod 600 {path}, or move it away and a new one is made",
        )
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        name = shlex.quote(str(path))
        raise ConfigError(
            f"{path} holds no key",
            expected=f"{2 * KEY_BYTES} hexadecimal digits",
            fix=f"put the right key there, or mv {name} {name}.old: a new one is made at the next start, and what was "
            "recorded with the old one opens with that only",
        )
    return key


def _cipher(key: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), KEY_BYTES, salt, MAGIC).derive(key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


class Writer:
    """Writes one new file, mode 0600. What was written can be opened even when `close` never came."""

    def __init__(self, path: Path, key: bytes) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self.path, self._cipher, self._count = path, _cipher(key, salt), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)  # a full disk is known at the write that meets it
        try:
            self._put(MAGIC + salt)
        except OSError:
            self.discard()
            raise

    def write(self, data: bytes, *, last: bool = False) -> None:
        """Append data in chunks of at most LARGEST bytes. Raises OSError; what was written before is whole."""
        for start in range(0, max(1, len(data)), LARGEST):
            piece = data[start : start + LARGEST]
            ends = last and start + LARGEST >= len(data)
            head = (len(piece) + TAG_BYTES | (LAST if ends else 0)).to_bytes(4, "big")
            self._put(head + self._cipher.encrypt(_nonce(self._count), piece, head))
            self._count += 1

    def close(self, data: bytes = b"") -> None:
        """data: the last of it. Closed even where that raises OSError."""
        if not self._file.closed:
            try:
                self.write(data, last=True)
            finally:
                self._file.close()

    def abandon(self) -> None:
        """Close the file as it is: nothing more can be written."""
        self._file.close()

    def discard(self) -> None:
        """Remove the file. Raises OSError."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _put(self, content: bytes) -> None:
        while content:
            content = content[self._file.write(content) :]


def read(path: Path, key: bytes) -> Iterator[bytes]:
    """What was written, chunk by chunk. Raises RecordingUnreadable at the first one that is not as it was written, and
    at the end when the file was cut off; what came before is whole.
    """
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + SALT_BYTES)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT_BYTES:
            raise RecordingUnreadable(f"{path} is no recording of ours")
        cipher, number, ended = _cipher(key, head[len(MAGIC) :]), 0, False
        whole = os.fstat(file.fileno()).st_size
        while length := file.read(4):
            mark = int.from_bytes(length, "big")
            size = mark & ~LAST
            if ended or len(length) < 4 or size > whole - file.tell():
                break
            body = file.read(size)
            try:
                yield cipher.decrypt(_nonce(number), body, length)
            except InvalidTag as error:
                raise RecordingUnreadable(
                    f"{path} was altered at chunk {number}, or belongs to another key", fix="name its key with --key"
                ) from error
            number, ended = number + 1, bool(mark & LAST)
        else:
            if ended:
                return
    raise RecordingUnreadable(f"{path} was cut off or something was added to it", expected="its last chunk at its end")

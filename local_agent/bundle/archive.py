"""A bundle as a file: a plain POSIX tar that has exactly one possible form for a manifest.

Every header follows from the manifest, so reading needs no parser of tar: each block is compared with what must stand
there. A link, a device, another name, an extended header or a second file of a name has no place to be in.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local_agent.bundle import manifest as manifests
from local_agent.bundle.manifest import Manifest, Member
from local_agent.errors import BundleRefused, InstallFailed

BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20  # bytes
_AGAIN = "nothing was installed; copy the bundle again, or make it again"

Watch = Callable[[int], object]


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose layout is right; what its files hold is checked while it is read.

    offsets: where each file begins, in bytes. digest: of the manifest.
    """

    path: Path
    stream: BinaryIO
    manifest: Manifest
    digest: str
    offsets: dict[str, int]

    def content(self, member: Member, watch: Watch = lambda done: None) -> Iterator[bytes]:
        """The file in pieces. Raises BundleRefused after the last one when its hash is wrong, or when it ends early."""
        hasher, done = hashlib.sha256(), 0
        self.stream.seek(self.offsets[member.path])
        while done < member.size:
            piece = _read(self.stream, min(CHUNK, member.size - done), self.path)
            if not piece:
                raise BundleRefused(f"{member.path}: {self.path.name} was cut while it was read", fix=_AGAIN)
            hasher.update(piece)
            done += len(piece)
            watch(done)
            yield piece
        if hasher.hexdigest() != member.sha256:
            raise BundleRefused(
                f"{member.path} is altered in {self.path.name}: sha256 {hasher.hexdigest()}",
                expected=f"sha256 {member.sha256}",
                fix=_AGAIN,
            )


def header(path: str, size: int) -> bytes:
    """The blocks before a file: mode 0644, nobody's, of 1970, so that the same content makes the same bundle.

    One block of 512 bytes; a name that does not fit it (wheels have such) takes three, in GNU's way.
    """
    info = tarfile.TarInfo(path)
    info.size, info.mode = size, 0o644
    try:
        return info.tobuf(tarfile.USTAR_FORMAT)
    except ValueError:  # how tarfile says that a name is too long
        return info.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> int:
    """Bytes from the end of a file to the next block."""
    return -size % BLOCK


def end(size: int) -> int:
    """Zero bytes after the last file's block: two blocks, and on to a whole tape record."""
    return 2 * BLOCK + -(size + 2 * BLOCK) % tarfile.RECORDSIZE


def length(manifest: Manifest) -> int:
    """Bytes of the whole archive."""
    files = [(manifests.NAME, len(manifests.written(manifest))), *((file.path, file.size) for file in manifest.files)]
    size = sum(len(header(*file)) + file[1] + padding(file[1]) for file in files)
    return size + end(size)


@contextmanager
def opened(path: Path, expected_digest: str | None = None) -> Iterator[Bundle]:
    """A bundle to install from. Raises BundleRefused with one line that names the file that is wrong.

    expected_digest: what was printed when it was made; None trusts the manifest in the bundle.
    """
    with _regular(path) as stream:
        body = _manifest(stream, path)
        found = manifests.digest(body)
        if expected_digest is not None and expected_digest.strip().lower() != found:
            raise BundleRefused(
                f"{path.name} is another bundle: {manifests.NAME} has digest {found}",
                expected=f"{expected_digest}, as given",
                fix="nothing was installed; take the bundle from where that digest comes from",
            )
        manifest = manifests.read(body)
        manifests.check(manifest)
        yield Bundle(path, stream, manifest, found, _layout(stream, path, manifest, len(body)))


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """The open file. A pipe or a device would be waited for without end."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise BundleRefused(f"{path} is not a file", expected="a bundle")
        stream = path.open("rb")
    except OSError as error:
        raise InstallFailed(f"{path} cannot be read ({error.strerror})", fix="check the path of the bundle") from error
    with stream:
        yield stream


def _manifest(stream: BinaryIO, path: Path) -> bytes:
    """The bytes of the first member."""
    first = _read(stream, BLOCK, path)
    info = _parsed(first)
    if info is None or info.name != manifests.NAME:
        kind = "compressed: a bundle is a plain tar" if first[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7", b"(\xb5") else ""
        begins = f"it begins with {_described(first)}"
        raise BundleRefused(
            f"{path.name} is no bundle: {kind or begins}", expected=f"{manifests.NAME} as its first file", fix=_AGAIN
        )
    if not 0 < info.size <= manifests.LARGEST or header(manifests.NAME, info.size) != first:
        raise BundleRefused(f"{manifests.NAME}: its header in {path.name} is altered", fix=_AGAIN)
    body = _read(stream, info.size, path)
    if len(body) < info.size:
        raise BundleRefused(f"{path.name} ends within {manifests.NAME}", fix=_AGAIN)
    return body


def _layout(stream: BinaryIO, path: Path, manifest: Manifest, body: int) -> dict[str, int]:
    """Where each file begins, every header and every gap being right."""
    size, at, before = os.fstat(stream.fileno()).st_size, BLOCK + body, manifests.NAME
    offsets = {}
    stream.seek(at)
    for member in manifest.files:
        _check_zeros(stream, path, padding(at), before)
        at += padding(at)
        wanted = header(member.path, member.size)
        found = _read(stream, len(wanted), path)
        if found != wanted:
            raise BundleRefused(
                f"{member.path} is not where it should be in {path.name}: there is {_described(found)}", fix=_AGAIN
            )
        at += len(wanted)
        if at + member.size > size:
            raise BundleRefused(
                f"{path.name} ends within {member.path}, after {max(0, size - at):,} bytes",
                expected=f"{member.size:,}",
                fix=_AGAIN,
            )
        offsets[member.path], before = at, member.path
        at += member.size
        stream.seek(at)
    _check_zeros(stream, path, padding(at) + end(at + padding(at)), before)
    if _read(stream, 1, path):
        raise BundleRefused(f"something follows the last file in {path.name}, {before}", fix=_AGAIN)
    return offsets


def _check_zeros(stream: BinaryIO, path: Path, count: int, before: str) -> None:
    found = _read(stream, count, path)
    if found != bytes(count):
        rest = found.lstrip(b"\0")
        what = f"something follows it: {_described(rest[:BLOCK])}" if rest else "the file ends there"
        raise BundleRefused(f"{path.name} is altered after {before}: {what}", fix=_AGAIN)


def _read(stream: BinaryIO, count: int, path: Path) -> bytes:
    try:
        return stream.read(count)
    except OSError as error:
        raise InstallFailed(
            f"{path} cannot be read ({error.strerror})", fix="check the medium, then copy the bundle again"
        ) from error


def _parsed(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None


_KINDS = {
    tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link", tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe", tarfile.DIRTYPE: "a folder",
    tarfile.GNUTYPE_SPARSE: "a sparse file", tarfile.REGTYPE: "a file",
}  # fmt: skip


def _described(block: bytes) -> str:
    """What a block is, in words that fit a line whatever it holds."""
    if not block:
        return "the end of the file"
    if not block.strip(b"\0"):
        return "nothing"
    info = _parsed(block[-BLOCK:])
    if info is None:
        return f"no tar header but {block[:8]!r}"
    return f"{_KINDS.get(info.type, 'an extended header')} {info.name!r} of {info.size:,} bytes"

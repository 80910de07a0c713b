"""The waiting room beside the target: files of a bundle that were verified, and wait until all of them are."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local_agent.bundle.archive import Bundle, Watch
from local_agent.bundle.manifest import Member
from local_agent.errors import BundleRefused, InstallFailed
from local_agent.weights.progress import Silent, megabytes
from local_agent.weights.store import sha256_of

_WORTH_SHOWING = 10_000_000  # bytes; a bundle has hundreds of small files
MARGIN = 64_000_000  # bytes that stay free, so that the disk is not filled to the brim


def stage(bundle: Bundle, wanted: Iterable[Member], folder: Path, progress: Silent) -> None:
    """Bring `wanted` into `folder`, under their paths in the bundle, and read all the rest of it too: one wrong byte
    anywhere refuses the whole. What lies there already with the right hash is kept.

    Raises BundleRefused (the folder is gone then), or OSError.
    """
    chosen = frozenset(wanted)
    try:
        for member in bundle.manifest.files:
            if member in chosen and not _staged(member, folder):
                _copy(bundle, member, folder, progress)
            else:
                for _ in bundle.content(member):
                    continue
    except BundleRefused:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def check_space(wanted: Iterable[Member], folder: Path, beside: Path, *, more: int = 0) -> None:
    """Raise InstallFailed when the disk of `beside` cannot hold what is not in `folder` yet. more: bytes on top."""
    need = sum(member.size for member in wanted if not (folder / member.path).is_file()) + more + MARGIN
    free = shutil.disk_usage(beside).free
    if free < need:
        raise InstallFailed(
            f"{beside} has {megabytes(free)} free", expected=megabytes(need), fix="make room or use another folder"
        )


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What the system refuses while something is written below `folder` becomes InstallFailed."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what, fix = "the disk is full", "make room, then run the same command: it goes on where it stopped"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what, fix = "may not write", "choose a folder of yours, or mend its permissions"
        else:
            what, fix = "cannot write", "see to the folder, then run the same command"
        raise InstallFailed(f"{what} at {error.filename or folder} ({error.strerror or error})", fix=fix) from error


def settle(folder: Path) -> None:
    """Make renames in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def watched(member: Member, progress: Silent) -> Watch:
    """Who is told how far the file is."""
    if member.size < _WORTH_SHOWING:
        return Silent().advance
    progress.begin(member.path, 0, member.size)
    return progress.advance


def _staged(member: Member, folder: Path) -> bool:
    path = folder / member.path
    return path.is_file() and path.stat().st_size == member.size and sha256_of(path) == member.sha256


def _copy(bundle: Bundle, member: Member, folder: Path, progress: Silent) -> None:
    """The file gets its name only after its hash was right and it lies on the disk."""
    target = folder / member.path
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with part.open("wb") as stream:
        for piece in bundle.content(member, watched(member, progress)):
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(target)

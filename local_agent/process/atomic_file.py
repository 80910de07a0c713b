"""Small files of ours that are whole or not there: keys, the ledger, checksums. Standard library only.

A file is written beside its place, to the disk, and then moved: whoever reads sees the old or the new content, and a
full disk or a power failure leaves no empty file behind.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PRIVATE, SHARED = 0o600, 0o644


def replace(path: Path, text: str, *, mode: int = PRIVATE) -> None:
    """Put a text in a file, whatever was there. mode: of the file, less the umask. Raises OSError."""
    temporary = _written(path, text, mode)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def create(path: Path, text: str) -> bool:
    """Make a file of mode 0600; False where there is one already. An empty one is what an interrupted start of an
    earlier version left, and counts as none. Raises OSError.
    """
    if _holds(path):
        return False
    temporary = _written(path, text, PRIVATE)
    try:
        if path.exists() and not _holds(path):
            path.unlink()
        os.link(temporary, path)  # unlike a move, it fails where another process was quicker
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if _holds(path):
            return False
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _holds(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _written(path: Path, text: str, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary

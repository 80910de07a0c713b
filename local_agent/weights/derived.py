"""Files that are made on this machine from verified weights, because they compute faster in another form.

They lie beside their source, or in the data folder where that can't be written. The ledger, which lies away from both,
says from which source each was made and what its hash was then, so that one that was altered, or whose source was
replaced, is made again rather than trusted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from local_agent.weights import hash_cache
from local_agent.weights.store import sha256_of

log = logging.getLogger(__name__)

FOLDER = "derived"  # in the data folder, for models in a folder that can't be written

Write = Callable[[Sequence[Path]], None]


def derived(source: Path, digest: str, names: Sequence[str], write: Write, noted: Path) -> list[Path] | None:
    """The files of these names, made from `source`, now if need be; None where they can't be.

    digest: hexadecimal SHA-256 that `source` was verified to have. write: makes the files at the paths it is given, in
    the names' order, and raises OSError when it cannot. noted: the ledger. Any thread, any number of processes: each
    writes files of its own and moves them into place.
    """
    beside = os.access(source.parent, os.W_OK)
    folder = source.parent if beside else noted.parent / FOLDER / source.parent.name
    targets = [folder / name for name in names]
    try:
        known = hash_cache.read(noted)
        if not all(_is_ours(target, digest, known.get(str(target))) for target in targets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(targets, write)
            known = {}
        if fresh := {str(target): _entry(target, digest) for target in targets if not _is_seen(target, known)}:
            hash_cache.note(noted, fresh)
    except OSError as error:
        log.info("%s is used as it is, because no quicker form of it can be made: %s", source.name, error)
        return None
    return targets


def made(noted: Path) -> dict[Path, str]:
    """Files that a ledger says were made here, and the SHA-256 of what each was made from."""
    entries = hash_cache.read(noted).items()
    return {
        Path(path): str(entry["source"]) for path, entry in entries if isinstance(entry, dict) and "source" in entry
    }


def _is_ours(target: Path, digest: str, known: object) -> bool:
    if not isinstance(known, dict) or known.get("source") != digest or not target.is_file():
        return False
    return known.get("seen") == hash_cache.fingerprint(target) or known.get("sha256") == sha256_of(target)


def _is_seen(target: Path, known: dict[str, object]) -> bool:
    entry = known.get(str(target))
    return isinstance(entry, dict) and entry.get("seen") == hash_cache.fingerprint(target)


def _entry(target: Path, digest: str) -> dict[str, object]:
    seen = hash_cache.fingerprint(target)  # before hashing: a change during it must not be remembered
    return {"source": digest, "sha256": sha256_of(target), "seen": seen}


def _make(targets: Sequence[Path], write: Write) -> None:
    temporary = [target.with_name(f"{target.name}.{os.getpid()}.tmp") for target in targets]
    try:
        for path in temporary:
            path.touch()  # tells at once why nothing can be written here; native writers do not
        write(temporary)
        for path, target in zip(temporary, targets, strict=True):
            path.replace(target)
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)

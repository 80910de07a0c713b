"""Files that are made on this machine from verified weights, because they compute faster in another form.

They lie beside their source. A record says from which source each was made and what its hash was then, so that one that
was altered, or whose source was replaced, is made again rather than trusted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from local_agent.weights import fingerprint, read_json, sha256_of, write_json

log = logging.getLogger(__name__)

RECORD = ".derived.json"  # in the folder of all models


def derived(source: Path, digest: str, targets: Sequence[Path], write: Callable[[Sequence[Path]], None]) -> bool:
    """Whether `targets` are there, made from `source`; made now if need be.

    digest: hexadecimal SHA-256 that `source` was verified to have. write: makes the files at the paths it is given, in
    the targets' order, and raises OSError when it cannot. Any thread, any number of processes: each writes files of its
    own and moves them into place.
    """
    record = source.parent.parent / RECORD
    try:
        if all(_is_ours(target, digest, record) for target in targets):
            return True
        _make(targets, write)
        made = {
            str(target): {"source": digest, "sha256": sha256_of(target), "seen": fingerprint(target)}
            for target in targets
        }
        write_json(record, {**read_json(record), **made})
    except OSError as error:
        log.info("%s is used as it is, because no quicker form of it can be made: %s", source.name, error)
        return False
    return True


def _is_ours(target: Path, digest: str, record: Path) -> bool:
    known = read_json(record).get(str(target))
    if not isinstance(known, dict) or known.get("source") != digest or not target.is_file():
        return False
    return known.get("seen") == fingerprint(target) or known.get("sha256") == sha256_of(target)


def _make(targets: Sequence[Path], write: Callable[[Sequence[Path]], None]) -> None:
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

"""What this installation knows about files that it hashed or made: by path, in one file of the data folder.

It lies away from what it tells of, so that whoever may write the models can't also write that they are right. Only a
ledger that its owner alone may write is believed; without one everything is found out again.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from local_agent.process import atomic_file

logger = logging.getLogger(__name__)

FILE = "ledger.json"
_lock = threading.Lock()  # engines load side by side and write the same file


def of(data_dir: Path) -> Path:
    """Where the ledger of an installation is kept."""
    return data_dir / FILE


def read(path: Path) -> dict[str, object]:
    """What is noted, by path; empty where nothing is, or where somebody else may have written it."""
    try:
        held = path.stat()
        if held.st_uid != os.geteuid() or held.st_mode & 0o022:
            logger.warning("%s is not believed, because others may write it: models are checked anew", path)
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def note(path: Path, entries: Mapping[str, object]) -> None:
    """Add entries in one step, so that no reader ever sees half of it; mode 0600. Raises OSError."""
    with _lock:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.replace(path, json.dumps({**read(path), **entries}, indent=1, sort_keys=True) + "\n")


def fingerprint(path: Path) -> list[int]:
    """What changes whenever the content does: writing changes at least ctime, which no program can set back."""
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]

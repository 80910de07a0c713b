"""What the last `prove` on this machine found, kept in the data folder for the page to tell."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

logger = logging.getLogger("local_agent")

FILE = "last-proof.json"
LONGEST = 4096  # bytes of it


@dataclass(frozen=True)
class LastProof:
    """verdict: proven or leaked. began: date and time, ISO 8601. packets_out: that left. version: of local_agent."""

    verdict: str
    began: str
    packets_out: int
    version: str

    def keep(self, folder: Path) -> None:
        """Write it into the data folder; that a folder can't be written is told and changes no verdict."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FILE).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")
        except OSError as error:
            logger.warning("the proof is not kept for the page: %s", error)


def read(folder: Path) -> LastProof | None:
    """The one in a data folder; None where there is none that can be read."""
    try:
        with (folder / FILE).open("rb") as file:
            told = json.loads(file.read(LONGEST))
        found = LastProof(str(told["verdict"]), str(told["began"]), int(told["packets_out"]), str(told["version"]))
        datetime.fromisoformat(found.began)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.verdict in ("proven", "leaked") else None

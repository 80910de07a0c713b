"""What runs inside the namespace: sets it up, plays the sections, and tells what was found, a line of JSON each.

python -m local_agent.prove.namespace_main reads a `Job` as JSON from standard input. It has one thread until it
is inside: unshare(2) demands that.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local_agent.errors import ProofVoid
from local_agent.prove import namespace, tun_interface
from local_agent.prove.capture import Capture
from local_agent.prove.scenarios import SECTIONS, Stage

STATUS_VOID = 2
PCAP = "packets.pcap"


@dataclass(frozen=True)
class Job:
    """folder: for logs and packets. environment: of every program. sections: names of SECTIONS, in order."""

    folder: str
    environment: dict[str, str]
    models_dir: str
    sections: list[str]


def tell(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def work(job: Job) -> None:
    """Raises ProofVoid where no namespace can be had."""
    namespace.enter()
    try:
        tun = tun_interface.make()
        namespace.own_resolver()
    except OSError as error:
        raise namespace.forbidden(error) from error
    folder = Path(job.folder)
    with Capture(tun, os.getpid(), folder / PCAP) as capture:
        stage = Stage(folder, job.environment, Path(job.models_dir), capture)
        for name in job.sections:
            tell(section=asdict(SECTIONS[name](stage, lambda words: tell(progress=words))))


def main() -> int:
    try:
        work(Job(**json.loads(sys.stdin.readline())))
    except ProofVoid as error:
        tell(void={"what": error.what, "expected": error.expected, "fix": error.fix})
        return STATUS_VOID
    return 0


if __name__ == "__main__":
    sys.exit(main())

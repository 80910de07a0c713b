"""A program in a namespace whose way out is counted, ended as soon as something left.

python -m tests.prove.departures MODULE LOG prints the names that were asked for, and by which process, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from local_agent.prove import namespace, tun_interface
from local_agent.prove.capture import Capture
from local_agent.prove.process import end_all

WITHIN = 90.0  # s


def departures(module: str, log: Path) -> list[tuple[str, str]]:
    namespace.enter()
    tun = tun_interface.make()
    namespace.own_resolver()
    left: list[tuple[str, str]] = []
    with Capture(tun, os.getpid()) as capture, log.open("wb") as output:
        program = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=namespace.give_up_rights,
        )
        deadline = time.monotonic() + WITHIN
        while not left and program.poll() is None and time.monotonic() < deadline:
            left += [(one.packet.name, one.process) for one in capture.take() if not one.packet.kernels_own]
        end_all()
    return left


if __name__ == "__main__":
    print(json.dumps(departures(sys.argv[1], Path(sys.argv[2]))))

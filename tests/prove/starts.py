"""`make start` again and again in a namespace whose way out is counted.

python -m tests.prove.starts CHECKOUT FOLDER TIMES prints what was counted, as JSON; FOLDER gets keys and logs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict
from pathlib import Path

from local_agent.config import sources
from local_agent.prove import namespace, positive_control, tun_interface
from local_agent.prove.capture import Capture

READY_WITHIN = 90.0  # s; it takes 5 s on two idle cores
ADDRESS = re.compile(r"Open (http://\S+)")
READY = "Waiting for room connections"
PORTS = ("PORT", "LIVEKIT_PORT", "RTC_TCP_PORT", "RTC_UDP_PORT")


def surroundings(folder: Path) -> dict[str, str]:
    """As a person has it, with none of our settings but free ports, a folder for keys and what the tests fetch."""
    ours = (
        "LOCAL_AGENT_",
        "LIVEKIT_",
        "PYTHONPATH",
        "MAKE",
        "MFLAGS",
        "ARGS",
        "PROFILE",
    )  # also what `make test` was told
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours) and name not in sources.SILENT}
    free = {f"LOCAL_AGENT_{name}": "0" for name in PORTS}
    return (
        kept | free | {"LOCAL_AGENT_DATA_DIR": str(folder / "data"), "LOCAL_AGENT_PROFILE": "starter", "COLUMNS": "400"}
    )


def start(checkout: Path, environment: dict[str, str], log: Path) -> str:
    """Start, ask for the page, end as by Ctrl-C; all that was printed."""
    with log.open("wb") as output:
        made = subprocess.Popen(
            ["make", "start"],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=namespace.give_up_rights,
        )
    deadline = time.monotonic() + READY_WITHIN
    while READY not in log.read_text() and made.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    if found := ADDRESS.search(log.read_text()):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(f"{found[1]}/health", timeout=10).read()
    if made.poll() is None:
        os.killpg(made.pid, signal.SIGINT)
    made.wait(30)
    return log.read_text()


def main(checkout: Path, folder: Path, times: int) -> dict[str, object]:
    environment = surroundings(folder)
    namespace.enter()
    tun = tun_interface.make()
    namespace.own_resolver()
    with Capture(tun, os.getpid()) as capture:
        before, left = positive_control.run(capture, environment)
        printed = [start(checkout, environment, folder / f"start-{number}.log") for number in range(times)]
        left += capture.take()
        after, late = positive_control.run(capture, environment)
    departures = [(one.packet.target, one.process) for one in left + late if not one.packet.kernels_own]
    return {"controls": [asdict(before), asdict(after)], "departures": departures, "printed": printed}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))

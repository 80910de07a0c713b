"""Programs of the product as processes inside the namespace: started without any right over it, ended for certain."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from local_agent.errors import ProofVoid
from local_agent.prove.namespace import give_up_rights
from local_agent.prove.packet_owner import family

READY_WITHIN = 90.0  # s; it takes 2 to 6 s on two idle cores
END_WITHIN = 20.0  # s after Ctrl-C
_READY = (re.compile(r"Open (http://\S+)"), re.compile("Waiting for room connections"))
_FAULT = re.compile(r"^local_agent: (.*)", re.MULTILINE)


class Program:
    """`python -m MODULE ARGUMENTS`, whose words go to a file.

    inside: take all rights over the namespace from it (there is none in the weaker audit). before: what to run it with.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        *arguments: str,
        name: str = "start",
        inside: bool = True,
        before: tuple[str, ...] = (),
    ) -> None:
        self.log, self.output = folder / f"{name}.log", folder / f"{name}.out"
        with self.log.open("wb") as log, self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
                preexec_fn=give_up_rights if inside else None,
            )

    @property
    def words(self) -> str:
        """All that it logged so far."""
        return self.log.read_text(errors="replace")

    @property
    def fault(self) -> str:
        """The line with which it refused; empty when it said none."""
        found = _FAULT.findall(self.words)
        return str(found[-1]) if found else ""

    def wait(self, seconds: float) -> int | None:
        """Exit status, None when it still runs after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def ready(self, seconds: float = READY_WITHIN) -> str:
        """The page's address once calls are taken. Raises ProofVoid with its last words when that does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            words = self.words
            found = [pattern.search(words) for pattern in _READY]
            if found[0] is not None and found[1] is not None:
                return found[0][1]
            time.sleep(0.1)
        said = self.fault or " | ".join(self.words.split("\n")[-6:]).strip() or "it said nothing"
        raise ProofVoid(f"the product did not start: {said}", fix="python -m local_agent doctor")

    def end(self) -> int | None:
        """Ctrl-C, then firmly; exit status, None when it had to be killed."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
        status = self.wait(END_WITHIN)
        if status is None:
            self.process.kill()
            self.process.wait()
        return status


def end_all() -> None:
    """End every descendant of this process that is left, adopted ones too."""
    for pid in family(os.getpid()):
        if pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue

"""Every model of the plan at work once, in a process of its own, which code for another processor ends as a whole.

Reads pickled settings from standard input and says on standard output what it is about to do, so that the last line
tells what a process died of.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable

import numpy as np

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import LocalAgentError
from local_agent.isolation import seal
from local_agent.process.exit import leave

DONE = "done"
FIRST = "the first"  # model, of a process that ended before it said anything
PATIENCE = 240.0  # s: weights of several gigabytes are read from the disk
ENDED = 3  # exit status where an error of ours was told


def _hear(engines: Engines) -> None:
    engines.whisper().result().transcribe(np.zeros(SPEECH_RATE, np.float32), language="en", timeout=None).result()


def _think(engines: Engines) -> None:
    hello = [{"role": "user", "content": "Hello there, how are you today?"}]
    engines.llama().result().prefill(hello, conversation="trial", timeout=None).result()


def _speak(engines: Engines) -> None:
    engines.apology()


STAGES: dict[str, Callable[[Engines], None]] = {"whisper": _hear, "llama": _think, "piper": _speak}


def attempt(settings: Settings) -> tuple[str, str] | None:
    """(the stage that does not work, how it ended); None where all do. Blocks for some seconds."""
    words = [sys.executable, "-m", __name__]
    given = pickle.dumps(settings)
    try:
        done = subprocess.run(words, input=given, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        return _last(error.stdout or b"") or FIRST, f"no result within {PATIENCE:g} s"
    stage = _last(done.stdout) or FIRST
    if done.returncode == 0 and stage == DONE:
        return None
    if done.returncode < 0:
        return stage, f"its process was ended by {signal.Signals(-done.returncode).name}"
    return stage, _last(done.stderr) or f"its process ended with status {done.returncode}"


def _last(output: bytes) -> str:
    """The last line that says something."""
    return next((line for line in reversed(output.decode(errors="replace").splitlines()) if line.strip()), "")


def main() -> int:
    settings = pickle.load(sys.stdin.buffer)  # from the doctor, which started us
    seal.close(seal.HERE)
    engines = Engines(settings)
    try:
        for stage, work in STAGES.items():
            print(stage, flush=True)
            work(engines)
    except LocalAgentError as error:
        print(error, file=sys.stderr)
        return ENDED
    print(DONE, flush=True)
    return 0


if __name__ == "__main__":
    leave(main())

"""How fast this machine is: its memory, and each language model on it. Measured for a moment, kept in the data folder.

What keeps a machine busy only slows it: of two measurements the faster one is kept.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local_agent.process import atomic_file
from local_agent.process.operating_system import processor_name

logger = logging.getLogger(__name__)

FILE = "speed.json"
MEASURED = 1.0  # s
SLICE, SLICES = 64 << 20, 1 << 30  # bytes that a thread, and all of them, pass over at most: more than a cache holds


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of one language model. read: a dozen at once, the last words of a turn. write: one by one."""

    read: float
    write: float


@dataclass(frozen=True, slots=True)
class Measured:
    """memory: bytes a second that all cores together read; None where nobody measured. models: by `name_of`."""

    memory: float | None = None
    models: tuple[tuple[str, Speed], ...] = ()

    def of(self, name: str) -> Speed | None:
        """Of one model, by `name_of`."""
        return dict(self.models).get(name)

    def with_memory(self, memory: float) -> Measured:
        """The same with another measurement."""
        return replace(self, memory=max(memory, self.memory or 0.0))

    def with_model(self, name: str, speed: Speed) -> Measured:
        """The same with another measurement."""
        known = self.of(name) or speed
        best = Speed(max(known.read, speed.read), max(known.write, speed.write))
        return replace(self, models=tuple((dict(self.models) | {name: best}).items()))


UNMEASURED = Measured()


def name_of(sha256: str, device: str) -> str:
    """What a language model's speed is kept under. device: cpu or cuda."""
    return f"{device} {sha256}"


def kept(data_dir: Path, machine: str) -> Measured:
    """What was measured on this machine; nothing where the file is not there, of another machine, or not to be read."""
    try:
        found = json.loads((data_dir / FILE).read_text(encoding="utf-8"))
        if found["machine"] != machine:
            return UNMEASURED
        models = tuple((str(name), Speed(float(read), float(write))) for name, (read, write) in found["models"].items())
        memory = found["memory"]
        return Measured(None if memory is None else float(memory), models)
    except FileNotFoundError:
        return UNMEASURED
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        logger.info("%s is not used (%s): the speed of this machine is estimated", data_dir / FILE, error)
        return UNMEASURED


def keep(data_dir: Path, machine: str, measured: Measured) -> None:
    """Write it down for later starts. Raises OSError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    models = {name: [speed.read, speed.write] for name, speed in measured.models}
    content: dict[str, Any] = {"machine": machine, "memory": measured.memory, "models": models}
    atomic_file.replace(data_dir / FILE, json.dumps(content, indent=1) + "\n")


def machine_name(cores: int, gpus: tuple[str, ...]) -> str:
    """What measurements hold for: the processor, the cores of it that we may use, and the GPUs."""
    return ", ".join((processor_name() or "a processor", f"{cores} cores", *gpus))


def measure_memory(cores: int, seconds: float = MEASURED) -> float:
    """Bytes a second that so many threads read together: of each the quickest pass, as others may work here now."""
    import numpy as np

    size = min(SLICE, SLICES // cores)
    slices = [np.ones(size // 8, np.int64) for _ in range(cores)]
    over, quickest = threading.Event(), [float("inf")] * cores

    def read(number: int) -> None:
        while not over.is_set():
            began = time.perf_counter()
            slices[number].sum()  # numpy lets go of the interpreter lock meanwhile
            quickest[number] = min(quickest[number], time.perf_counter() - began)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(cores)]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()
    return sum(size / each for each in quickest if each < float("inf"))

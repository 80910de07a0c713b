"""A proof as a run would have made it, without running anything; and whether this machine allows a real one."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from local_agent.config import sources
from local_agent.prove.positive_control import Control
from local_agent.prove.results import Call, Departure, Proof, Section, Weights
from local_agent.prove.run import Options, prove

COUNTED = Control(dns=2, tcp=1, named=True)
LEAK = Departure("UDP", "10.99.0.1:53", "telemetry.example", "python -m local_agent start (process 7)", 2, 1.8e9)

_ENTER = (
    "import os; from local_agent.prove import namespace, tun_interface; "
    "namespace.enter(); tun_interface.make(); namespace.own_resolver()"
)


def need_namespaces() -> None:
    """Skip only where this machine forbids an empty network; the reason says what happened."""
    if reason := _forbidden():
        pytest.skip(f"no user namespaces here: {reason}")


@lru_cache(1)
def _forbidden() -> str:
    home = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", _ENTER], cwd=home, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def section(*departures: Departure, faults: tuple[str, ...] = ()) -> Section:
    return Section(
        "plain",
        "as a person starts it",
        seconds=20.0,
        exercised=["a spoken call"],
        departures=list(departures),
        controls=[COUNTED, COUNTED],
        faults=list(faults),
        call=Call(6, 30, 11, 54, 2.5),
        models={"whisper": "whisper-tiny.en"},
    )


def proof(*sections: Section, method: str = "namespace") -> Proof:
    return Proof(
        began="2026-01-02T03:04:05+00:00",
        method=method,
        versions={"local_agent": "0.1.0", "kernel": "Linux 6.1 <x86_64>"},
        packages={"numpy": "2.0"},
        seconds=21.0,
        sections=list(sections),
        weights=[
            Weights("whisper-tiny.en", "model.bin", 12, "ab" * 32),
            Weights("tiny-llm", "tiny.as-Q8_0.gguf", 13, "cd" * 32, made_from="tiny.gguf"),
        ],
    )


def proven(models: Path, folder: Path, *sections: str) -> Proof:
    """A real proof, with the starter models."""
    settings = sources.load({"models_dir": models, "profile": "starter"}, folder=folder)
    scratch = folder / "proof"
    scratch.mkdir()
    return prove(settings, Options(sections=sections), scratch, lambda words: None)

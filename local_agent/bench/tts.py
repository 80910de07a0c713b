"""How soon a voice speaks, and how fast: `python -m local_agent.bench.tts --voice PATH`."""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from local_agent.bench.cpu_load import busy_core
from local_agent.engines.piper.engine import Piper

TEXTS = {
    "one word": "Sure.",
    "six words": "I can help you with that.",
    "one sentence": "The weather today is mild and sunny with a light wind.",
    "first clause of a long answer": (
        "You're welcome, and if there is anything else that you would like to know about the city, just ask me."
    ),
}
AUDIBLE = 10 ** (-50 / 20)  # of full scale; a listener notices nothing below


@dataclass(frozen=True)
class Figure:
    """Medians of one text under one condition. Times in seconds.

    text: the name of the text. threads: of the model. busy: whether another process kept one core busy.
    first_audio_s: from the request to the first audio. audible_s: from the request to the first audible sample,
    played without delay. audio_s: length of the speech. real_time: seconds of computing for a second of speech.
    """

    text: str
    threads: int
    busy: bool
    first_audio_s: float
    audible_s: float
    audio_s: float
    real_time: float


@dataclass(frozen=True)
class _Run:
    first_audio_s: float
    audible_s: float
    audio_s: float
    compute_s: float


def measure(voice: Path, *, threads: Sequence[int] = (1, 2), busy: bool = False, rounds: int = 7) -> list[Figure]:
    """Speak every text `rounds` times with each number of threads, taking turns so that all share the machine's moods.

    busy: with another process computing all the while. Raises what `Piper` raises.
    """
    runs: dict[tuple[str, int], list[_Run]] = {}
    with ExitStack() as stack:
        engines = {count: Piper(voice, threads=count) for count in threads}
        for engine in engines.values():
            stack.callback(engine.close)
            engine.warm()
        if busy:
            stack.enter_context(busy_core())
        for _ in range(rounds):
            for name, text in TEXTS.items():
                for count, engine in engines.items():
                    runs.setdefault((name, count), []).append(_speak(engine, text))
    return [_figure(name, count, busy, found) for (name, count), found in runs.items()]


def table(figures: Sequence[Figure]) -> Table:
    """The figures to look at, times in milliseconds."""
    view = Table(
        "text", "threads", "core busy", "first audio", "audible", "speech", "real-time factor", title="Voice (medians)"
    )
    for figure in figures:
        view.add_row(
            figure.text,
            str(figure.threads),
            "yes" if figure.busy else "no",
            f"{figure.first_audio_s * 1000:.0f} ms",
            f"{figure.audible_s * 1000:.0f} ms",
            f"{figure.audio_s:.2f} s",
            f"{figure.real_time:.3f}",
        )
    return view


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m local_agent.bench.tts", description=__doc__)
    parser.add_argument("--voice", type=Path, required=True, help="a Piper voice (.onnx) with its .onnx.json beside it")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, min(2, os.cpu_count() or 1)}))
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    for busy in (False, True):
        figures += measure(options.voice, threads=options.threads, busy=busy, rounds=options.rounds)
    Console().print(table(figures))


def _speak(engine: Piper, text: str) -> _Run:
    heard: list[bytes] = []
    spoken = engine.synthesize(text, on_audio=heard.append).result()
    audible = np.flatnonzero(np.abs(np.frombuffer(heard[0], dtype="<i2")) > AUDIBLE * 32767)
    lead = float(audible[0]) / engine.sample_rate if len(audible) else 0.0
    return _Run(spoken.first_audio_s, spoken.first_audio_s + lead, spoken.seconds, spoken.compute_s)


def _figure(name: str, threads: int, busy: bool, runs: Sequence[_Run]) -> Figure:
    return Figure(
        text=name,
        threads=threads,
        busy=busy,
        first_audio_s=statistics.median(run.first_audio_s for run in runs),
        audible_s=statistics.median(run.audible_s for run in runs),
        audio_s=statistics.median(run.audio_s for run in runs),
        real_time=statistics.median(run.compute_s / run.audio_s for run in runs),
    )


if __name__ == "__main__":
    main()

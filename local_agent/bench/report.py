"""What a measurement tells: tables for the screen, one JSON object and a picture for files, and on which machine."""

from __future__ import annotations

import datetime
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from local_agent import __version__
from local_agent.bench.statistics import Summary, Turn, ratios, summary
from local_agent.bench.waterfall import STAGES, Parts, means, medians, parts
from local_agent.bench.waterfall_svg import Bar, svg
from local_agent.errors import BadInput
from local_agent.hardware.probe import GIB, usable_cores
from local_agent.process.operating_system import processor_name
from local_agent.turns.timeline import Mark

OURS = "local_agent"


@dataclass(frozen=True)
class Outcome:
    """A run. turns: of all stacks, as they were held. marks: by stack. clips: where they come from. jobs: somebody's
    own program answered, with its jobs in these; memory: bytes of each of its processes that no other shares, by its
    id, once its models were loaded and behind the last turn.
    """

    turns: Sequence[Turn]
    marks: Mapping[str, Sequence[Mark]]
    clips: str
    callers: int
    language: str = "en"
    jobs: str | None = None
    memory: Mapping[int, tuple[int, int]] | None = None

    @property
    def stacks(self) -> list[str]:
        """OURS first."""
        return list(dict.fromkeys([OURS, *(turn.stack for turn in self.turns)]))

    def of(self, stack: str) -> list[Turn]:
        return [turn for turn in self.turns if turn.stack == stack]

    def summary(self, stack: str) -> Summary:
        return summary(self.of(stack), self.language)

    def parts(self, stack: str) -> list[tuple[Turn, Parts]]:
        """Where each wait went. Only for a single caller: marks do not tell whose turn they belong to."""
        if self.callers > 1:
            return []
        found = ((turn, parts(turn, self.marks.get(stack, ()))) for turn in self.of(stack))
        return [(turn, split) for turn, split in found if split is not None]


def waits(outcome: Outcome) -> Table:
    """How long callers waited, a column a stack, and how many times longer with the other one."""
    stacks = {stack: outcome.summary(stack) for stack in outcome.stacks}
    table = Table(title=f"Wait from the end of speech to sound ({outcome.callers} at a time, {outcome.clips})")
    table.add_column("")
    for stack in stacks:
        table.add_column(stack, justify="right")
    compared = [ratios(stacks[OURS], other) for stack, other in stacks.items() if stack != OURS]
    if compared:
        table.add_column("ratio", justify="right")
    for label, name in (("p50", "p50_s"), ("p95", "p95_s"), ("worst", "worst_s"), ("mean", "mean_s")):
        cells = [_seconds(getattr(found, name)) for found in stacks.values()]
        times = [f"{found[label]:.1f} x" if found.get(label) else "" for found in compared]
        table.add_row(label, *cells, *times)
    for label, name in (("turns", "turns"), ("no reply", "missed"), ("cut in", "cut_ins"), ("errors", "failed")):
        table.add_row(label, *(str(getattr(found, name)) for found in stacks.values()), *("" for _ in compared))
    for label, name in (("p50", "pause_p50_s"), ("worst", "pause_worst_s")):
        cells = [_seconds(getattr(found, name)) for found in stacks.values()]
        table.add_row(f"longest pause in a reply, {label}", *cells, *("" for _ in compared))
    rates = [found.word_error_rate for found in stacks.values()]
    if any(rate is not None for rate in rates):
        told = ["" if rate is None else f"{rate:.1%}" for rate in rates]
        table.add_row("word error rate", *told, *("" for _ in compared))
    return table


def memory(outcome: Outcome) -> list[str]:
    """A line for each process of somebody's own program."""
    weighed = zip(outcome.memory or (), _megabytes(outcome.memory or {}), strict=True)
    return [
        f"process {process}: {first:.0f} MB that no other shares, {last:.0f} MB behind the turns"
        for process, (first, last) in weighed
    ]


def waterfall(outcome: Outcome) -> Table | None:
    """Where the waits went; None where nobody can tell."""
    split = {stack: [found for _, found in outcome.parts(stack)] for stack in outcome.stacks}
    split = {stack: found for stack, found in split.items() if found}
    if not split:
        return None
    table = Table(title="Where the wait went (seconds: mean, median)")
    table.add_column("")
    for stack in split:
        table.add_column(stack, justify="right")
    columns = [(means(found), medians(found)) for found in split.values()]
    for stage in STAGES:
        if any(mean[stage] >= 0.0005 for mean, _ in columns):
            table.add_row(stage, *(f"{mean[stage]:.3f}  {middle[stage]:.3f}" for mean, middle in columns))
    table.add_section()
    table.add_row("together", *(f"{sum(mean.values()):.3f}       " for mean, _ in columns))
    return table


def facts(outcome: Outcome) -> dict[str, Any]:
    """The JSON object of `bench`."""
    stacks = {stack: outcome.summary(stack) for stack in outcome.stacks}
    return (
        heading()
        | {
            "clips": outcome.clips,
            "callers": outcome.callers,
            "stacks": {stack: _stack(outcome, stack) for stack in stacks},
            "ratios": {stack: ratios(stacks[OURS], found) for stack, found in stacks.items() if stack != OURS},
        }
        | ({} if outcome.memory is None else {"jobs": outcome.jobs, "memory_mb": _megabytes(outcome.memory)})
    )


def picture(outcome: Outcome) -> str:
    """The SVG document."""
    bars = []
    for stack in outcome.stacks:
        split = dict(outcome.parts(stack))
        mean = outcome.summary(stack).mean_s
        if mean is not None:
            bars.append(Bar(f"{stack}, mean", mean, means(list(split.values())), strong=True))
        answered = [(turn, turn.wait) for turn in outcome.of(stack) if turn.wait is not None and turn.answered]
        mine = "" if stack == OURS else f" ({stack})"
        bars += [Bar(turn.clip.removesuffix(".wav") + mine, wait, split.get(turn, {})) for turn, wait in answered]
    ours = outcome.summary(OURS)
    told = f"p50 {_seconds(ours.p50_s)}, p95 {_seconds(ours.p95_s)}, worst {_seconds(ours.worst_s)}"
    return svg(f"From the end of speech to sound: {told}", bars)


def heading() -> dict[str, Any]:
    """What makes figures worth keeping: version, day, machine and command."""
    return {
        "version": __version__,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "command": shlex.join(["python", "-m", "local_agent", *sys.argv[1:]]),
    }


def machine() -> dict[str, Any]:
    """Processor, cores that we may use, and memory in GB."""
    return {
        "processor": processor_name() or "unknown",
        "cores": usable_cores(),
        "memory_gb": round(psutil.virtual_memory().total / GIB, 1),
    }


def demand_writable(*paths: Path | None) -> None:
    """Now, not after minutes of calls, is the time to learn it. Raises BadInput."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise BadInput(f"{path} can't be written: it is a folder, or lies in none", fix="name another file")


def save(path: Path, content: str) -> None:
    """Write a file. Raises BadInput where that can't be done."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}", fix="name another file") from error


def save_json(path: Path | None, content: dict[str, Any]) -> None:
    """Write the JSON object, where a file is named for it."""
    if path is not None:
        save(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _stack(outcome: Outcome, stack: str) -> dict[str, Any]:
    split = dict(outcome.parts(stack))
    turns = [turn.facts() | ({"parts": _rounded(split[turn])} if turn in split else {}) for turn in outcome.of(stack)]
    return {
        "summary": asdict(outcome.summary(stack)),
        "waterfall": {
            "mean": _rounded(means(list(split.values()))),
            "median": _rounded(medians(list(split.values()))),
        },
        "turns": turns,
    }


def _megabytes(memory: Mapping[int, tuple[int, int]]) -> list[list[float]]:
    return [[round(size / 1e6, 1) for size in sizes] for sizes in memory.values()]


def _rounded(found: Parts) -> dict[str, float]:
    return {stage: round(seconds, 4) for stage, seconds in found.items()}


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f} s"

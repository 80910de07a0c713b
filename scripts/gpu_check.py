#!/usr/bin/env python3
"""Try local_agent on an NVIDIA GPU: build for it, hold real calls, print how long their callers waited.

python3 scripts/gpu_check.py                 everything, ten minutes where llama.cpp is built already, twenty where not
python3 scripts/gpu_check.py --look          only say what is missing here, and which commands would run

Needs an NVIDIA driver, the CUDA toolkit (nvcc) and what `make setup` needs. Every command is shown and runs as a person
would type it; with `--device cuda`, as here, a GPU that does not work is an error (docs/gpu.md).
Exit status: 0, 1 when something failed, 2 when something is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.setup import llama  # noqa: E402  (works before anything is installed)
from scripts.setup.place import here  # noqa: E402

PYTHON = ROOT / ".venv" / "bin" / "python"
MISSING = 2
QUERY = ("--query-gpu=name,memory.total,memory.used,utilization.gpu", "--format=csv,noheader,nounits")
WATCHED = 0.5  # s between two looks at the GPU
ENDING = 15.0  # s that a command may take to end
USED = 100  # MiB by which its memory must grow while calls are held: the smallest models take some 400


@dataclass(frozen=True)
class Gpu:
    """name: as its driver has it. total, used: MiB of memory. busy: percent of the last moment."""

    name: str
    total: int
    used: int
    busy: int


class Unfit(Exception):
    """What is missing here: (what, how to come by it)."""

    def __init__(self, *lacks: tuple[str, str]) -> None:
        super().__init__("; ".join(what for what, _ in lacks))
        self.lacks = lacks


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status."""
    options = _options().parse_args(arguments)
    try:
        gpu = look(build=not options.skip_setup)
    except Unfit as unfit:
        for what, fix in unfit.lacks:
            print(f"gpu_check: {what}; fix: {fix}", file=sys.stderr)
        return MISSING
    print(f"{gpu.name}, {gpu.total:,} MiB of memory, {gpu.used:,} in use", flush=True)
    with tempfile.TemporaryDirectory(prefix="local_agent-gpu-") as scratch:
        planned = plan(options, Path(scratch))
        if options.look:
            print("\n".join(shlex.join(map(str, words)) for words in planned))
            return 0
        return _run(planned, options.minutes * 60, Path(scratch), gpu, options.json)


def look(*, build: bool) -> Gpu:
    """The first GPU. build: whether the tools to compile for it must be there too. Raises Unfit with all that lacks."""
    lacks = llama.missing(here("cuda")) if build and llama.kept_wheel(here("cuda")) is None else []
    if not build and not PYTHON.exists():
        lacks.append((f"there is no {PYTHON}", "leave --skip-setup out"))
    try:
        gpu = ask()
    except Unfit as unfit:
        raise Unfit(*unfit.lacks, *lacks) from None
    if lacks:
        raise Unfit(*lacks)
    return gpu


def ask() -> Gpu:
    """What the driver says of the first GPU. Raises Unfit."""
    program = shutil.which("nvidia-smi")
    if program is None:
        what = "there is no NVIDIA GPU, or no driver for it: nvidia-smi is not on PATH"
        raise Unfit((what, "run this on a machine with one; local_agent itself runs here on the CPU: make start"))
    try:
        done = subprocess.run([program, *QUERY], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unfit((f"{program} does not answer: {error}", "mend the driver; then nvidia-smi alone works")) from error
    first = next(iter(done.stdout.splitlines()), "")
    words = [word.strip() for word in first.rsplit(",", 3)]
    if done.returncode != 0 or len(words) != 4 or not words[1].isdigit():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Unfit((f"nvidia-smi says: {said[0] if said else 'nothing'}", "mend the driver; then nvidia-smi works"))
    total, used, busy = (int(word) if word.isdigit() else 0 for word in words[1:])
    return Gpu(words[0], total, used, busy)


def plan(options: argparse.Namespace, scratch: Path) -> list[list[str | Path]]:
    """The commands, in order."""
    agent = [PYTHON, "-m", "local_agent"]
    chosen = ["--device", "cuda", *(["--profile", options.profile] if options.profile else [])]
    planned: list[list[str | Path]] = []
    if not options.skip_setup:
        planned.append(["make", "-C", ROOT, "setup", "GPU=cuda", *(["PROFILE=none"] if options.profile else [])])
    if options.profile:
        planned.append([*agent, "download", "--profile", options.profile])
    planned.append([*agent, "doctor", "--quick", *chosen])
    for callers in dict.fromkeys((1, options.callers)):
        words = ["bench", "--count", str(options.turns), "--callers", str(callers), *chosen]
        planned.append([*agent, *words, "--json", scratch / f"{callers}.json"])
    if options.cpu:
        rest = [*chosen[2:], "--json", scratch / "cpu.json"]
        planned.append([*agent, "bench", "--count", str(options.turns), "--device", "cpu", *rest])
    return planned


@dataclass
class Watch:
    """Looks at the GPU while calls are held. most_used: MiB, most_busy: percent."""

    most_used: int = 0
    most_busy: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(WATCHED):
            try:
                gpu = ask()
            except Unfit as unfit:
                print(f"gpu_check: {unfit}", file=sys.stderr)
                return
            self.most_used, self.most_busy = max(self.most_used, gpu.used), max(self.most_busy, gpu.busy)


def _run(planned: list[list[str | Path]], seconds: float, scratch: Path, gpu: Gpu, kept: Path | None) -> int:
    ends = time.monotonic() + seconds
    failed: list[str] = []
    with Watch() as watch:
        for words in planned:
            shown = shlex.join(map(str, words))
            print(f"\n$ {shown}", flush=True)
            began = time.monotonic()
            try:
                status = _held(words, max(1.0, ends - began))
            except subprocess.TimeoutExpired:
                print(f"gpu_check: the {seconds / 60:g} minutes are over; more: --minutes N", file=sys.stderr)
                failed.append(f"{shown}: not done in time")
                break
            print(f"({time.monotonic() - began:.0f} s)", flush=True)
            if status:
                failed.append(f"{shown}: status {status}")
                if "setup" in words or "download" in words:  # nothing that follows could work
                    break
    found = {file.stem: json.loads(file.read_text()) for file in sorted(scratch.glob("*.json"))}
    print("\n" + "\n".join(summary(found, gpu, watch)))
    if kept is not None:
        kept.write_text(json.dumps({"gpu": vars(gpu), "runs": found, "failed": failed}, indent=1) + "\n")
    if any(name != "cpu" for name in found) and watch.most_used - gpu.used < USED:
        failed.append(f"the GPU's memory grew by {watch.most_used - gpu.used} MiB only: the models were not there")
    for line in failed:
        print(f"gpu_check: {line}", file=sys.stderr)
    return 1 if failed else 0


def _held(words: list[str | Path], seconds: float) -> int:
    """Exit status of a command. It and what it started are ended as by Ctrl-C when the time is over, or on Ctrl-C."""
    process = subprocess.Popen(words, cwd=ROOT, start_new_session=True)
    try:
        return process.wait(seconds)
    except BaseException:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise


def summary(found: dict[str, dict[str, object]], gpu: Gpu, watch: Watch) -> list[str]:
    """Lines: the waits of each run, and what the GPU was seen to do."""
    lines = [f"{'from the end of speech to sound':34}{'p50':>8}{'p95':>8}{'worst':>8}  turns  no reply"]
    for name, told in found.items():
        label = "one caller, on the CPU" if name == "cpu" else f"{name} caller{'s' if name != '1' else ''} at once"
        stacks = told["stacks"]
        assert isinstance(stacks, dict)
        held = stacks["local_agent"]["summary"]
        waits = "".join(_seconds(held[key]) for key in ("p50_s", "p95_s", "worst_s"))
        lines.append(f"{label:34}{waits}{held['turns']:7}{held['missed']:10}")
    lines.append(f"{gpu.name}: at most {watch.most_used:,} MiB in use (before: {gpu.used:,}), {watch.most_busy} % busy")
    return lines


def _seconds(value: object) -> str:
    return f"{value:6.2f} s" if isinstance(value, float | int) else f"{'-':>8}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--look", action="store_true", help="say what is missing and what would run, and stop")
    parser.add_argument("--skip-setup", action="store_true", help="take .venv as it is, built for the GPU")
    parser.add_argument("--profile", help="small, medium or large: fetched first (default: what is here and fits)")
    parser.add_argument("--turns", type=_count, default=6, help="of each caller (6)")
    parser.add_argument("--callers", type=_count, default=4, help="at once in the second run (4)")
    parser.add_argument("--cpu", action="store_true", help="the same calls on the CPU too, to compare")
    parser.add_argument("--minutes", type=float, default=30.0, help="after which it gives up (30)")
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())

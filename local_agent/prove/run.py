"""The `prove` command: starts the namespace, gathers what it tells, writes the report."""

from __future__ import annotations

import json
import shutil
import site
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

from local_agent import __version__
from local_agent.config import sources
from local_agent.config.settings import Settings
from local_agent.errors import ProofVoid
from local_agent.isolation import last_proof
from local_agent.prove import report, strace, versions
from local_agent.prove.namespace_main import Job
from local_agent.prove.results import LEAKED, PROVEN, Proof, Section
from local_agent.prove.scenarios import SECTIONS
from local_agent.weights import derived, hash_cache

# Settings that decide what runs. The others decide what it says and where it listens, which is private in here.
HANDED_ON = ("models", "hardware", "speech", "turns")
_READ_SECTION = TypeAdapter(Section)


@dataclass(frozen=True)
class Options:
    """json, html: where to write the report as well. keep: leave logs and packets where they are. sections: names of
    those to play. audit: by strace, outside any namespace. leak: a folder that the product's Python looks into first;
    for tests that make it leak.
    """

    json: Path | None = None
    html: Path | None = None
    keep: bool = False
    sections: tuple[str, ...] = tuple(SECTIONS)
    audit: bool = False
    leak: Path | None = None


def run(settings: Settings, options: Options) -> int:
    """Exit status: 0 when nothing left, 1 when anything did, 2 when the proof is void."""
    screen = Console(stderr=True)
    for path in (options.json, options.html):
        if path is not None:
            path.touch()  # now, not after a minute, is the time to learn that it can't be written
    try:
        with _folder(options.keep, screen) as folder, screen.status("preparing") as status:
            proof = prove(settings, options, folder, status.update)
    except ProofVoid as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 2
    if proof.status in (PROVEN, LEAKED):
        last_proof.LastProof(report.WORDS[proof.status], proof.began, proof.packets, __version__).keep(
            settings.data_dir
        )
    if options.json is not None:
        options.json.write_text(report.as_json(proof) + "\n", encoding="utf-8")
    if options.html is not None:
        options.html.write_text(report.as_html(proof), encoding="utf-8")
    Console().print(report.as_text(proof))
    return proof.status


def prove(settings: Settings, options: Options, folder: Path, tell: Callable[[str], object]) -> Proof:
    """Carry it out. folder: for logs and packets. tell: is given what happens now. Raises ProofVoid where it can't."""
    if sys.platform != "linux":
        raise ProofVoid(f"this is {sys.platform}", expected="Linux, whose network namespaces count every packet")
    began, clock = datetime.now(UTC), time.monotonic()
    proof = Proof(
        began.isoformat(timespec="seconds"),
        "strace" if options.audit else "namespace",
        versions.versions(settings),
        versions.packages(),
    )
    environment = _environment(settings, options)
    if options.audit:
        proof.sections = [strace.audit(folder, environment, settings.models_dir, tell)]
    else:
        job = Job(str(folder), environment, str(settings.models_dir), list(options.sections))
        proof.sections = list(_played(job, tell))
    used = [name for section in proof.sections for name in section.models.values()]
    tell("hashing the models")
    proof.weights = versions.hashes(used, settings.models_dir, _made(folder))
    proof.seconds = round(time.monotonic() - clock, 1)
    return proof


def _made(folder: Path) -> dict[Path, str]:
    """Files that the product made of its models while it was tried, and the SHA-256 of what from."""
    found: dict[Path, str] = {}
    for noted in sorted(folder.glob(f"*/.local_agent/{hash_cache.FILE}")):
        found |= {path: source for path, source in derived.made(noted).items() if path.is_file()}
    return found


def _environment(settings: Settings, options: Options) -> dict[str, str]:
    """Of every program that is tried: as a person would have it, and this package found wherever it is now."""
    environment = sources.child_environment(settings, HANDED_ON)
    home = Path(__file__).resolve().parents[2]
    path = [str(options.leak)] if options.leak is not None else []
    path += [str(home)] + ([environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else [])
    return environment | {
        "PYTHONPATH": ":".join(path),
        "PYTHONUSERBASE": site.getuserbase(),  # HOME is an empty folder in there
        "COLUMNS": "400",  # or the log's lines are broken where they are looked for
    }


def _played(job: Job, tell: Callable[[str], object]) -> Iterator[Section]:
    """Each section once it is over. Raises ProofVoid where the namespace can't be had, or ends before its time."""
    inside = subprocess.Popen(
        [sys.executable, "-m", "local_agent.prove.namespace_main"],
        env=job.environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert inside.stdin is not None and inside.stdout is not None and inside.stderr is not None
    complaints: list[str] = []
    listening = threading.Thread(target=lambda: complaints.extend(inside.stderr or ()), daemon=True)
    listening.start()
    played = 0
    try:
        inside.stdin.write(json.dumps(asdict(job)) + "\n")
        inside.stdin.close()
        for line in inside.stdout:
            told = json.loads(line)
            if "void" in told:
                raise ProofVoid(**told["void"])
            if "progress" in told:
                tell(told["progress"])
            else:
                played += 1
                yield _READ_SECTION.validate_python(told["section"])
        if inside.wait() != 0 or played < len(job.sections):
            listening.join(1.0)
            said = "".join(complaints[-5:]).strip()
            raise ProofVoid(f"the process inside the namespace ended with status {inside.returncode}: {said}")
    finally:
        inside.kill()
        inside.wait()


@contextmanager
def _folder(keep: bool, screen: Console) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="local_agent-prove-"))
    try:
        yield folder
    finally:
        if keep:
            screen.print(f"logs, and the packets as packets.pcap: {folder}", soft_wrap=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)

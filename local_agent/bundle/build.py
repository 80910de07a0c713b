"""Making a bundle: everything is listed first, then written once, its hashes checked on the way."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local_agent import __version__
from local_agent.bundle import archive, licence
from local_agent.bundle import manifest as manifests
from local_agent.bundle.inventory import distribution, everything, wheel
from local_agent.bundle.manifest import Manifest, Member
from local_agent.bundle.programs import Programs, gather
from local_agent.bundle.sbom import sbom
from local_agent.bundle.staging import MARGIN, told, watched
from local_agent.errors import InstallFailed, WeightsCorrupt
from local_agent.weights.catalogue import Entry
from local_agent.weights.progress import Silent, megabytes
from local_agent.weights.store import find, sha256_of, verify

Content = Path | bytes


@dataclass(frozen=True)
class Made:
    """digest: of the manifest. sha256: of the whole file. size: bytes."""

    digest: str
    sha256: str
    size: int
    manifest: Manifest


def make(
    entries: Sequence[Entry],
    models_dir: Path,
    output: Path,
    *,
    programs: bool = False,
    progress: Silent | None = None,
) -> Made:
    """Write the bundle `output` with these models. programs: also all that is installed, which uses the network.

    The same models and packages make the same bytes, without programs. Raises WeightsMissing, WeightsCorrupt,
    ConfigError or InstallFailed; `output` then is what it was before.
    """
    for entry in entries:
        verify(find(entry.name, models_dir))
    with told(output.parent), _programs(output, programs) as gathered:
        contents = listed(entries, models_dir, gathered)
        return write(contents, [entry.name for entry in entries], gathered, output, progress or Silent())


def listed(entries: Sequence[Entry], models_dir: Path, programs: Programs | None) -> dict[Member, Content]:
    """Every file of the bundle but the manifest, and where its bytes are."""
    contents: dict[Member, Content] = {}
    carried: dict[str, list[Member]] = {}
    for entry in entries:
        for weight, file in zip(entry.files, find(entry.name, models_dir).files, strict=True):
            sha256 = file.sha256 or sha256_of(file.path)
            member = Member(f"models/{entry.name}/{weight.path}", weight.size, sha256)
            contents[member] = file.path
            carried.setdefault(entry.name, []).append(member)
    components = everything(entries)
    if programs is not None:
        for member, path in _program_files(programs):
            contents[member] = path
            name = "livekit-server" if member.path == manifests.SERVER else distribution(member.path)[0]
            carried.setdefault(name, []).append(member)
            if name not in {component.name for component in components}:  # pip, which no package asks for
                components.append(wheel(*distribution(member.path)))
        contents |= _written(manifests.INSTALLER, Path(__file__).with_name("bootstrap.py").read_bytes())
    texts = {"components.txt": licence.table(components).encode(), **licence.of_models(entries)}
    if programs is not None:
        texts |= licence.of_packages(components)
    for name, text in texts.items():
        contents |= _written(f"licences/{name}", text)
    return contents | _written(manifests.SBOM, sbom(components, carried))


def write(
    contents: dict[Member, Content], models: Sequence[str], programs: Programs | None, output: Path, progress: Silent
) -> Made:
    """The archive, under its name only when it is whole and on the disk."""
    target = programs.target if programs else None
    manifest = Manifest(__version__, tuple(models), target, tuple(sorted(contents)))
    manifests.check(manifest)
    _check_space(archive.length(manifest), output)
    part = output.with_name(output.name + ".part")
    body = manifests.written(manifest)
    whole = hashlib.sha256()
    try:
        with part.open("wb") as stream:
            sink = _Sink(stream, whole)
            sink.file(manifests.NAME, len(body), iter((body,)))
            for member in manifest.files:
                sink.file(member.path, member.size, _pieces(member, contents[member], progress))
            sink.put(bytes(archive.end(stream.tell())))
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return Made(manifests.digest(body), whole.hexdigest(), size, manifest)


@dataclass(frozen=True)
class _Sink:
    stream: BinaryIO
    whole: hashlib._Hash

    def put(self, piece: bytes) -> None:
        self.stream.write(piece)
        self.whole.update(piece)

    def file(self, path: str, size: int, pieces: Iterator[bytes]) -> None:
        self.put(archive.header(path, size))
        for piece in pieces:
            self.put(piece)
        self.put(bytes(archive.padding(size)))


def _pieces(member: Member, content: Content, progress: Silent) -> Iterator[bytes]:
    """The file's bytes. Raises WeightsCorrupt when they are not those that were listed."""
    if isinstance(content, bytes):
        yield content
        return
    hasher, done = hashlib.sha256(), 0
    watch = watched(member, progress)
    with content.open("rb") as stream:
        while piece := stream.read(archive.CHUNK):
            hasher.update(piece)
            done += len(piece)
            watch(done)
            yield piece
    if done != member.size or hasher.hexdigest() != member.sha256:
        raise WeightsCorrupt(
            f"{content} is altered, found sha256 {hasher.hexdigest()}",
            expected=f"sha256 {member.sha256}",
            fix="python -m local_agent download --verify",
        )


@contextmanager
def _programs(output: Path, wanted: bool) -> Iterator[Programs | None]:
    """The programs in a folder beside the bundle while it is written; None when they are not wanted."""
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix=f"{output.name}.", dir=output.parent) as folder:
        yield gather(Path(folder))


def _program_files(programs: Programs) -> Iterator[tuple[Member, Path]]:
    for path in sorted(path for path in programs.folder.rglob("*") if path.is_file()):
        name = path.relative_to(programs.folder).as_posix()
        yield Member(name, path.stat().st_size, sha256_of(path)), path


def _written(path: str, content: bytes) -> dict[Member, Content]:
    return {Member(path, len(content), hashlib.sha256(content).hexdigest()): content}


def _check_space(size: int, output: Path) -> None:
    free = shutil.disk_usage(output.parent).free
    if free < size + MARGIN:
        raise InstallFailed(
            f"{output.parent} has {megabytes(free)} free",
            expected=megabytes(size + MARGIN),
            fix="make room or use another --output",
        )

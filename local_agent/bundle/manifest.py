"""What a bundle says it holds: its first member, in one possible spelling, with nothing in it that is not known."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from local_agent.bundle.target import Target
from local_agent.errors import BundleRefused
from local_agent.weights.catalogue import CATALOGUE, Entry

NAME = "manifest.json"
FORMAT = 1
SBOM = "sbom.cdx.json"
INSTALLER = "install.py"
SERVER = "bin/livekit-server"
LARGEST = 8 << 20  # bytes of a manifest; the one of a full bundle has 60 kB
MOST = 5000  # files

_MB = 1 << 20
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.+!-]{0,199}"  # of a path: no dot first, so neither ".." nor hidden
_LIMITS: tuple[tuple[str, int, bool], ...] = (  # what a path looks like, its most bytes, whether it is a program
    (re.escape(SBOM), 32 * _MB, False),
    (rf"licences(/{_PART}){{1,5}}", 4 * _MB, False),
    (re.escape(INSTALLER), _MB, True),
    (re.escape(SERVER), 1024 * _MB, True),
    (rf"wheels/{_PART}\.whl", 4096 * _MB, True),
)


@dataclass(frozen=True, order=True)
class Member:
    """A file of the bundle. path: with slashes, relative. size: bytes. sha256: hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """product: version of local_agent that made it. models: names of the catalogue. target: None without programs.

    files: sorted by path, as they lie in the archive.
    """

    product: str
    models: tuple[str, ...]
    target: Target | None
    files: tuple[Member, ...]
    format: int = FORMAT

    @property
    def programs(self) -> tuple[Member, ...]:
        return tuple(file for file in self.files if _is_program(file.path))

    @property
    def notes(self) -> tuple[Member, ...]:
        """The list of components and the licences."""
        return tuple(file for file in self.files if file.path == SBOM or file.path.startswith("licences/"))


def written(manifest: Manifest) -> bytes:
    """The one spelling of a manifest."""
    return (json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode("ascii")


def digest(body: bytes) -> str:
    """Hexadecimal SHA-256 of a manifest as it is written: it stands for everything in the bundle."""
    return hashlib.sha256(body).hexdigest()


def read(body: bytes) -> Manifest:
    """The manifest in these bytes. Raises BundleRefused unless it is well-formed, and written as `written` does."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refused(f"it is not JSON ({type(error).__name__})") from error
    version = found.get("format") if isinstance(found, dict) else None
    if isinstance(version, int) and version != FORMAT:
        raise BundleRefused(
            f"{NAME}: the bundle has format {version}",
            expected=f"format {FORMAT}, which this local_agent knows",
            fix="install it with the version of local_agent that made it, or make it again with this one",
        )
    try:
        manifest = _built(found)
        same = written(manifest) == body
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _refused(f"a part of it is missing or of another kind ({error})") from error
    if not same:
        raise _refused("it is not spelt as local_agent spells it")
    return manifest


def check(manifest: Manifest) -> None:
    """Return when every file is one that a bundle may hold, and no file is missing; else raise BundleRefused.

    A model's file must have the size and the hash that the catalogue of this local_agent pins.
    """
    paths = [file.path for file in manifest.files]
    if len(paths) > MOST:
        raise _refused(f"it lists {len(paths)} files, more than {MOST}")
    if paths != sorted(set(paths)):
        raise _refused(f"its files are not sorted, or listed twice: {_first_disorder(paths)!r}")
    models = {path: (entry, size, sha256) for path, entry, size, sha256 in _catalogued(manifest)}
    for file in manifest.files:
        if not re.fullmatch("[0-9a-f]{64}", file.sha256) or not 0 <= file.size < 1 << 40:
            raise _refused(f"size or sha256 of {file.path!r} is none")
        if file.path in models:
            _check_model(file, *models[file.path])
        else:
            _check_other(file, manifest)
    for path in (*models, SBOM, *((INSTALLER, SERVER) if manifest.target else ())):
        if path not in paths:
            raise BundleRefused(f"{path} is missing in the bundle", fix=_AGAIN)


_AGAIN = "nothing was installed; copy the bundle again, or make it again"


def _check_model(file: Member, entry: Entry, size: int, sha256: str | None) -> None:
    for name, found, pinned in (("bytes", file.size, size), ("sha256", file.sha256, sha256)):
        if pinned is not None and found != pinned:
            raise BundleRefused(
                f"{file.path} is not the {entry.name} of the catalogue: {name} {found}",
                expected=f"{name} {pinned}",
                fix="nothing was installed; make the bundle again with this version of local_agent",
            )


def _check_other(file: Member, manifest: Manifest) -> None:
    for pattern, largest, program in _LIMITS:
        if re.fullmatch(pattern, file.path):
            if program and manifest.target is None:
                raise BundleRefused(f"{file.path} is a program in a bundle without programs", fix=_AGAIN)
            if file.size > largest:
                raise BundleRefused(f"{file.path} has {file.size:,} bytes", expected=f"at most {largest:,}", fix=_AGAIN)
            return
    raise BundleRefused(f"the bundle has a file that none has: {file.path!r}", fix=_AGAIN)


def _catalogued(manifest: Manifest) -> Iterator[tuple[str, Entry, int, str | None]]:
    for name in manifest.models:
        entry = CATALOGUE.get(name)
        if entry is None:
            raise BundleRefused(
                f"{NAME}: local_agent {manifest.product} made it with a model that is unknown here: {name!r}",
                fix="update local_agent on this machine",
            )
        for file in entry.files:
            yield f"models/{name}/{file.path}", entry, file.size, file.sha256


def _built(found: Any) -> Manifest:
    target = found["target"]
    return Manifest(
        product=_text(found["product"]),
        models=tuple(_text(name) for name in found["models"]),
        target=None if target is None else Target(**{**target, "cpu": tuple(_text(flag) for flag in target["cpu"])}),
        files=tuple(_member(file) for file in found["files"]),
    )


def _member(found: Any) -> Member:
    return Member(_text(found["path"]), _count(found["size"]), _text(found["sha256"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no count")
    return value


def _is_program(path: str) -> bool:
    return any(program and re.fullmatch(pattern, path) for pattern, _, program in _LIMITS)


def _first_disorder(paths: list[str]) -> str:
    return next((after for before, after in pairwise(paths) if before >= after), "")


def _refused(why: str) -> BundleRefused:
    return BundleRefused(f"{NAME}: {why}", fix=_AGAIN)

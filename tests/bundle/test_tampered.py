"""No altered bundle is installed, not even in part, and the line that says so names the file."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local_agent.bundle import archive
from local_agent.bundle.archive import opened
from local_agent.bundle.install import install_models
from local_agent.bundle.manifest import NAME, SBOM
from local_agent.errors import BundleRefused, InstallFailed, WeightsError
from local_agent.weights.store import find, verify
from tests.bundle.bundlekit import FILES, Parts, contents, fill, joined, spelt, whole

GGUF = "models/tiny-llm/tiny.gguf"
VOICE = "models/tiny-voice/voice.onnx"
LICENCE = "licences/models.txt"
Tamper = Callable[[Parts], bytes]


def trailer(parts: Parts) -> int:
    """Where the zero blocks at the end begin."""
    last = max(parts.data, key=lambda path: parts.data[path])
    return parts.data[last] + len(parts.files[last]) + archive.padding(len(parts.files[last]))


def respelt(parts: Parts, old: bytes, new: bytes) -> bytes:
    return joined({NAME: spelt(parts.manifest).replace(old, new, 1), **parts.files})


def with_target(parts: Parts) -> bytes:
    target = {"system": "Linux", "machine": "x86_64", "libc": "glibc 2.0", "python": "cp311", "cpu": []}
    return parts.claims(target=target)


def tarred(*infos: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar that tarfile writes by itself."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as opened:
        for info, content in infos:
            opened.addfile(info, io.BytesIO(content))
    return out.getvalue()


def pax(parts: Parts) -> bytes:
    """The same files under extended headers, which could carry other names and sizes."""
    infos = []
    for path, content in {NAME: spelt(parts.manifest), **parts.files}.items():
        info = tarfile.TarInfo(path)
        info.size, info.pax_headers = len(content), {"comment": "x"}
        infos.append((info, content))
    return tarred(*infos)


def swapped(parts: Parts) -> bytes:
    return joined([(NAME, spelt(parts.manifest)), *reversed(parts.files.items())])


def doubled(parts: Parts) -> bytes:
    files = [file for file in parts.manifest["files"] for _ in range(2 if file["path"] == GGUF else 1)]
    pairs = [(path, content) for path, content in parts.files.items() for _ in range(2 if path == GGUF else 1)]
    return joined([(NAME, spelt({**parts.manifest, "files": files})), *pairs])


def flips() -> dict[str, tuple[Tamper, str]]:
    cases: dict[str, tuple[Tamper, str]] = {}
    for path in (GGUF, VOICE, f"{VOICE}.json", LICENCE, "licences/components.txt", SBOM):
        cases[f"a byte of {path}"] = (lambda parts, path=path: parts.flipped(parts.data[path] + 1), path)  # type: ignore[misc]
        cases[f"a byte of the header of {path}"] = (
            lambda parts, path=path: parts.flipped(parts.headers[path] + 5),  # type: ignore[misc]
            path,
        )
    cases["the last byte of a model"] = (lambda p: p.flipped(p.data[VOICE] + len(p.files[VOICE]) - 1), VOICE)
    cases["a byte of the manifest"] = (lambda p: p.flipped(p.data[NAME] + 2), NAME)
    cases["the manifest's header"] = (lambda p: p.flipped(p.headers[NAME] + 140), NAME)
    cases["a byte between files"] = (lambda p: p.flipped(p.data[GGUF] + len(p.files[GGUF])), GGUF)
    cases["a byte after the last file"] = (lambda p: p.flipped(trailer(p) + 700), "sbom")
    return cases


HEADERS: dict[str, tuple[Tamper, str]] = {
    "a symbolic link": (lambda p: p.header_of(GGUF, type=tarfile.SYMTYPE, linkname="/etc/passwd"), GGUF),
    "a hard link": (lambda p: p.header_of(GGUF, type=tarfile.LNKTYPE, linkname=VOICE), GGUF),
    "a character device": (lambda p: p.header_of(GGUF, type=tarfile.CHRTYPE, devmajor=1), GGUF),
    "a block device": (lambda p: p.header_of(GGUF, type=tarfile.BLKTYPE), GGUF),
    "a pipe": (lambda p: p.header_of(GGUF, type=tarfile.FIFOTYPE), GGUF),
    "a folder": (lambda p: p.header_of(GGUF, type=tarfile.DIRTYPE), GGUF),
    "a sparse file": (lambda p: p.header_of(GGUF, type=tarfile.GNUTYPE_SPARSE), GGUF),
    "a program's bit": (lambda p: p.header_of(GGUF, mode=0o4755), GGUF),
    "another owner": (lambda p: p.header_of(GGUF, uid=1000, uname="joe"), GGUF),
    "another name": (lambda p: p.header_of(GGUF, name="models/tiny-llm/other.gguf"), GGUF),
    "a name that climbs": (lambda p: p.header_of(GGUF, name="../../evil"), GGUF),
    "a name with a newline": (lambda p: p.header_of(GGUF, name="a\nlocal_agent: all is well"), GGUF),
    "a larger size": (lambda p: p.header_of(GGUF, size=10**9), GGUF),
    "an absurd size": (lambda p: p.header_of(GGUF, size=2**70), GGUF),
}
SHAPES: dict[str, tuple[Tamper, str]] = {
    "cut in the first block": (lambda p: p.body[:100], "bad.tar"),
    "cut in the manifest": (lambda p: p.body[: p.data[NAME] + 50], NAME),
    "cut before a model": (lambda p: p.body[: p.headers[VOICE]], VOICE),
    "cut in a header": (lambda p: p.body[: p.headers[VOICE] + 20], VOICE),
    "cut in a model": (lambda p: p.body[: p.data[VOICE] + 777], VOICE),
    "without its end": (lambda p: p.body[: trailer(p)], "sbom"),
    "a byte short": (lambda p: p.body[:-1], "sbom"),
    "empty": (lambda p: b"", "bad.tar"),
    "garbage": (lambda p: bytes(range(256)) * 100, "bad.tar"),
    "zeros": (lambda p: bytes(20480), "bad.tar"),
    "compressed": (lambda p: gzip.compress(p.body), "compressed"),
    "somebody's tar": (lambda p: tarred((tarfile.TarInfo("a"), b"")), "bad.tar"),
    "extended headers": (pax, "bad.tar"),
    "a file without a listing": (lambda p: p.body[: trailer(p)] + joined({"more": b"x"}), "more"),
    "a file in between without a listing": (
        lambda p: p.body[: p.headers[VOICE]] + joined({"more": b"x"})[:1024] + p.body[p.headers[VOICE] :],
        VOICE,
    ),
    "a file taken out": (lambda p: p.body[: p.headers[GGUF]] + p.body[p.headers[VOICE] :], GGUF),
    "something after the end": (lambda p: p.body + b"x", "sbom"),
    "another order": (swapped, "licences"),
    "the same file twice": (doubled, GGUF),
}
CLAIMS: dict[str, tuple[Tamper, str]] = {
    "another hash of a model": (lambda p: p.claims_of(GGUF, sha256="0" * 64), GGUF),
    "another hash of a licence": (lambda p: p.claims_of(LICENCE, sha256="0" * 64), LICENCE),
    "another size of a model": (lambda p: p.claims_of(GGUF, size=5), GGUF),
    "another size of a licence": (lambda p: p.claims_of(LICENCE, size=5), "licences"),
    "an absurd size of a licence": (lambda p: p.claims_of(LICENCE, size=2**39), LICENCE),
    "a size beyond counting": (lambda p: p.claims_of(LICENCE, size=2**70), LICENCE),
    "a negative size": (lambda p: p.claims_of(LICENCE, size=-1), LICENCE),
    "no hash": (lambda p: p.claims_of(LICENCE, sha256="../.."), LICENCE),
    "a size that is true": (lambda p: p.claims_of(LICENCE, size=True), NAME),
    "a model exchanged, listed and all": (lambda p: p.holding({GGUF: b"GGUF evil"}), GGUF),
    "a model exchanged for one of its size": (lambda p: p.holding({VOICE: b"evil" * 3000}), VOICE),
    "a model's file missing": (lambda p: p.holding({f"{VOICE}.json": None}), f"{VOICE}.json"),
    "no list of components": (lambda p: p.holding({SBOM: None}), SBOM),
    "a file that no bundle has": (lambda p: p.holding({"start.sh": b"rm"}), "start.sh"),
    "one more file in a model": (lambda p: p.holding({"models/tiny-llm/model.py": b"rm"}), "models/tiny-llm/model.py"),
    "a path that climbs": (lambda p: p.holding({"licences/../../evil": b"x"}), "licences/../../evil"),
    "a path from the root": (lambda p: p.holding({"/etc/cron.d/evil": b"x"}), "/etc/cron.d/evil"),
    "a hidden path": (lambda p: p.holding({"licences/.verified.json": b"x"}), "licences/.verified.json"),
    "a path with a newline": (lambda p: p.holding({"licences/a\nb": b"x"}), "licences/a\\nb"),
    "a program in a bundle of models": (lambda p: p.holding({"install.py": b"x"}), "install.py"),
    "programs claimed and not there": (with_target, "install.py"),
    "another format": (lambda p: p.claims(format=2), "format 2"),
    "an unknown model": (lambda p: p.claims(models=["tiny-llm", "tiny-voice", "tiny-spy"]), "tiny-spy"),
    "a model with a path for a name": (lambda p: p.claims(models=["../tiny-llm"]), "../tiny-llm"),
    "a model left out of the list": (lambda p: p.claims(models=["tiny-llm"]), "models/tiny-voice"),
    "an unknown word": (lambda p: p.claims(run="rm"), NAME),
    "no files": (lambda p: p.written({"format": 1}), NAME),
    "not an object": (lambda p: joined({NAME: b"[]\n"}), NAME),
    "not JSON": (lambda p: joined({NAME: b"{"}), NAME),
    "deep nesting": (lambda p: joined({NAME: b"[" * 100_000}), NAME),
    "a word twice": (lambda p: respelt(p, b'"format": 1,', b'"format": 1,\n "format": 1,'), NAME),
    "another spelling": (lambda p: respelt(p, b"\n ", b"\n  "), NAME),
}
CASES = {**flips(), **HEADERS, **SHAPES, **CLAIMS}


def refusal(bundle: Path, models_dir: Path, digest: str | None = None) -> str:
    """The one line with which it is refused."""
    with pytest.raises(BundleRefused) as caught, opened(bundle, digest) as found:
        install_models(found, models_dir)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_there_are_more_than_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_an_altered_bundle_is_refused_and_leaves_nothing(name: str, parts: Parts, tmp_path: Path) -> None:
    tamper, named = CASES[name]
    bundle, models_dir = tmp_path / "bad.tar", tmp_path / "models"
    body = tamper(parts)
    assert body != parts.body
    bundle.write_bytes(body)
    assert named in refusal(bundle, models_dir)
    assert {path.name for path in models_dir.rglob("*")} <= {".download", "lock"}
    assert {path.name for path in tmp_path.iterdir()} <= {"bad.tar", "models"}


@pytest.mark.parametrize("name", [f"a byte of {SBOM}", "a byte of models/tiny-llm/tiny.gguf"])
def test_models_that_are_there_survive_a_bundle_that_is_refused(name: str, parts: Parts, tmp_path: Path) -> None:
    """Also where the altered file would not have been needed."""
    bundle, models_dir = tmp_path / "bad.tar", fill(tmp_path / "models")
    (models_dir / "tiny-voice" / "voice.onnx").write_bytes(b"an own voice")
    bundle.write_bytes(CASES[name][0](parts))
    before = contents(models_dir)
    refusal(bundle, models_dir)
    assert contents(models_dir) == before


def test_an_honest_bundle_put_together_by_the_same_means_is_installed(parts: Parts, tmp_path: Path) -> None:
    """The cases above fail for what they changed, and for nothing else."""
    (tmp_path / "same.tar").write_bytes(parts.holding({}))
    assert (tmp_path / "same.tar").read_bytes() == parts.body
    with opened(tmp_path / "same.tar") as found:
        install_models(found, tmp_path / "models")
    assert contents(tmp_path / "models") == whole()


def test_a_bundle_replaced_as_a_whole_is_told_by_its_digest(good: Path, parts: Parts, tmp_path: Path) -> None:
    with opened(good) as found:
        digest = found.digest
    other = tmp_path / "other.tar"
    other.write_bytes(parts.holding({LICENCE: b"no licence at all\n"}))
    with opened(other) as found:
        assert found.digest != digest
    assert NAME in refusal(other, tmp_path / "models", digest)
    with opened(good, digest.upper()) as found:
        assert found.digest == digest


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.tar"
    if kind == "folder":
        bundle.mkdir()
    if kind == "pipe":
        os.mkfifo(bundle)
    with pytest.raises((BundleRefused, InstallFailed), match=r"bundle\.tar"), opened(bundle):
        pytest.fail("it was opened")


SPOILT: dict[str, Callable[[Path], object]] = {
    "a byte changed": lambda path: path.write_bytes(b"GGUF!" + path.read_bytes()[5:]),
    "the last byte changed": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"!"),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"!"),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "another model": lambda path: path.write_bytes(b"GGUF another"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link to nowhere": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_model_is_named_and_a_bundle_mends_it(name: str, good: Path, tmp_path: Path) -> None:
    models_dir = fill(tmp_path / "models")
    verify(find("tiny-llm", models_dir))
    spoilt = models_dir / "tiny-llm" / "tiny.gguf"
    SPOILT[name](spoilt)
    with pytest.raises(WeightsError) as caught:
        verify(find("tiny-llm", models_dir))
    assert str(spoilt) in str(caught.value)
    if name == "a folder":
        spoilt.rmdir()
    with opened(good) as found:
        assert install_models(found, models_dir) == ["tiny-llm"]
    assert contents(models_dir) == whole()
    assert FILES["tiny-llm"]["tiny.gguf"] == spoilt.read_bytes()

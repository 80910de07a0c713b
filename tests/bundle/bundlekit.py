"""Bundles of small models that only these tests know, and archives that no honest maker writes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local_agent import __version__
from local_agent.bundle import archive
from local_agent.bundle.build import Made, listed, write
from local_agent.bundle.manifest import NAME, Member
from local_agent.bundle.programs import Programs
from local_agent.bundle.target import here
from local_agent.weights.catalogue import Entry, HuggingFace, IndexPackage, Part, WeightFile
from local_agent.weights.progress import Silent
from scripts.setup.programs import bundled_pip

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "tiny-llm": {"tiny.gguf": b"GGUF" + bytes(range(256)) * 40},
    "tiny-voice": {"voice.onnx": b"onnx" * 3000, "voice.onnx.json": b'{"a": 1}\n', "empty.txt": b"."},
}
_SOURCES = {"tiny-llm": IndexPackage("tiny-package", "1.0", "0" * 64, 1), "tiny-voice": HuggingFace("a/b", "1" * 40)}
_ROLES = {"tiny-llm": ("llm", "tiny.gguf"), "tiny-voice": ("tts", "voice.onnx")}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entries() -> list[Entry]:
    """The catalogue's entries for FILES."""
    found = []
    for name, files in FILES.items():
        role, loads = _ROLES[name]
        weights = tuple(
            WeightFile(path, len(content), sha256(content), ((Part(_SOURCES[name], path, len(content)),),))
            for path, content in files.items()
        )
        found.append(Entry(name, role, weights, loads, "MIT", ("en",), "for a test"))  # type: ignore[arg-type]
    return found


def fill(models_dir: Path) -> Path:
    """A models folder that is whole."""
    for name, files in FILES.items():
        for path, content in files.items():
            (models_dir / name / path).parent.mkdir(parents=True, exist_ok=True)
            (models_dir / name / path).write_bytes(content)
    return models_dir


def contents(models_dir: Path) -> dict[str, bytes]:
    """Every file below a folder but our own dotted ones."""
    return {
        path.relative_to(models_dir).as_posix(): path.read_bytes()
        for path in sorted(models_dir.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(models_dir).parts)
    }


def whole() -> dict[str, bytes]:
    """What `contents` finds in a models folder that is whole."""
    return {f"{name}/{path}": content for name, files in FILES.items() for path, content in files.items()}


def made(folder: Path, programs: Programs | None = None) -> tuple[Path, Made]:
    """A bundle of all entries, and what was said about it."""
    models_dir, output = fill(folder / "made from"), folder / "good.tar"
    parts = listed(entries(), models_dir, programs)
    return output, write(parts, [entry.name for entry in entries()], programs, output, Silent())


def programs(folder: Path) -> Programs:
    """The real pip, our own sources with a `__main__` that needs no package, and a livekit-server that is none."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "livekit-server").write_bytes(b"#!/bin/sh\necho hello\n")
    (wheels / bundled_pip().name).write_bytes(bundled_pip().read_bytes())
    _own_wheel(wheels / f"local_agent-{__version__}-py3-none-any.whl")
    machine = here()
    return Programs(folder, type(machine)(**{**asdict(machine), "cpu": machine.cpu[:1]}))


def _own_wheel(path: Path) -> None:
    info = f"local_agent-{__version__}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for source in sorted((ROOT / "local_agent").rglob("*.py")):
            if source.name != "__main__.py":
                wheel.write(source, source.relative_to(ROOT))
        wheel.writestr("local_agent/__main__.py", "from local_agent import __version__\nprint(__version__)\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: local-agent\nVersion: {__version__}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


class Parts:
    """An honest bundle taken apart, to be put together otherwise."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        with tarfile.open(fileobj=io.BytesIO(body)) as opened:
            found = opened.getmembers()
            self.files = {info.name: opened.extractfile(info).read() for info in found}  # type: ignore[union-attr]
        self.headers = {info.name: info.offset for info in found}
        self.data = {info.name: info.offset_data for info in found}
        self.manifest: dict[str, Any] = json.loads(self.files.pop(NAME))

    def flipped(self, at: int) -> bytes:
        return self.body[:at] + bytes([self.body[at] ^ 1]) + self.body[at + 1 :]

    def header_of(self, path: str, **changes: object) -> bytes:
        """The bundle with another header before a file: a link, a device, another name, another size."""
        info = tarfile.TarInfo(path)
        info.size, info.mode = len(self.files[path]), 0o644
        for name, value in changes.items():
            setattr(info, name, value)
        at = self.headers[path]
        return self.body[:at] + info.tobuf(tarfile.GNU_FORMAT) + self.body[at + archive.BLOCK :]

    def claims(self, **changes: object) -> bytes:
        """The bundle with a manifest that says something else, well spelt."""
        return self.written({**self.manifest, **changes})

    def claims_of(self, path: str, **changes: object) -> bytes:
        """The same about one file."""
        files = [{**file, **(changes if file["path"] == path else {})} for file in self.manifest["files"]]
        return self.claims(files=files)

    def holding(self, changed: dict[str, bytes | None]) -> bytes:
        """A bundle that agrees with itself, with other files: None takes one away."""
        files = {path: content for path, content in {**self.files, **changed}.items() if content is not None}
        listing = [asdict(Member(path, len(files[path]), sha256(files[path]))) for path in sorted(files)]
        return joined(
            {NAME: spelt({**self.manifest, "files": listing}), **{path: files[path] for path in sorted(files)}}
        )

    def written(self, manifest: dict[str, Any]) -> bytes:
        return joined({NAME: spelt(manifest), **self.files})


def spelt(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def joined(files: dict[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """A tar of these files as an honest maker would write them, names and order aside."""
    pairs = files.items() if isinstance(files, dict) else files
    body = b"".join(
        archive.header(path, len(content)) + content + bytes(archive.padding(len(content))) for path, content in pairs
    )
    return body + bytes(archive.end(len(body)))

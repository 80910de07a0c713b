"""Finding models on disk and making sure that every file is there and whole. Never touches the network.

A model is named as in the catalogue, or given by path: a GGUF file, a CTranslate2 Whisper folder, a Piper .onnx beside
its .onnx.json.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from local_agent.errors import ConfigError, WeightsCorrupt, WeightsMissing, nearest
from local_agent.process import atomic_file
from local_agent.weights import gguf_header, hash_cache
from local_agent.weights.catalogue import CATALOGUE, Entry, Role

CHECKSUMS = "checksums.json"  # written at the first download of files that the catalogue does not pin

_CT2_FILES = ("model.bin", "config.json", "tokenizer.json")
_TRANSFORMERS = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
_CT2_VOCABULARY = ("vocabulary.txt", "vocabulary.json")
_PART = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\.gguf")  # as gguf-split names them, counted from 1
_LIST = "python -m local_agent download --list"
# What a browser or git leaves where a large file should be: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER, _PAGE = b"version https://git-lfs", re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)
_PROJECTOR = "mmproj"  # in the name of what llama.cpp's converter makes of a model's eyes or ears

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelFile:
    """A file that must be there. size (bytes) and sha256 are None where nobody knows them."""

    path: Path
    size: int | None
    sha256: str | None


@dataclass(frozen=True)
class Model:
    """A model as an engine opens it: `path` is the GGUF, the .onnx, or the CTranslate2 folder.

    entry: None when it is somebody's own model, given by path.
    """

    name: str
    role: Role
    path: Path
    files: tuple[ModelFile, ...]
    entry: Entry | None

    @property
    def folder(self) -> Path:
        return self.path if self.role == "stt" else self.path.parent

    @property
    def projector(self) -> Path | None:
        """The eyes of a language model: the mmproj*.gguf in its folder, the smallest where it is there in several
        precisions; None where there is none.
        """
        found = [path for path in self.folder.glob("*.gguf") if _PROJECTOR in path.name.lower()]
        return min(found, key=lambda path: path.stat().st_size, default=None) if self.role == "llm" else None

    @property
    def size(self) -> int:
        """Bytes on disk of the files that are there."""
        return sum(file.path.stat().st_size for file in self.files if file.path.is_file())


def find(name_or_path: str | Path, models_dir: Path) -> Model:
    """The model of that name in `models_dir`, or the one at that path; `verify` then tells whether it is all there.

    Raises ConfigError for a name that nobody knows, WeightsMissing for a path that holds no model.
    """
    entry = CATALOGUE.get(str(name_or_path))
    if entry is not None:
        return _catalogued(entry, models_dir)
    try:
        path = Path(name_or_path).expanduser()
        if not _looks_like_path(str(name_or_path)) and not path.exists():
            raise _unknown(str(name_or_path))
        return _own(path.absolute())
    except (OSError, RuntimeError) as error:  # too long, a folder that may not be entered, the home of a stranger
        raise ConfigError(
            f"no model can be looked for at {name_or_path}: {error}", expected="a path that can be read", fix=_LIST
        ) from error


def verify(model: Model, *, noted: Path | None = None, deep: bool = False) -> None:
    """Return when every file of `model` is there and whole; else raise WeightsMissing or WeightsCorrupt with one line.

    noted: the ledger, where a file that was hashed is remembered by size, times and inode, so that later starts only
    look at those; None hashes every file whose hash is known. deep: hash again whatever is remembered.
    """
    check_presence(model)
    if model.role == "llm" and not any(file.sha256 for file in model.files):
        gguf_header.read(model.path)
    hashed = [file for file in model.files if file.sha256]
    memory = hash_cache.read(noted) if noted is not None and not deep else {}
    seen = {file: _remembered(file) for file in hashed}  # before hashing: a change during it must not be remembered
    wanted = [file for file in hashed if memory.get(str(file.path)) != seen[file]]
    with ThreadPoolExecutor(2) as pool:  # hashlib lets go of the interpreter lock: two files at a time
        for file, found in zip(wanted, pool.map(lambda file: sha256_of(file.path), wanted), strict=True):
            if found != file.sha256:
                raise _altered(model, file, found)
    if noted is not None and wanted:
        _remember(noted, {str(file.path): seen[file] for file in wanted})


def check_presence(model: Model) -> None:
    """Return when every file of a model is there, with the size that is known; else raise as `verify` does."""
    for file in model.files:
        _check_presence(model, file)


def whole(file: ModelFile) -> bool:
    """Whether a catalogued file is there with the right content; False as well where no hash is known."""
    return file.sha256 is not None and _size(file.path) == file.size and sha256_of(file.path) == file.sha256


def installed(models_dir: Path) -> frozenset[str]:
    """Names of the catalogue's models of which every file lies in `models_dir` at its full size."""
    return frozenset(
        name
        for name, entry in CATALOGUE.items()
        if all(_size(models_dir / name / file.path) == file.size for file in entry.files)
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_json(path: Path | None) -> dict[str, object]:
    """The object in a JSON file of ours; empty when it is not there, not readable or not JSON."""
    try:
        found = json.loads(path.read_text()) if path else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: dict[str, object]) -> None:
    """Replace a JSON file in one step, so that no reader ever sees half of it."""
    atomic_file.replace(path, json.dumps(content, indent=1, sort_keys=True) + "\n", mode=atomic_file.SHARED)


def mend(model: Model, file: Path | None = None) -> str:
    """The command that puts a model right. file: the one that is wrong, where it is not the model's path."""
    if model.entry is None:
        return f"put the whole file at {file or model.path} or name another model"
    return download([model.name], model.folder.parent)


def download(wanted: Sequence[str], models_dir: Path) -> str:
    """The command that fetches models of the catalogue, or options such as `--profile NAME`, into `models_dir`."""
    usual = models_dir.resolve() == Path("models").resolve()
    elsewhere = "" if usual else f" --models-dir {shlex.quote(str(models_dir))}"
    return f"python -m local_agent download {' '.join(wanted)}{elsewhere}"


def _catalogued(entry: Entry, models_dir: Path) -> Model:
    folder = (models_dir / entry.name).absolute()
    recorded = {} if entry.pinned else read_json(folder / CHECKSUMS)
    files = tuple(
        ModelFile(folder / file.path, file.size, file.sha256 or _text(recorded.get(file.path))) for file in entry.files
    )
    return Model(entry.name, entry.role, folder / entry.loads if entry.loads else folder, files, entry)


def _own(path: Path) -> Model:
    """Somebody's own model; what it is shows in its suffix or in what the folder holds."""
    if path.is_dir():
        if not (path / "model.bin").exists() and (inside := _only(path)):
            return _own(inside)
        if not (path / "model.bin").exists() and any((path / name).exists() for name in _TRANSFORMERS):
            raise WeightsMissing(
                f"{path} holds a model for Transformers",
                expected="a Whisper model for CTranslate2",
                fix=f"ct2-transformers-converter --model {shlex.quote(str(path))} --output_dir "
                f"{shlex.quote(str(path) + '-ct2')} --quantization int8 --copy_files tokenizer.json "
                "preprocessor_config.json (of the package ctranslate2), and name that folder",
            )
        if not any((path / name).exists() for name in (*_CT2_FILES, *_CT2_VOCABULARY)):
            raise _nowhere(path, "model.bin is not there, nor anything else of a model")
        vocabulary = next((name for name in _CT2_VOCABULARY if (path / name).exists()), _CT2_VOCABULARY[0])
        files = tuple(ModelFile(path / name, None, None) for name in (*_CT2_FILES, vocabulary))
        return Model(path.name, "stt", path, files, None)
    if path.suffix.lower() == ".gguf":
        parts = _parts(path)
        return Model(path.stem, "llm", parts[0], tuple(ModelFile(part, None, None) for part in parts), None)
    if path.suffix.lower() == ".onnx":
        config = path.with_name(path.name + ".json")
        return Model(path.stem, "tts", path, (ModelFile(path, None, None), ModelFile(config, None, None)), None)
    raise _nowhere(path, "there is a file of another kind" if path.exists() else "there is nothing")


def _nowhere(path: Path, why: str) -> WeightsMissing:
    return WeightsMissing(
        f"no model at {path}: {why}",
        expected="a .gguf file, a Piper .onnx, or a folder with a CTranslate2 Whisper model",
        fix=f"name a model of `{_LIST}`",
    )


def _only(folder: Path) -> Path | None:
    """The one language model or voice in a folder, a projector for images beside it left aside; None where none is.

    Raises ConfigError where there are several.
    """
    found = [path for path in sorted(folder.glob("*.gguf")) if _PROJECTOR not in path.name.lower()]
    models = sorted({_parts(path)[0] for path in found}) + sorted(folder.glob("*.onnx"))
    if len(models) > 1:
        raise ConfigError(
            f"{folder} holds {len(models)} models: {', '.join(path.name for path in models)}",
            expected="the path of one of them, or a folder with one",
            fix=f"name one, for example {models[0]}",
        )
    return models[0] if models else None


def _parts(path: Path) -> list[Path]:
    """All files of a GGUF that was split by llama.cpp, the first one first; the file itself where it is whole."""
    named = _PART.fullmatch(path.name)
    count = int(named["count"]) if named is not None else 0
    if named is None or count == 0:
        return [path]
    return [path.with_name(f"{named['stem']}-{number:05d}-of-{count:05d}.gguf") for number in range(1, count + 1)]


def _looks_like_path(name: str) -> bool:
    return os.sep in name or name.startswith("~") or name.lower().endswith((".gguf", ".onnx"))


def _unknown(name: str) -> ConfigError:
    near = nearest(name, CATALOGUE)
    return ConfigError(
        f"no model is named {name!r}",
        expected=f"a name of the catalogue{f', perhaps {near}' if near else ''}, or a path",
        fix=_LIST,
    )


def _check_presence(model: Model, file: ModelFile) -> None:
    found = _size(file.path)
    if found is None:
        raise WeightsMissing(
            f"{model.name}: {file.path} is not there", expected=_bytes(file.size), fix=mend(model, file.path)
        )
    if not os.access(file.path, os.R_OK):
        raise WeightsMissing(
            f"{model.name}: {file.path} may not be read", fix=f"chmod u+r {shlex.quote(str(file.path))}"
        )
    if found == 0 or (file.size is not None and found != file.size):
        cut = "truncated" if file.size is None or found < file.size else "too long"
        raise WeightsCorrupt(
            f"{model.name}: {file.path} is {cut}, found {_bytes(found)}",
            expected=_bytes(file.size),
            fix=mend(model, file.path),
        )
    if file.size is None:
        _check_kind(model, file.path)


def _check_kind(model: Model, path: Path) -> None:
    """Raise WeightsCorrupt for what stands in place of somebody's own file."""
    with path.open("rb") as stream:
        begins = stream.read(64)
    if begins.startswith(_POINTER):
        command = f"git -C {shlex.quote(str(path.parent))} lfs pull"
        raise WeightsCorrupt(
            f"{model.name}: {path} is a pointer of Git LFS, which only names the file", expected="the file", fix=command
        )
    if _PAGE.match(begins):
        raise WeightsCorrupt(
            f"{model.name}: {path} is a web page, as a download that failed leaves one",
            expected="the file",
            fix=mend(model, path),
        )


def _altered(model: Model, file: ModelFile, found: str) -> WeightsCorrupt:
    return WeightsCorrupt(
        f"{model.name}: {file.path} is altered, found sha256 {found}", expected=f"sha256 {file.sha256}", fix=mend(model)
    )


def _remembered(file: ModelFile) -> dict[str, object]:
    return {"sha256": file.sha256, "seen": hash_cache.fingerprint(file.path)}


def _remember(noted: Path, fresh: dict[str, object]) -> None:
    """Note what was hashed and right. A folder that cannot be written only costs the time to hash again."""
    try:
        hash_cache.note(noted, fresh)
    except OSError as error:
        logger.info("%s cannot be written (%s): the weights are hashed again at the next start", noted, error)


def _size(path: Path) -> int | None:
    """Bytes; None where no file can be seen: `is_file` raises for a folder that may not be entered."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _bytes(count: int | None) -> str:
    return "a file with content" if count is None else f"{count:,} bytes"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

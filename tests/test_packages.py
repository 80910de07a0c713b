"""What is installed is what was pinned, byte by byte, as far as this machine can tell without asking anybody."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata as metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
NATIVE = (".so", ".dylib", ".dll", ".pyd")
# Unpickling runs what the file says. faster-whisper and piper could bring torch; nothing here asks for it.
FORBIDDEN = ("torch", "tensorflow", "joblib", "dill", "cloudpickle")


def pinned() -> dict[str, str]:
    """{name: version} of everything that runs in a call on a machine like this one."""
    text = "".join((ROOT / "requirements" / f"{name}.txt").read_text() for name in ("runtime", "llama"))
    lines = [Requirement(line) for line in re.findall(r"^([A-Za-z0-9][^\\\n]*==[^\\\n]*)", text, re.MULTILINE)]
    here = [one for one in lines if one.marker is None or one.marker.evaluate()]
    return {one.name: str(one.specifier).removeprefix("==") for one in here}


def test_installed_versions_are_the_pinned_ones() -> None:
    pins = pinned()
    assert len(pins) > 50
    installed = {name: _version(name) for name in pins}
    assert {name: found for name, found in installed.items() if found != pins[name]} == {}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def test_every_installed_file_has_the_hash_its_package_came_with() -> None:
    """Native libraries always; the rest of a package as far as its RECORD says."""
    altered, checked = [], 0
    for name in pinned():
        for file in metadata.files(name) or [] if _version(name) else []:
            path = Path(str(file.locate()))
            if file.hash is None or not (path.name.endswith((*NATIVE, ".py")) or ".so." in path.name):
                continue
            if not path.is_file():
                altered.append(f"{name}: {file} is gone")
                continue
            digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
            checked += 1
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                altered.append(f"{name}: {file}")
    assert checked > 1000
    assert altered == []


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_installed_for_a_call_unpickles_models(name: str) -> None:
    assert name not in pinned()

"""What is installed is what was pinned, byte by byte, as far as this machine can tell without asking anybody."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.metadata as metadata
import re
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


# Distributions of the one namespace that several share.
LIVEKIT = {
    "rtc": "livekit",
    "agents": "livekit-agents",
    "api": "livekit-api",
    "protocol": "livekit-protocol",
    "plugins": "livekit-plugins-silero",
}


def declared() -> set[str]:
    """What pyproject.toml asks for, but for development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}


def imported() -> dict[str, set[str]]:
    """{distribution: files that import it}, of the product and of README's examples."""
    known, found = metadata.packages_distributions(), dict[str, set[str]]()
    examples = "\n".join(re.findall(r"^ *(?:from|import) livekit.*$", (ROOT / "README.md").read_text(), re.MULTILINE))
    sources = {str(path): path.read_text() for path in (ROOT / "local_agent").rglob("*.py")}
    for file, text in (sources | {"README.md": textwrap.dedent(examples)}).items():
        for node in ast.walk(ast.parse(text)):
            for name in _names(node):
                top, *rest = name.split(".")
                if top == "livekit":
                    found.setdefault(LIVEKIT[rest[0]], set()).add(file)
                elif top not in sys.stdlib_module_names and top != "local_agent":
                    found.setdefault(canonicalize_name(known[top][0]), set()).add(file)
    return found


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"livekit.{alias.name}" for alias in node.names] if node.module == "livekit" else [node.module]
    return []


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    assert {name: files for name, files in imported().items() if name not in declared()} == {}
    assert declared() - set(imported()) == set()


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

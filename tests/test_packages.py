"""What is installed is what was pinned, byte by byte, as far as this machine can tell without asking anybody."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.metadata as metadata
import itertools
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from local_agent.bundle import inventory
from tests import test_walls as walls

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


def declared(*extras: str) -> dict[str, SpecifierSet]:
    """What pyproject.toml asks for, and its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    options = project["optional-dependencies"]
    lines = [*project["dependencies"], *itertools.chain(*(options[extra] for extra in extras))]
    return {canonicalize_name(one.name): one.specifier for one in map(Requirement, lines)}


def plugins() -> dict[str, str]:
    """Modules that the three plugins import, at once or when a model loads, with their text."""
    known, waiting = walls.ours(), [f"local_agent.plugins.{name}" for name in ("whisper", "llama", "piper")]
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = (ROOT / f"{name.replace('.', '/')}.py").read_text()
            waiting += known[name]
    return found


def imported(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """{distribution: files that import it}, of texts by file."""
    known, found = metadata.packages_distributions(), dict[str, set[str]]()
    for file, text in sources.items():
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
    """By the plugins alone, and by the whole product; README's example is of the plugins."""
    examples = "\n".join(re.findall(r"^ *(?:from|import) livekit.*$", (ROOT / "README.md").read_text(), re.MULTILINE))
    product = {str(path): path.read_text() for path in (ROOT / "local_agent").rglob("*.py")}
    bare, whole = imported(plugins() | {"README.md": textwrap.dedent(examples)}), imported(product)
    for found, said in ((bare, declared()), (bare | whole, declared("agent"))):
        assert {name: files for name, files in found.items() if name not in said} == {}
        assert set(said) - set(found) == set()


def test_plugins_load_with_what_the_bare_package_brings() -> None:
    """Without what is only there for the commands, whoever else may bring it."""
    others = {name for name in declared("agent") if name not in declared()} - of_livekit_agents()
    kept_out = [
        top for top, names in metadata.packages_distributions().items() if canonicalize_name(names[0]) in others
    ]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({kept_out!r}))\n"  # None there is an ImportError
        "from local_agent.plugins import llama, piper, whisper\n"
        "import local_agent.engines.whisper.engine, local_agent.engines.llama.engine\n"
        "import local_agent.engines.piper.engine, local_agent.engines.smart_turn\n"
        "print(whisper.STT().provider, llama.LLM().provider, piper.TTS().provider)"
    )
    assert "cryptography" in kept_out
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["local_agent"] * 3, done.stderr


def test_a_command_of_the_bare_package_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['cryptography'] = None")
    done = subprocess.run(
        [sys.executable, "-m", "local_agent", "doctor", "--quick"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = done.stderr.splitlines()
    assert len(told) == 1 and "has no package 'cryptography'; fix: " in told[0], done.stderr


def of_livekit_agents() -> set[str]:
    """What livekit-agents, and what it needs, bring along."""
    return {found.name for found in inventory.packages("livekit-agents")}


def test_what_was_tested_lies_in_the_ranges() -> None:
    """And the range of what a native library or a private name depends on ends where nothing was tried."""
    ranges, text = declared("agent"), (ROOT / "requirements" / "tested.in").read_text()
    tested = [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]
    assert len(tested) > 5
    for one in tested:
        version = str(one.specifier).removeprefix("==")
        assert ranges[canonicalize_name(one.name)].contains(version), one
    assert [name for name, wanted in ranges.items() if any(part.operator == "==" for part in wanted)] == []
    installed = {name: version for name, version in pinned().items() if canonicalize_name(name) in ranges}
    assert {
        name for name, version in installed.items() if not ranges[canonicalize_name(name)].contains(version)
    } == set()
    assert not ranges["onnxruntime"].contains("1.33.0"), "count its packets first (docs/decisions/nothing-leaves.md)"


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

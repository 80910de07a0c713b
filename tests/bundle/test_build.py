"""A bundle is the same each time, holds what it says, and lists its parts with their licences."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from local_agent.bundle import inventory, licence
from local_agent.bundle.command import bundle_command
from local_agent.bundle.inventory import Component, everything, packages
from local_agent.bundle.manifest import NAME, SBOM
from local_agent.bundle.sbom import sbom
from local_agent.errors import WeightsCorrupt, WeightsMissing
from local_agent.server import livekit_build as livekit
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from tests.bundle.bundlekit import FILES, ROOT, Parts, entries, fill, made, sha256

SERIAL = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TYPES = {"application", "library", "machine-learning-model", "file"}


def components(parts: Parts) -> list[dict[str, Any]]:
    return list(json.loads(parts.files[SBOM])["components"])


def test_the_same_content_makes_the_same_bytes(good: Path, tmp_path: Path) -> None:
    again, said = made(tmp_path)
    assert again.read_bytes() == good.read_bytes()
    assert said.sha256 == sha256(good.read_bytes())
    assert said.size == good.stat().st_size
    assert said.digest == sha256(json_of(good))


def json_of(bundle: Path) -> bytes:
    with tarfile.open(bundle) as opened:
        stream = opened.extractfile(NAME)
        assert stream is not None
        return stream.read()


def test_any_tar_reads_it_and_the_manifest_comes_first(full: Path, tmp_path: Path) -> None:
    listed = subprocess.run(["tar", "-tf", full], capture_output=True, text=True, check=True).stdout.split()
    assert listed[0] == NAME
    assert listed[1:] == sorted(listed[1:])
    assert "install.py" in listed
    with tarfile.open(full) as opened:
        assert {(info.mode, info.mtime, info.uid, info.uname) for info in opened} == {(0o644, 0, 0, "")}


def test_the_manifest_has_every_file_with_its_hash(parts: Parts) -> None:
    assert {file["path"]: (file["size"], file["sha256"]) for file in parts.manifest["files"]} == {
        path: (len(content), sha256(content)) for path, content in parts.files.items()
    }
    assert parts.manifest["target"] is None
    assert parts.manifest["models"] == list(FILES)


def test_a_name_too_long_for_a_plain_header_is_carried(small_catalogue: None, tmp_path: Path) -> None:
    from local_agent.bundle.archive import opened
    from local_agent.bundle.install import install_models
    from tests.bundle.bundlekit import programs

    gathered = programs(tmp_path / "programs")
    name = f"wheels/some_package-1.0-cp311-cp311-{'.'.join(f'manylinux_2_{number}_x86_64' for number in range(5))}.whl"
    (tmp_path / "programs" / name).write_bytes(b"wheel")
    bundle, said = made(tmp_path, gathered)
    assert len(name) > 100
    with tarfile.open(bundle) as archive:
        assert name in archive.getnames()
    with opened(bundle, said.digest) as found:
        install_models(found, tmp_path / "models")


def test_nothing_is_written_where_a_model_is_missing_or_altered(small_catalogue: None, tmp_path: Path) -> None:
    from local_agent.bundle.build import listed, make, write
    from local_agent.weights.progress import Silent

    output = tmp_path / "out" / "bundle.tar"
    output.parent.mkdir()
    with pytest.raises(WeightsMissing, match=r"tiny\.gguf"):
        make(entries(), tmp_path / "models", output)
    models_dir = fill(tmp_path / "models")
    contents = listed(entries(), models_dir, None)
    (models_dir / "tiny-llm" / "tiny.gguf").write_bytes(b"GGUF" + bytes(len(FILES["tiny-llm"]["tiny.gguf"]) - 4))
    with pytest.raises(WeightsCorrupt, match=r"tiny\.gguf"):
        write(contents, list(FILES), None, output, Silent())
    assert list(output.parent.iterdir()) == []


def test_the_command_prints_the_digests(
    small_catalogue: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models_dir, output = fill(tmp_path / "models"), tmp_path / "two.tar"
    assert bundle_command(list(FILES), None, models_dir, output) == 0
    said = capsys.readouterr().out
    assert f"sha256  {hashlib.sha256(output.read_bytes()).hexdigest()}" in said
    assert f"digest  {sha256(json_of(output))}" in said
    assert "MIT" in said
    assert bundle_command(["tiny-lm"], None, models_dir, output) == 1
    assert "perhaps tiny-llm" in capsys.readouterr().err
    assert bundle_command(list(FILES), None, models_dir, tmp_path / "no" / "folder.tar") == 1
    assert str(tmp_path / "no") in capsys.readouterr().err


def test_the_list_of_components_has_what_cyclonedx_demands(parts: Parts) -> None:
    document = json.loads(parts.files[SBOM])
    assert document["bomFormat"] == "CycloneDX"
    assert document["specVersion"] == "1.6"
    assert document["version"] == 1
    assert re.fullmatch(SERIAL, document["serialNumber"])
    references = [document["metadata"]["component"]["bom-ref"]]
    for found in document["components"]:
        assert found["type"] in TYPES
        assert found["name"]
        references += [found["bom-ref"], *(inner["bom-ref"] for inner in found.get("components", ()))]
        for stated in found["licenses"]:
            assert (set(stated) == {"expression"} and len(found["licenses"]) == 1) or set(stated["license"]) == {"name"}
        if "purl" in found:
            assert re.fullmatch(r"pkg:(pypi|npm|golang|huggingface)/[^@\s]+@[^@\s]+", found["purl"])
    assert len(references) == len(set(references))
    for dependency in document["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= set(references)


def test_models_are_listed_with_the_hashes_of_their_files(parts: Parts) -> None:
    models = {found["name"]: found for found in components(parts) if found["type"] == "machine-learning-model"}
    assert models.keys() == FILES.keys()
    (single,) = FILES["tiny-llm"].values()
    assert models["tiny-llm"]["hashes"] == [{"alg": "SHA-256", "content": sha256(single)}]
    assert models["tiny-llm"]["licenses"] == [{"expression": "MIT"}]
    hashes = {inner["name"]: inner["hashes"][0]["content"] for inner in models["tiny-voice"]["components"]}
    assert hashes == {f"models/tiny-voice/{path}": sha256(content) for path, content in FILES["tiny-voice"].items()}


def test_wheels_in_the_bundle_have_their_hashes_in_the_list(full: Path) -> None:
    parts = Parts(full.read_bytes())
    found = {found["name"]: found for found in components(parts)}
    (wheel,) = (path for path in parts.files if path.startswith("wheels/local_agent-"))
    assert found["local-agent"]["hashes"][0]["content"] == sha256(parts.files[wheel])
    assert found["livekit-server"]["hashes"][0]["content"] == sha256(parts.files["bin/livekit-server"])
    carried = {name for name, described in found.items() if described["properties"][0]["value"] == "true"}
    assert carried == {"local-agent", "livekit-server", "pip", *FILES}


def test_every_pinned_package_that_is_installed_is_in_the_list() -> None:
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE)
    listed = {found.name for found in packages()}
    here = []
    for name in pinned:
        try:
            here.append(distribution(name).name)
        except PackageNotFoundError:
            continue
    assert len(here) > 50
    assert {name.lower().replace("_", "-").replace(".", "-") for name in here} <= listed
    assert "llama-cpp-python" in listed
    assert "pytest" not in listed


def test_the_versions_that_are_named_are_those_that_set_up_brings() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/livekit-client"]["version"] == inventory.LIVEKIT_CLIENT
    assert livekit.VERSION == inventory.LIVEKIT_SERVER


def test_licences_name_the_models_the_packages_and_what_is_inside(
    small_catalogue: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert licence.licenses_command(fill(tmp_path)) == 0
    said = capsys.readouterr().out
    for line in (r"tiny-llm 1\.0 +MIT", r"piper-tts \S+ +GPL-3\.0-or-later", r"livekit-server \S+ +Apache-2\.0",
                 r"livekit-client \S+ +Apache-2\.0", r"espeak-ng +GPL-3\.0-or-later  \(in piper-tts"):  # fmt: skip
        assert re.search(line, said), line
    assert "whisper-tiny.en" not in said
    assert licence.licenses_command(tmp_path, as_json=True) == 0
    listed = {row["name"]: row["licence"] for row in json.loads(capsys.readouterr().out)}
    assert listed["tiny-voice"] == "MIT"
    assert inventory.UNSTATED not in listed.values()


@pytest.mark.parametrize(
    ("stated", "spdx"),
    [
        ("MIT", True),
        ("Apache-2.0 AND (MIT OR BSD-3-Clause)", True),
        ("Apache-2.0 AND LicenseRef-Own", True),
        ("BSD License", False),
        ("LGPL", False),
        ("", False),
    ],
)
def test_only_what_spdx_knows_is_called_an_expression(stated: str, spdx: bool) -> None:
    found = Component("package", "a", "1", stated)
    assert found.spdx is spdx
    (described,) = json.loads(sbom([found], {}))["components"]
    assert ("expression" in described["licenses"][0]) is spdx


def test_models_travel_with_their_licences() -> None:
    texts = licence.of_models([CATALOGUE[name] for name in PROFILES["starter"].models])
    assert b"OpenAI" in texts["MIT.txt"]
    assert b"Apache License" in texts["Apache-2.0.txt"]
    for name in PROFILES["starter"].models:
        assert name.encode() in texts["models.txt"]


def test_packages_travel_with_their_licences() -> None:
    texts = licence.of_packages([found for found in everything([]) if found.name == "piper-tts"])
    assert any(b"GNU GENERAL PUBLIC LICENSE" in text for text in texts.values())

"""The catalogue agrees with itself; finding and verifying name exactly what is wrong."""

from __future__ import annotations

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_agent.config.settings import Settings
from local_agent.errors import ConfigError, WeightsCorrupt, WeightsError, WeightsMissing, as_typed_here
from local_agent.weights import hash_cache
from local_agent.weights.catalogue import CATALOGUE, PROFILES, Entry, HuggingFace, IndexPackage, Part, WeightFile
from local_agent.weights.store import CHECKSUMS, find, installed, verify, write_json
from tests.headers import gguf_header

CONTENT = b"GGUF" + bytes(range(256)) * 40
NAME = "tiny-llm"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models directory with one small catalogued model, whole."""
    source = IndexPackage("tiny-package", "1.0", "0" * 64, 1)
    copy = (Part(source, "tiny/tiny.gguf", len(CONTENT)),)
    file = WeightFile("tiny.gguf", len(CONTENT), sha256(CONTENT), (copy,))
    entry = Entry(NAME, "llm", (file,), "tiny.gguf", "MIT", ("en",), "for a test")
    monkeypatch.setitem(CATALOGUE, NAME, entry)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "tiny.gguf").write_bytes(CONTENT)
    return tmp_path


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_an_entry_is_complete(entry: Entry) -> None:
    paths = {file.path for file in entry.files}
    whisper = {"model.bin", "config.json", "tokenizer.json"}
    assert (whisper if entry.role == "stt" else {entry.loads}) <= paths
    assert entry.role == "stt" or entry.loads
    if entry.role == "tts":
        assert f"{entry.loads}.json" in paths
    if entry.role == "stt":
        assert paths & {"vocabulary.txt", "vocabulary.json"}
    assert entry.licence in {"MIT", "Apache-2.0", "BSD-2-Clause", "CC0-1.0", "CC-BY-4.0"}
    assert entry.languages
    for file in entry.files:
        assert file.size > 0
        assert file.copies
        for copy in file.copies:
            assert sum(part.size for part in copy) == file.size, "a place gives the whole file"
            assert len(copy) == 1 or all(isinstance(part.source, IndexPackage) for part in copy)
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert not Path(file.path).is_absolute()
        assert ".." not in file.path
    for source in entry.sources:
        pin = source.revision if isinstance(source, HuggingFace) else source.sha256
        assert re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", pin)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_profile_has_a_model_for_each_role(profile: object) -> None:
    assert [CATALOGUE[name].role for name in profile.models] == ["stt", "llm", "tts", "turn"]  # type: ignore[attr-defined]


def test_settings_describe_the_profiles_that_exist() -> None:
    described = Settings.model_fields["profile"].description or ""
    assert all(name in described for name in PROFILES)


WITHOUT_THE_HUB = (
    *PROFILES["starter"].models,
    "whisper-base",
    "qwen2.5-coder-0.5b-instruct",
    "qwen2.5-coder-1.5b-instruct",
)
# Of whoever published these nobody knows a file with the same hash.
WITHOUT_PUBLISHER = {"smollm2-135m-instruct", "smart-turn-v3.2"}


@pytest.mark.parametrize("name", WITHOUT_THE_HUB)
def test_the_hub_and_the_package_index_each_serve_all_of_a_model(name: str) -> None:
    for file in CATALOGUE[name].files:
        served = [{type(part.source) for part in copy} for copy in file.copies]
        assert served[-1] == {IndexPackage}
        assert file.sha256, "whoever serves it, it is the same file"
        assert served[:-1] == ([] if name in WITHOUT_PUBLISHER else [{HuggingFace}]), "the publisher is asked first"


def test_a_whole_model_is_found_and_verified(folder: Path) -> None:
    model = find(NAME, folder)
    verify(model, deep=True)
    assert model.path == folder / NAME / "tiny.gguf"
    assert model.role == "llm"
    assert model.size == len(CONTENT)
    assert NAME in installed(folder)


def fault(name: str | Path, folder: Path, noted: Path | None = None) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        verify(find(name, folder), noted=noted)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_file_is_named_with_the_command_that_mends_it(folder: Path) -> None:
    (folder / NAME / "tiny.gguf").unlink()
    found = fault(NAME, folder)
    assert isinstance(found, WeightsMissing)
    assert str(folder / NAME / "tiny.gguf") in found.what
    assert f"{len(CONTENT):,} bytes" in found.expected
    assert found.fix == as_typed_here(f"python -m local_agent download {NAME} --models-dir {folder}")
    assert NAME not in installed(folder)


def test_a_truncated_file_shows_both_sizes(folder: Path) -> None:
    (folder / NAME / "tiny.gguf").write_bytes(CONTENT[:100])
    found = fault(NAME, folder)
    assert isinstance(found, WeightsCorrupt)
    assert "truncated, found 100 bytes" in found.what
    assert f"{len(CONTENT):,} bytes" in found.expected
    assert NAME not in installed(folder)


def test_one_altered_byte_is_found_even_with_its_old_time(folder: Path) -> None:
    path = folder / NAME / "tiny.gguf"
    noted = hash_cache.of(folder / "data")
    verify(find(NAME, folder), noted=noted)
    before = path.stat()
    altered = CONTENT[:50] + b"!" + CONTENT[51:]
    path.write_bytes(altered)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = fault(NAME, folder, noted)
    assert isinstance(found, WeightsCorrupt)
    assert sha256(altered) in found.what
    assert sha256(CONTENT) in found.expected


def test_what_was_hashed_once_is_not_hashed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []

    def counting(path: Path) -> str:
        hashed.append(path)
        return sha256(path.read_bytes())

    monkeypatch.setattr("local_agent.weights.store.sha256_of", counting)
    noted = hash_cache.of(folder / "data")
    verify(find(NAME, folder), noted=noted)
    verify(find(NAME, folder), noted=noted)
    assert len(hashed) == 1
    verify(find(NAME, folder), noted=noted, deep=True)
    assert len(hashed) == 2
    verify(find(NAME, folder))
    assert len(hashed) == 3, "what nobody noted"


@pytest.mark.parametrize("content", [b'{"half a json', b"[]", b"\xff"])
def test_a_spoilt_ledger_only_costs_another_hash(folder: Path, content: bytes) -> None:
    noted = hash_cache.of(folder)
    noted.write_bytes(content)
    noted.chmod(0o600)
    verify(find(NAME, folder), noted=noted)
    assert hash_cache.read(noted).keys() == {str(folder / NAME / "tiny.gguf")}
    (folder / NAME / "tiny.gguf").write_bytes(b"GGUF" + CONTENT[5:] + b"!")
    assert isinstance(fault(NAME, folder, noted), WeightsCorrupt)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660, 0o606])
def test_whoever_writes_the_models_cannot_say_that_they_are_right(
    folder: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing beside the models is believed, nor a ledger that others may write."""
    path, noted = folder / NAME / "tiny.gguf", hash_cache.of(folder / "data")
    path.write_bytes(CONTENT[:50] + b"!" + CONTENT[51:])
    lie = {str(path): {"sha256": sha256(CONTENT), "seen": hash_cache.fingerprint(path)}}
    for place in (hash_cache.of(folder), folder / ".verified.json", folder / NAME / hash_cache.FILE):
        hash_cache.note(place, lie)
    assert isinstance(fault(NAME, folder, noted), WeightsCorrupt)
    hash_cache.note(noted, lie)
    noted.chmod(mode)
    if mode & 0o022:
        assert isinstance(fault(NAME, folder, noted), WeightsCorrupt)
        assert f"{noted} is not believed" in caplog.text
    else:
        verify(find(NAME, folder), noted=noted)  # its owner's word


def test_engines_that_load_side_by_side_all_note_what_they_found(tmp_path: Path) -> None:
    noted = hash_cache.of(tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: hash_cache.note(noted, {str(number): number}), range(80)))
    assert hash_cache.read(noted) == {str(number): number for number in range(80)}
    assert [path.name for path in noted.parent.iterdir()] == [hash_cache.FILE]
    assert noted.stat().st_mode & 0o777 == 0o600


def test_an_unpinned_file_must_stay_what_it_was_at_its_download(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = CATALOGUE[NAME]
    file = WeightFile("tiny.gguf", len(CONTENT), None, pinned.files[0].copies)
    monkeypatch.setitem(CATALOGUE, NAME, Entry(NAME, "llm", (file,), "tiny.gguf", "MIT", ("en",), ""))
    write_json(folder / NAME / CHECKSUMS, {"tiny.gguf": sha256(CONTENT)})
    verify(find(NAME, folder))
    (folder / NAME / "tiny.gguf").write_bytes(CONTENT[:-1] + b"!")
    assert isinstance(fault(NAME, folder), WeightsCorrupt)


def test_an_unknown_name_brings_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"whisper-tiny\.en"):
        find("whisper-tiny", tmp_path)


def test_your_own_models_are_recognised_by_path(tmp_path: Path) -> None:
    gguf_header(tmp_path / "mine.gguf")
    (tmp_path / "voice.onnx").write_bytes(b"onnx")
    (tmp_path / "voice.onnx.json").write_text("{}")
    whisper = tmp_path / "whisper"
    whisper.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (whisper / name).write_text("x")
    for path, role in ((tmp_path / "mine.gguf", "llm"), (tmp_path / "voice.onnx", "tts"), (whisper, "stt")):
        model = find(str(path), tmp_path / "elsewhere")
        verify(model)
        assert (model.role, model.path, model.entry) == (role, path, None)


def test_your_own_models_are_checked_as_far_as_they_can_be(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"Not found: no such file")
    assert "is not a GGUF file" in str(fault(tmp_path / "mine.gguf", tmp_path))
    (tmp_path / "voice.onnx").write_bytes(b"onnx")
    assert "voice.onnx.json is not there" in str(fault(tmp_path / "voice.onnx", tmp_path))
    (tmp_path / "whisper").mkdir()
    assert "model.bin is not there" in str(fault(tmp_path / "whisper", tmp_path))
    (tmp_path / "empty.gguf").touch()
    assert "truncated, found 0 bytes" in str(fault(tmp_path / "empty.gguf", tmp_path))
    with pytest.raises(WeightsMissing, match="another kind"):
        (tmp_path / "text.txt").touch()
        find(tmp_path / "text.txt", tmp_path)


PARTS = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]


@pytest.mark.parametrize("given", ["", *PARTS])
def test_a_model_in_parts_is_opened_at_its_first_one(tmp_path: Path, given: str) -> None:
    for name in PARTS:
        gguf_header(tmp_path / "big" / name, split_count=3)
    model = find(tmp_path / "big" / given, tmp_path)
    verify(model)
    assert (model.role, model.path) == ("llm", tmp_path / "big" / PARTS[0])
    assert model.size == sum((tmp_path / "big" / name).stat().st_size for name in PARTS)


@pytest.mark.parametrize("missing", PARTS)
def test_a_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    for name in set(PARTS) - {missing}:
        gguf_header(tmp_path / "big" / name, split_count=3)
    assert f"{tmp_path / 'big' / missing} is not there" in str(fault(tmp_path / "big", tmp_path))


def test_a_projector_beside_a_model_is_left_aside(tmp_path: Path) -> None:
    gguf_header(tmp_path / "seeing" / "seeing-Q4_K_M.gguf")
    gguf_header(tmp_path / "seeing" / "mmproj-seeing-f16.gguf", "clip")
    assert find(tmp_path / "seeing", tmp_path).path.name == "seeing-Q4_K_M.gguf"


def test_the_smallest_projector_beside_a_language_model_is_its_eyes(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    mine = find(tmp_path / "mine.gguf", tmp_path)
    assert mine.projector is None
    (tmp_path / "mmproj-mine-f16.gguf").write_bytes(b"GGUF and more")
    assert mine.projector == tmp_path / "mmproj-mine-f16.gguf"
    (tmp_path / "mmproj-mine-q8_0.gguf").write_bytes(b"GGUF")
    assert mine.projector == tmp_path / "mmproj-mine-q8_0.gguf"


def test_several_models_in_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("a-Q4_K_M.gguf", "a-Q8_0.gguf", *PARTS):
        gguf_header(tmp_path / "many" / name)
    with pytest.raises(ConfigError, match=r"holds 3 models: a-Q4_K_M\.gguf, a-Q8_0\.gguf, big-00001") as caught:
        find(tmp_path / "many", tmp_path)
    assert str(tmp_path / "many" / "a-Q4_K_M.gguf") in caught.value.fix


def test_a_folder_with_one_gguf_stands_for_it(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "one.gguf").write_bytes(CONTENT)
    assert find(tmp_path / "model", tmp_path).path == tmp_path / "model" / "one.gguf"

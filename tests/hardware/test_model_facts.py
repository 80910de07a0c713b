"""Somebody's own model that is none, or not whole: told from its files, before anything is loaded."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from local_agent.errors import ConfigError, WeightsCorrupt, WeightsError
from local_agent.hardware import model_facts
from tests.conftest import Starter
from tests.engines.piper.tinyvoice import config, tiny_voice
from tests.headers import gguf_header

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
PAGE = b"<!DOCTYPE html><html><title>404</title>"


def refused(engine: str, path: Path | str) -> str:
    with pytest.raises((WeightsError, ConfigError)) as caught:
        model_facts.of(engine, str(path), Path("models"))
    told = str(caught.value)
    assert "\n" not in told and "; fix: " in told
    return told


@pytest.mark.parametrize(("content", "says"), [(POINTER, "lfs pull"), (PAGE, "is a web page"), (b"", "truncated")])
@pytest.mark.parametrize("name", ["m.gguf", "m.onnx", "m.onnx.json", "model.bin", "tokenizer.json"])
def test_what_stands_in_place_of_a_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    for other in ("m.onnx", "m.onnx.json", "config.json", "tokenizer.json", "vocabulary.json", "model.bin"):
        (tmp_path / other).write_text("{}")
    (tmp_path / name).write_bytes(content)
    given = {"m.gguf": "m.gguf", "m.onnx": "m.onnx", "m.onnx.json": "m.onnx"}.get(name, "")
    engine = {"m.gguf": "llama", "m.onnx": "piper"}.get(given, "whisper")
    told = refused(engine, tmp_path / given)
    assert says in told and str(tmp_path) in told and (name in told or "lfs" in says)


@pytest.mark.parametrize(
    ("version", "order", "says"), [(1, "<", "version 1"), (3, ">", "big-endian"), (9, "<", "version 9")]
)
def test_a_gguf_that_llama_cpp_does_not_read(tmp_path: Path, version: int, order: str, says: str) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF" + struct.pack(f"{order}I", version) + bytes(64))
    assert says in refused("llama", tmp_path / "m.gguf")


@pytest.mark.parametrize("name", ["M.GGUF", "m-00000-of-00000.gguf"])
def test_a_gguf_with_an_odd_name(tmp_path: Path, name: str) -> None:
    known = model_facts.of("llama", str(gguf_header(tmp_path / name)), tmp_path)
    assert not known.unfit  # type: ignore[union-attr]


@pytest.mark.parametrize("path", ["~nobody-at-all/m.gguf", "x" * 300, "./" + "x" * 300, "x" * 300 + ".onnx"])
def test_a_path_that_can_not_be(path: str) -> None:
    refused("llama", path)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_speakers": "many"},
        {"num_speakers": [1]},
        {"num_speakers": 10**9},
        {"speaker_id_map": {"anna": "first"}},
        {"audio": {"sample_rate": True}},
        {"audio": {"sample_rate": 1}},
        {"audio": {"sample_rate": 10**9}},
    ],
)
def test_a_voice_whose_description_says_nonsense(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tiny_voice(tmp_path)
    path.with_name(path.name + ".json").write_text(json.dumps(config() | changes))
    refused("piper", path)


def test_a_description_nested_without_end(tmp_path: Path) -> None:
    path = tiny_voice(tmp_path)
    path.with_name(path.name + ".json").write_text("[" * 100_000)
    refused("piper", path)


def test_a_description_that_an_editor_began_with_a_mark(tmp_path: Path) -> None:
    path = tiny_voice(tmp_path)
    path.with_name(path.name + ".json").write_text(json.dumps(config()), encoding="utf-8-sig")
    assert model_facts.of("piper", str(path), tmp_path).rate == 16000  # type: ignore[union-attr]


@pytest.mark.parametrize("lost", [1, 100, 1000])
def test_a_voice_of_which_the_end_is_missing(tmp_path: Path, lost: int) -> None:
    path = tiny_voice(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    assert "is not whole" in refused("piper", path)


def whisper(folder: Path, starter: Starter) -> Path:
    """A copy of the starter's Whisper, as somebody's own."""
    folder.mkdir()
    for file in starter.whisper.iterdir():
        (folder / file.name).symlink_to(file.resolve())
    return folder


def rewritten(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b"[]"),
        ("tokenizer.json", b"{"),
        ("vocabulary.json", b"3"),
        ("vocabulary.json", b'{"a": 1}'),
        ("preprocessor_config.json", b'{"feature_size": "many"}'),
        ("preprocessor_config.json", b'{"feature_size": 64}'),
        ("model.bin", b"\x80\x02ctorch" + bytes(100)),
    ],
)
def test_a_whisper_with_a_file_of_something_else(tmp_path: Path, starter: Starter, name: str, content: bytes) -> None:
    mine = whisper(tmp_path / "mine", starter)
    model_facts.of("whisper", str(mine), tmp_path)
    rewritten(mine / name, content)
    assert str(mine) in refused("whisper", mine)


@pytest.mark.parametrize("lost", [1, 5_000, 60_000_000])
def test_a_whisper_of_which_the_end_is_missing(tmp_path: Path, starter: Starter, lost: int) -> None:
    mine = whisper(tmp_path / "mine", starter)
    rewritten(mine / "model.bin", (mine / "model.bin").read_bytes()[:-lost])
    assert "is not whole" in refused("whisper", mine)


def test_a_whisper_for_transformers(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert "ct2-transformers-converter" in refused("whisper", tmp_path)


def test_what_is_missing_is_named_with_its_own_file(tmp_path: Path) -> None:
    path = tiny_voice(tmp_path)
    path.with_name(path.name + ".json").unlink()
    assert f"put the whole file at {path}.json" in refused("piper", path)
    with pytest.raises(WeightsCorrupt):
        path.with_name(path.name + ".json").write_text("no")
        model_facts.of("piper", str(path), tmp_path)


def test_a_folder_without_a_model_is_no_whisper(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    for engine in ("whisper", "llama", "piper"):
        assert f"no model at {tmp_path}" in refused(engine, tmp_path)

"""The quicker form of a GGUF file: written once, checked, and never trusted when it is not what was written."""

from __future__ import annotations

from pathlib import Path

import llama_cpp as native
import pytest

from local_agent.engines.llama import requantize
from local_agent.engines.llama.engine import Llama, Sampling
from local_agent.engines.llama.requantize import quick
from local_agent.weights import hash_cache
from local_agent.weights.derived import FOLDER, made
from local_agent.weights.store import sha256_of
from tests.engines.llama import tinygguf


@pytest.fixture(autouse=True)
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A llama.cpp without products of ours, as on another processor."""
    monkeypatch.setattr(requantize, "multiplies", lambda kind: False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    return tinygguf.write(tmp_path / "models" / "tiny" / "tiny.gguf")


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    return hash_cache.of(tmp_path / "data")


def test_it_is_written_once_and_answers(source: Path, noted: Path) -> None:
    digest = sha256_of(source)
    form = quick(source, digest, noted)
    assert form != source and form.parent == source.parent
    before = form.stat().st_mtime_ns
    assert quick(source, digest, noted) == form
    assert form.stat().st_mtime_ns == before
    assert made(noted) == {form: digest}
    engine = Llama(form, context=256, conversations=1, threads=1)
    try:
        said = engine.generate([{"role": "user", "content": "hello"}], sampling=Sampling(max_tokens=4)).result(60)
    finally:
        engine.close()
    assert said.completion_tokens > 0
    assert sorted(path.name for path in source.parent.iterdir()) == [form.name, source.name]


def test_an_altered_form_is_written_again(source: Path, noted: Path) -> None:
    digest = sha256_of(source)
    form = quick(source, digest, noted)
    right = form.read_bytes()
    form.write_bytes(spoilt(right))
    assert quick(source, digest, noted).read_bytes() == right


def spoilt(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("place", ["beside the models", "with a ledger that others may write", "without any"])
def test_whoever_writes_the_models_cannot_vouch_for_what_they_wrote(source: Path, noted: Path, place: str) -> None:
    """An altered form is made again although somebody says that it is what was made."""
    digest = sha256_of(source)
    form = quick(source, digest, noted)
    right = form.read_bytes()
    form.write_bytes(spoilt(right))
    lie = {"source": digest, "sha256": sha256_of(form), "seen": hash_cache.fingerprint(form)}
    noted.unlink()
    if place == "beside the models":
        hash_cache.note(source.parent.parent / hash_cache.FILE, {str(form): lie})
    elif place != "without any":
        hash_cache.note(noted, {str(form): lie})
        noted.chmod(0o666)
    assert quick(source, digest, noted).read_bytes() == right
    assert noted.stat().st_mode & 0o777 == 0o600


def test_another_source_is_written_anew(source: Path, noted: Path) -> None:
    form = quick(source, "of an older file", noted)
    before = form.stat().st_ino, form.stat().st_mtime_ns
    quick(source, sha256_of(source), noted)
    assert (form.stat().st_ino, form.stat().st_mtime_ns) != before
    assert made(noted) == {form: sha256_of(source)}


def test_a_form_that_only_looks_new_is_kept_and_noted_again(source: Path, noted: Path) -> None:
    digest = sha256_of(source)
    form = quick(source, digest, noted)
    form.touch()
    before = form.stat()
    assert quick(source, digest, noted) == form
    assert (form.stat().st_ino, form.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    entry = hash_cache.read(noted)[str(form)]
    assert isinstance(entry, dict) and entry["seen"] == hash_cache.fingerprint(form)


def test_it_is_written_into_the_data_folder_where_the_models_may_not_be(
    source: Path, noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_agent.weights.derived.os.access", lambda path, mode: False)
    form = quick(source, sha256_of(source), noted)
    assert form.parent == noted.parent / FOLDER / "tiny"
    assert form.read_bytes()[:4] == b"GGUF"
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_the_source_is_used_where_nothing_can_be_written(
    source: Path, noted: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = source.with_name("tiny.as-Q8_0.gguf")
    blocked.mkdir()
    with caplog.at_level("INFO"):
        assert quick(source, sha256_of(source), noted) == source
    assert "is used as it is" in caplog.text


def test_a_broken_source_is_used_as_it_is_so_that_loading_it_tells(tmp_path: Path, noted: Path) -> None:
    (tmp_path / "models" / "broken").mkdir(parents=True)
    broken = tmp_path / "models" / "broken" / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing behind it")
    assert quick(broken, "any", noted) == broken
    assert [path.name for path in broken.parent.iterdir()] == ["broken.gguf"]


def test_weights_stay_as_they_are_where_they_are_multiplied_quickly(
    source: Path, noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requantize, "multiplies", lambda kind: kind == native.GGML_TYPE_Q4_1)
    assert quick(source, sha256_of(source), noted) == source
    assert sorted(path.name for path in source.parent.iterdir()) == [source.name] and not made(noted)

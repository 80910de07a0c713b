"""The quicker form of a GGUF file: written once, checked, and never trusted when it is not what was written."""

from __future__ import annotations

from pathlib import Path

import pytest
import tinygguf

from local_agent.engines.derivation import RECORD
from local_agent.engines.llama import Llama, Sampling
from local_agent.engines.quantization import quick
from local_agent.weights import sha256_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    return tinygguf.write(tmp_path / "models" / "tiny" / "tiny.gguf")


def test_it_is_written_once_and_answers(source: Path) -> None:
    digest = sha256_of(source)
    made = quick(source, digest)
    assert made != source and made.parent == source.parent
    before = made.stat().st_mtime_ns
    assert quick(source, digest) == made
    assert made.stat().st_mtime_ns == before
    engine = Llama(made, context=256, conversations=1, threads=1)
    try:
        said = engine.generate([{"role": "user", "content": "hello"}], sampling=Sampling(max_tokens=4)).result(60)
    finally:
        engine.close()
    assert said.completion_tokens > 0
    assert sorted(path.name for path in source.parent.iterdir()) == [made.name, source.name]


def test_an_altered_form_is_written_again(source: Path) -> None:
    digest = sha256_of(source)
    made = quick(source, digest)
    right = made.read_bytes()
    made.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    assert quick(source, digest).read_bytes() == right


def test_another_source_is_written_anew(source: Path) -> None:
    quick(source, "of an older file")
    before = (source.parent.parent / RECORD).read_text()
    quick(source, sha256_of(source))
    assert (source.parent.parent / RECORD).read_text() != before


def test_the_source_is_used_where_nothing_can_be_written(source: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = source.with_name("tiny.as-Q8_0.gguf")
    blocked.mkdir()
    with caplog.at_level("INFO"):
        assert quick(source, sha256_of(source)) == source
    assert "is used as it is" in caplog.text


def test_a_broken_source_is_used_as_it_is_so_that_loading_it_tells(tmp_path: Path) -> None:
    (tmp_path / "models" / "broken").mkdir(parents=True)
    broken = tmp_path / "models" / "broken" / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing behind it")
    assert quick(broken, "any") == broken
    assert [path.name for path in broken.parent.iterdir()] == ["broken.gguf"]

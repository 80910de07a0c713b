"""Files that are whole or not there, on a full disk and with several writers at once."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_agent.process import atomic_file
from local_agent.weights import hash_cache
from local_agent.weights.store import write_json
from tests.fulldisk import full_disk


def test_a_file_is_made_once_and_by_one_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: atomic_file.create(path, f"{number}" * 1000), range(8)))
    assert made.count(True) == 1
    assert path.read_text() == f"{made.index(True)}" * 1000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_an_empty_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o644)
    assert atomic_file.create(path, "content")
    assert path.read_text() == "content" and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert atomic_file.create(tmp_path / "key", "first")
    assert not atomic_file.create(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text() == "first"


def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    held = tmp_path / "ledger.json"
    hash_cache.note(held, {"a": 1})
    with full_disk(5):
        with pytest.raises(OSError):
            hash_cache.note(held, {"b": 2})
        with pytest.raises(OSError):
            write_json(tmp_path / "checksums.json", {"c": 3})
        with pytest.raises(OSError):
            atomic_file.create(tmp_path / "key", "content")
    assert hash_cache.read(held) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.json"]


def test_checksums_are_for_everybody_and_the_rest_for_its_owner(tmp_path: Path) -> None:
    """Models that root fetched are read by the user that the service runs as."""
    before = os.umask(0o022)
    try:
        write_json(tmp_path / "checksums.json", {})
        hash_cache.note(tmp_path / "ledger.json", {})
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"checksums.json": 0o644, "ledger.json": 0o600}

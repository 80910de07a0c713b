"""The keys of our own livekit-server: made once, for their owner, and never half."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from local_agent.errors import ConfigError
from local_agent.server import api_keys
from tests.fulldisk import full_disk


def test_keys_are_made_once_for_their_owner(tmp_path: Path) -> None:
    made = api_keys.own_keys(tmp_path / "data")
    assert api_keys.own_keys(tmp_path / "data") == made
    assert len(made.secret) >= 32 and made.secret not in repr(made)
    assert stat.S_IMODE((tmp_path / "data" / api_keys.FILE).stat().st_mode) == 0o600


def test_a_full_disk_at_the_first_start_is_one_line_and_the_next_start_works(tmp_path: Path) -> None:
    with full_disk(0), pytest.raises(ConfigError) as caught:
        api_keys.own_keys(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in caught.value.what and "make room" in caught.value.fix
    assert list(tmp_path.iterdir()) == []
    assert api_keys.own_keys(tmp_path) == api_keys.own_keys(tmp_path)


def test_the_empty_file_of_an_earlier_version_is_filled(tmp_path: Path) -> None:
    (tmp_path / api_keys.FILE).touch(mode=0o600)
    assert api_keys.own_keys(tmp_path) == api_keys.own_keys(tmp_path)


@pytest.mark.parametrize(
    "content", [b'{"key": "API', b"[]", b'{"key": "a", "secret": "short"}', b"\xff\xfe", b"\0" * 99]
)
def test_a_corrupt_file_is_refused_with_the_command_that_mends_it(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / api_keys.FILE).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        api_keys.own_keys(folder)
    command, comma, _ = caught.value.fix.partition(",")
    assert comma
    subprocess.run(["sh", "-c", command], check=True)
    assert api_keys.own_keys(folder) == api_keys.own_keys(folder)


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(ConfigError, match="can't be written"):
        api_keys.own_keys(tmp_path / "data")

"""Encrypted files: what goes in comes out, whatever was altered is noticed, and the key is for its owner."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path

import pytest

from local_agent.errors import ConfigError, RecordingUnreadable
from local_agent.recording import decrypt, encrypted_file
from tests.fulldisk import full_disk

CHUNKS = [b"first" * 100, b"", b"second", b"third" * 1000]
HEAD = len(encrypted_file.MAGIC) + encrypted_file.SALT_BYTES


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def written(tmp_path: Path, key: bytes) -> Path:
    writer = encrypted_file.Writer(tmp_path / "call.recording", key)
    for chunk in CHUNKS[:-1]:
        writer.write(chunk)
    writer.close(CHUNKS[-1])
    writer.close()
    return writer.path


def test_what_was_written_comes_back(written: Path, key: bytes) -> None:
    assert list(encrypted_file.read(written, key)) == CHUNKS
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    content = written.read_bytes()
    assert all(chunk[:5] not in content for chunk in CHUNKS if chunk)


def test_two_files_of_one_key_share_nothing(tmp_path: Path, key: bytes) -> None:
    bodies = []
    for name in "ab":
        writer = encrypted_file.Writer(tmp_path / name, key)
        writer.close(b"the same words")
        bodies.append(writer.path.read_bytes()[HEAD:])
    assert bodies[0] != bodies[1]


def test_every_altered_byte_is_noticed(written: Path, key: bytes) -> None:
    content = written.read_bytes()
    for at in range(0, len(content), 37):
        written.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(RecordingUnreadable):
            list(encrypted_file.read(written, key))


def test_a_file_cut_off_is_read_as_far_as_it_goes(written: Path, key: bytes) -> None:
    written.write_bytes(written.read_bytes()[:-1])
    chunks = encrypted_file.read(written, key)
    assert [next(chunks) for _ in CHUNKS[:-1]] == CHUNKS[:-1]
    with pytest.raises(RecordingUnreadable, match="cut off"):
        next(chunks)


def test_chunks_left_out_moved_or_added_are_noticed(written: Path, key: bytes) -> None:
    content = written.read_bytes()
    first, second = 4 + len(CHUNKS[0]) + encrypted_file.TAG_BYTES, 4 + encrypted_file.TAG_BYTES
    head, one, two = content[:HEAD], content[HEAD : HEAD + first], content[HEAD + first : HEAD + first + second]
    rest = content[HEAD + first + second :]
    for altered in (head + two + rest, head + two + one + rest, content + one, head, head + one + two, b""):
        written.write_bytes(altered)
        with pytest.raises(RecordingUnreadable):
            list(encrypted_file.read(written, key))


def test_another_key_opens_nothing(written: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="another key"):
        list(encrypted_file.read(written, secrets.token_bytes(32)))


def test_the_key_is_made_once_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "data" / "recording.key"
    key = encrypted_file.own_key(path)
    assert len(key) == 32 and encrypted_file.own_key(path) == key == encrypted_file.read_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "recording.key"
    encrypted_file.own_key(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode {mode:04o}.*chmod 600"):
        encrypted_file.own_key(path)


@pytest.mark.parametrize("text", ["", "short", "zz" * 32, "00" * 31])
def test_a_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="holds no key"):
        encrypted_file.read_key(path)


def test_the_sound_is_written_for_its_owner_and_over_nothing(written: Path, key: bytes, tmp_path: Path) -> None:
    output = tmp_path / "out.wav"
    seconds, fault = decrypt.write_wav(written, key, output)
    assert fault is None and seconds == pytest.approx(sum(map(len, CHUNKS)) / 4 / 16_000, abs=0.001)
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with pytest.raises(ConfigError):
        decrypt.write_wav(written, key, output)


def test_a_chunk_of_any_size_comes_back(tmp_path: Path, key: bytes) -> None:
    """Over 4 MiB nothing could be opened any more: 65 s in which a microphone was muted."""
    for size in (encrypted_file.LARGEST, encrypted_file.LARGEST + 1, 5 << 20):
        data = secrets.token_bytes(size)
        writer = encrypted_file.Writer(tmp_path / str(size), key)
        writer.write(data)
        writer.close(data)
        chunks = list(encrypted_file.read(writer.path, key))
        assert b"".join(chunks) == data * 2
        assert max(map(len, chunks)) <= encrypted_file.LARGEST


def test_a_large_chunk_of_an_earlier_version_is_read(
    tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encrypted_file, "LARGEST", 1 << 30)  # it wrote whatever came in one
    data = secrets.token_bytes(6 << 20)
    writer = encrypted_file.Writer(tmp_path / "call.recording", key)
    writer.write(data)
    writer.close()
    monkeypatch.undo()
    assert b"".join(encrypted_file.read(writer.path, key)) == data
    content = writer.path.read_bytes()
    writer.path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RecordingUnreadable, match="cut off"):
        list(encrypted_file.read(writer.path, key))


def test_a_length_beyond_the_file_is_not_believed(written: Path, key: bytes) -> None:
    """Else an altered byte would ask for two gigabytes of memory."""
    content = bytearray(written.read_bytes())
    content[HEAD : HEAD + 4] = (encrypted_file.LAST - 1).to_bytes(4, "big")
    written.write_bytes(content)
    with pytest.raises(RecordingUnreadable, match="cut off"):
        list(encrypted_file.read(written, key))


def test_an_empty_key_file_is_made_anew(tmp_path: Path) -> None:
    """A full disk at the first start of an earlier version left one, and every later start failed."""
    path = tmp_path / "recording.key"
    path.touch(mode=0o644)
    key = encrypted_file.own_key(path)
    assert len(key) == 32 and encrypted_file.own_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_sound_that_does_not_fit_the_disk_is_one_line(written: Path, key: bytes, tmp_path: Path) -> None:
    output = tmp_path / "out.wav"
    with full_disk(100), pytest.raises(ConfigError, match=r"can't be written to .*out\.wav.*make room"):
        decrypt.write_wav(written, key, output)
    assert not output.exists(), "the next try would be refused because of it"

"""Installing: complete or not at all, on from where it was, one at a time, and plain words when the system refuses."""

from __future__ import annotations

import errno
import os
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_agent.bundle import staging
from local_agent.bundle.archive import Bundle, opened
from local_agent.bundle.install import NOTES, STAGING, install_models
from local_agent.bundle.installer import install_command
from local_agent.bundle.manifest import Member
from local_agent.errors import DownloadFailed, InstallFailed
from local_agent.weights.fetch import DOWNLOADS, alone
from local_agent.weights.store import find, verify
from tests.bundle.bundlekit import contents, fill, whole

LATER = "models/tiny-voice/voice.onnx.json"


def installed(bundle: Path, models_dir: Path) -> list[str]:
    with opened(bundle) as found:
        return install_models(found, models_dir)


def test_an_empty_folder_becomes_complete(good: Path, tmp_path: Path) -> None:
    models_dir = tmp_path / "deep" / "models"
    assert installed(good, models_dir) == ["tiny-llm", "tiny-voice"]
    assert contents(models_dir) == whole()
    verify(find("tiny-voice", models_dir), deep=True)
    (notes,) = (models_dir / NOTES).iterdir()
    assert {path.name for path in notes.iterdir()} == {"manifest.json", "sbom.cdx.json", "licences"}
    assert not (models_dir / DOWNLOADS / STAGING).exists()


def test_what_is_whole_is_left_alone(good: Path, tmp_path: Path) -> None:
    models_dir = fill(tmp_path)
    (models_dir / "tiny-llm" / "mine.txt").write_text("my own")
    before = (models_dir / "tiny-llm" / "tiny.gguf").stat()
    (models_dir / "tiny-voice" / "voice.onnx").unlink()
    assert installed(good, models_dir) == ["tiny-voice"]
    after = (models_dir / "tiny-llm" / "tiny.gguf").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert contents(models_dir) == {**whole(), "tiny-llm/mine.txt": b"my own"}
    assert installed(good, models_dir) == []


def test_an_interrupted_install_goes_on_and_shows_no_half_model(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Bundle.content

    def interrupted(self: Bundle, member: Member, *watch: object) -> Iterator[bytes]:
        for piece in content(self, member):
            yield piece[:10]
            if member.path == LATER:
                raise KeyboardInterrupt
            yield piece[10:]

    with monkeypatch.context() as patch:
        patch.setattr(Bundle, "content", interrupted)
        with pytest.raises(KeyboardInterrupt):
            installed(good, tmp_path)
    assert contents(tmp_path) == {}
    staged = tmp_path / DOWNLOADS / STAGING / "models" / "tiny-llm" / "tiny.gguf"
    before = staged.stat()
    installed(good, tmp_path)
    assert (tmp_path / "tiny-llm" / "tiny.gguf").stat().st_ino == before.st_ino, "copied again"
    assert contents(tmp_path) == whole()


def test_a_staged_file_that_was_altered_meanwhile_is_copied_again(good: Path, tmp_path: Path) -> None:
    staged = tmp_path / DOWNLOADS / STAGING / "models" / "tiny-llm" / "tiny.gguf"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(b"GGUF evil" + bytes(len(whole()["tiny-llm/tiny.gguf"]) - 9))
    installed(good, tmp_path)
    assert contents(tmp_path) == whole()


def test_a_break_between_two_models_leaves_one_whole_and_the_other_away(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if target == tmp_path / "tiny-voice":
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fails)
        with pytest.raises(InstallFailed, match="Input/output error"):
            installed(good, tmp_path)
    assert contents(tmp_path).keys() == {"tiny-llm/tiny.gguf"}
    installed(good, tmp_path)
    assert contents(tmp_path) == whole()


def test_two_at_once_are_not_let_in(good: Path, tmp_path: Path) -> None:
    with alone(tmp_path / DOWNLOADS), pytest.raises(DownloadFailed, match="download or install"):
        installed(good, tmp_path)
    assert contents(tmp_path) == {}


def test_a_small_disk_is_seen_before_anything_is_written(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(staging.shutil, "disk_usage", lambda path: usage(1, 1, staging.MARGIN + 100))
    with pytest.raises(InstallFailed, match="free"):
        installed(good, tmp_path)
    assert not (tmp_path / DOWNLOADS / STAGING).exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "may not write"), (errno.EACCES, "may not write")],
)
def test_what_the_system_refuses_is_one_line(
    number: int, said: str, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "file"))

    monkeypatch.setattr(staging.os, "fsync", refused)
    assert install_command(good, tmp_path) == 1
    printed = [line for line in capsys.readouterr().err.splitlines() if line.startswith("local_agent: ")]
    assert len(printed) == 1
    assert said in printed[0]
    assert str(tmp_path / "file") in printed[0]
    assert contents(tmp_path) == {}


def test_a_models_folder_that_cannot_be_is_named(good: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallFailed, match="file"):
        installed(good, tmp_path / "file" / "models")


def test_the_command_tells_what_it_did(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install_command(good, tmp_path) == 0
    assert "tiny-llm, tiny-voice: there and whole" in capsys.readouterr().out
    assert install_command(good, tmp_path) == 0
    assert "all there and whole" in capsys.readouterr().out
    assert install_command(good, tmp_path, digest="0" * 64) == 1
    assert "another bundle" in capsys.readouterr().err
    assert install_command(good, tmp_path, into=tmp_path / "new") == 1
    assert "holds models only" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()

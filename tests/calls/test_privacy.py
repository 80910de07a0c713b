"""What is said in a call stays in memory: no file, no log line and no metric holds a word of it, at any log level."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak, launch
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)
QUESTION = "Does a purple elephant like watermelon?"
RARE = ("elephant", "watermelon")  # in no log line, setting or library


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def threes(text: str) -> set[str]:
    """Every three words in a row: what a sentence of that length leaves wherever it is written."""
    each = words(text).split()
    return {" ".join(each[at : at + 3]) for at in range(len(each) - 2)}


def read(path: Path) -> str:
    """A file's text, in UTF-8 and in UTF-16 as databases and Windows libraries write it."""
    content = path.read_bytes()
    return content.decode("latin-1") + content.replace(b"\x00", b"").decode("latin-1")


def found_in(places: dict[str, str], heard: str, said: str) -> list[str]:
    """`place: words` for everything that a place holds of what was said."""
    wanted = [*(word for word in RARE if word in words(heard)), *threes(heard), *threes(said)]
    return [f"{name}: {text}" for name, content in places.items() for text in wanted if text in words(content)]


def written_elsewhere(product: Product) -> list[str]:
    """Files that the product and its livekit-server hold open for writing outside their folder."""
    process = psutil.Process(product.process.pid)
    files = [file for one in (process, *process.children(recursive=True)) for file in one.open_files()]
    return [
        file.path for file in files if set(file.mode) & set("wa+") and not file.path.startswith(str(product.folder))
    ]


@pytest.mark.parametrize("told", [False, True], ids=["private", "with --log-transcripts"])
def test_what_is_said_is_written_nowhere(starter: Starter, speak: Speak, tmp_path: Path, told: bool) -> None:
    """The second run says that the search finds what is there."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    places = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "tmp", "XDG_CACHE_HOME": tmp_path / "home"}
    flags = ["--log-level", "debug", *(["--log-transcripts"] if told else [])]
    product = launch(tmp_path, starter.whisper.parent, *flags, **{name: str(path) for name, path in places.items()})
    try:
        address = product.wait_for(r"Open (http://\S+)")[1]
        product.wait_for("Waiting for room connections")

        async def call() -> tuple[str, str, list[str], str]:
            async with Caller(address) as caller:
                await caller.hear_greeting()
                heard, said, _ = await caller.ask(speak(QUESTION))
                metrics = await asyncio.to_thread(lambda: urllib.request.urlopen(f"{address}/metrics").read().decode())
                return heard, said, written_elsewhere(product), metrics

        heard, said, elsewhere, metrics = asyncio.run(call())
        product.wait_for("Agent leaving room: user-", 10)
    finally:
        product.end()
    assert any(word in words(heard) for word in RARE), heard
    assert len(words(said).split()) >= 3, said
    written = {str(path): read(path) for path in tmp_path.rglob("*") if path.is_file()}
    found = found_in({**written, "metrics": metrics, "the log": product.log}, heard, said)
    assert elsewhere == []
    assert ("--log-transcripts is on" in product.log) == told
    if told:
        assert all(line.startswith("the log: ") for line in found) and found, "the log should hold what was said"
    else:
        assert found == []

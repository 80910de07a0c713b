"""What is said in a call stays in memory: no file, no log line and no metric holds a word of it, at any log level."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import resource
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local_agent.weights.catalogue import CATALOGUE
from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak, launch
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)
QUESTION = "Does a purple elephant like watermelon?"
RARE = ("elephant", "watermelon")  # in no log line, setting or library
# What makes libraries talkative; some of it would write down what is said.
TALKATIVE = {
    "CT2_VERBOSE": "3",
    "GGML_SCHED_DEBUG": "2",
    "HF_DEBUG": "1",
    "LIVEKIT_LOG_LEVEL": "debug",
    "LIVEKIT_RTC_DEBUG": "1",
    "LIVEKIT_TELEMETRY_ALLOW_PII": "1",
    "LK_DUMP_STACK_TRACES": "1",
    "LK_DUMP_TTS": "1",
    "LLAMA_BATCH_DEBUG": "2",
    "LLAMA_TRACE": "1",
    "OPENAI_LOG": "debug",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
    "OTEL_TRACES_EXPORTER": "console",
    "PYTHONASYNCIODEBUG": "1",
    "RUST_LOG": "trace",
}
# Where programs write when nobody told them where; the product is told another home and another place for these.
ELSEWHERE = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/var/crash", "/var/lib/systemd/coredump", "/var/log")
LARGEST = 1 << 26  # bytes of a file that is searched
OPERATORS = ("/metrics", "/health")


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


def changed(root: Path, since: float) -> Iterator[Path]:
    """Regular files below a folder, on its own disk, that were written to since then."""
    folders = [root]
    for folder in folders:  # grows while it is walked
        try:
            entries = list(os.scandir(folder))
        except OSError:  # gone meanwhile, or not ours to read
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and _changed_at(entry) >= since:
                yield Path(entry.path)


def _changed_at(entry: os.DirEntry[str]) -> float:
    """When a file was last written to; 0 for one that is gone by now, as what another worker moves into place is."""
    try:
        return entry.stat(follow_symlinks=False).st_ctime
    except FileNotFoundError:
        return 0.0


def rare_elsewhere(since: float, own: Path) -> list[str]:
    """Files outside `own` that hold a rare word and were written to since then, wherever a program might write."""
    homes = (pwd.getpwuid(os.getuid()).pw_dir, Path.cwd(), sys.prefix)
    roots = {Path(place).resolve() for place in (*ELSEWHERE, *homes)}
    outermost = [
        root for root in roots if root.is_dir() and not any(root.is_relative_to(other) for other in roots - {root})
    ]
    # Whisper knows the words too; another test that links its files has changed their times, not what their hashes pin.
    pinned = {(name, file.path) for name, entry in CATALOGUE.items() for file in entry.files}
    found = []
    for path in (path for root in outermost for path in changed(root, since) if not path.is_relative_to(own)):
        if (path.parent.name, path.name) in pinned:
            continue
        try:
            content = read(path).lower() if path.stat().st_size < LARGEST else ""
        except OSError:
            continue
        found += [f"{path}: {word}" for word in RARE if word in content]
    return found


def asked(url: str) -> str:
    return str(urllib.request.urlopen(url).read().decode())


def crash(product: Product) -> None:
    """As a native library would that goes wrong: by SIGABRT, with what was said still in its memory."""
    product.process.send_signal(signal.SIGABRT)
    assert product.process.wait(30) == -signal.SIGABRT


@pytest.fixture
def dumps_allowed() -> Iterator[None]:
    """As far as this machine lets them be, for the product is started from here."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_what_is_said_is_written_nowhere(starter: Starter, speak: Speak, tmp_path: Path, dumps_allowed: None) -> None:
    """Not even by a crash."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    places = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "tmp", "XDG_CACHE_HOME": tmp_path / "home"}
    variables = {name: str(path) for name, path in places.items()} | TALKATIVE
    question, began = speak(QUESTION), time.time()
    product = launch(tmp_path, starter.whisper.parent, "--log-level", "debug", **variables)
    try:
        address = product.wait_for(r"Open (http://\S+)")[1]
        product.wait_for("Waiting for room connections")

        async def call() -> tuple[str, str, list[str], str]:
            async with Caller(address) as caller:
                await caller.hear_greeting()
                heard, said, _ = await caller.ask(question)
                facts = await asyncio.to_thread(lambda: "".join(asked(f"{address}{path}") for path in OPERATORS))
                return heard, said, written_elsewhere(product), facts

        heard, said, elsewhere, facts = asyncio.run(call())
        product.wait_for("Agent leaving room: user-", 10)
        crash(product)
    finally:
        product.end()
    assert any(word in words(heard) for word in RARE), heard
    assert len(words(said).split()) >= 3, said
    written = {str(path): read(path) for path in tmp_path.rglob("*") if path.is_file()}
    found = found_in({**written, "metrics and health": facts, "the log": product.log}, heard, said)
    assert elsewhere == []
    assert rare_elsewhere(began, tmp_path) == []
    assert found == []
    assert found_in({"a log": f"heard: {heard}"}, heard, said), "the search finds what is there"


def test_the_search_sees_a_file_that_was_written_elsewhere(tmp_path: Path) -> None:
    began = time.time()
    (tmp_path / "own").mkdir()
    for name, content in (("own/a", b"an elephant"), ("b", b"a purple Elephant"), ("c", "watermelon".encode("utf-16"))):
        (tmp_path / name).write_bytes(content)
    found = [line for line in rare_elsewhere(began, tmp_path / "own") if line.startswith(str(tmp_path))]
    assert sorted(found) == [f"{tmp_path / 'b'}: elephant", f"{tmp_path / 'c'}: watermelon"]

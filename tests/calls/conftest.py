"""The product as a person starts it, and speech to talk to it with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from numpy.typing import NDArray

from local_agent.bench.interruption import PIECES, pieces
from local_agent.engines.piper.engine import Piper
from local_agent.engines.whisper.engine import Whisper
from local_agent.weights import hash_cache
from tests.calls.caller import RATE
from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[2]
SPEECH = ROOT.parent / "shared" / "speech"

Speak = Callable[[str], NDArray[np.int16]]
Hearings = Callable[[NDArray[np.int16]], list[str]]
LEAD = 2_400  # samples at 16 kHz of silence by which two transcripts begin apart: .15 s


@dataclass
class Product:
    """`python -m local_agent start` in a process of its own."""

    process: subprocess.Popen[str]
    folder: Path
    lines: list[str] = field(default_factory=list)
    address: str = ""

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, seconds: float = 60.0) -> re.Match[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log):
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{pattern!r} did not appear within {seconds} s:\n{self.log}")

    def deaf(self) -> None:
        """Read no more of what it writes, and close the pipe."""
        assert self.process.stdout is not None
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, self.process.stdout.fileno())  # the thread that reads stays in its call, which sees the end
        os.close(null)

    def end(self) -> int:
        """Ctrl-C, as a person would."""
        if self.process.poll() is None:
            self.process.send_signal(2)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def surroundings(models: Path, **variables: str) -> dict[str, str]:
    """The environment of a product on free ports, with nothing of the developer's own settings."""
    program = os.environ.get("LOCAL_AGENT_LIVEKIT_SERVER") or shutil.which(
        "livekit-server", path=str(Path(sys.executable).parent)
    )
    assert program, "no livekit-server beside python: make setup"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LOCAL_AGENT_", "LIVEKIT_"))}
    return inherited | {
        "LOCAL_AGENT_LIVEKIT_SERVER": program,
        "LOCAL_AGENT_MODELS_DIR": str(models),
        "LOCAL_AGENT_PORT": "0",
        "LOCAL_AGENT_LIVEKIT_PORT": "0",
        "LOCAL_AGENT_RTC_TCP_PORT": "0",
        "LOCAL_AGENT_RTC_UDP_PORT": "0",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "300",
        **variables,
    }


_folders: list[Path] = []  # of products that were started before


def hand_on_ledger(folder: Path) -> None:
    """Give a product what an earlier one noted about the models, or each would hash them and make its own forms."""
    written = [
        path for path in (hash_cache.of(place / ".local_agent") for place in reversed(_folders)) if path.is_file()
    ]
    if written:
        hash_cache.note(hash_cache.of(folder / ".local_agent"), hash_cache.read(written[0]))
    _folders.append(folder)


def launch(folder: Path, models: Path, *flags: str, within: Sequence[str] = (), **variables: str) -> Product:
    """Start the product on free ports, in `folder`; returns at once. within: what comes before its command."""
    hand_on_ledger(folder)
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "local_agent", "start", *flags],
        cwd=folder,
        env=surroundings(models, **variables),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    product = Product(process, folder)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            product.lines.append(line.rstrip())

    threading.Thread(target=read, daemon=True).start()
    return product


@contextmanager
def answering(
    folder: Path, models: Path, *flags: str, within: Sequence[str] = (), **variables: str
) -> Iterator[Product]:
    """The product, from the moment at which it answers callers. within: as for `launch`."""
    started = launch(folder, models, *flags, within=within, **variables)
    try:
        started.address = started.wait_for(r"Open (https?://\S+)")[1]
        started.wait_for("Waiting for room connections")
        yield started
    finally:
        started.end()


def own_server(product: Product) -> tuple[str, str, str]:
    """URL, key and secret of the livekit-server that a product runs."""
    port = product.wait_for(r"LiveKit server of our own at ws://127\.0\.0\.1:(\d+)")[1]
    keys = json.loads((product.folder / ".local_agent" / "livekit-keys.json").read_text())
    return f"ws://127.0.0.1:{port}", keys["key"], keys["secret"]


@pytest.fixture(scope="session")
def product(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product for all tests that only use it."""
    started = launch(tmp_path_factory.mktemp("product"), starter.whisper.parent, LOCAL_AGENT_SEED="7")
    try:
        started.address = started.wait_for(r"Open (http://\S+)")[1]
        started.wait_for("Waiting for room connections")
        yield started
        assert "sealed:" not in started.log, "something of ours tried to reach what is not ours"
    finally:
        started.end()


@pytest.fixture(autouse=True)
def product_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the product logged during a test, shown by pytest when the test fails."""
    if "product" not in request.fixturenames:
        yield
        return
    lines = request.getfixturevalue("product").lines
    before = len(lines)
    yield
    print("\n".join(lines[before:]))


@pytest.fixture(scope="session")
def speak(starter: Starter) -> Iterator[Speak]:
    """A question in the starter voice, int16 [samples] at 48 kHz with a little silence at both ends."""
    voice = Piper(starter.voice, threads=1)

    def spoken(text: str) -> NDArray[np.int16]:
        pieces: list[bytes] = []
        voice.synthesize(text, on_audio=pieces.append).result(60)
        return at_call_rate(np.frombuffer(b"".join(pieces), np.int16), voice.sample_rate)

    yield spoken
    voice.close()


@pytest.fixture(scope="session")
def transcribe(starter: Starter) -> Iterator[Callable[[NDArray[np.int16]], str]]:
    """Words in int16 [samples] at 16 kHz."""
    ear = Whisper(starter.whisper, threads=1)
    yield lambda samples: ear.transcribe(samples.astype(np.float32) / 32768, language="en").result(60).text
    ear.close()


@pytest.fixture(scope="session")
def hearings(transcribe: Callable[[NDArray[np.int16]], str]) -> Hearings:
    """Three transcripts of int16 [samples] at 16 kHz. One alone ends early now and then, undisturbed too: a word is
    missing where none of them has it.
    """

    def heard(samples: NDArray[np.int16]) -> list[str]:
        texts = []
        for number, longest in enumerate(PIECES):
            led = np.concatenate([np.zeros(number * LEAD, np.int16), samples])  # a short one has no place to be cut at
            texts.append(" ".join(transcribe((piece * 32768).astype(np.int16)) for piece in pieces(led, longest)))
        return texts

    return heard


def at_call_rate(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    quiet = np.zeros(RATE // 5, np.int16)
    if rate != RATE:
        resampler = rtc.AudioResampler(rate, RATE, quality=rtc.AudioResamplerQuality.HIGH)
        frames = resampler.push(bytearray(samples.tobytes())) + resampler.flush()
        samples = np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
    return np.concatenate([quiet, samples, quiet])


def human_clips(**wanted: str) -> list[dict[str, object]]:
    """Rows of the recorded clips whose fields equal `wanted`; none where the recordings are not there."""
    manifest = SPEECH / "manifest.jsonl"
    if not manifest.is_file():
        return []
    rows = [json.loads(line) for line in manifest.read_text().splitlines() if line.strip()]
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]

"""A sound card without a machine: stands in for the module sounddevice, whose names it uses.

What the microphone hears is the file FAKE_CARD_HEARS (WAV, 48 kHz mono, int16), then silence; what is played goes to
the file FAKE_CARD_PLAYS (raw int16 at 48 kHz). FAKE_CARD_FAULT: "library" and "devices" are what may be missing,
"open" refuses the stream.
"""

from __future__ import annotations

import os
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

FAULT = os.environ.get("FAKE_CARD_FAULT", "")

if FAULT == "library":
    raise OSError("PortAudio library not found")


class PortAudioError(Exception):
    """As sounddevice raises it."""


def query_devices(device: object = None, kind: str | None = None) -> dict[str, Any]:
    if FAULT == "devices":
        os.write(2, b"ALSA lib confmisc.c:855:(parse_card) cannot find card '0'\n" * 20)
        raise PortAudioError("Error querying device -1")
    return {"name": "fake", "kind": kind}


opened: list[_Stream] = []


class _Stream:
    """Calls back every block in real time, from a thread of its own. failure: what the callback raised, if it did."""

    delay = 0.02  # s between the card's clock and the device's

    def __init__(
        self, *, samplerate: int, blocksize: int, callback: Callable[..., None], finished_callback: Callable[[], None],
        **_: object,
    ) -> None:  # fmt: skip
        if FAULT == "open":
            raise PortAudioError("Error opening stream: Device unavailable [PaErrorCode -9985]")
        self._rate, self._block = samplerate, blocksize
        self._callback, self._finished = callback, finished_callback
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None
        opened.append(self)

    def start(self) -> None:
        self._thread.start()

    def close(self, ignore_errors: bool = True) -> None:
        self._stop.set()
        self._thread.join()

    def unplug(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        began, blocks = time.monotonic(), 0
        while not self._stop.is_set():
            now = time.monotonic()
            times = SimpleNamespace(
                currentTime=now, outputBufferDacTime=now + self.delay, inputBufferAdcTime=now - self.delay
            )
            block = self.before()
            try:
                self._callback(block, len(block), times, None)
            except Exception as error:
                self.failure = error
                break
            self.after(block)
            blocks += 1
            self._stop.wait(max(0.0, began + blocks * self._block / self._rate - time.monotonic()))
        self._finished()

    def before(self) -> Any:
        return np.zeros((self._block, 1), np.int16)

    def after(self, block: Any) -> None:
        """What the callback left in the block."""


class OutputStream(_Stream):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        path = os.environ.get("FAKE_CARD_PLAYS")
        self._path = Path(path) if path else None

    def after(self, block: Any) -> None:
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(block.tobytes())


class InputStream(_Stream):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._waiting = np.zeros(0, np.int16)
        if path := os.environ.get("FAKE_CARD_HEARS"):
            with wave.open(path) as file:
                self._waiting = np.frombuffer(file.readframes(file.getnframes()), np.int16)

    def before(self) -> Any:
        block = super().before()
        piece, self._waiting = self._waiting[: self._block], self._waiting[self._block :]
        block[: len(piece), 0] = piece
        return block

"""Microphone and loudspeaker of this machine, with the loudspeaker's echo taken out of what the microphone hears."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from local_agent.audio.local_io import HEARD_RATE, SPOKEN_RATE, PullAudioOutput, QueueAudioInput
from local_agent.errors import HardwareError

# The card runs at one rate in both directions: what WebRTC's echo canceller and every card can do.
RATE = SPOKEN_RATE
STEP = RATE // 100  # samples; the canceller takes frames of exactly 10 ms
BLOCK = 2 * STEP  # samples the card hands over at once: half the wake-ups, 10 ms later
LAST = 0.3  # s of silence behind the last sound, which the card still holds when it asks for more
LONGEST_DELAY = 500  # ms, more is refused by the canceller

WITHOUT = "or do without: console --text, or talk QUESTION.wav"


def library(*, kinds: Sequence[str] = ("input", "output"), without: str = WITHOUT) -> Any:
    """The module sounddevice. Raises HardwareError where PortAudio or a device is missing.

    kinds: of the devices that are needed. without: how to do without them.
    """
    try:
        with _quiet_stderr():
            import sounddevice
    except OSError as error:
        raise HardwareError(
            "the PortAudio library, through which sound is played and recorded, is not on this machine",
            fix=f"sudo apt install libportaudio2 (Fedora: dnf install portaudio; macOS: brew install portaudio), "
            f"{without}",
        ) from error
    for kind, name in (("input", "microphone"), ("output", "loudspeaker")):
        if kind not in kinds:
            continue
        try:
            with _quiet_stderr():
                sounddevice.query_devices(kind=kind)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise HardwareError(
                f"this machine has no {name} that may be used", fix=f"connect one and choose it as default, {without}"
            ) from error
    return sounddevice


def _closed(error: Exception, expected: str, without: str) -> HardwareError:
    return HardwareError(
        f"the sound card can't be opened: {error}",
        expected=expected,
        fix=f"close what else uses it, choose another default device, {without}",
    )


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ALSA and JACK write pages about each device that is not there, from native code."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class EchoCanceller:
    """WebRTC's audio processing: takes out of `heard` what was `played`, and steady noise with it.

    Both take int16 [n * STEP] at RATE, each from a thread of its own.
    """

    def __init__(self) -> None:
        self._apm = rtc.AudioProcessingModule(echo_cancellation=True, noise_suppression=True, high_pass_filter=True)
        self._resampler = rtc.AudioResampler(RATE, HEARD_RATE, quality=rtc.AudioResamplerQuality.MEDIUM)

    def set_delay(self, seconds: float) -> None:
        """From a sample's way through `played` to its echo's way through `heard`."""
        self._apm.set_stream_delay_ms(int(min(max(0.0, seconds * 1000), LONGEST_DELAY)))

    def played(self, samples: NDArray[np.int16]) -> None:
        for frame in _frames(samples):
            self._apm.process_reverse_stream(frame)

    def heard(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """The same sound without echo, int16 at HEARD_RATE; a few samples come out with the next call."""
        clean: list[NDArray[np.int16]] = []
        for frame in _frames(samples):
            self._apm.process_stream(frame)
            clean += [np.frombuffer(bytes(piece.data), np.int16) for piece in self._resampler.push(frame)]
        return np.concatenate(clean) if clean else np.zeros(0, np.int16)


def _frames(samples: NDArray[np.int16]) -> Iterator[rtc.AudioFrame]:
    for at in range(0, len(samples) - STEP + 1, STEP):
        yield rtc.AudioFrame(bytearray(samples[at : at + STEP].tobytes()), RATE, 1, STEP)


class SoundCard:
    """Feeds an Ear and plays a Mouth from the card's own threads until it is closed.

    on_fault: called once, from a thread of the card, when it stops by itself. level: dBFS of the last block heard.
    """

    def __init__(
        self, ear: QueueAudioInput, mouth: PullAudioOutput, on_fault: Callable[[HardwareError], object]
    ) -> None:
        self._ear, self._mouth, self._on_fault = ear, mouth, on_fault
        self._echo = EchoCanceller()
        self._out_delay = 0.0
        self._closing = threading.Event()
        self._streams: list[Any] = []
        self.level = -100.0

    def open(self) -> None:
        """Start both directions. Raises HardwareError."""
        sd = library()
        sides = ((sd.OutputStream, self._play), (sd.InputStream, self._hear))
        try:
            with _quiet_stderr():
                for stream, callback in sides:
                    opened = stream(
                        samplerate=RATE,
                        channels=1,
                        dtype="int16",
                        blocksize=BLOCK,
                        latency="low",
                        callback=self._guarded(callback),
                        finished_callback=self._on_end,
                    )
                    self._streams.append(opened)
                    opened.start()
        except sd.PortAudioError as error:
            self.close()
            raise _closed(error, f"{RATE} Hz mono in both directions", WITHOUT) from error

    def close(self) -> None:
        self._closing.set()
        for stream in self._streams:
            stream.close(ignore_errors=True)

    def _guarded(self, callback: Callable[[NDArray[np.int16], Any], None]) -> Callable[..., None]:
        def guarded(block: NDArray[np.int16], count: int, time: Any, status: object) -> None:
            try:
                callback(block, time)
            except Exception as error:  # PortAudio would print it and go on without sound
                self._fail(f"{type(error).__name__}: {error}")
                raise

        return guarded

    def _play(self, block: NDArray[np.int16], time: Any) -> None:
        self._out_delay = time.outputBufferDacTime - time.currentTime
        samples = self._mouth.pull(len(block))
        block[:, 0] = samples
        self._echo.played(samples)

    def _hear(self, block: NDArray[np.int16], time: Any) -> None:
        self._echo.set_delay(self._out_delay + time.currentTime - time.inputBufferAdcTime)
        clean = self._echo.heard(block[:, 0])
        if len(clean):
            self.level = float(20 * np.log10(max(1, int(np.abs(clean.astype(np.int32)).max())) / 32768))
            self._ear.put_threadsafe(clean)

    def _on_end(self) -> None:
        self._fail("the device went away")

    def _fail(self, why: str) -> None:
        if not self._closing.is_set():
            self._closing.set()
            self._on_fault(HardwareError(f"the sound card stopped: {why}", fix=f"connect it again, {WITHOUT}"))


class Playback:
    """Plays on the default loudspeaker what is put in, int16 [samples] at RATE, in order and as it comes.

    Opened by `with`. without: how to do without a sound card. Raises HardwareError.
    """

    def __init__(self, *, without: str = WITHOUT) -> None:
        self._waiting: deque[NDArray[np.int16]] = deque()
        self._whole, self._over = False, threading.Event()
        self._silent = 0  # blocks since the last sound
        self._fault = ""
        sd = library(kinds=("output",), without=without)
        try:
            with _quiet_stderr():
                self._stream = sd.OutputStream(
                    samplerate=RATE,
                    channels=1,
                    dtype="int16",
                    blocksize=BLOCK,
                    latency="high",
                    callback=self._play,
                    finished_callback=self._on_end,
                )
                self._stream.start()
        except sd.PortAudioError as error:
            raise _closed(error, f"{RATE} Hz mono", without) from error

    def __enter__(self) -> Playback:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close(ignore_errors=True)

    def put(self, samples: NDArray[np.int16]) -> None:
        """From any thread."""
        self._waiting.append(samples)

    def finish(self) -> None:
        """Wait until all that was put in has been heard. Raises HardwareError when the device goes away before."""
        self._whole = True
        self._over.wait()
        if self._fault:
            raise HardwareError(self._fault, fix="connect it again")

    def _play(self, block: NDArray[np.int16], count: int, time: Any, status: object) -> None:
        filled = 0
        whole = self._whole  # before looking at what waits, or the last of it could be missed
        while filled < len(block) and self._waiting:
            piece = self._waiting.popleft()
            taken = piece[: len(block) - filled]
            block[filled : filled + len(taken), 0] = taken
            filled += len(taken)
            if len(taken) < len(piece):
                self._waiting.appendleft(piece[len(taken) :])
        block[filled:, 0] = 0
        if whole and not filled:
            self._silent += 1
            if self._silent * BLOCK > LAST * RATE:
                self._over.set()

    def _on_end(self) -> None:
        if not self._over.is_set():
            self._fault = "the sound card went away"
            self._over.set()

"""Turns a recording back into sound, and says where its key is."""

from __future__ import annotations

import itertools
import os
import wave
from collections.abc import Iterable
from pathlib import Path

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError, RecordingUnreadable
from local_agent.recording import encrypted_file

KEY = "recording.key"


def key_file(settings: Settings) -> Path:
    """Where the key of the recordings is kept."""
    return settings.record_key or settings.data_dir / KEY


def write_wav(file: Path, key: bytes, output: Path) -> tuple[float, RecordingUnreadable | None]:
    """(seconds written, what is wrong with the file). A file that was cut off is written as far as it goes.

    The WAV file has mode 0600 and is never written over. Raises ConfigError when it can't be made, RecordingUnreadable
    for a file of which nothing can be read.
    """
    chunks = encrypted_file.read(file, key)
    try:
        first = next(chunks, b"")
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{file} can't be written to {output}: {error.strerror}") from error
    try:
        return _write(itertools.chain([first], chunks), descriptor)
    except OSError as error:
        output.unlink(missing_ok=True)
        raise ConfigError(
            f"{file} can't be written to {output}: {error.strerror}", fix="make room there, or name another --output"
        ) from error


def _write(chunks: Iterable[bytes], descriptor: int) -> tuple[float, RecordingUnreadable | None]:
    fault, frames = None, 0
    with os.fdopen(descriptor, "wb") as raw, wave.open(raw, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(SPEECH_RATE)
        try:
            for chunk in chunks:
                sound.writeframes(chunk)
                frames = sound.getnframes()
        except RecordingUnreadable as error:
            fault = error
    return frames / SPEECH_RATE, fault

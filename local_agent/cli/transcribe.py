"""The `transcribe` command: recordings on this machine, written down."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from local_agent.audio import wav
from local_agent.config.languages import AUTO
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.engines.whisper import energy
from local_agent.errors import EngineError

if TYPE_CHECKING:
    from local_agent.engines.whisper.engine import Whisper

STDIN = "-"
LONGEST = 4 * 3600.0  # s: 460 MB of samples


@dataclass(frozen=True)
class Segment:
    """What is said from start to end, both in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Written:
    """One recording. language: ISO 639-1. seconds: its length."""

    file: str
    text: str
    language: str
    seconds: float
    segments: list[Segment]


def run(settings: Settings, files: Sequence[str], *, as_json: bool) -> int:
    """Exit status: 0 when every file could be read. Raises LocalAgentError when the model does not load."""
    from local_agent.process.logs import log_to_screen

    log_to_screen(settings.log_level, libraries="error")
    engines = Engines(settings)
    language = None if settings.language == AUTO else settings.language
    status = 0
    try:
        for file in files:
            try:
                written = write_down(engines, file, language)
            except EngineError as error:
                status = 1
                print(f"local_agent: {error}", file=sys.stderr)
                if as_json:
                    print(json.dumps({"file": file, "error": str(error)}), flush=True)
                continue
            _tell(written, as_json=as_json, named=len(files) > 1)
    finally:
        engines.close()
    return status


def write_down(engines: Engines, file: str, language: str | None) -> Written:
    """Raises BadInput for what is no recording, and what the engine raises."""
    samples, rate = _read(file)
    engines.demand("whisper")
    whisper = engines.whisper().result()
    from local_agent.audio.local_io import resampled

    audio = resampled(samples, rate, whisper.sample_rate).astype(np.float32) / np.float32(32768)
    segments, heard = _segments(whisper, audio, language, engines.settings.vocabulary)
    text = " ".join(segment.text for segment in segments)
    return Written(file, text, heard, round(len(samples) / rate, 3), segments)


def _read(file: str) -> tuple[NDArray[np.int16], int]:
    if file == STDIN:
        return wav.read_from(io.BytesIO(sys.stdin.buffer.read()), "stdin", longest=LONGEST)
    return wav.read(Path(file), longest=LONGEST)


def _segments(
    whisper: Whisper, audio: NDArray[np.float32], language: str | None, vocabulary: Sequence[str]
) -> tuple[list[Segment], str]:
    """Piece by piece, so that nothing waits for an hour; and the language of most of the words."""
    segments: list[Segment] = []
    words: dict[str, int] = {}
    for span in energy.split(audio):
        piece = audio[span.start : span.end]
        heard = whisper.transcribe(piece, language=language, vocabulary=vocabulary, timeout=None).result()
        if heard.text:
            start = span.start / whisper.sample_rate
            segments.append(Segment(round(start + heard.start, 2), round(start + heard.end, 2), heard.text))
        words[heard.language] = words.get(heard.language, 0) + len(heard.text)
    return segments, max(words, key=words.__getitem__)


def _tell(written: Written, *, as_json: bool, named: bool) -> None:
    if as_json:
        print(json.dumps(asdict(written)), flush=True)
    else:
        print(f"{written.file}: {written.text}" if named else written.text, flush=True)
    if not written.text:
        print(f"local_agent: no speech was found in {written.file}", file=sys.stderr)

"""Our Whisper against faster-whisper's full window: `python -m local_agent.bench.stt --models DIR --clips DIR`.

Both hear the same clips with the same weights in one process, taking turns, so that all share the machine's moods.
"""

from __future__ import annotations

import argparse
import json
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench.word_error_rate import error_rate
from local_agent.engines.whisper.engine import Transcript, Whisper
from local_agent.engines.whisper.repetition import echo

BEFORE, AFTER = 0.4, 0.15  # seconds around the speech that a voice activity detector hands on in a call


@dataclass(frozen=True)
class Clip:
    """A recording and what is said in it; text "" for noise. audio: float32 [samples] at 16 kHz."""

    name: str
    text: str
    audio: NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """One clip, heard twice: by us and by faster-whisper's `transcribe(beam_size=1)`. Times in seconds."""

    clip: str
    reference: str
    ours: Transcript
    theirs: str
    theirs_s: float


def read(folder: Path, *, language: str = "en", longest: float = 30.0, whole: bool = False) -> list[Clip]:
    """The clips of `folder`/manifest.jsonl: lines with file, text, language, and best speech_start and speech_end.

    longest: seconds of the file. whole: keep the silence before and after the speech. Only 16 kHz mono 16-bit WAV files
    are read.
    """
    clips = []
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["language"] != language:
            continue
        audio = read_wave(folder / entry["file"])
        if len(audio) > longest * SPEECH_RATE:
            continue
        if not whole and "speech_start" in entry:
            first = max(0, int((entry["speech_start"] - BEFORE) * SPEECH_RATE))
            audio = audio[first : int((entry["speech_end"] + AFTER) * SPEECH_RATE)]
        clips.append(Clip(entry["file"], entry["text"], audio))
    return clips


def read_wave(path: Path) -> NDArray[np.float32]:
    """float32 [samples], -1..1, of a 16 kHz mono 16-bit WAV file; raises ValueError for any other."""
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (SPEECH_RATE, 1, 2):
            raise ValueError(f"{path} is not a 16 kHz mono 16-bit WAV file")
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return samples.astype(np.float32) / np.float32(32768)


def compare(
    folder: Path,
    clips: Sequence[Clip],
    threads: int = 2,
    *,
    graphs: tuple[Path, Path] | None = None,
    language: str = "en",
    tell: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Hear each clip with both, A B A B, with the CTranslate2 model in `folder`. graphs: of its decoder
    (`engines.whisper.onnx_export`), for ours. tell: called after each clip.
    """
    ours = Whisper(folder, threads=threads, graphs=graphs)
    theirs = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    ours.warm()
    list(theirs.transcribe(np.zeros(SPEECH_RATE, np.float32), beam_size=1, language=language)[0])
    rows = []
    try:
        for clip in clips:
            mine = ours.transcribe(clip.audio, language=language, timeout=None).result()
            began = time.perf_counter()
            segments, _ = theirs.transcribe(clip.audio, beam_size=1, language=language)
            text = " ".join(segment.text.strip() for segment in segments)
            row = Row(clip.name, clip.text, mine, text, time.perf_counter() - began)
            rows.append(row)
            if tell is not None:
                tell(row)
    finally:
        ours.close()
    return rows


def table(rows: Sequence[Row], language: str = "en") -> Table:
    """Word error rate, compute, and how often a text repeats itself, side by side."""
    both: list[tuple[str, list[str], list[float]]] = [
        ("local_agent", [row.ours.text for row in rows], [row.ours.compute_s for row in rows]),
        ("faster-whisper, 30 s", [row.theirs for row in rows], [row.theirs_s for row in rows]),
    ]
    retried = sum(row.ours.attempts > 1 for row in rows)
    shown = Table(title=f"{len(rows)} clips, {retried} of ours decoded more than once")
    for heading in ("", "word error rate", "median s", "p95 s", "repeat themselves"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for name, texts, seconds in both:
        rate = error_rate(zip((row.reference for row in rows), texts, strict=True), language)
        loops = sum(echo(text) is not None for text in texts)
        median, late = np.quantile(seconds, [0.5, 0.95])
        shown.add_row(name, f"{rate:.2%}", f"{median:.3f}", f"{late:.3f}", str(loops))
    return shown


def main() -> None:
    """Read the command line, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder that has the model's folder")
    parser.add_argument("--model", default="whisper-tiny.en")
    parser.add_argument("--clips", type=Path, required=True, help="folder with manifest.jsonl")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--language", default="en")
    parser.add_argument("--longest", type=float, default=20.0, help="leave out files longer than this, seconds")
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip")
    parser.add_argument("--whole", action="store_true", help="keep the silence before and after the speech")
    parser.add_argument("--differences", action="store_true", help="print the texts that differ")
    args = parser.parse_args()
    clips = read(args.clips, language=args.language, longest=args.longest, whole=args.whole)[:: args.every]
    rows = compare(args.models / args.model, clips, args.threads, language=args.language)
    console = Console()
    if args.differences:
        for row in rows:
            if row.ours.text != row.theirs:
                console.print(f"{row.clip}\n  said   {row.reference}\n  ours   {row.ours.text}\n  theirs {row.theirs}")
    console.print(table(rows, args.language))


if __name__ == "__main__":
    main()

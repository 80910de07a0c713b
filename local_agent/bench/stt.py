"""Our Whisper against faster-whisper's full window, for `bench stt`.

Both hear the same clips with the same weights in one process, taking turns, so that all share the machine's moods.
"""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from rich.table import Table

from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench.word_error_rate import errors, rate
from local_agent.engines.whisper.engine import Transcript, Whisper
from local_agent.engines.whisper.repetition import echo

BEFORE, AFTER = 0.4, 0.15  # seconds around the speech that a voice activity detector hands on in a call
BOTH = ("local_agent", "faster-whisper, 30 s")


@dataclass(frozen=True)
class Clip:
    """A recording and what is said in it; text "" for noise. audio: float32 [samples] at 16 kHz. language: ISO 639."""

    name: str
    text: str
    audio: NDArray[np.float32]
    language: str = "en"


@dataclass(frozen=True)
class Row:
    """One clip, heard twice: by us and by faster-whisper's `transcribe`. Times in seconds."""

    clip: Clip
    ours: Transcript
    theirs: str
    theirs_s: float

    @property
    def texts(self) -> tuple[str, str]:
        """In the order of BOTH."""
        return self.ours.text, self.theirs

    @property
    def seconds(self) -> tuple[float, float]:
        return self.ours.compute_s, self.theirs_s


def languages(folder: Path, wanted: str) -> tuple[str, ...]:
    """Languages of the clips of `folder`/manifest.jsonl. wanted: codes with commas between, `all`, or `foreign` for all
    but English.
    """
    if wanted not in ("all", "foreign"):
        return tuple(code.strip() for code in wanted.split(",") if code.strip())
    there = {json.loads(line)["language"] for line in (folder / "manifest.jsonl").read_text().splitlines()}
    return tuple(sorted(there - ({"en"} if wanted == "foreign" else set())))


def read(
    folder: Path, *, languages: Collection[str] = ("en",), longest: float = 30.0, whole: bool = False
) -> list[Clip]:
    """The clips of `folder`/manifest.jsonl: lines with file, text, language, and best speech_start and speech_end.

    longest: seconds of the file. whole: keep the silence before and after the speech. Only 16 kHz mono 16-bit WAV files
    are read.
    """
    clips = []
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["language"] not in languages:
            continue
        audio = read_wave(folder / entry["file"])
        if len(audio) > longest * SPEECH_RATE:
            continue
        if not whole and "speech_start" in entry:
            first = max(0, int((entry["speech_start"] - BEFORE) * SPEECH_RATE))
            audio = audio[first : int((entry["speech_end"] + AFTER) * SPEECH_RATE)]
        clips.append(Clip(entry["file"], entry["text"], audio, entry["language"]))
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
    detect: bool = False,
    beam: int = 1,
    tell: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Hear each clip with both, A B A B, with the CTranslate2 model in `folder`. graphs: of its decoder
    (`engines.whisper.onnx_export`), for ours. detect: both find out in which language a clip is, instead of being told.
    beam: of faster-whisper's search. tell: called after each clip.
    """
    ours = Whisper(folder, threads=threads, graphs=graphs)
    theirs = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    ours.warm()
    list(theirs.transcribe(np.zeros(SPEECH_RATE, np.float32), beam_size=beam, language="en")[0])
    rows = []
    try:
        for clip in clips:
            language = None if detect else clip.language
            mine = ours.transcribe(clip.audio, language=language, timeout=None).result()
            began = time.perf_counter()
            segments, _ = theirs.transcribe(clip.audio, beam_size=beam, language=language)
            text = " ".join(segment.text.strip() for segment in segments)
            row = Row(clip, mine, text, time.perf_counter() - began)
            rows.append(row)
            if tell is not None:
                tell(row)
    finally:
        ours.close()
    return rows


def figures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Of each of BOTH: word error rate, seconds, texts that repeat themselves; and word error rates by language."""
    told = []
    for side in range(len(BOTH)):
        counted = [(row.clip.language, errors(row.clip.text, row.texts[side], row.clip.language)) for row in rows]
        median, late = np.quantile([row.seconds[side] for row in rows], [0.5, 0.95])
        told.append({
            "word_error_rate": round(rate(count for _, count in counted), 4),
            "p50_s": round(float(median), 4),
            "p95_s": round(float(late), 4),
            "repeat_themselves": sum(echo(row.texts[side]) is not None for row in rows),
            "languages": {
                language: round(rate(count for other, count in counted if other == language), 4)
                for language in sorted({language for language, _ in counted})
            },
        })  # fmt: skip
    return told


def table(rows: Sequence[Row]) -> Table:
    """The report for the screen: both side by side, and each language where there are several."""
    found = figures(rows)
    retried = sum(row.ours.attempts > 1 for row in rows)
    shown = Table(title=f"{len(rows)} clips, {retried} of ours decoded more than once")
    for heading in ("", *BOTH):
        shown.add_column(heading, justify="left" if not heading else "right")
    shown.add_row("word error rate", *(f"{side['word_error_rate']:.2%}" for side in found))
    for language in found[0]["languages"] if len(found[0]["languages"]) > 1 else ():
        clips = sum(row.clip.language == language for row in rows)
        shown.add_row(f"  {language}, {clips}", *(f"{side['languages'][language]:.2%}" for side in found))
    for label, key in (("median", "p50_s"), ("p95", "p95_s")):
        shown.add_row(label, *(f"{side[key]:.3f} s" for side in found))
    shown.add_row("repeat themselves", *(str(side["repeat_themselves"]) for side in found))
    return shown


def differences(rows: Sequence[Row]) -> str:
    """What was said, and what each wrote, of those clips where they differ."""
    return "\n".join(
        f"{row.clip.name}\n  said   {row.clip.text}\n  ours   {row.ours.text}\n  theirs {row.theirs}"
        for row in rows
        if row.ours.text != row.theirs
    )

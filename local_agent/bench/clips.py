"""What callers say: recordings of which the end of speech is known, from a folder or spoken by our own voice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_agent.audio import wav
from local_agent.audio.local_io import resampled
from local_agent.audio.samples import SPEECH_RATE
from local_agent.engines.piper.engine import Piper
from local_agent.engines.piper.pauses import trim
from local_agent.errors import BadInput, ConfigError

LONGEST = 6.0  # s of speech: longer clips make a run long and tell no more about the wait after them
PAUSE = 0.2  # s of silence inside a clip from which on an answer within it would not be wrong
SEED = 1  # the yardstick's: the same clips as there
MANIFEST = "manifest.jsonl"

BETWEEN = 0.1  # s of silence that separates two stretches of speech

# Said by our own voice where there are no recordings. Everyday questions and commands of one to three seconds.
SENTENCES = (
    "What is the capital of France?",
    "Turn on the light in the kitchen, please.",
    "Good morning, how are you today?",
    "Can you tell me a short story?",
    "Why is the sky blue?",
    "Set a timer for ten minutes.",
    "I would like to book a table for two.",
    "What do you know about the moon?",
    "Play some quiet music in the living room.",
    "How many days are there in a year?",
    "Please remind me to call my sister tomorrow.",
    "What is the best way to cook rice?",
)


@dataclass(frozen=True)
class Clip:
    """name: to show. text: what is said in it, "" where nobody knows. speech_end: seconds from its beginning."""

    name: str
    path: Path
    text: str
    speech_end: float


def recordings() -> Path | None:
    """The folder of recorded speech beside the checkout, where there is one."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "speech"
    return folder if (folder / MANIFEST).is_file() else None


def folder(chosen: Path | None, voice: Callable[[], Piper], scratch: Path, language: str = "en") -> tuple[Path, str]:
    """(folder of clips, what it is in words): the chosen one, the recordings beside the checkout, or sentences that our
    own voice speaks into `scratch`. Raises BadInput for a folder that is not there.
    """
    if chosen is not None:
        if not chosen.is_dir():
            raise BadInput(f"there is no folder {chosen}", expected="a folder of WAV files", fix="correct --clips")
        return chosen, f"clips of {chosen.resolve().name}"
    if (found := recordings()) is not None:
        return found, "recorded clips"
    return spoken(voice(), scratch, language), "clips spoken by our own voice"


def read(folder: Path, language: str = "en", longest: float = LONGEST) -> list[Clip]:
    """The clips of a folder: those of its manifest.jsonl, else every WAV file in it.

    A manifest's lines have file and best text, language, speech_end; lines in other languages, made by machines, with
    pauses of PAUSE and more, and with more than `longest` seconds of speech are left out. Where nobody says when the
    speech ends, `speech_end` finds it. Raises BadInput when nothing is left.
    """
    manifest = folder / MANIFEST
    if manifest.is_file():
        rows = [row(line, number, manifest) for number, line in enumerate(manifest.read_text().splitlines(), 1)]
        found = [_clip(folder, each) for each in rows if each and _fits(each, language)]
    else:
        found = [_clip(folder, {"file": path.name}) for path in sorted(folder.glob("*.wav"))]
    clips = [clip for clip in found if clip.speech_end <= longest]
    if not clips:
        raise BadInput(
            f"{folder} has no clip to play" + (f" ({len(found)} are longer than {longest:g} s)" if found else ""),
            expected=f"WAV files of speech, or a {MANIFEST} with lines in language {language!r}",
            fix="name another folder with --clips, or leave --clips out",
        )
    return clips


def orders(clips: Sequence[Clip], callers: int, count: int) -> list[list[Clip]]:
    """What each caller says, in which order: `count` clips drawn without repetition, again from the start when `count`
    is more than there are.
    """
    draw = random.Random(SEED)
    told = []
    for _ in range(callers):
        drawn: list[Clip] = []
        while len(drawn) < count:
            drawn += draw.sample(clips, min(count - len(drawn), len(clips)))
        told.append(drawn)
    return told


def spoken(voice: Piper, folder: Path, language: str = "en") -> Path:
    """Speak SENTENCES into 16 kHz WAV files in `folder`, with a manifest; returns `folder`.

    The speech ends where the voice's own silence begins, to 5 ms. Raises ConfigError for another language.
    """
    if language not in ("en", "auto"):
        raise ConfigError(
            f"there are no sentences in language {language!r} to speak", fix="name a folder of recordings with --clips"
        )
    rows = []
    for number, text in enumerate(SENTENCES):
        speech = _say(voice, text)
        quiet = np.zeros(round(0.3 * SPEECH_RATE), np.int16)
        name = f"spoken_{number:02d}.wav"
        wav.write(folder / name, np.concatenate([quiet, speech, quiet, quiet]), SPEECH_RATE)
        bounds = {"speech_start": 0.3, "speech_end": 0.3 + len(speech) / SPEECH_RATE}
        rows.append({"file": name, "text": text, "language": "en", **bounds})
    (folder / MANIFEST).write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return folder


def speech_end(samples: NDArray[np.int16], rate: int) -> float:
    """Seconds until the last speech in int16 [samples] ends, as the Silero detector in faster-whisper finds it; the
    whole length where it finds none. A door or a breath after the last word does not count, which energy alone takes
    for speech (on 97 clips with known ends: within 0.04 s on nine in ten; energy was up to 4 s late).
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    audio = resampled(samples, rate, SPEECH_RATE).astype(np.float32) / 32768
    heard = np.concatenate([audio, np.zeros(SPEECH_RATE // 2, np.float32)])  # room to hear that it is over
    options = VadOptions(min_silence_duration_ms=round(BETWEEN * 1000), speech_pad_ms=0)
    found = get_speech_timestamps(heard, options)
    whole = len(samples) / rate
    return min(float(found[-1]["end"]) / SPEECH_RATE, whole) if found else whole


def _say(voice: Piper, text: str) -> NDArray[np.int16]:
    pieces: list[bytes] = []
    voice.synthesize(text, on_audio=pieces.append, timeout=None).result()
    audio = np.frombuffer(b"".join(pieces), "<i2").astype(np.float32) / np.float32(32768)
    speech = (trim(audio, voice.sample_rate) * 32767).astype(np.int16)
    return resampled(speech, voice.sample_rate, SPEECH_RATE)


def row(line: str, number: int, manifest: Path) -> dict[str, Any]:
    """One line of a manifest, {} for an empty one. Raises BadInput."""
    if not line.strip():
        return {}
    try:
        row = json.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("file"), str):
            raise ValueError("no file is named")
    except ValueError as error:
        raise BadInput(
            f"{manifest}, line {number}: {error}", expected='a JSON object with "file", "text" and "speech_end"'
        ) from error
    return row


def _fits(row: dict[str, Any], language: str) -> bool:
    return (
        (language == "auto" or row.get("language", language) == language)
        and row.get("human") != "no"
        and float(row.get("max_internal_pause") or 0) < PAUSE
    )


def _clip(folder: Path, row: dict[str, Any]) -> Clip:
    path = folder / row["file"]
    end = row.get("speech_end")
    known = speech_end(*wav.read(path)) if end is None else float(end)
    return Clip(Path(row["file"]).name, path, str(row.get("text") or ""), known)

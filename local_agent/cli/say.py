"""The `say` command: a text in the agent's voice, to hear it, to keep it, or to read what the voice is given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.engines.text.clauses import ClauseCutter
from local_agent.engines.text.normalize import speakable
from local_agent.errors import BadInput

if TYPE_CHECKING:
    from local_agent.engines.piper.engine import Piper

STDIN = "-"
WITHOUT = "or write it into a file: say TEXT --output speech.wav"


def run(settings: Settings, text: str, output: Path | None, *, show: bool) -> int:
    """Exit status. text: "-" reads it from stdin. Raises LocalAgentError."""
    if text == STDIN:
        text = sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin is not None else ""
    engines = Engines(settings)
    if not show:
        engines.demand("piper")
    language = engines.facts_of("piper", settings.voice).language
    spoken = list(given(text, language))
    if show:
        print(" ".join(words for _, words in spoken if words))
        return 0
    if not any(words for _, words in spoken):
        raise _nothing(text, language)
    from local_agent.process.logs import log_to_screen

    log_to_screen(settings.log_level, libraries="error")
    try:
        if output is None:
            _play(engines, spoken)
        else:
            _write(engines, spoken, output)
    finally:
        engines.close()
    return 0


def given(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Each clause of `text`, cut as in a call, and the words that the voice gets for it, on one line."""
    cutter = ClauseCutter(language=language)
    for clause in [*cutter.push(text), *cutter.flush()]:
        yield clause, " ".join(speakable(clause, language).split())


def _nothing(text: str, language: str) -> BadInput:
    if any(map(str.isalnum, text)):
        return BadInput(
            "that text holds no word that the voice can speak",
            expected=f"words that a voice for {language or 'this language'} reads",
            fix="choose a voice of that language with --voice: python -m local_agent download --list",
        )
    return BadInput("that text holds nothing to speak", expected="words")


def _speak(engines: Engines, spoken: list[tuple[str, str]], on_audio: Callable[[bytes], None]) -> Piper:
    """All clauses, one after the other; the voice that spoke them."""
    settings = engines.settings
    voice = engines.piper().result()
    for clause, words in spoken:
        if words:
            voice.synthesize(
                clause, on_audio=on_audio, speed=settings.speed, speaker=settings.speaker, timeout=None
            ).result()
    return voice


def _write(engines: Engines, spoken: list[tuple[str, str]], output: Path) -> None:
    from local_agent.audio import wav
    from local_agent.audio.samples import SPEECH_RATE

    # Now, not after seconds of loading, is the time to learn that it fails.
    wav.write(output, np.zeros(0, np.int16), SPEECH_RATE)
    pieces: list[bytes] = []
    voice = _speak(engines, spoken, pieces.append)
    samples = np.frombuffer(b"".join(pieces), np.int16)
    wav.write(output, samples, voice.sample_rate)
    print(f"{len(samples) / voice.sample_rate:.1f} s in {output}", file=sys.stderr)


def _play(engines: Engines, spoken: list[tuple[str, str]]) -> None:
    from local_agent.audio.local_io import SPOKEN_RATE, resampled
    from local_agent.audio.sound_card import Playback

    rate = engines.voice_rate()

    def heard(pcm: bytes) -> NDArray[np.int16]:
        return resampled(np.frombuffer(pcm, np.int16), rate, SPOKEN_RATE)

    with Playback(without=WITHOUT) as playback:
        _speak(engines, spoken, lambda pcm: playback.put(heard(pcm)))
        playback.finish()

"""What listeners say without wanting the floor, and when it was an answer after all. No thread and no clock.

A hum is told from words by its sound: with closed lips next to nothing above 700 Hz comes out. Whisper, which was
taught to write words, may find some in a listener's "mm-hmm", and these would interrupt the agent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.languages.length import word_count
from local_agent.config.languages.table import facts, family

# In any language. A hum has no vowel, however Whisper spells it: "mm-hmm-hmm", "NMM", "MMO".
_HUMS_YES = r"m|[mn][mnh]+[or]?|uh+uh|aha|ok|okay"
_HUMS = r"[mnh]{2,}[or]?"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
_LONGEST = 4  # words; more of them are an answer
_SENTENCE = re.compile(r"[^.!?…？؟。！]+[.!?…？؟。！]*")
_QUESTION = ("?", "？", "؟", "か。")
SAME = 1.0  # s of the agent's voice in which two transcripts are of one murmur

FRAME, HOP = 512, 160  # samples
LOW = 80.0  # Hz: under the lowest voice
SPLIT = 700.0  # Hz: above the strongest resonance of a nasal, under that of most vowels
DARK = -17.0  # dB: how far what is above SPLIT lies under what is below. 124 recordings of words: -14.6 and more
BRIGHT = 90.0  # percentile of the loud frames: words have one vowel at least that is not dark
FAINT = 12.0  # dB under the loudest frame from which on one says nothing
SHORTEST, LONGEST = 0.12, 1.0  # s of loud sound: a knock is shorter, and who hums longer is humming a tune
UNSURE = 0.6  # Whisper's confidence from which on its words are believed, whatever the sound


@dataclass(frozen=True)
class _Listening:
    """What a listener says in one language. all: nothing but that. yes: what answers a question."""

    all: re.Pattern[str]
    yes: re.Pattern[str]
    spaced: bool


@cache
def _listening(code: str) -> _Listening:
    known = facts(code)
    yes = "|".join(filter(None, (_HUMS_YES, known.listening.yes)))
    other = "|".join(filter(None, (_HUMS, known.listening.other)))
    early = "|".join(filter(None, (other, known.listening.alone)))
    behind, edge = ("(?: |$)", r"\b") if known.spaced else ("", "")
    return _Listening(
        re.compile(rf"(?=.)(?:(?:{early}){behind})*(?:(?:{yes}|{other}){behind})*"),
        re.compile(rf"{edge}(?:{yes}){edge}" if known.spaced else rf"(?:{yes})+"),
        known.spaced,
    )


def backchannel(text: str, language: str = "en") -> bool:
    """Whether it only says that somebody is listening ("mhm", "yeah, okay"), or nothing yet ("so"), in a language given
    as ISO 639-1 code. Who says "yeah, but" wants the floor.
    """
    known = _listening(family(language))
    return known.all.fullmatch(_words(text, known.spaced)) is not None


def agrees(text: str, language: str = "en") -> bool:
    """Whether a backchannel, said to a question, answers it."""
    known = _listening(family(language))
    if not backchannel(text, language):
        return False
    if known.spaced:
        return known.yes.search(_words(text, spaced=True)) is not None
    return any(known.yes.fullmatch(word) for word in _WORD.findall(text.lower()))


def worded(text: str) -> bool:
    """Whether there is a word in it."""
    return _WORD.search(text) is not None


def hummed(sound: NDArray[np.float32], confidence: float) -> bool:
    """Whether float32 [samples] at 16 kHz, of which Whisper is so sure, 0..1, hold nothing but a hum."""
    if confidence >= UNSURE or len(sound) < FRAME:
        return False
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * np.hanning(FRAME)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    pitch = np.fft.rfftfreq(FRAME, 1 / SPEECH_RATE)
    below = power[:, (pitch >= LOW) & (pitch <= SPLIT)].sum(axis=1) + 1e-9
    above = power[:, pitch > SPLIT].sum(axis=1) + 1e-9
    total = below + above
    loud = total > total.max() * 10 ** (-FAINT / 10)
    if not SHORTEST * SPEECH_RATE <= loud.sum() * HOP <= LONGEST * SPEECH_RATE:
        return False
    return bool(np.percentile(10 * np.log10(above[loud] / below[loud]), BRIGHT) <= DARK)


def _words(text: str, spaced: bool) -> str:
    words = _WORD.findall(text.lower().replace("-", "").replace("’", "'"))
    return (" " if spaced else "").join(words if word_count(words) <= _LONGEST else [])


def asked(text: str, share: float) -> bool:
    """Whether a question is among the sentences of `text` that have begun by `share` (0..1) of it."""
    begun = (found.group() for found in _SENTENCE.finditer(text) if found.start() <= share * len(text))
    return any(sentence.endswith(_QUESTION) for sentence in begun)


@dataclass
class _Murmur:
    """text: as it was understood. at: seconds of the agent's voice that had been heard by then."""

    text: str
    at: float
    language: str


class Murmurs:
    """Backchannels over one speech of the agent. Times are `time.monotonic()` seconds."""

    def __init__(self) -> None:
        self._pieces: list[tuple[float, float]] = []  # of the voice: when it is heard, how long
        self._murmurs: list[_Murmur] = []

    def played(self, at: float, seconds: float) -> None:
        """So much of the voice is heard from `at` on."""
        self._pieces.append((at, seconds))

    def cut(self, at: float) -> None:
        """Nothing is heard from `at` on of what was played."""
        self._pieces = [(begin, min(seconds, at - begin)) for begin, seconds in self._pieces if begin < at]

    def add(self, text: str, now: float, language: str = "en") -> None:
        """Something was murmured; the next transcripts of the same sound take its place."""
        at = self._heard(now)
        if self._murmurs and at - self._murmurs[-1].at < SAME:
            self._murmurs[-1].text, self._murmurs[-1].language = text, language
        else:
            self._murmurs.append(_Murmur(text, at, language))

    def withdraw(self) -> None:
        """More was said: what was murmured before is no answer of its own."""
        self._murmurs.clear()

    def __bool__(self) -> bool:
        return bool(self._murmurs)

    def answer(self, said: str) -> str:
        """What of it answers a question that the agent had begun to ask in `said`, which is over now; "" for nothing.
        All is forgotten.
        """
        murmurs, length = self._murmurs, self._heard(float("inf"))
        self._pieces, self._murmurs = [], []
        return " ".join(
            one.text for one in murmurs if agrees(one.text, one.language) and asked(said, one.at / max(length, 1e-3))
        )

    def _heard(self, until: float) -> float:
        return sum(min(seconds, max(0.0, until - at)) for at, seconds in self._pieces)

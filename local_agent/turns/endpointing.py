"""When has a person finished speaking? Decisions about the wait before a turn is committed; pure functions, seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import numpy as np

from local_agent.config.languages.facts import Facts
from local_agent.config.languages.length import word_count
from local_agent.config.languages.table import facts, family

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+", re.UNICODE)
_HYPHENATED = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+", re.UNICODE)
_BROKEN_OFF = ("...", "…", ",", "-", "–", "—", ":", ";", "、", "，", "：", "；")
_QUESTION, _STOP = ("?", "？", "؟"), (".", "!", "。", "！")


@dataclass(frozen=True)
class _Patterns:
    """Of one language. whole: short answers that are complete. dictated: numbers alone, at least two: somebody reads
    out a telephone or card number, in groups with pauses between them. counted: words that end in a number.
    """

    whole: re.Pattern[str]
    dictated: re.Pattern[str]
    counted: re.Pattern[str]


@cache
def _patterns(code: str) -> _Patterns:
    ends = facts(code).ends
    number = rf"(?:\d+|{ends.digits})" if ends.digits else r"\d+"
    return _Patterns(
        re.compile(ends.whole or r"(?!)"),
        re.compile(rf"{number}(?:\.\d+)?(?:[\s,、\-–]+{number})+[\s,、.。\-–]*", re.IGNORECASE),
        re.compile(rf"(?:.*[\s,.\-–])?{number}[\s,.。!\-–]*", re.IGNORECASE),
    )


@dataclass(frozen=True)
class Weights:
    """Of a logistic regression: the base, and what each piece of evidence adds to it."""

    base: float
    end: float = 0.0
    ending: float = 0.0
    sound: float = 0.0
    dangling: float = 0.0


# Fitted on 105 ends of English recordings, 92 pauses of 0.15 s and more inside their sentences and 241 made by cutting
# between two words; tiny.en's own transcripts, SmolLM2-135M with the product's prompt, Smart Turn 3.2. Cross-validated
# by speaker (8 folds): docs/decisions/end-of-turn.md. Keys: what is known of the language model's opinion, Whisper's
# and the sound's.
WEIGHTS: dict[tuple[bool, bool, bool], Weights | None] = {
    (True, True, True): Weights(-2.47, end=0.31, ending=0.4, sound=0.65, dangling=-0.2),
    (True, True, False): Weights(-1.15, end=0.32, ending=0.54, dangling=-0.2),
    (True, False, True): Weights(-1.67, end=0.49, sound=0.73, dangling=-0.3),
    (False, True, True): Weights(-3.36, ending=0.66, sound=0.66, dangling=-0.2),
    (True, False, False): Weights(-0.15, end=0.5, dangling=-0.5),
    (False, True, False): Weights(-2.0, ending=0.8, dangling=-0.2),
    (False, False, True): Weights(-2.53, sound=0.87, dangling=-0.9),
    (False, False, False): None,
}
LLM_RANGE, WHISPER_RANGE = (-5.0, 2.5), (-2.0, 4.0)  # log odds beyond which more says nothing new
# Smart Turn says "finished" to most pauses; what tells them from ends is how sure it is, from 82 % on.
SOUND_RANGE = (1.5, 5.0)
FEW, SHORT_AT_LEAST = 2, -1.0  # words in an answer like "No.", which the language model takes for a beginning
# Scores between which the wait goes from the longest to the doubtful one, stays there, and falls to the sure one.
CERTAINTIES = (-2.2, -1.9, -0.4, -0.2)
CLEAR = 0.35  # score of the words alone from which nobody needs to listen to the sound: nearly half of all ends
DOUBTED = 0.75  # probability of Whisper's full stop under which a doubt is not cut short: pauses over 0.8 s show it
# s for what sounds finished at all: a person asks "hello?" after about as much. Whoever sets a longest wait of which
# this share is more wants to be waited for.
LONGEST, LONGEST_SHARE = 1.2, 0.8
SLOW, RHYTHM = 0.5, 1.7  # s of a pause that tells a slow speaker, and how many times as long the next one may well be
# s for up to three words that end in a number. One number may be all, or the first of many: whoever dictates digit by
# digit pauses 0.15 to 0.4 s behind each, and says each as if it were the last.
COUNTING, FIRST_FEW = 0.45, 3
CAUTION, MOST_CUT_OFFS = 0.4, 2  # log odds a cut-off costs the next turns: as if the full stop were one third as sure


@dataclass(frozen=True)
class Endpointing:
    """Seconds of silence, measured from the last window that sounded like speech.

    draft_after: write down what was said so far: one silent window of Silero is enough, since the audio after it adds
    nothing to the transcript (word error rate 12.2 % with 0.03 s of silence behind 104 clips, 12.0 % with 0.16 s) and
    most of the next 0.1 s passes while Whisper works. tell_after: let the reply begin, not audibly. sure: commit a turn
    that sounds finished. unsure: commit one that can't be over. bare: commit one of which neither is clear.
    """

    draft_after: float = 0.03
    tell_after: float = 0.09
    sure: float = 0.32
    bare: float = 0.66
    unsure: float = 1.1


@dataclass(frozen=True)
class Evidence:
    """What is known about the end of a turn when its speech has paused. None: not known, or not known yet.

    text: the transcript so far. end_probability: how likely the language model thinks that the message, or a sentence
    of it, ends after the last word, 0..1 (`engines.llama.types.Prefilled`). ending: how likely Whisper's last mark is a
    full stop rather than a comma, 0..1 (`engines.whisper.engine.Transcript`). cut_offs: how often lately in this call
    the caller went on speaking right after a turn was committed. pause: seconds of the longest pause in this turn that
    was not its end. sound: how much it sounds like an end, 0..1 (`engines.smart_turn.TurnDetector`). language: of the
    text, ISO 639-1.
    """

    text: str
    end_probability: float | None = None
    ending: float | None = None
    cut_offs: int = 0
    pause: float = 0.0
    sound: float | None = None
    language: str = "en"


def finished(text: str, language: str = "en") -> bool | None:
    """Whether a transcript sounds like the end of a turn; None when it gives no sign.

    Whisper puts a full stop after nearly everything it is cut off at, so a dangling last word outweighs punctuation.
    """
    stripped, known = text.strip(), facts(language)
    words = _words(stripped, known)
    if not words:
        return None
    if stripped.endswith(_BROKEN_OFF):
        return False
    if stripped.endswith(_QUESTION):
        return True
    ended = stripped.endswith(_STOP)
    if ended and _patterns(family(language)).whole.fullmatch((" " if known.spaced else "").join(words)):
        return True
    if _ends_with(words, known.ends.dangling, known):
        return False
    if _ends_with(words, known.ends.leaning, known):
        return None if ended else False
    return True if ended else None


def _words(text: str, known: Facts) -> list[str]:
    return (_HYPHENATED if known.ends.hyphenated else _WORD).findall(text.lower())


def _ends_with(words: list[str], last: Collection[str], known: Facts) -> bool:
    """Whether one of these is the last word, or how the last one ends where spaces tell nothing."""
    return words[-1].replace("’", "'") in last if known.spaced else words[-1].endswith(tuple(last))


def patience(evidence: Evidence, endpointing: Endpointing) -> float:
    """Seconds of silence after which a turn is committed: less the surer it is over.

    Never less than `sure` or more than `unsure`; for words that can be an end LONGEST at most, or LONGEST_SHARE of
    `unsure` where that is more.
    """
    rhythm = RHYTHM * evidence.pause if evidence.pause >= SLOW else 0.0
    counting = COUNTING if _counts(evidence) else 0.0
    return max(_patience(evidence, endpointing), min(max(rhythm, counting), _most(endpointing)))


def _most(endpointing: Endpointing) -> float:
    """Seconds of silence after words that can be an end."""
    longest = max(endpointing.sure, endpointing.unsure)
    return min(longest, max(LONGEST, round(LONGEST_SHARE * longest, 3)))


def _patience(evidence: Evidence, endpointing: Endpointing) -> float:
    """The same without the speaker's rhythm."""
    longest = max(endpointing.sure, endpointing.unsure)
    doubt = min(max(endpointing.bare, endpointing.sure), longest)
    verdict = finished(evidence.text, evidence.language)
    certainty = score(evidence)
    if certainty is None:
        return longest if verdict is False else endpointing.sure if verdict else doubt
    most = longest if verdict is False else max(_most(endpointing), doubt)
    if _goes_on(evidence):
        doubt = most
    return float(np.interp(certainty, CERTAINTIES, (most, doubt, doubt, endpointing.sure)))


def _counts(evidence: Evidence) -> bool:
    """Whether a few words end in a number: "Four", and what Whisper made of a first one ("Or zero.")."""
    text, known = evidence.text.strip(), _patterns(family(evidence.language))
    return word_count(_WORD.findall(text)) <= FIRST_FEW and known.counted.fullmatch(text) is not None


def _goes_on(evidence: Evidence) -> bool:
    """Whether words that could be an end are likely to be followed by more after a long pause."""
    text = evidence.text.strip()
    if _patterns(family(evidence.language)).dictated.fullmatch(text):
        return True
    # Where Whisper writes no mark at all ("turn on the lamp"), both marks are improbable and their ratio tells little.
    return text.endswith((*_STOP, *_QUESTION)) and evidence.ending is not None and evidence.ending < DOUBTED


def clear(evidence: Evidence) -> bool:
    """Whether the words alone tell that the turn is over."""
    certainty = score(evidence)
    return certainty is not None and certainty >= CLEAR


def score(evidence: Evidence) -> float | None:
    """Certainty that the turn is over, in log odds; None when no model has said anything.

    What is missing is left out: each set of known evidence has weights of its own.
    """
    known = facts(evidence.language)
    words = _words(evidence.text, known)
    end, ending, sound = evidence.end_probability, evidence.ending, evidence.sound
    weights = WEIGHTS[end is not None, ending is not None, sound is not None]
    if weights is None:
        return None
    total = weights.base
    if end is not None:
        answer = word_count(words) <= FEW and finished(evidence.text, evidence.language) is not False
        low = SHORT_AT_LEAST if answer else LLM_RANGE[0]
        total += weights.end * _logit(end, low, LLM_RANGE[1])
    if ending is not None:
        total += weights.ending * _logit(ending, *WHISPER_RANGE)
    if sound is not None:
        total += weights.sound * _logit(sound, *SOUND_RANGE)
    if words and _ends_with(words, known.ends.dangling, known):
        total += weights.dangling
    return total - CAUTION * min(evidence.cut_offs, MOST_CUT_OFFS)


def _logit(probability: float, low: float, high: float) -> float:
    odds = max(probability, 1e-9) / max(1.0 - probability, 1e-9)
    return min(max(math.log(odds), low), high)

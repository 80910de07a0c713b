"""One decoding by Whisper, and whether to believe it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from local_agent.engines.whisper import repetition
from local_agent.engines.whisper.word_times import Word

# Thresholds lie between speech and noise as the smallest two models score them (docs/decisions/whisper-window.md).
SURE = -0.4  # mean log probability from which words count, whatever no_speech says: short words raise it, too
SURELY_NOBODY = 0.8  # no_speech above this is noise, unless the words are sure
MAYBE_NOBODY = 0.6  # above this, a text that is also improbable or a known invention is noise
HARDLY_ANYBODY = 0.4  # above this, an improbable known invention and a few words in a long stretch of sound are noise
IMPROBABLE = -1.0  # mean log probability
# Of a second hearing with the whole window of 30 s, over which `no_speech` tells more: single words .10-.45, noise
# .57-.96, talk in the background of a crowded room .45-.87 (tiny.en and base, 52 pieces of noise).
BELIEVED = 0.5
BELIEVED_INVENTED = 0.3
# The same, of one or two probable words that both hearings find: the fewer, the more silence `no_speech` sees.
BELIEVED_AGAIN, FEW_WORDS, PROBABLE = 0.7, 2, -0.9
FEW_TOKENS = 1.2  # a second of loud sound, in English: people who read digits slowly reach 2
ENOUGH_SOUND = 2.0  # seconds from which FEW_TOKENS means something
# Mean log probability under which a text is looked for again: that of the first that comes, and of the likeliest of
# several, in English and in languages that the small models know less well. More English would be right with -0.5, and
# one text in twenty as much later (docs/decisions/whisper-window.md).
UNSURE_ENGLISH, UNSURE = (-0.65, -math.inf), (-0.4, -0.55)

INVENTED = {
    "you",
    "you you",
    "thank you",
    "thanks",
    "thank you very much",
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "thank you for listening",
    "thanks for listening",
    "please subscribe",
    "please subscribe to my channel",
    "like and subscribe",
    "see you next time",
    "see you in the next video",
    "i'll see you in the next video",
    "subtitles by the amaraorg community",
    "i'm sorry",
    "i'm so sorry",
    "the end",
    "vielen dank",
    "vielen dank fürs zuschauen",
    "untertitel der amaraorgcommunity",
    "merci d'avoir regardé cette vidéo",
    "soustitres réalisés par la communauté d'amaraorg",
    "gracias por ver el video",
    "subtítulos realizados por la comunidad de amaraorg",
    "grazie per la visione",
    "sottotitoli creati dalla comunità amaraorg",
    "ご視聴ありがとうございました",
}  # what Whisper writes where nobody speaks; its training data were subtitles


@dataclass(frozen=True)
class Hypothesis:
    """One decoding of at most 30 s of audio.

    logprob: mean over the tokens. finished: False when the token limit cut it short. tokens: how many. loud_s: seconds
    of the audio that are loud. window_s: seconds encoded, all attempts together. ending: how likely a sentence ends
    with the last word. written: the tokens themselves, of one decoding. whole: heard in the whole window of 30 s, where
    `no_speech` tells more. wordy: tokens that its language takes where English takes one. best: the likeliest of
    several texts, not just the first that came. words: of the text, with their times in the audio, where those were
    asked for.
    """

    text: str
    language: str
    language_probability: float
    logprob: float
    no_speech: float
    finished: bool
    tokens: int
    loud_s: float
    window_s: float = 0.0
    attempts: int = 1
    ending: float | None = None
    written: tuple[int, ...] = ()
    whole: bool = False
    wordy: float = 1.0
    best: bool = False
    words: tuple[Word, ...] = ()


def empty(take: Hypothesis) -> bool:
    """Whether nobody spoke: no letters or digits at all, or a text that the model itself hardly believes."""
    if not worded(take):
        return True
    if take.logprob >= SURE:
        return False
    if take.whole:
        return not believed(take)
    doubts = (take.logprob < IMPROBABLE) + (_said(take) in INVENTED)
    return take.no_speech > (SURELY_NOBODY, MAYBE_NOBODY, HARDLY_ANYBODY)[doubts]


def worded(take: Hypothesis) -> bool:
    """Whether there are letters or digits in it at all; noise gives dots."""
    return any(repetition.words(take.text))


def believed(take: Hypothesis, before: Hypothesis | None = None) -> bool:
    """Whether a hearing with the whole window is sure enough of words that a shorter one may take for noise.

    before: what was heard in the shorter one.
    """
    said = _said(take)
    if said in INVENTED:
        return take.no_speech <= BELIEVED_INVENTED
    short = len(said.split()) <= FEW_WORDS and take.logprob >= PROBABLE
    agreed = short and before is not None and _said(before) == said
    return bool(said) and take.no_speech <= (BELIEVED_AGAIN if agreed else BELIEVED)


def _said(take: Hypothesis) -> str:
    return " ".join(word for word in repetition.words(take.text) if word)


def doubtful(take: Hypothesis) -> bool:
    """Whether a longer window may hear better: the text repeats itself, does not end, or is too short for the sound."""
    return not take.finished or _little(take, take.wordy) or repetition.echo(take.text) is not None


def unsure(take: Hypothesis) -> bool:
    """Whether there may be a likelier text: the model has doubts about this one."""
    first, best = UNSURE_ENGLISH if take.language == "en" else UNSURE
    return take.logprob < (best if take.best else first)


def settle(take: Hypothesis) -> Hypothesis:
    """The take with what should not be there taken out: noise has no text, and a loop that never ended is cut off."""
    if empty(take) or (_little(take) and take.no_speech > HARDLY_ANYBODY):
        return replace(take, text="")
    return take if take.finished else replace(take, text=repetition.trim(take.text), ending=None)


def join(takes: Sequence[Hypothesis]) -> Hypothesis:
    """One take of all pieces: texts in order, log probabilities weighted by tokens, the lowest `no_speech`."""
    if len(takes) == 1:
        return takes[0]
    spoken = [take for take in takes if take.text] or takes
    weights = [take.tokens + 1 for take in spoken]
    return replace(
        spoken[0],
        text=" ".join(take.text for take in spoken if take.text),
        logprob=sum(take.logprob * weight for take, weight in zip(spoken, weights, strict=True)) / sum(weights),
        no_speech=min(take.no_speech for take in spoken),
        finished=all(take.finished for take in takes),
        tokens=sum(take.tokens for take in takes),
        loud_s=sum(take.loud_s for take in takes),
        window_s=sum(take.window_s for take in takes),
        attempts=sum(take.attempts for take in takes),
        ending=spoken[-1].ending,
        written=(),
        words=tuple(word for take in spoken for word in take.words),
    )


def _little(take: Hypothesis, wordy: float = 1.0) -> bool:
    """Whether the text is too short for the sound."""
    return take.loud_s >= ENOUGH_SOUND and take.tokens < FEW_TOKENS * wordy * take.loud_s

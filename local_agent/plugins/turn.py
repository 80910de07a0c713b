"""When has a person finished speaking? Decisions about the wait before a turn is committed; pure functions, seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words that English speakers never end a request with: what follows is missing. Closed classes of function words, plus
# fillers.
_DANGLING = re.compile(
    r"a|an|the|my|your|her|its|our|their|every"
    r"|and|or|but|because|if|unless|until|than|as|whose"
    r"|of|to|for|from|with|at|by|into|between|during"
    r"|is|are|am|been|being"
    r"|i|he|she|we|they|very|just|um|uh|er|erm|hmm"
)
# Words that end one now and then ("turn it on", "yes, I do", "before that"): a full stop after them tells nothing.
_LEANING = re.compile(
    r"his|this|these|some|any|each|no|that|which|who|where|when|while|although|though|so"
    r"|in|on|about|without|under|over|through|before|after"
    r"|was|were|be|do|does|did|have|has|had|will|would|can|could|should|must|may|might|you|really|like"
)
_WHOLE = re.compile(r"((yes|yeah|no|ok|okay|oh) )?(no|thank you|i (do|did|am|was|can|will|would|have))")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+", re.UNICODE)


@dataclass(frozen=True)
class Endpointing:
    """Seconds of silence, measured from the last window that sounded like speech.

    draft_after: transcribe what was said so far and let the reply begin, not audibly. sure: commit a turn that sounds
    finished. unsure: commit one that does not. bare: commit one without any sign either way.
    """

    draft_after: float = 0.1
    sure: float = 0.32
    bare: float = 0.55
    unsure: float = 1.1


@dataclass(frozen=True)
class Evidence:
    """What is known about the end of a turn when its speech has paused.

    text: the transcript so far. end_probability: how likely the language model thinks that the message ends after it,
    0..1; None while it has not been asked. confidence: Whisper's of its transcript, 0..1; None when unknown.
    """

    text: str
    end_probability: float | None = None
    confidence: float | None = None


def finished(text: str) -> bool | None:
    """Whether a transcript sounds like the end of a turn; None when it gives no sign.

    Whisper puts a full stop after nearly everything it is cut off at, so a dangling last word outweighs punctuation.
    """
    stripped = text.strip()
    words = _WORD.findall(stripped.lower())
    if not words:
        return None
    if stripped.endswith(("...", "…", ",", "-", "–", "—", ":", ";")):
        return False
    if stripped.endswith("?"):
        return True
    ended = stripped.endswith((".", "!"))
    if ended and _WHOLE.fullmatch(" ".join(words)):
        return True
    if _DANGLING.fullmatch(words[-1]):
        return False
    if _LEANING.fullmatch(words[-1]):
        return None if ended else False
    return True if ended else None


def patience(evidence: Evidence, endpointing: Endpointing) -> float:
    """Seconds of silence after which a turn is committed."""
    verdict = finished(evidence.text)
    if verdict is True:
        return endpointing.sure
    if verdict is False:
        return endpointing.unsure
    return endpointing.bare

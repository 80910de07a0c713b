"""When has a person finished speaking? Decisions about the wait before a turn is committed; pure functions, seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words that English speakers rarely end a request with: what follows is missing. Closed classes of function words, plus
# fillers.
_DANGLING = re.compile(
    r"a|an|the|my|your|his|her|its|our|their|this|these|some|any|every|each|no"
    r"|and|or|but|so|because|if|when|while|although|though|unless|until|than|as|that|which|who|whose|where"
    r"|of|to|for|from|with|at|by|in|on|into|about|between|without|under|over|through|during|before|after"
    r"|is|are|was|were|am|be|been|being|do|does|did|have|has|had|will|would|can|could|should|must|may|might"
    r"|i|you|he|she|we|they|very|really|just|um|uh|er|erm|hmm|like"
)
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
    if _DANGLING.fullmatch(words[-1]) and not stripped.endswith("?"):
        return False
    if stripped.endswith((".", "!", "?")):
        return True
    return None


def patience(text: str, endpointing: Endpointing) -> float:
    """Seconds of silence after which a turn with this transcript is committed."""
    verdict = finished(text)
    if verdict is True:
        return endpointing.sure
    if verdict is False:
        return endpointing.unsure
    return endpointing.bare

"""What a caller must be asked before anything is recorded, and which answers count. Pure functions, English."""

from __future__ import annotations

import re

QUESTION = "May I record this call? Please say yes or no."
AGREED = "Thank you. This call is recorded. Say stop recording to end it."
DECLINED = "All right, nothing is recorded."
COMPANY = "There is more than one of you, so nothing is recorded."
JOINED = "Somebody has joined, so the recording has ended."
STOPPED = "The recording has ended."
FORGETS_NOT = "The recording still has it. Say forget everything and the recording is deleted."
DELETED = "The recording is deleted."
NOT_BEGUN = "I am sorry, I can't record this call, so nothing is recorded. We can go on without it."
BROKEN_OFF = "The recording has ended, because it can't be written any more. We can go on without it."
NOT_DELETED = "The recording has ended, but it could not be deleted. Please tell the people who run this service."

_FINE = r"(?:that's|that is|it's) (?:fine|ok|okay|all right|alright)"
_YES = re.compile(
    r"(?:(?:oh|well|um|uh|hm|ok|okay) )*"
    r"(?:yes|yeah|yep|yup|sure|certainly|absolutely|of course|go ahead|okay|ok|i agree|i do|you may|you can)"
    rf"(?: (?:yes|sure|please|thanks|thank you|of course|go ahead|you may|you can|i agree|{_FINE}"
    r"|(?:you (?:may|can) )?record(?: (?:it|this call|the call|me))?))*"
)
_NO = re.compile(r"(?:(?:oh|well|um|uh|hm|please) )*(?:no|nope|nah|never|don't|do not|i'd rather|rather not|not)\b")
_STOP = re.compile(
    r"(?:(?:please|ok|okay|now|can you|could you|would you) )*(?:stop|end|quit|switch off|turn off)"
    r"(?: the| this)? recording(?: me| this| this call| the call)?(?: (?:please|now|thanks|thank you))*"
)


def agrees(text: str) -> bool:
    """Whether an answer is a plain yes. All else is a no."""
    return _YES.fullmatch(_plain(text)) is not None


def declines(text: str) -> bool:
    """Whether an answer is a no, and not about something else."""
    return _NO.match(_plain(text)) is not None


def stops(text: str) -> bool:
    """Whether a message asks to end the recording."""
    return _STOP.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'")).split())

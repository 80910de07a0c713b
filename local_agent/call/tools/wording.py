"""What was asked, without what politeness puts around it."""

from __future__ import annotations

import re

from local_agent.call.tools.numerals import digits

_BEFORE = re.compile(
    r"\A(?:(?:hey|hi|hello|ok|okay|oh|so|well|um|uh|er|erm|and|now|then|alright|all right|right|yes|yeah|no"
    r"|sorry|please"
    r"|thanks|thank you|excuse me|quick question|listen|actually|just|maybe|perhaps)\b[,.!:;]*\s+"
    r"|(?:can|could|would|will) you (?:please |quickly |maybe |just )*(?:tell me |say |let me know |work out "
    r"|figure out )?"
    r"|(?:please )?(?:tell me|let me know) (?=what|how|when|which|who|where|if|whether|the|my|about)|(?:do|would"
    r"|could) you (?:happen to )?know |any idea "
    r"|i(?:'d| would) like (?:you )?to know |i (?:want|need) to know |i(?:'d| would) like (?:you )?to |i want you to "
    r"|i need you to |i(?:'m| am) wondering |i was wondering |i wonder )+"
)
_AFTER = re.compile(
    r"(?:[,.!?;\s]+(?:please|thanks|thank you|for me|right now|(?<!from )now|again|then|exactly|by the way"
    r"|at the moment|at this moment|if you (?:can|could)"
    r"|do you know|can you tell me|will you|would you|ok|okay|right))+[.!?,;\s]*$"
)
_SHORT = (
    (re.compile(r"\b(what|who|where|when|how|that|it|here|there)'s\b"), r"\1 is"),
    (re.compile(r"\bwhats\b"), "what is"),
    (re.compile(r"\b(what|who|how)'re\b"), r"\1 are"),
    (re.compile(r"\bper cent\b|\bpct\b"), "percent"),
    (re.compile(r"\bo'clock\b"), "oclock"),
    (re.compile(r"(\d+)' ?(\d{1,2})(?:\"|''|\b)"), r"\1 foot \2"),
    (re.compile(r"√ ?"), "square root of "),
)
_GOES_ON = re.compile(
    r"\W*(?:(?:ok|okay|so|um|uh|well|please)\W+)*(?:and|or|but|now|(?:what|how) about|in|for)\b|.*\?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
# "Tell me what the time is", where the question itself would be "what is the time".
_INDIRECT = re.compile(
    r"\A(what|who|where|when|how much|how many) ((?:the|my|your|today)\b.*|[\d].*) (is|are|was|will be|makes?|equals)\Z"
)


def addressed(text: str, name: str) -> str:
    """Without the name that the agent is called by: "Robin, what time is it?"."""
    called = re.escape(name)
    text = re.sub(rf"\A((?:hey|hi|hello|ok|okay)[, ]+)?{called}\b[,.!:]*\s*", "", text, flags=re.IGNORECASE)
    return re.sub(rf"[,\s]+{called}([.!?]*)\Z", r"\1", text, flags=re.IGNORECASE)


def goes_on(text: str) -> bool:
    """Whether a word by itself may ask for the same of something else: "and Nice", "London?", but not "Nice."."""
    return _GOES_ON.match(text) is not None


def bare(text: str) -> str:
    """The words of any language in lower case, without marks."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'")).split())


def asked(text: str) -> str:
    """A request in lower case: numbers as digits, no marks at its end, no "could you please" and the like."""
    words = " ".join(text.lower().replace("’", "'").replace("\u2212", "-").split())
    for pattern, instead in _SHORT:
        words = pattern.sub(instead, words)
    while (shorter := _AFTER.sub("", _BEFORE.sub("", words, count=1)).strip(" ,.!?;:")) != words:
        words = shorter
    return _INDIRECT.sub(r"\1 \3 \2", digits(words))

"""Saying something else than last time: words that would go on copying an earlier reply weigh less."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from local_agent.engines.llama.types import Message

REMEMBERED = 8  # replies: what was said before them has faded from a listener's mind, too
ALLOWED = 3  # tokens that a reply may share with an earlier one at no cost: "I don't know", "Do you want"
OPENING = 2  # tokens that a reply's beginning counts as: its second one may not be shared at no cost ("That's", "I'm")
GROWTH = 1.75  # of the penalty with each further token, as in the DRY sampler of text-generation-webui

_AGAIN = re.compile(
    r"\b(?:(?:say|tell|repeat)\b.{0,24}\b(?:again|once more)|repeat (?:that|it|yourself|what|your)"
    r"|what (?:did|was it) you (?:just )?(?:say|said)|come again|pardon"
    r"|(?:didn['’]t|did not|couldn['’]t|could not) (?:quite )?(?:hear|catch|get|understand) (?:that|it|you|what))\b",
    re.IGNORECASE,
)


class CrossReplyPenalty:
    """Follows one reply along all places of the earlier ones that its last words are copied from.

    said: tokens of the earlier replies. strength: what the likeliest copy's logit loses at the first token beyond
    ALLOWED; a reply's beginning counts as OPENING tokens. Unlike DRY it does not mind what a reply shares with itself,
    so that function calls of the same form remain possible.
    """

    def __init__(self, said: Sequence[Sequence[int]], strength: float) -> None:
        self._said, self._strength = said, strength
        self._places: dict[int, list[tuple[int, int]]] = {}
        for reply, tokens in enumerate(said):
            for at, token in enumerate(tokens):
                self._places.setdefault(token, []).append((reply, at + 1))
        # (reply, next token's place): tokens alike so far
        self._copied = {(reply, 0): OPENING for reply in range(len(said))}

    def penalties(self) -> dict[int, float]:
        """What to take from the logits of tokens that would continue a copy."""
        longest: dict[int, int] = {}
        for (reply, at), length in self._copied.items():
            if length >= ALLOWED and at < len(self._said[reply]):
                token = self._said[reply][at]
                longest[token] = max(longest.get(token, 0), length)
        return {token: self._strength * GROWTH ** (length - ALLOWED) for token, length in longest.items()}

    def accept(self, token: int) -> None:
        """The reply goes on with this token."""
        before = self._copied
        self._copied = {(reply, at): before.get((reply, at - 1), 0) + 1 for reply, at in self._places.get(token, ())}


def replies(
    messages: Sequence[Message], tokenize: Callable[[str], list[int]], known: Sequence[str] | None = None
) -> list[list[int]]:
    """Tokens of the last REMEMBERED texts that the assistant said; none when the last message asks to hear it again.

    known: what it said, where that is not what `messages` hold of it.
    """
    if messages and again(str(messages[-1].get("content") or "")):
        return []
    said: Iterable[object] = (message.get("content") for message in messages if message.get("role") == "assistant")
    said = known if known is not None else said
    texts = [text for text in said if isinstance(text, str) and text]
    return [tokenize(text) for text in texts[-REMEMBERED:]]


def again(text: str) -> bool:
    """Whether somebody asks, in English, to hear the last reply once more."""
    return _AGAIN.search(text) is not None

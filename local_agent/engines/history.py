"""Which part of a long conversation the model still sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local_agent.engines.completion import Message
from local_agent.errors import ContextExhausted

Count = Callable[[Sequence[Message]], int]


def trimmed(messages: Sequence[Message], limit: int, count: Count, size: Callable[[Message], int]) -> list[Message]:
    """The conversation without its oldest turns, `limit` tokens at most.

    A turn is a user's message and all up to the next one; leading system messages stay. What is dropped grows in
    strides of a quarter of the limit: were it one turn at a time, the cached prefix would be lost at every turn.
    count: tokens of a conversation. size: roughly the tokens of one message. Raises ContextExhausted when even the
    last turn does not fit.
    """
    total = count(messages)
    if total <= limit:
        return list(messages)
    head, turns = _turns(messages)
    stride = max(limit // 4, 1)
    excess = -(-(total - limit) // stride) * stride
    first = 0
    while first < len(turns) - 1 and excess > 0:
        excess -= sum(size(message) for message in turns[first])
        first += 1
    while True:
        kept = [*head, *(message for turn in turns[first:] for message in turn)]
        total = count(kept)
        if total <= limit:
            return kept
        if first >= len(turns) - 1:
            raise ContextExhausted(
                f"the last turn alone has {total} tokens",
                expected=f"at most {limit}, the context less what is kept free for the reply",
                fix="set a larger context, or shorten the system prompt",
            )
        first += 1


def _turns(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """Leading system messages, and the rest cut before every user message."""
    start = 0
    while start < len(messages) and messages[start].get("role") in ("system", "developer"):
        start += 1
    turns: list[list[Message]] = []
    for message in messages[start:]:
        if message.get("role") == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return list(messages[:start]), turns

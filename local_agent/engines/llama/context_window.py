"""Which part of a long conversation the model still sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_agent.engines.llama.types import Message
from local_agent.errors import ContextExhausted

Count = Callable[[Sequence[Message]], int]


@dataclass(frozen=True)
class Bounds:
    """What a conversation is kept within.

    reserve: tokens of the context that stay free. tools: function schemas that the model is told about. examples:
    messages behind the instructions that stay. talk: tokens of the turns at most, None for what fits.
    """

    reserve: int = 512
    tools: Sequence[Mapping[str, Any]] = ()
    examples: int = 0
    talk: int | None = None


def trimmed(
    messages: Sequence[Message],
    limit: int,
    count: Count,
    size: Callable[[Message], int],
    *,
    examples: int = 0,
    talk: int | None = None,
) -> list[Message]:
    """The conversation without its oldest turns, `limit` tokens at most.

    A turn is a user's message and all up to the next one; leading system messages stay, and the `examples` messages
    behind them. talk: tokens of the turns at most, None for any number. What is dropped grows in strides of a third of
    what turns may have: were it one turn at a time, the cached prefix would be lost at every turn. count: tokens of a
    conversation. size: roughly the tokens of one message. Raises ContextExhausted when even the last turn does not fit.
    """
    start = beginning(messages, examples)
    head, turns = list(messages[:start]), _turns(messages[start:])
    begun = sum(map(size, head))  # not `count`: many templates refuse a conversation in which nobody has asked anything
    if talk is not None:
        begun = count(head) if head else 0
        limit = min(limit, begun + talk)
    total = count(messages)
    if total <= limit:
        return list(messages)
    stride = max((limit - begun) // 3, 1)
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


def beginning(messages: Sequence[Message], examples: int = 0) -> int:
    """How many messages a conversation begins with before anybody has spoken: system messages, then examples."""
    start = 0
    while start < len(messages) and messages[start].get("role") in ("system", "developer"):
        start += 1
    return start + examples


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Cut before every user message."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.get("role") == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns

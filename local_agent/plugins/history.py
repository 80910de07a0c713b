"""Which part of a long conversation the model still sees, decided between two turns and not while somebody waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livekit.agents.llm import ChatContext, ChatMessage

from local_agent.engines.completion import Message

SPOKEN_ROOM = 256  # tokens kept free between turns for what the caller says next


class History:
    """Remembers what was dropped and how long the rest is, so that the next turn need not find out again."""

    def __init__(self) -> None:
        self._dropped: frozenset[str] = frozenset()
        self._counted: tuple[list[Message], list[Mapping[str, Any]], int] = ([], [], 0)

    def forget(self) -> None:
        """Keep no words of what was counted."""
        self._counted = ([], [], 0)

    def shown(self, chat_ctx: ChatContext) -> ChatContext:
        """The conversation without what was dropped; the object itself when nothing was."""
        if not self._dropped:
            return chat_ctx
        return ChatContext([item for item in chat_ctx.items if item.id not in self._dropped])

    def count(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], tokens: int) -> None:
        """Note how many tokens a conversation has, with what it says about tools."""
        self._counted = (list(messages), list(tools), tokens)

    def uncounted(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Message], Sequence[Mapping[str, Any]], int]:
        """What of a conversation, and of its tools, was not counted between two turns; and the tokens of the rest."""
        held, told, tokens = self._counted
        if held and list(messages[: len(held)]) == held and list(tools) == told:
            return messages[len(held) :], (), tokens
        return messages, tools, 0

    def keep(self, chat_ctx: ChatContext, turns: int) -> None:
        """Drop what lies before the last `turns` user messages; instructions stay."""
        asked = [at for at, item in enumerate(chat_ctx.items) if isinstance(item, ChatMessage) and item.role == "user"]
        if not 0 < turns < len(asked):
            return
        before = chat_ctx.items[: asked[-turns]]
        self._dropped |= {item.id for item in before if not (isinstance(item, ChatMessage) and item.role == "system")}

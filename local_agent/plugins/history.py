"""Which part of a long conversation the model still sees, decided between two turns and not while somebody waits."""

from __future__ import annotations

from livekit.agents.llm import ChatContext, ChatMessage

SPOKEN_ROOM = 256  # tokens kept free between turns for what the caller says next


class History:
    """Remembers what was dropped, so that the next turn need not decide again."""

    def __init__(self) -> None:
        self._dropped: frozenset[str] = frozenset()

    def shown(self, chat_ctx: ChatContext) -> ChatContext:
        """The conversation without what was dropped; the object itself when nothing was."""
        if not self._dropped:
            return chat_ctx
        return ChatContext([item for item in chat_ctx.items if item.id not in self._dropped])

    def keep(self, chat_ctx: ChatContext, turns: int) -> None:
        """Drop what lies before the last `turns` user messages; instructions stay."""
        asked = [at for at, item in enumerate(chat_ctx.items) if isinstance(item, ChatMessage) and item.role == "user"]
        if not 0 < turns < len(asked):
            return
        before = chat_ctx.items[: asked[-turns]]
        self._dropped |= {item.id for item in before if not (isinstance(item, ChatMessage) and item.role == "system")}

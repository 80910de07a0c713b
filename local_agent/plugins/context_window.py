"""Which part of a long conversation the model still sees, decided between two turns and not while somebody waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from livekit.agents.llm import ChatContext, ChatItem, ChatMessage, FunctionCall, FunctionCallOutput

from local_agent.engines.llama.context_window import beginning
from local_agent.engines.llama.types import Message
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.images import Images
from local_agent.plugins.merged_turns import messages, resumed


class History:
    """Remembers what was dropped and how long the rest is, so that the next turn need not find out again.

    examples: messages behind the instructions that nobody in the call has said; they stay. talk: tokens of turns that
    are kept at most, None for as many as fit. untold: names of functions whose calls the model is not shown.
    """

    def __init__(self, examples: int = 0, talk: int | None = None, call_language: CallLanguage | None = None) -> None:
        self.examples, self.talk = examples, talk
        self._call_language = call_language or CallLanguage()
        self.untold: frozenset[str] = frozenset()
        self._dropped: frozenset[str] = frozenset()
        self._images = Images()
        self._counted: tuple[list[Message], list[Mapping[str, Any]], int] = ([], [], 0)

    def forget(self) -> None:
        """Keep no words of what was counted."""
        self._counted = ([], [], 0)
        self._images.forget()

    def shown(self, chat_ctx: ChatContext) -> ChatContext:
        """The conversation without what was dropped or is not shown; the object itself when nothing is."""
        if not self._dropped and not self.untold:
            return chat_ctx
        return ChatContext(
            [item for item in chat_ctx.items if item.id not in self._dropped and not self._is_hidden(item)]
        )

    def messages(self, chat_ctx: ChatContext, blind: str) -> list[Message]:
        """What the model reads and sees of a conversation. blind: why it sees no images, "" where it does. What it does
        not see is said once in the log.
        """
        shown = self.shown(chat_ctx)
        return messages(shown, self._call_language.code, self._images.seen(shown, blind))

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
        """Drop what lies before the caller's last `turns` messages; instructions and examples stay.

        A message that was said in parts is one, as the model gets it (`resumed`).
        """
        asked = [item.id for item in self._talk(resumed(self.shown(chat_ctx))) if _is_said_by(item, "user")]
        if not 0 < turns < len(asked):
            return
        items = self._talk(chat_ctx)
        first = next(at for at, item in enumerate(items) if item.id == asked[-turns])
        self._dropped |= {item.id for item in items[:first] if not _instructs(item)}

    def said(self, chat_ctx: ChatContext) -> list[str]:
        """All that the agent has said in a conversation, whether the model still sees it or not."""
        return [text for item in self._talk(chat_ctx) if _is_said_by(item, "assistant") and (text := item.text_content)]

    def turns(self, messages: Sequence[Message]) -> int:
        """Of a conversation as the model gets it."""
        return sum(message.get("role") == "user" for message in messages[beginning(messages, self.examples) :])

    def _is_hidden(self, item: ChatItem) -> bool:
        return isinstance(item, FunctionCall | FunctionCallOutput) and item.name in self.untold

    def _talk(self, chat_ctx: ChatContext) -> list[ChatItem]:
        """What is neither instruction nor example."""
        said = [
            at for at, item in enumerate(chat_ctx.items) if _is_said_by(item, "user") or _is_said_by(item, "assistant")
        ]
        return chat_ctx.items[said[self.examples] :] if len(said) > self.examples else []


def _instructs(item: ChatItem) -> bool:
    return _is_said_by(item, "system") or _is_said_by(item, "developer")


def _is_said_by(item: ChatItem, role: str) -> TypeGuard[ChatMessage]:
    return isinstance(item, ChatMessage) and item.role == role

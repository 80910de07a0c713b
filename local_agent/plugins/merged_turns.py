"""A turn that was answered too early and went on: its parts become one message again before the model is asked.

The session keeps what happened, message by message. Only what the language model reads is put together, from the
history alone, so that every later reply, and all that is read ahead for one, sees the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from livekit.agents.llm import AudioContent, ChatContext, ChatItem, ChatMessage, FunctionCallOutput, ImageContent

from local_agent.config.languages.length import UNSPACED, word_count
from local_agent.engines.llama.types import MARK, Image, Message
from local_agent.turns.endpointing import finished

BARELY = 3  # words: about a second of speech at 180 a minute; who breaks off a reply so soon has not begun to listen
UNSEEN = "(an image that you can't see)"
_WORDS = re.compile(r"\w+(?:['’]\w+)*")


def resumed(chat_ctx: ChatContext, language: str = "en") -> ChatContext:
    """The conversation with a caller's successive messages as one.

    A reply between them that was interrupted within its first BARELY words is left out: the caller was still talking.
    The given context is not changed. language: of what the caller said.
    """
    items: list[ChatItem] = []
    for item in chat_ctx.items:
        if not _said_by("user", item):
            items.append(item)
            continue
        assert isinstance(item, ChatMessage)
        if len(items) > 1 and _barely_heard(items[-1]) and _said_by("user", items[-2]):
            items.pop()
        before = items[-1] if items else None
        if isinstance(before, ChatMessage) and before.role == "user":
            items[-1] = before.model_copy(update={"content": _joined(before, item, language)})
        else:
            items.append(item)
    return ChatContext(items)


def messages(chat_ctx: ChatContext, language: str = "en", seen: Mapping[str, Image] = {}) -> list[Message]:
    """What the model reads of a conversation, in OpenAI's form. A call that failed is told as such: that form has no
    other word for it. seen: images by the ids of their parts; of another it is told that there is one.
    """
    worded = ChatContext([_in_words(item, seen) if isinstance(item, ChatMessage) else item for item in chat_ctx.items])
    items = [_told(item) if isinstance(item, FunctionCallOutput) else item for item in resumed(worded, language).items]
    made = cast("list[Message]", ChatContext(items).to_provider_format("openai")[0])
    return [_with_images(message, seen) for message in made] if seen else made


def _with_images(message: Message, seen: Mapping[str, Image]) -> Message:
    marks = MARK.findall(str(message.get("content") or ""))
    by_mark = {image.mark: image for image in seen.values()}
    return {**message, "images": tuple(by_mark[mark] for mark in marks if mark in by_mark)} if marks else message


def _in_words(message: ChatMessage, seen: Mapping[str, Image]) -> ChatMessage:
    if all(isinstance(part, str) for part in message.content):
        return message
    words = [_part_in_words(part, seen) for part in message.content]
    return message.model_copy(update={"content": [part for part in words if part != ""]})


def _part_in_words(part: object, seen: Mapping[str, Image]) -> object:
    if isinstance(part, ImageContent):
        return seen[part.id].mark if part.id in seen else UNSEEN
    return part.transcript or "" if isinstance(part, AudioContent) else part


def _told(result: FunctionCallOutput) -> FunctionCallOutput:
    if not result.is_error or result.output.casefold().startswith("error"):
        return result
    return result.model_copy(update={"output": f"Error: {result.output}"})


def begun(items: Sequence[ChatItem], at: int) -> int:
    """Where the caller's message that `resumed` makes of item `at` and those before it begins.

    at: of one of the caller's messages, or the number of items for a message that is yet to come.
    """
    while True:
        before = at - 1
        if before > 0 and _barely_heard(items[before]) and _said_by("user", items[before - 1]):
            before -= 1
        if before < 0 or not _said_by("user", items[before]):
            return at
        at = before


def unfinished(items: Sequence[ChatItem]) -> str:
    """What the caller said last of a message that goes on with the next; "" where that is a new one."""
    said = [item for item in items[begun(items, len(items)) :] if isinstance(item, ChatMessage) and item.role == "user"]
    return said[-1].text_content or "" if said else ""


def _said_by(role: str, item: ChatItem) -> bool:
    return isinstance(item, ChatMessage) and item.role == role


def _barely_heard(item: ChatItem) -> bool:
    if not isinstance(item, ChatMessage) or item.role != "assistant" or not item.interrupted:
        return False
    return word_count(_WORDS.findall(item.text_content or "")) <= BARELY


def _joined(first: ChatMessage, then: ChatMessage, language: str) -> list[object]:
    """One text; the full stop that Whisper put where the caller only paused goes."""
    if not all(isinstance(part, str) for part in [*first.content, *then.content]):
        return [*first.content, *then.content]
    words = (first.text_content or "").rstrip()
    if finished(words, language) is not True and words.endswith((".", "…", "。")):
        words = words.rstrip(".…。 ")
    more = (then.text_content or "").strip()
    return [("" if UNSPACED.match(more) else " ").join(text for text in (words, more) if text)]

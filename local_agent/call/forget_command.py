"""What "forget that" means: which words ask for it, and what is left of a conversation afterwards. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from livekit.agents.llm import ChatItem, ChatMessage

from local_agent.call.tools.wording import bare
from local_agent.config.languages import en
from local_agent.config.languages.table import FACTS
from local_agent.plugins.merged_turns import begun


class Scope(StrEnum):
    """How much is forgotten."""

    LAST = "last"  # the last question, its answer and what happened between them
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Command:
    """A request to forget. alone: it was the whole message; after other words, "that" means these. language: ISO 639-1
    code of the words that asked.
    """

    scope: Scope
    alone: bool
    language: str


_WORDS = {language: known.forgetting for language, known in FACTS.items() if known.forgetting is not None}
# Whole sentences only. What is negated, asked about or reported has words around the request that none of them allow.
_COMMANDS = tuple(
    (re.compile(words), scope, language)
    for language, known in _WORDS.items()
    for words, scope in ((known.last, Scope.LAST), (known.everything, Scope.EVERYTHING))
)
_TURNED = re.compile("|".join(known.turned for known in _WORDS.values()))


def command(text: str, before: str = "") -> Command | None:
    """What a message asks to forget; None when it is about something else.

    before: what the caller said right before it, if the message goes on from that.
    """
    sentences = [part for part in re.split(r"[.!?…:;。！？：；]+", text) if bare(part)]
    earlier = sentences[-2] if len(sentences) > 1 else before
    if earlier and _TURNED.fullmatch(bare(earlier)):
        return None
    if found := _match(text):
        return Command(found[0], True, found[1])
    if len(sentences) > 1 and (found := _match(sentences[-1])):
        return Command(found[0], False, found[1])
    return None


def _match(text: str) -> tuple[Scope, str] | None:
    plain = bare(text)
    joined = plain.replace(" ", "")
    for words, scope, language in _COMMANDS:
        if words.fullmatch(plain if FACTS[language].spaced else joined):
            return scope, language
    return None


def confirmation(scope: Scope, language: str = "en") -> str:
    """What the agent says when it is done."""
    known = _WORDS.get(language, en.FORGETTING)
    return known.forgotten if scope is Scope.LAST else known.all_forgotten


def remaining(
    items: Sequence[ChatItem], scope: Scope, opening: frozenset[str], *, coming: bool = False
) -> list[ChatItem]:
    """What is kept of a conversation. opening: ids of the items that it began with, before anybody spoke.

    Instructions stay in any case. LAST drops the last message of the caller and all after it; with none, nothing. A
    message that was answered too early and went on goes with all its parts. coming: the last message is the one that
    asks, and not among the items yet; what it goes on from is.
    """
    if scope is Scope.EVERYTHING:
        return [item for item in items if _stays(item, opening)]
    said = [at for at, item in enumerate(items) if _is_callers(item) and item.id not in opening]
    if not said:
        return list(items)
    first = begun(items, len(items) if coming else said[-1])
    return [*items[:first], *(item for item in items[first:] if _stays(item, opening))]


def exchanges(gone: Sequence[ChatItem], *, coming: bool = False) -> int:
    """How many exchanges a page shows of what was dropped: words of the caller begin one unless they follow others.

    coming: the message that asks is one more of the caller's.
    """
    said = [item.role == "user" for item in gone if isinstance(item, ChatMessage) and item.text_content]
    said += [True] if coming else []
    return sum(mine and not (at and said[at - 1]) for at, mine in enumerate(said))


def _stays(item: ChatItem, opening: frozenset[str]) -> bool:
    instructs = isinstance(item, ChatMessage) and item.role in ("system", "developer")
    return item.id in opening or instructs or item.type == "agent_config_update"


def _is_callers(item: ChatItem) -> bool:
    return isinstance(item, ChatMessage) and item.role == "user"

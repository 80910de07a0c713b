"""What "forget that" means: which words ask for it, and what is left of a conversation afterwards. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from livekit.agents.llm import ChatItem, ChatMessage

from local_agent.plugins.resumption import begun


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


# Whole messages only: "don't forget that", "I forget everything" and "forget it" (never mind) ask for nothing.
_ENGLISH = (
    r"(?:(?:ok|okay|hey|oh|no|well|wait|actually|please|sorry|now|alright|just) )*"
    r"(?:(?:can|could|would|will) you )?(?:please )?(?:just )?forget (?:about )?{what}"
    r"(?: (?:please|now|again|ok|okay|thanks|thank you|will you|would you))*"
)
_SAID = r"(?:i|we)(?: have|'ve)?(?: just)? (?:said|asked|told you|talked about)"
_WORDS = {
    "en": (
        _ENGLISH.format(
            what=rf"(?:that|this|what {_SAID}|(?:the|my|that) last"
            r" (?:thing|one|part|bit|question|answer|message|exchange|sentence)(?: i said)?)"
        ),
        _ENGLISH.format(
            what=r"(?:everything|it all|all of (?:it|that|this)|the (?:whole|entire) (?:conversation|thing|call)"
            rf"|(?:this|our|the) conversation)(?: (?:that )?{_SAID})?(?: so far)?"
        ),
    ),
    "de": (r"(?:bitte )?vergiss (?:das|dies)(?: bitte| wieder)*", r"(?:bitte )?vergiss alles(?: bitte| wieder)*"),
    "fr": (
        r"(?:s'il te plaît )?oublie[zs]? (?:ça|cela)(?: s'il (?:te|vous) plaît)?",
        r"(?:s'il te plaît )?oublie[zs]? tout(?: s'il (?:te|vous) plaît)?",
    ),
    "es": (r"(?:por favor )?olvid[ae] (?:eso|esto)(?: por favor)?", r"(?:por favor )?olvid[ae] todo(?: por favor)?"),
}
_COMMANDS = tuple(
    (re.compile(words), scope, language)
    for language, pair in _WORDS.items()
    for words, scope in zip(pair, (Scope.LAST, Scope.EVERYTHING), strict=True)
)
CONFIRMATIONS = {
    ("en", Scope.LAST): "Okay, I have forgotten that.",
    ("en", Scope.EVERYTHING): "Okay, I have forgotten everything.",
    ("de", Scope.LAST): "Gut, das habe ich vergessen.",
    ("de", Scope.EVERYTHING): "Gut, ich habe alles vergessen.",
    ("fr", Scope.LAST): "D'accord, j'ai oublié cela.",
    ("fr", Scope.EVERYTHING): "D'accord, j'ai tout oublié.",
    ("es", Scope.LAST): "De acuerdo, lo he olvidado.",
    ("es", Scope.EVERYTHING): "De acuerdo, lo he olvidado todo.",
}


def command(text: str) -> Command | None:
    """What a message asks to forget; None when it is about something else."""
    if found := _match(text):
        return Command(found[0], True, found[1])
    sentences = [part for part in re.split(r"[.!?…]+", text) if _plain(part)]
    if len(sentences) > 1 and (found := _match(sentences[-1])):
        return Command(found[0], False, found[1])
    return None


def _match(text: str) -> tuple[Scope, str] | None:
    plain = _plain(text)
    return next(((scope, language) for words, scope, language in _COMMANDS if words.fullmatch(plain)), None)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'")).split())


def confirmation(scope: Scope, language: str = "en") -> str:
    """What the agent says when it is done."""
    return CONFIRMATIONS.get((language, scope), CONFIRMATIONS["en", scope])


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

"""What "forget that" means: which words ask for it, and what is left of a conversation afterwards. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from livekit.agents.llm import ChatItem, ChatMessage

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


# Whole sentences only: what is negated, asked about or reported ("don't forget that", "did you forget everything?",
# "she said forget everything") has words around the request that none of these allow; "forget it" means "never mind".
_SAID = (
    r"(?:i|we|you)(?: have|'ve)?(?: just| ever)? (?:said|asked|told you|mentioned|talked about|spoke about|discussed)"
    r"(?: to you| just now| today)?"
)
_KEPT = r"(?:conversation|chat|call|discussion|talk|history|transcript)"
_PLEASE = (
    r"(?:(?:ok|okay|hey|oh|no|yes|yeah|well|wait|stop|actually|please|sorry|now|then|so|um|uh|alright|all right|just"
    r"|thanks|thank you|listen) )*"
    r"(?:(?:(?:can|could|would|will) you|you (?:can|may|should|must)|i(?:'d| would) like you to|i (?:want|need) you to"
    r"|go ahead and|make sure (?:you|to)) )?(?:(?:please|just|now|also|kindly) )*"
)
_THANKS = (
    r"(?: (?:please|now|again|ok|okay|thanks|thank you|for me|too|then|so far|completely|right now|right away|at once"
    r"|immediately|forever|for good|(?:will|would|can|could) you|and start (?:over|again|afresh)"
    r"|from (?:your|the) (?:memory|mind|history|records?|conversation|chat)))*"
)
_ENGLISH = (
    _PLEASE + r"(?:forget(?: about)?|erase|delete|remove|wipe(?: out| away)?|clear(?: out| away)?|scrap"
    r"|(?:don't|do not) (?:save|store|keep)|(?<=please )(?:don't|do not) remember) {what}" + _THANKS
)
_WORDS = {
    "en": (
        _ENGLISH.format(
            what=rf"(?:that|this|(?:what|whatever) {_SAID}|(?:that )?i (?:just |ever )?said (?:that|this|anything|so)"
            r"|(?:that )?you (?:just |ever )?heard (?:that|this)|(?:the|my|that) last"
            r" (?:thing|one|part|bit|question|answer|message|exchange|sentence)(?: i said)?)"
        ),
        _ENGLISH.format(
            what=r"(?:everything(?: else)?|it all|all|all (?:of )?(?:it|that|this|what)|all about (?:it|that|this|me)"
            rf"|(?:the|this|our|my|your|that) (?:(?:whole|entire|full) )?(?:conversation |chat )?{_KEPT}"
            r"|the (?:whole|entire) thing|your memory|what you know about (?:me|us)|my data)"
            rf"(?: (?:that )?(?:{_SAID}|you (?:know|heard|remember)))?(?: about (?:me|us))?"
        ),
    ),
    "de": (
        r"(?:(?:okay|nein|bitte|bitte sofort) )*(?:(?:vergiss|vergessen sie|lösche?|löschen sie) (?:das|dies)"
        r"|(?:kannst|könntest) du das (?:bitte )?(?:vergessen|löschen)"
        r"|vergiss was ich (?:gerade |eben )?gesagt habe)(?: bitte| wieder| jetzt)*",
        r"(?:(?:okay|nein|bitte) )*(?:(?:vergiss|vergessen sie|lösche?|löschen sie) (?:bitte )?"
        r"(?:alles(?: was ich (?:dir |ihnen )?gesagt habe)?|(?:dieses|unser|das ganze) gespräch)"
        r"|(?:kannst|könntest) du (?:bitte )?alles (?:vergessen|löschen))(?: bitte| wieder| jetzt)*",
    ),
    "fr": (
        r"(?:(?:non|ok|d'accord|s'il (?:te|vous) plaît) )*(?:oublie[zs]?|effacez?|effaces|supprime[zs]?)"
        r" (?:ça|cela|ce que (?:j'ai dit|je viens de dire))(?: s'il (?:te|vous) plaît)?",
        r"(?:(?:non|ok|d'accord|s'il (?:te|vous) plaît) )*(?:oublie[zs]?|effacez?|effaces|supprime[zs]?)"
        r" (?:tout(?: ce que j'ai dit)?|(?:cette|notre|toute la) conversation)(?: s'il (?:te|vous) plaît)?",
    ),
    "es": (
        r"(?:(?:no|vale|por favor) )*(?:olvid[ae]|borr[ae]|elimin[ae]) (?:eso|esto|lo que (?:dije|he dicho))"
        r"(?: por favor)?",
        r"(?:(?:no|vale|por favor) )*(?:(?:olvid[ae]|borr[ae]|elimin[ae]) (?:todo(?: lo que (?:dije|he dicho))?"
        r"|(?:esta|nuestra|toda la) conversación)|(?:olvíd[ae]|bórr[ae]|elimín[ae])lo todo)(?: por favor)?",
    ),
}
_COMMANDS = tuple(
    (re.compile(words), scope, language)
    for language, pair in _WORDS.items()
    for words, scope in zip(pair, (Scope.LAST, Scope.EVERYTHING), strict=True)
)
# What turns a request that follows it, after a pause that was written as a full stop, into its opposite or a report.
_TURNED = re.compile(
    r"(?:(?:and|but|so|then|oh|no|please|just|i|you|we|bitte|por favor) )*"
    r"(?:(?:don't|do not|never|won't|will not|would never|must not|remember|nicht|nie|niemals|jamais|nunca)"
    r"(?: ever| you)*"
    r"|(?:(?:my )?\w+ )?(?:said|says|goes|(?:told|asked) (?:me|him|her|them|us|you)(?: to)?))"
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


def command(text: str, before: str = "") -> Command | None:
    """What a message asks to forget; None when it is about something else.

    before: what the caller said right before it, if the message goes on from that.
    """
    sentences = [part for part in re.split(r"[.!?…:;]+", text) if _plain(part)]
    earlier = sentences[-2] if len(sentences) > 1 else before
    if earlier and _TURNED.fullmatch(_plain(earlier)):
        return None
    if found := _match(text):
        return Command(found[0], True, found[1])
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

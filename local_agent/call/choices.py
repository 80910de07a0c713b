"""What a caller may choose of the agent on the page, where the operator lets callers: voice, speed, language, persona.

It comes as the metadata of the caller's token, before anything is said, and later as calls of `METHOD`. A caller could
send anything: what is not offered, or longer than that, is refused.
"""

from __future__ import annotations

import asyncio
import json
import logging
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from livekit import rtc

from local_agent.call.empty_rooms import people
from local_agent.call.forgetting import in_room
from local_agent.config.languages import AUTO
from local_agent.config.settings import FASTEST, SLOWEST, Settings
from local_agent.engines.registry import Engines
from local_agent.errors import BadInput

logger = logging.getLogger("local_agent")

METHOD = "local_agent.choose"
LONGEST = {"instructions": 500, "greeting": 120}  # characters; both fit into a token's metadata
LONGEST_MESSAGE = 4096  # characters of JSON
PATIENCE = 2.0  # s for the caller to be seen in the room: what they chose says how they are greeted
LOOK = 0.02  # s between two looks at whether they are


@dataclass(frozen=True)
class Choices:
    """None: as the operator chose."""

    voice: str | None = None
    speed: float | None = None
    language: str | None = None
    instructions: str | None = None
    greeting: str | None = None

    def settings(self, settings: Settings) -> Settings:
        """Those of a call that begins with these choices."""
        told = {"speed": self.speed, "language": self.language}
        told |= {"instructions": self.instructions, "greeting": self.greeting}
        return settings.model_copy(update={name: value for name, value in told.items() if value is not None})


class Offer:
    """What callers may choose, as the settings and the models on disk allow."""

    def __init__(self, settings: Settings, engines: Engines) -> None:
        allowed = settings.callers_choose
        voices = engines.voices() if {"voice", "language"} & set(allowed) else {}
        own = "en" if settings.language == AUTO else settings.language
        self.voices = sorted(name for name, spoken in voices.items() if spoken == own) if "voice" in allowed else []
        follows = "language" in allowed and settings.language == AUTO
        self.languages = sorted(set(voices.values())) if follows else []
        self._speed = settings.speed if "speed" in allowed else None
        self._persona = "persona" in allowed

    def __bool__(self) -> bool:
        return bool(self.told())

    def told(self) -> dict[str, Any]:
        """As the page is told it: each choice, and what it may be."""
        offered: dict[str, Any] = {}
        if len(self.voices) > 1:
            offered["voice"] = self.voices
        if self._speed is not None:
            offered["speed"] = {"slowest": SLOWEST, "fastest": FASTEST, "usual": self._speed}
        if len(self.languages) > 1:
            offered["language"] = self.languages
        return offered | (LONGEST if self._persona else {})

    def read(self, text: str) -> Choices:
        """Raises BadInput for what is not offered."""
        try:
            found = json.loads(text) if len(text) <= LONGEST_MESSAGE else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadInput("choices that are no JSON object", expected="an object of at most 4096 characters")
        offered = self.told()
        for name, value in found.items():
            if name not in offered or not _fits(value, offered[name]):
                raise BadInput(f"the choice of {name[:32]!r} is not offered", expected=f"one of {', '.join(offered)}")
        return Choices(**found)


def _fits(value: object, offered: Any) -> bool:
    """offered: a list of what it may be, bounds of a number, or the most characters of a text."""
    if isinstance(offered, list):
        return value in offered
    if isinstance(offered, dict):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and offered["slowest"] <= value <= offered["fastest"]
    plain = isinstance(value, str) and 0 < len(value) <= offered
    return plain and all(unicodedata.category(one) not in ("Cc", "Cs") or one == "\n" for one in str(value))


async def first(room: rtc.Room, offer: Offer) -> Choices:
    """What the caller chose before the call; nothing where they are not seen in time or it is not offered."""
    if not offer:
        return Choices()
    waited = 0.0
    while not (there := people(room)) and waited < PATIENCE:
        await asyncio.sleep(LOOK)
        waited += LOOK
    text = next((one.metadata for one in there if one.metadata), "")
    try:
        return offer.read(text) if text else Choices()
    except BadInput as error:
        logger.warning("%s: the call is as the operator chose", error)
        return Choices()


def serve(offer: Offer, take: Callable[[Choices], Awaitable[None]], room: rtc.Room) -> None:
    """Let the pages of the people in the room call `METHOD`, with JSON."""
    if not offer:
        return

    async def called(data: rtc.RpcInvocationData) -> str:
        failed = rtc.RpcError.ErrorCode.APPLICATION_ERROR
        if not in_room(room, data.caller_identity):
            raise rtc.RpcError(failed, "only people in the room may ask for this")
        try:
            await take(offer.read(data.payload))
        except BadInput as error:
            raise rtc.RpcError(failed, str(error)) from error
        return "chosen"

    room.local_participant.register_rpc_method(METHOD, called)

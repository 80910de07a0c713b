"""Which language a call is in: that of the settings, or the caller's, as Whisper hears it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from local_agent.config.languages import AUTO
from local_agent.config.languages.length import word_count
from local_agent.engines.whisper.language import SURE, Spoken

logger = logging.getLogger("local_agent")

WORDS = 3  # fewer may be of any language: "Okay.", "No, no."


class CallLanguage:
    """Of one call; what belongs to it asks for `code`, ISO 639-1, whenever it needs it. Belongs to the session's event
    loop.

    language: of the settings. With "auto" the call begins in English and follows its caller.
    """

    def __init__(self, language: str = "en") -> None:
        self.follows = language == AUTO
        self.code = "en" if self.follows else language
        self._told: list[Callable[[str], object]] = []

    def on_change(self, tell: Callable[[str], object]) -> None:
        """Have `tell` called with each new code, at once."""
        self._told.append(tell)

    def heard(self, spoken: Spoken, text: str) -> None:
        """The caller said `text`, which Whisper takes for the call's language from now on to be `spoken`: one short
        word, or what may be another language, changes nothing here.
        """
        if not self.follows or spoken.language == self.code:
            return
        if spoken.probability <= SURE or word_count(text.split()) < WORDS:
            return
        self.code = spoken.language
        logger.info("the call goes on in %s", self.code)
        for tell in self._told:
            tell(self.code)

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

    language: of the settings, or who tells it at the first need. With "auto" the call begins in English and follows its
    caller.
    """

    def __init__(self, language: str | Callable[[], str] = "en") -> None:
        self._language, self._heard = language, ""
        self._told: list[Callable[[str], object]] = []

    @property
    def follows(self) -> bool:
        return self._usual == AUTO

    @property
    def code(self) -> str:
        return self._heard or ("en" if self.follows else self._usual)

    @property
    def _usual(self) -> str:
        if callable(self._language):
            self._language = self._language()
        return self._language

    def on_change(self, tell: Callable[[str], object]) -> None:
        """Have `tell` called with each new code, at once."""
        self._told.append(tell)

    def choose(self, code: str) -> None:
        """Stay in a language, ISO 639-1, whatever is heard."""
        before = self.code
        self._language, self._heard = code, ""
        if code != before:
            self._tell(code)

    def heard(self, spoken: Spoken, text: str) -> None:
        """The caller said `text`, which Whisper takes for the call's language from now on to be `spoken`: one short
        word, or what may be another language, changes nothing here.
        """
        if not self.follows or spoken.language == self.code:
            return
        if spoken.probability <= SURE or word_count(text.split()) < WORDS:
            return
        self._heard = spoken.language
        self._tell(spoken.language)

    def _tell(self, code: str) -> None:
        logger.info("the call goes on in %s", code)
        for tell in self._told:
            tell(code)

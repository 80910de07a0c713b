"""Tells a caller that something went wrong, in a voice that was made before anything could."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.events import ErrorEvent, UserInputTranscribedEvent

from local_agent.engines.registry import Engines
from local_agent.errors import LocalAgentError
from local_agent.plugins.call_language import CallLanguage

logger = logging.getLogger("local_agent")

APOLOGY_EVERY = 5.0  # s between two apologies, so that a failing engine does not talk for ever
# s after the end of a turn: a reply begun ahead that got somewhere is said first and cuts off what comes before it.
AFTER_TURN = 0.3


class Apology:
    """Of one session. What fails before a turn's end was begun ahead of time: it is a matter of regret only if the turn
    ends there, and none if the caller goes on and another reply is begun.
    """

    def __init__(self, session: AgentSession[Any], engines: Engines, language: CallLanguage | None = None) -> None:
        self._session, self._engines, self._language = session, engines, language or CallLanguage()
        self._last = float("-inf")
        self._open = False  # a turn is: its words came, and none were final
        self._owed = False

    def attach(self) -> None:
        """Listen to what the session tells."""
        self._session.on("error", self.on_error)
        self._session.on("user_input_transcribed", self.on_transcribed)

    def on_error(self, event: ErrorEvent) -> None:
        error = event.error
        deaf = getattr(error, "type", "") == "stt_error"  # two tries have failed: what was said is lost, also where the
        if getattr(error, "recoverable", True) and not deaf:  # next words will be heard
            return
        logger.error("%s: %s", type(error).__name__, getattr(error, "error", error))
        if self._open and not deaf:  # without ears no turn ends
            self._owed = True
        else:
            self._say()

    def on_transcribed(self, event: UserInputTranscribedEvent) -> None:
        if event.is_final and self._owed:
            asyncio.get_running_loop().call_later(AFTER_TURN, self._say)
        self._open, self._owed = not event.is_final, False

    def _say(self) -> None:
        if time.monotonic() - self._last < APOLOGY_EVERY:
            return
        self._last = time.monotonic()
        try:
            text, pcm, rate = self._engines.apology(self._language.code)
        except LocalAgentError as failure:  # the voice itself does not load: in a program that did not wait for it
            logger.error("no apology: %s", failure)
            return
        voice = self._session.output.audio
        if voice is not None and self._session.current_speech is None:
            voice.flush()  # text of a reply whose voice failed still waits for sound, and would take the apology's
        try:
            self._session.say(text, audio=_frames(pcm, rate), add_to_chat_ctx=False)
        except RuntimeError as failure:  # the session is closing: there is nobody left to apologise to
            logger.info("no apology: %s", failure)


async def _frames(pcm: bytes, rate: int) -> AsyncIterator[rtc.AudioFrame]:
    """20 ms frames of int16 mono PCM."""
    step = rate // 50 * 2
    for at in range(0, len(pcm), step):
        piece = pcm[at : at + step]
        yield rtc.AudioFrame(piece, rate, 1, len(piece) // 2)

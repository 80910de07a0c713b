"""A conversation in writing: the assistant, prompt, functions and language model of a call, and no audio at all."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from livekit.agents import AgentSession
from livekit.agents.voice import io
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.events import ErrorEvent, FunctionToolsExecutedEvent

from local_agent.call import forget_command
from local_agent.call.assistant import Assistant
from local_agent.call.forget_command import Scope
from local_agent.call.session import RETRIES, mind
from local_agent.call.tools.about import About
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.engines.text.clauses import ClauseCutter

SCOPES = {"/forget": Scope.LAST, "/forget everything": Scope.EVERYTHING}


class Page(io.TextOutput):
    """Hands on each piece of an answer as soon as the model has written it."""

    def __init__(self, write: Callable[[str], object]) -> None:
        super().__init__(label="Page", next_in_chain=None)
        self._write = write
        self.written = 0  # characters of the answer in hand

    async def capture_text(self, text: str) -> None:
        self.written += len(text)
        self._write(text)

    def flush(self) -> None:
        """An answer's end is known from its speech handle."""


class Chat:
    """A conversation in writing. Only the language model is loaded, and nothing is ever synthesised.

    write: gets the greeting and the answers, piece by piece.
    """

    def __init__(self, settings: Settings, engines: Engines, write: Callable[[str], object]) -> None:
        self._model = mind(settings, engines)
        self._page = Page(write)
        self._faults: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []  # of the last answer: functions, and what they were given
        options = SessionConnectOptions(llm_conn_options=RETRIES, max_unrecoverable_errors=1000)
        self._session = AgentSession[None](llm=self._model, user_away_timeout=None, conn_options=options)
        self._assistant = Assistant(settings, About.of(engines))
        self._assistant.memory.llm = self._model

    async def open(self) -> None:
        """Load the model and greet. Raises LocalAgentError when the model does not load."""
        await self._model.engine()
        self._session.on("error", self._on_error)
        self._session.on("function_tools_executed", self._on_calls)
        self._session.output.transcription = self._page
        await self._session.start(self._assistant, record=False, session_host=False)
        if (greeting := self._session.current_speech) is not None:
            await greeting

    async def read_opening(self) -> None:
        """Wait until the model has read what stands before any question, as it has when a caller begins to speak."""
        await self._assistant.memory.prepare()

    async def close(self) -> None:
        await self._session.aclose()
        await self._model.aclose()

    async def answer(self, question: str) -> str:
        """What went wrong, "" when nothing did. Cancelling it stops the model."""
        self._faults.clear()
        self.calls.clear()
        self._page.written = 0
        if (asked := forget_command.command(question)) is not None:
            return await self._said(self._assistant.memory.obey(asked))
        if (scope := SCOPES.get(spelled(question))) is not None:
            return await self._said(self._assistant.memory.click(scope))
        speech = self._session.generate_reply(user_input=question)
        try:
            await speech
        except asyncio.CancelledError:
            await speech.interrupt(force=True)
            raise
        if self._faults:
            return self._faults[-1]
        if (error := speech.exception()) is not None:
            return f"{type(error).__name__}: {error}"
        return "" if self._page.written else "the model had nothing to say"

    async def _said(self, forgetting: Awaitable[None]) -> str:
        await forgetting
        if (speaking := self._session.current_speech) is not None:
            await speaking
        return ""

    def _on_calls(self, event: FunctionToolsExecutedEvent) -> None:
        self.calls += [(call.name, json.loads(call.arguments or "{}")) for call in event.function_calls]

    def _on_error(self, event: ErrorEvent) -> None:
        error = getattr(event.error, "error", event.error)
        self._faults.append(" ".join(str(getattr(error, "message", error)).split()))


def spelled(line: str) -> str:
    """A line as commands are written."""
    return " ".join(line.lower().split())


@dataclass(frozen=True)
class Answer:
    """text: all that was said. calls: functions, and what they were given. first_clause_s: seconds from the question to
    what would be spoken first, None where nothing was said. fault: what went wrong, "" for nothing.
    """

    question: str
    text: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    first_clause_s: float | None = None
    fault: str = ""

    @property
    def words(self) -> int:
        return len(self.text.split())


class Interview:
    """Asks in a conversation of its own what a caller would, and notes what comes.

    async with Interview(settings, engines) as interview:
        answer = await interview.ask("What is the capital of France?")

    write: gets the answers as they come, without the greeting.
    """

    def __init__(self, settings: Settings, engines: Engines, write: Callable[[str], object] = lambda _: None) -> None:
        self._chat = Chat(settings, engines, self._hear)
        self._write, self._language = write, settings.language
        self._pieces: list[str] = []
        self._clauses: ClauseCutter | None = None  # None: nothing was asked, the greeting is said
        self._first: float | None = None

    async def __aenter__(self) -> Interview:
        await self._chat.open()
        await self._chat.read_opening()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._chat.close()

    async def ask(self, question: str) -> Answer:
        """The answer. What a caller would only hear an apology for is in it, too."""
        self._pieces.clear()
        self._clauses, self._first = ClauseCutter(language=self._language), None
        began = time.perf_counter()
        fault = await self._chat.answer(question)
        if self._first is None and self._pieces:
            self._first = time.perf_counter()
        waited = None if self._first is None else self._first - began
        return Answer(question, "".join(self._pieces).strip(), list(self._chat.calls), waited, fault)

    def _hear(self, text: str) -> None:
        if self._clauses is None:
            return
        self._pieces.append(text)
        self._write(text)
        if self._clauses.push(text) and self._first is None:
            self._first = time.perf_counter()

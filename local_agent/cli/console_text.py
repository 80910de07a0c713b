"""Typing instead of speaking, for `console --text`: the same assistant and language model, and no audio at all."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import TextIO

from livekit.agents import AgentSession
from livekit.agents.voice import io
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.events import ErrorEvent

from local_agent.call import forget_command
from local_agent.call.assistant import Assistant
from local_agent.call.forget_command import Scope
from local_agent.call.session import RETRIES, mind
from local_agent.config import phrases
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines

YOU, AGENT = "you    ", "agent  "
QUIT = frozenset({"/quit", "/exit", "/bye", "/q"})
SCOPES = {"/forget": Scope.LAST, "/forget everything": Scope.EVERYTHING}
HELP = """\
/help               this list
/forget             forget the last question and its answer
/forget everything  forget all that was said
/quit               end, as Ctrl-D does
Ctrl-C              stop an answer; with none, end
Anything else is said to the agent.
"""


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
        options = SessionConnectOptions(llm_conn_options=RETRIES, max_unrecoverable_errors=1000)
        self._session = AgentSession[None](llm=self._model, user_away_timeout=None, conn_options=options)
        self._assistant = Assistant(settings, engines.plan.llama.model)
        self._assistant.memory.llm = self._model

    async def open(self) -> None:
        """Load the model and greet. Raises LocalAgentError when the model does not load."""
        await self._model.engine()
        self._session.on("error", self._on_error)
        self._session.output.transcription = self._page
        await self._session.start(self._assistant, record=False, session_host=False)
        if (greeting := self._session.current_speech) is not None:
            await greeting

    async def close(self) -> None:
        await self._session.aclose()
        await self._model.aclose()

    async def answer(self, question: str) -> str:
        """What went wrong, "" when nothing did. Cancelling it stops the model."""
        self._faults.clear()
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

    def _on_error(self, event: ErrorEvent) -> None:
        error = getattr(event.error, "error", event.error)
        self._faults.append(" ".join(str(getattr(error, "message", error)).split()))


def converse(settings: Settings, engines: Engines, lines: TextIO, out: TextIO, notices: TextIO) -> int:
    """Answer line after line until they end. Exit status. Raises LocalAgentError when the model does not load.

    At a terminal Ctrl-C stops an answer, and ends the conversation when there is none. Other input gets the answers
    alone: no greeting, no names.
    """
    person = lines.isatty()
    if not person:
        settings = settings.model_copy(update={"greeting": ""})

    def write(text: str) -> None:
        out.write(text)
        out.flush()

    with asyncio.Runner() as runner:
        chat = Chat(settings, engines, write)
        if phrases.greeting(settings):
            write(AGENT)
        runner.run(chat.open())
        if phrases.greeting(settings):
            write("\n")
        try:
            for question in questions(lines, person=person):
                if spelled(question) in QUIT:
                    break
                if (found := helped(question)) is not None:
                    print(found, end="", file=notices, flush=True)
                    continue
                write(AGENT if person else "")
                fault = _answered(runner, chat, question, person=person)
                write("\n")
                if fault:
                    print(f"local_agent: {fault}", file=notices, flush=True)
        finally:
            runner.run(chat.close())
    return 0


def spelled(line: str) -> str:
    """A line as commands are written."""
    return " ".join(line.lower().split())


def helped(line: str) -> str | None:
    """What this program itself says to a line; None to what is the agent's to answer, paths for instance."""
    word = spelled(line)
    if word in ("/help", "/h", "/?"):
        return HELP
    if not re.fullmatch(r"/[a-z]+", word) or word in SCOPES:
        return None
    return f"local_agent: there is no command {word}; /help lists them\n"


def _answered(runner: asyncio.Runner, chat: Chat, question: str, *, person: bool) -> str:
    try:
        return runner.run(chat.answer(question))
    except KeyboardInterrupt:
        if not person:
            raise
        return "stopped"


def questions(lines: TextIO, *, person: bool) -> Iterator[str]:
    """Lines with something in them, until they end or the person presses Ctrl-C or Ctrl-D."""
    with contextlib.suppress(ImportError):  # a Python without it can't edit lines, and does all else
        import readline  # noqa: F401
    while True:
        try:
            line = input(YOU) + "\n" if person else lines.readline()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not line:
            return
        if line.strip():
            yield line.strip()

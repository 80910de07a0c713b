"""Typing instead of speaking, for `console --text`: the same assistant and language model, and no audio at all."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from typing import TextIO

from local_agent.call.written import SCOPES, Chat, spelled
from local_agent.config import phrases
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines

YOU, AGENT = "you    ", "agent  "
QUIT = frozenset({"/quit", "/exit", "/bye", "/q"})
HELP = """\
/help               this list
/forget             forget the last question and its answer
/forget everything  forget all that was said
/quit               end, as Ctrl-D does
Ctrl-C              stop an answer; with none, end
Anything else is said to the agent.
"""


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

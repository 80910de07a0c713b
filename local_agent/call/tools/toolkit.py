"""The function tools of one call, and which of them plain words ask for without any language model.

The words are read in English, or by the tables of another language (`by_table`), and only where there is no doubt;
everything else is the model's to answer.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from livekit.agents.llm import (
    ChatChunk,
    ChatContext,
    ChatItem,
    ChatMessage,
    ChoiceDelta,
    FunctionCall,
    FunctionCallOutput,
    FunctionToolCall,
    Tool,
    ToolError,
    Toolset,
    function_tool,
)

from local_agent.call.tools import about, by_table, calculator, clock, letters, timers
from local_agent.call.tools.about import About
from local_agent.call.tools.timers import Timers
from local_agent.call.tools.wording import addressed
from local_agent.config.languages import AUTO
from local_agent.plugins.merged_turns import resumed

LONGEST = 200  # characters; who says more wants more than a sum
NAMES = frozenset({
    "calculate", "date_and_time", "letters", "what_runs_here", "set_timer", "list_timers", "cancel_timer"
})  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A function and what it is given."""

    name: str
    argument: str = ""


def here() -> dt.datetime:
    """Now, in the time zone of this machine."""
    return dt.datetime.now().astimezone()


class Toolkit:
    """Of one call. name: the agent's. language: of the call; where it is or may be English, English is read. now: with
    its time zone.
    """

    def __init__(
        self,
        name: str,
        known: About,
        running: Timers,
        *,
        language: str = "en",
        now: Callable[[], dt.datetime] = here,
    ) -> None:
        self._name, self._known, self.timers, self.language, self._now = name, known, running, language, now
        self._left: frozenset[str] = frozenset()
        self._tells: dict[str, Callable[[str], str | None]] = {
            "calculate": calculator.answer,
            "date_and_time": lambda question: clock.answer(question, self._now()),
            "letters": letters.answer,
            "what_runs_here": lambda question: about.answer(question, name, known),
        }
        self._resumes: dict[str, Callable[[str, str], str | None]] = {
            "calculate": calculator.resumed,
            "date_and_time": clock.resumed,
            "letters": letters.resumed,
        }

    @property
    def functions(self) -> list[Tool | Toolset]:
        """For the agent."""

        async def calculate(question: str) -> str:
            """Work out a sum, a percentage or a conversion of units, like "15% of 80" or "10 miles in km"."""
            return self._told("calculate", question)

        async def date_and_time(question: str) -> str:
            """Tell about time and dates, like "now", "time in Tokyo", "days until May 3", "weekday of July 4 1976"."""
            return self._told("date_and_time", question)

        async def letters(question: str) -> str:
            """Spell a word or count its letters, like "spell rhythm", "how many r in strawberry"."""
            return self._told("letters", question)

        async def set_timer(duration: str) -> str:
            """Start a timer, like "5 minutes"."""
            return self.timers.set(duration)

        async def list_timers() -> str:
            """Tell how much time is left on the timers."""
            return self.timers.left()

        async def cancel_timer(duration: str = "") -> str:
            """Stop the timer of a duration, or all."""
            return self.timers.cancel(duration)

        async def what_runs_here(question: str = "") -> str:
            """Tell who you are, which AI models run here, and whether anything leaves this computer."""
            return self._tells["what_runs_here"](question) or self._known.spoken()

        made = (calculate, date_and_time, letters, set_timer, list_timers, cancel_timer, what_runs_here)
        return [function_tool(function) for function in made]

    def leave(self, names: Collection[str]) -> None:
        """Read no requests for these functions: others of the same names are there."""
        self._left = frozenset(names)

    def result(self, chat_ctx: ChatContext) -> str | None:
        """What the calls that end a conversation came to, in words to speak; None where the model must tell.

        What functions say is English, so in another language the model does, unless the words were read as English.
        """
        said = []
        for item in reversed(chat_ctx.items):
            if not isinstance(item, FunctionCallOutput):
                break
            if (
                item.is_error
                or item.name not in NAMES - self._left
                or not (self.language == "en" or item.call_id.startswith(_READ))
            ):
                return None
            said.append(item.output)
        return " ".join(reversed(said)) or None

    def request(self, chat_ctx: ChatContext) -> ChatChunk | None:
        """The call that answers the message at a conversation's end; None where the model must."""
        items = resumed(chat_ctx).items
        last = items[-1] if items else None
        if not isinstance(last, ChatMessage) or last.role != "user":
            return None
        call = self.read(last.text_content or "", _before(items))
        return None if call is None or call.name in self._left else _chunk(call)

    def read(self, text: str, before: Call | None = None) -> Call | None:
        """The call that answers a message. before: the one that answered the message before it."""
        if len(text) > LONGEST:
            return None
        asked_back = before is not None and before == Call("set_timer")
        talked = "set_timer?" if asked_back else before.name if before and _times(before) else ""
        if self.language not in ("en", AUTO):
            found = by_table.request(text, self.language, self._name, talked, self._now())
            if found is None and before is not None and before.name == "calculate":
                question = by_table.resumed(text, before.argument, self.language, self._now())
                return Call("calculate", question) if question is not None else None
            return None if found is None else Call(*found)
        text = addressed(text, self._name)
        timer = timers.request(text, talked)
        if timer is not None:
            return Call(*timer)
        for function, tell in self._tells.items():
            if tell(text) is not None:
                return Call(function, text)
        if before is not None and before.name in self._resumes:
            question = self._resumes[before.name](text, before.argument)
            if question is not None and self._tells[before.name](question) is not None:
                return Call(before.name, question)
        return None

    def _told(self, function: str, question: str) -> str:
        said = by_table.answer(function, question, self.language, self._now()) or self._tells[function](question)
        if said is None:
            raise ToolError(f"{function} does not understand {question!r}")
        return said


def _times(call: Call) -> bool:
    return call.name.endswith(("timer", "timers"))


def _before(items: Sequence[ChatItem]) -> Call | None:
    """The call of ours that answered the caller's message before the last one."""
    users = [at for at, item in enumerate(items) if isinstance(item, ChatMessage) and item.role == "user"]
    between = items[users[-2] : users[-1]] if len(users) > 1 else []
    calls = [item for item in between if isinstance(item, FunctionCall) and item.name in NAMES]
    if not calls:
        return None
    try:
        given = json.loads(calls[-1].arguments or "{}")
    except ValueError:
        return None
    return Call(calls[-1].name, str(next(iter(given.values()), "")) if isinstance(given, dict) else "")


_READ = "read-"  # how the names of calls begin that no model made
_PARAMETERS = {"set_timer": "duration", "cancel_timer": "duration", "list_timers": ""}


def _chunk(call: Call) -> ChatChunk:
    parameter = _PARAMETERS.get(call.name, "question")
    given = {parameter: call.argument} if parameter else {}
    made = FunctionToolCall(
        name=call.name,
        arguments=json.dumps(given, ensure_ascii=False),
        call_id=f"{_READ}{uuid.uuid4().hex[:12]}",
    )
    return ChatChunk(id=f"reply-{made.call_id}", delta=ChoiceDelta(role="assistant", tool_calls=[made]))

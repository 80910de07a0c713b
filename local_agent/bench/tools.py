"""Right function calls: twelve requests that need one and six that need none, each a conversation of its own."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from json import loads
from pathlib import Path
from typing import Any, Literal

from livekit.agents import Agent, AgentSession
from livekit.agents.llm import ChatContext, ChatMessage, ToolContext, function_tool
from livekit.agents.llm import FunctionCall as Executed
from rich.console import Console
from rich.table import Table

from local_agent.bench import report
from local_agent.call.session import mind
from local_agent.config import phrases
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins.llama import LLM

PATIENCE = 600.0  # s that a piece of work may take: what a call would give up is measured here


@dataclass(frozen=True)
class Request:
    """A sentence, the function that it needs, and what its arguments must hold: a text matches as a regular expression,
    a number is equal. name "": it needs none.
    """

    text: str
    name: str = ""
    arguments: Mapping[str, str | float | bool] = field(default_factory=dict)


REQUESTS = (
    Request("Set a timer for five minutes.", "set_timer", {"minutes": 5}),
    Request("I've put a pizza in the oven, please set a timer for twenty minutes.", "set_timer", {"minutes": 20}),
    Request("What's the weather like in Paris today?", "get_weather", {"city": "paris"}),
    Request("Will I need an umbrella in Hamburg tomorrow?", "get_weather", {"city": "hamburg"}),
    Request("Turn on the light in the kitchen.", "switch_light", {"room": "kitchen", "on": True}),
    Request("Could you switch off the bedroom light, please?", "switch_light", {"room": "bedroom", "on": False}),
    Request("Put the dentist on my calendar for Friday.", "add_event", {"title": "dentist", "day": "friday"}),
    Request("Add a lunch with Anna to my calendar on Monday.", "add_event", {"title": "anna", "day": "monday"}),
    Request("What is seventeen times twenty-three?", "calculate", {"expression": r"17\s*[*x×]\s*23|23\s*[*x×]\s*17"}),
    Request("How much is 1,250 divided by 8?", "calculate", {"expression": r"1,?250\s*[/÷:]\s*8"}),
    Request("Play some jazz.", "play_music", {"what": "jazz"}),
    Request("I'd like to hear Yesterday by the Beatles.", "play_music", {"what": "yesterday"}),
    Request("Hello, how are you today?"),
    Request("What is the capital of Italy?"),
    Request("Thank you, that was very kind."),
    Request("Tell me a joke."),
    Request("Who wrote Romeo and Juliet?"),
    Request("My favourite colour is blue."),
)


class House(Agent):
    """Has six functions, which do nothing but answer."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(instructions=phrases.instructions(settings))

    @function_tool
    async def set_timer(self, minutes: int) -> str:
        """Set a timer.

        Args:
            minutes: how long it runs
        """
        return f"A timer for {minutes} minutes is running."

    @function_tool
    async def get_weather(self, city: str, day: Literal["today", "tomorrow"] = "today") -> str:
        """Get the weather in a city.

        Args:
            city: name of the city
            day: today or tomorrow
        """
        return f"{city}, {day}: light rain, 14 degrees."

    @function_tool
    async def switch_light(self, room: str, on: bool) -> str:
        """Switch the light in a room on or off.

        Args:
            room: name of the room
            on: true for on, false for off
        """
        return f"The light in the {room} is {'on' if on else 'off'}."

    @function_tool
    async def add_event(self, title: str, day: str) -> str:
        """Put an event on the calendar.

        Args:
            title: what it is
            day: when it is
        """
        return f"{title} is on the calendar for {day}."

    @function_tool
    async def calculate(self, expression: str) -> str:
        """Work out a sum.

        Args:
            expression: the sum in digits and signs, such as 2 + 2
        """
        result = _worked_out(expression)
        return f"{expression} = {result}" if result is not None else "That is no sum."

    @function_tool
    async def play_music(self, what: str) -> str:
        """Play music.

        Args:
            what: a title, an artist or a kind of music
        """
        return f"Now playing: {what}."


def _worked_out(expression: str) -> float | None:
    found = re.fullmatch(r"\s*([\d.,]+)\s*([-+*x×/÷:])\s*([\d.,]+)\s*=?\s*", expression)
    if found is None:
        return None
    first, second = (float(found[at].replace(",", "")) for at in (1, 3))
    if found[2] in "/÷:":
        return first / second if second else None
    return {"-": first - second, "+": first + second}.get(found[2], first * second)


@dataclass(frozen=True)
class Outcome:
    """What came of a request. calls: name and arguments, as executed. said: by the agent, "" for nothing. call_s:
    seconds to the first call; all_s: to the end of the last word.
    """

    request: Request
    calls: Sequence[tuple[str, Mapping[str, Any]]]
    said: str
    call_s: float | None
    all_s: float

    @property
    def right(self) -> bool:
        """The call that is needed, or none."""
        return not self.calls if not self.request.name else len(self.calls) == 1 and self._is_meant(*self.calls[0])

    @property
    def repeated(self) -> int:
        """Calls that were made before for this request."""
        return sum(call in self.calls[:at] for at, call in enumerate(self.calls))

    @property
    def spoken_code(self) -> bool:
        """Whether JSON or a call is in what was said."""
        return bool(re.search(r"[{}`<]|_[a-z]+\(", self.said))

    def _is_meant(self, name: str, given: Mapping[str, Any]) -> bool:
        return name == self.request.name and all(
            _holds(given.get(key), one) for key, one in self.request.arguments.items()
        )


def _holds(given: Any, meant: str | float | bool) -> bool:
    if isinstance(meant, str):
        return re.search(meant, str(given), re.IGNORECASE) is not None
    return bool(given == meant) and isinstance(given, bool) == isinstance(meant, bool)


async def ask(make: Callable[[], LLM], settings: Settings, requests: Sequence[Request] = REQUESTS) -> list[Outcome]:
    """Each request in a session of its own. make: a language model for each. What all begin with is read once."""
    house, begun = House(settings), ChatContext.empty()
    begun.add_message(role="system", content=str(house.instructions))
    first = make()
    async with first:
        await first.prepare(begun, ToolContext(house.tools).flatten())
        return [await _asked(make(), House(settings), request) for request in requests]


async def _asked(model: LLM, agent: House, request: Request) -> Outcome:
    calls, first = list[Executed](), list[float]()
    async with model, AgentSession[None](llm=model) as session:

        def executed(event: Any) -> None:
            first.append(time.perf_counter())
            calls.extend(event.function_calls)

        session.on("function_tools_executed", executed)
        await session.start(agent, record=False, session_host=False)
        began = time.perf_counter()
        await session.generate_reply(user_input=request.text)
        ended = time.perf_counter()
        items = [item for item in session.history.items if isinstance(item, ChatMessage) and item.role == "assistant"]
    made = [(call.name, loads(call.arguments or "{}")) for call in calls]
    said = " ".join(item.text_content or "" for item in items)
    return Outcome(request, made, said, first[0] - began if first else None, ended - began)


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Counts: right calls of so many, none where none is needed of so many, and what must never be."""
    needed = [one for one in outcomes if one.request.name]
    free = [one for one in outcomes if not one.request.name]
    return {
        "right": sum(one.right for one in needed),
        "of": len(needed),
        "none": sum(one.right for one in free),
        "of_none": len(free),
        "repeated": sum(one.repeated for one in outcomes),
        "silent": sum(not one.said.strip() for one in outcomes),
        "code_said": sum(one.spoken_code for one in outcomes),
    }


def table(outcomes: Sequence[Outcome], model: str) -> Table:
    told = summary(outcomes)
    drawn = Table(
        title=f"{model}: {told['right']} of {told['of']} right calls, none where none is needed {told['none']} of "
        f"{told['of_none']}; repeated {told['repeated']}, silent {told['silent']}, code said {told['code_said']}"
    )
    for heading in ("", "request", "calls", "said", "call", "all"):
        drawn.add_column(heading)
    for one in outcomes:
        calls = "; ".join(f"{name}({', '.join(f'{k}={v}' for k, v in given.items())})" for name, given in one.calls)
        seconds = "" if one.call_s is None else f"{one.call_s:.1f} s"
        drawn.add_row("+" if one.right else "-", one.request.text, calls, one.said, seconds, f"{one.all_s:.1f} s")
    return drawn


def run(settings: Settings, json: Path | None) -> None:
    """With the language model of the settings. Raises LocalAgentError."""
    report.demand_writable(json)
    engines = Engines(settings.model_copy(update={"engine_timeout": PATIENCE}))
    try:
        engines.demand("llama")
        model = engines.plan.llama.model
        with Console(stderr=True).status("asking"):
            outcomes = asyncio.run(ask(lambda: mind(settings, engines), settings))
    finally:
        engines.close()
    Console().print(table(outcomes, model))
    told = [asdict(one) | {"right": one.right} for one in outcomes]
    report.save_json(json, report.heading() | {"tools": summary(outcomes) | {"model": model, "requests": told}})

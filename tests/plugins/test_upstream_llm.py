"""What livekit-agents' own tests ask of any language model's plugin, in our words: 22 cases.

Those that need no skill and no functions are run with the starter weights; the others have tests in test_tool_calls.py
and test_tool_starter.py that need none.
`python -m tests.plugins.test_upstream_llm --model FILE.gguf` runs all of them and prints which hold; it is meant for
models of 1.5 billion parameters and more. A name of the catalogue is looked for where every command looks: in the
folder of --models-dir, LOCAL_AGENT_MODELS_DIR or local_agent.toml, else ./models, the checkout's or the user's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Optional

import pytest
from livekit.agents import APIConnectOptions
from livekit.agents.llm import (
    ChatContext,
    FunctionCall,
    FunctionCallOutput,
    ImageContent,
    Tool,
    ToolContext,
    ToolError,
    execute_function_call,
    function_tool,
)
from pydantic import BaseModel, Field

from local_agent.config import sources
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins import llama
from tests.conftest import Starter
from tests.plugins.fakeengines import run

Case = Callable[["Desk"], Awaitable[None]]
CASES: dict[str, tuple[Case, bool]] = {}  # what is asked -> how, and whether it takes a model that can do something
USUAL = ("get_weather", "play_music", "change_volume", "select_currencies", "update_user", "toggle_light")
ONCE = APIConnectOptions(max_retry=0)
DOT = (  # a red one of 8 x 8 pixels, PNG
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9h"
    "AAAAAElFTkSuQmCC"
)


def case(what: str, *, skill: bool = False) -> Callable[[Case], Case]:
    def named(asked: Case) -> Case:
        CASES[what] = (asked, skill)
        return asked

    return named


@dataclass
class Desk:
    """A model, its conversation and its functions. made: each call that was made, with its arguments."""

    model: llama.LLM
    tools: list[Tool] = field(default_factory=list)
    context: ChatContext = field(default_factory=ChatContext.empty)
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def has(self, *others: str) -> None:
        """Gives the model the usual functions, the same in most cases so that they are read once, and some others."""
        known = {tool.id: tool for tool in functions(self.made)}
        self.tools = [known[name] for name in (*USUAL, *others)]

    async def ask(self, words: str = "", **options: Any) -> Any:
        """The response to what is said; its calls are made, and stand in the conversation with their results."""
        if words:
            self.context.add_message(role="user", content=words)
        asked = self.model.chat(chat_ctx=self.context, tools=self.tools, conn_options=ONCE, **options)
        response = await asked.collect()
        if response.text:
            self.context.add_message(role="assistant", content=response.text)
        for call in response.tool_calls:
            done = await execute_function_call(call, ToolContext(self.tools))
            self.context.insert([done.fnc_call, *filter(None, [done.fnc_call_out])])
        return response


class Unit(Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


class Address(BaseModel):
    street: str
    city: str


def functions(made: list[tuple[str, dict[str, Any]]]) -> list[Tool]:
    """All that any case gives to a model; what is called is noted."""

    @function_tool
    async def get_weather(location: str, unit: Unit = Unit.CELSIUS) -> str:
        """Get the current weather in a given location.

        Args:
            location: the city, such as Berlin
            unit: of the temperature
        """
        made.append(("get_weather", {"location": location, "unit": unit}))
        return f"It is 22 degrees and sunny in {location}."

    @function_tool
    async def play_music(name: str) -> str:
        """Play a song.

        Args:
            name: artist and title
        """
        made.append(("play_music", {"name": name}))
        return "It plays."

    @function_tool
    async def change_volume(volume: Literal[0, 11, 30, 83, 99]) -> str:
        """Change the volume of the speaker.

        Args:
            volume: the level
        """
        made.append(("change_volume", {"volume": volume}))
        return "It is set."

    @function_tool
    async def select_currencies(currencies: list[Literal["usd", "eur", "gbp", "jpy", "sek"]]) -> str:
        """Select currencies, all that are wanted with one call.

        Args:
            currencies: those to select
        """
        made.append(("select_currencies", {"currencies": currencies}))
        return "They are selected."

    @function_tool
    async def update_user(name: Optional[str] = None, email: Optional[str] = None, phone: Optional[str] = None) -> str:  # noqa: UP045
        """Update what is known of the user. What is not told stays as it is.

        Args:
            name: the new name
            email: the new email address
            phone: the new telephone number
        """
        made.append(("update_user", {"name": name, "email": email, "phone": phone}))
        return "It is updated."

    @function_tool
    async def send_parcel(to: Address, express: bool = False) -> str:
        """Send a parcel to an address."""
        made.append(("send_parcel", {"to": to, "express": express}))
        return "It is on its way."

    @function_tool(
        raw_schema={
            "name": "open_gate",
            "description": "Open a gate of the airport.",
            "parameters": {"type": "object", "properties": {"gate": {"type": "string"}}, "required": ["gate"]},
        }
    )
    async def open_gate(raw_arguments: dict[str, object]) -> str:
        made.append(("open_gate", dict(raw_arguments)))
        return "It is open."

    @function_tool
    async def toggle_light(room: str, on: bool = True) -> str:
        """Turn the light in a room on or off.

        Args:
            room: the room
            on: whether it is to be on
        """
        made.append(("toggle_light", {"room": room, "on": on}))
        raise ToolError("the light in that room is broken")

    @function_tool
    async def show_message(message: str) -> str:
        """Show a message on the screen.

        Args:
            message: what to show
        """
        made.append(("show_message", {"message": message}))
        return "It is shown."

    return [
        get_weather, play_music, change_volume, select_currencies, update_user, send_parcel, open_gate, toggle_light,
        show_message,
    ]  # fmt: skip


@case("a question gets words, in pieces, and the usage at the end")
async def chat(desk: Desk) -> None:
    desk.context.add_message(role="system", content='You are an assistant of the drive-in restaurant "Live-Burger".')
    desk.context.add_message(role="user", content="Hello, what do you sell?")
    async with desk.model.chat(chat_ctx=desk.context, conn_options=ONCE) as stream:
        chunks = [chunk async for chunk in stream]
    assert sum(bool(chunk.delta and chunk.delta.content) for chunk in chunks) > 1
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens > 1
    assert chunks[-1].usage.total_tokens == chunks[-1].usage.prompt_tokens + chunks[-1].usage.completion_tokens


@case("several messages of one role, empty ones, and instructions in the midst")
async def odd_messages(desk: Desk) -> None:
    for role, content in (
        ("assistant", "Hello."), ("system", "Be kind."), ("system", ""), ("user", "Hi."), ("user", "Are you there?"),
        ("assistant", ""), ("developer", "Answer in English. Ünïcödé 你好 🙂"), ("user", ""), ("user", "Say hello."),
    ):  # fmt: skip
        desk.context.add_message(role=role, content=content)  # type: ignore[arg-type]
    assert (await desk.ask()).text
    desk.context = ChatContext.empty()
    desk.context.add_message(role="system", content="Greet the caller.")
    assert (await desk.ask()).text, "instructions alone"


@case("options of one reply: a text and a number of tokens end it")
async def options(desk: Desk) -> None:
    response = await desk.ask("Tell me a story.", extra_kwargs={"temperature": 0, "max_completion_tokens": 6})
    assert response.text and response.usage.completion_tokens <= 6
    wanted = {"stop": ["."], "top_p": 0.8, "presence_penalty": 0.5}
    assert "." not in (await desk.ask("Tell me another story.", extra_kwargs=wanted)).text


@case("calls and results in any order in the history, some without the other")
async def unordered_history(desk: Desk) -> None:
    desk.has()
    desk.context.add_message(role="user", content="What is the weather in Paris and in Rome?")
    desk.context.items += [
        FunctionCall(call_id="1", name="get_weather", arguments='{"location": "Paris"}'),
        FunctionCall(call_id="2", name="get_weather", arguments='{"location": "Rome"}'),
        FunctionCall(call_id="3", name="get_weather", arguments='{"location": "Oslo"}'),
        FunctionCallOutput(call_id="2", name="get_weather", output="Rain.", is_error=False),
        FunctionCallOutput(call_id="9", name="get_weather", output="Snow.", is_error=False),
        FunctionCallOutput(call_id="1", name="get_weather", output="Sun.", is_error=False),
    ]
    assert (await desk.ask(tool_choice="none")).text


@case("a call, with a default left alone", skill=True)
async def call(desk: Desk) -> None:
    desk.has()
    await desk.ask("What's the weather in Paris?")
    assert len(desk.made) == 1 and desk.made[0][0] == "get_weather" and "Paris" in desk.made[0][1]["location"]


@case("two calls in one reply", skill=True)
async def two_calls(desk: Desk) -> None:
    desk.has()
    response = await desk.ask("What's the weather in San Francisco and what's the weather in Paris?")
    places = [arguments["location"] for _, arguments in desk.made]
    assert len(response.tool_calls) == 2 and len({one.call_id for one in response.tool_calls}) == 2
    assert "San Francisco" in places[0] and "Paris" in places[1]


@case("a function that is added later", skill=True)
async def added(desk: Desk) -> None:
    desk.has()
    await desk.ask("Hello.")
    desk.has("show_message")
    await desk.ask("Can you show 'Hello LiveKit!' on the screen?")
    assert desk.made == [("show_message", {"message": "Hello LiveKit!"})]


@case("a result is told", skill=True)
async def result_told(desk: Desk) -> None:
    desk.has()
    await desk.ask("What's the weather in Paris?")
    told = await desk.ask()
    assert not told.tool_calls and ("22" in told.text or "sunny" in told.text)
    await desk.ask("And in Rome?")
    assert [arguments["location"].split(",")[0] for _, arguments in desk.made] == ["Paris", "Rome"]


@case("one of several numbers", skill=True)
async def literal(desk: Desk) -> None:
    desk.has()
    await desk.ask("Set the volume to 30.")
    assert desk.made == [("change_volume", {"volume": 30})]


@case("one of several words", skill=True)
async def enum(desk: Desk) -> None:
    desk.has()
    await desk.ask("What is the temperature in Boston in Fahrenheit?")
    assert len(desk.made) == 1 and desk.made[0][1]["unit"] is Unit.FAHRENHEIT


@case("arguments that nobody told are left out", skill=True)
async def optional(desk: Desk) -> None:
    desk.has()
    await desk.ask("Using a tool call, update the user's name to Theo.")
    assert desk.made == [("update_user", {"name": "Theo", "email": None, "phone": None})]


@case("a list of choices", skill=True)
async def choices(desk: Desk) -> None:
    desk.has()
    await desk.ask("Select the currencies euro, British pound and Swedish krona at once.")
    assert len(desk.made) == 1 and sorted(desk.made[0][1]["currencies"]) == ["eur", "gbp", "sek"]


@case("an object as an argument", skill=True)
async def nested(desk: Desk) -> None:
    desk.has("send_parcel")
    await desk.ask("Please send the parcel to 5 Elm Street in Dublin.")
    assert len(desk.made) == 1 and "Elm" in desk.made[0][1]["to"].street and desk.made[0][1]["to"].city == "Dublin"


@case("a function of a raw schema", skill=True)
async def raw(desk: Desk) -> None:
    desk.has("open_gate")
    await desk.ask("Open gate B12.")
    assert len(desk.made) == 1 and "B12" in str(desk.made[0][1]["gate"])


@case("a function that fails is told as such", skill=True)
async def failing(desk: Desk) -> None:
    desk.has()
    await desk.ask("Turn off the light in the bedroom.")
    assert [(name, one["on"]) for name, one in desk.made] == [("toggle_light", False)]
    outputs = [item for item in desk.context.items if isinstance(item, FunctionCallOutput)]
    assert outputs[0].is_error
    told = await desk.ask()
    words = told.text.casefold()
    assert not told.tool_calls and any(one in words for one in ("broken", "sorry", "unable", "can't", "error", "not"))


@case("tool_choice none: words")
async def choice_none(desk: Desk) -> None:
    desk.has()
    response = await desk.ask("What's the weather in Paris?", tool_choice="none")
    assert response.text and not response.tool_calls


@case("tool_choice required: a call")
async def choice_required(desk: Desk) -> None:
    desk.has()
    assert (await desk.ask("Hello there.", tool_choice="required")).tool_calls


@case("tool_choice with a name: that one")
async def choice_named(desk: Desk) -> None:
    desk.has()
    choice = {"type": "function", "function": {"name": "play_music"}}
    await desk.ask("What's the weather in Paris?", tool_choice=choice)
    assert [name for name, _ in desk.made] == ["play_music"] * len(desk.made) and desk.made


@case("parallel_tool_calls off: one call")
async def one_at_a_time(desk: Desk) -> None:
    desk.has()
    asked = "Play Yesterday by the Beatles and Imagine by John Lennon."
    assert len((await desk.ask(asked, tool_choice="required", parallel_tool_calls=False)).tool_calls) == 1


@case("a reply in the form of a model's fields")
async def structured(desk: Desk) -> None:
    class Person(BaseModel):
        name: str
        age: int = Field(ge=0, le=130)
        likes: list[Literal["football", "music"]] = []
        kind: Optional[Literal["adult", "child"]] = None  # noqa: UP045

    room = {"max_tokens": 300}
    response = await desk.ask("Tom is 41 and plays football. Who is it?", response_format=Person, extra_kwargs=room)
    assert Person.model_validate_json(response.text).name
    wanted = {"type": "json_schema", "json_schema": {"name": "colour", "schema": {"enum": ["red", "blue"]}}}
    assert json.loads((await desk.ask("What colour is blood?", response_format=wanted)).text) in ("red", "blue")


@case("an image goes by")
async def image(desk: Desk) -> None:
    desk.context.add_message(role="user", content=["Hello. What can you help me with?", ImageContent(image=DOT)])
    assert (await desk.ask()).text


@case("a reply that is closed in its midst, and the next one")
async def closed(desk: Desk) -> None:
    context = ChatContext.empty()
    context.add_message(role="user", content="Count from one to a hundred.")
    stream = desk.model.chat(chat_ctx=context, conn_options=ONCE)
    await anext(stream)
    await stream.aclose()
    assert (await desk.ask("Hello.")).text


assert len(CASES) == 22
CALLING = (unordered_history, choice_none, choice_required, choice_named, one_at_a_time)


async def hold(what: str, engines: Engines, model: str | None = None, *, tokens: int = 120) -> None:
    """Raises what does not hold of one case."""
    async with llama.LLM(engines=engines, model=model, temperature=0, max_tokens=tokens) as made:
        await CASES[what][0](Desk(made))


@pytest.fixture(scope="module")
def real(starter: Starter) -> Iterator[Engines]:
    settings = Settings(models_dir=starter.llama.parent, profile="starter", device="cpu", engine_timeout=80)
    made = Engines(settings, guest=True)
    yield made
    made.close()


@pytest.mark.parametrize("what", [what for what, (asked, skill) in CASES.items() if not skill and asked not in CALLING])
def test_with_the_starter_weights(real: Engines, what: str) -> None:
    run(hold(what, real, tokens=24))


def main(model: str, only: str, models_dir: str | None) -> int:
    """Prints what holds with a model; how many cases do not."""
    patient = {"device": "cpu", "engine_timeout": 180}  # on a busy machine, too
    engines, failed = Engines(sources.load({"models_dir": models_dir, **patient}), guest=True), 0
    wanted = [what for what in CASES if only in what]
    for what in wanted:
        began = time.monotonic()
        try:
            asyncio.run(hold(what, engines, model))
            outcome = "holds"
        except Exception as error:
            failed += 1
            outcome = f"FAILS: {type(error).__name__}: {error}"
        print(f"{time.monotonic() - began:5.1f} s  {what}: {outcome}", flush=True)
    print(f"{len(wanted) - failed} of {len(wanted)} cases hold")
    engines.close()
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.plugins.test_upstream_llm", description=__doc__)
    parser.add_argument("--model", required=True, help="a GGUF file, or a name of the catalogue")
    parser.add_argument("--models-dir", help="folder of the weights, if it is not the one of every command")
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    sys.exit(main(given.model, given.only, given.models_dir))

"""Which function plain words ask for, and what is said then."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from livekit.agents.llm import ChatChunk, ChatContext, FunctionCall, FunctionCallOutput, ToolContext

from local_agent.call.tools.about import About
from local_agent.call.tools.timers import Timers
from local_agent.call.tools.toolkit import NAMES, Call, Toolkit
from local_agent.config.small_model import LanguageModel

NOW = dt.datetime(2026, 11, 30, 14, 35, tzinfo=ZoneInfo("Europe/Berlin"))
KNOWN = About(LanguageModel("/models/qwen2.5-1.5b-instruct-q4_k_m.gguf"), "whisper-base", "piper-en_US-joe-medium")
ASKED = {
    "What is 17 times 23?": "calculate",
    "Robin, how many feet are in a mile?": "calculate",
    "Hey Robin, what time is it?": "date_and_time",
    "What time is it, Robin?": "date_and_time",
    "Okay, and how many days are there until Christmas?": "date_and_time",
    "How do you spell rhythm?": "letters",
    "Set a timer for five minutes.": "set_timer",
    "Which timers are running?": "list_timers",
    "Cancel the timer.": "cancel_timer",
    "What's your name?": "what_runs_here",
    "Which model are you running?": "what_runs_here",
    "Do you run locally?": "what_runs_here",
    "Is what I say private?": "what_runs_here",
    "What is the capital of France?": None,
    "How are you today?": None,
    "What is a prime number?": None,
    "Who invented the calculator?": None,
    "Why does an hour have sixty minutes?": None,
    "What is an hourglass?": None,
    "Tell me a story about a timer.": None,
    "I'm twenty-five years old.": None,
    "My number is 555 1234.": None,
    "It's five o'clock somewhere.": None,
    "How many people live in Tokyo?": None,
    "What model car should I buy?": None,
    "Do you work out?": None,
    "One two three.": None,
    "What is 17 times 23? " * 20: None,
    "": None,
}


async def _silent(_: int) -> None:
    """Rings for nobody."""


def toolkit(language: str = "en") -> Toolkit:
    return Toolkit("Robin", KNOWN, Timers(_silent), language=language, now=lambda: NOW)


def asked(*messages: str) -> ChatContext:
    context = ChatContext.empty()
    for message in messages:
        context.add_message(role="user", content=message)
    return context


def answered(context: ChatContext, call_id: str = "read-1", *, error: bool = False) -> ChatContext:
    """As a session leaves it behind: the call and its result are there."""
    call = FunctionCall(call_id=call_id, name="calculate", arguments='{"question": "5 plus 5"}')
    context.items += [call, FunctionCallOutput(call_id=call_id, name="calculate", output="That is 10.", is_error=error)]
    return context


def test_plain_words_ask_for_a_function() -> None:
    reader = toolkit()
    found = {text: call.name if (call := reader.read(text)) is not None else None for text in ASKED}
    assert found == ASKED


def test_a_request_becomes_a_call_of_a_function_that_is_there() -> None:
    chunk = toolkit().request(asked("Set a timer for five minutes."))
    assert isinstance(chunk, ChatChunk) and chunk.delta is not None
    (call,) = chunk.delta.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("set_timer", {"duration": "5 minutes"})
    known = ToolContext(toolkit().functions).function_tools
    assert set(known) == NAMES


def test_a_message_that_was_said_in_two_parts_is_one_request() -> None:
    chunk = toolkit().request(asked("What is 17", "times 23?"))
    assert chunk is not None and chunk.delta is not None
    assert json.loads(chunk.delta.tool_calls[0].arguments) == {"question": "What is 17 times 23?"}


def test_a_request_goes_on_from_the_one_before() -> None:
    context = answered(asked("What is 5 plus 5?"))
    context.add_message(role="assistant", content="That is 10.")
    context.add_message(role="user", content="And times three?")
    chunk = toolkit().request(context)
    assert chunk is not None and chunk.delta is not None
    assert json.loads(chunk.delta.tool_calls[0].arguments) == {"question": "10 times 3"}
    context.add_message(role="assistant", content="That is 30.")
    context.add_message(role="user", content="And times three?")
    assert toolkit().request(context) is None, "nothing was worked out for the message before"


def test_a_timer_without_a_duration_asks_for_it() -> None:
    assert toolkit().read("five minutes", Call("set_timer")) == Call("set_timer", "5 minutes")
    assert toolkit().read("five minutes", Call("set_timer", "5 minutes")) is None


@pytest.mark.parametrize(
    ("language", "call_id", "said"),
    [("en", "read-1", True), ("en", "call-1", True), ("auto", "read-1", True), ("auto", "call-1", False),
     ("de", "call-1", False)],
)  # fmt: skip
def test_a_result_is_said_as_it_is_where_it_is_in_the_callers_language(language: str, call_id: str, said: bool) -> None:
    result = toolkit(language).result(answered(asked("What is 5 plus 5?"), call_id))
    assert result == ("That is 10." if said else None)


def test_a_model_hears_of_errors_and_of_what_others_functions_said() -> None:
    assert toolkit().result(answered(asked("sum"), error=True)) is None
    other = asked("weather")
    other.items.append(FunctionCallOutput(call_id="1", name="weather", output="Rain.", is_error=False))
    assert toolkit().result(other) is None
    assert toolkit().result(asked("hello")) is None


def test_words_of_another_language_are_the_models() -> None:
    assert toolkit("de").request(asked("What is 17 times 23?")) is None
    assert toolkit("auto").request(asked("What is 17 times 23?")) is not None


def test_what_runs_here_is_told_in_words() -> None:
    assert KNOWN.spoken() == (
        "Whisper Base listens, Qwen2.5 1.5B answers and Piper En US Joe Medium speaks, all on this computer's "
        "processor."
    )

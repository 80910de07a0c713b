"""Who a caller talks to: what it answers by itself, what it asks the model, and its timers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import inference
from livekit.agents.llm import function_tool

from local_agent.call.assistant import Assistant
from local_agent.call.forget_command import Command, Scope
from local_agent.call.session import Call
from local_agent.call.tools import limits
from local_agent.call.tools.about import About
from local_agent.call.tools.toolkit import NAMES
from local_agent.call.written import Answer, Interview
from local_agent.config.languages.table import facts
from local_agent.config.settings import GREETING, INSTRUCTIONS
from local_agent.config.small_model import EXAMPLES, LanguageModel
from tests.plugins import fakeengines
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, speech, until
from tests.plugins.headless import Caller, calling

pytestmark = pytest.mark.usefixtures("virtual_time")

STARTER = LanguageModel("smollm2-135m-instruct", 134_515_008)
LARGE = LanguageModel("4b.gguf", 4_000_000_000)


def thinks_with(engines: FakeEngines, model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = SimpleNamespace(**{**vars(engines.plan), "language_model": model})
    plan.llama = SimpleNamespace(model=model.name, device="cpu")
    monkeypatch.setattr(FakeEngines, "plan", plan)


def interview(engines: FakeEngines, *questions: str) -> list[Answer]:
    async def check() -> list[Answer]:
        async with Interview(engines.settings, engines.engines) as asking:
            return [await asking.ask(question) for question in questions]

    return run(check())


def shown(asked: Any) -> list[tuple[str, str]]:
    return [(message["role"], message.get("content") or "") for message in asked.messages]


def test_a_sum_is_answered_without_the_model_which_sees_only_what_was_said(engines: FakeEngines) -> None:
    total, other = interview(engines, "What is 17 times 23?", "Is that lucky?")
    assert total.text == "17 times 23 is 391." and not total.fault
    assert total.calls == [("calculate", {"question": "What is 17 times 23?"})]
    assert other.text == "The answer is two." and other.calls == [] and other.words == 4
    (asked,) = engines.mind.asked
    assert shown(asked)[1:] == [
        ("assistant", GREETING),
        ("user", "What is 17 times 23?"),
        ("assistant", "17 times 23 is 391."),
        ("user", "Is that lucky?"),
    ]
    assert not asked.tools


def test_the_starters_conversation_is_what_it_was_before_there_were_functions(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    thinks_with(engines, STARTER, monkeypatch)
    interview(engines, "Is it lucky?")
    (asked,) = engines.mind.asked
    turns = [turn for pair in EXAMPLES for turn in zip(("user", "assistant"), pair, strict=True)]
    assert shown(asked) == [("system", INSTRUCTIONS), *turns, ("assistant", GREETING), ("user", "Is it lucky?")]
    assert not asked.tools and asked.grammar is None


def test_a_large_model_is_told_of_the_functions_and_sees_what_they_said(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    thinks_with(engines, LARGE, monkeypatch)
    interview(engines, "What is 17 times 23?", "Is it lucky?")
    (asked,) = engines.mind.asked
    assert {tool["function"]["name"] for tool in asked.tools} == NAMES
    assert [role for role, _ in shown(asked)] == [
        "system",
        "assistant",
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
    ]


def test_somebodys_own_function_is_the_models_to_call_and_ours_of_that_name_gives_way(engines: FakeEngines) -> None:
    @function_tool
    async def calculate(expression: str) -> str:
        """Work out a sum."""
        return expression

    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = Assistant(engines.settings, About.of(engines.engines))
        told = str(agent.instructions)
        await agent.offer([calculate])
        assert "can't" in told and "can't" not in str(agent.instructions), "it may do more now"
        async with calling(call.session, agent=agent):
            await call.session.generate_reply(user_input="What is 17 times 23?")
        (asked,) = engines.mind.asked
        assert [tool["function"]["name"] for tool in asked.tools] == ["calculate"]
        assert "expression" in asked.tools[0]["function"]["parameters"]["properties"]

    run(check())


def test_what_nobody_here_can_do_or_know_is_said_without_the_model_where_nobody_saw_to_it(engines: FakeEngines) -> None:
    name, call, hello, told = interview(
        engines, "What is my name?", "Please call my mother.", "My name is Anna.", "What is my name?"
    )
    assert (call.text, name.text, told.text) == (limits.CANT, limits.UNSEEN, hello.text), "what was told is the model's"
    engines.settings = engines.settings.model_copy(update={"instructions": "You take calls for my mother."})
    (theirs,) = interview(engines, "Please call my mother.")
    assert theirs.text == hello.text and not theirs.calls


def test_it_is_said_in_the_language_of_the_call_where_that_has_a_table(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"language": "de"})
    call, english, hello = interview(engines, "Ruf bitte meine Mutter an.", "Please call my mother.", "Guten Tag.")
    refusals = facts("de").refusals
    assert refusals is not None and call.text == refusals.cant
    assert english.text == hello.text, "a German call reads no English"


def test_who_speaks_of_themselves_in_the_examples_is_somebody_else(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    thinks_with(engines, STARTER, monkeypatch)
    (name,) = interview(engines, "What is my name?")
    assert name.text == limits.UNSEEN


def test_functions_of_a_class_that_builds_on_it_are_somebodys_own_too(engines: FakeEngines) -> None:
    class House(Assistant):
        @function_tool
        async def switch_light(self, on: bool) -> str:
            """Switch the light."""
            return "done"

        @function_tool
        async def set_timer(self, minutes: int) -> str:
            """Set a timer."""
            return "done"

    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = House(engines.settings, About.of(engines.engines))
        assert "can't" not in str(agent.instructions), "it can do what its functions do"
        assert sorted(tool.id for tool in agent.tools).count("set_timer") == 1
        async with calling(call.session, agent=agent):
            await call.session.generate_reply(user_input="Set a timer for five minutes.")
        (asked,) = engines.mind.asked
        assert {tool["function"]["name"] for tool in asked.tools} == {"switch_light", "set_timer"}

    run(check())


def test_functions_can_be_switched_off(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"tools": False})
    (total,) = interview(engines, "What is 17 times 23?")
    assert (total.text, total.calls) == ("The answer is two.", [])
    assert not engines.mind.asked[0].tools


def test_a_request_that_must_call_or_may_not_is_the_models(engines: FakeEngines) -> None:
    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        async with calling(call.session, agent=Assistant(engines.settings, About.of(engines.engines))):
            await call.session.generate_reply(user_input="What is 17 times 23?", tool_choice="none")
        assert len(engines.mind.asked) == 1

    run(check())


@pytest.fixture
def means(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What tones are understood as, of their words."""
    meant: dict[str, str] = {}
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: meant.get(plain(audio), plain(audio)))
    monkeypatch.setattr(inference, "VAD", lambda **given: LoudnessVad(given["min_silence_duration"]))
    return meant


def hold(engines: FakeEngines, part: Callable[[Caller, Assistant], Any]) -> None:
    """A call in real audio, with no greeting."""
    engines.settings = engines.settings.model_copy(update={"greeting": ""})

    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = Assistant(engines.settings, About.of(engines.engines))
        async with calling(call.session, agent=agent, floor=call.interruptions) as caller:
            await part(caller, agent)

    run(check(), seconds=10_000)


def test_a_timer_is_set_once_and_rings_in_the_call(engines: FakeEngines, means: dict[str, str]) -> None:
    means["one two."] = "Set a timer for one minute."

    async def part(caller: Caller, _: Assistant) -> None:
        caller.say(speech("one two"))
        await caller.answered()
        assert caller.of("assistant") == ["Okay, 1 minute, starting now. I'll tell you if this call still lasts."]
        calls = [item for item in caller.session.history.items if item.type == "function_call"]
        assert [(call.name, json.loads(call.arguments)) for call in calls] == [("set_timer", {"duration": "1 minute"})]
        await asyncio.sleep(65)
        assert caller.of("assistant")[1:] == ["Your 1-minute timer is over."]
        assert engines.mouth.said[-1].text == "Your 1-minute timer is over."
        await asyncio.sleep(120)
        assert len(caller.of("assistant")) == 2

    hold(engines, part)


def test_a_timer_waits_for_the_caller_to_pause(engines: FakeEngines, means: dict[str, str]) -> None:
    async def part(caller: Caller, _: Assistant) -> None:
        await caller.session.generate_reply(user_input="Set a timer for ten seconds")
        speaking: list[str] = []
        caller.session.on("agent_state_changed", lambda event: event.new_state == "speaking" and speaking.append(
            caller.session.user_state))  # fmt: skip
        await asyncio.sleep(9)
        caller.say(speech("one two three four five six seven eight nine ten"))
        await until(lambda: caller.session.user_state == "speaking", "the caller's voice")
        await until(lambda: "Your 10-second timer is over." in caller.of("assistant"), "the timer")
        assert speaking and "speaking" not in speaking

    hold(engines, part)


def test_timers_end_with_the_call_and_with_all_that_was_said(engines: FakeEngines, means: dict[str, str]) -> None:
    async def part(caller: Caller, agent: Assistant) -> None:
        await caller.session.generate_reply(user_input="Set a timer for one minute")
        await agent.memory.obey(Command(Scope.EVERYTHING, True, "en"))
        await asyncio.sleep(120)
        assert not any("over" in said for said in caller.of("assistant"))
        await caller.session.generate_reply(user_input="Set a timer for one minute")
        await caller.session.aclose()
        await asyncio.sleep(120)
        assert not any("over" in said for said in caller.of("assistant"))

    hold(engines, part)


def test_a_german_call_hears_of_its_timer_in_german(engines: FakeEngines, means: dict[str, str]) -> None:
    engines.settings = engines.settings.model_copy(update={"language": "de"})

    async def part(caller: Caller, agent: Assistant) -> None:
        function = next(tool for tool in agent.tools if getattr(tool, "id", "") == "set_timer")
        await function(duration="1 minute")  # type: ignore[operator]  # as a model's call does
        await asyncio.sleep(65)
        assert caller.of("assistant") == ["Der Timer über 1 Minute ist abgelaufen."]

    hold(engines, part)

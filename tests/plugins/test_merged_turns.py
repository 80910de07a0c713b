"""Two parts of one turn, with an answer that came too early between them."""

from __future__ import annotations

import threading

import pytest
from livekit.agents.llm import ChatContext, FunctionCall, FunctionCallOutput, ImageContent

from local_agent.plugins.merged_turns import resumed
from tests.plugins.fakeengines import FakeEngines, run, speech, until
from tests.plugins.headless import calling
from tests.plugins.test_session import session


def talk(*said: tuple[str, str]) -> ChatContext:
    """role and words; the role "cut" is a reply that was interrupted."""
    context = ChatContext.empty()
    for role, words in said:
        name = "assistant" if role == "cut" else role
        context.add_message(role=name, content=words, interrupted=role == "cut")  # type: ignore[arg-type]
    return context


def told(context: ChatContext) -> list[tuple[str, str]]:
    return [(item.role, item.text_content or "") for item in context.items if item.type == "message"]


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ([("user", "a b."), ("assistant", "c"), ("user", "d")], None),
        ([("user", "I want a."), ("user", "coffee.")], [("user", "I want a coffee.")]),
        ([("user", "I want a..."), ("user", "coffee.")], [("user", "I want a coffee.")]),
        ([("user", "I am tired."), ("user", "Are you?")], [("user", "I am tired. Are you?")]),
        ([("user", "Is it?"), ("cut", "Yes, it"), ("user", "Or not?")], [("user", "Is it? Or not?")]),
        ([("user", "a the"), ("cut", ""), ("user", "b"), ("cut", "I"), ("user", "c.")], [("user", "a the b c.")]),
        ([("user", "Who?"), ("cut", "It was a long time"), ("user", "No.")], None),  # heard enough of it to answer
        ([("user", "Who?"), ("assistant", "You."), ("user", "Me?")], None),  # a short reply, but all of it
        ([("cut", "Hello"), ("user", "Hi.")], None),  # the greeting answers nobody
        ([("system", "S"), ("user", "a"), ("assistant", "b")], None),
        ([("user", "a b."), ("cut", "c")], None),  # nobody went on yet
        ([("user", "明日の"), ("user", "天気は？")], [("user", "明日の天気は？")]),
        ([("user", "東京は？"), ("cut", "そうですね、東京は雨です"), ("user", "大阪は？")], None),  # eleven characters
        ([("user", "東京は？"), ("cut", "そうで"), ("user", "いや。")], [("user", "東京は？いや。")]),
    ],
)
def test_parts_of_a_turn_are_one_message(said: list[tuple[str, str]], seen: list[tuple[str, str]] | None) -> None:
    context = talk(*said)
    before = context.to_dict()
    expected = seen if seen is not None else [("assistant" if role == "cut" else role, text) for role, text in said]
    assert told(resumed(context)) == expected
    assert context.to_dict() == before


def test_a_tool_that_ran_stays_between_two_messages() -> None:
    context = talk(("user", "a"))
    context.items.append(FunctionCall(call_id="1", name="f", arguments="{}"))
    context.items.append(FunctionCallOutput(call_id="1", name="f", output="done", is_error=False))
    context.add_message(role="user", content="b")
    assert [item.type for item in resumed(context).items] == [item.type for item in context.items]


def test_pictures_are_kept() -> None:
    context = talk(("user", "look at"))
    context.add_message(role="user", content=[ImageContent(image="data:,"), "this"])
    (message,) = resumed(context).items
    assert message.type == "message" and len(message.content) == 3


def test_who_goes_on_after_an_early_commit_is_answered_once_for_all_of_it(engines: FakeEngines) -> None:
    engines.mind.pieces = tuple(f"This is sentence number {number}. " for number in range(20))

    async def check() -> None:
        async with calling(session(engines, "stt")) as caller:
            engines.mouth.desk.go = threading.Event()  # not a sound of the first answer is heard
            caller.say(speech("one two"))
            await until(lambda: caller.of("user"), "the first part")
            caller.say(speech("three four"))
            await until(lambda: len(caller.of("user")) > 1, "the second part")
            asked = [request.messages[-1] for request in engines.mind.asked]
            assert caller.of("user") == ["one two.", "three four."]
            assert not caller.of("assistant") and not caller.errors
            assert asked[-1] == {"role": "user", "content": "one two. three four."}

    run(check())

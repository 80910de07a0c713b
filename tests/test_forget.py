"""Which words ask to forget, and what is left of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit import rtc
from livekit.agents.llm import ChatContext, ChatItem, ChatMessage, FunctionCall, FunctionCallOutput

from local_agent import forget, memory, message
from local_agent.forget import Command, Scope

LAST, EVERYTHING = Scope.LAST, Scope.EVERYTHING


@pytest.mark.parametrize(
    "text",
    [
        "Forget that.", "forget that", "Okay, forget that please!", "Please forget what I just said.", "FORGET THIS",
        "Could you please forget about that?", "Forget the last question.", "Wait, no, forget what I said.",
        "Forget that last sentence.", "Forget my last message, thanks.", "Just forget that, will you?",
        "Forget what I’ve said.", "Forget that. Thank you.",
    ],
)  # fmt: skip
def test_forget_that(text: str) -> None:
    assert forget.command(text) == Command(LAST, True, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Forget everything.", "Please forget everything I said.", "Can you forget everything we talked about?",
        "Forget this conversation.", "Forget it all.", "Forget all of that, please.", "Forget everything I told you.",
        "Forget the whole conversation.", "Okay. Please forget everything.",
    ],
)  # fmt: skip
def test_forget_everything(text: str) -> None:
    found = forget.command(text)
    assert found is not None and found.scope is EVERYTHING


@pytest.mark.parametrize(
    "text",
    [
        "", "...", "Don't forget that.", "Never forget that!", "Forget it.", "I forget everything these days.",
        "What did I forget?", "Did you forget that I like tea?", "Forget that I asked about the weather.",
        "I can't forget what you said.", "Forget-me-nots are blue.", "How do I forget everything?",
        "She said forget everything", "Do not forget everything we said", "Forget that movie, tell me about another.",
    ],
)  # fmt: skip
def test_what_asks_for_nothing(text: str) -> None:
    assert forget.command(text) is None


def test_after_other_words_that_means_these() -> None:
    assert forget.command("My number is five five one. Forget that.") == Command(LAST, False, "en")
    assert forget.command("I was born in May. Please forget everything!") == Command(EVERYTHING, False, "en")


@pytest.mark.parametrize(
    ("text", "scope", "language"),
    [("Vergiss das bitte.", LAST, "de"), ("Vergiss alles!", EVERYTHING, "de"), ("Oublie ça.", LAST, "fr"),
     ("Oubliez tout, s'il vous plaît.", EVERYTHING, "fr"), ("Olvida eso.", LAST, "es"),
     ("Por favor, olvida todo.", EVERYTHING, "es")],
)  # fmt: skip
def test_other_languages(text: str, scope: Scope, language: str) -> None:
    assert forget.command(text) == Command(scope, True, language)


def test_every_command_is_confirmed_in_its_language() -> None:
    texts = {forget.confirmation(scope, language) for scope in Scope for language in ("en", "de", "fr", "es")}
    assert len(texts) == 8
    assert forget.confirmation(LAST, "fi") == forget.confirmation(LAST)


def said(role: str, text: str) -> ChatMessage:
    return ChatMessage(role=role, content=[text])  # type: ignore[arg-type]


SYSTEM, SHOWN, SHOWN_ANSWER = said("system", "Be brief."), said("user", "Hello."), said("assistant", "Hi.")
OPENING = frozenset({SHOWN.id, SHOWN_ANSWER.id})
BEGUN: list[ChatItem] = [SYSTEM, SHOWN, SHOWN_ANSWER, said("assistant", "How can I help?")]
FIRST: list[ChatItem] = [said("user", "My name is Ann."), said("assistant", "Hello Ann.")]
SECOND: list[ChatItem] = [
    said("user", "What time is it?"),
    FunctionCall(call_id="a", name="clock", arguments="{}"),
    FunctionCallOutput(call_id="a", name="clock", output="noon", is_error=False),
    said("assistant", "Noon."),
]


def test_the_last_exchange_goes_with_its_tools() -> None:
    assert forget.remaining([*BEGUN, *FIRST, *SECOND], LAST, OPENING) == [*BEGUN, *FIRST]
    assert forget.remaining([*BEGUN, *FIRST], LAST, OPENING) == BEGUN


CUT = ChatMessage(role="assistant", content=["Tell me"], interrupted=True)
PARTS: list[ChatItem] = [said("user", "My number is five five one."), CUT, said("user", "You know.")]


@pytest.mark.parametrize("answer", [[], [said("assistant", "I see.")]])
def test_a_message_in_parts_goes_as_a_whole(answer: list[ChatItem]) -> None:
    """It was answered too early and went on: what the model reads as one message is one for the caller, too."""
    items = [*BEGUN, *FIRST, *PARTS, *answer]
    assert forget.remaining(items, LAST, OPENING) == [*BEGUN, *FIRST]
    assert forget.exchanges(PARTS) == 2, "the page shows the reply that was cut off"
    assert forget.exchanges([PARTS[0], PARTS[2]]) == 1


def test_the_message_that_asks_takes_along_what_it_goes_on_from() -> None:
    """ "My number is five five one." "You know. Forget that." """
    assert forget.remaining([*BEGUN, *FIRST, *PARTS[:2]], LAST, OPENING, coming=True) == [*BEGUN, *FIRST]
    assert forget.exchanges(PARTS[:2], coming=True) == 2
    assert forget.remaining([*BEGUN, *FIRST], LAST, OPENING, coming=True) == [*BEGUN, *FIRST]
    assert forget.exchanges([], coming=True) == 1
    assert forget.remaining(BEGUN, LAST, OPENING, coming=True) == BEGUN


def test_with_nothing_said_nothing_goes() -> None:
    assert forget.remaining(BEGUN, LAST, OPENING) == BEGUN


def test_everything_leaves_only_the_beginning() -> None:
    late = said("system", "Be kind.")
    kept = forget.remaining([*BEGUN, *FIRST, late, *SECOND], EVERYTHING, OPENING)
    assert kept == [SYSTEM, SHOWN, SHOWN_ANSWER, late]
    assert ChatContext(items=kept).items == kept


@pytest.mark.parametrize("payload", ["", "all", "LAST", "last ", "everything" * 1000, '{"scope": "last"}', "\x00"])
def test_a_click_names_a_scope_or_is_refused(payload: str) -> None:
    assert memory.scope_of("last") is LAST and memory.scope_of("everything") is EVERYTHING
    with pytest.raises(rtc.RpcError):
        memory.scope_of(payload)


async def pieces(count: int, size: int) -> AsyncIterator[str]:
    for _ in range(count):
        yield "x" * size


@pytest.mark.parametrize(("count", "size", "length"), [(0, 1, 0), (2, 2000, 4000), (3, 2000, None), (1, 10**6, None)])
def test_a_typed_message_is_bounded(count: int, size: int, length: int | None) -> None:
    text = asyncio.run(message.bounded(pieces(count, size)))
    assert (None if text is None else len(text)) == length

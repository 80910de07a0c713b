"""Which words ask to forget, and what is left of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit import rtc
from livekit.agents.llm import ChatContext, ChatItem, ChatMessage, FunctionCall, FunctionCallOutput

from local_agent.call import forget_command, forgetting, typed_input
from local_agent.call.forget_command import Command, Scope

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
    assert forget_command.command(text) == Command(LAST, True, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Forget everything.", "Please forget everything I said.", "Can you forget everything we talked about?",
        "Forget this conversation.", "Forget it all.", "Forget all of that, please.", "Forget everything I told you.",
        "Forget the whole conversation.", "Okay. Please forget everything.",
    ],
)  # fmt: skip
def test_forget_everything(text: str) -> None:
    found = forget_command.command(text)
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
    assert forget_command.command(text) is None


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Erase everything.", EVERYTHING), ("Delete everything.", EVERYTHING), ("Wipe everything, please.", EVERYTHING),
        ("Clear everything.", EVERYTHING), ("Scrap everything.", EVERYTHING), ("Remove everything.", EVERYTHING),
        ("Erase all of it.", EVERYTHING), ("Delete this conversation.", EVERYTHING), ("Wipe it all.", EVERYTHING),
        ("Delete our conversation, please.", EVERYTHING), ("Could you wipe the whole conversation?", EVERYTHING),
        ("Clear the chat history.", EVERYTHING), ("Clear the history.", EVERYTHING), ("Wipe your memory.", EVERYTHING),
        ("Erase everything I told you from your memory.", EVERYTHING), ("Delete all.", EVERYTHING),
        ("I want you to forget everything.", EVERYTHING), ("Forget everything you know about me.", EVERYTHING),
        ("I'd like you to erase all of that.", EVERYTHING), ("Delete what you know about me.", EVERYTHING),
        ("Forget everything and start over.", EVERYTHING), ("Forget all about it.", EVERYTHING),
        ("Forget all that.", EVERYTHING), ("You can delete everything now, thank you.", EVERYTHING),
        ("Make sure you delete everything.", EVERYTHING), ("Please wipe everything we discussed today.", EVERYTHING),
        ("Erase that.", LAST), ("Delete that, please.", LAST), ("Wipe that.", LAST), ("Clear that.", LAST),
        ("Scrap that.", LAST), ("Scrap what I said.", LAST), ("Erase what I just said.", LAST),
        ("Can you delete what I've said?", LAST), ("Delete my last message.", LAST), ("Remove that.", LAST),
        ("I need you to erase that right now.", LAST), ("You should forget that.", LAST), ("Don't store that.", LAST),
        ("Please don't remember that.", LAST), ("Forget I said that.", LAST), ("Forget that I said anything.", LAST),
        ("Forget you heard that.", LAST), ("Go ahead and forget that.", LAST), ("Forget whatever I said.", LAST),
        ("Please delete that from your memory.", LAST), ("Do not save this.", LAST), ("Stop. Forget that.", LAST),
    ],
)  # fmt: skip
def test_other_words_for_it(text: str, scope: Scope) -> None:
    found = forget_command.command(text)
    assert found is not None and found.scope is scope


@pytest.mark.parametrize(
    "text",
    [
        "Please don't forget that.", "Please don't. Forget that.", "Don't. Forget everything.", "Never. Forget that.",
        "Don't you forget that.", "Don't you dare forget that!", "Never forget everything I told you.",
        "I won't forget that.", "I'll never forget this.", "Remember, don't delete that.", "Remember: erase nothing.",
        "Do not erase everything.", "Don't ever delete this conversation.", "No, don't wipe it all.",
        "You must not forget that.", "No need to forget that.", "You don't have to delete that.", "Never erase that.",
        "I would never delete that.", "Please never clear the history.", "We can't just erase everything.",
        "Did you forget everything?", "Did you delete that?", "Have you forgotten what I said?", "Did I forget that?",
        "Why would you erase everything?", "Will you ever forget that?", "How can I delete this conversation?",
        "What happens when you forget everything?", "Do you forget everything?", "Should I delete everything?",
        "Can you forget?", "When do you delete what I said?", "You forget everything.", "I forget everything.",
        "I said forget that show.", "I said. Forget that.", "He told me. Forget everything!", "She said: forget that.",
        "He told me to forget everything.", "My boss said delete that.", "They want to erase everything we know.",
        "I asked him to erase that.", "The song goes forget everything.", "Let's never forget that.",
        "Erase that line from the song.", "Delete the file.", "Clear the table.", "Clear skies, please.",
        "Scrap metal.", "Wipe your feet.", "Forget the milk.", "Forget everything else about Rome, only tell me dates.",
        "Don't remember that.", "I don't remember that.", "I don't keep that.", "Delete it.", "Everything.", "That.",
        "Vergiss das nicht.", "Vergiss nicht alles.", "N'oublie pas ça.", "No olvides eso.", "Nicht. Vergiss das.",
    ],
)  # fmt: skip
def test_negations_questions_and_reports_ask_for_nothing(text: str) -> None:
    assert forget_command.command(text) is None


def test_what_was_said_before_the_pause_counts() -> None:
    """A turn that ended in the midst of a sentence: "Please don't" ... "forget that." """
    assert forget_command.command("Forget that.", before="Please don't") is None
    assert forget_command.command("forget everything.", before="And then she said,") is None
    for other in ("My number is five five one.", "That is not what I said.", "Of course not.", "I like it."):
        assert forget_command.command("Forget that.", before=other) == Command(LAST, True, "en")
        assert forget_command.command(f"{other} Forget that.") == Command(LAST, False, "en")


def test_after_other_words_that_means_these() -> None:
    assert forget_command.command("My number is five five one. Forget that.") == Command(LAST, False, "en")
    assert forget_command.command("I was born in May. Please forget everything!") == Command(EVERYTHING, False, "en")


@pytest.mark.parametrize(
    ("text", "scope", "language"),
    [("Vergiss das bitte.", LAST, "de"), ("Vergiss alles!", EVERYTHING, "de"), ("Oublie ça.", LAST, "fr"),
     ("Oubliez tout, s'il vous plaît.", EVERYTHING, "fr"), ("Olvida eso.", LAST, "es"),
     ("Por favor, olvida todo.", EVERYTHING, "es"), ("Lösch das bitte.", LAST, "de"),
     ("Bitte lösche alles, was ich dir gesagt habe.", EVERYTHING, "de"), ("Vergiss unser Gespräch.", EVERYTHING, "de"),
     ("Kannst du das bitte vergessen?", LAST, "de"), ("Efface tout ce que j'ai dit.", EVERYTHING, "fr"),
     ("Oublie ce que je viens de dire.", LAST, "fr"), ("Borra todo lo que he dicho.", EVERYTHING, "es"),
     ("Bórralo todo.", EVERYTHING, "es"), ("Borra eso, por favor.", LAST, "es")],
)  # fmt: skip
def test_other_languages(text: str, scope: Scope, language: str) -> None:
    assert forget_command.command(text) == Command(scope, True, language)


def test_every_command_is_confirmed_in_its_language() -> None:
    texts = {forget_command.confirmation(scope, language) for scope in Scope for language in ("en", "de", "fr", "es")}
    assert len(texts) == 8
    assert forget_command.confirmation(LAST, "fi") == forget_command.confirmation(LAST)


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
    assert forget_command.remaining([*BEGUN, *FIRST, *SECOND], LAST, OPENING) == [*BEGUN, *FIRST]
    assert forget_command.remaining([*BEGUN, *FIRST], LAST, OPENING) == BEGUN


CUT = ChatMessage(role="assistant", content=["Tell me"], interrupted=True)
PARTS: list[ChatItem] = [said("user", "My number is five five one."), CUT, said("user", "You know.")]


@pytest.mark.parametrize("answer", [[], [said("assistant", "I see.")]])
def test_a_message_in_parts_goes_as_a_whole(answer: list[ChatItem]) -> None:
    """It was answered too early and went on: what the model reads as one message is one for the caller, too."""
    items = [*BEGUN, *FIRST, *PARTS, *answer]
    assert forget_command.remaining(items, LAST, OPENING) == [*BEGUN, *FIRST]
    assert forget_command.exchanges(PARTS) == 2, "the page shows the reply that was cut off"
    assert forget_command.exchanges([PARTS[0], PARTS[2]]) == 1


def test_the_message_that_asks_takes_along_what_it_goes_on_from() -> None:
    """ "My number is five five one." "You know. Forget that." """
    assert forget_command.remaining([*BEGUN, *FIRST, *PARTS[:2]], LAST, OPENING, coming=True) == [*BEGUN, *FIRST]
    assert forget_command.exchanges(PARTS[:2], coming=True) == 2
    assert forget_command.remaining([*BEGUN, *FIRST], LAST, OPENING, coming=True) == [*BEGUN, *FIRST]
    assert forget_command.exchanges([], coming=True) == 1
    assert forget_command.remaining(BEGUN, LAST, OPENING, coming=True) == BEGUN


def test_with_nothing_said_nothing_goes() -> None:
    assert forget_command.remaining(BEGUN, LAST, OPENING) == BEGUN


def test_everything_leaves_only_the_beginning() -> None:
    late = said("system", "Be kind.")
    kept = forget_command.remaining([*BEGUN, *FIRST, late, *SECOND], EVERYTHING, OPENING)
    assert kept == [SYSTEM, SHOWN, SHOWN_ANSWER, late]
    assert ChatContext(items=kept).items == kept


@pytest.mark.parametrize("payload", ["", "all", "LAST", "last ", "everything" * 1000, '{"scope": "last"}', "\x00"])
def test_a_click_names_a_scope_or_is_refused(payload: str) -> None:
    assert forgetting.scope_of("last") is LAST and forgetting.scope_of("everything") is EVERYTHING
    with pytest.raises(rtc.RpcError):
        forgetting.scope_of(payload)


async def pieces(count: int, size: int) -> AsyncIterator[str]:
    for _ in range(count):
        yield "x" * size


@pytest.mark.parametrize(("count", "size", "length"), [(0, 1, 0), (2, 2000, 4000), (3, 2000, None), (1, 10**6, None)])
def test_a_typed_message_is_bounded(count: int, size: int, length: int | None) -> None:
    text = asyncio.run(typed_input.bounded(pieces(count, size)))
    assert (None if text is None else len(text)) == length

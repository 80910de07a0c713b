"""A call in which something is forgotten: out of the history, out of the cache, and never answered."""

from __future__ import annotations

from typing import Any

import pytest

from local_agent.call import forget_command
from local_agent.call.assistant import Assistant
from local_agent.call.forget_command import Command, Scope
from local_agent.call.tools.about import About
from local_agent.config.small_model import LanguageModel
from tests.plugins.fakeengines import FakeEngines, run, silence, speech, until
from tests.plugins.headless import Caller, calling
from tests.plugins.test_session import session

pytestmark = pytest.mark.usefixtures("virtual_time")

SPOKEN_COMMANDS = {"seven eight.": Scope.LAST, "nine ten.": Scope.EVERYTHING}


@pytest.fixture(autouse=True)
def in_tones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fakes' language has no word for it."""
    true = forget_command.command

    def command(text: str, before: str = "") -> Command | None:
        scope = SPOKEN_COMMANDS.get(text)
        return Command(scope, True, "en") if scope else true(text)

    monkeypatch.setattr(forget_command, "command", command)


async def ask(caller: Caller, words: str, count: int) -> None:
    caller.say(speech(words))
    await caller.answered(count)
    await until(lambda: caller.session.current_speech is None, "the end of the reply")


def words_of(items: list[Any]) -> list[str]:
    return [item.text_content for item in items if item.type == "message" and item.role != "system"]


def spoken(engines: FakeEngines) -> list[str]:
    return [said.text for said in engines.mouth.said]


@pytest.mark.parametrize("turns", ["vad", "stt"])
def test_forget_that(engines: FakeEngines, turns: str) -> None:
    engines.settings = engines.settings.model_copy(update={"greeting": ""})
    assistant = Assistant(engines.settings, About(LanguageModel("fake")))

    async def check() -> None:
        live = session(engines, turns)
        async with calling(live, agent=assistant) as caller:
            await ask(caller, "one two", 1)
            await ask(caller, "three four", 2)
            conversation = live.llm.conversation  # type: ignore[union-attr]
            caller.say(speech("seven eight"))
            await until(
                lambda: forget_command.confirmation(Scope.LAST) in " ".join(spoken(engines)), "the confirmation"
            )
            await until(lambda: live.current_speech is None, "the end of the confirmation")
            assert spoken(engines).count("The answer is two.") == 1, "the second answer's voice was kept from the first"
            assert words_of(assistant.chat_ctx.items) == ["one two.", "The answer is two."]
            assert words_of(live.history.items) == ["one two.", "The answer is two."]
            assert conversation in engines.mind.forgotten
            kept = " ".join(map(repr, live._recorded_events))
            assert "three four" not in kept and "seven eight" not in kept, "the library's notes for a report"
            caller.say(speech("five six"))
            await caller.answered(3)
            asked = engines.mind.asked[-1]
            told = [message["content"] for message in asked.messages if message["role"] != "system"]
            assert told == ["one two.", "The answer is two.", "five six."]
            assert asked.conversation != conversation
            assert len(caller.of("assistant")) == 3, "the request to forget was answered"
            assert spoken(engines).count("The answer is two.") == 2, "and is kept no longer"

    run(check())


def test_forget_everything_while_the_agent_speaks(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"greeting": ""})
    engines.mouth.seconds = 0.4
    assistant = Assistant(engines.settings, About(LanguageModel("fake")))

    async def check() -> None:
        live = session(engines, "stt")
        async with calling(live, agent=assistant) as caller:
            caller.say(speech("one two"))
            await until(caller.audible, "the reply")
            caller.say(speech("nine ten"))
            await until(
                lambda: forget_command.confirmation(Scope.EVERYTHING) in " ".join(spoken(engines)), "the confirmation"
            )
            assert words_of(assistant.chat_ctx.items) == [] == words_of(live.history.items)

    run(check())


def test_a_click_forgets_and_tells_the_page(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"greeting": ""})
    assistant = Assistant(engines.settings, About(LanguageModel("fake")))
    told: list[dict[str, int | None]] = []

    async def tell(facts: dict[str, int | None]) -> None:
        told.append(facts)

    async def check() -> None:
        live = session(engines, "stt")
        async with calling(live, agent=assistant) as caller:
            assistant.memory.tell = tell
            await ask(caller, "one two", 1)
            await assistant.memory.click(Scope.LAST)
            assert words_of(assistant.chat_ctx.items) == []
            await assistant.memory.click(Scope.EVERYTHING)
            await assistant.memory.obey(Command(Scope.LAST, False, "en"))
            assert told == [{"exchanges": 1}, {"exchanges": None}, {"exchanges": 1}]
            caller.say(silence(0.1))

    run(check())

"""With `language = auto` a call follows its caller: words, voice, apology and goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from livekit.agents import inference

from local_agent.call.assistant import Assistant
from local_agent.call.farewell import Farewell
from local_agent.call.forget_command import Scope
from local_agent.call.session import Call
from local_agent.call.tools.about import About
from local_agent.config.languages.table import FACTS
from local_agent.engines.whisper.language import Spoken
from tests.plugins import fakeengines
from tests.plugins.fakeengines import FakeEngines, FakePiper, LoudnessVad, run, silence, speech
from tests.plugins.headless import Caller, calling

pytestmark = pytest.mark.usefixtures("virtual_time")

GERMAN, ENGLISH = FACTS["de"].phrases, FACTS["en"].phrases
assert GERMAN is not None and ENGLISH is not None
MEANT = {
    "one two three.": "Erzähl mir bitte etwas.", "three two one.": "Und wie ist das Wetter?", "five.": "Ja.",
    "four five six.": "What about the rain today?", "six six six.": "今何時ですか、教えて。",
}  # fmt: skip


@pytest.fixture
def engines(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> FakeEngines:
    """Whose Whisper writes `MEANT`, in a call that begins without a greeting."""
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: MEANT.get(plain(audio), plain(audio)))
    monkeypatch.setattr(inference, "VAD", lambda **given: LoudnessVad(given["min_silence_duration"]))
    engines.settings = engines.settings.model_copy(update={"greeting": "", "language": "auto", "aware": False})
    return engines


def hold(engines: FakeEngines, part: Callable[[Caller, Call, Assistant], Any]) -> None:
    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = Assistant(engines.settings, About.of(engines.engines))
        call.language.on_change(lambda code: agent.speak(code, voiced=call.tts.voiced))  # as `Call.start` does
        async with calling(call.session, agent=agent, floor=call.interruptions) as caller:
            await part(caller, call, agent)

    run(check(), seconds=10_000)


async def says(caller: Caller, words: str, engines: FakeEngines, *heard: Spoken) -> None:
    engines.ears.detections = [*heard] * 3  # each draft of it asks anew
    caller.say(speech(words))
    await caller.answered(len(caller.of("assistant")) + 1)
    await asyncio.sleep(2)


def spoken(voice: FakePiper) -> str:
    return " ".join(said.text.strip() for said in voice.said)


def test_words_voice_and_apology_change_with_the_caller(engines: FakeEngines) -> None:
    engines.voices["fake-de"] = FakePiper()

    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "one two three", engines, Spoken("de", 0.97, 2.5))
        assert agent.instructions == GERMAN.instructions and call.language.code == agent.language == "de"
        assert engines.mind.asked[-1].messages[0]["content"] == GERMAN.instructions, "the reply to these words knows it"
        assert "answer" in spoken(engines.voices["fake-de"]) and spoken(engines.mouth) == ""
        assert engines.apologies == ["de"]
        await says(caller, "three two one", engines, Spoken("de", 0.95, 2.5))
        await says(caller, "four five six", engines, Spoken("en", 0.99, 3.0))
        assert agent.instructions == ENGLISH.instructions and "answer" in spoken(engines.mouth)

    hold(engines, part)


def test_one_short_word_changes_nothing(engines: FakeEngines) -> None:
    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "five", engines, Spoken("de", 0.99, 0.4))
        assert call.language.code == "en" and agent.instructions == ENGLISH.instructions and not engines.apologies

    hold(engines, part)


def test_where_no_voice_speaks_it_that_is_said_once(engines: FakeEngines) -> None:
    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "one two three", engines, Spoken("de", 0.97, 2.5))
        await says(caller, "three two one", engines, Spoken("de", 0.97, 2.5))
        said = spoken(engines.mouth)
        assert said.count(GERMAN.no_voice) == 1 and caller.of("assistant") == ["The answer is two."] * 2
        assert [text for text in caller.of("assistant") if text == GERMAN.no_voice] == [], "no part of the conversation"
        assert not call.tts.voiced and caller.errors == []

    hold(engines, part)


def test_a_script_that_the_voice_cannot_read_is_answered_in_writing(engines: FakeEngines) -> None:
    engines.mind.pieces = ("三時", "です。")
    engines.mouth.unreadable = True

    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "six six six", engines, Spoken("ja", 0.97, 2.5))
        assert caller.of("assistant") == ["三時です。"] and caller.errors == []
        assert agent.instructions == FACTS["ja"].phrases.instructions  # type: ignore[union-attr]

    hold(engines, part)


def test_what_was_forgotten_with_a_click_and_the_goodbye_are_told_in_its_language(engines: FakeEngines) -> None:
    engines.voices["fake-de"] = FakePiper()

    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "one two three", engines, Spoken("de", 0.97, 2.5))
        caller.say(silence(1))
        await agent.memory.click(Scope.EVERYTHING)
        farewell = Farewell()
        farewell.watch(call.session)
        await farewell.say()
        said = spoken(engines.voices["fake-de"])
        assert "Gut, ich habe alles vergessen." in said and GERMAN.goodbye in said and spoken(engines.mouth) == ""

    hold(engines, part)


def test_a_set_language_is_not_left(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"language": "de"})

    async def part(caller: Caller, call: Call, agent: Assistant) -> None:
        await says(caller, "four five six", engines, Spoken("en", 0.99, 3.0))
        assert agent.instructions == GERMAN.instructions and call.language.code == "de"

    hold(engines, part)

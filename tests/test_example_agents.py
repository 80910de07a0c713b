"""The agents of examples/, loaded as `start --agent` loads them, each in a short conversation over fake engines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from livekit.agents import Agent, AgentSession, inference

from local_agent.audio.local_io import PullAudioOutput, QueueAudioInput
from local_agent.call import agent_file, turn_taking
from local_agent.engines import registry
from tests.conftest import ROOT
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, speech
from tests.plugins.headless import Caller, call

pytestmark = pytest.mark.usefixtures("virtual_time")
EXAMPLES = ROOT / "examples"


class Room:
    """A job and its room, as far as an entrypoint asks; sound goes in and out in memory. handlers: by event or RPC."""

    def __init__(self) -> None:
        self.room = self.local_participant = self
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.session: AgentSession[Any] | None = None

    def is_fake_job(self) -> bool:
        return True

    def on(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers[name] = handler

    register_rpc_method = on


@pytest.fixture
def room(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    made, stock = Room(), AgentSession.start
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    monkeypatch.setattr(inference, "VAD", lambda **given: LoudnessVad(given.get("min_silence_duration", 0.25)))
    monkeypatch.setattr(registry, "shared", lambda: engines)
    monkeypatch.setattr(turn_taking, "get_job_context", lambda required: made)

    async def start(session: AgentSession[Any], agent: Agent, **given: Any) -> Any:
        assert given.pop("room") is made and given.pop("room_options") is not None
        made.session, session.input.audio, session.output.audio = session, QueueAudioInput(), PullAudioOutput()
        return await stock(session, agent, **given)

    monkeypatch.setattr(AgentSession, "start", start)
    yield made


@asynccontextmanager
async def talking(name: str, room: Room) -> AsyncIterator[Caller]:
    found = agent_file.load(EXAMPLES / name)
    assert found.prepare is not None and len((EXAMPLES / name).read_text().splitlines()) < 60
    await found.answer(room)  # type: ignore[arg-type]
    assert room.session is not None
    ear, mouth = room.session.input.audio, room.session.output.audio
    assert isinstance(ear, QueueAudioInput) and isinstance(mouth, PullAudioOutput)
    talk = Caller(room.session, ear, mouth)
    holding = asyncio.create_task(talk.hold())
    try:
        yield talk
        assert talk.audible() and not talk.errors
    finally:
        await room.session.aclose()
        holding.cancel()


def told(engines: FakeEngines) -> str:
    """What the model was told last."""
    return " ".join(str(message.get("content")) for message in engines.mind.asked[-1].messages)


def test_the_clinic_books_and_hands_over(engines: FakeEngines, room: Room) -> None:
    async def check() -> None:
        async with talking("clinic.py", room) as talk:
            await talk.hears("Harbour Street Surgery, good day.")
            engines.mind.script = [call("free_times", day="monday"), "At nine or half past ten."]
            await talk.write("Is anything free on Monday?")
            assert "9:00 or 10:30" in told(engines)
            engines.mind.script = [call("book", day="Monday", time="9:00"), "You are booked."]
            await talk.write("Nine, please.")
            engines.mind.script = [call("book", day="Monday", time="9:00"), "That one is gone."]
            await talk.write("And one for my brother at nine.")
            assert "Monday at 9:00 is not free" in told(engines)
            engines.mind.script = [call("nurse")]
            await talk.write("I feel sick.")
            await talk.hears("You are through to the nurse.")
            engines.mind.script = ["Since when?"]
            await talk.write("My head hurts.")
            await talk.hears("Since when?")
            assert talk.calls == ["free_times", "book", "book", "nurse", "Nurse"]
            assert "You are the nurse" in told(engines) and "I feel sick." in told(engines)
            assert "reception of" not in told(engines)

    run(check())


def test_the_bakery_takes_a_whole_order(engines: FakeEngines, room: Room) -> None:
    async def check() -> None:
        async with talking("order.py", room) as talk:
            await talk.hears("What would you like?")
            engines.mind.script = [call("finished"), "What, then?"]
            await talk.write("Good morning.")
            assert "nothing is ordered yet" in told(engines)
            engines.mind.script = [call("want", item="roll", count=6), "Six rolls."]
            await talk.write("Six rolls, please.")
            engines.mind.script = [call("want", item="pizza", count=1), "We have none."]
            await talk.write("And a pizza.")
            assert "there is no pizza" in told(engines)
            engines.mind.script = [call("want", item="cake", count=1), "And a cake."]
            await talk.write("A cake, then.")
            engines.mind.script = [call("finished")]
            await talk.write("That is all.")
            await talk.hears("That is 6 roll, 1 cake: 24 euros.")
            assert [name for name in talk.calls if name.islower()] == ["finished", "want", "want", "want", "finished"]
            engines.mind.script = ["Goodbye."]
            await talk.write("Thank you.")
            await talk.hears("Goodbye.")
            assert "You say goodbye" in told(engines)

    run(check())


def test_the_quiz_asks_and_counts(engines: FakeEngines, room: Room) -> None:
    engines.mind.pieces = ("See you ", "soon.")

    async def check() -> None:
        async with talking("quiz.py", room) as talk:
            await talk.hears("Welcome to the quiz. How many legs has a spider?")
            talk.say(speech("eight"))
            await talk.hears("That is right. How many strings has a violin?")
            talk.say(speech("the five"))
            await talk.hears("No, it is four. How many days are in a week?")
            talk.say(speech("seven"))
            await talk.hears("That is right. You have 2 of 3.")
            await talk.hears("See you soon.")
            assert "They had 2 of 3 right" in told(engines) and talk.of("assistant")[-1] == "See you soon."

    run(check())


def test_push_to_talk_answers_what_is_said_between_two_signals(engines: FakeEngines, room: Room) -> None:
    async def check() -> None:
        async with talking("push_to_talk.py", room) as talk:
            await talk.hears("Press, talk, and let go.")
            talk.say(speech("six six"))  # nobody pressed
            await asyncio.sleep(1)
            for began, ended in (("begin", "end"), ("track_unmuted", "track_muted")):
                assert room.handlers[began]() == "listening"
                talk.say(speech("one two three"))
                await asyncio.sleep(2)  # a long pause ends no turn
                talk.say(speech("four"))
                await asyncio.sleep(0.5)
                replies = len(talk.of("assistant"))
                assert room.handlers[ended]() == "answering"
                await talk.answered(replies + 1)
            assert talk.of("user") == ["one two three. four."] * 2
            assert room.handlers["end"]() == "answering"  # nobody pressed
            await asyncio.sleep(1)
            assert talk.of("assistant") == ["Press, talk, and let go.", *["The answer is two."] * 2]

    run(check())


def test_the_hotel_speaks_one_field_and_heeds_the_other(engines: FakeEngines, room: Room) -> None:
    async def check() -> None:
        async with talking("structured.py", room) as talk:
            await talk.hears("good evening")
            for mood, speed in (("excited", 1.2), ("calm", 0.85)):
                engines.mind.script = [json.dumps({"reply": f"I am {mood}.", "mood": mood})]
                await talk.write("How are you?")
                assert talk.of("assistant")[-1] == f"I am {mood}."
                assert (engines.mouth.said[-1].text, engines.mouth.said[-1].speed) == (f"I am {mood}.", speed)
            assert "friendly" in told(engines) and engines.mind.asked[-1].grammar

    run(check())

"""Agents in the manner of LiveKit's own examples, in an AgentSession of their own: the three plugins are all that is
ours.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from livekit.agents import (
    Agent,
    AgentFalseInterruptionEvent,
    AgentSession,
    AgentTask,
    ModelSettings,
    RunContext,
    ToolError,
    UserStateChangedEvent,
    function_tool,
    inference,
    llm,
    stt,
    tts,
)
from livekit.agents.beta.workflows import TaskGroup
from pydantic import BaseModel

from local_agent.engines import registry
from local_agent.errors import WeightsMissing
from local_agent.plugins import llama, piper, whisper
from tests.plugins.fakeengines import NOISE, FakeEngines, LoudnessVad, run, speech, tone, until
from tests.plugins.headless import call, calling

SERVER = Path(__file__).parents[1] / "call" / "mcp_server.py"
BY_VOICE: dict[str, Any] = {"turn_detection": "vad", "interruption": {"mode": "vad"}}


def stock(**given: Any) -> AgentSession[Any]:
    ours = {"stt": whisper.STT(), "llm": llama.LLM(), "tts": piper.TTS()}
    theirs = {"vad": LoudnessVad(min_silence=0.3), "turn_handling": BY_VOICE, "aec_warmup_duration": None}
    return AgentSession(**{**ours, **theirs, **given})


@pytest.fixture
def house(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngines]:
    """What plugins find that are given no engines."""
    monkeypatch.setattr(inference, "VAD", lambda **given: LoudnessVad(given.get("min_silence_duration", 0.1)))
    monkeypatch.setattr(registry, "shared", lambda: engines)
    yield engines


def told(house: FakeEngines) -> str:
    """What the model was told last."""
    return " ".join(str(message.get("content")) for message in house.mind.asked[-1].messages)


def offered(house: FakeEngines) -> list[str]:
    """The functions that the model was told about last."""
    return [tool["function"]["name"] for tool in house.mind.asked[-1].tools]


async def basic(house: FakeEngines) -> None:
    class Harbour(Agent):
        async def on_enter(self) -> None:
            self.session.generate_reply(instructions="Greet the skipper.")

        @function_tool
        async def tide(self, context: RunContext[Any], quay: Literal["north", "south"], hours: int = 6) -> Any:
            """When the water is high."""
            return {"quay": quay, "high_in": hours / 2}

    house.mind.script = ["Ahoy."]
    async with calling(stock(), agent=Harbour(instructions="You are a harbour master.")) as caller:
        await caller.hears("Ahoy.")
        assert "harbour master" in told(house) and "Greet the skipper." in told(house)
        caller.say(speech("one two"))
        await caller.hears("The answer is two.")
        assert caller.of("user") == ["one two."] and caller.audible()
        house.mind.script = [call("tide", quay="north"), "In three hours."]
        await caller.write("When is it high?")
        assert caller.calls == ["tide"] and '"high_in": 3.0' in told(house).replace("'", '"')
        assert caller.of("assistant")[-1] == "In three hours." and not caller.errors


async def handoff(house: FakeEngines) -> None:
    class Desk(Agent):
        @function_tool
        async def to_billing(self, context: RunContext[dict[str, str]], name: str) -> tuple[Agent, str]:
            """Hand a caller with a question about a bill over."""
            context.userdata["name"] = name
            return Billing(instructions="You explain bills.", chat_ctx=self.chat_ctx), "The caller is put through."

    class Billing(Agent):
        def __init__(self, **given: Any) -> None:
            super().__init__(tts=piper.TTS(speed=1.3), **given)

        async def on_enter(self) -> None:
            await self.session.generate_reply(instructions=f"Greet {self.session.userdata['name']}.")

    house.mind.script = [call("to_billing", name="Ada"), "Hello Ada, billing here."]
    async with calling(stock(userdata={}), agent=Desk(instructions="You are the front desk.")) as caller:
        await caller.write("This is Ada. My bill is wrong.")
        await caller.hears("Hello Ada, billing here.")
        assert caller.calls == ["to_billing", "Billing"] and house.mouth.said[-1].speed == 1.3
        assert "You explain bills." in told(house) and "My bill is wrong." in told(house)
        house.mind.script = ["It is right."]
        await caller.write("Well?")
        assert caller.of("assistant")[-1] == "It is right." and not caller.errors


async def tasks(house: FakeEngines) -> None:
    class Ask(AgentTask[str]):
        async def on_enter(self) -> None:
            self.session.generate_reply(instructions="Ask.")

        @function_tool
        async def note(self, value: str) -> None:
            """Note what the caller said."""
            if "@" in self.instructions and "@" not in value:
                raise ToolError("that is no address")
            self.complete(value)

    class Register(Agent):
        async def on_enter(self) -> None:
            group = TaskGroup(summarize_chat_ctx=True)
            group.add(lambda: Ask(instructions="Get a name."), id="name", description="The name")
            group.add(lambda: Ask(instructions="Get an address with @."), id="mail", description="The address")
            results = (await group).task_results
            self.session.say(f"Noted: {results['name']}, {results['mail']}.")

    house.mind.script = ["Your name?"]
    async with calling(stock(), agent=Register(instructions="You register people.")) as caller:
        await caller.hears("Your name?")
        house.mind.script = [call("note", value="Ada"), "Your address?"]
        await caller.write("Ada.")
        await caller.hears("Your address?")
        assert "Get an address" in told(house)
        house.mind.script = [call("note", value="ada"), "With an at sign, please."]
        await caller.write("ada")
        assert "that is no address" in told(house) and offered(house) == ["note", "out_of_scope"]
        house.mind.script = [call("note", value="ada@home.example"), "They gave name and address."]
        await caller.write("ada@home.example")
        await caller.hears("Noted: Ada, ada@home.example.")
        assert house.mind.script == [] and caller.calls.count("note") == 3 and not caller.errors


async def raw_tools(house: FakeEngines) -> None:
    given: list[dict[str, object]] = []
    places = {"type": "object", "properties": {"gate": {"type": "integer"}}, "required": ["gate"]}

    @function_tool(raw_schema={"name": "open_gate", "description": "Open a gate.", "parameters": places})
    async def gate(raw_arguments: dict[str, object], context: RunContext[Any]) -> str:
        given.append(raw_arguments)
        return f"gate {raw_arguments['gate']} is open, {context.function_call.name}"

    house.mind.script = [call("open_gate", gate=4), "It is open."]
    async with calling(stock(), agent=Agent(instructions="You guard a park.", tools=[gate])) as caller:
        await caller.write("Open gate four.")
        assert given == [{"gate": 4}] and "gate 4 is open, open_gate" in told(house)
        assert caller.of("assistant") == ["It is open."] and not caller.errors


async def dynamic_tools(house: FakeEngines) -> None:
    class Vault(Agent):
        @function_tool
        async def unlock(self, code: int) -> str:
            """Unlock the vault."""
            await self.update_tools([function_tool(self.take, name="take", description="Take something out.")])
            return "it is unlocked"

        async def take(self, what: str) -> str:
            await self.update_tools([])
            return f"the {what} is out"

    async with calling(stock(), agent=Vault(instructions="You guard a vault.")) as caller:
        house.mind.script = [call("unlock", code=7), "Done."]
        await caller.write("Seven.")
        house.mind.script = [call("take", what="ring"), "Here it is."]
        await caller.write("The ring.")
        assert "the ring is out" in told(house)
        house.mind.script = ["There is no more."]
        await caller.write("And the crown.")
        assert offered(house) == [] and caller.calls == ["unlock", "take"] and not caller.errors


class Feeling(BaseModel):
    mood: Literal["warm", "cool"]
    spoken: str


async def structured_output(house: FakeEngines) -> None:
    class Moody(Agent):
        async def llm_node(
            self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
        ) -> AsyncIterator[llm.ChatChunk]:
            model: Any = self.session.llm
            async with model.chat(chat_ctx=chat_ctx, tools=tools, response_format=Feeling) as stream:
                async for chunk in stream:
                    yield chunk

        async def _spoken(self, text: AsyncIterable[str]) -> AsyncIterator[str]:
            yield Feeling.model_validate_json("".join([piece async for piece in text])).spoken

        def transcription_node(self, text: AsyncIterable[Any], model_settings: ModelSettings) -> Any:
            return Agent.default.transcription_node(self, self._spoken(text), model_settings)

        def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> Any:
            return Agent.default.tts_node(self, self._spoken(text), model_settings)

    house.mind.script = [json.dumps({"mood": "warm", "spoken": "Come in."})]
    async with calling(stock(), agent=Moody(instructions="You keep an inn.")) as caller:
        await caller.write("Good evening.")
        assert [one.text for one in house.mouth.said] == ["Come in."] and house.mind.asked[-1].grammar
        assert caller.of("assistant") == ["Come in."] and not caller.errors


async def node_overrides(house: FakeEngines) -> None:
    class Editor(Agent):
        async def stt_node(self, audio: Any, model_settings: ModelSettings) -> AsyncIterator[Any]:
            async for event in Agent.default.stt_node(self, audio, model_settings):
                for heard in event.alternatives:
                    heard.text = heard.text.replace("one", "won")
                yield event

        async def llm_node(
            self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
        ) -> AsyncIterator[Any]:
            yield "Well: "
            async for chunk in Agent.default.llm_node(self, chat_ctx, tools, model_settings):
                yield chunk

        async def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> AsyncIterator[Any]:
            async def read() -> AsyncIterator[str]:
                async for piece in text:
                    yield piece.replace("two", "a pair")

            async for frame in Agent.default.tts_node(self, read(), model_settings):
                yield frame

    async with calling(stock(), agent=Editor(instructions="You count.")) as caller:
        caller.say(speech("one three"))
        await caller.answered()
        assert caller.of("user") == ["won three."] and "won three." in told(house)
        assert " ".join(one.text for one in house.mouth.said).endswith("The answer is a pair.")
        assert caller.of("assistant") == ["Well: The answer is two."] and caller.audible() and not caller.errors


async def mcp_server(house: FakeEngines, mcp: Any) -> None:
    server = mcp.MCPServerStdio(command=sys.executable, args=[str(SERVER)], client_session_timeout_seconds=30)
    agent = Agent(instructions="You work in a shop.", tools=[mcp.MCPToolset(id="shop", mcp_server=server)])
    house.mind.script = [call("look_up", what="Soap"), "In aisle five."]
    async with calling(stock(), agent=agent) as caller:
        await caller.write("Where is the soap?")
        assert set(offered(house)) == {"look_up", "crash"} and "in aisle 5." in told(house)
        assert caller.of("assistant") == ["In aisle five."] and not caller.errors


async def push_to_talk(house: FakeEngines) -> None:
    manual = {**BY_VOICE, "turn_detection": "manual"}
    async with calling(stock(turn_handling=manual), agent=Agent(instructions="Over.")) as caller:
        caller.session.input.set_audio_enabled(False)
        caller.say(speech("six"))
        await asyncio.sleep(1)
        caller.session.interrupt()
        caller.session.clear_user_turn()
        caller.session.input.set_audio_enabled(True)
        caller.say(speech("one two"))
        await asyncio.sleep(2)
        caller.say(speech("three"))
        await asyncio.sleep(0.4)
        assert caller.of("user") == [] and not house.mouth.said
        caller.session.input.set_audio_enabled(False)
        heard = await caller.session.commit_user_turn(transcript_timeout=10.0, stt_flush_duration=2.0)
        await caller.answered()
        assert heard == "one two. three." and caller.of("user") == [heard] and not caller.errors


async def fallback_adapter(house: FakeEngines) -> None:
    lost = FakeEngines()
    lost.failure = WeightsMissing("no model", fix="python -m local_agent download")
    broken: Any = lost.engines
    session = stock(
        stt=stt.FallbackAdapter([whisper.STT(engines=broken), whisper.STT()]),
        llm=llm.FallbackAdapter([llama.LLM(engines=broken), llama.LLM()]),
        tts=tts.FallbackAdapter([piper.TTS(engines=broken), piper.TTS()]),
    )
    try:
        async with calling(session, agent=Agent(instructions="You count.")) as caller:
            await asyncio.sleep(12)  # until the other ears listen
            caller.say(speech("one three"))
            await caller.hears("The answer is two.")
            assert caller.of("user") == ["one three."] and caller.audible() and not caller.closed
    finally:
        lost.close()


async def say_and_reply_in_on_enter(house: FakeEngines) -> None:
    class Host(Agent):
        async def on_enter(self) -> None:
            async def read() -> AsyncIterator[str]:
                for piece in ("Doors ", "are open."):
                    yield piece

            self.session.say(read(), allow_interruptions=False)
            await self.session.generate_reply(instructions="Ask for the ticket.", tool_choice="none")
            self.session.say("One moment.", add_to_chat_ctx=False)

    house.mind.script = ["Your ticket?"]
    async with calling(stock(), agent=Host(instructions="You check tickets.")) as caller:
        await until(lambda: len(house.mouth.said) >= 3 and caller.session.agent_state == "listening")
        assert [one.text for one in house.mouth.said] == ["Doors are open.", "Your ticket?", "One moment."]
        assert caller.of("assistant") == ["Doors are open.", "Your ticket?"] and not caller.errors


async def user_away(house: FakeEngines) -> None:
    async with calling(stock(user_away_timeout=4.0), agent=Agent(instructions="You wait.")) as caller:
        states: list[str] = []

        def on_state(event: UserStateChangedEvent) -> None:
            states.append(event.new_state)
            if event.new_state == "away":
                caller.session.generate_reply(instructions="Ask whether they are there.")

        caller.session.on("user_state_changed", on_state)
        house.mind.script = ["Are you there?"]
        await caller.hears("Are you there?")
        caller.say(speech("one"))
        await caller.hears("The answer is two.")
        assert states[:3] == ["away", "speaking", "listening"] and not caller.errors


async def false_interruption(house: FakeEngines) -> None:
    house.mind.pieces, house.mouth.seconds = tuple(f"This is sentence {number}. " for number in range(6)), 0.3
    async with calling(stock(), agent=Agent(instructions="You tell stories.")) as caller:
        false: list[AgentFalseInterruptionEvent] = []
        caller.session.on("agent_false_interruption", false.append)
        caller.say(speech("one"))
        await until(caller.audible, "the reply")
        caller.say(tone(NOISE, 0.8))  # no word
        await until(lambda: false, "a false interruption")
        await caller.answered()
        (message,) = [message for message in caller.messages if message.role == "assistant"]
        assert false[0].resumed and not message.interrupted and "sentence 5." in (message.text_content or "")
        assert caller.of("user") == ["one."] and not caller.errors


Case = Callable[[FakeEngines], Coroutine[Any, Any, None]]
CASES: tuple[Case, ...] = (
    basic, handoff, tasks, raw_tools, dynamic_tools, structured_output, node_overrides, push_to_talk, fallback_adapter,
    say_and_reply_in_on_enter, user_away, false_interruption,
)  # fmt: skip


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_an_agent_runs_with_our_plugins_in_their_places(house: FakeEngines, case: Case) -> None:
    run(case(house))


def test_an_agent_with_functions_of_an_mcp_server(house: FakeEngines) -> None:
    """In real time: the server is a process."""
    run(mcp_server(house, pytest.importorskip("livekit.agents.llm.mcp", exc_type=ImportError)))

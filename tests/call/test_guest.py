"""One call for a session, in somebody else's program: what it asks of livekit-agents, and how it talks, whoever's
language model and voice it has.
"""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    APIConnectOptions,
    JobExecutorType,
    inference,
    llm,
    tts,
)
from livekit.agents.voice import room_io
from livekit.agents.voice.agent_session import AgentSession as Stock

import local_agent
from local_agent.audio.samples import SPEECH_RATE
from local_agent.call import guest, turn_taking
from local_agent.call.room_output import Loudspeaker
from local_agent.call.turn_taking import SessionOptions
from local_agent.engines import registry
from local_agent.errors import ConfigError, WeightsMissing
from local_agent.plugins import llama, whisper
from tests.conftest import ROOT
from tests.plugins import fakeengines
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, speech, tone, until
from tests.plugins.headless import calling

pytestmark = pytest.mark.usefixtures("virtual_time")

# Keywords that livekit-agents 1.8.9 calls deprecated, and this.
LEFT_OUT = {
    "self", "preemptive_generation", "min_endpointing_delay", "max_endpointing_delay", "false_interruption_timeout",
    "turn_detection", "discard_audio_if_uninterruptible", "min_interruption_duration", "min_interruption_words",
    "allow_interruptions", "resume_false_interruption", "agent_false_interruption_timeout", "mcp_servers",
    "keyterms_options",
}  # fmt: skip
LONG = tuple(f"This is sentence number {number}. " for number in range(8))


class TheirStream(llm.LLMStream):
    async def _run(self) -> None:
        model: Any = self._llm
        for piece in model.pieces:
            delta = llm.ChoiceDelta(role="assistant", content=piece)
            self._event_ch.send_nowait(llm.ChatChunk(id=uuid.uuid4().hex, delta=delta))


class TheirModel(llm.LLM[Any]):
    """Somebody else's language model, which knows nothing of us."""

    def __init__(self, *pieces: str) -> None:
        super().__init__()
        self.pieces = pieces or ("The ", "answer ", "is ", "two.")
        self.asked: list[str] = []

    def chat(self, *, chat_ctx: llm.ChatContext, tools: Any = None, conn_options: Any = None, **_: Any) -> TheirStream:
        self.asked.append(chat_ctx.messages()[-1].text_content or "")
        return TheirStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options or APIConnectOptions())


class TheirSpeech(tts.ChunkedStream):
    async def _run(self, output: tts.AudioEmitter) -> None:
        output.initialize(request_id="1", sample_rate=24_000, num_channels=1, mime_type="audio/pcm")
        output.push(tone(440, 0.3 * len(self.input_text.split()), 24_000).tobytes())
        output.flush()


class TheirVoice(tts.TTS[Any]):
    """Somebody else's voice: .3 s a word, sentence by sentence."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=24_000, num_channels=1)

    def synthesize(self, text: str, *, conn_options: Any = None) -> TheirSpeech:
        return TheirSpeech(tts=self, input_text=text, conn_options=conn_options or APIConnectOptions())


@pytest.fixture(autouse=True)
def shared(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a session finds when it is given no engines; its detectors listen to loudness."""
    monkeypatch.setattr(inference, "VAD", lambda **given: LoudnessVad(given.get("min_silence_duration", 0.25)))
    monkeypatch.setattr(registry, "shared", lambda: engines)
    yield


def test_nothing_that_it_asks_of_livekit_agents_leads_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """In their development mode, with a key, on a machine that says it is hosted: as `agent.py dev` may find it."""
    for name, value in {
        "DEV_MODE": "1",
        "REMOTE_EOT_URL": "wss://eot.example",
        "API_KEY": "a",
        "API_SECRET": "b",
    }.items():
        monkeypatch.setenv(f"LIVEKIT_{name}", value)
    started: list[dict[str, Any]] = []

    async def note(_: Any, agent: Agent, **given: Any) -> None:
        started.append(given)

    monkeypatch.setattr(AgentSession, "start", note)

    async def check() -> None:
        session = local_agent.session()
        handling = session.options.turn_handling
        assert handling["turn_detection"] == "stt" and handling["interruption"].get("mode") == "vad"
        assert [one.provider for one in (session.stt, session.llm, session.tts)] == ["local_agent"] * 3  # type: ignore[union-attr]
        await session.start(Agent(instructions="Be brief."))
        await session.start(Agent(instructions="Be brief."), record=True, session_host=True)
        assert [(one["record"], one["session_host"]) for one in started] == [(False, False), (True, True)]

        theirs = local_agent.session(stt=SimpleNamespace(label="theirs"))  # type: ignore[typeddict-item]
        detector = theirs.options.turn_handling["turn_detection"]
        assert isinstance(detector, inference.TurnDetector) and detector.model == "turn-detector-v1-mini"
        assert theirs.options.interruption.get("mode") == "vad"
        for role in ("stt", "llm", "tts"):
            with pytest.raises(ConfigError, match="LiveKit's cloud"):
                local_agent.session(**{role: "openai/gpt-4o-mini"})  # type: ignore[arg-type]

    run(check())


def test_every_keyword_of_theirs_goes_before_ours(engines: FakeEngines) -> None:
    known = set(inspect.signature(inspect.unwrap(Stock.__init__)).parameters) - LEFT_OUT
    assert set(get_type_hints(SessionOptions)) == known

    async def check() -> None:
        model, voice, ears = TheirModel(), TheirVoice(), whisper.STT(language="en")
        session = local_agent.session(
            llm=model,
            tts=voice,
            stt=ears,
            userdata={"a": 1},
            max_tool_steps=7,
            user_away_timeout=3.0,
            turn_handling={"interruption": {"enabled": False}, "preemptive_generation": {"preemptive_tts": False}},
        )
        assert (session.llm, session.tts, session.stt) == (model, voice, ears)
        assert (session.userdata, session.options.max_tool_steps) == ({"a": 1}, 7)
        assert session.options.user_away_timeout == 3.0
        assert session.options.interruption["enabled"] is False and session.options.interruption.get("mode") == "vad"
        ahead = session.options.preemptive_generation
        assert (ahead["enabled"], ahead["preemptive_tts"], ahead["max_retries"]) == (True, False, 3)
        assert local_agent.session().options.preemptive_generation["max_retries"] > 3
        assert session.options.turn_handling["turn_detection"] == "stt"
        by_voice = local_agent.session(turn_handling={"turn_detection": "vad"}).options
        assert by_voice.turn_handling["turn_detection"] == "vad" and by_voice.endpointing["min_delay"] > 0
        assert engines.loads == ["llama", "llama"], "a model that nobody uses is not loaded"

    run(check())


@pytest.mark.parametrize("whose", ["ours", "theirs", "a session of theirs"])
def test_a_turn_is_over_when_it_is_over_whoever_answers(engines: FakeEngines, whose: str) -> None:
    model, voice = TheirModel(), TheirVoice()

    async def check() -> None:
        if whose == "ours":
            session: AgentSession[Any] = local_agent.session()
        elif whose == "theirs":
            session = local_agent.session(llm=model, tts=voice)
        else:
            taking = local_agent.TurnTaking()
            session = AgentSession(llm=model, tts=voice, **taking.options(user_away_timeout=None))
            taking.attach(session)
        async with calling(session) as caller:
            caller.say(speech("one two the"))  # "the" ends no sentence
            asked = engines.mind.asked if whose == "ours" else model.asked
            await until(lambda: asked, "a reply that is begun ahead")
            assert caller.of("user") == [] and not caller.audible()
            caller.say(speech("three four"))
            await caller.answered()
            assert caller.of("user") == ["one two the three four."]
            assert caller.of("assistant") == ["The answer is two."] and caller.audible() and not caller.errors
        assert bool(engines.mind.read) == (whose == "ours"), "our model reads along for its own session alone"
        assert bool(engines.mind.forgotten) == (whose == "ours"), "its place in the KV cache is free"

    run(check())


def test_talking_over_their_voice_is_told_from_listening_to_it(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fakeengines.understood
    monkeypatch.setattr(fakeengines, "understood", lambda audio: plain(audio).replace("five.", "Mhm."))
    model = TheirModel("That ", "is ", "so.")

    async def check() -> None:
        taking = local_agent.TurnTaking()
        session = AgentSession[None](llm=model, tts=TheirVoice(), **taking.options())
        taking.attach(session)
        async with calling(session, floor=taking.floor) as caller:
            caller.say(speech("one"))
            await caller.answered()
            model.pieces = LONG
            caller.messages.clear()
            caller.say(speech("one and one"))
            await until(caller.audible, "the reply")
            caller.say(speech("five"))
            await until(lambda: taking.floor.machine.murmurs, "a murmur")
            assert session.agent_state == "speaking" and caller.of("user") == ["one and one."]
            caller.say(speech("three four six seven"))
            await caller.answered()
            (message,) = [message for message in caller.messages if message.role == "assistant"][:1]
            assert message.interrupted and "".join(LONG).startswith(message.text_content or "-")
            await until(lambda: len(caller.of("user")) == 2, "the caller's words")

    run(check())


def test_a_fallback_is_read_along_with_by_the_model_that_it_holds(engines: FakeEngines) -> None:
    async def check() -> None:
        ours = llama.LLM()
        both = llm.FallbackAdapter([ours, TheirModel()])
        async with calling(local_agent.session(llm=both, reader=ours)) as caller:
            caller.say(speech("one and one"))
            await caller.answered()
            assert caller.of("assistant") == ["The answer is two."] and engines.mind.read

    run(check())


class Room:
    """What is asked of one. connected: to a server."""

    def __init__(self, *, connected: bool = True) -> None:
        self.connected, self.published = connected, 0
        self.local_participant = self

    def isconnected(self) -> bool:
        return self.connected

    async def publish_track(self, *_: Any) -> Any:
        self.published += 1

        async def subscribed() -> None:
            """At once."""

        return SimpleNamespace(wait_for_subscription=subscribed)


def test_in_a_room_it_hears_and_speaks_as_our_own_agent_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the options tell of audio themselves, or the session has its own."""

    async def entered(
        options: room_io.RoomOptions | None, **room: Any
    ) -> tuple[AgentSession[Any], room_io.RoomOptions]:
        taking = local_agent.TurnTaking()
        session = AgentSession[None](llm=TheirModel(), tts=TheirVoice(), **taking.options())
        taking.attach(session)
        return session, await taking.enter(Room(**room), options)  # type: ignore[arg-type]

    async def check() -> None:
        session, made = await entered(room_io.RoomOptions(close_on_disconnect=False))
        assert isinstance(session.output.audio, Loudspeaker) and made.audio_output is False
        heard = made.audio_input
        assert isinstance(heard, room_io.AudioInputOptions) and not made.close_on_disconnect
        assert (heard.sample_rate, heard.auto_gain_control) == (SPEECH_RATE, False)
        await session.output.audio.aclose()

        own = room_io.RoomOptions(audio_input=room_io.AudioInputOptions(), audio_output=room_io.AudioOutputOptions())
        none = room_io.RoomOptions(audio_input=False, audio_output=False)
        for options in (own, none):
            session, made = await entered(options)
            assert session.output.audio is None and made == options
        with pytest.raises(ConfigError, match=r"room\.connect"):
            await entered(None, connected=False)

        connected: list[bool] = []

        async def connect() -> None:
            connected.append(True)

        for fake, audio in ((False, Loudspeaker), (True, type(None))):
            room = Room(connected=False)
            job = SimpleNamespace(room=room, connect=connect, is_fake_job=lambda fake=fake: fake)
            monkeypatch.setattr(turn_taking, "get_job_context", lambda required, job=job: job)
            taking = local_agent.TurnTaking()
            session = AgentSession[None](llm=TheirModel(), tts=TheirVoice(), **taking.options())
            taking.attach(session)
            await taking.enter(room)  # type: ignore[arg-type]
            assert isinstance(session.output.audio, audio)
        assert connected == [True], "a console has no room"

    run(check())


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import sys, local_agent\n"
        "assert not {'livekit', 'numpy', 'pydantic', 'asyncio'} & set(sys.modules)\n"
        "print(sorted(set(local_agent.__all__)), local_agent.session.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("] ")[1].strip() == guest.__name__
    with pytest.raises(AttributeError, match="no attribute 'sessions'"):
        local_agent.sessions  # noqa: B018


def test_a_server_keeps_to_this_machine_and_shares_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(guest, "AgentServer", lambda **given: made.append(given) or AgentServer(**given))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    server = local_agent.agent_server(port=0)
    assert server.setup_fnc is local_agent.prewarm
    (given,) = made
    assert given["job_executor_type"] is JobExecutorType.THREAD and given["http_proxy"] is None
    assert (given["host"], given["port"]) == ("127.0.0.1", 0)
    plan = SimpleNamespace(max_calls=4)
    monkeypatch.setattr(registry, "shared", lambda: SimpleNamespace(plan=plan))
    assert given["load_fnc"](SimpleNamespace(active_jobs=[1])) == 0.25 < given["load_threshold"].prod_default
    assert given["load_fnc"](SimpleNamespace(active_jobs=[1] * 4)) > given["load_threshold"].prod_default
    local_agent.agent_server(job_executor_type=JobExecutorType.PROCESS, host="")
    assert (made[1]["job_executor_type"], made[1]["host"]) == (JobExecutorType.PROCESS, "")


def test_models_are_loaded_before_a_caller_waits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="local_agent")
    loaded: list[str] = []
    ours = SimpleNamespace(load=lambda: loaded.append("all"))
    monkeypatch.setattr(registry, "shared", lambda: ours)
    for kind, told in ((JobExecutorType.THREAD, False), (JobExecutorType.PROCESS, True)):
        caplog.clear()
        process: Any = SimpleNamespace(userdata={}, executor_type=kind)
        local_agent.prewarm(process)
        assert process.userdata["local_agent"] is ours
        assert ("MB that no other shares" in caplog.text) is told
    assert loaded == ["all", "all"]

    def missing() -> None:
        raise WeightsMissing("no model", fix="python -m local_agent download")

    monkeypatch.setattr(registry, "shared", lambda: SimpleNamespace(load=missing))
    with pytest.raises(WeightsMissing):
        local_agent.prewarm(process)

"""The plugins with real weights, as anybody's program uses them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import Agent, AgentSession, inference
from livekit.agents.llm import ChatContext, CompletionUsage
from livekit.plugins import silero
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.settings import Settings
from local_agent.engines import registry
from local_agent.engines.llama.sampler import Sampler
from local_agent.engines.registry import Engines
from local_agent.plugins import llama, piper, whisper
from tests.hearing import error_rate
from tests.plugins.fakeengines import run, silence
from tests.plugins.headless import SPOKEN_RATE, calling
from tests.plugins.sttkit import ONCE, Kind, Talk

if TYPE_CHECKING:
    from tests.conftest import Starter

QUESTION = "Can you tell me the name of the biggest city in France?"


@pytest.fixture(scope="module")
def local(starter: Starter) -> Iterator[Engines]:
    """The starter models, loaded once for all tests here."""
    settings = Settings(
        models_dir=starter.whisper.parent, profile="starter", device="cpu", temperature=0, seed=7, max_tokens=24
    )
    made = Engines(settings, guest=True)
    made.load()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def shared(local: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `STT()`, `LLM()` and `TTS()` find when they are given no engines."""
    monkeypatch.setattr(registry, "shared", lambda: local)


async def spoken(text: str) -> NDArray[np.int16]:
    """int16 [samples] at 16 kHz."""
    async with piper.TTS().synthesize(text, conn_options=ONCE) as stream:
        frame = await stream.collect()
    return (whisper.samples(frame) * 32767).astype(np.int16)


async def recognised(samples: NDArray[np.int16], rate: int) -> str:
    frame = rtc.AudioFrame(samples.tobytes(), rate, 1, len(samples))
    return (await whisper.STT().recognize(frame, conn_options=ONCE)).alternatives[0].text


def test_a_streamed_sentence_is_understood() -> None:
    async def check() -> None:
        samples = np.concatenate([silence(0.5), await spoken(QUESTION), silence(1)])
        talk = Talk(whisper.STT().stream(conn_options=ONCE))
        for at in range(0, len(samples), SPEECH_RATE // 50):
            talk.hear(samples[at : at + SPEECH_RATE // 50])
            await asyncio.sleep(0.01)
        await talk.rest()
        await talk.stream.aclose()
        heard = " ".join(talk.texts(Kind.FINAL_TRANSCRIPT))
        assert error_rate([(QUESTION, heard)]) <= 0.2, heard
        assert talk.texts(Kind.FINAL_TRANSCRIPT)[-1] == talk.texts(Kind.PREFLIGHT_TRANSCRIPT)[-1]
        assert talk.kinds[-2:] == [Kind.END_OF_SPEECH, Kind.RECOGNITION_USAGE]

    run(check())


def test_streamed_noise_is_not_understood() -> None:
    async def check() -> None:
        noise = (np.random.default_rng(1).standard_normal(2 * SPEECH_RATE) * 1_500).astype(np.int16)
        talk = Talk(whisper.STT().stream(conn_options=ONCE))
        talk.hear(silence(0.3), noise, silence(0.5))
        await talk.rest()
        await talk.stream.aclose()
        assert set(talk.kinds) <= {Kind.RECOGNITION_USAGE}

    run(check())


def test_speech_can_be_transcribed_back() -> None:
    async def check() -> None:
        text = "The library closes at six on Friday, and it opens again on Monday morning."
        frames = list[rtc.AudioFrame]()
        async with piper.TTS().stream(conn_options=ONCE) as stream:
            for word in text.split(" "):
                stream.push_text(f"{word} ")
            stream.end_input()
            async for event in stream:
                frames.append(event.frame)
        whole = rtc.combine_audio_frames(frames)
        heard = await recognised(np.frombuffer(whole.data, np.int16), whole.sample_rate)
        assert error_rate([(text, heard)]) <= 0.2, heard

    run(check())


def test_a_paragraph_that_is_spoken_whole_is_heard_whole_as_a_recording_and_as_a_stream_of_stereo() -> None:
    text = "Good morning. The train to the coast leaves at nine, and it arrives before noon. Please bring your lunch."

    async def check() -> None:
        async with piper.TTS() as voice, whisper.STT(word_times=True) as ears:
            events = [event async for event in voice.synthesize(text, conn_options=ONCE)]
            assert [event.is_final for event in events] == [False] * (len(events) - 1) + [True]
            whole = rtc.combine_audio_frames([event.frame for event in events])
            assert (whole.sample_rate, whole.num_channels) == (voice.sample_rate, voice.num_channels)
            found = (await ears.recognize([event.frame for event in events])).alternatives[0]
            assert error_rate([(text, found.text)]) <= 0.2, found.text
            stream, heard = ears.stream(conn_options=ONCE), list[Any]()
            pcm = np.concatenate([np.frombuffer(whole.data, np.int16), silence(1, whole.sample_rate)])
            for piece in np.array_split(pcm, len(pcm) // (whole.sample_rate // 100)):
                both = np.repeat(piece, 2).tobytes()
                stream.push_frame(rtc.AudioFrame(both, whole.sample_rate, 2, len(piece)))
                await asyncio.sleep(0.001)
            stream.end_input()
            async for event in stream:
                heard += event.alternatives if event.type == Kind.FINAL_TRANSCRIPT else []
        assert error_rate([(text, " ".join(data.text for data in heard))]) <= 0.2, heard
        for data in (found, *heard):
            assert data.language == "en" and [str(word) for word in data.words] == data.text.split()
            times = [at for word in data.words for at in (word.start_time, word.end_time)]
            assert times == sorted(times) and data.start_time - 0.5 <= times[0] and times[-1] <= data.end_time + 0.5

    run(check())


@pytest.mark.parametrize("text", ["...", "🙂", "***", "!?"])
def test_text_that_cannot_be_spoken_is_a_short_silence(text: str) -> None:
    async def check() -> None:
        async with piper.TTS().stream(conn_options=ONCE) as stream:
            stream.push_text(text)
            stream.end_input()
            events = [event async for event in stream]
        whole = rtc.combine_audio_frames([event.frame for event in events])
        assert 0 < whole.duration < 1 and not np.any(np.frombuffer(whole.data, np.int16))

    run(check())


def test_a_second_turn_reads_only_what_is_new() -> None:
    async def check() -> None:
        model, context = llama.LLM(), ChatContext.empty()
        context.add_message(role="system", content="You are a helpful assistant. Answer in one short sentence.")
        usages: list[CompletionUsage] = []
        for question in ("What is the capital of France?", "And of Italy?"):
            context.add_message(role="user", content=question)
            async with model.chat(chat_ctx=context, conn_options=ONCE) as stream:
                chunks = [chunk async for chunk in stream]
            text = "".join(chunk.delta.content or "" for chunk in chunks if chunk.delta)
            assert text.strip() and len(chunks) > 3
            context.add_message(role="assistant", content=text)
            usages += [chunk.usage for chunk in chunks if chunk.usage]
        first, second = usages
        assert second.prompt_cached_tokens >= first.prompt_tokens - 4 > 0
        assert second.prompt_tokens > second.prompt_cached_tokens
        await model.aclose()

    run(check())


@pytest.mark.parametrize("detection", ["vad", "v1-mini"])
def test_a_stock_session_hears_a_question_and_speaks_an_answer(detection: str) -> None:
    async def check() -> None:
        turns: Any = "vad" if detection == "vad" else inference.TurnDetector(version="v1-mini")
        session = AgentSession[None](
            stt=whisper.STT(),
            llm=llama.LLM(),
            tts=piper.TTS(),
            vad=silero.VAD.load(),
            turn_handling={"turn_detection": turns, "interruption": {"mode": "vad"}},
        )
        question = await spoken(QUESTION)
        async with calling(session) as caller:
            caller.say(question)
            await caller.answered()
            (heard,), (said,) = caller.of("user"), caller.of("assistant")
            assert error_rate([(QUESTION, heard)]) <= 0.2, heard
            assert not caller.errors
            back = await recognised(caller.reply, SPOKEN_RATE)
            assert error_rate([(said, back)]) <= 0.3, (said, back)

    run(check())


def test_an_interruption_stops_the_language_model_within_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine stands still in its sixth token until the session has ended the interrupted reply."""
    written: list[int] = []
    sixth, go_on, whole = threading.Event(), threading.Event(), Sampler.sample

    def write(of: Sampler, row: int) -> int:
        written.append(row)
        if len(written) == 6:
            sixth.set()
            assert go_on.wait(30)
        return whole(of, row)

    async def check() -> None:
        model = llama.LLM()
        session = AgentSession[None](llm=model)
        await session.start(Agent(instructions="You tell long stories."), record=False)
        monkeypatch.setattr(Sampler, "sample", write)
        try:
            speech = session.generate_reply(user_input="Tell me a long story about a river.")
            assert await asyncio.to_thread(sixth.wait, 30)
            await session.interrupt()
            await asyncio.wait_for(speech.wait_for_playout(), 20)
        finally:
            go_on.set()
        engine = await model.engine()
        await asyncio.wrap_future(engine.prefill([{"role": "user", "content": "Hello."}], conversation="another"))
        assert len(written) <= 7
        await session.aclose()

    run(check())

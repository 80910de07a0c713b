"""What LiveKit's tests try with every text to speech, and its wrappers with ours, in our words:

a whole text and a streamed one come as frames of the promised rate, whose last alone is final; a service that does not
answer is an APITimeoutError after `conn_options.timeout`, tried again as often as `max_retry` says, one error event a
try and nothing measured; nothing pushed is nothing said; `StreamAdapter` and `FallbackAdapter` speak through it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APITimeoutError, tokenize, tts
from livekit.agents.metrics import TTSMetrics
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT

from local_agent.errors import ConfigError, EngineError
from local_agent.plugins import piper, piper_stream
from tests.plugins.fakeengines import FakeEngines, FakePiper, run
from tests.plugins.test_tts import ONCE, TEXT, WAYS, loud, plugin, samples, streamed, ways, whole

SOON = APIConnectOptions(max_retry=0, timeout=0.1)
OFTEN = APIConnectOptions(max_retry=3, timeout=0.05, retry_interval=0.0)


@pytest.fixture
def stuck() -> Iterator[FakeEngines]:
    """Engines whose voice stands still in native code."""
    engines, release = FakeEngines(), threading.Event()
    engines.mouth.desk.lane.submit(lambda job: release.wait())
    yield engines
    release.set()
    engines.close()


def listened(voice: piper.TTS) -> tuple[list[tts.TTSError], list[TTSMetrics]]:
    errors, measured = list[tts.TTSError](), list[TTSMetrics]()
    voice.on("error", errors.append)
    voice.on("metrics_collected", measured.append)
    return errors, measured


async def segments(voice: tts.TTS, *texts: str) -> dict[str, list[tts.SynthesizedAudio]]:
    """What becomes of texts with a flush behind each, by segment."""
    found: dict[str, list[tts.SynthesizedAudio]] = {}
    async with voice.stream(conn_options=ONCE) as stream:
        for text in texts:
            for token in text.split(" "):
                stream.push_text(f"{token} ")
            stream.flush()
        stream.end_input()
        async for event in stream:
            found.setdefault(event.segment_id, []).append(event)
    return found


def words(events: list[tts.SynthesizedAudio]) -> list[Any]:
    return [timed for event in events for timed in event.frame.userdata[USERDATA_TIMED_TRANSCRIPT]]


@ways
def test_a_voice_that_does_not_answer_is_a_timeout_as_long_and_often_as_asked(stuck: FakeEngines, way: str) -> None:
    async def check() -> None:
        voice = plugin(stuck)
        errors, measured = listened(voice)
        with pytest.raises(APITimeoutError, match="text to speech"):
            await WAYS[way](voice, TEXT, conn=SOON)
        assert [error.recoverable for error in errors] == [False]
        with pytest.raises(APITimeoutError):
            await WAYS[way](voice, TEXT, conn=OFTEN)
        assert [error.recoverable for error in errors[1:]] == [True, True, True, False]
        assert measured == [] and all(job.stopping for job in stuck.mouth.desk.jobs)

    run(check())


def test_several_flushes_in_one_stream_are_several_segments(engines: FakeEngines) -> None:
    voice = plugin(engines)
    _, measured = listened(voice)
    found = run(segments(voice, "Good morning.", "How are you today? I am fine.", " ", "Good night."))
    assert len(found) == 4
    spoken = ["".join(timed for timed in words(events)).strip() for events in found.values()]
    assert spoken == ["Good morning.", "How are you today? I am fine.", "", "Good night."]
    for events in found.values():
        assert [event.is_final for event in events] == [False] * (len(events) - 1) + [True]
        assert 0 < events[-1].frame.duration < 0.25
        assert all(timed.start_time < samples(events) / voice.sample_rate for timed in words(events))
    assert [loud(events) > 0 for events in found.values()] == [True, True, False, True], (
        "white space is a short silence"
    )
    told = [metrics.characters_count for metrics in measured if metrics.ttfb < 60 and metrics.audio_duration > 0.15]
    assert told == [14, 30, 12] and {metrics.segment_id for metrics in measured} <= set(found)


def test_a_text_of_any_length_is_spoken_whole_and_as_fast_as_it_is_made(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piper_stream, "AHEAD", -1_000.0)  # who waits for listeners waits longer than any test
    text = "the sun rises in the east and sets in the west, " * 60

    async def check() -> rtc.AudioFrame:
        async with plugin(engines).synthesize(text, conn_options=ONCE) as stream:
            return await stream.collect()

    assert run(check()).duration == pytest.approx(0.1 * len(text.split()), abs=0.5)
    assert "".join(clause.text for clause in engines.mouth.said).strip() == text.strip()


def test_options_change_what_comes_next_and_not_what_is_being_said(engines: FakeEngines) -> None:
    german = engines.voices["fake-de"] = FakePiper()
    german.language, german.sample_rate = "de-DE", 16_000
    gate = engines.mouth.desk.go = threading.Event()

    async def check() -> None:
        voice = plugin(engines, speaker=3)
        async with voice.stream(conn_options=ONCE) as stream:
            stream.push_text("Of course I can. The sun ")
            await asyncio.sleep(0.02)
            voice.update_options(language="de-DE", speed=1.5)
            gate.set()
            stream.push_text("rises in the east.")
            stream.end_input()
            before = [event async for event in stream]
        assert {(said.speed, said.speaker) for said in engines.mouth.said} == {(1.0, 3)} and german.said == []
        after = await streamed(voice, "Guten Morgen, wie geht es Ihnen? Mir geht es gut.")
        assert voice.model == "fake-de" and engines.loads[-1] == "piper"
        assert {(said.speed, said.speaker) for said in german.said} == {(1.5, 0)}
        rates = {event.frame.sample_rate for event in [*before, *after]}
        assert rates == {voice.sample_rate} == {22_050}, "another voice is resampled to what was promised"
        assert samples(after) / 22_050 == pytest.approx(1.0, abs=0.05)
        assert int(np.abs(np.frombuffer(after[5].frame.data, np.int16)).max()) > 1_000
        voice.update_options(voice=None, speaker="anna")
        english, another = await asyncio.gather(whole(voice, TEXT), whole(plugin(engines, voice="fake-de"), "Danke."))
        assert engines.mouth.said[-1].speaker == "anna" and german.said[-1].text == "Danke."
        assert english and another

    run(check())


def test_options_that_can_not_be_had_change_nothing(engines: FakeEngines) -> None:
    voice = plugin(engines)
    for wrong in ({"speed": 9.0}, {"language": "fr", "speed": 1.5}, {"language": "xx"}):
        with pytest.raises(ConfigError) as caught:
            voice.update_options(**wrong)  # type: ignore[arg-type]
        assert caught.value.expected and caught.value.fix
    assert (voice.model, voice.speed) == ("fake-piper", engines.settings.speed)


def test_livekits_stream_adapter_speaks_sentence_by_sentence(engines: FakeEngines) -> None:
    async def check() -> None:
        adapter = tts.StreamAdapter(tts=plugin(engines), sentence_tokenizer=tokenize.basic.SentenceTokenizer())
        (events,) = (await segments(adapter, TEXT)).values()
        assert events[-1].is_final and samples(events) / 22_050 == pytest.approx(0.1 * len(TEXT.split()), abs=0.05)
        await adapter.aclose()

    run(check())


@ways
def test_livekits_fallback_adapter_goes_on_with_the_next_voice(
    stuck: FakeEngines, engines: FakeEngines, way: str
) -> None:
    async def check() -> None:
        first, second = plugin(stuck), plugin(engines)
        both = tts.FallbackAdapter([first, second], max_retry_per_tts=0)
        changes: list[Any] = []
        both.on("tts_availability_changed", changes.append)
        conn = APIConnectOptions(max_retry=0, timeout=0.1)
        made = both.synthesize(TEXT, conn_options=conn) if way == "synthesize" else both.stream(conn_options=conn)
        async with made as stream:
            if isinstance(stream, tts.SynthesizeStream):
                stream.push_text(TEXT)
                stream.end_input()
            events = [event async for event in stream]
        assert samples(events) / 22_050 == pytest.approx(0.1 * len(TEXT.split()), abs=0.05)
        assert [(change.tts, change.available) for change in changes] == [(first, False)]
        await both.aclose()

    run(check())


def test_closing_ends_the_streams_and_may_be_done_twice(engines: FakeEngines) -> None:
    engines.mouth.desk.go = threading.Event()

    async def check() -> None:
        before = asyncio.all_tasks()
        async with plugin(engines) as voice:
            stream, chunked = voice.stream(conn_options=ONCE), voice.synthesize(TEXT, conn_options=ONCE)
            stream.push_text(TEXT)
            await asyncio.sleep(0.02)
            await voice.aclose()
            assert [event async for event in chunked] == [] and asyncio.all_tasks() <= before
            await stream.aclose()
        assert all(job.stopping for job in engines.mouth.desk.jobs)

    run(check())


def test_an_engine_that_makes_no_sound_is_an_error(engines: FakeEngines) -> None:
    engines.mouth.seconds = 0.0
    with pytest.raises(APIError, match="no sound") as caught:
        run(whole(plugin(engines), TEXT))
    assert isinstance(caught.value.__cause__, EngineError)

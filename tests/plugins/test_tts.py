"""Text to speech as AgentSession uses it: frames, segments, the first clause early, cancellation, errors."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, tts
from livekit.agents.metrics import TTSMetrics
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT

from local_agent.engines.inference_thread import Urgency
from local_agent.errors import EngineBusy, EngineError, WeightsMissing
from local_agent.plugins import piper, piper_stream
from tests.plugins.fakeengines import FakeEngines, run, until

ONCE = APIConnectOptions(max_retry=0)
AGAIN = APIConnectOptions(max_retry=1, retry_interval=0.0)
TEXT = "Of course I can. The sun rises in the east, and it sets in the west. Good night."


def plugin(engines: FakeEngines, **options: Any) -> piper.TTS:
    return piper.TTS(engines=engines.engines, **options)


async def streamed(voice: piper.TTS, *pieces: str, conn: APIConnectOptions = ONCE) -> list[tts.SynthesizedAudio]:
    async with voice.stream(conn_options=conn) as stream:
        for piece in pieces:
            stream.push_text(piece)
        stream.end_input()
        return [event async for event in stream]


async def whole(voice: piper.TTS, text: str, conn: APIConnectOptions = ONCE) -> list[tts.SynthesizedAudio]:
    async with voice.synthesize(text, conn_options=conn) as stream:
        return [event async for event in stream]


WAYS = {"stream": streamed, "synthesize": whole}
ways = pytest.mark.parametrize("way", WAYS)


def samples(events: list[tts.SynthesizedAudio]) -> int:
    return sum(event.frame.samples_per_channel for event in events)


def loud(events: list[tts.SynthesizedAudio]) -> int:
    """Samples that are not zero."""
    return int(np.count_nonzero(np.frombuffer(rtc.combine_audio_frames([e.frame for e in events]).data, np.int16)))


def said(engines: FakeEngines) -> str:
    return "".join(clause.text for clause in engines.mouth.said)


@ways
def test_frames_have_the_voices_rate_and_together_last_as_long_as_the_speech(engines: FakeEngines, way: str) -> None:
    voice = plugin(engines)
    events = run(WAYS[way](voice, TEXT))
    assert {event.frame.sample_rate for event in events} == {voice.sample_rate} == {22_050}
    assert {event.frame.num_channels for event in events} == {voice.num_channels} == {1}
    assert samples(events) / 22_050 == pytest.approx(0.1 * len(TEXT.split()), abs=0.02)
    assert all(event.frame.duration < 0.25 for event in events)
    assert said(engines) == TEXT


@ways
def test_there_is_one_segment_and_only_its_last_frame_is_final(engines: FakeEngines, way: str) -> None:
    events = run(WAYS[way](plugin(engines), TEXT))
    assert [event.is_final for event in events] == [False] * (len(events) - 1) + [True]
    assert len({event.segment_id for event in events}) == 1
    assert len({event.request_id for event in events}) == 1 and events[0].request_id


def test_speech_does_not_depend_on_how_the_text_is_cut_into_tokens(engines: FakeEngines) -> None:
    async def check() -> None:
        whole_text = await streamed(plugin(engines), TEXT)
        clauses = [clause.text.strip() for clause in engines.mouth.said]
        engines.mouth.said.clear()
        letters = await streamed(plugin(engines), *TEXT)
        assert [clause.text.strip() for clause in engines.mouth.said] == clauses and len(clauses) > 1
        assert samples(letters) == pytest.approx(samples(whole_text), abs=2 * 441)

    run(check())


def test_the_first_clause_is_heard_before_the_text_is_complete(engines: FakeEngines) -> None:
    async def check() -> None:
        async with plugin(engines).stream(conn_options=ONCE) as stream:
            stream.push_text("Of course I can. The sun ")
            first = await anext(stream)
            assert first.frame.samples_per_channel > 0 and said(engines) == "Of course I can. "
            stream.push_text("rises in the east.")
            stream.end_input()
            assert [event async for event in stream][-1].is_final
            assert said(engines) == "Of course I can. The sun rises in the east."

    run(check())


def test_somebody_waits_for_the_first_clause_and_not_for_the_later_ones(engines: FakeEngines) -> None:
    run(streamed(plugin(engines), TEXT))
    urgencies = [clause.urgency for clause in engines.mouth.said]
    assert urgencies == [Urgency.NOW] + [Urgency.SOON] * (len(urgencies) - 1) and len(urgencies) > 1


@pytest.mark.parametrize(("seconds", "soon"), [(0.2, True), (3.0, False)])
def test_the_beginning_of_a_clause_is_wanted_soon_where_little_is_left_to_play(
    engines: FakeEngines, seconds: float, soon: bool
) -> None:
    engines.mouth.seconds = seconds  # of each clause
    run(streamed(plugin(engines), "Yes, it is. The sun rises in the east."))
    assert [clause.soon for clause in engines.mouth.said] == [True, soon]


@ways
def test_each_clause_comes_with_the_time_at_which_it_sounds(engines: FakeEngines, way: str) -> None:
    events = run(WAYS[way](plugin(engines), TEXT))
    told = [(event, words) for event in events for words in event.frame.userdata[USERDATA_TIMED_TRANSCRIPT]]
    assert "".join(words for _, words in told) == TEXT and len(told) > 1
    sounded = 0.0
    for clause, (event, words) in zip(engines.mouth.said, told, strict=True):
        assert words == clause.text and words.start_time == pytest.approx(sounded, abs=0.01)
        sounded += 0.1 * len(words.split())
        assert words.end_time == pytest.approx(sounded, abs=0.01)
        before = samples(events[: events.index(event) + 1]) / 22_050
        assert before <= sounded + 0.01, "the words travel behind the clause that they belong to"


def test_a_flush_says_what_is_there(engines: FakeEngines) -> None:
    async def check() -> None:
        async with plugin(engines).stream(conn_options=ONCE) as stream:
            stream.push_text("one moment please")  # not yet a clause
            await asyncio.sleep(0.05)
            assert engines.mouth.said == []
            stream.flush()
            assert (await anext(stream)).frame.samples_per_channel > 0
            assert said(engines) == "one moment please"

    run(check())


@ways
@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_blank_text_is_silent_and_no_error(engines: FakeEngines, way: str, text: str) -> None:
    voice, errors = plugin(engines), list[tts.TTSError]()
    voice.on("error", errors.append)
    assert run(WAYS[way](voice, text, conn=AGAIN)) == []
    assert errors == [] and engines.mouth.said == []


def test_a_stream_that_is_given_nothing_ends(engines: FakeEngines) -> None:
    assert run(streamed(plugin(engines))) == []


@ways
@pytest.mark.parametrize("text", ["...", "🙂🎉", "—", "**"])
def test_text_that_cannot_be_spoken_is_a_short_silence_and_no_retry(engines: FakeEngines, way: str, text: str) -> None:
    voice, errors = plugin(engines), list[tts.TTSError]()
    voice.on("error", errors.append)
    events = run(WAYS[way](voice, text, conn=AGAIN))
    assert samples(events) > 0 and loud(events) == 0 and events[-1].is_final
    assert errors == [] and len(engines.mouth.said) == 1


def test_closing_the_stream_stops_the_engine_between_two_clauses(engines: FakeEngines) -> None:
    gate = engines.mouth.desk.go = threading.Event()
    gate.set()

    async def check() -> None:
        before = asyncio.all_tasks()
        stream = plugin(engines).stream(conn_options=ONCE)
        stream.push_text("Of course I can. The ")
        await anext(stream)
        gate.clear()
        stream.push_text("sun rises in the east. It sets in the west. Good night. And so on.")
        stream.end_input()
        await until(lambda: engines.mouth.desk.entered == 2)
        threads = set(threading.enumerate())
        await stream.aclose()
        assert engines.mouth.desk.jobs[1].stopping
        await until(engines.mouth.desk.jobs[1].done)
        gate.set()
        assert len(engines.mouth.said) == 2  # no third clause was ever asked for
        assert asyncio.all_tasks() <= before and set(threading.enumerate()) <= threads

    run(check())


def test_closing_whole_speech_stops_the_engine(engines: FakeEngines) -> None:
    engines.mouth.desk.go = threading.Event()

    async def check() -> None:
        stream = plugin(engines).synthesize(TEXT, conn_options=ONCE)
        await until(lambda: engines.mouth.desk.entered)
        await stream.aclose()
        assert engines.mouth.desk.jobs[0].stopping and len(engines.mouth.said) == 1

    run(check())


@ways
def test_an_error_before_any_audio_is_retried_with_the_same_text(engines: FakeEngines, way: str) -> None:
    engines.mouth.desk.failures = [EngineBusy("busy")]
    voice, errors = plugin(engines), list[tts.TTSError]()
    voice.on("error", errors.append)
    events = run(WAYS[way](voice, TEXT, conn=AGAIN))
    assert samples(events) / 22_050 == pytest.approx(0.1 * len(TEXT.split()), abs=0.02)
    assert [error.recoverable for error in errors] == [True]


def test_an_error_after_audio_is_an_api_error_and_not_retried(engines: FakeEngines) -> None:
    engines.mouth.desk.failures = [None, EngineBusy("busy")]
    voice, errors, heard = plugin(engines), list[tts.TTSError](), list[tts.SynthesizedAudio]()
    voice.on("error", errors.append)

    async def check() -> None:
        async with voice.stream(conn_options=AGAIN) as stream:
            stream.push_text(TEXT)
            stream.end_input()
            with pytest.raises(APIError, match="text to speech: busy"):
                async for event in stream:
                    heard.append(event)

    run(check())
    assert heard and len(engines.mouth.said) == 2
    assert [error.recoverable for error in errors] == [False]


@ways
@pytest.mark.parametrize("where", ["engine", "cutter", "loading"])
def test_any_odd_exception_becomes_an_api_error(
    engines: FakeEngines, way: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = plugin(engines)
    if where == "engine":
        engines.mouth.desk.failures = [MemoryError("odd")]
    elif where == "cutter":
        monkeypatch.setattr(piper_stream.ClauseCutter, "push", lambda *_: 1 / 0)
    else:
        engines.failure = WeightsMissing("odd: no voice")
    with pytest.raises(APIError, match=r"odd|division") as caught:
        run(WAYS[way](voice, TEXT, conn=AGAIN))
    assert not caught.value.retryable


@ways
def test_a_voice_that_never_answers_is_given_up(way: str) -> None:
    engines = FakeEngines(engine_timeout=0.1)
    release = threading.Event()
    engines.mouth.desk.lane.submit(lambda job: release.wait())  # as if native code hung
    with pytest.raises(APIError, match="longer than"):
        run(WAYS[way](plugin(engines), TEXT))
    assert engines.mouth.desk.jobs[0].stopping
    release.set()
    engines.close()


def test_a_voice_that_is_closed_is_an_error_for_new_speech(engines: FakeEngines) -> None:
    engines.close()
    with pytest.raises(APIError, match="closed") as caught:
        run(streamed(plugin(engines), TEXT))
    assert not caught.value.retryable


@ways
def test_speech_is_measured(engines: FakeEngines, way: str) -> None:
    voice, measured = plugin(engines), list[TTSMetrics]()
    voice.on("metrics_collected", measured.append)
    events = run(WAYS[way](voice, TEXT))
    (metrics,) = measured
    assert metrics.streamed == (way == "stream") and metrics.characters_count == len(TEXT)
    assert 0 <= metrics.ttfb <= metrics.duration and not metrics.cancelled
    assert metrics.audio_duration == pytest.approx(samples(events) / 22_050)
    assert metrics.request_id == events[0].request_id
    assert metrics.metadata is not None
    assert (metrics.metadata.model_name, metrics.metadata.model_provider) == ("fake-piper", "local_agent")


def test_no_more_is_synthesised_ahead_than_an_interruption_may_throw_away(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piper_stream, "AHEAD", 0.3)
    sentence = "One two three four five. "  # half a second
    run(streamed(plugin(engines), sentence * 4))
    (began, _), *later = engines.mouth.made
    assert len(later) == 3
    for at, seconds in later:
        assert seconds - (at - began) <= 0.3 + 0.02


def test_two_streams_at_once_say_their_own_text(engines: FakeEngines) -> None:
    async def check() -> None:
        voice = plugin(engines)
        long, short = await asyncio.gather(streamed(voice, TEXT), streamed(voice, "Good morning to you."))
        assert samples(long) / 22_050 == pytest.approx(0.1 * len(TEXT.split()), abs=0.02)
        assert samples(short) / 22_050 == pytest.approx(0.4, abs=0.02)
        assert long[-1].is_final and short[-1].is_final
        assert {event.segment_id for event in long}.isdisjoint({event.segment_id for event in short})

    run(check())


def test_speed_and_speaker_reach_the_engine(engines: FakeEngines) -> None:
    run(streamed(plugin(engines, speed=1.5, speaker="anna"), "Good morning."))
    run(whole(plugin(engines), "Good morning."))
    first, second = engines.mouth.said
    assert (first.speed, first.speaker) == (1.5, "anna")
    assert (second.speed, second.speaker) == (engines.settings.speed, engines.settings.speaker)


def test_prewarming_starts_to_load_and_the_plugin_says_that_it_streams(engines: FakeEngines) -> None:
    voice = plugin(engines)
    voice.prewarm()
    assert engines.loads == ["piper"] and voice.capabilities.streaming
    assert (voice.model, voice.provider) == ("fake-piper", "local_agent")


def test_a_failed_speech_does_not_harm_the_next_one(engines: FakeEngines) -> None:
    engines.mouth.desk.failures = [EngineError("broken")]

    async def check() -> None:
        voice = plugin(engines)
        with pytest.raises(APIError, match="broken"):
            await streamed(voice, TEXT)
        assert (await streamed(voice, "Good morning."))[-1].is_final

    run(check())

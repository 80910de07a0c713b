"""Speech to text when engines fail, hang or are closed, and when nobody listens any more."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIError, stt

from local_agent.errors import EngineBusy, EngineError, WeightsMissing
from tests.plugins.fakeengines import FakeEngines, LoudnessVad, run, silence, speech, until
from tests.plugins.sttkit import AGAIN, ONCE, PATIENT, Kind, Talk, plugin, talking


def test_an_engine_that_fails_once_gets_the_same_audio_again(engines: FakeEngines) -> None:
    engines.ears.desk.failures = [EngineBusy("too many calls")]

    async def check() -> None:
        errors: list[stt.STTError] = []
        heard_by = plugin(engines)
        heard_by.on("error", errors.append)
        async with talking(heard_by) as talk:
            talk.hear(speech("one two"), silence(1))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."] and errors == []
            first, second = engines.ears.heard
            assert np.array_equal(first, second)

    run(check())


def test_the_last_words_get_a_second_try_too(engines: FakeEngines) -> None:
    engines.ears.desk.failures = [EngineBusy("too many calls")]

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]

    run(check())


def test_an_engine_that_fails_twice_is_a_retryable_error_after_which_the_stream_goes_on(engines: FakeEngines) -> None:
    engines.ears.desk.failures = [EngineBusy("busy"), EngineBusy("busy"), EngineBusy("busy")]

    async def check() -> None:
        errors: list[stt.STTError] = []
        heard_by = plugin(engines)
        heard_by.on("error", errors.append)
        async with talking(heard_by, conn=AGAIN) as talk:
            talk.hear(speech("one two"), silence(1))
            await until(lambda: errors)
            assert errors[0].recoverable
            fault = errors[0].error
            assert isinstance(fault, APIError) and fault.retryable and "speech to text" in str(fault)
            talk.hear(silence(0.5), speech("three four"), silence(1))  # fails once more, and is tried again
            await talk.until(Kind.FINAL_TRANSCRIPT)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["three four."] and len(errors) == 1

    run(check())


def test_a_failure_that_no_second_try_would_mend_is_not_retryable(engines: FakeEngines) -> None:
    engines.ears.desk.failures = [EngineError("broken"), EngineError("broken")]

    async def check() -> None:
        async with talking(plugin(engines), conn=AGAIN) as talk:
            talk.hear(speech("one two"), silence(1))
            with pytest.raises(APIError, match="broken") as caught:
                await talk.reading
            assert not caught.value.retryable

    run(check())


def test_retries_end_with_an_error_for_whoever_reads(engines: FakeEngines) -> None:
    engines.failure = EngineBusy("still loading")

    async def check() -> None:
        async with talking(plugin(engines), conn=AGAIN) as talk:
            with pytest.raises(APIConnectionError):
                await talk.reading

    run(check())


def test_a_session_that_was_told_of_speech_is_told_of_its_end_when_the_engine_fails(engines: FakeEngines) -> None:
    engines.ears.desk.failures = [None, EngineError("broken"), EngineError("broken")]

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"), silence(0.2))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            talk.hear(speech("three four"), silence(1))
            with pytest.raises(APIError):
                await talk.reading
            assert talk.kinds == [Kind.START_OF_SPEECH, Kind.PREFLIGHT_TRANSCRIPT, Kind.END_OF_SPEECH]

    run(check())


@pytest.mark.parametrize("where", ["engine", "detector", "loading"])
def test_any_odd_exception_becomes_an_api_error(engines: FakeEngines, where: str) -> None:
    """Whatever else a stream raises leaves the session open but deaf."""
    detector = LoudnessVad()
    if where == "engine":
        engines.ears.desk.failures = [MemoryError("odd"), MemoryError("odd")]
    elif where == "detector":
        detector.failure = ZeroDivisionError("odd")
    else:
        engines.failure = WeightsMissing("odd: no model.bin")

    async def check() -> None:
        async with talking(plugin(engines, vad=detector)) as talk:
            talk.hear(speech("one two"), silence(1))
            with pytest.raises(APIError, match="odd") as caught:
                await talk.reading
            assert not caught.value.retryable

    run(check())


def test_an_engine_that_is_closed_meanwhile_is_an_error_and_not_silence(engines: FakeEngines) -> None:
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        async with talking(plugin(engines)) as talk, talking(plugin(engines)) as other:
            talk.hear(speech("one two"), silence(1))
            await until(lambda: engines.ears.desk.entered)
            other.hear(speech("three"), silence(1))
            await until(lambda: len(engines.ears.desk.jobs) == 2)
            engines.ears.desk.lane.close(0.0)  # the second job still waits in the queue, and is cancelled there
            with pytest.raises(APIError):
                await other.reading

    run(check())


def test_transcription_that_never_ends_is_given_up() -> None:
    engines = FakeEngines(engine_timeout=0.1)
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(speech("one two"), silence(1))
            with pytest.raises(APIError, match=r"not done|longer than") as caught:
                await talk.reading
            assert caught.value.retryable

    run(check())
    engines.close()


def test_a_draft_that_is_too_slow_twice_is_told_and_the_next_words_are_heard() -> None:
    engines = FakeEngines(engine_timeout=0.2)
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        errors: list[stt.STTError] = []
        heard_by = plugin(engines, commits_turns=True)
        heard_by.on("error", errors.append)
        async with talking(heard_by, conn=AGAIN) as talk:
            for count in (1, 2, 3):  # as often as it may happen: no number of them ends the stream
                talk.hear(speech("one two"), silence(1))
                await until(lambda count=count: len(errors) == count)  # type: ignore[misc]
            assert all(error.recoverable and error.type == "stt_error" for error in errors)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == []
            assert engines.ears.desk.go is not None
            engines.ears.desk.go.set()
            talk.hear(silence(0.5), speech("three four"), silence(1))
            await talk.until(Kind.FINAL_TRANSCRIPT)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["three four."]

    run(check())
    engines.close()


def test_a_detector_that_falls_silent_is_an_error() -> None:
    engines = FakeEngines(engine_timeout=0.3)
    detector = LoudnessVad()

    async def check() -> None:
        async with talking(plugin(engines, vad=detector)) as talk:
            talk.hear(silence(0.5))
            await talk.settle()
            detector.stuck = True
            talk.hear(speech("one two"), silence(2))
            with pytest.raises(APIError, match="voice detector"):
                await talk.reading

    run(check())
    engines.close()


def test_closing_the_stream_stops_the_engine_and_leaves_no_task_or_thread(engines: FakeEngines) -> None:
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        before = asyncio.all_tasks()
        talk = Talk(plugin(engines).stream(conn_options=ONCE))
        talk.hear(speech("one two"), silence(0.3))
        await until(lambda: engines.ears.desk.entered)
        threads = set(threading.enumerate())
        await talk.stream.aclose()
        await until(talk.reading.done)
        assert engines.ears.desk.jobs[0].stopping
        await until(engines.ears.desk.jobs[0].done)
        assert asyncio.all_tasks() <= before
        assert set(threading.enumerate()) <= threads

    run(check())


@pytest.mark.parametrize("moment", range(12))
def test_a_message_that_comes_together_with_the_closing_does_not_swallow_it(engines: FakeEngines, moment: int) -> None:
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        talk = Talk(plugin(engines).stream(conn_options=ONCE))
        talk.hear(speech("one"), silence(0.3))
        await until(lambda: engines.ears.desk.entered)
        await asyncio.sleep(0.01)
        talk.stream.flush()
        for _ in range(moment):
            await asyncio.sleep(0)
        closing = asyncio.create_task(talk.stream.aclose())
        await until(closing.done)
        await until(talk.reading.done)

    run(check())

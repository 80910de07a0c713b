"""What LiveKit's tests try with every speech to text, and its wrappers with ours, in our words:

a recording is recognised and a stream of it heard with few errors, in whatever rate and channels it comes, each start
of speech with its end and each final with a language; an input that ends without sound ends the stream; an engine that
does not answer is an APITimeoutError in time, tried as often as `max_retry` says; `StreamAdapter` and `FallbackAdapter`
hear through it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APITimeoutError, stt, vad
from livekit.agents.metrics import STTMetrics
from numpy.typing import NDArray

from local_agent.errors import ConfigError
from tests.plugins.fakeengines import FakeEngines, run, silence, speech, until
from tests.plugins.sttkit import ONCE, PATIENT, STEADY, Kind, Talk, plugin, talking
from tests.plugins.test_stt_batch import BUFFERS

SOON = APIConnectOptions(max_retry=0, timeout=0.1)
OFTEN = APIConnectOptions(max_retry=2, timeout=0.05, retry_interval=0.0)


class WholeVad(vad.VAD):
    """Takes all of its input for one utterance, of which it keeps the sound."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.03))

    def stream(self) -> vad.VADStream:
        return _WholeStream(self)


class _WholeStream(vad.VADStream):
    async def _main_task(self) -> None:
        frames = [item async for item in self._input_ch if isinstance(item, rtc.AudioFrame)]
        for kind in (vad.VADEventType.START_OF_SPEECH, vad.VADEventType.END_OF_SPEECH):
            self._event_ch.send_nowait(vad.VADEvent(kind, 0, 0.0, 0.0, 0.0, frames=frames))


@pytest.fixture
def stuck() -> Iterator[FakeEngines]:
    """Engines whose Whisper stands still in native code."""
    engines, release = FakeEngines(), threading.Event()
    engines.ears.desk.lane.submit(lambda job: release.wait())
    yield engines
    release.set()
    engines.close()


def test_an_engine_that_does_not_answer_is_a_timeout_as_long_and_often_as_asked(stuck: FakeEngines) -> None:
    async def check() -> None:
        heard_by, errors, measured = plugin(stuck), list[stt.STTError](), list[STTMetrics]()
        heard_by.on("error", errors.append)
        heard_by.on("metrics_collected", measured.append)
        with pytest.raises(APITimeoutError, match="speech to text"):
            await heard_by.recognize(BUFFERS["mono"], conn_options=SOON)
        with pytest.raises(APIConnectionError) as caught:
            await heard_by.recognize(BUFFERS["mono"], conn_options=OFTEN)
        assert isinstance(caught.value.__cause__, APITimeoutError)
        assert [error.recoverable for error in errors] == [False, True, True, False] and measured == []
        async with talking(heard_by, conn=SOON) as talk:
            talk.hear(speech("one two"), silence(1))
            with pytest.raises(APITimeoutError):
                await talk.reading
        assert measured == [] and all(job.stopping for job in stuck.ears.desk.jobs)

    run(check())


def test_more_failures_in_a_row_than_retries_end_a_stream_that_commits_no_turns(stuck: FakeEngines) -> None:
    async def check() -> None:
        heard_by, errors = plugin(stuck), list[stt.STTError]()
        heard_by.on("error", errors.append)
        async with talking(heard_by, conn=OFTEN) as talk:
            for count in (1, 2, 3):
                talk.hear(speech("one two"), silence(1))
                await until(lambda count=count: len(errors) == count)  # type: ignore[misc]
            with pytest.raises(APITimeoutError):
                await talk.reading
        assert [error.recoverable for error in errors] == [True, True, False]

    run(check())


@pytest.mark.parametrize("empty", [[], rtc.AudioFrame(b"", 16_000, 1, 0)], ids=["no frame", "no samples"])
def test_a_recording_of_nothing_is_an_error_that_no_retry_mends(engines: FakeEngines, empty: Any) -> None:
    with pytest.raises(APIError, match="no audio to recognise") as caught:
        run(plugin(engines).recognize(empty))
    assert not caught.value.retryable and engines.ears.heard == []


def test_an_input_that_ends_without_sound_ends_the_stream_and_closing_may_be_done_twice(engines: FakeEngines) -> None:
    async def check() -> None:
        async with plugin(engines) as heard_by:
            talk = Talk(heard_by.stream(conn_options=ONCE))
            await talk.rest()
            assert talk.events == []
            speaking = Talk(heard_by.stream(conn_options=ONCE))
            speaking.hear(speech("one two"))
            await heard_by.aclose()
            await until(speaking.reading.done)
            await speaking.stream.aclose()
            with pytest.raises(RuntimeError):
                talk.stream.push_frame(rtc.AudioFrame.create(16_000, 1, 160))

    run(check())


def test_a_stream_takes_stereo_in_any_rate(engines: FakeEngines) -> None:
    async def check() -> None:
        for rate in (16_000, 44_100, 48_000):
            async with talking(plugin(engines)) as talk:
                heard = np.concatenate([silence(0.3, rate), speech("one two the and", rate), silence(1, rate)])
                for piece in np.array_split(heard, len(heard) // 480):
                    both = np.repeat(piece, 2).tobytes()
                    talk.stream.push_frame(rtc.AudioFrame(both, rate, 2, len(piece)))
                await talk.rest()
                assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two the and."], rate

    run(check())


def test_options_change_open_streams_from_the_next_transcript_on(engines: FakeEngines) -> None:
    async def check() -> None:
        heard_by = plugin(engines, PATIENT, language="en", keyterms=["Anna"])
        async with talking(heard_by) as talk:
            talk.hear(speech("one two"), silence(0.2))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            heard_by.update_options(language="de-DE", endpointing=STEADY, vocabulary="Berta, Carla")
            talk.hear(silence(0.5))  # the wait of before is longer
            await talk.until(Kind.FINAL_TRANSCRIPT)
            talk.hear(speech("three"), silence(1))
            await talk.until(Kind.FINAL_TRANSCRIPT, 2)
            heard_by.update_options(detect_language=True, prompt="Dora")
            talk.hear(speech("four"), silence(1))
            await talk.until(Kind.FINAL_TRANSCRIPT, 3)
            heard_by.update_options(detect_language=False)
            await talk.rest()
        assert engines.ears.languages == ["en", "de", None]
        assert [list(words) for words in engines.ears.vocabularies] == [["Anna"], ["Berta", "Carla"], ["Dora"]]
        assert heard_by.language == "en"
        for wrong in ({"language": "xx"}, {"vocabulary": 5}):
            with pytest.raises(ConfigError):
                heard_by.update_options(endpointing=PATIENT, **wrong)  # type: ignore[arg-type]
        assert heard_by.vocabulary == ("Dora",)

    run(check())


def test_a_sessions_keyterms_are_heard_beside_the_plugins_own(engines: FakeEngines) -> None:
    async def check() -> None:
        heard_by = plugin(engines, vocabulary=["Anna"])
        assert heard_by.capabilities.keyterms
        heard_by._update_session_keyterms(["Berta", "Anna"])
        await heard_by.recognize(BUFFERS["mono"], conn_options=ONCE)
        assert list(engines.ears.vocabularies[-1]) == ["Anna", "Berta"]

    run(check())


def test_words_have_times_where_they_are_asked_for(engines: FakeEngines) -> None:
    async def check() -> None:
        heard_by = plugin(engines, word_times=True)
        assert heard_by.capabilities.aligned_transcript == "word"
        async with talking(heard_by) as talk:
            talk.stream.start_time_offset = 100.0
            for words in ("one two", "three"):
                talk.hear(silence(0.5), speech(words), silence(1))
                await talk.until(Kind.RECOGNITION_USAGE, len(talk.of(Kind.RECOGNITION_USAGE)) + 1)
        one, two, three = (
            word for event in talk.of(Kind.FINAL_TRANSCRIPT) for word in event.alternatives[0].words or ()
        )
        assert (one, two, three) == ("one", "two", "three")
        assert [one.start_time, one.end_time, two.start_time] == pytest.approx([100.5, 100.74, 100.8], abs=0.02)
        assert [three.start_time, three.start_time_offset] == pytest.approx([102.54, 100.0], abs=0.02)
        recording = await plugin(engines).recognize(BUFFERS["mono"], conn_options=ONCE)
        first, second, *_ = recording.alternatives[0].words or ()
        assert [first.start_time, second.start_time] == pytest.approx([0.0, 0.3], abs=0.02)
        async with talking(plugin(engines)) as plain:
            plain.hear(speech("one two"), silence(1))
            await plain.rest()
            assert plain.of(Kind.FINAL_TRANSCRIPT)[0].alternatives[0].words is None

    run(check())


def test_livekits_stream_adapter_hears_utterances(engines: FakeEngines) -> None:
    async def check() -> None:
        adapter = stt.StreamAdapter(stt=plugin(engines), vad=WholeVad())
        async with adapter.stream() as stream:
            said = np.concatenate([silence(0.3), speech("one two"), silence(0.5)])
            for piece in np.array_split(said, len(said) // 512):
                stream.push_frame(rtc.AudioFrame(piece.tobytes(), 16_000, 1, len(piece)))
            stream.end_input()
            events = [event async for event in stream]
        assert [event.type for event in events] == [Kind.START_OF_SPEECH, Kind.END_OF_SPEECH, Kind.FINAL_TRANSCRIPT]
        assert events[-1].alternatives[0].text == "one two."

    run(check())


def test_livekits_fallback_adapter_takes_the_next_one(stuck: FakeEngines, engines: FakeEngines) -> None:
    async def check() -> None:
        both = stt.FallbackAdapter(
            [plugin(stuck), plugin(engines)], attempt_timeout=0.1, max_retry_per_stt=0, retry_interval=0.0
        )
        event = await both.recognize(BUFFERS["48 kHz stereo"])
        assert event.alternatives[0].text == "one two three the and."
        again = stt.FallbackAdapter(
            [plugin(stuck), plugin(engines)], attempt_timeout=0.1, max_retry_per_stt=1, retry_interval=0.0
        )
        failed = list[stt.STTError]()
        again._stt_instances[0].on("error", failed.append)
        async with again.stream() as stream:
            finals: list[str] = []

            async def read() -> None:
                async for event in stream:
                    if event.type == Kind.FINAL_TRANSCRIPT:
                        finals.append(event.alternatives[0].text)

            reading = asyncio.create_task(read())
            for count in (1, 2):
                push(stream, np.concatenate([speech("one two"), silence(1)]))
                await until(lambda count=count: len(failed) == count)  # type: ignore[misc]
            await until(lambda: not again._status[0].available)
            push(stream, np.concatenate([speech("three four"), silence(1)]))
            await until(lambda: finals)
            stream.end_input()
            await reading
            assert finals == ["three four."]
        await asyncio.gather(both.aclose(), again.aclose())

    run(check())


def push(stream: stt.RecognizeStream, samples: NDArray[np.int16]) -> None:
    for piece in np.array_split(samples, len(samples) // 320):
        stream.push_frame(rtc.AudioFrame(piece.tobytes(), 16_000, 1, len(piece)))

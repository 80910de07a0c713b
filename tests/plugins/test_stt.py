"""Speech to text as AgentSession uses it: events, their order, and what must never be lost or heard twice."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from livekit.agents.metrics import STTMetrics
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.engines.whisper.language import Spoken
from local_agent.turns import speech as speech_state
from local_agent.turns.speech import WINDOW
from tests.plugins.fakeengines import NOISE, FakeEngines, LoudnessVad, run, silence, speech, tone, understood, until
from tests.plugins.sttkit import PATIENT, Kind, plugin, talking

TEXT = "one two three the and"


def test_an_utterance_has_five_events_in_order_and_its_final_is_byte_identical_to_the_preflight(
    engines: FakeEngines,
) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(silence(0.5), speech("one two three"), silence(1))
            await talk.rest()
            expected = ["START_OF_SPEECH", "PREFLIGHT_TRANSCRIPT", "FINAL_TRANSCRIPT", "END_OF_SPEECH"]
            assert [kind.name for kind in talk.kinds] == [*expected, "RECOGNITION_USAGE"]
            (final,) = talk.texts(Kind.FINAL_TRANSCRIPT)
            assert talk.texts(Kind.PREFLIGHT_TRANSCRIPT) == [final] == ["one two three."]
            assert len({event.request_id for event in talk.events}) == 1 and talk.events[0].request_id

    run(check())


def test_a_transcript_tells_language_confidence_and_times(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(silence(0.5), speech("one two three"), silence(1))
            await talk.rest()
            (data,) = talk.of(Kind.FINAL_TRANSCRIPT)[0].alternatives
            assert data.language == "en" and data.confidence == 0.75
            assert data.start_time == pytest.approx(0.5, abs=0.1)
            assert data.end_time == pytest.approx(0.5 + len(speech("one two three")) / SPEECH_RATE, abs=0.1)
            assert talk.of(Kind.START_OF_SPEECH)[0].speech_start_time is not None

    run(check())


def test_utterances_follow_each_other_with_ids_of_their_own(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            for text in ("one two", "three four", "five"):
                talk.hear(speech(text), silence(1))
                await talk.until(Kind.RECOGNITION_USAGE, len(talk.of(Kind.RECOGNITION_USAGE)) + 1)
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two.", "three four.", "five."]
            assert len(talk.of(Kind.START_OF_SPEECH)) == len(talk.of(Kind.END_OF_SPEECH)) == 3
            assert len({event.request_id for event in talk.events}) == 3

    run(check())


def test_speech_that_goes_on_makes_the_draft_stale(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"), silence(0.2))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            talk.hear(speech("three four"), silence(4))
            await talk.rest()
            assert talk.texts(Kind.PREFLIGHT_TRANSCRIPT) == ["one two.", "one two three four."]
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two three four."]
            assert len(talk.of(Kind.START_OF_SPEECH)) == len(talk.of(Kind.END_OF_SPEECH)) == 1

    run(check())


def test_speech_that_goes_on_stops_the_transcription_of_the_stale_draft(engines: FakeEngines) -> None:
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"), silence(0.2))
            await until(lambda: engines.ears.desk.entered)
            talk.hear(speech("three"), silence(0.2))
            await until(lambda: len(engines.ears.desk.jobs) == 2)
            assert engines.ears.desk.jobs[0].stopping and not engines.ears.desk.jobs[1].stopping
            assert engines.ears.desk.go is not None
            engines.ears.desk.go.set()
            talk.hear(silence(4))
            await talk.rest()
            assert talk.texts(Kind.PREFLIGHT_TRANSCRIPT) == talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two three."]

    run(check())


def test_a_click_after_the_draft_does_not_make_it_stale(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            said = speech("one two")
            talk.hear(said, np.zeros(8 * WINDOW + -len(said) % WINDOW, np.int16))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            talk.hear(tone(NOISE, 0.02), silence(4))  # within one window
            await talk.rest()
            assert talk.texts(Kind.PREFLIGHT_TRANSCRIPT) == talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]
            assert len(engines.ears.heard) == 1

    run(check())


def test_noise_has_no_events_but_usage(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(silence(0.2), tone(NOISE, 0.8), silence(1))
            await talk.rest()
            assert talk.kinds == [Kind.RECOGNITION_USAGE]

    run(check())


def test_silence_has_no_events_and_no_work(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(silence(3))
            await talk.rest()
            assert talk.events == [] and engines.ears.heard == []

    run(check())


def test_the_end_of_input_makes_unfinished_speech_final(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two three"))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two three."]
            assert talk.kinds[-2:] == [Kind.END_OF_SPEECH, Kind.RECOGNITION_USAGE]

    run(check())


def test_a_flush_makes_unfinished_speech_final_and_the_stream_goes_on(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"))
            talk.stream.flush()
            await talk.until(Kind.END_OF_SPEECH)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]
            talk.hear(silence(1), speech("three"))
            talk.stream.flush()
            await talk.until(Kind.END_OF_SPEECH, 2)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two.", "three."]
            await talk.rest()
            assert len(talk.of(Kind.FINAL_TRANSCRIPT)) == 2

    run(check())


@pytest.mark.parametrize("sound", [silence(1), tone(NOISE, 1)])
def test_a_flush_of_nothing_is_answered_with_an_empty_final(engines: FakeEngines, sound: NDArray[np.int16]) -> None:
    """A session waits for a final after its flush: two seconds at the end of every call."""

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(sound)
            talk.stream.flush()
            await talk.until(Kind.FINAL_TRANSCRIPT)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [""]
            assert {Kind.START_OF_SPEECH, Kind.PREFLIGHT_TRANSCRIPT}.isdisjoint(talk.kinds)

    run(check())


@pytest.mark.parametrize("slow", [False, True])
def test_words_after_a_flush_are_neither_lost_nor_heard_twice(engines: FakeEngines, slow: bool) -> None:
    """The detector hears one long speech; the transcription of its first half may last longer than the second half."""
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        assert engines.ears.desk.go is not None
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"))
            talk.stream.flush()
            await until(lambda: engines.ears.desk.jobs)
            if not slow:
                engines.ears.desk.go.set()
                await talk.until(Kind.RECOGNITION_USAGE)
            talk.hear(silence(0.06), speech("three four"), silence(4))
            await asyncio.sleep(0.05)
            engines.ears.desk.go.set()
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two.", "three four."]

    run(check())


def test_a_flush_waits_for_the_draft_that_is_under_way(engines: FakeEngines) -> None:
    engines.ears.desk.go = threading.Event()

    async def check() -> None:
        assert engines.ears.desk.go is not None
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two"), silence(0.2))
            await until(lambda: engines.ears.desk.entered)
            talk.stream.flush()
            await asyncio.sleep(0.05)
            engines.ears.desk.go.set()
            await talk.until(Kind.FINAL_TRANSCRIPT)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."] and len(engines.ears.heard) == 1

    run(check())


def test_a_start_time_offset_that_comes_after_the_stream_was_made_counts(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.stream.start_time_offset = 100.0
            talk.hear(silence(0.5), speech("one"), silence(1))
            await talk.rest()
            (data,) = talk.of(Kind.FINAL_TRANSCRIPT)[0].alternatives
            assert data.start_time == pytest.approx(100.5, abs=0.3) and data.end_time > data.start_time

    run(check())


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100, 48_000])
def test_other_sample_rates_are_resampled(engines: FakeEngines, rate: int) -> None:
    async def check() -> None:
        async with talking(plugin(engines), rate=rate) as talk:
            talk.hear(silence(0.3, rate), speech("one two the and", rate), silence(1, rate))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two the and."]

    run(check())


def test_a_monologue_is_closed_in_segments_with_every_word_once(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_state, "LONG", 1.0)
    parts = ["one two three four", "five six seven eight", "nine ten eleven twelve", "the and zero"]

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            for number, part in enumerate(parts, 1):
                talk.hear(speech(part), silence(0.2))
                await talk.until(Kind.PREFLIGHT_TRANSCRIPT, number)
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{part}." for part in parts]
            assert len(talk.of(Kind.START_OF_SPEECH)) == len(talk.of(Kind.END_OF_SPEECH)) == 1
            seconds = sum(event.recognition_usage.audio_duration for event in talk.of(Kind.RECOGNITION_USAGE))  # type: ignore[union-attr]
            assert seconds == pytest.approx(sum(len(speech(part)) for part in parts) / SPEECH_RATE, abs=1.0)

    run(check())


def test_the_session_learns_of_the_end_of_speech_when_only_noise_follows_a_closed_segment(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_state, "LONG", 1.0)

    async def check() -> None:
        async with talking(plugin(engines, PATIENT)) as talk:
            talk.hear(speech("one two three four five"), silence(0.25))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            talk.hear(tone(NOISE, 0.3), silence(4))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two three four five."]
            assert talk.kinds[-2:] == [Kind.END_OF_SPEECH, Kind.RECOGNITION_USAGE]

    run(check())


def test_a_microphone_that_is_muted_while_speaking_still_ends_the_turn(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines)) as talk:
            talk.hear(speech("one two"))
            await talk.until(Kind.END_OF_SPEECH)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]
            talk.hear(speech("three four"), silence(1))  # unmuted: the detector never heard the pause
            await talk.until(Kind.END_OF_SPEECH, 2)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two.", "three four."]

    run(check())


def test_a_detector_that_waits_longer_than_we_do_loses_no_utterance(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, vad=LoudnessVad(min_silence=0.6))) as talk:
            talk.hear(speech("one two"), silence(0.4))
            await talk.until(Kind.END_OF_SPEECH)
            talk.hear(speech("three four"), silence(0.4))
            await talk.until(Kind.END_OF_SPEECH, 2)
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two.", "three four."]

    run(check())


def test_streamed_speech_is_measured(engines: FakeEngines) -> None:
    async def check() -> None:
        measured: list[STTMetrics] = []
        heard_by = plugin(engines)
        heard_by.on("metrics_collected", measured.append)
        async with talking(heard_by) as talk:
            talk.hear(speech("one two"), silence(1))
            await talk.rest()
            await until(lambda: measured)
            (metrics,) = measured
            assert metrics.streamed and metrics.request_id == talk.events[0].request_id
            assert metrics.audio_duration == pytest.approx(len(speech("one two")) / SPEECH_RATE, abs=0.1)
            assert metrics.metadata is not None
            assert (metrics.metadata.model_name, metrics.metadata.model_provider) == ("fake-whisper", "local_agent")

    run(check())


def test_two_streams_of_one_plugin_hear_their_own_callers(engines: FakeEngines) -> None:
    async def check() -> None:
        heard_by = plugin(engines)
        async with talking(heard_by) as one, talking(heard_by) as two:
            one.hear(speech("one two"), silence(1))
            two.hear(silence(0.3), speech("three four five"), silence(1))
            await asyncio.gather(one.rest(), two.rest())
            assert one.texts(Kind.FINAL_TRANSCRIPT) == ["one two."]
            assert two.texts(Kind.FINAL_TRANSCRIPT) == ["three four five."]
            assert not {event.request_id for event in one.events} & {event.request_id for event in two.events}

    run(check())


@pytest.mark.parametrize(
    ("of_plugin", "of_stream", "expected"), [("en", None, "en"), ("auto", None, None), ("en", "de-DE", "de")]
)
def test_the_language_reaches_the_engine(
    engines: FakeEngines, of_plugin: str, of_stream: str | None, expected: str | None
) -> None:
    async def check() -> None:
        options = {} if of_stream is None else {"language": of_stream}
        async with talking(plugin(engines, language=of_plugin), **options) as talk:
            talk.hear(speech("one two"), silence(1))
            await talk.rest()
            assert engines.ears.languages == [expected]
            assert talk.of(Kind.FINAL_TRANSCRIPT)[0].alternatives[0].language == (expected or "en")

    run(check())


def test_prewarming_starts_to_load_and_the_capabilities_are_what_the_stream_does(engines: FakeEngines) -> None:
    heard_by = plugin(engines)
    heard_by.prewarm()
    assert engines.loads == ["whisper"]
    can = heard_by.capabilities
    assert can.streaming and can.interim_results and can.manual_flush
    assert (heard_by.model, heard_by.provider) == ("fake-whisper", "local_agent")


def test_short_turns_stay_in_the_language_of_the_call(engines: FakeEngines) -> None:
    engines.ears.detections = [Spoken("de", 0.95, 3.0), Spoken("en", 0.9, 0.5), Spoken("fr", 0.9, 2.5)]

    async def check() -> None:
        heard_by = plugin(engines, language="auto")
        async with talking(heard_by) as talk:
            for turn in range(3):
                talk.hear(speech("one two"), silence(1))
                await talk.until(Kind.FINAL_TRANSCRIPT, turn + 1)
            spoken = [event.alternatives[0].language for event in talk.of(Kind.FINAL_TRANSCRIPT)]
            assert spoken == ["de", "de", "fr"]
        async with talking(heard_by) as another:
            another.hear(speech("one"), silence(1))
            await another.until(Kind.FINAL_TRANSCRIPT)
            assert another.of(Kind.FINAL_TRANSCRIPT)[0].alternatives[0].language == "en", "calls share no language"

    run(check())


def test_the_language_of_tones_is_understood() -> None:
    """The tests above rest on it: every word, and a word cut off, but no noise."""
    assert understood(speech(TEXT).astype(np.float32) / 32768) == f"{TEXT}."
    assert understood(speech("one two").astype(np.float32)[4_000:] / 32768) == "two."
    assert understood(tone(NOISE, 0.5).astype(np.float32) / 32768) == ""

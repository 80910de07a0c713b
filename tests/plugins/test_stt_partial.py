"""Transcripts in the midst of speech: they come when there is time, change nothing else, and are never final."""

from __future__ import annotations

import threading

import pytest

from local_agent.engines.inference_thread import Urgency
from local_agent.errors import EngineError
from tests.plugins.fakeengines import FakeEngines, run, silence, speech, spelled
from tests.plugins.sttkit import Kind, plugin, talking

EIGHT = "one two three four five six seven eight"


@pytest.fixture
def spare() -> FakeEngines:
    engines = FakeEngines()
    engines.ears.spare = True
    return engines


def test_partials_grow_and_end_in_the_transcript_itself(spare: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            for word in EIGHT.split():  # at the pace of the detector, so that each partial has an end of its own
                talk.hear(speech(word), silence(0.06))
                await talk.settle()
            talk.hear(silence(1))
            await talk.rest()
            partials = [text.rstrip(".").split() for text in talk.texts(Kind.INTERIM_TRANSCRIPT)]
            assert len(partials) >= 2
            assert all(words == EIGHT.split()[: len(words)] for words in partials)
            assert [len(words) for words in partials] == sorted(len(words) for words in partials)
            assert talk.kinds[:2] == [Kind.START_OF_SPEECH, Kind.INTERIM_TRANSCRIPT]
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{EIGHT}."]

    run(check())


def test_partials_drafts_and_recordings_are_heard_with_the_vocabulary_of_the_moment(spare: FakeEngines) -> None:
    async def check() -> None:
        heard_by = plugin(spare, vocabulary=("Okafor",))
        async with talking(heard_by) as talk:
            talk.hear(speech(EIGHT), silence(1))
            await talk.until(Kind.RECOGNITION_USAGE)
            assert len(spare.ears.vocabularies) >= 2 and {*spare.ears.vocabularies} == {("Okafor",)}
            heard_by.update_options(vocabulary="metoprolol, Xeljanz")
            spare.ears.vocabularies.clear()
            talk.hear(speech("one two"), silence(1))
            await talk.rest()
            assert {*spare.ears.vocabularies} == {("metoprolol", "Xeljanz")}

    run(check())


def test_what_was_written_is_the_guess_at_what_comes_next(spare: FakeEngines) -> None:
    """Of the same speech only: another utterance begins with other words."""

    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            for word in EIGHT.split():
                talk.hear(speech(word), silence(0.06))
                await talk.settle()
            talk.hear(silence(1.5))
            await talk.settle()
            first = list(spare.ears.guesses)
            told = {spelled(text) for text in talk.texts(Kind.INTERIM_TRANSCRIPT)}
            assert len(told) >= 2 and told <= set(first)
            assert first[0] == ()
            talk.hear(speech("nine"), silence(1))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{EIGHT}.", "nine."]
            assert spare.ears.guesses[len(first)] == ()

    run(check())


def test_without_time_to_spare_there_are_none(spare: FakeEngines) -> None:
    spare.ears.spare = False

    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            talk.hear(speech(EIGHT), silence(1))
            await talk.rest()
            assert talk.texts(Kind.INTERIM_TRANSCRIPT) == []
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{EIGHT}."]

    run(check())


def test_a_partial_under_way_is_dropped_for_the_draft(spare: FakeEngines) -> None:
    spare.ears.desk.go = threading.Event()  # never set: only cancelled work ends

    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            talk.hear(speech(EIGHT), silence(0.3))
            await talk.settle()
            partial, *_ = spare.ears.desk.jobs
            assert partial.stopping
            assert spare.ears.desk.go is not None
            spare.ears.desk.go.set()
            talk.hear(silence(1))
            await talk.rest()
            assert talk.texts(Kind.INTERIM_TRANSCRIPT) == []
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{EIGHT}."]

    run(check())


def test_a_partial_that_fails_costs_nothing(spare: FakeEngines) -> None:
    spare.ears.desk.failures = [EngineError("the partial transcript fails")]

    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            talk.hear(speech(EIGHT), silence(1))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == [f"{EIGHT}."]

    run(check())


def test_partials_are_asked_for_as_work_that_may_be_thrown_away(spare: FakeEngines) -> None:
    urgencies: list[Urgency] = []
    transcribe = spare.ears.transcribe

    def noting(*args: object, urgency: Urgency = Urgency.NOW, **options: object) -> object:
        urgencies.append(urgency)
        return transcribe(*args, urgency=urgency, **options)  # type: ignore[arg-type]

    spare.ears.transcribe = noting  # type: ignore[method-assign, assignment]

    async def check() -> None:
        async with talking(plugin(spare)) as talk:
            talk.hear(speech(EIGHT), silence(1))
            await talk.rest()

    run(check())
    assert Urgency.SPECULATIVE in urgencies
    assert urgencies[-1] is Urgency.NOW

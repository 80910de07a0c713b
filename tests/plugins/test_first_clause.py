"""First clauses that are begun a moment before they are sure, or were said before; replies that are tried."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import APIError, function_tool
from livekit.agents.llm import ChatContext

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.types import Sampling
from local_agent.errors import EngineBusy
from local_agent.plugins import first_clause, llama, piper
from local_agent.plugins.first_clause import KEPT
from local_agent.turns.timeline import Mark
from tests.plugins.fakeengines import FakeEngines, run, until
from tests.plugins.test_tts import ONCE, plugin, samples, streamed

CLAUSE, REST = "That is good. ", "I like it, too."


@pytest.fixture
def engines() -> FakeEngines:
    return FakeEngines()


def made(engines: FakeEngines) -> list[tuple[str, Urgency]]:
    return [(said.text.strip(), said.urgency) for said in engines.mouth.said]


async def plain() -> int:
    """Samples of a reply that begins with CLAUSE, from a voice that has said nothing yet."""
    return samples(await streamed(plugin(FakeEngines()), CLAUSE, REST))


def test_a_first_clause_is_made_once_for_replies_that_begin_alike(engines: FakeEngines) -> None:
    marks: list[Mark] = []

    async def check() -> None:
        voice = plugin(engines, listener=marks.append)
        for _ in range(2):
            assert samples(await streamed(voice, CLAUSE, REST)) == await plain()

    run(check())
    assert made(engines) == [(CLAUSE.strip(), Urgency.NOW), (REST, Urgency.SOON), (REST, Urgency.SOON)]
    names = [told.name for told in marks]
    assert names.count("clause") == names.count("voice") == 2


def test_a_reply_that_is_given_up_does_not_take_the_next_ones_voice(engines: FakeEngines) -> None:
    """Both begin alike, and the first is cancelled while its clause is in the making."""

    async def check() -> None:
        voice = plugin(engines)
        engines.mouth.desk.go = threading.Event()
        first = asyncio.create_task(streamed(voice, CLAUSE, REST))
        await until(lambda: bool(engines.mouth.desk.jobs) and engines.mouth.desk.jobs[0].running(), "the first reply")
        second = asyncio.create_task(streamed(voice, CLAUSE, REST))
        await until(lambda: len(engines.mouth.desk.jobs) > 1, "the second reply")
        first.cancel()
        await asyncio.wait([first])
        engines.mouth.desk.go.set()
        assert samples(await second) == await plain()

    run(check())


def test_what_failed_is_made_anew(engines: FakeEngines) -> None:
    async def check() -> None:
        voice = plugin(engines)
        engines.mouth.desk.failures = [EngineBusy("no time")]
        with pytest.raises(APIError, match="no time"):
            await streamed(voice, CLAUSE, REST)
        assert samples(await streamed(voice, CLAUSE, REST)) == await plain()

    run(check())


def test_few_are_kept_and_none_that_is_forgotten(engines: FakeEngines) -> None:
    clauses = [f"That is number {number}. " for number in range(KEPT + 1)]

    def times(clause: str) -> int:
        return [text for text, _ in made(engines)].count(clause.strip())

    async def check() -> None:
        voice = plugin(engines)
        for clause in (*clauses, clauses[-1], clauses[0]):
            await streamed(voice, clause, REST)
        assert times(clauses[-1]) == 1 and times(clauses[0]) == 2, "the oldest one had to go"
        voice.forget()
        await streamed(voice, clauses[-1], REST)
        assert times(clauses[-1]) == 2
        await voice.aclose()

    run(check())


def test_another_speed_is_another_sound(engines: FakeEngines) -> None:
    async def check() -> None:
        voice = plugin(engines)
        await streamed(voice, CLAUSE, REST)
        voice.speed = 1.5
        await streamed(voice, CLAUSE, REST)

    run(check())
    assert [text for text, _ in made(engines)].count(CLAUSE.strip()) == 2


def test_a_voice_on_another_loop_does_not_use_what_was_made_on_this_one(engines: FakeEngines) -> None:
    voice = plugin(engines)
    for _ in range(2):
        assert samples(run(streamed(voice, CLAUSE, REST))) == run(plain())
    assert [text for text, _ in made(engines)].count(CLAUSE.strip()) == 2


def test_a_sentence_is_begun_before_the_next_word_says_that_it_is_over(engines: FakeEngines) -> None:
    async def check() -> None:
        voice = plugin(engines)
        async with voice.stream(conn_options=ONCE) as stream:
            stream.push_text("That is")
            stream.push_text(" good.")
            await until(lambda: len(made(engines)) == 1, "the first clause")
            stream.push_text(" I like it, too.")
            stream.end_input()
            events = [event async for event in stream]
        assert samples(events) == samples(await streamed(plugin(FakeEngines()), CLAUSE, REST))

    run(check())
    assert [urgency for _, urgency in made(engines)] == [Urgency.NOW, Urgency.SOON]


def test_a_sentence_that_was_not_over_is_spoken_whole(engines: FakeEngines) -> None:
    async def check() -> None:
        await streamed(plugin(engines), "It costs 2.", "30 in all. ", REST)

    run(check())
    wanted = [text.strip() for text, urgency in made(engines) if urgency is Urgency.NOW]
    assert wanted[-1] == "It costs 2.30 in all." and wanted[:-1] in ([], ["It costs 2."])


def chat(*said: str) -> ChatContext:
    context = ChatContext.empty()
    for text in said:
        context.add_message(role="user", content=text)
    return context


async def mind(engines: FakeEngines, **options: Any) -> llama.LLM:
    model = llama.LLM(engines=engines.engines, **options)
    await model.engine()
    return model


def samplings(engines: FakeEngines) -> list[Sampling]:
    return [asked.sampling for asked in engines.mind.asked]


def test_a_reply_is_tried_as_it_will_be_drawn(engines: FakeEngines) -> None:
    """With one seed a turn, another one for the next, and none of ours where nothing was tried."""

    async def check() -> None:
        model, context = await mind(engines), chat()
        async with model.chat(chat_ctx=chat("hello")) as reply:
            await reply.collect()
        first = model.rehearse(context, "turn on")
        second = model.rehearse(context, "turn on the")
        assert first is not None and first.stopping and second is not None and not second.stopping
        async with model.chat(chat_ctx=chat("turn on the lamp")) as reply:
            assert second.stopping
            await reply.collect()
        await model.settle(context)
        model.rehearse(context, "and now")
        seeds = [sampling.seed for sampling in samplings(engines)]
        assert seeds[0] is None and seeds[1] is not None and seeds[1] == seeds[2] == seeds[3] != seeds[4]
        lengths = [sampling.max_tokens for sampling in samplings(engines)]
        assert lengths[1] == llama.REHEARSED < lengths[3]
        assert [asked.urgency for asked in engines.mind.asked[1:4]] == [
            Urgency.SPECULATIVE,
            Urgency.SPECULATIVE,
            Urgency.NOW,
        ]
        assert not context.items, "nothing of it is in the history"

    run(check())


def test_a_seed_that_was_given_stays(engines: FakeEngines) -> None:
    async def check() -> None:
        model = await mind(engines, seed=5)
        model.rehearse(chat(), "turn on the")
        assert samplings(engines)[0].seed == 5

    run(check())


def test_no_reply_is_tried_that_nobody_wants(engines: FakeEngines) -> None:
    async def check() -> None:
        model = await mind(engines)
        model.judge_end(chat(), "turn on the lamp")
        assert model.rehearse(chat(), "turn on the") is None, "that was read to its end already"
        engines.settings = engines.settings.model_copy(update={"speculative": False})
        assert (await mind(engines)).rehearse(chat(), "and now") is None
        assert llama.LLM(engines=engines.engines).rehearse(chat(), "and now") is None
        assert engines.mind.asked == []

    run(check())


def test_a_call_of_a_function_is_tried_like_words_and_not_made(engines: FakeEngines) -> None:
    called = []

    @function_tool
    async def lamp(on: bool) -> str:
        """Switch the lamp."""
        called.append(on)
        return "done"

    async def check() -> None:
        model = await mind(engines)
        async with model.chat(chat_ctx=chat("hello"), tools=[lamp]) as reply:
            await reply.collect()
        await model.settle(chat())
        assert model.rehearse(chat(), "turn on the lamp") is not None
        written, tried = engines.mind.asked
        assert list(written.tools) == list(tried.tools) != [] and called == []
        assert tried.grammar == written.grammar is not None and tried.calls == written.calls is not None

    run(check())


def test_behind_a_slow_writer_one_word_before_a_comma_is_not_waited_with(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, pace = 0.0, 0.0

    def clock() -> float:
        """Each word comes `pace` seconds after the one before, however busy this machine is."""
        nonlocal now
        now += pace
        return now

    monkeypatch.setattr(first_clause, "time", SimpleNamespace(monotonic=clock))

    async def first(voice: piper.TTS) -> str:
        voice.forget()
        engines.mouth.said.clear()
        await streamed(voice, "Sure, ", "I ", "can ", "help ", "you ", "with ", "that.")
        return engines.mouth.said[0].text.strip()

    async def check() -> None:
        nonlocal pace
        found = {}
        for pace in (0.01, 0.07, 0.2):  # quick, slow, and so slow that the pause behind the word would be a long one
            voice = plugin(engines)
            assert await first(voice) == "Sure, I can help you with that.", "nothing is known of the writer"
            found[pace] = await first(voice)
        whole = "Sure, I can help you with that."
        assert found == {0.01: whole, 0.07: "Sure,", 0.2: whole}

    run(check())


@pytest.mark.parametrize(("word_seconds", "most"), [(0.01, 11), (0.07, 8), (0.2, 8)])
def test_behind_a_slow_writer_the_first_clause_is_shorter(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch, word_seconds: float, most: int
) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += word_seconds
        return now

    monkeypatch.setattr(first_clause, "time", SimpleNamespace(monotonic=clock))

    async def check() -> None:
        voice = plugin(engines)
        for _ in range(2):  # the first tells how fast replies are written
            voice.forget()
            engines.mouth.said.clear()
            await streamed(voice, *["house "] * 30)
        assert len(engines.mouth.said[0].text.split()) == most
        voice.forget()
        engines.mouth.said.clear()
        await streamed(voice, "I'm ", "sorry, ", *["house "] * 30)
        assert len(engines.mouth.said[1].text.split()) == (8 if most == 8 else 30)

    run(check())


def test_a_busy_engine_tries_nothing(engines: FakeEngines, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineBusy("too many wait")

    async def check() -> None:
        model = await mind(engines)
        monkeypatch.setattr(engines.mind, "generate", refuse)
        assert model.rehearse(chat(), "turn on the") is None

    run(check())

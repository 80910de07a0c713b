"""Words that the language model reads before they are all spoken, and what it thinks of their end."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from livekit.agents.llm import ChatContext

from local_agent.engines.inference_thread import Job, Urgency
from local_agent.engines.llama.types import Prefilled
from local_agent.errors import EngineBusy
from local_agent.plugins import llama
from local_agent.turns.endpointing import Endpointing
from tests.plugins.fakeengines import FakeEngines, run, silence, speech, until
from tests.plugins.sttkit import Kind, plugin, talking


@pytest.fixture
def engines() -> FakeEngines:
    return FakeEngines()


def context(*said: str) -> ChatContext:
    chat = ChatContext.empty()
    for number, text in enumerate(said):
        chat.add_message(role="assistant" if number % 2 else "user", content=text)
    return chat


async def model(engines: FakeEngines) -> llama.LLM:
    made = llama.LLM(engines=engines.engines)
    await made.engine()
    return made


def test_partial_words_are_read_behind_the_conversation_and_the_conversation_stays_as_it_was(
    engines: FakeEngines,
) -> None:
    async def check() -> None:
        mind, chat = await model(engines), context("hello", "hello, you")
        mind.read_ahead(chat, "turn on the")
        (reading,) = engines.mind.read
        assert reading.said == ["hello", "hello, you", "turn on the"]
        assert reading.open and reading.urgency is Urgency.SPECULATIVE
        assert reading.conversation == mind.conversation
        assert len(chat.items) == 2

    run(check())


def test_newer_words_and_a_reply_end_a_reading(engines: FakeEngines) -> None:
    async def check() -> None:
        mind, chat = await model(engines), context()
        mind.read_ahead(chat, "turn")
        mind.read_ahead(chat, "turn on")
        first, second = (reading.job for reading in engines.mind.read)
        assert first.stopping and not second.stopping
        async with mind.chat(chat_ctx=context("turn on the lamp")) as reply:
            assert second.stopping
            await reply.collect()

    run(check())


def test_words_that_were_judged_already_are_not_read_again(engines: FakeEngines) -> None:
    async def check() -> None:
        mind, chat = await model(engines), context()
        judging = mind.judge_end(chat, "turn on the lamp.")
        assert judging is not None
        mind.read_ahead(chat, "turn on the")
        assert [reading.said for reading in engines.mind.read] == [["turn on the lamp."]]
        assert engines.mind.read[0].urgency is Urgency.NOW
        await mind.settle(chat)
        mind.read_ahead(chat, "turn on the")
        assert len(engines.mind.read) >= 2

    run(check())


@pytest.mark.parametrize("end", ["forget", "hang up"])
@pytest.mark.parametrize("when", ["before it begins", "while it is fitted", "while it is counted"])
def test_what_is_forgotten_meanwhile_is_read_into_no_other_conversation(
    engines: FakeEngines, when: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines.mind.room = 10

    async def check() -> None:
        mind, chat = await model(engines), context("my secret", "hello, you", "again", "yes")
        reached, goes_on = threading.Event(), threading.Event()

        def stop(result: Any) -> Any:
            reached.set()
            assert goes_on.wait(20)
            return result

        if when == "while it is fitted":
            monkeypatch.setattr(engines.mind, "fit", lambda messages, _: stop(messages[2:]))
        else:
            monkeypatch.setattr(engines.mind, "fit", lambda messages, _: messages[2:])
        if when == "while it is counted":
            monkeypatch.setattr(engines.mind, "count", lambda messages, tools: stop(10))
            monkeypatch.setattr(engines.mind, "fits", lambda *_: False)
        settling = asyncio.ensure_future(mind.settle(chat))
        if when != "before it begins":
            await until(reached.is_set)
        old = mind.conversation
        await mind.aclose() if end == "hang up" else mind.forget()
        goes_on.set()
        await settling
        assert engines.mind.read == [] and engines.mind.forgotten == [old]

    run(check())


def test_a_reply_and_a_beginning_that_are_late_are_not_read_into_the_next_conversation(engines: FakeEngines) -> None:
    async def check() -> None:
        mind = await model(engines)
        beginning = mind.prepare(context("my secret"))
        reply = mind.chat(chat_ctx=context("my secret"))
        mind.forget()
        await beginning
        async with reply:
            assert [chunk async for chunk in reply] == []
        assert engines.mind.read == [] and engines.mind.asked == []

    run(check())


def test_after_a_hang_up_late_words_are_not_read(engines: FakeEngines) -> None:
    async def check() -> None:
        mind = await model(engines)
        await mind.aclose()
        mind.read_ahead(context(), "my secret")
        assert mind.judge_end(context(), "my secret") is None and mind.rehearse(context(), "my secret") is None
        assert engines.mind.read == [] and engines.mind.asked == []

    run(check())


def test_nothing_is_read_before_the_engine_is_there_or_when_it_is_busy(engines: FakeEngines) -> None:
    async def check() -> None:
        mind = llama.LLM(engines=engines.engines)
        mind.read_ahead(context(), "turn on")
        assert mind.judge_end(context(), "turn on") is None
        assert engines.loads == [] and engines.mind.read == []
        await mind.engine()

        def refuse(*_: object, **__: object) -> None:
            raise EngineBusy("too many wait")

        engines.mind.prefill = refuse  # type: ignore[method-assign, assignment]
        mind.read_ahead(context(), "turn on")
        assert mind.judge_end(context(), "turn on") is None

    run(check())


@pytest.mark.parametrize(("certainty", "finals"), [(0.999, 2), (0.000001, 1)])
def test_the_judgement_decides_whether_a_pause_ends_the_turn(
    engines: FakeEngines, certainty: float, finals: int
) -> None:
    """The pause is longer than the wait of a sure end, and shorter than that of an unsure one."""
    asked: list[str] = []

    def judge(words: str) -> Job[Prefilled]:
        asked.append(words)
        job: Job[Prefilled] = Job()
        job.finish(Prefilled(10, 0, certainty, 0.0))
        return job

    async def check() -> None:
        waits = Endpointing(draft_after=0.1, tell_after=0.1, sure=0.3, bare=1.5, unsure=1.5)
        options: dict[str, Any] = {"judge": judge, "commits_turns": True}
        async with talking(plugin(engines, waits, **options)) as talk:
            talk.hear(speech("one two three four"), silence(0.25))
            await talk.until(Kind.PREFLIGHT_TRANSCRIPT)
            talk.hear(silence(0.75))
            await talk.settle()
            talk.hear(speech("five six"), silence(2))
            await talk.rest()
            assert len(talk.texts(Kind.FINAL_TRANSCRIPT)) == finals

    run(check())
    assert asked[0] == "one two three four."


def test_a_judgement_that_fails_leaves_it_to_the_words(engines: FakeEngines) -> None:
    def judge(_: str) -> Job[Prefilled]:
        job: Job[Prefilled] = Job()
        job.fail(EngineBusy("no sequence is free"))
        return job

    async def check() -> None:
        async with talking(plugin(engines, judge=judge, commits_turns=True)) as talk:
            talk.hear(speech("one two three four"), silence(2))
            await talk.rest()
            assert talk.texts(Kind.FINAL_TRANSCRIPT) == ["one two three four."]

    run(check())

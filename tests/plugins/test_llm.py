"""The language model as AgentSession uses it: chunks, usage, cancellation, errors."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import pytest
from livekit.agents import APIConnectOptions, APIError, APITimeoutError
from livekit.agents.llm import ChatChunk, ChatContext, LLMError, function_tool
from livekit.agents.metrics import LLMMetrics

from local_agent.errors import EngineBusy, EngineError, WeightsMissing
from local_agent.plugins import llama
from tests.plugins.fakeengines import FakeEngines, run, until

ONCE = APIConnectOptions(max_retry=0)
AGAIN = APIConnectOptions(max_retry=1, retry_interval=0.0)


def question(text: str = "What is one and one?") -> ChatContext:
    context = ChatContext.empty()
    context.add_message(role="system", content="Be brief.")
    context.add_message(role="user", content=text)
    return context


def plugin(engines: FakeEngines, **options: Any) -> llama.LLM:
    return llama.LLM(engines=engines.engines, **options)


async def answer(model: llama.LLM, conn: APIConnectOptions = ONCE, **options: Any) -> list[ChatChunk]:
    async with model.chat(chat_ctx=options.pop("chat_ctx", question()), conn_options=conn, **options) as stream:
        return [chunk async for chunk in stream]


def text(chunks: list[ChatChunk]) -> str:
    return "".join(chunk.delta.content for chunk in chunks if chunk.delta and chunk.delta.content)


def test_pieces_come_in_order_under_one_id_and_usage_comes_last(engines: FakeEngines) -> None:
    chunks = run(answer(plugin(engines)))
    assert [chunk.delta.content for chunk in chunks[:-1] if chunk.delta] == list(engines.mind.pieces)
    assert all(chunk.delta.role == "assistant" for chunk in chunks[:-1] if chunk.delta)
    assert len({chunk.id for chunk in chunks}) == 1 and chunks[0].id
    usage = chunks[-1].usage
    assert usage is not None and chunks[-1].delta is None
    assert (usage.prompt_tokens, usage.prompt_cached_tokens, usage.completion_tokens) == (20, 12, 4)
    assert usage.total_tokens == 24


def test_each_reply_has_an_id_of_its_own_and_one_conversation(engines: FakeEngines) -> None:
    model = plugin(engines)
    first, second = run(answer(model)), run(answer(model))
    assert first[0].id != second[0].id
    assert {asked.conversation for asked in engines.mind.asked} == {model.conversation}


def test_a_piece_is_there_before_the_next_one_is_written(engines: FakeEngines) -> None:
    engines.mind.step = threading.Event()

    async def check() -> None:
        async with plugin(engines).chat(chat_ctx=question(), conn_options=ONCE) as stream:
            first = await anext(stream)
            assert first.delta is not None and first.delta.content == "The " and engines.mind.written == 1

    run(check())


def test_the_model_gets_the_whole_history_and_the_settings_sampling(engines: FakeEngines) -> None:
    run(answer(plugin(engines)))
    run(answer(plugin(engines, temperature=0.9, max_tokens=7)))
    first, second = engines.mind.asked
    assert [message["role"] for message in first.messages] == ["system", "user"]
    assert first.messages[1]["content"] == "What is one and one?"
    assert (first.sampling.temperature, first.sampling.max_tokens) == (0.2, 160)
    assert (second.sampling.temperature, second.sampling.max_tokens) == (0.9, 7)


def test_closing_the_stream_stops_the_model_at_the_next_token(engines: FakeEngines) -> None:
    engines.mind.step = threading.Event()

    async def check() -> None:
        before = asyncio.all_tasks()
        stream = plugin(engines).chat(chat_ctx=question(), conn_options=ONCE)
        await anext(stream)
        threads = set(threading.enumerate())
        await stream.aclose()
        (job,) = engines.mind.desk.jobs
        assert job.stopping
        await until(job.done)
        assert engines.mind.written == 1
        assert asyncio.all_tasks() <= before and set(threading.enumerate()) <= threads

    run(check())


def test_closing_a_stream_that_waits_in_the_queue_takes_it_out(engines: FakeEngines) -> None:
    engines.mind.desk.go = threading.Event()

    async def check() -> None:
        first = plugin(engines).chat(chat_ctx=question(), conn_options=ONCE)
        await until(lambda: engines.mind.desk.entered)
        second = plugin(engines).chat(chat_ctx=question(), conn_options=ONCE)
        await until(lambda: len(engines.mind.desk.jobs) == 2)
        await second.aclose()
        assert engines.mind.desk.lane.waiting() == 0
        assert engines.mind.desk.go is not None
        engines.mind.desk.go.set()
        async with first:
            assert text([chunk async for chunk in first]) == "The answer is two."

    run(check())


def test_an_error_before_the_first_piece_is_retried(engines: FakeEngines) -> None:
    engines.mind.desk.failures = [EngineBusy("busy")]
    model, errors = plugin(engines), list[LLMError]()
    model.on("error", errors.append)
    assert text(run(answer(model, AGAIN))) == "The answer is two."
    assert [error.recoverable for error in errors] == [True] and len(engines.mind.asked) == 2


def test_an_error_after_the_first_piece_is_not_retried(engines: FakeEngines) -> None:
    """Else the caller would hear the beginning twice."""
    engines.mind.broken_after = 2
    model, errors = plugin(engines), list[LLMError]()
    model.on("error", errors.append)
    with pytest.raises(APIError, match="language model: no sequence") as caught:
        run(answer(model, AGAIN))
    assert not caught.value.retryable and len(engines.mind.asked) == 1
    assert [error.recoverable for error in errors] == [False]


@pytest.mark.parametrize("where", ["engine", "fit", "loading"])
def test_any_odd_exception_becomes_an_api_error(
    engines: FakeEngines, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "engine":
        engines.mind.desk.failures = [MemoryError("odd")]
    elif where == "fit":
        engines.mind.room = 0
        monkeypatch.setattr(engines.mind, "fit", lambda *_, **__: 1 / 0)
    else:
        engines.failure = WeightsMissing("odd: no model")
    with pytest.raises(APIError, match=r"odd|division") as caught:
        run(answer(plugin(engines), AGAIN))
    assert not caught.value.retryable


def test_a_conversation_without_any_message_is_a_clear_error(engines: FakeEngines) -> None:
    with pytest.raises(APIError, match="no message to answer"):
        run(answer(plugin(engines), chat_ctx=ChatContext.empty()))


def test_messages_without_words_are_no_error(engines: FakeEngines) -> None:
    context = question("")
    context.add_message(role="assistant", content=[])
    assert text(run(answer(plugin(engines), chat_ctx=context))) == "The answer is two."


@pytest.mark.parametrize(
    "pieces",
    [(), (" ", "\n"), ("...", " \n"), ("<think>", "They ask", "</think>", "\n"), ("<thi", "nk>never ends")],
    ids=["nothing", "white space", "marks", "a thought", "a thought without end"],
)
def test_a_reply_that_says_nothing_is_asked_for_again_and_then_an_error(
    engines: FakeEngines, pieces: tuple[str, ...]
) -> None:
    engines.mind.pieces = pieces
    model, errors = plugin(engines, seed=7), list[LLMError]()
    model.on("error", errors.append)
    with pytest.raises(APIError, match="said nothing") as caught:
        run(answer(model, AGAIN))
    assert not caught.value.retryable and [error.recoverable for error in errors] == [False]
    first, second = engines.mind.asked
    assert second.sampling.seed is None and second.sampling.temperature > first.sampling.temperature


def test_a_reply_that_says_something_the_second_time(engines: FakeEngines) -> None:
    engines.mind.later = engines.mind.pieces
    engines.mind.pieces = ("<think>They ask</think>",)
    assert text(run(answer(plugin(engines)))) == "The answer is two."
    assert len(engines.mind.asked) == 2


@pytest.mark.parametrize("step", [1, 3, 99])
@pytest.mark.parametrize(
    "opened",
    ["<think>\nIs it 2?\n</think>\n\n", "[THINK]Is it 2?[/THINK]", "<|channel>thought\nIs it 2?<channel|>"],
)
def test_a_thought_is_in_no_chunk(engines: FakeEngines, opened: str, step: int) -> None:
    whole = opened + "The answer is two. <think> is a tag."
    engines.mind.pieces = tuple(whole[at : at + step] for at in range(0, len(whole), step))
    chunks = run(answer(plugin(engines)))
    assert text(chunks) == "The answer is two. <think> is a tag."
    assert all(chunk.delta.content for chunk in chunks if chunk.delta)


def test_a_slow_reply_is_not_given_up_as_long_as_it_goes_on() -> None:
    engines = FakeEngines(engine_timeout=0.4)
    engines.mind.pieces, engines.mind.pause = tuple(f"word{number} " for number in range(12)), 0.1
    assert text(run(answer(plugin(engines)))).endswith("word11 ")
    engines.close()


def test_a_program_says_how_long_the_first_and_each_other_word_may_take(engines: FakeEngines) -> None:
    soon = APIConnectOptions(max_retry=0, timeout=0.4)
    engines.mind.pieces, engines.mind.pause = tuple(f"word{number} " for number in range(8)), 0.1
    assert text(run(answer(plugin(engines), soon))).endswith("word7 "), "the whole reply may take longer"
    engines.mind.pause, engines.mind.step = 0.0, threading.Event()  # one piece, then nothing
    with pytest.raises(APITimeoutError, match=r"longer than 0\.4 s|not done"):
        run(answer(plugin(engines), soon))
    engines.mind.desk.go = threading.Event()  # none at all
    model, errors = plugin(engines), list[LLMError]()
    model.on("error", errors.append)
    twice = APIConnectOptions(max_retry=1, retry_interval=0.0, timeout=0.1)
    with pytest.raises(APIError, match="after 2 attempts"):
        run(answer(model, twice))
    assert [error.recoverable for error in errors] == [True, False]
    assert all(isinstance(error.error, APITimeoutError) for error in errors)


def test_a_model_that_loads_for_longer_than_a_program_waits(
    engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading: Future[Any] = Future()
    monkeypatch.setattr(engines, "llama", lambda model=None: loading)
    with pytest.raises(APITimeoutError, match="loading the language model took longer"):
        run(answer(plugin(engines), APIConnectOptions(max_retry=0, timeout=0.1)))
    assert not loading.cancelled(), "the next one who asks finds it loaded"


def test_a_reply_that_takes_too_long_is_given_up() -> None:
    engines = FakeEngines(engine_timeout=0.1)
    engines.mind.step = threading.Event()  # one piece, then nothing
    with pytest.raises(APIError, match=r"not done|longer than") as caught:
        run(answer(plugin(engines)))
    assert isinstance(caught.value.__cause__, EngineError)
    engines.close()


def test_an_engine_that_never_comes_to_it_is_given_up() -> None:
    engines = FakeEngines(engine_timeout=0.1)
    release = threading.Event()
    engines.mind.desk.lane.submit(lambda job: release.wait())  # as if native code hung
    with pytest.raises(APIError, match="longer than") as caught:
        run(answer(plugin(engines)))
    assert caught.value.retryable and engines.mind.desk.jobs[0].stopping
    release.set()
    engines.close()


def test_an_engine_that_is_closed_ends_the_reply(engines: FakeEngines) -> None:
    engines.mind.desk.go = threading.Event()

    async def check() -> None:
        streams = [plugin(engines).chat(chat_ctx=question(), conn_options=ONCE) for _ in range(2)]
        await until(lambda: len(engines.mind.desk.jobs) == 2)
        engines.mind.desk.lane.close(0.0)
        async with streams[1] as waiting:
            assert [chunk async for chunk in waiting] == []
        await streams[0].aclose()
        with pytest.raises(APIError, match="closed") as caught:
            await answer(plugin(engines))
        assert not caught.value.retryable

    run(check())


def test_a_reply_is_measured(engines: FakeEngines) -> None:
    model, measured = plugin(engines), list[LLMMetrics]()
    model.on("metrics_collected", measured.append)
    chunks = run(answer(model))
    (metrics,) = measured
    assert metrics.request_id == chunks[0].id and not metrics.cancelled
    assert 0 <= metrics.ttft <= metrics.duration
    assert (metrics.prompt_tokens, metrics.prompt_cached_tokens, metrics.completion_tokens) == (20, 12, 4)
    assert metrics.metadata is not None
    assert (metrics.metadata.model_name, metrics.metadata.model_provider) == ("fake-llama", "local_agent")


def test_a_reply_that_is_cut_off_is_measured_as_cancelled(engines: FakeEngines) -> None:
    engines.mind.step = threading.Event()
    model, measured = plugin(engines), list[LLMMetrics]()
    model.on("metrics_collected", measured.append)

    async def check() -> None:
        stream = model.chat(chat_ctx=question(), conn_options=ONCE)
        await anext(stream)
        await stream.aclose()

    run(check())
    assert [metrics.cancelled for metrics in measured] == [True]


def test_two_models_over_one_engine_do_not_see_each_others_events(engines: FakeEngines) -> None:
    one, two = plugin(engines), plugin(engines)
    of_one, of_two = list[LLMMetrics](), list[LLMMetrics]()
    one.on("metrics_collected", of_one.append)
    two.on("metrics_collected", of_two.append)

    async def check() -> None:
        first, second = await asyncio.gather(answer(one), answer(two))
        assert text(first) == text(second) == "The answer is two."
        assert [metrics.request_id for metrics in of_one] == [first[0].id]
        assert [metrics.request_id for metrics in of_two] == [second[0].id]

    run(check())
    assert one.conversation != two.conversation


@function_tool
async def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_tools_are_accepted(engines: FakeEngines, choice: Any) -> None:
    async def check() -> None:
        model = plugin(engines)
        async with model.chat(chat_ctx=question(), tools=[add], tool_choice=choice, conn_options=ONCE) as stream:
            assert stream.tools == [add]
            assert text([chunk async for chunk in stream]) == "The answer is two."

    run(check())


def test_closing_the_model_frees_its_conversation_and_never_loads_an_engine(engines: FakeEngines) -> None:
    async def check() -> None:
        async with plugin(engines):
            pass
        assert engines.loads == [] and engines.mind.forgotten == []
        model = plugin(engines)
        await answer(model)
        name = model.conversation
        await model.aclose()
        assert engines.mind.forgotten == [name]

    run(check())


def test_prewarming_starts_to_load(engines: FakeEngines) -> None:
    model = plugin(engines)
    model.prewarm()
    assert engines.loads == ["llama"]
    assert (model.model, model.provider) == ("fake-llama", "local_agent")


def test_functions_that_somebody_else_calls_are_not_told(engines: FakeEngines) -> None:
    @function_tool
    async def count() -> None:
        """Count."""

    @function_tool
    async def oven() -> None:
        """Turn the oven off."""

    model = plugin(engines)
    model.untold = frozenset(("count",))
    run(answer(model, tools=[count, oven]))
    run(answer(model, tools=[count]))
    told = [[tool["function"]["name"] for tool in asked.tools] for asked in engines.mind.asked]
    assert told == [["oven"], []]

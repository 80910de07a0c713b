"""The language model engine, with a tiny random model and with the starter weights."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import pytest

from local_agent.engines.inference_thread import CrossEnginePriority, Right, Urgency
from local_agent.engines.llama import request
from local_agent.engines.llama.context_window import Bounds
from local_agent.engines.llama.engine import Completion, Llama, Sampling
from local_agent.engines.llama.native import NativeModel
from local_agent.engines.llama.prompt import Prompter
from local_agent.errors import (
    BadInput,
    ContextExhausted,
    EngineBusy,
    EngineCancelled,
    EngineClosed,
    EngineError,
    EngineTimeout,
    HardwareError,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from tests.engines.llama import tinygguf

GREEDY = Sampling(temperature=0, max_tokens=24)
SHORT = Bounds(100, examples=4, talk=120)
VARIED = Sampling(temperature=1.0, seed=7, max_tokens=12, variety=4.0)
LETTERS = "root ::= [a-z ]+"
CONTEXT = 512


def asked(*words: str) -> list[dict[str, str]]:
    """A system prompt, then user and assistant in turn."""
    roles = ("user", "assistant")
    turns = [{"role": roles[index % 2], "content": text} for index, text in enumerate(words)]
    return [{"role": "system", "content": "be brief"}, *turns]


class Gate:
    """An on_text that stops the engine's thread at a given piece until the test lets it go on."""

    def __init__(self, at: int = 1) -> None:
        self.pieces: list[str] = []
        self.reached, self.open = threading.Event(), threading.Event()
        self._at = at

    def __call__(self, text: str) -> None:
        self.pieces.append(text)
        if len(self.pieces) == self._at:
            self.reached.set()
            assert self.open.wait(20)


def test_a_reply_is_streamed_and_accounted_for(llama: Llama) -> None:
    pieces: list[str] = []
    done = llama.generate(asked("hello"), sampling=GREEDY, on_text=pieces.append).result(20)
    assert done.text and "".join(pieces) == done.text
    assert (done.finish, done.completion_tokens, done.cached_tokens) == ("length", 24, 0)
    assert done.prompt_tokens == llama.count(asked("hello"))
    assert 0 <= done.queued_s <= done.first_token_s <= done.total_s


def test_temperature_zero_and_equal_seeds_repeat_themselves(llama: Llama) -> None:
    def text(sampling: Sampling) -> str:
        llama.forget("a")
        return llama.generate(asked("hello"), conversation="a", sampling=sampling).result(20).text

    wild = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, seed=1, max_tokens=24)
    other = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, seed=2, max_tokens=24)
    assert text(GREEDY) == text(GREEDY)
    assert text(wild) == text(wild)
    assert text(wild) != text(other)


def test_a_reply_among_others_is_the_reply_alone(open_llama: Callable[..., Llama]) -> None:
    questions = ["hello", "another question", "what is this thing", "x"]
    alone = [open_llama().generate(asked(text), sampling=GREEDY).result(20).text for text in questions]
    llama = open_llama()
    jobs = [llama.generate(asked(text), conversation=text, sampling=GREEDY) for text in questions]
    assert [job.result(20).text for job in jobs] == alone


def test_the_repeat_penalty_changes_what_is_said(llama: Llama) -> None:
    plain = Sampling(temperature=0, max_tokens=40, repeat_penalty=1.0)
    strict = Sampling(temperature=0, max_tokens=40, repeat_penalty=3.0)
    one, two = (llama.generate(asked("hello"), sampling=s, grammar=LETTERS).result(20).text for s in (plain, strict))
    assert len(set(two)) > len(set(one))


def test_penalties_and_biases_change_what_is_said(llama: Llama) -> None:
    def said(**options: Any) -> str:
        sampling = Sampling(temperature=0, max_tokens=40, repeat_penalty=1.0, **options)
        return llama.generate(asked("hello"), sampling=sampling, grammar=LETTERS).result(20).text

    plain = said()
    assert said(presence_penalty=0.0, frequency_penalty=0.0) == plain
    assert all(len(set(said(**{one: 2.0}))) >= len(set(plain)) for one in ("presence_penalty", "frequency_penalty"))
    assert said(presence_penalty=2.0, frequency_penalty=2.0) != plain != said(frequency_penalty=-2.0)
    assert said(logit_bias=((len(tinygguf.SPECIAL) + ord("z"), 100.0),)) == "z" * 40
    with pytest.raises(BadInput, match="logit_bias names the token 99999999"):
        said(logit_bias=((99_999_999, 1.0),))


def test_a_prefix_is_read_once(llama: Llama) -> None:
    first = llama.generate(asked("hello"), conversation="a", sampling=GREEDY, grammar=LETTERS).result(20)
    again = asked("hello", first.text, "and more")
    second = llama.generate(again, conversation="a", sampling=GREEDY).result(20)
    # All of the first prompt and of the reply, as the model spelled it; its last token was never decoded.
    assert second.cached_tokens == first.prompt_tokens + first.completion_tokens - 1
    llama.forget("a")
    assert llama.generate(again, conversation="a", sampling=GREEDY).result(20).cached_tokens == 0


def test_a_reply_is_kept_as_the_model_spelled_it(llama: Llama) -> None:
    grammar = 'root ::= "the hello is in the area on us"'
    first = llama.generate(asked("hi"), conversation="a", sampling=Sampling(temperature=0), grammar=grammar).result(20)
    again = asked("hi", first.text, "and more")
    as_the_tokenizer_would = llama.count(again) - llama.count(asked("hi", "z", "and more")) + 1
    assert first.finish == "stop" and first.completion_tokens > as_the_tokenizer_would
    second = llama.generate(again, conversation="a", sampling=GREEDY).result(20)
    assert second.cached_tokens == first.prompt_tokens + first.completion_tokens


def test_a_cached_prefix_does_not_change_the_reply(open_llama: Callable[..., Llama]) -> None:
    history = asked("hello", "there you are", "and more")
    fresh = open_llama().generate(history, sampling=GREEDY).result(20)
    llama = open_llama()
    llama.generate(asked("hello", "there you went", "else"), conversation="a", sampling=GREEDY).result(20)
    warm = llama.generate(history, conversation="a", sampling=GREEDY).result(20)
    assert warm.cached_tokens > 20
    assert warm.text == fresh.text


def test_a_system_prompt_is_shared_between_conversations(llama: Llama) -> None:
    llama.generate(asked("hello"), conversation="a", sampling=GREEDY).result(20)
    other = llama.generate(asked("something else"), conversation="b", sampling=GREEDY).result(20)
    shared = llama.prefill(asked(""), conversation="c", open_user_turn=True).result(20).prompt_tokens
    assert other.cached_tokens == shared > 20
    own = llama.generate(asked("hello"), conversation="a", sampling=GREEDY).result(20)
    assert own.cached_tokens == own.prompt_tokens - 1


def test_two_requests_of_one_conversation_share_its_history(llama: Llama) -> None:
    llama.generate(asked("hello"), conversation="a", sampling=GREEDY).result(20)
    gate = Gate()
    first = llama.generate(asked("hello"), conversation="a", sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    second = llama.generate(asked("hello"), conversation="a", sampling=GREEDY)
    gate.open.set()
    assert first.result(20).text == second.result(20).text
    assert second.result().cached_tokens == second.result().prompt_tokens - 1


def test_cancelling_stops_within_a_token_and_leaves_the_cache_in_order(open_llama: Callable[..., Llama]) -> None:
    expected = open_llama().generate(asked("hello"), sampling=GREEDY, grammar=LETTERS).result(20)
    llama, gate = open_llama(), Gate(at=5)
    long = Sampling(temperature=0, max_tokens=300)
    job = llama.generate(asked("hello"), conversation="a", sampling=long, grammar=LETTERS, on_text=gate)
    assert gate.reached.wait(20)
    job.cancel()
    gate.open.set()
    with pytest.raises(EngineCancelled):
        job.result(20)
    after = llama.generate(asked("hello"), conversation="a", sampling=GREEDY, grammar=LETTERS).result(20)
    assert len(gate.pieces) == 5
    assert after.cached_tokens == after.prompt_tokens - 1
    assert after.text == expected.text


def test_cancelling_while_waiting(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=1), Gate()
    first = llama.generate(asked("a"), sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    second = llama.generate(asked("b"), sampling=GREEDY)
    second.cancel()
    gate.open.set()
    assert first.result(20).finish == "length"
    assert second.cancelled()


def test_more_conversations_than_sequences(open_llama: Callable[..., Llama]) -> None:
    llama = open_llama(conversations=2)
    for _ in range(2):
        jobs = [llama.generate(asked(f"number {i}"), conversation=f"{i}", sampling=GREEDY) for i in range(7)]
        assert all(job.result(20).completion_tokens == 24 for job in jobs)


def test_no_sequence_in_time(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=1), Gate()
    first = llama.generate(asked("a"), sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    second = llama.generate(asked("b"), sampling=GREEDY, timeout=0.0)
    gate.open.set()
    with pytest.raises(EngineBusy, match="1 sequences"):
        second.result(20)
    assert first.result(20).finish == "length"


def test_too_many_waiting(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=1), Gate()
    jobs = [llama.generate(asked("a"), sampling=GREEDY, on_text=gate)]
    assert gate.reached.wait(20)
    with pytest.raises(EngineBusy, match="already wait"):
        for _ in range(100):
            jobs.append(llama.generate(asked("b"), sampling=GREEDY))
    for job in jobs[1:]:
        job.cancel()
    gate.open.set()
    assert jobs[0].result(20).finish == "length"


def test_a_deadline_in_the_middle_of_a_reply(llama: Llama) -> None:
    gate = Gate()
    job = llama.generate(asked("a"), sampling=GREEDY, on_text=gate, timeout=60)
    assert gate.reached.wait(20)
    job.deadline = 0.0
    gate.open.set()
    with pytest.raises(EngineTimeout):
        job.result(20)
    assert len(gate.pieces) == 1


def test_a_conversation_longer_than_the_context(llama: Llama) -> None:
    with pytest.raises(ContextExhausted, match=f"context's {CONTEXT}"):
        llama.generate(asked("x" * CONTEXT)).result(20)
    assert llama.generate(asked("hello"), sampling=GREEDY).result(20).text


def test_a_reply_ends_where_the_context_does(llama: Llama) -> None:
    long = asked("x " * 220)
    done = llama.generate(long, sampling=Sampling(temperature=0, max_tokens=500)).result(20)
    assert done.finish == "length"
    assert done.prompt_tokens + done.completion_tokens == CONTEXT + 1


def test_conversations_take_turns_with_the_sequences(llama: Llama) -> None:
    text = "x " * 100
    for name in "abcdef":
        done = llama.generate(asked(f"{name} {text}"), conversation=name, sampling=GREEDY).result(20)
        assert done.completion_tokens == 24


def test_every_conversation_has_the_whole_context(llama: Llama) -> None:
    jobs = [
        llama.generate(asked(f"{name} " + "x " * 200), conversation=name, sampling=GREEDY, timeout=30)
        for name in "abcd"
    ]
    assert [job.result(30).completion_tokens for job in jobs] == [24] * 4


def test_fit_drops_whole_turns_and_keeps_the_system_prompt(llama: Llama) -> None:
    words = [f"{index} " + "x " * 20 for index in range(30)]
    history = asked(*words, "the last question")
    kept = llama.fit(history, Bounds(100))
    assert llama.count(kept) <= CONTEXT - 100 < llama.count(history)
    assert kept[0] == history[0]
    assert kept[1]["role"] == "user"
    assert kept[1:] == history[len(history) - len(kept) + 1 :]
    assert len(kept) > 3


def test_fit_moves_in_strides_so_that_the_cache_lives_on(llama: Llama) -> None:
    words: list[str] = []
    starts = []
    for index in range(40):
        words += [f"question {index}", f"answer {index}"]
        starts.append(llama.fit(asked(*words, "last"), Bounds(100))[1]["content"])
    assert 1 < len(set(starts)) < 15  # one turn at a time would make it about thirty


def test_fit_keeps_the_examples_and_no_more_talk_than_is_wanted(llama: Llama) -> None:
    words: list[str] = []
    for index in range(8):
        words += [f"q{index}", f"a{index}"]
    history = asked(*words, "last")
    begun = llama.count(history[:5])
    assert llama.fit(history, Bounds(100)) == llama.fit(history, Bounds(100, examples=4)) == history
    kept = llama.fit(history, SHORT)
    assert not llama.fits(history, SHORT)
    assert kept[:5] == history[:5] and kept[5]["role"] == "user"
    assert 5 < len(kept) < len(history) and kept[5:] == history[len(history) - len(kept) + 5 :]
    assert 60 < llama.count(kept) - begun <= 120
    assert llama.fit(kept, SHORT) == kept


def test_fit_leaves_what_fits_alone_and_refuses_what_never_will(llama: Llama) -> None:
    history = asked("a", "b", "c")
    assert llama.fit(history, Bounds(100)) == history
    with pytest.raises(ContextExhausted, match="last turn alone"):
        llama.fit(asked("a", "b", "x" * CONTEXT), Bounds(100))


@pytest.mark.parametrize("grammar", [None, LETTERS], ids=["free", "grammar"])
def test_variety_keeps_a_reply_from_copying_an_earlier_one(llama: Llama, grammar: str | None) -> None:
    def reply(variety: float, *said: str) -> str:
        sampling = Sampling(temperature=0, max_tokens=24, repeat_penalty=1.0, variety=variety)
        return llama.generate(asked("a", "b", "c"), sampling=sampling, grammar=grammar, said=said).result(20).text

    earlier = reply(0)
    assert reply(0, earlier) == reply(1000) == earlier
    varied = reply(1000, earlier)
    shared = SequenceMatcher(None, varied, earlier, autojunk=False).find_longest_match().size
    assert len(varied) >= 12 and shared <= len(earlier) / 2


def test_a_reply_that_is_long_enough_ends_with_its_sentence(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(enough: int, grammar: str | None = None) -> Completion:
        sampling = Sampling(temperature=0, max_tokens=24, enough=enough)
        return llama.generate(asked("a", "b", "c"), sampling=sampling, grammar=grammar).result(20)

    seen: list[tuple[str, str]] = []

    def ends_sentence(text: str, following: str) -> bool:
        seen.append((text, following))
        return len(seen) == 3

    monkeypatch.setattr(request, "ends_sentence", ends_sentence)
    unbound = reply(0)
    assert not seen and unbound.completion_tokens == 24
    done = reply(8)
    assert (done.finish, done.completion_tokens) == ("stop", 8 + 2)
    assert done.text == seen[-1][0] and unbound.text.startswith(done.text + seen[-1][1])
    assert reply(1, LETTERS).completion_tokens == 24 and len(seen) == 3  # what a grammar binds is no speech


def test_grammar_goes_before_variety(llama: Llama) -> None:
    sampling = Sampling(temperature=0, variety=1000)
    done = llama.generate(asked("a", "hello there", "b"), sampling=sampling, grammar='root ::= "hello there"')
    assert done.result(20).text == "hello there"


def test_grammar_binds_and_characters_stay_whole(llama: Llama) -> None:
    pieces: list[str] = []
    grammar = 'root ::= "naïve 日本 😀" [0-9]{3}'
    done = llama.generate(asked("a"), grammar=grammar, on_text=pieces.append).result(20)
    assert done.finish == "stop"
    assert done.text == "".join(pieces)
    assert done.text[:-3] == "naïve 日本 😀" and done.text[-3:].isdigit()
    assert done.completion_tokens > len(done.text)


@pytest.mark.parametrize("grammar", ["root := oops", "  ", "other ::= [a-z]", "root ::= root"])
def test_a_bad_grammar_is_bad_input(llama: Llama, grammar: str) -> None:
    with pytest.raises(BadInput, match="grammar"):
        llama.generate(asked("a"), grammar=grammar).result(20)
    assert llama.generate(asked("a"), sampling=GREEDY).result(20).text


def test_a_stop_text_across_tokens(llama: Llama) -> None:
    whole = llama.generate(asked("a"), sampling=GREEDY, grammar=LETTERS).result(20).text
    stop = whole[9:13]
    pieces: list[str] = []
    sampling = Sampling(temperature=0, max_tokens=24, stop=(stop,))
    done = llama.generate(asked("a"), sampling=sampling, grammar=LETTERS, on_text=pieces.append).result(20)
    assert done.finish == "stop"
    assert done.text == "".join(pieces) == whole[: whole.index(stop)]


def test_a_callback_that_raises_fails_its_own_job_only(llama: Llama) -> None:
    def broken(text: str) -> None:
        raise RuntimeError("no loudspeaker")

    good = llama.generate(asked("a"), conversation="a", sampling=GREEDY)
    bad = llama.generate(asked("b"), conversation="b", sampling=GREEDY, on_text=broken)
    with pytest.raises(EngineError, match="no loudspeaker") as caught:
        bad.result(20)
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert good.result(20).text
    assert llama.generate(asked("b"), conversation="b", sampling=GREEDY).result(20).text


def test_a_step_that_fails_for_one_room_leaves_the_others_alone(
    open_llama: Callable[..., Llama], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [open_llama().generate(asked(text), sampling=GREEDY).result(20).text for text in ("one", "two", "three")]
    llama, gate, real = open_llama(), Gate(), llama_cpp.llama_decode
    jobs = [llama.generate(asked("one"), conversation="one", sampling=GREEDY, on_text=gate)]
    assert gate.reached.wait(20)

    def decode(context: Any, batch: Any) -> int:
        rooms = {batch.seq_id[row][0] for row in range(batch.n_tokens)}
        return 1 if 1 in rooms else int(real(context, batch))

    monkeypatch.setattr(llama_cpp, "llama_decode", decode)
    jobs += [llama.generate(asked(text), conversation=text, sampling=GREEDY) for text in ("two", "three")]
    gate.open.set()
    with pytest.raises(EngineError, match="no room in the cache"):
        jobs[1].result(20)
    assert [jobs[0].result(20).text, jobs[2].result(20).text] == [alone[0], alone[2]]
    monkeypatch.undo()
    assert llama.generate(asked("two"), conversation="two", sampling=GREEDY).result(20).text == alone[1]


def test_a_short_prompt_is_answered_before_a_long_one_that_came_first(open_llama: Callable[..., Llama]) -> None:
    llama, gate, order = open_llama(context=2048), Gate(), list[str]()
    first = llama.generate(asked("a"), sampling=Sampling(max_tokens=2), on_text=gate)
    assert gate.reached.wait(20)
    long = llama.generate(asked("x " * 700), conversation="long", sampling=Sampling(max_tokens=1))
    short = llama.generate(asked("hello"), conversation="short", sampling=Sampling(max_tokens=1))
    long.add_done_callback(lambda _: order.append("long"))
    short.add_done_callback(lambda _: order.append("short"))
    gate.open.set()
    for job in (first, long, short):
        job.result(20)
    assert order == ["short", "long"]


def test_a_reply_takes_the_second_sequence_of_a_room_that_holds_two(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=3), Gate()
    kept = llama.generate(asked("kept"), conversation="kept", sampling=GREEDY).result(20)
    twice = llama.generate(asked("twice"), conversation="twice", sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    again = llama.generate(asked("twice"), conversation="twice", sampling=GREEDY)
    gate.open.set()
    twice.result(20), again.result(20)
    llama.generate(asked("new"), conversation="new", sampling=GREEDY).result(20)
    history = asked("kept", kept.text, "and more")
    assert llama.generate(history, conversation="kept", sampling=GREEDY).result(20).cached_tokens >= kept.prompt_tokens


def test_what_is_only_read_ahead_takes_no_other_rooms_only_sequence(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=3), Gate()
    kept = {name: llama.generate(asked(name), conversation=name, sampling=GREEDY).result(20) for name in ("b", "c")}
    reply = llama.generate(asked("a"), conversation="a", sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    ahead = llama.prefill(asked("and what else"), conversation="a", open_user_turn=True, timeout=20)
    gate.open.set()
    reply.result(20), ahead.result(20)
    for name, done in kept.items():
        history = asked(name, done.text, "and more")
        assert (
            llama.generate(history, conversation=name, sampling=GREEDY).result(20).cached_tokens >= done.prompt_tokens
        )


def test_a_slow_reply_may_take_longer_than_any_of_its_tokens(llama: Llama) -> None:
    pace = [0.2] * 12 + [1.8] + [0.0] * 99

    def slow(_: str) -> None:
        time.sleep(pace.pop(0))

    done = llama.generate(asked("a"), sampling=Sampling(max_tokens=12), grammar=LETTERS, on_text=slow, timeout=1.5)
    assert done.result(20).completion_tokens == 12
    with pytest.raises(EngineTimeout):
        llama.generate(asked("a"), sampling=GREEDY, grammar=LETTERS, on_text=slow, timeout=1.5).result(20)


@pytest.mark.parametrize(
    "kind",
    [{"pooling": gguf.PoolingType.MEAN}, {"pooling": gguf.PoolingType.LAST}, {"causal": False}],
    ids=["embeddings", "embeddings of a decoder", "an encoder"],
)
def test_a_model_that_only_reads_is_refused(tmp_path: Path, kind: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"reads\.gguf .* no chat model.*LOCAL_AGENT_LLM_MODEL"):
        Llama(tinygguf.write(tmp_path / "reads.gguf", **kind))


def test_a_failing_step_fails_its_jobs_and_the_engine_goes_on(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    from local_agent.engines.llama.native import NativeModel

    def broken(self: NativeModel, rows: object, threads: int) -> None:
        raise MemoryError("simulated")

    with monkeypatch.context() as patch:
        patch.setattr(NativeModel, "decode", broken)
        with pytest.raises(EngineError, match="simulated"):
            llama.generate(asked("a"), sampling=GREEDY).result(20)
    assert llama.generate(asked("a"), sampling=GREEDY).result(20).completion_tokens == 24


def test_closing_ends_everything(llama: Llama) -> None:
    gate = Gate()
    running = llama.generate(asked("a"), sampling=Sampling(max_tokens=300), conversation="a", on_text=gate)
    assert gate.reached.wait(20)
    waiting = [llama.generate(asked("b"), conversation=f"{i}") for i in range(6)]
    closer = threading.Thread(target=llama.close)
    closer.start()
    gate.open.set()
    closer.join(20)
    for job in [running, *waiting]:
        with pytest.raises(EngineClosed):
            job.result(20)
    for call in (llama.generate, llama.prefill, llama.count):
        with pytest.raises(EngineClosed):
            call(asked("a"))
    llama.close()


def test_an_open_turn_is_read_once_for_all(llama: Llama) -> None:
    first = llama.prefill(asked("what is"), conversation="a", open_user_turn=True).result(20)
    more = llama.prefill(asked("what is the time"), conversation="a", open_user_turn=True).result(20)
    reply = llama.generate(asked("what is the time"), conversation="a", sampling=GREEDY).result(20)
    assert more.cached_tokens == first.prompt_tokens
    assert reply.cached_tokens == more.prompt_tokens < reply.prompt_tokens
    assert 0 < first.end_probability < 1 and first.end_probability != more.end_probability


def test_an_open_turn_may_end_with_a_full_stop(llama: Llama) -> None:
    plain = llama.prefill(asked("what is the time"), conversation="a", open_user_turn=True).result(20)
    ended = llama.prefill(asked("what is the time?"), conversation="b", open_user_turn=True).result(20)
    assert ended.prompt_tokens == plain.prompt_tokens
    assert ended.end_probability == pytest.approx(plain.end_probability, rel=0.01)
    reply = llama.generate(asked("what is the time?"), conversation="b", sampling=GREEDY).result(20)
    assert reply.cached_tokens == ended.prompt_tokens


def test_the_end_of_a_sentence_counts_as_an_end(tmp_path: Path) -> None:
    model = NativeModel(tinygguf.write(tmp_path / "a.gguf"), context=256, sequences=1, threads=1, gpu_layers=0)
    closing = Prompter(model).open(asked("what is the time")).closing
    for mark in ".?!":
        assert model.tokenize(f"time{mark}")[-1] in closing
    assert model.tokenize("time,")[-1] not in closing
    model.free()


def test_words_taken_back_are_rolled_back(open_llama: Callable[..., Llama]) -> None:
    expected = open_llama().generate(asked("what else"), sampling=GREEDY).result(20).text
    llama = open_llama()
    llama.prefill(asked("what is the time"), conversation="a", open_user_turn=True).result(20)
    reply = llama.generate(asked("what else"), conversation="a", sampling=GREEDY).result(20)
    assert reply.cached_tokens > 20
    assert reply.text == expected


@pytest.mark.parametrize("question", ["what is the time", "what is the time?"])
@pytest.mark.parametrize("before", [None, "what is", "what is the time"], ids=["nothing", "a part", "all of it"])
def test_a_message_that_is_perhaps_over_is_read_with_what_opens_the_reply(
    open_llama: Callable[..., Llama], question: str, before: str | None
) -> None:
    plain = open_llama()
    chance = plain.prefill(asked(question), conversation="a", open_user_turn=True).result(20).end_probability
    expected = [plain.generate(asked(question), sampling=one).result(20).text for one in (GREEDY, VARIED)]
    llama = open_llama()
    for name, sampling, text in zip("xy", (GREEDY, VARIED), expected, strict=True):
        if before is not None:
            llama.prefill(asked(before), conversation=name, open_user_turn=True).result(20)
        judged = llama.prefill(asked(question), conversation=name, open_user_turn=True, urgency=Urgency.NOW)
        assert judged.result(20).end_probability == pytest.approx(chance, rel=0.01)
        reply = llama.generate(asked(question), conversation=name, sampling=sampling).result(20)
        assert reply.text == text
        assert reply.prompt_tokens == reply.cached_tokens == judged.result().prompt_tokens, "something was read twice"


def test_a_reply_waits_for_the_reading_that_it_goes_on_from(open_llama: Callable[..., Llama]) -> None:
    """Read by both at once, the same words would cost twice."""
    llama = open_llama(conversations=2)
    question = "tell me a story about the old mill at the river. " * 8
    judged = llama.prefill(asked(question), conversation="a", open_user_turn=True, urgency=Urgency.NOW)
    reply = llama.generate(asked(question), conversation="a", sampling=GREEDY).result(60)
    assert judged.result(0).prompt_tokens == reply.prompt_tokens == reply.cached_tokens


def test_a_message_that_was_not_over_takes_back_what_opened_the_reply(open_llama: Callable[..., Llama]) -> None:
    expected = open_llama().generate(asked("what is the time in Rome"), sampling=GREEDY).result(20).text
    llama = open_llama()
    llama.prefill(asked("what is the time"), conversation="a", open_user_turn=True, urgency=Urgency.NOW).result(20)
    reply = llama.generate(asked("what is the time in Rome"), conversation="a", sampling=GREEDY).result(20)
    assert 20 < reply.cached_tokens < reply.prompt_tokens
    assert reply.text == expected


def test_reading_ahead_gives_way_to_what_is_wanted(open_llama: Callable[..., Llama]) -> None:
    llama, gate = open_llama(conversations=1, context=2048), Gate()
    first = llama.generate(asked("a"), sampling=GREEDY, on_text=gate)
    assert gate.reached.wait(20)
    order: list[str] = []
    ahead = llama.prefill(asked("x " * 600), conversation="ahead")
    wanted = llama.generate(asked("hello"), conversation="wanted", sampling=GREEDY)
    ahead.add_done_callback(lambda _: order.append("ahead"))
    wanted.add_done_callback(lambda _: order.append("wanted"))
    gate.open.set()
    first.result(20)
    ahead.result(20)
    wanted.result(20)
    assert order == ["wanted", "ahead"]


def test_right_of_way_is_held_for_the_first_words_only(open_llama: Callable[..., Llama]) -> None:
    way = CrossEnginePriority()
    llama = open_llama(way=way)
    free: list[bool] = []

    def note(_: str) -> None:
        free.append(way.yield_to_urgent(0.01) < 0.01)

    llama.generate(asked("a"), sampling=Sampling(temperature=0, max_tokens=40), grammar=LETTERS, on_text=note).result(
        20
    )
    assert not any(free[: request.IN_HAND]) and all(free[request.IN_HAND + 6 :]) and len(free) > request.IN_HAND + 8
    free.clear()
    llama.generate(asked("a"), sampling=GREEDY, grammar=LETTERS, on_text=note, urgency=Urgency.SOON).result(20)
    assert all(free)


class CountingWay(CrossEnginePriority):
    """Notes how often work stepped aside."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def yield_to_urgent(self, patience: float = 0.25, right: Right = Right.LATER) -> float:
        spent = super().yield_to_urgent(patience, right)
        if spent > 0.001:
            self.asked.append(spent)
        return spent


def test_slower_work_steps_aside_for_other_engines_but_not_for_ever(open_llama: Callable[..., Llama]) -> None:
    way = CountingWay()
    llama = open_llama(way=way)
    with way.urgent():
        done = llama.generate(asked("a"), sampling=Sampling(max_tokens=2), urgency=Urgency.SOON).result(20)
        assert done.completion_tokens == 2
    assert 0.2 < sum(way.asked) < 2
    way.asked.clear()
    with way.urgent():  # a prompt or a transcript of somebody else: as urgent as this reply
        llama.generate(asked("a"), sampling=Sampling(max_tokens=2)).result(20)
    assert way.asked == []
    with way.urgent(Right.VOICE):  # a first clause is being spoken: the words after it can wait, the prompt not
        llama.generate(asked("b"), sampling=Sampling(max_tokens=2)).result(20)
    assert way.asked


@pytest.mark.parametrize("sampling", [Sampling(max_tokens=0), Sampling(repeat_penalty=0)])
def test_impossible_options(llama: Llama, sampling: Sampling) -> None:
    with pytest.raises(BadInput):
        llama.generate(asked("a"), sampling=sampling)
    with pytest.raises(BadInput, match="no message"):
        llama.generate([])


def test_weights_that_do_not_load(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="download"):
        Llama(tmp_path / "none.gguf")
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(WeightsCorrupt, match="GGUF"):
        Llama(tmp_path / "text.gguf")
    (tmp_path / "half.gguf").write_bytes(tiny.read_bytes()[:200_000])
    with pytest.raises(WeightsCorrupt, match="half"):
        Llama(tmp_path / "half.gguf")


def test_a_gpu_that_is_not_there(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llama_cpp.llama_supports_gpu_offload", lambda: False)
    with pytest.raises(HardwareError, match="GPU"):
        Llama(tiny, gpu_layers=-1)


def test_a_model_without_a_template_and_with_little_training(
    open_llama: Callable[..., Llama], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    llama = open_llama(tinygguf.write(tmp_path / "bare.gguf", template=None, trained=128))
    assert llama.context == 128
    assert llama.generate(asked("hello"), sampling=GREEDY).result(20).text
    assert "ChatML" in caplog.text


def test_what_users_said_is_not_logged(llama: Llama, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    llama.generate(asked("my secret word"), sampling=GREEDY).result(20)
    with pytest.raises(ContextExhausted):
        llama.generate(asked("my secret word " * 99)).result(20)
    assert "secret" not in caplog.text


@pytest.fixture(scope="module")
def smollm(starter: Any) -> Iterator[Llama]:
    llama = Llama(next(starter.llama.glob("*.gguf")), context=2048, conversations=4)
    yield llama
    llama.close()


def say(llama: Llama, *words: str, **options: Any) -> Completion:
    system = {"role": "system", "content": "You are a helpful voice assistant. Answer in one short sentence."}
    return llama.generate([system, *asked(*words)[1:]], sampling=Sampling(temperature=0), **options).result(60)


def test_a_sensible_answer(smollm: Llama) -> None:
    smollm.warm()
    done = say(smollm, "What is the capital of France?", conversation="a")
    assert "Paris" in done.text
    assert done.finish == "stop"
    assert "<|" not in done.text
    again = say(smollm, "What is the capital of France?", done.text, "And of Spain?", conversation="a")
    assert again.cached_tokens >= done.prompt_tokens + done.completion_tokens
    assert "Madrid" in again.text


def test_a_finished_question_ends_more_likely_than_half_of_it(smollm: Llama) -> None:
    half, whole = (
        smollm.prefill(asked(text), conversation="b", open_user_turn=True).result(60).end_probability
        for text in ("What is the", "What is the capital of Spain?")
    )
    assert half < 0.01 < 0.5 < whole


def anonymous_memory() -> int:
    """Bytes of this process that no file stands behind: the weights' pages are mapped, and others may map them too."""
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return 1024 * int(re.search(r"^Anonymous: +(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]


def test_small_keys_answer_as_well_in_less_memory(starter: Any) -> None:
    said, taken = {}, {}
    for small in (False, True):
        before = anonymous_memory()
        llama = Llama(next(starter.llama.glob("*.gguf")), context=8192, conversations=2, small=small)
        try:
            taken[small] = anonymous_memory() - before
            said[small] = say(llama, "What is the capital of France?", conversation="a").text
            other = say(llama, "What is the capital of Italy?", conversation="b")
            assert other.cached_tokens > 16, "what both have in common was not copied"
        finally:
            llama.close()
    assert "Paris" in said[False] and "Paris" in said[True]
    whole = 8192 * 2 * 23_040  # two bytes for each of a token's 30 layers' 192 keys and 192 values
    assert 0.15 * whole < taken[False] - taken[True] < 0.35 * whole


def test_keys_that_do_not_fill_a_block_stay_as_they_are(open_llama: Callable[..., Llama]) -> None:
    """The tiny model's have 16 values; llama.cpp refuses to keep them in blocks of 32."""
    kept = open_llama(small=True).generate(asked("hello"), sampling=GREEDY).result(20)
    assert kept.text == open_llama().generate(asked("hello"), sampling=GREEDY).result(20).text

"""Replies that are verified along an earlier attempt: the same words, in fewer steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.engine import Completion, Llama, Sampling
from local_agent.engines.llama.native import NativeModel
from local_agent.engines.llama.request import KEPT, REACH, ROWS, DraftTokens
from local_agent.errors import EngineBusy, EngineCancelled, EngineError

GREEDY = Sampling(temperature=0, max_tokens=24, repeat_penalty=1.0)
TRIED = Sampling(temperature=0, max_tokens=10, repeat_penalty=1.0)
LETTERS = "root ::= [a-z ]+"


def followed(attempt: list[int], *tokens: int) -> list[list[int]]:
    guess = DraftTokens(attempt)
    return [guess.follow(token) for token in tokens]


def test_a_reply_is_followed_along_its_attempt() -> None:
    assert followed([1, 2, 3, 4], 1, 2, 3, 4) == [[2, 3, 4], [3, 4], [4], []]
    assert followed(list(range(20)), 0) == [list(range(1, 1 + ROWS))]


def test_another_word_ends_it_and_a_word_left_out_does_not() -> None:
    assert followed([1, 2, 3, 4], 9, 1, 3, 7, 4) == [[], [2, 3, 4], [4], [], []]
    assert followed([1, 2, 3, 4, 5, 6], 9, 1 + REACH) == [[], []], "that is too far on to be the same place"
    assert followed([], 1) == [[]]


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "be brief"}, {"role": "user", "content": text}]


def try_reply(llama: Llama, text: str, conversation: str = "a", **options: Any) -> Completion:
    while True:
        try:
            job = llama.generate(
                asked(text), conversation=conversation, urgency=Urgency.SPECULATIVE, **{"sampling": TRIED, **options}
            )
        except EngineBusy:  # the last try was a moment ago
            time.sleep(0.001)
        else:
            return job.result(20)


def reply(llama: Llama, text: str, conversation: str = "a", **options: Any) -> Completion:
    return llama.generate(asked(text), conversation=conversation, **{"sampling": GREEDY, **options}).result(20)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows of each step that any model has done."""
    done: list[int] = []
    decode = NativeModel.decode

    def counted(self: NativeModel, rows: Any, threads: int) -> None:
        done.append(len(rows))
        decode(self, rows, threads)

    monkeypatch.setattr(NativeModel, "decode", counted)
    return done


@pytest.mark.parametrize("grammar", [None, LETTERS], ids=["free", "grammar"])
@pytest.mark.parametrize(
    "sampling", [GREEDY, Sampling(temperature=0.9, seed=3, max_tokens=24)], ids=["greedy", "drawn"]
)
def test_the_same_reply_in_fewer_steps(llama: Llama, steps: list[int], grammar: str | None, sampling: Sampling) -> None:
    plain = reply(llama, "hello", "plain", sampling=sampling, grammar=grammar)
    alone = len(steps)
    tried = try_reply(llama, "hello", sampling=sampling, grammar=grammar)
    assert tried.text == plain.text and tried.guessed_tokens == plain.guessed_tokens == 0
    steps.clear()
    pieces: list[str] = []
    again = reply(llama, "hello", sampling=sampling, grammar=grammar, on_text=pieces.append)
    assert again.text == "".join(pieces) == plain.text
    assert (again.finish, again.completion_tokens) == (plain.finish, plain.completion_tokens) == ("length", 24)
    assert again.guessed_tokens == KEPT - 2, "the first token of a reply, and that behind each step, are new"
    assert len(steps) <= alone - KEPT + 2


def test_words_that_came_later_are_answered_as_if_nothing_had_been_tried(llama: Llama) -> None:
    for text in ("what is", "what is the", "the thing in it is us"):
        try_reply(llama, text)
        again, plain = reply(llama, f"{text} thing"), reply(llama, f"{text} thing", "plain")
        assert again.text == plain.text
        llama.forget("a")
        llama.forget("plain")


def test_the_cache_holds_what_was_said_and_nothing_else(llama: Llama) -> None:
    """What was expected in vain left no trace: the next turn goes on from the reply, and reads it rightly."""
    try_reply(llama, "the inn")
    said = reply(llama, "hello there")
    history = [*asked("hello there"), {"role": "assistant", "content": said.text}, {"role": "user", "content": "on"}]
    following = llama.generate(history, conversation="a", sampling=GREEDY).result(20)
    fresh = llama.generate(history, conversation="b", sampling=GREEDY).result(20)
    assert following.text == fresh.text
    assert following.cached_tokens >= said.prompt_tokens


def test_a_reply_that_ends_among_verified_tokens(llama: Llama) -> None:
    whole = try_reply(llama, "hello", grammar=LETTERS).text
    stop = whole[4:6]
    short = Sampling(temperature=0, max_tokens=24, repeat_penalty=1.0, stop=(stop,))
    done = reply(llama, "hello", sampling=short, grammar=LETTERS)
    assert (done.text, done.finish) == (whole[: whole.index(stop)], "stop") and done.guessed_tokens
    few = Sampling(temperature=0, max_tokens=4, repeat_penalty=1.0)
    try_reply(llama, "hello")
    assert reply(llama, "hello", sampling=few).completion_tokens == 4
    assert reply(llama, "hello").text == reply(llama, "hello", "plain").text


def test_a_reply_near_the_end_of_the_context(open_llama: Callable[..., Llama]) -> None:
    llama = open_llama(context=128, conversations=1)
    question = "x" * (128 - llama.count(asked("")) - 6)
    try_reply(llama, question)
    done = reply(llama, question)
    assert done.finish == "length" and done.guessed_tokens and done.prompt_tokens + done.completion_tokens <= 129


def test_a_reply_that_was_given_up_is_an_attempt_and_one_that_was_not_is_none(llama: Llama) -> None:
    jobs: list[Any] = []

    def give_up(_: str) -> None:
        if len(jobs) == 1 and (count := len(pieces)) >= 6:
            assert count
            jobs[0].cancel()
        pieces.append(_)

    pieces: list[str] = []
    jobs.append(llama.generate(asked("hello"), conversation="a", sampling=GREEDY, grammar=LETTERS, on_text=give_up))
    with pytest.raises(EngineCancelled):
        jobs[0].result(20)
    assert reply(llama, "hello", grammar=LETTERS).guessed_tokens >= 5
    assert reply(llama, "hello", grammar=LETTERS).guessed_tokens == 0


def test_an_attempt_is_forgotten_and_belongs_to_one_conversation(open_llama: Callable[..., Llama]) -> None:
    llama = open_llama(conversations=2)
    try_reply(llama, "hello")
    llama.forget("a")
    assert reply(llama, "hello").guessed_tokens == 0
    try_reply(llama, "hello")
    for other in "bcd":  # more than there are sequences: one of them gets that of "a"
        assert reply(llama, "hello", other).guessed_tokens == 0


def test_a_caller_who_fails_among_verified_tokens_leaves_the_cache_in_order(llama: Llama) -> None:
    try_reply(llama, "hello", grammar=LETTERS)
    heard: list[str] = []

    def broken(text: str) -> None:
        heard.append(text)
        if len(heard) == 4:
            raise RuntimeError("no loudspeaker")

    with pytest.raises(EngineError, match="no loudspeaker"):
        reply(llama, "hello", grammar=LETTERS, on_text=broken)
    assert reply(llama, "hello").text == reply(llama, "hello", "plain").text


def test_a_cache_that_forgets_no_part_is_read_again(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    """As windowed ones may be: what a wrong guess cost is read anew, and the words are the same."""
    plain = reply(llama, "hello there", "plain").text
    tried = try_reply(llama, "the inn")
    assert not plain.startswith(tried.text)
    trim, lost = NativeModel.trim, []

    def stubborn(self: NativeModel, sequence: int, length: int) -> int:
        whole = trim(self, sequence, 10**6) if length else 0
        lost.append(length)
        return trim(self, sequence, 0) if whole != length else length

    job = llama.generate(asked("hello there"), conversation="a", sampling=GREEDY, on_text=lambda _: None)
    monkeypatch.setattr(NativeModel, "trim", stubborn)
    assert job.result(20).text == plain

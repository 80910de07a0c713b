"""Replies with thoughts, from a real engine whose next token is written by the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp
import pytest

from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama import request
from local_agent.engines.llama.context_window import Bounds
from local_agent.engines.llama.engine import Completion, Llama, Sampling
from local_agent.engines.llama.reasoning import Reasoning
from tests.engines.llama import tinygguf
from tests.engines.llama.families import HARMONY

CHANNELS = ["<|endoftext|>", "<|start|>", "<|return|>", "<|end|>", "<|message|>", "<|channel|>", "<|call|>"]
OPENS = tinygguf.TEMPLATE.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")
ASKED = [{"role": "user", "content": "hello"}]
LETTERS = "root ::= [a-z]+"


def said(done: Completion) -> str:
    reasoning = Reasoning()
    return reasoning.push(done.text) + reasoning.finish()


def tokenized(context: Any, text: str) -> list[int]:
    vocabulary, raw = llama_cpp.llama_model_get_vocab(llama_cpp.llama_get_model(context)), text.encode()
    tokens = (llama_cpp.llama_token * (len(raw) + 2))()
    return tokens[: llama_cpp.llama_tokenize(vocabulary, raw, len(raw), tokens, len(tokens), False, True)]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the model write a text, whatever it is asked."""

    def script(text: str) -> None:
        left: list[int] = []

        def sample(chain: Any, context: Any, row: int) -> int:
            left[:] = left or tokenized(context, text)
            return left.pop(0)

        monkeypatch.setattr(llama_cpp, "llama_sampler_sample", sample)

    return script


def test_a_thought_that_the_template_begins_is_in_the_text_and_can_be_taken_out(
    open_llama: Callable[..., Llama], tmp_path: Path, write: Callable[[str], None]
) -> None:
    llama = open_llama(tinygguf.write(tmp_path / "opens.gguf", template=OPENS))
    write("hm. so</think>\n\nthe one<|im_end|>")
    pieces: list[str] = []
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=20, stop=(".",)), on_text=pieces.append).result(20)
    assert done.text == "".join(pieces) == "<think>\nhm. so</think>\n\nthe one"
    assert said(done) == "the one" and done.finish == "stop"
    assert 0 < done.thought_tokens < done.completion_tokens


def test_thoughts_are_no_part_of_max_tokens(open_llama: Callable[..., Llama], write: Callable[[str], None]) -> None:
    llama = open_llama()
    write("<think>" + "hm " * 20 + "</think>the one and more")
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=5)).result(20)
    assert done.finish == "length" and said(done).startswith("the")
    assert done.completion_tokens - done.thought_tokens == 5


@pytest.mark.parametrize("grammar", [None, LETTERS], ids=["free", "grammar"])
def test_a_thought_without_end_is_ended_and_answered_as_the_grammar_wants(
    open_llama: Callable[..., Llama], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grammar: str | None
) -> None:
    monkeypatch.setattr(request, "THOUGHT", 40)
    llama = open_llama(tinygguf.write(tmp_path / "opens.gguf", template=OPENS))
    sampling = Sampling(temperature=0, max_tokens=12, repeat_penalty=1.0)
    done = llama.generate(ASKED, conversation="a", sampling=sampling, grammar=grammar).result(20)
    assert done.thought_tokens == 40 and done.completion_tokens == 52
    assert said(done) and (grammar is None or (said(done).isalpha() and said(done).islower()))
    again = llama.generate(ASKED, conversation="a", sampling=sampling, grammar=grammar).result(20)
    assert said(again) == said(done), "the cache holds what was really written"


def test_a_try_does_not_think_for_long(open_llama: Callable[..., Llama], tmp_path: Path) -> None:
    llama = open_llama(tinygguf.write(tmp_path / "opens.gguf", template=OPENS))
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=10), urgency=Urgency.SPECULATIVE).result(20)
    assert done.completion_tokens == 10


def test_what_ends_a_thoughts_message_does_not_end_the_reply(
    open_llama: Callable[..., Llama], tmp_path: Path, write: Callable[[str], None]
) -> None:
    llama = open_llama(tinygguf.write(tmp_path / "channels.gguf", template=HARMONY, special=CHANNELS))
    write(
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>the one<|end|>"
        "<|start|>user<|message|>more",
    )
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=9)).result(20)
    assert said(done) == "the one" and done.finish == "stop"


@pytest.mark.parametrize("marker", ["<|im_end|>", "<|im_start|>user\nhello"])
def test_a_reply_ends_where_the_template_ends_a_turn_or_begins_another(
    llama: Llama, write: Callable[[str], None], marker: str
) -> None:
    write(f"the one{marker}")
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=40)).result(20)
    assert (done.text, done.finish) == ("the one", "stop")


@pytest.mark.parametrize(
    ("special", "template", "marker"),
    [
        (["<unk>", "<s>", "</s>"], None, "\nUser: and more"),
        (["<unk>", "<s>", "</s>"], tinygguf.TEMPLATE, "<|im_end|>\n"),
        (["<unk>", "<s>", "</s>"], None, "</s>"),
    ],
    ids=["no template", "markers in letters", "end of text"],
)
def test_a_reply_ends_at_markers_that_are_no_tokens(
    open_llama: Callable[..., Llama],
    tmp_path: Path,
    write: Callable[[str], None],
    special: list[str],
    template: str | None,
    marker: str,
) -> None:
    llama = open_llama(tinygguf.write(tmp_path / "bare.gguf", template=template, special=special))
    write(f"the one{marker}")
    done = llama.generate(ASKED, sampling=Sampling(max_tokens=60)).result(20)
    assert (done.text, done.finish) == ("the one", "stop")


def test_a_conversation_leaves_room_for_a_thought_that_the_template_begins(
    open_llama: Callable[..., Llama], tmp_path: Path
) -> None:
    thinks, answers = open_llama(tinygguf.write(tmp_path / "opens.gguf", template=OPENS)), open_llama()
    words: list[Any] = [{"role": "user", "content": "x " * 100}]
    assert answers.fits(words, Bounds(100)) and not thinks.fits(words, Bounds(100))

"""A conversation that is forgotten leaves the cache, and nothing that was still asked for it brings it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from local_agent.engines.llama.engine import Llama, Sampling
from local_agent.errors import EngineCancelled
from tests.engines.llama import tinygguf

SHORT = Sampling(temperature=0, max_tokens=4)


@pytest.fixture
def llama(tmp_path: Path) -> Iterator[Llama]:
    """Of one sequence, so that a second request waits."""
    opened = Llama(tinygguf.write(tmp_path / "tiny.gguf"), context=512, conversations=1, threads=1)
    yield opened
    opened.close()


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


class Gate:
    """An on_text that holds the engine's thread until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, _: str) -> None:
        self.reached.set()
        assert self.opened.wait(20)


def test_what_waits_for_a_forgotten_conversation_is_not_read(llama: Llama) -> None:
    gate = Gate()
    busy = llama.generate(asked("hello"), conversation="b", sampling=SHORT, on_text=gate, grammar="root ::= [a-z ]+")
    assert gate.reached.wait(20)
    late = llama.prefill(asked("my number is five"), conversation="a", open_user_turn=True)
    llama.forget("a")
    again = llama.prefill(asked("my number"), conversation="a", open_user_turn=True)
    gate.opened.set()
    busy.result(20)
    with pytest.raises((CancelledError, EngineCancelled)):
        late.result(20)
    opening = llama.prefill(asked("zebra"), conversation="c", open_user_turn=True).result(20).cached_tokens
    assert again.result(20).cached_tokens == opening, "the name may be used anew, and no word was there"


def test_what_runs_for_a_forgotten_conversation_ends_and_leaves_nothing(llama: Llama) -> None:
    gate = Gate()
    reply = llama.generate(asked("hello"), conversation="a", sampling=SHORT, on_text=gate, grammar="root ::= [a-z ]+")
    assert gate.reached.wait(20)
    llama.forget("a")
    gate.opened.set()
    with pytest.raises(EngineCancelled):
        reply.result(20)
    assert llama.generate(asked("hello"), conversation="a", sampling=SHORT).result(20).cached_tokens == 0

"""Forgetting is asked for aloud, in a real call, and confirmed aloud."""

from __future__ import annotations

import asyncio

import pytest

from local_agent.call.forget_command import Scope, confirmation
from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak

pytestmark = pytest.mark.timeout(180)


def test_what_is_spoken_is_forgotten_and_confirmed(product: Product, speak: Speak) -> None:
    async def call() -> list[tuple[str, str]]:
        async with Caller(product.address) as caller:
            await caller.hear_greeting()
            told = []
            for words in ("What is the capital city of France?", "Please forget that.", "Please forget everything."):
                heard, said, _ = await caller.ask(speak(words))
                told.append((heard, said))
            return told

    before = len(product.lines)
    _, last, everything = asyncio.run(call())
    assert last[1] == confirmation(Scope.LAST), last
    assert everything[1] == confirmation(Scope.EVERYTHING), everything
    forgot = [line.rpartition("forgot: ")[2].strip() for line in product.lines[before:] if "forgot: " in line]
    assert forgot == ["last", "everything"]

"""Whatever is killed at whatever moment: the caller who is in the room is answered again, by one agent.

`python -m tests.calls.kills --kills 20` tries the same more often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.calls.conftest import Product, Speak, launch
from tests.calls.kills import Order, kill_once
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def mortal(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, whose livekit-server is killed."""
    started = launch(tmp_path_factory.mktemp("mortal"), starter.whisper.parent)
    try:
        started.address = started.wait_for(r"Open (http://\S+)")[1]
        started.wait_for("Waiting for room connections")
        yield started
    finally:
        started.end()


@pytest.mark.parametrize("order", ["caller", "agent"])
def test_after_a_kill_of_livekit_server_one_agent_answers(mortal: Product, speak: Speak, order: Order) -> None:
    outcome = asyncio.run(kill_once(mortal, f"kill-{order}", speak("What is two plus two?"), order))
    assert outcome.answered is not None, f"deaf: {outcome}\n{mortal.log}"
    assert outcome.agents == 1, outcome

"""An engine that fails in the middle of a reply: the caller hears an apology and the call goes on. What each engine may
do, and how it is told, is in tests/call/test_failing_engines.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.config.phrases import ENGLISH
from local_agent.config.settings import Settings
from local_agent.engines.llama.engine import Llama
from local_agent.engines.piper.engine import Piper
from local_agent.service import Service
from tests.calls.caller import Caller
from tests.calls.conftest import Hearings, Speak
from tests.conftest import Starter
from tests.hearing import error_rate

pytestmark = pytest.mark.timeout(180)
QUESTION = "What is the capital city of France?"
ODD = RuntimeError("simulated: the native library gave up")


def break_piper_midway(patch: pytest.MonkeyPatch) -> None:
    """The first sentence is heard, the next one's voice fails while more is being written."""
    generate, synthesize = Llama.generate, Piper.synthesize

    def wordy(self: Llama, messages: Any, *, on_text: Callable[[str], None] | None = None, **options: Any) -> Any:
        left = iter(["Just a moment. ", "I will tell you ", "all about it. ", "There is ", "much ", "to tell."])

        def other(text: str) -> None:
            if on_text is not None:  # else it is only tried
                on_text(next(left, ""))

        return generate(self, messages, on_text=other, **options)

    def broken(self: Piper, text: str, **options: Any) -> Any:
        if text.startswith("Just"):
            return synthesize(self, text, **options)
        raise ODD

    patch.setattr(Llama, "generate", wordy)
    patch.setattr(Piper, "synthesize", broken)


def test_the_call_goes_on_after_an_apology(
    starter: Starter,
    tmp_path: Path,
    speak: Speak,
    hearings: Hearings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = {"port": 0, "livekit_port": 0, "rtc_tcp_port": 0, "rtc_udp_port": 0}
    settings = Settings(data_dir=tmp_path, models_dir=starter.whisper.parent, profile="starter", max_calls=1, **ports)
    question = speak(QUESTION)

    async def fail_and_go_on(caller: Caller) -> tuple[NDArray[np.int16], str]:
        with monkeypatch.context() as patch:
            break_piper_midway(patch)
            before, told = len(caller.audio), len(caller.said)
            await caller.play(question)
            # Its text, not the next sound: on a busy machine that may be the end of the answer before.
            async with asyncio.timeout(30):
                while not any("went wrong" in text for text in caller.said[told:]):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert await caller.wait_for_quiet()
            sorry = np.concatenate(caller.audio[before:])
        heard, _, _ = await caller.ask(question)
        return sorry, heard

    async def call() -> tuple[NDArray[np.int16], str]:
        stopping = asyncio.Event()
        async with Service(settings) as service:
            running = asyncio.create_task(service.run(stopping))
            async with Caller(service.address) as caller:
                await caller.hear_greeting()
                told = await fail_and_go_on(caller)
            stopping.set()
            await running
        return told

    sorry, heard = asyncio.run(call())
    monkeypatch.undo()
    said = hearings(sorry)
    assert any("went wrong" in text.lower() for text in said), f"{said!r} instead of {ENGLISH.apology!r}"
    assert error_rate([(QUESTION, heard)]) <= 0.3, "the turn after it is not understood"

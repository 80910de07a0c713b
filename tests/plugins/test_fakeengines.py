"""The fakes take nothing that the engines do not: else the tests of the plugins would prove nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from local_agent.engines.llama.engine import Llama
from local_agent.engines.piper.engine import Piper
from local_agent.engines.registry import Engines
from local_agent.engines.whisper.engine import Whisper
from tests.plugins.fakeengines import FakeEngines, FakeLlama, FakePiper, FakeWhisper

PAIRS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (FakeWhisper.transcribe, Whisper.transcribe),
    (FakeLlama.generate, Llama.generate),
    (FakeLlama.fit, Llama.fit),
    (FakeLlama.forget, Llama.forget),
    (FakePiper.synthesize, Piper.synthesize),
    (FakeEngines.whisper, Engines.whisper),
    (FakeEngines.llama, Engines.llama),
    (FakeEngines.piper, Engines.piper),
    (FakeEngines.voice_rate, Engines.voice_rate),
    (FakeEngines.name, Engines.name),
    (FakeEngines.suits, Engines.suits),
    (FakeEngines.sampling, Engines.sampling),
]


@pytest.mark.parametrize(("fake", "real"), PAIRS, ids=lambda call: call.__qualname__)
def test_a_fake_is_called_as_the_engine_is(fake: Callable[..., Any], real: Callable[..., Any]) -> None:
    taken, offered = inspect.signature(fake).parameters, inspect.signature(real).parameters
    assert {name: taken[name].kind for name in taken} == {name: offered[name].kind for name in taken if name in offered}
    needed = {name for name, parameter in offered.items() if parameter.default is inspect.Parameter.empty}
    assert needed <= set(taken)

"""How long an answer took, told in the same numbers everywhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from livekit.agents.llm import ChatMessage

from local_agent.call import answer_times
from local_agent.call.answer_times import Waited


def added(role: Any, **metrics: float) -> Any:
    return SimpleNamespace(item=ChatMessage(role=role, content=["x"], metrics=metrics))  # type: ignore[arg-type]


def test_an_answer_is_told_with_what_came_before_it() -> None:
    hear: list[Any] = []
    told: list[Waited] = []
    session: Any = SimpleNamespace(on=lambda _, handler: hear.append(handler))
    answer_times.attach(session, told.append)
    for event in (
        added("assistant"),  # a greeting answers nobody
        added("user", transcription_delay=0.31),
        added("assistant", e2e_latency=0.62, llm_node_ttft=0.24, tts_node_ttfb=0),
    ):
        hear[0](event)
    assert told == [Waited(0.62, 0.31, 0.24, None)]
    assert str(told[0]) == "Answered in 0.6 s. (understood 0.3, first word 0.2)"

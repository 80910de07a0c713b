"""The numbers on /metrics: LiveKit's names, the right values, and no words of anybody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import prometheus_client
import pytest
from livekit.agents import APIError
from livekit.agents.llm import ChatMessage, LLMError
from livekit.agents.utils import EventEmitter
from livekit.agents.voice.events import AgentFalseInterruptionEvent, ConversationItemAddedEvent, ErrorEvent
from prometheus_client.parser import text_string_to_metric_families

from local_agent.errors import EngineTimeout
from local_agent.server.metrics import Metrics
from local_agent.turns.timeline import mark

SECRET = "quixotic zebras yodel"


class Session(EventEmitter[str]):
    """What Metrics needs of an AgentSession: its events."""


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def metrics(calls: list[str]) -> Metrics:
    return Metrics(capacity=4, calls=lambda: len(calls))


def samples(metrics: Metrics) -> dict[str, float]:
    """name{labels} -> value, as a Prometheus server would read them; the host's name left out."""
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()) if key != "nodename")
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def watched(metrics: Metrics) -> Any:
    session = Session()
    metrics.watch(session)  # type: ignore[arg-type]
    return session


def said(role: str, interrupted: bool = False, **waits: float) -> ConversationItemAddedEvent:
    message = ChatMessage(role=role, content=[SECRET], interrupted=interrupted, metrics=waits)  # type: ignore[arg-type]
    return ConversationItemAddedEvent(item=message)


def test_calls_and_capacity_are_read_when_asked(metrics: Metrics, calls: list[str]) -> None:
    assert samples(metrics)["lk_agents_active_job_count"] == 0
    calls += ["a", "b"]
    found = samples(metrics)
    assert found["lk_agents_active_job_count"] == 2
    assert found["lk_agents_worker_load"] == 0.5
    assert found["local_agent_capacity"] == 4


def test_waits_of_both_sides_are_counted_under_livekits_names(metrics: Metrics) -> None:
    session = watched(metrics)
    session.emit("conversation_item_added", said("user", transcription_delay=0.2, end_of_turn_delay=0.35))
    session.emit("conversation_item_added", said("assistant", llm_node_ttft=0.08, tts_node_ttfb=0.12, e2e_latency=0.48))
    found = samples(metrics)
    assert found["local_agent_calls_total"] == 1
    assert found["local_agent_turns_total{role=user}"] == found["local_agent_turns_total{role=assistant}"] == 1
    waits = {"transcription_delay": 0.2, "end_of_turn_delay": 0.35, "llm_ttft": 0.08, "tts_ttfb": 0.12}
    for name, seconds in (waits | {"e2e_latency": 0.48}).items():
        assert found[f"lk_agents_turn_{name}_seconds_count"] == 1
        assert found[f"lk_agents_turn_{name}_seconds_sum"] == pytest.approx(seconds)
    assert found["lk_agents_turn_e2e_latency_seconds_bucket{le=0.5}"] == 1
    assert found["lk_agents_turn_e2e_latency_seconds_bucket{le=0.4}"] == 0


def test_a_wait_that_could_not_be_measured_does_not_count(metrics: Metrics) -> None:
    watched(metrics).emit("conversation_item_added", said("user", transcription_delay=0.0))
    assert samples(metrics)["lk_agents_turn_transcription_delay_seconds_count"] == 0


def test_interruptions_are_told_from_false_ones(metrics: Metrics) -> None:
    session = watched(metrics)
    session.emit("conversation_item_added", said("assistant", interrupted=True))
    session.emit("agent_false_interruption", AgentFalseInterruptionEvent(resumed=True))
    session.emit("agent_false_interruption", AgentFalseInterruptionEvent(resumed=True))
    found = samples(metrics)
    assert found["local_agent_interruptions_total"] == 1
    assert found["local_agent_false_interruptions_total"] == 2


def test_errors_are_counted_by_engine_and_by_our_own_kind(metrics: Metrics) -> None:
    session = watched(metrics)
    error = APIError("llm: too slow", retryable=False)
    error.__cause__ = EngineTimeout(SECRET)
    told = LLMError(timestamp=0.0, label="llama", error=error, recoverable=False)
    session.emit("error", ErrorEvent(error=told, source=SimpleNamespace()))
    assert samples(metrics)["local_agent_engine_errors_total{engine=llm,kind=EngineTimeout,recoverable=false}"] == 1


def test_work_done_ahead_is_counted_with_what_became_of_it(metrics: Metrics) -> None:
    name = "local_agent_speculated_total{{kind={},outcome={}}}"
    assert samples(metrics)[name.format("reply", "wasted")] == 0
    for told in ("reply/made", "reply/made", "reply/used", "silence", "nothing/made", "reply/else", f"{SECRET}/made"):
        mark(metrics.hear, told)
    mark(metrics.hear, "prompt_token/made", 17)
    mark(metrics.hear, "voice_second/used", 1.25)
    found = samples(metrics)
    told = {key: value for key, value in found.items() if key.startswith("local_agent_speculated_total") and value}
    assert told == {
        name.format("reply", "made"): 2,
        name.format("reply", "used"): 1,
        name.format("prompt_token", "made"): 17,
        name.format("voice_second", "used"): 1.25,
    }


def test_nothing_that_was_said_is_in_it(metrics: Metrics) -> None:
    session = watched(metrics)
    session.emit("conversation_item_added", said("user"))
    session.emit("error", ErrorEvent(error=ValueError(SECRET), source=SimpleNamespace()))
    text = metrics.exposition().decode()
    assert "local_agent_engine_errors_total{" in text
    assert not any(word in text for word in SECRET.split())


def test_two_services_count_apart_and_nothing_is_global(metrics: Metrics) -> None:
    other = Metrics(capacity=1, calls=lambda: 0)
    watched(metrics)
    assert samples(other)["local_agent_calls_total"] == 0
    assert not [family.name for family in prometheus_client.REGISTRY.collect() if family.name.startswith("local_agent")]


def test_the_memory_of_the_process_is_told(metrics: Metrics) -> None:
    assert samples(metrics)["process_resident_memory_bytes"] > 10 << 20

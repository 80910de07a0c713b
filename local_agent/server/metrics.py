"""What an operator may count, in Prometheus form. Numbers only: nothing that anybody said, and no name of a room.

LiveKit's own names are used where it has them: `lk_agents_active_job_count` and `lk_agents_worker_load` as its
worker's Prometheus endpoint has them, and `lk_agents_turn_*_seconds`, which are its OpenTelemetry histograms
`lk.agents.turn.*` as Prometheus spells them (livekit-agents 1.8.9, telemetry/metrics.py and otel_metrics.py).
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from livekit.agents import AgentSession
from livekit.agents.voice.events import AgentFalseInterruptionEvent, ConversationItemAddedEvent, ErrorEvent
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from local_agent.turns.timeline import SPECULATED, Mark

# Around the half second that an answer may take, and up to where a person hangs up. Seconds.
BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)

# Field of a ChatMessage's metrics -> (name, what it is).
WAITS = {
    "e2e_latency": ("lk_agents_turn_e2e_latency", "From the end of a person's speech to the beginning of the answer"),
    "end_of_turn_delay": ("lk_agents_turn_end_of_turn_delay", "From the end of speech to the end of the turn"),
    "transcription_delay": ("lk_agents_turn_transcription_delay", "From the end of speech to its transcript"),
    "llm_node_ttft": ("lk_agents_turn_llm_ttft", "To the language model's first token"),
    "tts_node_ttfb": ("lk_agents_turn_tts_ttfb", "From the first text to the voice's first sound"),
}


class Metrics:
    """The counts of one service, in a registry of its own.

    capacity: calls at once. watch: hang it on every session, from any thread. hear: a listener of marks. exposition:
    the text of /metrics.
    """

    def __init__(self, capacity: int, calls: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        node = socket.gethostname()
        self._gauge("lk_agents_active_job_count", "Calls going on", lambda: calls(), nodename=node)
        self._gauge("lk_agents_worker_load", "Share of the places taken", lambda: calls() / capacity, nodename=node)
        self._gauge("local_agent_capacity", "Calls that fit at once", lambda: capacity)
        self._calls = self._counter("local_agent_calls", "Calls taken")
        self._turns = self._counter("local_agent_turns", "Turns that ended, by whose they were", "role")
        self._cut = self._counter("local_agent_interruptions", "Answers that a person interrupted")
        self._false = self._counter("local_agent_false_interruptions", "Pauses for a noise that was no interruption")
        self._errors = self._counter(
            "local_agent_engine_errors", "Failures of an engine", "engine", "kind", "recoverable"
        )
        self._waits = {
            field: Histogram(name, text, unit="seconds", buckets=BUCKETS, registry=self.registry)
            for field, (name, text) in WAITS.items()
        }
        self._speculated = self._counter(
            "local_agent_speculated", "Work done before a turn was over, and what became of it", "kind", "outcome"
        )
        for kind, outcomes in SPECULATED.items():
            for outcome in outcomes:
                self._speculated.labels(kind=kind, outcome=outcome)
        ProcessCollector(registry=self.registry)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)

    def hear(self, told: Mark) -> None:
        """Count a mark, if it says what became of work done ahead; from any thread."""
        kind, _, outcome = told.name.partition("/")
        if outcome in SPECULATED.get(kind, ()):
            self._speculated.labels(kind=kind, outcome=outcome).inc(told.amount)

    def watch(self, session: AgentSession[None]) -> None:
        """Count a call, and everything in it."""
        self._calls.inc()
        session.on("conversation_item_added", self._on_item)
        session.on("agent_false_interruption", self._on_false_interruption)
        session.on("error", self._on_error)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if item.type != "message" or item.role not in ("user", "assistant"):
            return
        self._turns.labels(role=item.role).inc()
        if item.role == "assistant" and item.interrupted:
            self._cut.inc()
        for field, histogram in self._waits.items():
            wait = item.metrics.get(field)
            if isinstance(wait, int | float) and wait > 0:  # 0 means that it could not be measured
                histogram.observe(wait)

    def _on_false_interruption(self, _: AgentFalseInterruptionEvent) -> None:
        self._false.inc()

    def _on_error(self, event: ErrorEvent) -> None:
        """engine: stt, llm or tts. kind: the class of the error below LiveKit's, such as EngineTimeout."""
        told = event.error
        error = getattr(told, "error", told)
        error = getattr(error, "__cause__", None) or error
        engine = str(getattr(told, "type", "other")).removesuffix("_error")
        recoverable = str(bool(getattr(told, "recoverable", False))).lower()
        self._errors.labels(engine=engine, kind=type(error).__name__, recoverable=recoverable).inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, value: Callable[[], float], **labels: str) -> None:
        gauge = Gauge(name, text, tuple(labels), registry=self.registry)
        (gauge.labels(**labels) if labels else gauge).set_function(value)

"""Names of livekit-agents that are not public and that we use: docs/architecture.md lists why."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import AgentServer, AgentSession
from livekit.agents.stt import STT, RecognizeStream
from livekit.agents.telemetry.loop_monitor import LoopMonitorThresholds
from livekit.agents.tts import SynthesizeStream
from livekit.agents.vad import VADStream
from livekit.rtc import LocalParticipant
from livekit.rtc._ffi_client import FfiClient

from local_agent.config.sources import library_environment

ROOT = Path(__file__).resolve().parents[1]
FOREIGN = re.compile(r"\b(?:session|server|room|local_participant|ctx|speech|handle|activity)\.(_\w+)")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (AgentServer, "_closed"),
        (AgentServer, "_connecting"),
        (AgentServer, "_entrypoint_fnc"),
        (AgentServer, "_session_end_fnc"),
        (AgentSession, "_recorded_events"),
        (AgentSession, "_claim_user_turn"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_it_is_there(owner: Any, name: str) -> None:
    async def check() -> bool:  # both want an event loop
        return hasattr(owner(), name)

    assert asyncio.run(check())


def test_a_stream_of_speech_counts_its_segments() -> None:
    """`plugins.piper_stream.Stream.push_text` hides the count, or all segments but the first would be dropped."""
    counting = SynthesizeStream.push_text.__code__.co_names
    assert {"_num_segments", "_mtc_text", "_input_ch"} <= set(counting)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RecognizeStream, "_input_ch"),
        (SynthesizeStream, "_input_ch"),
        (VADStream, "_input_ch"),
        (VADStream, "_main_task"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_stream_has_it(owner: type, name: str) -> None:
    assert name in vars(owner) or name in owner.__init__.__code__.co_names  # type: ignore[misc]


def test_a_session_hands_its_key_terms_on() -> None:
    assert "_update_session_keyterms" in vars(STT)


def test_a_participant_keeps_its_rpc_methods() -> None:
    assert "_rpc_handlers" in LocalParticipant.__init__.__code__.co_names


def test_the_native_library_can_be_woken() -> None:
    assert "instance" in vars(FfiClient)  # not asked for: the library would be loaded


def test_nobody_watches_the_loops_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/decisions/thread-executor.md: that can stop the whole process."""
    monkeypatch.delenv("LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS")
    assert LoopMonitorThresholds.from_env() is not None, "there is another way to turn it off now"
    for name, value in library_environment(1).items():
        monkeypatch.setenv(name, value)
    assert LoopMonitorThresholds.from_env() is None


def test_the_page_lists_all_of_them() -> None:
    listed = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    used = {
        name
        for path in (ROOT / "local_agent").rglob("*.py")
        for name in FOREIGN.findall(path.read_text(encoding="utf-8"))
    }
    assert used and {name for name in used if name not in listed} == set()

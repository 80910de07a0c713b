"""The recorder's clock: what a caller's silence, however long, leaves in the file."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from livekit import rtc

from local_agent.recording import encrypted_file, recorder
from local_agent.recording.recorder import Recorder
from tests.fulldisk import full_disk

KEY = secrets.token_bytes(32)
FRAME = rtc.AudioFrame(np.full(320, 1000, np.int16).tobytes(), 16_000, 1, 320)
MUTED = 200.0  # s without a frame; over 65 s the file could not be opened from there on


@pytest.mark.parametrize("side", ["heard", "said"])
def test_a_long_time_without_a_frame_is_silence_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(
        recorder, "time", SimpleNamespace(monotonic=lambda: clock.now, strftime=lambda form: "20261130-120000-")
    )
    monkeypatch.setattr(recorder.consent, "agrees", lambda text, _: True)

    async def call() -> None:
        running = Recorder(tmp_path, KEY)
        running.ask()
        await running.reply("yes")
        for pause in (0.02, 0.02, MUTED, 0.02, 3.0):
            clock.now += pause
            getattr(running, side)(FRAME)
        clock.now += 1.0
        assert await running.end()

    asyncio.run(call())
    (file,) = tmp_path.iterdir()
    sound = np.frombuffer(b"".join(encrypted_file.read(file, KEY)), np.int16).reshape(-1, 2)
    assert len(sound) / 16_000 == pytest.approx(MUTED + 4.06, abs=0.1)
    loud = np.flatnonzero(sound.any(axis=1)) / 16_000
    assert loud[0] < 0.1 and np.diff(loud).max() == pytest.approx(MUTED, abs=0.1)


def test_a_rest_that_can_not_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At a hang-up, too: the operator's log names the file, and nothing is raised."""
    shown: list[str] = []

    async def call() -> bool:
        running = Recorder(tmp_path, KEY)
        running.announce = lambda state: asyncio.sleep(0, shown.append(state))
        running.ask()
        assert await running.reply("yes") == running.words.agreed
        running.heard(FRAME)
        with full_disk(0):
            return await running.end()

    assert asyncio.run(call()) is False
    (file,) = tmp_path.iterdir()
    assert shown == ["on", "failed"]
    assert str(file) in caplog.text and "fix: make room" in caplog.text

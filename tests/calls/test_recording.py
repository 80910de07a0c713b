"""A call that is recorded, by a real caller's spoken yes, and opened again with the key."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.recording import consent
from tests.calls.caller import Caller
from tests.calls.conftest import Hearings, Speak, launch, surroundings
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)
QUESTION = "What is the capital city of France?"


def test_a_spoken_yes_is_recorded_and_opened_again(
    starter: Starter, speak: Speak, hearings: Hearings, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings"
    product = launch(tmp_path, starter.whisper.parent, "--record", str(folder))
    try:
        address = product.wait_for(r"Open (http://\S+)")[1]
        product.wait_for("Waiting for room connections")
        said = asyncio.run(call(address, speak))
        product.wait_for("Agent leaving room: user-", 10)
    finally:
        product.end()
    assert "capital" not in product.log and "--record is on" in product.log
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / ".local_agent" / "recording.key").stat().st_mode) == 0o600
    caller, agent = sides(opened(file, tmp_path, starter))
    assert any("capital" in text.lower() for text in hearings(caller))
    assert any("recorded" in text.lower() for text in hearings(agent)), "what the agent said when it began"
    answered = agent[int(np.flatnonzero(np.abs(caller.astype(np.int32)) > 1000)[0]) :]
    first = said.split()[0].strip(".,!?'").lower()
    sounds = hearings(answered)
    assert any(first in text.lower() for text in sounds), (said, sounds)


async def call(address: str, speak: Speak) -> str:
    """What the agent answered to QUESTION."""
    async with Caller(address) as caller:
        await caller.hear_greeting()
        while consent.words("en").question not in caller.said:
            assert await caller.wait_for_sound(10), f"no question; said {caller.said}"
            assert await caller.wait_for_quiet()
        _, answer, _ = await caller.ask(speak("Yes, please."))
        assert answer == consent.words("en").agreed, (caller.heard, answer)
        (agent,) = caller.room.remote_participants.values()
        assert agent.attributes["local_agent.recording"] == "on"
        _, said, _ = await caller.ask(speak(QUESTION))
        _, answer, _ = await caller.ask(speak("Stop recording, please."))
        assert answer == consent.words("en").stopped, (caller.heard, answer)
        assert agent.attributes.get("local_agent.recording", "") == ""
        return said


def opened(file: Path, folder: Path, starter: Starter) -> Path:
    output = folder / "call.wav"
    command = [sys.executable, "-m", "local_agent", "recording", "decrypt", str(file), "--output", str(output)]
    done = subprocess.run(
        command, cwd=folder, env=surroundings(starter.whisper.parent), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return output


def sides(path: Path) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """int16 [samples] at 16 kHz of the caller and of the agent."""
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 16_000)
        both = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()

"""`console` at a sound card of which nothing is real but the pace: talked over, the agent stops as in a room."""

from __future__ import annotations

import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.calls.caller import RATE
from tests.calls.conftest import ROOT, Speak, surroundings
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)
QUIET = 8.0  # s before the person speaks: by then it is known that nothing of the voice comes back
HEARD_FOR = 1.0, 3.0  # s after the person's first sound, who is still speaking then, between which all is quiet
SOUND = 500  # int16
GREETING = " ".join(f"This is sentence number {n} of a greeting that is much too long." for n in range(1, 12))


def test_talked_over_the_voice_stops(starter: Starter, speak: Speak, tmp_path: Path) -> None:
    words = speak("Please stop now, I have a question about the capital city of France and about the sea.")
    heard = np.concatenate([np.zeros(int(QUIET * RATE), np.int16), words])
    begins = int(np.flatnonzero(np.abs(heard.astype(np.int32)) > SOUND)[0]) / RATE
    with wave.open(str(tmp_path / "heard.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(heard.tobytes())
    played = tmp_path / "played"
    env = surroundings(
        starter.whisper.parent,
        FAKE_CARD_HEARS=str(tmp_path / "heard.wav"),
        FAKE_CARD_PLAYS=str(played),
        LOCAL_AGENT_GREETING=GREETING,
    )
    env["PYTHONPATH"] = f"{ROOT}:{ROOT / 'tests' / 'card'}"
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local_agent", "console"], cwd=tmp_path, env=env, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 90
            while not played.exists() or played.stat().st_size < 2 * RATE * (begins + HEARD_FOR[1]):
                assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.1)
        finally:
            process.send_signal(2)
            process.wait(30)
    sound = np.abs(
        np.frombuffer(played.read_bytes()[: 2 * int(RATE * (begins + HEARD_FOR[1]))], np.int16).astype(np.int32)
    )
    frames = sound[: len(sound) // 960 * 960].reshape(-1, 960).max(axis=1) > SOUND  # 20 ms
    before = frames[int((begins - 2) * 50) : int(begins * 50)]
    assert before.sum() > 40, "the greeting was not being spoken"
    after = frames[int((begins + HEARD_FOR[0]) * 50) :]
    assert after.mean() < 0.1, "the voice went on while the person spoke"

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
STOPS = 2.5  # s from the person's first sound to silence; to the end of the greeting it would be 20
SOUND = 500  # int16
GREETING = " ".join(f"This is sentence number {n} of a greeting that is much too long." for n in range(1, 12))


def test_talked_over_the_voice_stops(starter: Starter, speak: Speak, tmp_path: Path) -> None:
    words = speak("Please stop, I have a question.")
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
            while not played.exists() or played.stat().st_size < 2 * RATE * (begins + STOPS + 1.0):
                assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.1)
        finally:
            process.send_signal(2)
            process.wait(30)
    sound = np.abs(
        np.frombuffer(played.read_bytes()[: 2 * int(RATE * (begins + STOPS + 1.0))], np.int16).astype(np.int32)
    )
    frames = sound[: len(sound) // 960 * 960].reshape(-1, 960).max(axis=1) > SOUND  # 20 ms
    before, after = frames[int((begins - 2) * 50) : int(begins * 50)], frames[int((begins + STOPS - 1) * 50) :]
    assert before.sum() > 40, "the greeting was not being spoken"
    silent = max(len(run) for run in "".join("1" if one else "0" for one in after).split("1"))
    assert silent > 30, f"the voice went on: at most {silent * 20} ms of silence"

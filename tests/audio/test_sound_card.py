"""The sound card and its echo canceller, on a card that is not there."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.local_io import HEARD_RATE, PullAudioOutput, QueueAudioInput
from local_agent.audio.sound_card import BLOCK, RATE, EchoCanceller, SoundCard, library
from local_agent.errors import HardwareError

FAKE = Path(__file__).parents[1] / "card" / "sounddevice.py"


def fake_card(fault: str, patch: pytest.MonkeyPatch) -> Any:
    """The module put in the place of sounddevice; None where already the import fails."""
    patch.setenv("FAKE_CARD_FAULT", fault)
    patch.syspath_prepend(str(FAKE.parent))
    patch.delitem(sys.modules, "sounddevice", raising=False)
    if fault == "library":
        return None
    spec = importlib.util.spec_from_file_location("sounddevice", FAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    patch.setitem(sys.modules, "sounddevice", module)
    return module


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    sys.modules.pop("sounddevice", None)


def speech_like(seconds: float, seed: int) -> NDArray[np.float64]:
    """Noise in syllables: what an echo canceller is made for."""
    count = int(seconds * RATE)
    noise = np.random.default_rng(seed).standard_normal(count)
    smooth = np.convolve(noise, np.ones(12) / 12, mode="same")
    return smooth * (0.3 + np.abs(np.sin(2 * np.pi * 3 * np.arange(count) / RATE))) * 12_000


def power(samples: NDArray[np.int16]) -> float:
    """dBFS."""
    return float(10 * np.log10(np.mean((samples / 32768.0) ** 2) + 1e-12))


def through(canceller: EchoCanceller, played: NDArray[np.int16], heard: NDArray[np.int16]) -> NDArray[np.int16]:
    clean = []
    for at in range(0, len(played), BLOCK):
        canceller.played(played[at : at + BLOCK])
        canceller.set_delay(0.04)
        clean.append(canceller.heard(heard[at : at + BLOCK]))
    return np.concatenate(clean)


def test_the_loudspeaker_is_not_heard() -> None:
    """Its echo comes back 40 ms later and 6 dB weaker; after two seconds the canceller knows the way."""
    played = speech_like(5.0, seed=1).astype(np.int16)
    echo = np.concatenate([np.zeros(int(0.04 * RATE)), played])[: len(played)] * 0.5
    clean = through(EchoCanceller(), played, echo.astype(np.int16))
    late = clean[int(3.0 * HEARD_RATE) :]
    assert power(late) < power(echo.astype(np.int16)) - 20


def test_a_person_is_heard() -> None:
    person = speech_like(3.0, seed=2).astype(np.int16)
    clean = through(EchoCanceller(), np.zeros(len(person), np.int16), person)
    assert abs(len(clean) / HEARD_RATE - 3.0) < 0.05
    assert power(clean[HEARD_RATE:]) > power(person) - 20


@pytest.mark.parametrize(("fault", "words"), [("library", "PortAudio library"), ("devices", "no microphone")])
def test_what_is_missing_is_named_with_its_remedy(
    fault: str, words: str, patch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fake_card(fault, patch)
    with pytest.raises(HardwareError, match=words) as caught:
        library()
    assert "console --text" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_card_that_does_not_open(patch: pytest.MonkeyPatch) -> None:
    fake_card("open", patch)

    async def scene() -> None:
        faults: list[HardwareError] = []
        card = SoundCard(QueueAudioInput(), PullAudioOutput(), faults.append)
        with pytest.raises(HardwareError, match="Device unavailable"):
            card.open()
        assert faults == []

    asyncio.run(scene())


def test_the_card_feeds_the_ear_until_it_is_closed(patch: pytest.MonkeyPatch) -> None:
    fake_card("", patch)

    async def scene() -> None:
        faults: list[HardwareError] = []
        ear = QueueAudioInput()
        card = SoundCard(ear, PullAudioOutput(), faults.append)
        card.open()
        try:
            for _ in range(5):
                frame = await asyncio.wait_for(anext(ear), 20)
                assert frame.sample_rate == HEARD_RATE
        finally:
            await asyncio.to_thread(card.close)
        assert faults == []

    asyncio.run(scene())


def test_a_card_that_goes_away_is_reported_once(patch: pytest.MonkeyPatch) -> None:
    device = fake_card("", patch)

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        faults: asyncio.Queue[HardwareError] = asyncio.Queue()
        card = SoundCard(
            QueueAudioInput(), PullAudioOutput(), lambda fault: loop.call_soon_threadsafe(faults.put_nowait, fault)
        )
        card.open()
        for stream in device.opened:
            stream.unplug()
        fault = await asyncio.wait_for(faults.get(), 20)
        await asyncio.to_thread(card.close)
        await asyncio.sleep(0)
        assert "the sound card stopped" in str(fault)
        assert faults.empty()

    asyncio.run(scene())


def test_a_fault_inside_the_callback_is_reported(patch: pytest.MonkeyPatch) -> None:
    device = fake_card("", patch)

    class Broken(PullAudioOutput):
        def pull(self, count: int) -> NDArray[np.int16]:
            raise ValueError("broken")

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        faults: asyncio.Queue[HardwareError] = asyncio.Queue()
        card = SoundCard(QueueAudioInput(), Broken(), lambda fault: loop.call_soon_threadsafe(faults.put_nowait, fault))
        card.open()
        fault = await asyncio.wait_for(faults.get(), 20)
        await asyncio.to_thread(card.close)
        await asyncio.sleep(0)
        assert "ValueError: broken" in str(fault) and faults.empty()
        played, _ = device.opened
        assert isinstance(played.failure, ValueError), "the card goes on without sound"

    asyncio.run(scene())

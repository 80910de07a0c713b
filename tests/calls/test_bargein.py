"""Calls in which somebody talks, or something sounds, over a long greeting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio import wav
from local_agent.bench.interruption import lost
from local_agent.bench.word_error_rate import words
from tests.calls.caller import FRAME, HEARD, RATE, Caller
from tests.calls.conftest import SPEECH, Hearings, Product, Speak, launch
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(240)
GREETING = (
    "The river begins high in the mountains, where the snow lies until the middle of June. From there it runs through "
    "a narrow valley, past three old villages and a mill that nobody has used for a hundred years. Farther down it "
    "meets a second river, which is broader and slower, and the two go on together towards the sea."
)
Samples = NDArray[np.int16]
BUFFERED = 10  # frames of 10 ms that a sound card keeps ahead
MISHEARD = 2  # words of 56 that no transcript has though nothing took them away (local_agent.bench.interruption)


@pytest.fixture(scope="module")
def narrator(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product whose greeting is long enough to be talked over."""
    folder = tmp_path_factory.mktemp("narrator")
    started = launch(folder, starter.whisper.parent, LOCAL_AGENT_GREETING=GREETING, LOCAL_AGENT_SEED="7")
    try:
        started.address = started.wait_for(r"Open (http://\S+)")[1]
        started.wait_for("Waiting for room connections")
        yield started
    finally:
        started.end()


class OnLoudspeaker(Caller):
    """A caller whose microphone hears what comes out of the loudspeaker beside it, through `room`."""

    room_response: NDArray[np.float64] | None = None

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._ahead = 0  # frames of HEARD // 100 between what is sent now and what the loudspeaker plays now
        self._sent = 0
        self._tail = np.zeros(0)
        self.echoed = 0  # int16 peak of what came back

    def _echo(self) -> NDArray[np.float64]:
        """float64 [FRAME] at RATE of what comes back now.

        One clock drives microphone and loudspeaker: a frame that was late here is left out, and delays none after it.
        """
        assert self.room_response is not None
        count = FRAME * HEARD // RATE
        if not self.audio:
            self._ahead = self._sent + BUFFERED
        start = max(0, self._sent - self._ahead)
        pieces = self.audio[start : start + 2] if self._sent >= self._ahead else []
        self._sent += 2
        piece = np.concatenate([*pieces, np.zeros(count)])[:count]
        length = len(self.room_response) + count - 1
        self._tail = np.concatenate([np.zeros(length), self._tail, piece])[-length:]
        wet = np.convolve(self._tail, self.room_response, "valid")
        return np.interp(np.arange(FRAME) * HEARD / RATE, np.arange(count), wet)

    def mix(self, frame: NDArray[np.int16]) -> NDArray[np.int16]:
        echo = self._echo()
        self.echoed = max(self.echoed, int(np.abs(echo).max()))
        return np.asarray((super().mix(frame) + echo).clip(-32768, 32767), np.int16)


def room(level: float) -> NDArray[np.float64]:
    """A recorded room where there is one, else a made one; what comes back has `level` dB of what is played."""
    path = SPEECH / "rir" / "sb_rir2.wav"
    if path.is_file():
        samples, rate = wav.read(path)
        assert rate == HEARD
        response = samples[:7000].astype(np.float64)
    else:
        response = np.random.default_rng(3).normal(size=4000) * np.exp(-np.arange(4000) / 800) * 0.1
        response[0] = 1.0
    scaled: NDArray[np.float64] = response / np.sqrt(np.sum(response**2)) * 10 ** (level / 20)
    return scaled


def hum() -> Samples:
    """A hummed "mm-hmm": a low voice with the mouth closed, twice, int16 [samples] at RATE."""
    pieces = []
    for start, end in ((120.0, 110.0), (115.0, 150.0)):
        pitch = np.linspace(start, end, int(0.17 * RATE))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        tone = sum(np.sin(number * phase) / number**2 for number in range(1, 9))
        pieces += [tone * np.hanning(len(pitch)), np.zeros(int(0.04 * RATE))]
    return np.asarray(np.concatenate(pieces) * 9_000, np.int16)


def door() -> Samples:
    """A door that falls shut: a thud and a rattle, int16 [samples] at RATE."""
    time = np.arange(int(0.4 * RATE)) / RATE
    rattle = 0.5 * np.random.default_rng(1).normal(size=len(time)) * np.exp(-60 * time)
    return np.asarray((np.sin(2 * np.pi * 90 * time) * np.exp(-18 * time) + rattle) * 14_000, np.int16)


async def greeted(caller: Caller) -> None:
    """Wait until the whole greeting was heard, or what will be of it."""
    await asyncio.wait_for(caller._spoke.wait(), 60)
    assert await caller.wait_for_quiet(40)


def audible(audio: list[Samples]) -> Samples:
    """What was heard, from its first sound to its last."""
    samples = np.concatenate(audio)
    loud = np.abs(samples.astype(np.int32)) > 500
    first, last = int(loud.argmax()), len(loud) - int(loud[::-1].argmax())
    return samples[max(0, first - 3200) : last + 3200]


def test_talking_over_the_voice_silences_it_and_history_keeps_what_was_heard(
    narrator: Product, speak: Speak, hearings: Hearings
) -> None:
    async def call() -> Caller:
        async with Caller(narrator.address) as caller:
            assert await caller.wait_for_sound(20)
            await asyncio.sleep(3.5)
            heard = len(caller.audio) + 200  # 2 s on, before an answer, all that was to be heard of it has come
            await caller.play(speak("Wait, please tell me what the capital of France is."))
            await greeted(caller)
            del caller.audio[heard:]
            await asyncio.sleep(0.5)
            return caller

    caller = asyncio.run(call())
    told = caller.said[0]
    assert GREETING.startswith(told) and 3 <= len(told.split()) <= len(GREETING.split()) // 2
    sounds = hearings(audible(caller.audio))
    heard = len(words(GREETING)) - lost(GREETING, *sounds)
    assert abs(len(words(told)) - heard) <= 2, (told, sounds)


def test_listening_noises_and_a_door_take_no_word_away(narrator: Product, hearings: Hearings) -> None:
    async def call() -> Caller:
        async with Caller(narrator.address) as caller:
            assert await caller.wait_for_sound(20)
            for sound in (hum(), door(), hum()):
                await asyncio.sleep(2.5)
                await caller.play(sound)
            await greeted(caller)
            return caller

    caller = asyncio.run(call())
    assert caller.said == [GREETING] and caller.heard == []
    sounds = hearings(audible(caller.audio))
    assert lost(GREETING, *sounds) <= MISHEARD, sounds


def test_the_agents_own_echo_does_not_interrupt_it(narrator: Product) -> None:
    async def call() -> OnLoudspeaker:
        caller = OnLoudspeaker(narrator.address)
        caller.room_response = room(-25.0)
        async with caller:
            assert await caller.wait_for_sound(20)
            await greeted(caller)
            return caller

    caller = asyncio.run(call())
    assert caller.said == [GREETING] and caller.heard == []
    assert caller.echoed > 100 and caller.faults == [], "nothing came back into the microphone"

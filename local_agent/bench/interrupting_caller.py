"""A caller who makes sounds over the agent's long first words, in a process of its own, and notes when it fell silent.

Reads one plan from standard input, tells one line of JSON a call. Silent is who is inaudible for SILENCE seconds, from
the last audible 10 ms before them on (`participant.AUDIBLE`, the yardstick's).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_agent.audio import wav
from local_agent.audio.local_io import resampled
from local_agent.bench.caller import Caller, Line
from local_agent.bench.subprocess_json import perform, tell
from local_agent.errors import ServerError
from local_agent.process.exit import leave
from local_agent.simulated_caller import FRAME, HEARD, RATE

TALKING = 0.1  # s before and after an onset in which there must be sound for the agent to be talked over
SILENCE = 0.4  # s without sound that are silence
OVER = 1.0  # s without sound after which nothing more of the first words comes
AFTER = 1.5  # s after a sound in which it may still take effect
ANSWERS = 20.0  # s until the agent must have been heard
LONGEST = 60.0  # s until its first words must be over
LEAD = 0.1  # s of a recording before its speech that are played
FAINT = 24.0  # dB under the loudest 10 ms of a clip from which on its speech has begun; breath is fainter
ECHO = -25.0  # dB of what is played that come back to the microphone, as from a telephone on the loudspeaker


@dataclass(frozen=True)
class Sound:
    """kind: speech, noise or backchannel. at: seconds after the agent's first sound."""

    name: str
    kind: str
    path: str
    at: float


@dataclass(frozen=True)
class Call:
    """What one caller does. room: impulse response through which the microphone hears the agent. record: WAV file."""

    number: int
    sounds: Sequence[Sound]
    record: str
    room: str | None = None


@dataclass(frozen=True)
class Effect:
    """What became of a sound. onset: its first loud 10 ms left the microphone; silent: the agent was heard last before
    it fell silent, None where it did not. over: the sound ended. Seconds of time.monotonic(). talking: the agent was
    audible before and after the onset, not in a pause between two words.
    """

    name: str
    kind: str
    onset: float
    over: float
    silent: float | None
    talking: bool


def onset(samples: NDArray[np.int16], rate: int) -> float:
    """Seconds until int16 [samples] begin to be loud: the first of three frames of 10 ms less than FAINT dB under the
    loudest.
    """
    step = rate // 100
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    power = (frames**2).mean(axis=1)
    loud = power > power.max(initial=1.0) * 10 ** (-FAINT / 10)
    lasting = loud[:-2] & loud[1:-1] & loud[2:]
    return float(lasting.argmax()) * 0.01


def falls_silent(sounds: Sequence[float], onset: float, until: float) -> float | None:
    """When the last sound before SILENCE seconds without any was heard, between `onset` and `until`."""
    later = [at for at in sounds if at >= onset]
    for at, following in zip([onset, *later], [*later, float("inf")], strict=True):
        if following - at >= SILENCE:
            return at if at + SILENCE <= until else None
    return None


def heard_out(said: Sequence[str], sounds: Sequence[float], now: float) -> bool:
    """Whether the first words are over: their text comes before their sound where that was held on the way."""
    return bool(said) and now - sounds[-1] > OVER


class Heckler(Caller):
    """A caller that keeps what it hears, and may hear the agent in its own microphone."""

    def __init__(self, line: Line, call: Call) -> None:
        super().__init__("hecklers", line, call.number)
        self._call = call
        self._heard_audio: list[NDArray[np.int16]] = []
        self._sent_at = 0.0  # when the first frame of the sound being played was sent
        self._room_response = _response(call.room) if call.room else None
        self._waiting = self._tail = np.zeros(0)

    async def act(self) -> dict[str, Any]:
        """Make all sounds, hear the first words out. Raises ServerError where nobody answers."""
        deadline = time.monotonic() + ANSWERS
        while not self.sounds:
            if time.monotonic() > deadline:
                raise ServerError(f"nobody answered within {ANSWERS:g} s", fix="python -m local_agent doctor")
            await asyncio.sleep(0.01)
        first = self.sounds[0]
        effects = [await self._make(sound, first) for sound in self._call.sounds]
        while not heard_out(self.said, self.sounds, now := time.monotonic()) and now - first < LONGEST:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        audio = np.concatenate([*self._heard_audio, np.zeros(1, np.int16)])
        wav.write(Path(self._call.record), audio, HEARD)
        return {
            "number": self._call.number,
            "effects": [asdict(effect) for effect in effects],
            "said": self.said[0] if self.said else "",
            "record": self._call.record,
            "echo": self._call.room is not None,
            "began": first,
            "ended": time.monotonic(),
        }

    async def _make(self, sound: Sound, first: float) -> Effect:
        samples = resampled(*wav.read(Path(sound.path)), RATE)
        loud = onset(samples, RATE)
        if sound.kind == "speech":  # of silence before it, just so much that it begins as it was recorded
            samples = samples[max(0, int((loud - LEAD) * RATE)) :]
            loud = min(loud, LEAD)
        await asyncio.sleep(max(0.0, first + sound.at - time.monotonic()))
        while not self.sounds or time.monotonic() - self.sounds[-1] > 0.04:
            if self.said:
                break  # it is over: nothing is left to talk over
            await asyncio.sleep(0.005)
        self._sent_at = 0.0
        self.playing = samples
        while not self._sent_at:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        began, length = self._sent_at + loud, len(samples) / RATE
        over = self._sent_at + length
        await asyncio.sleep(max(0.0, over + (AFTER if sound.kind == "speech" else 0.0) - time.monotonic()))
        talking = any(began - TALKING <= at < began for at in self.sounds)
        talking = talking and any(began <= at <= began + TALKING for at in self.sounds)
        silent = falls_silent(self.sounds, began, time.monotonic())
        return Effect(sound.name, sound.kind, began, over, silent, talking)

    def hear(self, samples: NDArray[np.int16]) -> None:
        self._heard_audio.append(samples)
        if self._room_response is not None:
            self._waiting = np.concatenate([self._waiting, samples])

    def mix(self, frame: NDArray[np.int16]) -> NDArray[np.int16]:
        if len(frame) and not self._sent_at:
            self._sent_at = time.monotonic()
        return (super().mix(frame) + self._echo()).clip(-32768, 32767).astype(np.int16)

    def _echo(self) -> NDArray[np.float64]:
        """float64 [FRAME] of the agent's voice that come back now."""
        response = self._room_response
        if response is None:
            return np.zeros(FRAME)
        count = FRAME * HEARD // RATE
        piece, self._waiting = self._waiting[:count], self._waiting[count:]
        piece = np.concatenate([piece, np.zeros(count - len(piece))])
        length = len(response) + count - 1
        self._tail = np.concatenate([np.zeros(length), self._tail, piece])[-length:]
        wet = np.convolve(self._tail, response, "valid")
        return np.interp(np.arange(FRAME) * HEARD / RATE, np.arange(count), wet)


def _response(path: str) -> NDArray[np.float64]:
    samples, rate = wav.read(Path(path))
    response = resampled(samples, rate, HEARD)[: HEARD // 2].astype(np.float64)
    scaled: NDArray[np.float64] = response / np.sqrt(np.sum(response**2)) * 10 ** (ECHO / 20)
    return scaled


async def hold(line: Line, calls: Sequence[Call]) -> None:
    """One call after the other, telling each."""
    for call in calls:
        heckler = Heckler(line, call)
        async with heckler:
            tell({"call": await heckler.act()})


async def _hold_all(plan: dict[str, Any]) -> None:
    calls = [Call(**given | {"sounds": [Sound(**sound) for sound in given["sounds"]]}) for given in plan["calls"]]
    await hold(Line(**plan["line"]), calls)


if __name__ == "__main__":
    leave(asyncio.run(perform(_hold_all)))

"""A person in a room, for tests: a microphone that plays speech at real-time pace, ears, and the transcripts."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import numpy as np
from numpy.typing import NDArray

from local_agent.simulated_caller import FRAME, HEARD, RATE, Participant

__all__ = ["FRAME", "HEARD", "RATE", "Caller"]


class Caller(Participant):
    """async with Caller(page_address) as caller: ..."""

    def __init__(self, address: str, room: str = "", identity: str = "caller") -> None:
        super().__init__(identity)
        self.address, self.room_name = address, room
        self.answer: dict[str, Any] = {}  # to the token request
        self.audio: list[NDArray[np.int16]] = []  # all that came back, at HEARD Hz
        self._spoke = asyncio.Event()

    async def door(self) -> tuple[str, str]:
        body = {"participant_identity": self.identity} | ({"room_name": self.room_name} if self.room_name else {})
        url = f"{self.address}/api/livekit/token"
        async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
            assert answer.status in (200, 201), await answer.text()
            self.answer = await answer.json()
        self.token: str = self.answer["participant_token"]
        return self.answer["server_url"], self.token

    async def __aenter__(self) -> Caller:
        await super().__aenter__()
        self.room_name = self.room.name
        return self

    def hear(self, samples: NDArray[np.int16]) -> None:
        self.audio.append(samples)

    def on_said(self) -> None:
        self._spoke.set()

    async def play(self, samples: NDArray[np.int16]) -> None:
        """Speak int16 [samples] at RATE; returns when the last of it has been sent."""
        self.playing = np.concatenate([self.playing, samples])
        await self.played()

    async def wait_for_sound(self, seconds: float) -> bool:
        """Whether anything new becomes audible within `seconds`."""
        return await self.sound(seconds)

    async def wait_for_quiet(self, seconds: float = 40.0) -> bool:
        """Whether it is quiet for QUIET seconds within `seconds`."""
        return await self.quiet(seconds)

    async def hear_greeting(self) -> None:
        assert await self.wait_for_sound(20), "no greeting within 20 s"
        await asyncio.wait_for(self._spoke.wait(), 20)  # its transcript is whole when it was spoken, pauses or not
        assert await self.wait_for_quiet(20), "the greeting does not end"

    async def ask(self, samples: NDArray[np.int16]) -> tuple[str, str, NDArray[np.int16]]:
        """(what was understood, what was answered, int16 [samples] at HEARD Hz) for one spoken question."""
        heard, said, before = len(self.heard), len(self.said), len(self.audio)
        await self.play(samples)
        assert await self.wait_for_sound(20), f"no answer within 20 s; understood: {self.heard[heard:]}"
        assert await self.wait_for_quiet(), "the answer does not end"
        await asyncio.sleep(0.5)
        return " ".join(self.heard[heard:]), " ".join(self.said[said:]), np.concatenate(self.audio[before:])

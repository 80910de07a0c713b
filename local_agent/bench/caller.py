"""A person in a room: speaks clips through a microphone that never stops, listens, and notes how long it waited.

Counted as our yardstick does: from the end of the recorded speech to the first of three audible frames of 10 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from livekit import api

from local_agent.audio import wav
from local_agent.audio.local_io import resampled
from local_agent.bench.clips import Clip
from local_agent.bench.statistics import Turn
from local_agent.errors import ServerError
from local_agent.simulated_caller import ENOUGH, RATE, Participant

PATIENCE = 15.0  # s after the end of speech until a turn counts as missed
GREETED = 20.0  # s until the agent must have been heard, where it speaks first
LONGEST_REPLY = 40.0  # s


@dataclass(frozen=True)
class Line:
    """Where to call: a LiveKit server, its key and secret. greets: the agent speaks first."""

    url: str
    key: str
    secret: str
    greets: bool = True


def longest_pause(sounds: Sequence[float]) -> float:
    """Seconds of the longest silence between two sounds, which are given by their times."""
    return round(max((after - before for before, after in pairwise(sounds)), default=0.0), 2)


class Caller(Participant):
    """async with Caller(stack, line, number) as caller: await caller.turn(clip)

    said_before: how many clips this caller has said in earlier calls.
    """

    def __init__(self, stack: str, line: Line, number: int, said_before: int = 0) -> None:
        super().__init__(f"caller-{number}")
        self.stack, self.number, self._line = stack, number, line
        self._turns = said_before

    async def door(self) -> tuple[str, str]:
        grants = api.VideoGrants(room_join=True, room=f"bench-{self.stack}-{self.number}-{self._turns}")
        token = api.AccessToken(self._line.key, self._line.secret).with_identity(self.identity).with_grants(grants)
        return self._line.url, token.to_jwt()

    async def settle(self) -> None:
        """Hear the greeting out. Raises ServerError where nobody answers the call."""
        deadline = time.monotonic() + GREETED
        while not (self.sounds if self._line.greets else self.room.remote_participants):
            if time.monotonic() > deadline:
                raise ServerError(
                    f"nobody answered caller {self.number} of {self.stack} within {GREETED:g} s",
                    expected="a greeting" if self._line.greets else "an agent in the room",
                    fix="python -m local_agent doctor",
                )
            await asyncio.sleep(0.05)
        await self.quiet(PATIENCE)
        await asyncio.sleep(0.3 if self._line.greets else 1.0)

    async def turn(self, clip: Clip) -> Turn:
        """Say a clip, wait for the reply and hear it out."""
        audio = await asyncio.to_thread(lambda: resampled(*wav.read(clip.path), RATE))
        before, heard, said = len(self.sounds), len(self.heard), len(self.said)
        self.playing = audio
        began = time.monotonic()
        end = began + clip.speech_end
        await self.sound(within=clip.speech_end + PATIENCE)
        new = self.sounds[before:]
        audible = new[0] if len(new) >= ENOUGH else None
        await self.played()
        if audible is not None:
            await self.quiet(LONGEST_REPLY)
        await asyncio.sleep(0.3)
        self._turns += 1
        return Turn(
            stack=self.stack,
            caller=self.number,
            number=self._turns,
            clip=clip.name,
            began=began,
            end=end,
            audible=audible,
            text=clip.text,
            heard=" ".join(self.heard[heard:]),
            said=" ".join(self.said[said:]),
            spoke_s=round(0.01 * len(self.sounds[before:]), 2),
            pause_s=longest_pause(self.sounds[before:]),
        )

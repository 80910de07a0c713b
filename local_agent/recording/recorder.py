"""Records one call, if and as long as its caller agrees. Belongs to the session's event loop."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io

from local_agent.errors import ConfigError
from local_agent.forget import Scope
from local_agent.recording import consent, vault
from local_agent.recording.tracks import RATE, Samples, Tracks

logger = logging.getLogger("local_agent")

SUFFIX = ".recording"
EVERY = 2.0  # s between two chunks; the last second stays in hand, because the agent's sound may yet be cut
Announce = Callable[[bool], Awaitable[None]]


class Recorder:
    """folder, key: where and with what recordings are written. announce: shows the caller's page whether one runs."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder, self._key = folder, key
        self.announce: Announce | None = None
        self.asked = False  # and not answered yet
        self._writer: vault.Writer | None = None
        self._tracks, self._began, self._written = Tracks(), 0.0, 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resamplers: dict[int, rtc.AudioResampler] = {}

    @property
    def runs(self) -> bool:
        return self._writer is not None

    def ask(self) -> None:
        """The caller has heard the question: what they say next is the answer."""
        self.asked = True

    async def reply(self, text: str) -> str | None:
        """What to say to a message that is about the recording; None when it is about something else."""
        if self.asked:
            self.asked = False
            if consent.agrees(text):
                await self._begin()
                return consent.AGREED
            return consent.DECLINED if consent.declines(text) else None
        if self.runs and consent.stops(text):
            await self.end()
            return consent.STOPPED
        return None

    async def forget(self, scope: Scope) -> str:
        """What a running recording makes of it, in words; "" when none runs."""
        if self._writer is None:
            return ""
        if scope is Scope.LAST:
            return consent.FORGETS_NOT
        self._writer.discard()
        self._writer = None
        await self._tell(False)
        return consent.DELETED

    async def end(self) -> None:
        """Write the rest and close the file; safe to call twice."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        now = self._now()
        self._tracks.cut(now)
        writer.close(self._tracks.take(now).tobytes())
        await self._tell(False)

    def heard(self, frame: rtc.AudioFrame) -> None:
        """A frame of the caller's microphone."""
        if self._writer is None:
            return
        self._tracks.heard(self._at_rate(frame), self._now())
        if self._now() - self._written > EVERY:
            self._written = self._now() - EVERY / 2
            try:
                self._writer.write(self._tracks.take(self._written).tobytes())
            except OSError as error:
                self._fail(error)

    def said(self, frame: rtc.AudioFrame) -> None:
        """A frame of the agent's voice, which comes faster than it is played."""
        if self.runs:
            self._tracks.said(self._at_rate(frame), self._now())

    def cut(self) -> None:
        """The agent was interrupted."""
        self._tracks.cut(self._now())

    def _fail(self, error: OSError) -> None:
        """The call goes on without."""
        assert self._writer is not None
        logger.error("the recording %s ends: %s", self._writer.path, error.strerror)
        self._writer = None
        task = asyncio.get_running_loop().create_task(self._tell(False))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(4) + SUFFIX
        self._writer = vault.Writer(self.folder / name, self._key)
        self._tracks, self._began, self._written = Tracks(), time.monotonic(), 0.0
        logger.info("the caller agreed: recording to %s", self.folder / name)
        await self._tell(True)

    async def _tell(self, runs: bool) -> None:
        if self.announce is not None:
            await self.announce(runs)

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _at_rate(self, frame: rtc.AudioFrame) -> Samples:
        if frame.sample_rate == RATE:
            return np.frombuffer(frame.data, np.int16)
        resampler = self._resamplers.setdefault(frame.sample_rate, rtc.AudioResampler(frame.sample_rate, RATE))
        return np.concatenate(
            [np.zeros(0, np.int16), *(np.frombuffer(piece.data, np.int16) for piece in resampler.push(frame))]
        )


class Tap(io.AudioOutput):
    """Stands before a session's audio output and hands everything on."""

    def __init__(self, inner: io.AudioOutput, recorder: Recorder) -> None:
        capabilities = io.AudioOutputCapabilities(pause=True)
        super().__init__(label="Tap", capabilities=capabilities, next_in_chain=inner, sample_rate=inner.sample_rate)
        self._recorder = recorder

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self._recorder.said(frame)
        assert self.next_in_chain is not None
        await self.next_in_chain.capture_frame(frame)

    def flush(self) -> None:
        super().flush()
        assert self.next_in_chain is not None
        self.next_in_chain.flush()

    def clear_buffer(self) -> None:
        self._recorder.cut()
        assert self.next_in_chain is not None
        self.next_in_chain.clear_buffer()


def attach(recorder: Recorder, session: AgentSession[None]) -> None:
    """Let the recorder see what a session plays; nothing is kept until the caller agreed."""
    if session.output.audio is not None:
        session.output.audio = Tap(session.output.audio, recorder)


def demand(folder: Path, key_file: Path) -> bytes:
    """The key, when recordings can be written to the folder. Raises ConfigError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"recordings can't be written to {folder}: {error.strerror}") from error
    return vault.own_key(key_file)

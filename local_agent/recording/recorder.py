"""Records one call, if and as long as its caller agrees. Belongs to the session's event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shlex
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io

from local_agent.audio.samples import SPEECH_RATE
from local_agent.call.forget_command import Scope
from local_agent.config.languages.facts import Recording
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.recording import consent, decrypt, encrypted_file
from local_agent.recording.tracks import Samples, Tracks

logger = logging.getLogger("local_agent")

SUFFIX = ".recording"
MEND = "fix: make room or mend the permissions there; later calls are recorded again"
EVERY = 2.0  # s between two chunks; the last second stays in hand, because the agent's sound may yet be cut
LONGEST = 10.0  # s of sound that is taken at once: a caller who was muted for an hour must not cost its 230 MB
TELLING = 5.0  # s that the caller's page may take to be told
ON, OFF, FAILED = "on", "", "failed"  # what the page is told: it runs, none does, or it couldn't be written
Announce = Callable[[str], Awaitable[None]]


class Recorder:
    """folder, key: where and with what recordings are written. announce: shows the caller's page whether one runs.
    say: tells the caller in words what nobody asked for. language: of the call, which callers are told in.
    """

    def __init__(self, folder: Path, key: bytes, language: str = "en") -> None:
        self.folder, self._key, self.language = folder, key, language
        self.announce: Announce | None = None
        self.say: Callable[[str], object] | None = None
        self.company: Callable[[], frozenset[str]] = lambda: frozenset({"caller"})  # identities of all who are there
        self.asked = False  # and not answered yet
        self._agreed: frozenset[str] = frozenset()  # whoever did
        self._writer: encrypted_file.Writer | None = None
        self._tracks, self._began, self._written = Tracks(), 0.0, 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resamplers: dict[int, rtc.AudioResampler] = {}

    @property
    def runs(self) -> bool:
        return self._writer is not None

    @property
    def words(self) -> Recording:
        """What callers are told."""
        return consent.words(self.language)

    @property
    def may_ask(self) -> bool:
        """Whether one person is there, whose consent is that of all."""
        return len(self.company()) <= 1

    def joined(self) -> None:
        """Somebody came: who has not agreed is not recorded."""
        if self.runs and self.company() - self._agreed:
            task = asyncio.get_running_loop().create_task(self._end_for_company())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end_for_company(self) -> None:
        ended = await self.end()
        if self.say is not None:
            self.say(self.words.joined if ended else self.words.broken_off)

    def ask(self) -> None:
        """The caller has heard the question: what they say next is the answer."""
        self.asked = True

    async def reply(self, text: str) -> str | None:
        """What to say to a message that is about the recording; None when it is about something else."""
        if self.asked:
            self.asked = False
            if consent.agrees(text, self.language):
                if not self.may_ask:
                    return self.words.company
                self._agreed = self.company()
                return self.words.agreed if await self._begin() else self.words.not_begun
            return self.words.declined if consent.declines(text, self.language) else None
        if self._agreed and consent.stops(
            text, self.language
        ):  # said again, or after it broke off, it is confirmed as well
            return self.words.stopped if await self.end() else self.words.broken_off
        return None

    async def forget(self, scope: Scope) -> str:
        """What a running recording makes of it, in words; "" when none runs."""
        if self._writer is None:
            return ""
        if scope is Scope.LAST:
            return self.words.forgets_not
        writer, self._writer = self._writer, None
        try:
            writer.discard()
        except OSError as error:
            logger.error("the recording %s can't be deleted: %s; fix: rm %s", writer.path, error.strerror, writer.path)
            await self._tell(OFF)
            return self.words.not_deleted
        await self._tell(OFF)
        return self.words.deleted

    async def end(self) -> bool:
        """Write the rest and close the file; safe to call twice. False where the rest could not be written."""
        if self._writer is None:
            return True
        try:
            self._tracks.cut(self._now())
            self._write_until(self._now())
            self._writer.close()
        except OSError as error:
            await self._tell(self._fail(error))
            return False
        self._writer = None
        await self._tell(OFF)
        return True

    def heard(self, frame: rtc.AudioFrame) -> None:
        """A frame of the caller's microphone."""
        self._keep_up()
        if self.runs:
            self._tracks.heard(self._at_rate(frame), self._now())

    def said(self, frame: rtc.AudioFrame) -> None:
        """A frame of the agent's voice, which comes faster than it is played."""
        self._keep_up()
        if self.runs:
            self._tracks.said(self._at_rate(frame), self._now())

    def cut(self) -> None:
        """The agent was interrupted."""
        self._tracks.cut(self._now())

    def _keep_up(self) -> None:
        """Write what is due. Where that fails, the caller is told in words and on the page; the call goes on."""
        if self._writer is None or self._now() - self._written <= EVERY:
            return
        try:
            self._write_until(self._now() - EVERY / 2)
        except OSError as error:
            task = asyncio.get_running_loop().create_task(self._tell(self._fail(error)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if self.say is not None:
                self.say(self.words.broken_off)

    def _write_until(self, until: float) -> None:
        """Write up to a time, in s from the beginning. Raises OSError."""
        assert self._writer is not None
        while self._written < until:
            self._written = min(until, self._written + LONGEST)
            self._writer.write(self._tracks.take(self._written).tobytes())

    def _fail(self, error: OSError) -> str:
        assert self._writer is not None
        logger.error("the recording %s ends: %s; %s", self._writer.path, error.strerror, MEND)
        self._writer.abandon()
        self._writer = None
        return FAILED

    async def _begin(self) -> bool:
        """Whether a recording runs now."""
        path = self.folder / (time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(4) + SUFFIX)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._writer = encrypted_file.Writer(path, self._key)
        except OSError as error:
            logger.error("the caller agreed, but %s can't be written: %s; %s", path, error.strerror, MEND)
            await self._tell(FAILED)
            return False
        self._tracks, self._began, self._written = Tracks(), time.monotonic(), 0.0
        logger.info("the caller agreed: recording to %s", path)
        await self._tell(ON)
        return True

    async def _tell(self, state: str) -> None:
        """Show it on the page. A page that can't be told must not keep the caller from being answered."""
        if self.announce is None:
            return
        try:
            await asyncio.wait_for(self.announce(state), TELLING)
        except Exception as error:
            logger.warning("the caller's page was not told of the recording: %s: %s", type(error).__name__, error)

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _at_rate(self, frame: rtc.AudioFrame) -> Samples:
        if frame.sample_rate == SPEECH_RATE:
            return np.frombuffer(frame.data, np.int16)
        resampler = self._resamplers.setdefault(frame.sample_rate, rtc.AudioResampler(frame.sample_rate, SPEECH_RATE))
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


def questions(settings: Settings) -> list[Callable[[], object]]:
    """What must hold where calls are to be recorded; each raises ConfigError where it does not."""
    if settings.record is None:
        return []
    return [partial(demand, settings.record, decrypt.key_file(settings))]


def demand(folder: Path, key_file: Path) -> bytes:
    """The key, when recordings can be written to the folder. Raises ConfigError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"recordings can't be written to {folder}: {error.strerror}",
            expected="a folder that may be written",
            fix="mend its permissions or make room, or name another folder with --record",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(
            f"recordings can't be written to {folder}: this user may not",
            expected="a folder that may be written",
            fix=f"chmod u+rwx {shlex.quote(str(folder))}, or name another folder with --record",
        )
    return encrypted_file.own_key(key_file)

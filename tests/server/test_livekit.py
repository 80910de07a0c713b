"""Our own livekit-server: what becomes of it when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from local_agent.config.sources import load
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, answers, binary

KEYS = Keys("testkey", "testsecret-0123456789-abcdefghijklmnop")


def test_a_restart_that_fails_is_tried_again_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk, a port that somebody else took: what is in the way may go away."""
    obstacle = tmp_path / "obstacle"
    program = tmp_path / "livekit-server"
    program.write_text(f'#!/bin/sh\n[ -e {obstacle} ] && echo "no space left" && exit 1\nexec {binary(load())}\n')
    program.chmod(0o755)

    async def check() -> None:
        server = LiveKit(program, Ports.free(), KEYS)
        await server.start()
        returned = asyncio.Event()
        server.on_restart = returned.set
        watching = asyncio.create_task(server.watch())
        try:
            assert server.up and server.pid is not None
            obstacle.touch()
            os.kill(server.pid, signal.SIGKILL)
            while not any("no space left" in line.getMessage() for line in caplog.records):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            assert not server.up
            await asyncio.sleep(1.5)  # the next try fails as well
            obstacle.unlink()
            await asyncio.wait_for(returned.wait(), 20)
            assert server.up and await answers(server.url)
        finally:
            await server.stop()
            await watching

    with caplog.at_level(logging.INFO):
        asyncio.run(check())
    told = [line for line in caplog.records if line.levelno >= logging.ERROR]
    assert len(told) == 1 and "no space left" in told[0].getMessage()

"""Our own livekit-server: what becomes of it when it dies, or we do."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from local_agent.config.sources import load
from local_agent.server import tokens
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


RUNNING = """
import asyncio, sys
from local_agent.config.sources import load
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
async def main():
    server = LiveKit(binary(load()), Ports.free(), Keys(*sys.argv[1:]))
    await server.start()
    print(server.url, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_it_ends_with_us_though_somebody_is_in_a_room() -> None:
    """Asked politely it would wait for them, on the ports that the next start needs."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNING, KEYS.key, KEYS.secret], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    token = tokens.sign(tokens.Invitation("room", "ann"), key=KEYS.key, secret=KEYS.secret, minutes=1)

    async def check() -> None:
        door = f"{url}/rtc?protocol=16&sdk=python&access_token={token}"
        async with aiohttp.ClientSession() as http, http.ws_connect(door) as signalling:
            await signalling.receive(timeout=20)  # they are in
            process.kill()
            async with asyncio.timeout(5):
                while await answers(url, 0.5):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    try:
        asyncio.run(check())
    finally:
        process.kill()
        process.wait(10)

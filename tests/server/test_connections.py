"""Connections that ask for nothing take nothing from those that do."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from local_agent.server import connections
from local_agent.server.rate_limit import subscriber
from local_agent.server.web import TOKEN_PATH
from tests.server.test_proxy import proxied
from tests.server.webkit import options, serving


async def closed(reader: asyncio.StreamReader) -> bool:
    """Whether the other side closes within a few seconds."""
    try:
        async with asyncio.timeout(5):
            while await reader.read(4096):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow", b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ids=["nothing", "half a request", "a whole one before"],
)
def test_a_connection_without_a_request_is_closed(tmp_path, monkeypatch, said):
    monkeypatch.setattr(connections, "IDLE", 0.3)

    async def run() -> bool:
        async with serving(options(tmp_path)) as (server, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(said)
            try:
                return await closed(reader)
            finally:
                writer.close()

    assert asyncio.run(run())


def test_a_call_outlasts_what_an_idle_connection_may(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "IDLE", 0.2)

    async def run() -> str:
        async with proxied(tmp_path) as (_, client, _), client.ws_connect("/rtc") as socket:
            await asyncio.sleep(1.0)
            await socket.send_str("still here")
            return await socket.receive_str()

    assert asyncio.run(run()) == "still here"


def test_idle_connections_make_room_and_calls_stay(tmp_path):
    """Four times as many as may be open: those that ask are answered, and a call is not cut for them."""

    async def run() -> tuple[str, list[int]]:
        async with proxied(tmp_path, connections=25) as (_, client, server), AsyncExitStack() as stack:
            call = await stack.enter_async_context(client.ws_connect("/rtc"))
            statuses = []
            for _ in range(4):
                for _ in range(25):
                    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                    stack.callback(writer.close)
                async with aiohttp.ClientSession() as fresh:
                    answer = await fresh.post(f"http://127.0.0.1:{server.port}{TOKEN_PATH}")
                    statuses.append(answer.status)
            await call.send_str("still here")
            return await call.receive_str(), statuses

    assert asyncio.run(run()) == ("still here", [201] * 4)


def test_when_all_are_at_work_the_newest_is_turned_away(tmp_path):
    async def run() -> str:
        async with proxied(tmp_path, connections=3) as (_, client, _), AsyncExitStack() as stack:
            calls = [await stack.enter_async_context(client.ws_connect("/rtc")) for _ in range(3)]
            with pytest.raises((aiohttp.ClientError, OSError)):
                await client.post(TOKEN_PATH)
            await calls[0].send_str("still here")
            return await calls[0].receive_str()

    assert asyncio.run(run()) == "still here"


SERVING = """
import asyncio, json, os, resource, sys
from pathlib import Path
from local_agent.process.logs import log_to_screen
from local_agent.server import connections
from tests.server.webkit import options, serving
log_to_screen("info")
async def main():
    most = connections.room_for(connections.raise_limit(), calls=4)
    async with serving(options(Path(sys.argv[1]), connections=most)) as (server, _):
        print(json.dumps({"port": server.port, "most": most}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        print(len(os.listdir("/proc/self/fd")), flush=True)
asyncio.run(main())
"""


def test_two_thousand_idle_connections_and_a_thousand_descriptors(tmp_path):
    """A process that may open 1,024 files goes on answering, keeps some of them free, and says little."""

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))

    process = subprocess.Popen(
        [sys.executable, "-c", SERVING, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=few,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    started: dict[str, Any] = json.loads(process.stdout.readline())

    async def crowd() -> list[int]:
        statuses = []
        async with AsyncExitStack() as stack:
            for _ in range(4):
                for _ in range(500):
                    _, writer = await asyncio.open_connection("127.0.0.1", started["port"])
                    stack.callback(writer.close)
                async with aiohttp.ClientSession() as fresh:
                    answer = await fresh.post(f"http://127.0.0.1:{started['port']}{TOKEN_PATH}")
                    statuses.append(answer.status)
        return statuses

    assert asyncio.run(crowd()) == [201] * 4
    said, errors = process.communicate("", timeout=30)
    assert process.returncode == 0 and int(said) < 700, "none would be left for calls"
    assert len(errors.splitlines()) < 10, errors


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one() -> None:
    code = """
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from local_agent.server.connections import raise_limit
setrlimit(RLIMIT_NOFILE, (256, 4096))
print(raise_limit(), *getrlimit(RLIMIT_NOFILE))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["4096"] * 3


@pytest.mark.parametrize(("descriptors", "calls"), [(1024, 1), (1024, 16), (1 << 20, 64), (256, 1)])
def test_calls_keep_the_descriptors_that_they_need(descriptors, calls):
    most = connections.room_for(descriptors, calls)
    assert most >= 32, "a page and its calls need some"
    if descriptors >= 1024:
        assert 2 * most + connections.PER_CALL * calls < descriptors


@pytest.mark.parametrize(
    ("client", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5000", "192.0.2.1"),
        ("[2001:db8::1]:5000", "2001:db8::"),
        ("2001:db8::2", "2001:db8::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::1"),
        ("unknown", "unknown"),
    ],
)
def test_what_a_client_counts_as(client, counts_as):
    assert subscriber(client) == counts_as

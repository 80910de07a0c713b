"""The signalling proxy between a client and a stand-in for livekit-server: both ways, sizes, refusals, and endings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from yarl import URL

from local_agent.server.web import SOCKETS, WebServer
from tests.server.webkit import FRIEND, options, serving

Handler = Callable[[web.WebSocketResponse], Awaitable[None]]


@dataclass
class Behind:
    """A server in LiveKit's place: runs `handle` on each socket, remembers how it was asked and how sockets end."""

    handle: Handler
    status: int = 101
    asked: list[web.Request] = field(default_factory=list)
    ended: asyncio.Queue[tuple[int | None, str]] = field(default_factory=asyncio.Queue)

    async def signal(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.status != 101:
            return web.Response(status=self.status, text="no")
        socket = web.WebSocketResponse(protocols=["one", "two"], max_msg_size=0, autoclose=True)
        await socket.prepare(request)
        await self.handle(socket)
        self.ended.put_nowait((socket.close_code, ""))
        return socket

    async def validate(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        return web.Response(status=401, text="invalid token", headers={"Access-Control-Allow-Origin": "*"})


async def echo(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        await (socket.send_str(message.data) if message.type is WSMsgType.TEXT else socket.send_bytes(message.data))


@asynccontextmanager
async def proxied(
    folder: Path, handle: Handler = echo, **changes: Any
) -> AsyncIterator[tuple[Behind, aiohttp.ClientSession, WebServer]]:
    """(the stand-in, a client of the web server, the web server)"""
    behind = Behind(handle, **{name: changes.pop(name) for name in ("status",) if name in changes})
    app = web.Application()
    for path in ("/rtc", "/rtc/v1"):
        app.router.add_get(path, behind.signal)
        app.router.add_get(f"{path}/validate", behind.validate)
    runner = web.AppRunner(app, max_line_size=1 << 20, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with serving(options(folder, livekit_ws=f"ws://127.0.0.1:{port}", **changes)) as (server, client):
            yield behind, client, server
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1"])
def test_messages_pass_both_ways_as_they_are(tmp_path, path):
    async def run() -> None:
        async with proxied(tmp_path) as (_, client, _), client.ws_connect(path, max_msg_size=0) as socket:
            for size in (0, 1, 125, 126, 65_535, 65_536, 5_000_000):
                await socket.send_bytes(b"\x00\xff" * size)
                assert await socket.receive_bytes() == b"\x00\xff" * size
            await socket.send_str("grüße")
            assert await socket.receive_str() == "grüße"

    asyncio.run(run())


def test_query_protocols_and_authorization_pass_unchanged_and_cookies_do_not(tmp_path):
    query = "access_token=a.b-c_d&join_request=x%2By%3D%3D&x=%C3%BC+z&sdk=js"

    async def run() -> None:
        async with proxied(tmp_path) as (behind, client, server):
            url = URL(f"http://127.0.0.1:{server.port}/rtc/v1?{query}", encoded=True)
            headers = {"Authorization": "Bearer a.b.c", "Cookie": "secret=1", "X-Other": "1"}
            async with client.ws_connect(url, protocols=("two", "none"), headers=headers) as socket:
                assert socket.protocol == "two"
            asked = behind.asked[0]
            assert asked.rel_url.raw_query_string == query
            assert asked.headers["Authorization"] == "Bearer a.b.c" and asked.headers["X-Forwarded-For"] == "127.0.0.1"
            assert "Cookie" not in asked.headers and "X-Other" not in asked.headers

    asyncio.run(run())


def test_a_join_request_longer_than_a_usual_request_line_passes(tmp_path):
    async def run() -> int:
        async with proxied(tmp_path) as (behind, client, _):
            async with client.ws_connect("/rtc/v1", params={"join_request": "a" * 40_000}):
                pass
            return len(behind.asked[0].query["join_request"])

    assert asyncio.run(run()) == 40_000


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (1001, ""), (1008, "policy"), (4001, "own code")])
def test_a_close_from_livekit_reaches_the_caller_with_code_and_reason(tmp_path, code, reason):
    async def close(socket: web.WebSocketResponse) -> None:
        await socket.close(code=code, message=reason.encode())

    async def run() -> tuple[Any, Any]:
        async with proxied(tmp_path, close) as (_, client, _), client.ws_connect("/rtc", autoclose=False) as socket:
            message = await socket.receive(timeout=5)
            return message.data, message.extra

    assert asyncio.run(run()) == (code, reason)


@pytest.mark.parametrize("code", [1000, 4002])
def test_a_close_from_the_caller_reaches_livekit(tmp_path, code):
    async def run() -> tuple[int | None, str]:
        async with proxied(tmp_path) as (behind, client, _):
            socket = await client.ws_connect("/rtc")
            await socket.close(code=code)
            return await asyncio.wait_for(behind.ended.get(), 5)

    assert asyncio.run(run())[0] == code


def test_livekit_lost_without_a_close_is_told_as_bad_gateway(tmp_path):
    async def drop(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        socket.get_extra_info("socket").shutdown(SHUT_RDWR)

    async def run() -> tuple[Any, Any]:
        async with proxied(tmp_path, drop) as (_, client, _), client.ws_connect("/rtc", autoclose=False) as socket:
            await socket.send_str("x")
            message = await socket.receive(timeout=5)
            return message.data, message.extra

    assert asyncio.run(run()) == (1014, "the LiveKit server went away")


def test_a_caller_lost_without_a_close_frees_the_socket_to_livekit_and_its_place(tmp_path):
    caller = {"X-Forwarded-For": "192.0.2.1"}

    async def run() -> int | None:
        async with proxied(tmp_path, trust_proxy=True) as (behind, client, _), AsyncExitStack() as stack:
            for _ in range(SOCKETS):
                socket = await stack.enter_async_context(client.ws_connect("/rtc", headers=caller))
            await socket.send_str("x")
            await socket.receive()
            socket.get_extra_info("socket").shutdown(SHUT_RDWR)
            code, _ = await asyncio.wait_for(behind.ended.get(), 5)
            async with asyncio.timeout(20):
                while True:
                    try:
                        async with client.ws_connect("/rtc", headers=caller):
                            return code
                    except aiohttp.WSServerHandshakeError as refused:
                        assert refused.status == 429
                        await asyncio.sleep(0.01)

    assert asyncio.run(run()) == 1001


@pytest.mark.parametrize(("status", "seen"), [(401, 401), (404, 404), (500, 502), (503, 502)])
def test_a_refusal_reaches_the_caller_before_any_socket_opens(tmp_path, status, seen):
    async def run() -> int:
        async with proxied(tmp_path, status=status) as (_, client, _):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/rtc/v1")
            return refusal.value.status

    assert asyncio.run(run()) == seen


@pytest.mark.parametrize("path", ["/rtc/validate", "/rtc/v1/validate"])
def test_validate_gives_livekits_own_answer_and_our_cors(tmp_path, path):
    async def run() -> None:
        async with proxied(tmp_path, origins=(FRIEND,)) as (_, client, _):
            answer = await client.get(path, params={"access_token": "x"})
            assert (answer.status, await answer.text()) == (401, "invalid token")
            assert "Access-Control-Allow-Origin" not in answer.headers
            answer = await client.get(path, headers={"Origin": FRIEND})
            assert answer.headers.getall("Access-Control-Allow-Origin") == [FRIEND]

    asyncio.run(run())


def test_livekit_down_is_502_with_a_reason(tmp_path):
    async def run() -> None:
        async with serving(options(tmp_path)) as (_, client):
            answer = await client.get("/rtc/v1/validate")
            assert answer.status == 502 and "does not answer" in (await answer.json())["error"]
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/rtc")
            assert refusal.value.status == 502

    asyncio.run(run())


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("null", 403)])
def test_a_page_of_another_origin_gets_no_socket(tmp_path, origin, status):
    async def run() -> tuple[int, int]:
        async with proxied(tmp_path, origins=(FRIEND,)) as (behind, client, _):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect("/rtc", origin=origin)
            async with client.ws_connect("/rtc", origin=FRIEND) as socket:
                await socket.send_str("hello")
                assert await socket.receive_str() == "hello"
            return refusal.value.status, len(behind.asked)

    assert asyncio.run(run()) == (status, 1)


def test_plain_http_on_the_signalling_path_is_told_to_upgrade(tmp_path):
    async def run() -> int:
        async with serving(options(tmp_path)) as (_, client):
            return (await client.get("/rtc")).status

    assert asyncio.run(run()) == 426


def test_stopping_the_server_closes_calls_as_going_away(tmp_path):
    async def run() -> tuple[Any, Any]:
        async with proxied(tmp_path) as (behind, client, server):
            socket = await client.ws_connect("/rtc", autoclose=False)
            stopping = asyncio.create_task(server.stop())
            message = await socket.receive(timeout=5)
            await socket.close()
            await stopping
            await asyncio.wait_for(behind.ended.get(), 5)
            return message.data, message.extra

    assert asyncio.run(run()) == (1001, "local_agent stops")


def test_a_caller_who_does_not_read_slows_livekit_down_instead_of_filling_memory(tmp_path):
    sent = 0

    async def flood(socket: web.WebSocketResponse) -> None:
        nonlocal sent
        for _ in range(2_000):
            await socket.send_bytes(b"x" * 65_536)
            sent += 1
        await socket.close()

    async def run() -> tuple[int, int]:
        async with proxied(tmp_path, flood) as (_, client, _):
            socket = await client.ws_connect("/rtc")
            before = -1
            while before != sent:  # until nothing moves any more
                before = sent
                await asyncio.sleep(0.3)
            stalled_at, received = sent, 0
            async for _ in socket:
                received += 1
            return stalled_at, received

    stalled_at, received = asyncio.run(run())
    assert stalled_at < 1_000  # of 2,000: at most what buffers of kernel and sockets hold
    assert received == 2_000


def test_more_calls_than_a_client_library_opens_by_itself(tmp_path):
    async def run() -> int:
        everybody = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async with proxied(tmp_path) as (_, _, server), everybody, AsyncExitStack() as stack, asyncio.timeout(30):
            url = f"http://127.0.0.1:{server.port}/rtc"
            sockets = [await stack.enter_async_context(everybody.ws_connect(url)) for _ in range(140)]
            for socket in sockets:
                await socket.send_str("here")
            return sum([await socket.receive_str() == "here" for socket in sockets])

    assert asyncio.run(run()) == 140


def test_one_client_of_another_machine_holds_so_many_calls_and_others_hold_theirs(tmp_path):
    def of(client: str) -> dict[str, str]:
        return {"X-Forwarded-For": client}

    async def run() -> tuple[int, str]:
        async with proxied(tmp_path, trust_proxy=True) as (_, client, _), AsyncExitStack() as stack:
            for n in range(SOCKETS):
                form = "192.0.2.1" if n % 2 else "::ffff:192.0.2.1"  # the same, as a server of both families sees it
                await stack.enter_async_context(client.ws_connect("/rtc", headers=of(form)))
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect("/rtc", headers=of("192.0.2.1"))
            async with client.ws_connect("/rtc", headers=of("192.0.2.2")) as other:
                await other.send_str("welcome")
                return refused.value.status, await other.receive_str()

    assert asyncio.run(run()) == (429, "welcome")

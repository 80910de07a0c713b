"""LiveKit's signalling under our own origin: a WebSocket proxy for /rtc, and its /validate over HTTP."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web
from yarl import URL

from local_agent.errors import RequestRefused

logger = logging.getLogger(__name__)

PATHS = ("/rtc", "/rtc/v1")
"""Signalling of LiveKit servers (pkg/service/rtcservice.go); each has /validate under it, which clients ask why they
failed."""

MESSAGE_LIMIT = 16 * 1024 * 1024  # bytes; session descriptions with every codec are some tens of kB
HEARTBEAT = 15.0  # s; finds browsers that vanished without closing, LiveKit itself pings only the leg behind us
OPEN_TIMEOUT = 15.0  # s; livekit-server tries a join for 3 + 6 s before it answers
CLOSE_TIMEOUT = 2.0  # s
GONE = "the LiveKit server went away"

_PASSED = ("Authorization", "User-Agent", "Accept-Language")
_SENDABLE = frozenset(range(1000, 1015)) - {1004, 1005, 1006}  # RFC 6455 section 7.4.1: the rest never travels


@dataclass
class SignalProxy:
    """Proxies to the livekit-server at `upstream` (ws:// or wss://, a path is kept)."""

    upstream: str
    http: aiohttp.ClientSession
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    async def signal(self, request: web.Request) -> web.StreamResponse:
        """Join the caller's WebSocket with one to LiveKit until either ends.

        The upstream socket comes first, so a refusal (a bad token, say) reaches the caller as LiveKit's own status.
        Raises RequestRefused: 426 for plain HTTP, LiveKit's 4xx, or 502 when it is down.
        """
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise RequestRefused("this path speaks WebSocket only", status=426, headers={"Upgrade": "websocket"})
        protocols = [
            name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()
        ]
        behind = await self._open(request, protocols)
        try:
            chosen = [behind.protocol] if behind.protocol else []
            front = web.WebSocketResponse(
                heartbeat=HEARTBEAT, protocols=chosen, compress=False, max_msg_size=MESSAGE_LIMIT, timeout=CLOSE_TIMEOUT
            )
            await front.prepare(request)
            self._sockets.add(front)
            try:
                await _join(front, behind)
            finally:
                self._sockets.discard(front)
        finally:
            await behind.close(code=WSCloseCode.GOING_AWAY)
        return front

    async def validate(self, request: web.Request) -> web.Response:
        """LiveKit's own answer about a token and join request: status and text. Raises RequestRefused (502) when it
        is down."""
        url = self._url(request).with_scheme("https" if URL(self.upstream).scheme == "wss" else "http")
        try:
            async with self.http.get(
                url, headers=_headers(request), allow_redirects=False, timeout=aiohttp.ClientTimeout(total=OPEN_TIMEOUT)
            ) as answer:
                text = (await answer.content.read(64 * 1024)).decode("utf-8", "replace")
                return web.Response(status=answer.status, text=text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable() from error

    async def close(self) -> None:
        """Close every open socket with 1001 (going away)."""
        await asyncio.gather(
            *(front.close(code=WSCloseCode.GOING_AWAY, message=b"local_agent stops") for front in list(self._sockets)),
            return_exceptions=True,
        )

    async def _open(self, request: web.Request, protocols: list[str]) -> aiohttp.ClientWebSocketResponse[bool]:
        url = self._url(request)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT):
                return await self.http.ws_connect(
                    url,
                    headers=_headers(request),
                    protocols=protocols,
                    heartbeat=HEARTBEAT,
                    max_msg_size=MESSAGE_LIMIT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT),
                )
        except aiohttp.WSServerHandshakeError as error:
            if 400 <= error.status < 500:
                raise RequestRefused("the LiveKit server refused this call", status=error.status) from error
            raise RequestRefused(f"the LiveKit server failed with status {error.status}", status=502) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable() from error

    def _url(self, request: web.Request) -> URL:
        base = self.upstream.rstrip("/")
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        return URL(f"{base}{request.path}{query}", encoded=True)


def _unreachable() -> RequestRefused:
    return RequestRefused("the LiveKit server does not answer", status=502, headers={"Retry-After": "1"})


def _headers(request: web.Request) -> dict[str, str]:
    headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
    if request.remote:
        headers["X-Forwarded-For"] = request.remote
    return headers


async def _join(front: web.WebSocketResponse, behind: aiohttp.ClientWebSocketResponse[bool]) -> None:
    """Pass messages both ways until one side ends; the other side then gets its close code and reason."""
    up = asyncio.create_task(_pump(front, behind))
    down = asyncio.create_task(_pump(behind, front))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        if down.done():
            code, reason = down.result()
            await front.close(code=code or WSCloseCode.BAD_GATEWAY, message=(reason if code else GONE).encode()[:123])
        else:
            code, reason = up.result()
            await behind.close(code=code or WSCloseCode.GOING_AWAY, message=reason.encode()[:123])
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


async def _pump(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse[bool],
    sink: web.WebSocketResponse | aiohttp.ClientWebSocketResponse[bool],
) -> tuple[int, str]:
    """Copy messages; sending waits while the sink is slow, and the source is not read meanwhile.

    Returns the source's (close code, reason); (0, "") where the connection was lost without a close that may be
    repeated.
    """
    while True:
        message = await source.receive()
        with suppress(ConnectionError):  # a sink that is gone ends its own pump, with the reason
            if message.type is WSMsgType.TEXT:
                await sink.send_str(message.data)
                continue
            if message.type is WSMsgType.BINARY:
                await sink.send_bytes(message.data)
                continue
        if message.type is WSMsgType.CLOSE:
            code = int(message.data or WSCloseCode.OK)
            return (code if code in _SENDABLE or 3000 <= code < 5000 else 0), str(message.extra or "")
        if message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
            code = source.close_code or 0
            return (code if code == WSCloseCode.MESSAGE_TOO_BIG else 0), ""

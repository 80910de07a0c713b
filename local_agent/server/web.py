"""The web server: the page, tokens, LiveKit's signalling, /health and /metrics, all under one origin."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web
from livekit import api

from local_agent.errors import ConfigError, PortInUse, RequestRefused
from local_agent.server import assets, tokens
from local_agent.server.connections import IDLE, Doors, at_work
from local_agent.server.ports import holder
from local_agent.server.proxy import PATHS, SignalProxy
from local_agent.server.rate_limit import RateLimit, Shares
from local_agent.server.request_policy import SECURITY_HEADERS, Guard
from local_agent.server.rooms import end_if_last
from local_agent.server.web_options import WebOptions

__all__ = ["WebOptions", "WebServer"]

TOKEN_PATH = "/api/livekit/token"
AUTHORITY_PATH = "/authority.crt"
LEAVE_PATH = "/api/livekit/leave"
ABOUT_PATH = "/api/about"
REQUEST_LINE_LIMIT = 64 * 1024  # bytes; the join request, an SDP offer in it, travels in the query string
BODY_TIMEOUT = 10.0  # s
SOCKETS = 64  # of signalling at once, of one client on another machine: one a call
OPEN_WITHIN = 1.0  # s that a request for a token waits for a server that is being started again
RETRY_AFTER = 2  # s; a livekit-server of our own is back after one
STOP_TIMEOUT = 3.0  # s

_WATCHED = (
    "health and metrics are for programs of this machine, not through a proxy, and with the access key where a proxy "
    "stands in front; "
    "LOCAL_AGENT_OPEN_HEALTH=true opens them to everybody"
)
_HOST: web.RequestKey[str] = web.RequestKey("host", str)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """Serves `options` on the running event loop, between `start()` and `stop()`.

    health: facts for /health as JSON; its `ready` decides between 200 and 503. metrics: the text of /metrics in
    Prometheus form. about: what the page tells of what runs. closed: why nobody is given a token now, "" when they
    are. queue: the place that a caller gets who comes now, 0 while a line is free. All are called on the event loop and
    must not block. Raises ConfigError for options that are unsafe.
    """

    def __init__(
        self,
        options: WebOptions,
        *,
        health: Callable[[], Mapping[str, Any]] | None = None,
        metrics: Callable[[], bytes] | None = None,
        about: Callable[[], Mapping[str, Any]] = dict,
        closed: Callable[[], str] = str,
        queue: Callable[[], int] = int,
    ) -> None:
        options.check()
        self.options = options
        self._health, self._metrics, self._about, self._closed, self._queue = health, metrics, about, closed, queue
        self._guard = Guard(options)
        self._limit = RateLimit(per_minute=options.tokens_per_minute, burst=options.token_burst)
        self._about_limit = RateLimit(per_minute=options.tokens_per_minute, burst=options.token_burst)
        self._leave_limit = RateLimit(per_minute=options.tokens_per_minute, burst=options.token_burst)
        self._sockets = Shares(SOCKETS)
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._http: aiohttp.ClientSession | None = None
        self._proxy: SignalProxy | None = None
        self._livekit: api.LiveKitAPI | None = None
        self._assets: dict[str, assets.Asset] = {}
        self.port = options.port

    async def start(self) -> str:
        """Listen; returns the address to open in a browser. Raises PortInUse, or ConfigError when it cannot listen
        there."""
        self._assets = assets.load(
            self.options.page_dir,
            title=self.options.page_title,
            privacy=self.options.privacy,
            privacy_host=self.options.privacy_host,
        )
        listener = _listen(self.options.host, self.options.port)
        self.port = listener.getsockname()[1]
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # the 100 of the default would be 100 calls, and no token more
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        self._proxy = SignalProxy(self.options.livekit_ws, self._http)
        self._livekit = api.LiveKitAPI(
            "http" + self.options.livekit_ws.removeprefix("ws"),
            self.options.api_key,
            self.options.api_secret,
            session=self._http,
        )
        # No access log: LiveKit's clients put their token into the query string.
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            auto_decompress=False,
            max_line_size=REQUEST_LINE_LIMIT,
            max_field_size=REQUEST_LINE_LIMIT,
            shutdown_timeout=STOP_TIMEOUT,
            keepalive_timeout=IDLE,
        )
        await self._runner.setup()
        assert self._runner.server is not None
        doors = Doors(self._runner.server, self.options.connections, alike=self.options.trust_proxy)
        identity = self.options.identity
        self._listening = await asyncio.get_running_loop().create_server(
            doors, sock=listener, backlog=128, ssl=identity.context() if identity else None
        )
        own = f"https://{identity.names[0]}" if identity else f"http://{_shown(self.options.host)}"
        return self.options.public_url or f"{own}:{self.port}"

    async def stop(self) -> None:
        """Close open calls' signalling with 1001, then stop listening. Safe to call twice."""
        if self._proxy:
            await self._proxy.close()
        if self._listening:
            self._listening.close()
        if self._runner:
            await self._runner.cleanup()
        if self._http:
            await self._http.close()
        self._runner = self._http = self._proxy = self._livekit = self._listening = None

    def _application(self) -> web.Application:
        assert self._proxy is not None
        app = web.Application(client_max_size=tokens.BODY_LIMIT, middlewares=[self._attend, self._rules])
        app.on_response_prepare.append(_secure)
        app.router.add_post(TOKEN_PATH, self._token)
        app.router.add_options(TOKEN_PATH, self._preflight)
        app.router.add_post(LEAVE_PATH, self._leave)
        app.router.add_options(LEAVE_PATH, self._preflight)
        app.router.add_get(ABOUT_PATH, self._answer_about, allow_head=False)
        app.router.add_get("/health", self._answer_health)
        app.router.add_get("/metrics", self._answer_metrics)
        if self.options.identity:
            app.router.add_get(AUTHORITY_PATH, self._authority)
        for path in PATHS:
            app.router.add_get(path, self._signal, allow_head=False)
            app.router.add_get(f"{path}/validate", self._proxy.validate, allow_head=False)
        for path in self._assets:
            app.router.add_get(path, self._asset)
        return app

    @web.middleware
    async def _attend(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        with at_work(request):
            return await handler(request)

    async def _signal(self, request: web.Request) -> web.StreamResponse:
        assert self._proxy is not None
        with self._sockets.hold(self._guard.client(request)):
            return await self._proxy.signal(request)

    @web.middleware
    async def _rules(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Checks Host and Origin before anything else; turns refusals into JSON with a reason."""
        origin: str | None = None
        try:
            request[_HOST] = self._guard.host(request)
            origin = self._guard.origin(request, request[_HOST])
            response = await handler(request)
        except RequestRefused as refusal:
            response = _refuse(refusal.status, refusal.what, refusal.headers)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            response = _refuse(error.status, error.reason, allowed)
        if not response.prepared:
            response.headers.add("Vary", "Origin")
            if origin is not None:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def _token(self, request: web.Request) -> web.Response:
        self._count(request, self._limit)
        self._check_key(request)
        invitation = tokens.read_request(await _body(request, may_be_empty=True))
        if reason := await self._obstacle():
            raise RequestRefused(reason, status=503, headers={"Retry-After": str(RETRY_AFTER)})
        token = tokens.sign(
            invitation,
            key=self.options.api_key,
            secret=self.options.api_secret,
            minutes=self.options.token_minutes,
            agent=self.options.agent_name,
            shared=self.options.shared,
        )
        answer = {
            "token": token,
            "server_url": self._guard.signal_url(request, request[_HOST]),
            "participant_token": token,
            "room_name": invitation.room,
            "participant_identity": invitation.identity,
            "queue_position": self._queue(),
        }
        return _json(answer, status=201 if invitation.created else 200)

    async def _obstacle(self) -> str:
        """Why no token can be given; asked again for a moment, in which a livekit-server that died is mostly back."""
        deadline = time.monotonic() + OPEN_WITHIN
        while (reason := self._closed()) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return reason

    async def _leave(self, request: web.Request) -> web.Response:
        """A page that closes says so with its own token; the room ends where it was the last person in it."""
        self._count(request, self._leave_limit)
        found = tokens.read_json(await _body(request, may_be_empty=False))
        holder = tokens.verify(found.get("token"), key=self.options.api_key, secret=self.options.api_secret)
        assert self._livekit is not None
        ended = await end_if_last(self._livekit, holder, own=not self.options.shared, agent_first=True)
        return _json({"ended": ended})

    async def _answer_about(self, request: web.Request) -> web.Response:
        self._count(request, self._about_limit)
        if "Authorization" not in request.headers and not self._guard.holds_key(request):
            return _json({})  # the page asks before it knows the key
        self._check_key(request)
        return _json(self._about())

    def _count(self, request: web.Request, limit: RateLimit) -> None:
        wait = math.ceil(limit.take(self._guard.client(request)))
        if wait:
            raise RequestRefused(
                f"too many requests; try again in {wait} s", status=429, headers={"Retry-After": str(wait)}
            )

    async def _preflight(self, request: web.Request) -> web.Response:
        return self._guard.preflight(request, self._guard.origin(request, request[_HOST]))

    async def _authority(self, _: web.Request) -> web.Response:
        """The authority that vouches for this page; no secret, and phones ask for it before they have the key."""
        assert self.options.identity is not None
        name = {"Content-Disposition": 'attachment; filename="local_agent.crt"', "Cache-Control": "no-store"}
        body = await asyncio.to_thread(self.options.identity.authority_der)
        return web.Response(body=body, content_type="application/x-x509-ca-cert", headers=name)

    async def _answer_health(self, request: web.Request) -> web.Response:
        self._demand_watcher(request)
        facts = dict(self._health()) if self._health else {"ready": True}
        return _json(facts, status=200 if facts.get("ready", True) else 503)

    async def _answer_metrics(self, request: web.Request) -> web.Response:
        self._demand_watcher(request)
        if self._metrics is None:
            raise RequestRefused("this server keeps no metrics", status=404)
        return web.Response(
            body=self._metrics(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"},
        )

    def _demand_watcher(self, request: web.Request) -> None:
        if not self._guard.may_watch(request, request[_HOST]):
            self._count(request, self._limit)  # whoever guesses at the key
            raise RequestRefused(_WATCHED, status=403)

    async def _asset(self, request: web.Request) -> web.Response:
        return self._assets[request.path].answer(request)

    def _check_key(self, request: web.Request) -> None:
        if not self._guard.holds_key(request):
            raise RequestRefused(
                "the access key is missing or wrong", status=401, headers={"WWW-Authenticate": "Bearer"}
            )


async def _body(request: web.Request, *, may_be_empty: bool) -> bytes:
    """The body of a JSON request. Raises RequestRefused: 408 slow, 413 too large, 415 another type, 400 broken off."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestRefused("compressed bodies are not accepted", status=415)
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await request.read()
    except TimeoutError as error:
        raise RequestRefused("the body did not arrive in time", status=408) from error
    except web.HTTPRequestEntityTooLarge as error:
        raise RequestRefused(f"the body is larger than {tokens.BODY_LIMIT} bytes", status=413) from error
    if not body and may_be_empty:
        return body
    # Only application/json makes browsers ask (preflight) before a foreign page may send it.
    if request.content_type != "application/json":
        raise RequestRefused("the content type must be application/json", status=415)
    return body


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SECURITY_HEADERS["Server"]


def _json(content: Mapping[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(dict(content), status=status, headers={"Cache-Control": "no-store"})


def _refuse(status: int, reason: str, headers: Mapping[str, str]) -> web.Response:
    response = _json({"error": reason}, status=status)
    response.headers.update(headers)
    return response


def _listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises PortInUse naming who has the port, or ConfigError where the system refuses."""
    bind = "127.0.0.1" if host == "localhost" else host
    try:
        family, _, _, _, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        both = host == "::" and socket.has_dualstack_ipv6()  # every address of this machine means those of IPv4 too
        return socket.create_server(address[:2], family=family, backlog=128, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"TCP port {port} on {host} can't be used: {holder(port, 'tcp') or 'somebody listens there already'}",
                expected="a free port",
                fix="end that process, or choose another with --port or LOCAL_AGENT_PORT (0 picks a free one)",
            ) from error
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            expected="an address of this machine and a port that this user may open",
            fix="correct --host and --port",
        ) from error


def demand_place(host: str, port: int) -> None:
    """Return where the page could listen now; raises as `WebServer.start`."""
    _listen(host, port).close()


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::", "", "localhost"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

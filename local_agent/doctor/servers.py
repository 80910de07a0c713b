"""The servers that the checks talk to: those that run already, else ones of our own on free ports, for the moment."""

from __future__ import annotations

import secrets
import ssl
from dataclasses import replace
from pathlib import Path

import aiohttp

from local_agent.doctor.check import Finding, check, ok
from local_agent.doctor.context import Case, Page, Server
from local_agent.errors import ConfigError, LiveKitRefused, LiveKitUnreachable
from local_agent.server import api_keys, certificates, destination, lan, livekit
from local_agent.server.ports import LOOPBACK
from local_agent.server.request_policy import SECURITY_HEADERS
from local_agent.server.web import WebOptions, WebServer

PATIENCE = 2.0  # s for servers of this machine to say who they are


@check("already running")
async def recognise(case: Case) -> Finding:
    """Whether `start` runs already on the configured ports, found out by asking there."""
    case.page = await ask_page(case)
    chosen = case.settings
    url = f"ws://{LOOPBACK}:{chosen.livekit_port}"
    if chosen.livekit_ws is None and chosen.livekit_port and await livekit.answers(url, PATIENCE):
        held = kept_keys(chosen.data_dir)
        if held is not None and await _takes(url, held):
            case.server = Server(url, held, "running")
        else:
            case.stranger = True
    found = [case.page.address] if case.page else []
    return ok(", ".join(found + ([case.server.url] if case.server else [])) or "nothing of ours")


async def _takes(url: str, pair: api_keys.Keys) -> bool:
    try:
        await livekit.authorise(url, pair)
    except (LiveKitRefused, LiveKitUnreachable):
        return False
    return True


async def ask_page(case: Case) -> Page | None:
    """Our own page on the configured port; None where somebody else or nobody answers."""
    host, port = case.settings.host, case.settings.port
    if not port:
        return None
    shown = LOOPBACK if host in ("0.0.0.0", "::", "localhost") else f"[{host}]" if ":" in host else host
    key, secure = case.settings.access_key, _trust(case)
    asked = Page(f"{'https' if secure else 'http'}://{shown}:{port}", trust=secure)
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
    try:
        async with asked.session(PATIENCE) as http, http.get(f"{asked.address}/health", headers=headers) as answer:
            if answer.headers.get("Server") != SECURITY_HEADERS["Server"]:
                return None
            told = await answer.json()
            return replace(asked, health=told if isinstance(told, dict) and "ready" in told else {})
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None  # whoever that is, it is not ours: the check of the port names who holds it


def _trust(case: Case) -> ssl.SSLContext | None:
    """Whom to believe about a page of the local network; None where the page is served over http."""
    authority = case.settings.data_dir / lan.FOLDER / certificates.AUTHORITY
    return ssl.create_default_context(cafile=authority) if case.settings.lan and authority.is_file() else None


def kept_keys(data_dir: Path) -> api_keys.Keys | None:
    """The keys of our own server, None where none were made yet or they can't be read."""
    try:
        return api_keys.own_keys(data_dir) if (data_dir / api_keys.FILE).is_file() else None
    except (ConfigError, OSError):
        return None  # the check of the keys tells why


async def serve(case: Case) -> Server:
    """The LiveKit server that calls would use: the one of LIVEKIT_URL, the running one, or a new one of our own.

    Raises LiveKitMissing, LiveKitUnreachable or ServerError.
    """
    if case.server is not None:
        return case.server
    chosen = case.settings
    if chosen.livekit_ws is not None:
        assert chosen.livekit_api_key is not None and chosen.livekit_api_secret is not None
        pair = api_keys.Keys(chosen.livekit_api_key, chosen.livekit_api_secret.get_secret_value())
        destination.demand_meant(chosen)
        await livekit.probe(chosen.livekit_ws, named=chosen.named("livekit_url"))
        case.server = Server(chosen.livekit_ws, pair, "external")
        return case.server
    pair = kept_keys(chosen.data_dir) or api_keys.Keys("APIdoctor", secrets.token_urlsafe(api_keys.SECRET_BYTES))
    ports = livekit.Ports.free()
    own = livekit.LiveKit(livekit.binary(chosen), ports, pair, node_ip=chosen.node_ip, published=chosen.published)
    case.stack.push_async_callback(own.stop)
    await own.start()
    case.server = Server(own.url, pair, "trial")
    return case.server


async def page(case: Case) -> Page:
    """The page that runs, or one of our own on a free port of loopback, with the rules that are configured."""
    if case.page is not None:
        return case.page
    server, chosen = await serve(case), case.settings
    options = WebOptions(
        livekit_ws=server.url,
        api_key=server.keys.key,
        api_secret=server.keys.secret,
        port=0,
        access_key=chosen.access_key.get_secret_value() if chosen.access_key else None,
        origins=chosen.origins,
        public_url=chosen.public_url,
        trust_proxy=chosen.trust_proxy,
    )
    web = WebServer(options)
    await web.start()
    case.stack.push_async_callback(web.stop)
    case.page = Page(f"http://{LOOPBACK}:{web.port}", own=True)
    return case.page

"""Helpers for tests of the web server: a page folder of nothing, options, and a server for the length of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from local_agent.server.web import WebOptions, WebServer

KEY, SECRET = "testkey", "testsecret-0123456789-abcdefghijklmnop"
ACCESS = "open-sesame-0123456789"
FRIEND = "http://localhost:3000"
NOWHERE = "ws://127.0.0.1:9"  # discard: nothing listens there


def page_folder(folder: Path) -> Path:
    """The smallest page that the server accepts."""
    (folder / "vendor").mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("<!doctype html><title>{{title}}</title>")
    (folder / "app.js").write_text("export const app = 1;\n" * 100)
    (folder / "vendor" / "livekit-client.umd.js").write_text("// livekit")
    return folder


def options(folder: Path, **changes: Any) -> WebOptions:
    """Loopback, a free port, and no rate limit to speak of."""
    base = WebOptions(
        livekit_ws=NOWHERE,
        api_key=KEY,
        api_secret=SECRET,
        port=0,
        page_dir=page_folder(folder),
        token_burst=100_000,
    )
    return replace(base, **changes)


@asynccontextmanager
async def serving(web_options: WebOptions, **injected: Any) -> AsyncIterator[tuple[WebServer, aiohttp.ClientSession]]:
    """A started server and a client whose base URL it is."""
    server = WebServer(web_options, **injected)
    await server.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as client:
            yield server, client
    finally:
        await server.stop()

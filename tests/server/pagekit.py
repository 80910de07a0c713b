"""The page in headless Chromium with a stand-in for LiveKit's client (livekit_stub.js): every state on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from local_agent.server.web import WebOptions, WebServer
from tests.calls.stage import Watched, browser
from tests.server.webkit import KEY, NOWHERE, SECRET

STUB = Path(__file__).with_name("livekit_stub.js")
ABOUT = {
    "version": "0.1.0",
    "models": {"stt": "whisper-base", "llm": "Qwen2.5-1.5B-Instruct", "tts": "en_US-lessac-medium"},
    "device": "CPU, 2 threads",
    "seal": {"process": True, "kernel": False},
    "proof": {"verdict": "proven", "began": "2026-11-30T12:00:00+00:00", "packets_out": 0, "version": "0.1.0"},
    "choices": {
        "voice": ["en_US-lessac-medium", "en_GB-alba-medium"],
        "speed": {"slowest": 0.5, "fastest": 2.0, "usual": 1.0},
        "language": ["en", "de"],
        "instructions": 800,
        "greeting": 200,
    },
}


class Standing:
    """A browser with pages of our own server."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address

    def open(self, **media: Any) -> Watched:
        """A new page, loaded. media: for `emulate_media`."""
        seen = Watched(self.context)
        seen.page.emulate_media(**media)
        seen.page.goto(self.address)
        seen.page.wait_for_function("() => document.body.dataset.agent === ''")
        return seen


def stand(page: Page, call: str, *given: Any) -> None:
    """Call a method of the stub."""
    page.evaluate(f"given => stand.{call}(...given)", list(given))


def talk(seen: Watched, agent: str | None = "listening") -> None:
    """Into a call. agent: its state."""
    seen.page.click("#talk")
    seen.phase("connected")
    if agent:
        stand(seen.page, "agent", agent)


@contextmanager
def standing(profile: Path, **options: Any) -> Iterator[Standing]:
    """options: for the browser's context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="page", daemon=True)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    web = WebServer(WebOptions(NOWHERE, KEY, SECRET, port=0), about=lambda: ABOUT)
    address = do(web.start())
    try:
        with browser(profile, **options) as context:
            stub = STUB.read_text("utf-8")
            context.route(
                "**/vendor/livekit-client.umd.js",
                lambda route: route.fulfill(body=stub, content_type="text/javascript"),
            )
            context.route("**/api/livekit/leave", lambda route: route.fulfill(body="{}"))  # nobody is behind our server
            yield Standing(context, address)
    finally:
        do(web.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)

"""A whole call in one process tree: livekit-server, web server and fake agents on free ports, and headless Chromium."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
import wave
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from livekit import api
from playwright.sync_api import BrowserContext, Page, sync_playwright

from local_agent.config.sources import load
from local_agent.process.operating_system import browsers
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
from local_agent.server.web import WebOptions, WebServer
from tests.calls.fakeagent import Dispatcher

T = TypeVar("T")
KEYS = Keys("pagekey", "pagesecret-0123456789-abcdefghijklmno")
CHROMIUM = next((found for name in browsers() if (found := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--no-first-run",
    "--metrics-recording-only",
]


def need_chromium() -> None:
    """Skip without Chromium; in continuous integration that is a failure."""
    if CHROMIUM is None:
        reason = "Chromium is not installed (apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


class Stage:
    """Servers on a loop of their own thread, so that the browser can be driven synchronously."""

    def __init__(self, **web: Any) -> None:
        """web: changes to the WebOptions."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="stage", daemon=True)
        self.thread.start()
        ports = Ports.free()
        self.livekit = LiveKit(binary(load()), ports, KEYS)
        self.dispatcher = Dispatcher(self.livekit.url, KEYS.key, KEYS.secret)
        plain = {"livekit_ws": self.livekit.url, "api_key": KEYS.key, "api_secret": KEYS.secret, "port": 0}
        self.web = WebServer(WebOptions(**(plain | web)))
        self.dispatching: Future[None] | None = None
        self.address = ""

    def do(self, work: Coroutine[Any, Any, T], within: float = 30.0) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def __enter__(self) -> Stage:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        self.do(self.livekit.start())
        self.address = self.do(self.web.start())
        self.dispatching = asyncio.run_coroutine_threadsafe(self.dispatcher.run(), self.loop)

    def close(self) -> None:
        if self.dispatching:
            self.dispatching.cancel()
        for agent in self.dispatcher.agents.values():
            self.do(agent.leave())
        self.do(self.web.stop())
        self.do(self.livekit.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    def kill_livekit(self) -> None:
        """As a crash would: SIGKILL."""
        assert self.livekit.pid is not None
        os.kill(self.livekit.pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while self.livekit.pid is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for agent in self.dispatcher.agents.values():
            asyncio.run_coroutine_threadsafe(agent.leave(), self.loop)  # takes long without a server; nobody waits
        self.dispatcher.agents.clear()

    def rooms(self) -> list[str]:
        async def ask() -> list[str]:
            async with self.api() as livekit:
                return [room.name for room in (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms]

        return self.do(ask())

    def end_rooms(self) -> None:
        async def end() -> None:
            async with self.api() as livekit:
                for room in (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms:
                    await livekit.room.delete_room(api.DeleteRoomRequest(room=room.name))

        self.do(end())

    def api(self) -> api.LiveKitAPI:
        return api.LiveKitAPI("http" + self.livekit.url.removeprefix("ws"), KEYS.key, KEYS.secret)


@contextmanager
def browser(
    profile: Path,
    microphone: Path | None = None,
    *,
    without: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    program: Path | None = None,
    **context: Any,
) -> Iterator[BrowserContext]:
    """Chromium with an empty profile; its microphone plays a WAV file once, else beeps. without, more: flags. program:
    one that starts Chromium.
    """
    flags = [*(flag for flag in FLAGS if flag not in without), *more]
    if microphone:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=program or CHROMIUM, headless=True, args=flags, **context
        )
        try:
            yield found
        finally:
            found.close()


class Watched:
    """A page together with everything it logged and asked for."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))

    def foreign(self, address: str) -> list[str]:
        """Requests to anything but our own origin."""
        own = address.removeprefix("http")
        return [url for url in self.requests if not url.startswith((f"http{own}/", f"ws{own}/", "blob:", "data:"))]

    def state(self, word: str, within: float = 15.0) -> None:
        self.page.wait_for_function(
            "word => document.getElementById('state').textContent === word", arg=word, timeout=within * 1000
        )

    def phase(self, name: str, within: float = 15.0) -> None:
        self.page.wait_for_function("name => document.body.dataset.phase === name", arg=name, timeout=within * 1000)

    def problem(self, name: str, within: float = 15.0) -> str:
        """Wait for a problem to be shown; returns its sentence."""
        self.page.wait_for_function("name => document.body.dataset.problem === name", arg=name, timeout=within * 1000)
        return self.page.inner_text("#problem-text") if name else ""


def voice_file(path: Path, *bursts: tuple[float, float], total: float) -> Path:
    """A WAV file with voiced sound at each (start, seconds): harmonics with moving pitch and syllables, so that no
    noise suppressor takes it for noise."""
    rate = 48_000
    samples = np.zeros(int(total * rate))
    for start, seconds in bursts:
        t = np.arange(int(seconds * rate)) / rate
        phase = 2 * np.pi * np.cumsum(140 + 25 * np.sin(2 * np.pi * 0.7 * t)) / rate
        sound = sum(np.sin(k * phase) / k**0.8 for k in range(1, 20))
        begin = int(start * rate)
        samples[begin : begin + len(t)] += sound * (0.15 + 0.85 * np.sin(2 * np.pi * 2.2 * t) ** 2) * 0.18
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32_000).astype(np.int16).tobytes())
    return path

"""The whole product in real headless Chromium: one click, a spoken question, its answer, an interruption, a hang-up."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from livekit import api

if not os.environ.get("CI"):
    pytest.importorskip("playwright", reason="Playwright is not installed (make setup with the test packages)")

from local_agent.audio import wav
from tests.calls.caller import RATE
from tests.calls.conftest import Product, Speak, own_server
from tests.calls.stage import Watched, browser, need_chromium
from tests.calls.test_page import number, until

pytestmark = pytest.mark.timeout(240)
QUESTION = "Why is the sky blue?"  # the starter model always answers it at length


def rooms(product: Product) -> list[str]:
    async def ask() -> list[str]:
        url, key, secret = own_server(product)
        async with api.LiveKitAPI(url.replace("ws", "http", 1), key, secret) as livekit:
            return [room.name for room in (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms]

    with ThreadPoolExecutor(1) as pool:  # Playwright's own event loop runs on this thread
        return pool.submit(asyncio.run, ask()).result(10)


def test_one_click_to_an_answer(product: Product, speak: Speak, tmp_path: Path) -> None:
    need_chromium()
    quiet = np.zeros(RATE, np.int16)
    stop = speak("Okay, stop please. That is enough, thank you very much for telling me.")
    microphone = tmp_path / "voice.wav"
    lead_in = np.concatenate([quiet] * 7)
    wav.write(microphone, np.concatenate([lead_in, speak(QUESTION), *[quiet] * 4, stop, *[quiet] * 30]), RATE)
    with browser(tmp_path / "profile", microphone) as context:
        seen = Watched(context)
        seen.page.goto(product.address)
        before = rooms(product)
        seen.page.click("#talk")
        seen.state("Speaking", within=20)
        assert until(lambda: number(seen, "agentPeak") > 0.01, within=10), "the greeting is not heard"
        seen.page.wait_for_selector("#captions .agent:has-text('How can I help you')", timeout=20_000)
        # The recording begins anew after its end: an agent that still greeted at the first question hears a second one.
        sky = seen.page.locator("#captions .you:has-text('sky')")
        assert until(lambda: sky.count() > 0, within=90), (seen.page.inner_text("#captions"), number(seen, "youPeak"))
        assert until(lambda: seen.page.locator("#captions .agent").count() >= 2, within=20), "no answer in the captions"
        seen.state("Speaking", within=20)
        heard = ", ".join(f"#captions .you:has-text('{word}')" for word in ("stop", "enough", "thank", "telling"))
        seen.page.wait_for_selector(heard, timeout=30_000)  # which of them, the smallest model may mishear
        assert number(seen, "youPeak") > 0.01
        assert 0 < float(seen.page.get_attribute("body", "data-wait") or 0) < 20
        assert len(rooms(product)) == len(before) + 1
        seen.page.click("#talk")
        seen.state("Ready")
        assert until(lambda: rooms(product) == before, within=6), "the room outlives the call"
        assert not seen.page.is_visible("#problem")
        assert seen.errors == []
        assert seen.foreign(product.address) == []

"""`start --agent FILE`: somebody's own agent answers, under our server, page and seal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.call.test_plugins_guide import blocks
from tests.calls.caller import Caller
from tests.calls.conftest import Speak, answering, launch
from tests.calls.test_start import fails
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)
# What a file may try: told apart from the agent's words, as only what is sealed lets it greet.
PROBE = """    async def on_enter(self) -> None:
        import contextlib, socket
        with contextlib.suppress(PermissionError):  # sealed, as it should be: it goes on to its greeting
            socket.create_connection(("192.0.2.1", 443), timeout=1)
            return
"""


def test_anybodys_agent_answers_under_our_page_and_seal(starter: Starter, tmp_path: Path, speak: Speak) -> None:
    """That of docs/plugins.md."""
    (tmp_path / "clinic.py").write_text(blocks()[0].replace("    async def on_enter(self) -> None:\n", PROBE))

    async def call(address: str) -> tuple[str, str, str, int]:
        async with Caller(address) as caller:
            await caller.hear_greeting()
            heard, said, _ = await caller.ask(speak("When are you open today?"))
            async with aiohttp.ClientSession() as http:
                health = await (await http.get(f"{address}/health")).json()
            return caller.said[0], heard, said, health["calls"]

    with answering(tmp_path, starter.whisper.parent, "--agent", "clinic.py", LOCAL_AGENT_SEED="7") as product:
        greeting, heard, said, calls = asyncio.run(call(product.address))
        assert "You have called the clinic." in greeting and "open" in heard.lower() and said and calls == 1
        product.wait_for("Agent leaving room: user-", 15)
        assert "sealed: " in product.log and "192.0.2.1" in product.log


def test_a_file_that_does_not_work_is_told_before_anything_starts(starter: Starter, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("import json\njson.loads('{')\n")
    fault = fails(launch(tmp_path, starter.whisper.parent, "--agent", "wrong.py"))
    assert "wrong.py, line 2, does not load: JSONDecodeError" in fault and "fix: " in fault

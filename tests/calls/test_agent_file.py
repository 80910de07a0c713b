"""`start --agent FILE`: somebody's own agent answers, under our server, page and seal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.calls.caller import Caller
from tests.calls.conftest import Speak, answering, launch
from tests.calls.test_start import fails
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)
CLINIC = """
import socket
import local_agent
from livekit.agents import Agent, AgentServer, JobContext

class Clinic(Agent):
    def __init__(self):
        super().__init__(instructions="You answer the phone of a clinic, in one short sentence.")

    async def on_enter(self):
        try:
            socket.create_connection(("192.0.2.1", 443), timeout=1)
        except PermissionError:
            self.session.say("You have called the clinic.")

server = AgentServer(port=8081)

@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    session = local_agent.session()
    await session.start(agent=Clinic(), room=ctx.room)
"""


def test_anybodys_agent_answers_under_our_page_and_seal(starter: Starter, tmp_path: Path, speak: Speak) -> None:
    (tmp_path / "clinic.py").write_text(CLINIC)

    async def call(address: str) -> tuple[str, str, str, int]:
        async with Caller(address) as caller:
            await caller.hear_greeting()
            heard, said, _ = await caller.ask(speak("When are you open today?"))
            async with aiohttp.ClientSession() as http:
                health = await (await http.get(f"{address}/health")).json()
            return caller.said[0], heard, said, health["calls"]

    with answering(tmp_path, starter.whisper.parent, "--agent", "clinic.py", LOCAL_AGENT_SEED="7") as product:
        greeting, heard, said, calls = asyncio.run(call(product.address))
        assert greeting == "You have called the clinic." and "open" in heard.lower() and said and calls == 1
        product.wait_for("Agent leaving room: user-", 15)
        assert "sealed: " in product.log and "192.0.2.1" in product.log


def test_a_file_that_does_not_work_is_told_before_anything_starts(starter: Starter, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("import json\njson.loads('{')\n")
    fault = fails(launch(tmp_path, starter.whisper.parent, "--agent", "wrong.py"))
    assert "wrong.py, line 2, does not load: JSONDecodeError" in fault and "fix: " in fault

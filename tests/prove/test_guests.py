"""Parts of the product in programs of other people, in the counted namespace, with every risky variable set."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.prove.provekit import need_namespaces

ROOT = Path(__file__).resolve().parents[2]
COUNT = """
import json, os, subprocess, sys
from local_agent.prove import namespace, tun_interface
from local_agent.prove.capture import Capture
from local_agent.prove.hostile_env import VARIABLES

programs, counted = json.loads(sys.argv[1]), {}
namespace.enter()
tun = tun_interface.make()
namespace.own_resolver()
with Capture(tun, os.getpid()) as capture:
    for name, code in programs.items():
        done = subprocess.run([sys.executable, "-c", code], env=VARIABLES | os.environ, capture_output=True, text=True)
        counted[name] = [done.stdout.strip() or done.stderr, [str(sighting) for sighting in capture.take()]]
print(json.dumps(counted))
"""
CONTROL = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.7", 9))
print("sent")
"""
PLUGINS = """
import asyncio
from livekit.agents import APIConnectOptions, APIError, llm as lk
from local_agent.plugins import llama, piper, whisper

async def main():
    made, once = [whisper.STT(), piper.TTS()], APIConnectOptions(max_retry=0)
    context = lk.ChatContext.empty()
    context.add_message(role="user", content="Hello.")
    try:
        await llama.LLM(model="/no/model.gguf").chat(chat_ctx=context, conn_options=once).__anext__()
    except APIError:
        print("told")

asyncio.run(main())
"""
MCP = f"""
import asyncio, sys
from local_agent.call.mcp_servers import McpServers
from local_agent.config.settings import Settings

async def main():
    shop = {{"command": sys.executable, "args": [{str(ROOT / "tests" / "call" / "mcp_server.py")!r}]}}
    async with McpServers(Settings.model_validate({{"mcp": {{"shop": shop}}}})) as servers:
        print(await servers.tools[0](raw_arguments={{"what": "Soap"}}))

asyncio.run(main())
"""


def counted(**programs: str) -> dict[str, tuple[str, list[str]]]:
    """What each printed, and the packets that left with it."""
    words = [sys.executable, "-c", COUNT, json.dumps(programs)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: (said, left) for name, (said, left) in json.loads(done.stdout).items()}


def test_plugins_and_the_client_of_mcp_servers_are_silent() -> None:
    need_namespaces()
    found = counted(control=CONTROL, plugins=PLUGINS, mcp=MCP)
    assert found["control"][0] == "sent" and len(found["control"][1]) == 1, found["control"]
    assert found["plugins"] == ("told", []) and found["mcp"] == ("Soap is\nin aisle 5.", [])

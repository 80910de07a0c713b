"""Functions of MCP servers: sealed, in words, on any loop; and what is wrong with a server is told at the start."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from livekit.agents.llm import ToolError

from local_agent.call import mcp_servers
from local_agent.call.mcp_servers import McpServers
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.isolation import sealed_program

SERVER = str(Path(__file__).with_name("mcp_server.py"))
with_library = pytest.mark.skipif(not sealed_program.can_seal(), reason="needs Linux on x86-64 or ARM64")


def test_the_library_is_there() -> None:
    """It is one of the development packages: the tests below are skipped on no machine for want of it."""
    missing = "mcp is not installed; fix: make test, or python -m pip install --require-hashes -r requirements/dev.txt"
    assert importlib.util.find_spec("mcp") is not None, missing


def settings(**servers: dict[str, Any]) -> Settings:
    usual = {"command": sys.executable}
    return Settings.model_validate({"mcp": {name: usual | told for name, told in servers.items()}})


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))


async def answers(servers: McpServers, *asked: str) -> list[str]:
    """What look_up answers, from a loop of another thread, as calls have them."""
    tools = {tool.info.name: tool for tool in servers.tools}

    async def ask() -> list[str]:
        told = []
        for what in asked:
            try:
                told.append(await (tools[what] if what in tools else tools["look_up"])(raw_arguments={"what": what}))
            except ToolError as error:
                told.append(f"error: {error.message}")
        return told

    return await asyncio.to_thread(asyncio.run, ask())


@with_library
def test_results_are_words_and_the_server_has_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("OTHER", "not for it")

    async def check() -> list[str]:
        async with McpServers(settings(shop={"args": [SERVER], "env": ["TOKEN"]})) as servers:
            return await answers(servers, "Soap", "nothing", "network", "token")

    assert run(check()) == [
        "Soap is\nin aisle 5.",
        "error: nothing is found",
        "closed: Operation not permitted",
        "secret None",
    ]


@with_library
def test_a_server_that_dies_is_started_again_when_it_is_needed() -> None:
    async def check() -> list[str]:
        async with McpServers(settings(shop={"args": [SERVER]})) as servers:
            return await answers(servers, "crash", "Soap")

    assert run(check()) == ["error: crash does not work now", "Soap is\nin aisle 5."]


@with_library
def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = settings(
        lost={"command": "/no/such/server"},
        dead={"args": [SERVER, "dies"]},
        idle={"args": [SERVER, "nothing"]},
        poor={"args": [SERVER], "env": ["NO_SUCH_TOKEN"]},
        other={"args": [SERVER], "tools": ["lookup"]},
        good={"args": [SERVER]},
    )

    async def check() -> None:
        async with McpServers(wrong):
            pass

    with pytest.raises(ConfigError) as raised:
        run(check())
    told = str(raised.value)
    for words in (
        "lost is not there: no program /no/such/server",
        "dead does not start: no notes here",
        "idle offers no function",
        "poor needs NO_SUCH_TOKEN, which is not set",
        "other has no function lookup",
    ):
        assert f"MCP server {words}" in told
    assert "good" not in told and told.count("fix:") == 5


@with_library
def test_two_servers_with_the_same_function_need_a_choice() -> None:
    async def start(*first: str) -> list[str]:
        one, two = {"args": [SERVER], "tools": first}, {"args": [SERVER], "tools": ["crash"]}
        async with McpServers(settings(one=one, two=two)) as servers:
            return [tool.info.name for tool in servers.tools]

    with pytest.raises(ConfigError, match=r"several MCP servers have a function crash.*fix:"):
        run(start())
    assert run(start("look_up")) == ["look_up", "crash"]


def test_none_are_started_where_none_are_named() -> None:
    async def check() -> Any:
        async with McpServers(Settings()) as servers:
            return servers.tools

    assert list(run(check())) == []


def test_a_machine_that_can_not_seal_and_one_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        async with McpServers(settings(shop={"args": [SERVER]})):
            pass

    monkeypatch.setattr(mcp_servers, "LIBRARY", "no_such_library")
    with pytest.raises(ConfigError, match=r"not installed.*fix: .*requirements/mcp.txt"):
        run(check())
    monkeypatch.setattr(sealed_program, "can_seal", lambda: False)
    with pytest.raises(ConfigError, match=r"can't be sealed.*fix:"):
        run(check())

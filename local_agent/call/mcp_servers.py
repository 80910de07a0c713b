"""Functions of MCP servers that the settings name: one sealed program each, started with the process for all its calls.

livekit-agents speaks the protocol; what is ours is the seal around the program, results as words, and that a server
that is missing or breaks is told before a caller needs it. Needs the package mcp (requirements/mcp.txt).
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from livekit.agents.llm import RawFunctionTool, ToolError, function_tool

from local_agent.config import sources
from local_agent.config.settings import McpServer, Settings
from local_agent.engines.llama.tool_messages import result_text
from local_agent.errors import ConfigError, LocalAgentError
from local_agent.isolation import sealed_program

logger = logging.getLogger("local_agent")

READY_WITHIN = 30.0  # s that a server has to start and to name its functions
ANSWERED_WITHIN = 20.0  # s that a function has
LAST_WORDS = 300  # characters of what a server wrote to its standard error
LIBRARY = "livekit.agents.llm.mcp"
INSTALL = "python -m pip install --require-hashes -r requirements/mcp.txt"


class McpServers:
    """async with McpServers(settings) as servers: servers.tools, for any call of this process on whatever loop.

    Entering raises ConfigError with all that is wrong with any server. A server that dies is started again when one of
    its functions is wanted next.
    """

    def __init__(self, settings: Settings) -> None:
        self._servers = [_Server(name, told, settings.line("mcp", None)) for name, told in settings.mcp.items()]
        self.tools: Sequence[RawFunctionTool[Any, Any]] = ()

    async def __aenter__(self) -> McpServers:
        if not self._servers:
            return self
        if missing := _unable():
            raise missing
        logging.getLogger("mcp").setLevel(logging.CRITICAL)  # it logs what servers answer, words of calls among it
        found = await asyncio.gather(*(server.start() for server in self._servers), return_exceptions=True)
        faults = [one for one in found if isinstance(one, LocalAgentError)]
        self.tools = [tool for server in self._servers for tool in server.tools]
        try:
            if others := [one for one in found if isinstance(one, BaseException) and one not in faults]:
                raise others[0]
            if twice := [name for name, times in Counter(tool.info.name for tool in self.tools).items() if times > 1]:
                faults.append(
                    ConfigError(
                        f"several MCP servers have a function {twice[0]}",
                        fix="name in local_agent.toml which functions of each are offered: tools = [...]",
                    )
                )
            if faults:
                raise ConfigError("\n  ".join(["MCP servers of the settings don't work:", *map(str, faults)]))
        except BaseException:
            await self.aclose()
            raise
        logger.info("MCP servers: %s", ", ".join(f"{one.name} ({len(one.tools)} functions)" for one in self._servers))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the programs."""
        await asyncio.gather(*(server.aclose() for server in self._servers), return_exceptions=True)


def _unable() -> ConfigError | None:
    """Why no server could be started here."""
    if not sealed_program.can_seal():
        return ConfigError(
            "an MCP server can't be sealed on this machine",
            expected="Linux on x86-64 or ARM64",
            fix="remove [mcp] from local_agent.toml",
        )
    try:
        importlib.import_module(LIBRARY)
    except ImportError as error:
        return ConfigError(f"[mcp] needs a package that is not installed: {error.__cause__ or error}", fix=INSTALL)
    return None


class _Server:
    """One program. remove: what takes it out of the settings."""

    def __init__(self, name: str, told: McpServer, remove: str) -> None:
        self.name, self._told, self._remove = name, told, remove
        self.tools: list[RawFunctionTool[Any, Any]] = []
        self._client: Any = None
        self._made: Mapping[str, Any] = {}  # functions as the client knows them now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Raises ConfigError."""
        self._loop = asyncio.get_running_loop()
        known = await self._connect()
        wanted = self._told.tools or tuple(known)
        if missing := [name for name in wanted if name not in known]:
            raise self._wrong(
                f"has no function {missing[0]}", f"correct its tools in local_agent.toml: {', '.join(sorted(known))}"
            )
        if not wanted:
            raise self._wrong("offers no function", f"check its args, or {self._remove}")
        self.tools = [self._tool(known[name].info.raw_schema) for name in wanted]

    async def aclose(self) -> None:
        client, self._client, self._made = self._client, None, {}
        if client is None:
            return
        try:
            await client.aclose()
        except Exception as error:
            logger.debug("the MCP server %s did not end well: %s", self.name, error)

    async def _connect(self) -> Mapping[str, Any]:
        """Start the program and ask for its functions. Raises ConfigError."""
        told = self._told
        if shutil.which(told.command) is None:
            raise self._wrong(f"is not there: no program {told.command}", f"install it, or {self._remove}")
        given = sources.variables(told.env)
        if unset := [name for name in told.env if name not in given]:
            raise self._wrong(f"needs {unset[0]}, which is not set", f"export {unset[0]}=...")
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as words:
            client = _client(told, given, words)
            try:
                async with asyncio.timeout(READY_WITHIN):
                    await client.initialize()
                    made = {tool.info.name: tool for tool in await client.list_tools()}
            except (Exception, asyncio.CancelledError) as error:
                self._client = client
                await self.aclose()
                if isinstance(error, asyncio.CancelledError):
                    raise
                words.seek(0)
                said = " ".join(words.read().split())[-LAST_WORDS:] or f"{type(error).__name__}: {error}".rstrip(": ")
                raise self._wrong(
                    f"does not start: {said}", f"try its command in a shell, or {self._remove}"
                ) from error
        self._client, self._made = client, made
        return made

    def _tool(self, schema: Mapping[str, Any]) -> RawFunctionTool[Any, Any]:
        """A function for calls, each of which has a loop of its own."""

        async def call(raw_arguments: dict[str, object]) -> str:
            assert self._loop is not None
            work = asyncio.run_coroutine_threadsafe(self._call(str(schema["name"]), raw_arguments), self._loop)
            return await asyncio.wrap_future(work)

        return function_tool(call, raw_schema=dict(schema))

    async def _call(self, name: str, arguments: dict[str, object]) -> str:
        """On the loop of the process. Raises ToolError, whose words the model gets."""
        try:
            async with self._starting:
                if self._client is None:
                    await self._connect()
            return str(await self._made[name](raw_arguments=arguments))
        except ToolError:
            raise
        except Exception as error:
            logger.error("the MCP server %s failed and is started again when it is needed: %s", self.name, error)
            await self.aclose()
            raise ToolError(f"{name} does not work now") from error

    def _wrong(self, what: str, fix: str) -> ConfigError:
        return ConfigError(f"MCP server {self.name} {what}", fix=fix)


def _client(told: McpServer, environment: Mapping[str, str], words: Any) -> Any:
    """livekit-agents' client of a sealed program. words: the file that takes what it writes to its standard error."""
    library: Any = importlib.import_module(LIBRARY)
    program, arguments = sealed_program.command(told.command, told.args)

    class Client(library.MCPServerStdio):  # type: ignore[misc]
        def client_streams(self) -> Any:
            server = library.StdioServerParameters(command=program, args=arguments, env=dict(environment))
            return library.stdio_client(server, errlog=words)

    return Client(program, arguments, client_session_timeout_seconds=ANSWERED_WITHIN, tool_result_resolver=_result)


def _result(context: Any) -> str:
    """A function's answer in words."""
    blocks = [block.model_dump(by_alias=True, mode="json") for block in context.result.content]
    if not blocks and context.result.structured_content is not None:
        return json.dumps(context.result.structured_content, ensure_ascii=False)
    return result_text(json.dumps(blocks)) if blocks else "Done."

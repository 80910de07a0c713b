"""Which of the two layers that keep everything on this machine are in force."""

from __future__ import annotations

from collections.abc import Mapping

from local_agent.call.mcp_servers import READY_WITHIN, McpServers
from local_agent.doctor.check import Check, Finding, check, fails, ok, skipped, warning
from local_agent.doctor.context import Case
from local_agent.doctor.machine import load_alone
from local_agent.isolation import kernel_filter
from local_agent.isolation.kernel_filter import Way

# It asks UDP for a route to an address that nobody has, which sends nothing even where the seal does not hold.
TRIAL = """
import logging, socket
from local_agent.isolation import seal
from local_agent.errors import Sealed
logging.disable()
seal.close(seal.HERE)
try:
    socket.socket(type=socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    print("it let a connection through")
except Sealed:
    print("sealed")
"""
KERNEL = {
    Way.NONE: "the kernel has no route out",
    Way.DENIED: "the kernel denies what is sent to the internet (systemd's IPAddressDeny, or another filter)",
    Way.OPEN: "the kernel lets native code out to the internet",
    Way.UNKNOWN: "whether the kernel lets native code out can't be told here",
}
BOTH = "deploy/README.md says how to have it: IPAddressDeny=any of systemd, or a container that only answers"


@check("seal of the process", seconds=60.0)
def process(case: Case) -> Finding:
    """A process that seals itself as `start` does can't connect elsewhere, and neither could the running agent."""
    sealed, words = load_alone(TRIAL)
    if not sealed or words != "sealed":
        return fails(f"a sealed process was not held back: {words}", "report this line, and don't rely on the seal")
    running = _told(case)
    if running is not None and running.get("process") is not True:
        return warning("the agent that runs was started without it", "start it with python -m local_agent start")
    whose = "the agent that runs" if running is not None else "start, talk and console"
    return ok(f"in force for {whose}: Python code resolves no name and connects nowhere else")


@check("seal of the kernel")
def kernel(case: Case) -> Finding:
    """Whether native code, which the process's own seal does not see, could send to the internet. Sends nothing."""
    running = _told(case)
    known = running is not None and running.get("kernel") in set(Way)
    way = Way(str(running["kernel"])) if running is not None and known else kernel_filter.look()
    whose = "for the agent that runs" if known else "for this command; nothing of ours runs"
    if way in (Way.NONE, Way.DENIED):
        return ok(f"in force {whose}: {KERNEL[way]}")
    return skipped(f"not in force {whose}: {KERNEL[way]}; {BOTH}")


@check("MCP servers", needs=("settings",), seconds=READY_WITHIN + 10.0, asks=True)
async def mcp_servers(case: Case) -> Finding:
    """Every server that the settings name starts, sealed, and offers functions."""
    named = case.settings.mcp
    if not named:
        return skipped("the settings name none")
    async with McpServers(case.settings) as servers:
        functions = f"{len(servers.tools)} function{'s' if len(servers.tools) > 1 else ''}"
        return ok(f"{', '.join(named)}: {functions}; the kernel refuses them every socket")


def _told(case: Case) -> Mapping[str, object] | None:
    """What the running agent's /health says of its seal; None where none runs or it does not say."""
    told = case.page.health.get("seal") if case.page is not None and not case.page.own else None
    return told if isinstance(told, Mapping) else None


CHECKS: tuple[Check, ...] = (process, kernel, mcp_servers)

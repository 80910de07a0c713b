"""The `doctor` command: all checks in order, and what they found as a table or as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local_agent.doctor import configuration, isolation, livekit_server, machine, models, network
from local_agent.doctor.check import Check, Finding
from local_agent.doctor.context import Case

ROOMS: tuple[tuple[str, Sequence[Check]], ...] = (
    ("configuration", configuration.CHECKS),
    ("network", network.CHECKS),
    ("nothing leaves", isolation.CHECKS),
    ("machine", machine.CHECKS),
    ("models", models.CHECKS),
    ("LiveKit and the agent", livekit_server.CHECKS),
)
SHOWN = {
    "ok": "[green]ok[/green]",
    "warning": "[yellow]warning[/yellow]",
    "fails": "[bold red]fails[/bold red]",
    "skipped": "[dim]skipped[/dim]",
}


def run(case: Case, *, as_json: bool = False) -> int:
    """Check everything and print it. Returns the exit status: 1 when something fails."""
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what it would say is in the findings
    rooms = asyncio.run(examine(case))
    findings = [finding for _, found in rooms for finding in found]
    failed = any(finding.status == "fails" for finding in findings)
    if as_json:
        print(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in findings]}, indent=1))
    else:
        screen = Console()
        screen.print(table(rooms))
        screen.print(mending(findings), soft_wrap=True)
        screen.print(summary(findings))
    return 1 if failed else 0


async def examine(case: Case) -> list[tuple[str, list[Finding]]]:
    """Every room with its findings; what was started for them has ended when this returns."""
    rooms: list[tuple[str, list[Finding]]] = []
    screen = Console(stderr=True)
    async with case.stack:
        with screen.status("checking") as status:
            for name, checks in ROOMS:
                rooms.append((name, []))
                for check in checks:
                    status.update(f"checking: {check.what}")
                    finding = await check(case)
                    if finding.status == "fails":
                        case.failed.add(check.what)
                    rooms[-1][1].append(finding)
    return rooms


def table(rooms: list[tuple[str, list[Finding]]]) -> Table:
    """What, ok or not, and found, room by room."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column, least in (("what", 20), ("", 7), ("found", 24)):
        shown.add_column(column, min_width=least, overflow="fold")
    for name, findings in rooms:
        shown.add_row(f"[bold]{name}[/bold]")
        for finding in findings:
            shown.add_row(f"  {finding.what}", SHOWN[finding.status], escape(finding.found))
    return shown


def mending(findings: list[Finding]) -> str:
    """What to do about each, in rich's markup: a line of its own, which no column cuts, so that it can be pasted."""
    return "".join(f"\n[bold]{f.what}[/bold]\nfix: {escape(f.fix)}\n" for f in findings if f.fix)


def summary(findings: list[Finding]) -> str:
    """One line: how many of each."""
    counts = {status: sum(finding.status == status for finding in findings) for status in SHOWN}
    return "\n" + ", ".join(f"{count} {SHOWN[status]}" for status, count in counts.items() if count)

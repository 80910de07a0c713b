"""The `doctor` command: all checks in order; then what is wrong, or all of it as a table or as JSON."""

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
    "skipped": "[dim]skipped[/dim]",
    "warning": "[yellow]warning[/yellow]",
    "fails": "[bold red]fails[/bold red]",
}


def run(case: Case, *, as_json: bool = False, verbose: bool = False) -> int:
    """Check everything and print it; verbose: what is well, too. Returns the exit status: 1 when something fails."""
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what it would say is in the findings
    rooms = asyncio.run(examine(case))
    findings = [finding for _, found in rooms for finding in found]
    failed = any(finding.status == "fails" for finding in findings)
    if as_json:
        print(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in findings]}, indent=1))
    else:
        screen = Console()
        if verbose:
            screen.print(table(rooms))
        screen.print(mending(findings) or "nothing is wrong in what was looked at\n", soft_wrap=True)
        screen.print(summary(rooms))
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
    """What is wrong, the worst first, and what to do about it, in rich's markup: lines of their own, which no column
    cuts, so that they can be pasted.
    """
    worst = list(reversed(SHOWN))
    amiss = [finding for finding in findings if finding.status in ("fails", "warning") or finding.fix]
    shown = []
    for finding in sorted(amiss, key=lambda finding: worst.index(finding.status)):
        shown.append(f"{SHOWN[finding.status]} [bold]{finding.what}[/bold]: {escape(finding.found)}")
        if finding.fix:
            shown.append(f"fix: {escape(finding.fix)}")
        shown.append("")
    return "\n".join(shown)


def summary(rooms: list[tuple[str, list[Finding]]]) -> str:
    """A line for each room, how many of each, and one for all."""
    lines = [f"{name}: {_counts(findings)}" for name, findings in rooms]
    findings = [finding for _, found in rooms for finding in found]
    lines.append(f"[bold]in all[/bold]: {_counts(findings)}; --verbose shows each, --json is for programs")
    return "\n".join(lines)


def _counts(findings: list[Finding]) -> str:
    counts = {status: sum(finding.status == status for finding in findings) for status in SHOWN}
    return ", ".join(f"{count} {SHOWN[status]}" for status, count in counts.items() if count)

"""The report: for the screen, for programs, and as one page to hand to an auditor."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from local_agent.prove.results import PROVEN, Proof, Section

WORDS = ("proven", "leaked", "void")  # by exit status
COLOURS = ("green", "red", "yellow")
METHODS = {
    "namespace": "Every process of the product ran in a network namespace of its own, with loopback and one interface "
    "that carries the default routes (IPv4 and IPv6) and the resolver, and leads nowhere. Each packet that the kernel "
    "handed to that interface was read and kept, and the process that sent it was looked up at that moment. A control "
    "before and after each section asked a name and opened a connection; both had to be counted. Name services that "
    "other programs offer through files (systemd-resolved, nscd, D-Bus, Avahi) were out of reach.",
    "strace": "The product ran on this machine's network, and the system calls by which it asks for connections or "
    "sends datagrams were written down by strace. This is weaker than the proof in a namespace.",
}


def as_json(proof: Proof) -> str:
    """The whole proof, with its verdict, as a JSON object."""
    counted = sum(section.control_packets for section in proof.sections)
    return json.dumps(
        {"verdict": WORDS[proof.status], "packets_out": proof.packets, "control_packets": counted} | asdict(proof),
        indent=1,
    )


def as_text(proof: Proof) -> RenderableType:
    """What a person needs to know, for a terminal."""
    parts: list[RenderableType] = []
    for section in proof.sections:
        parts += [f"\n[bold]{section.name}[/bold]  [dim]{section.seconds:.0f} s[/dim]", *_done(section)]
        if section.departures:
            parts.append(_departures(section))
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, version in proof.versions.items():
        facts.add_row(f"[dim]{name}[/dim]", escape(version))
    for one in proof.weights:
        made = f" [dim]made here from {escape(one.made_from)}[/dim]" if one.made_from else ""
        name = f"{escape(one.file)} [dim]sha256 {one.sha256[:16]}...[/dim]{made}"
        facts.add_row(f"[dim]{escape(one.model)}[/dim]", name)
    colour = COLOURS[proof.status]
    verdict = f"\n[bold {colour}]{escape(proof.verdict)}[/]  [dim]{proof.began}, {proof.seconds:.0f} s[/dim]"
    return Group(*parts, "", facts, verdict)


def _done(section: Section) -> list[str]:
    lines = [f"  {escape(done)}" for done in section.exercised]
    if section.controls:
        lines.append(f"  control: {section.control_packets} packets counted, as they must be")
    if section.kernels_own:
        lines.append(f"  {section.kernels_own} packets that the kernel sends by itself when IPv6 comes up")
    lines += [f"  [yellow]void: {escape(fault)}[/yellow]" for fault in section.faults]
    colour = "red" if section.packets else "green"
    return [*lines, f"  [{colour}]packets out: {section.packets}[/]"]


def _departures(section: Section) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="bold")
    for column in ("packets", "protocol", "destination", "name asked", "process"):
        table.add_column(column, overflow="fold")
    for one in section.departures:
        table.add_row(*map(escape, (str(one.packets), one.protocol, one.destination, one.name or "-", one.process)))
    return table


def as_html(proof: Proof) -> str:
    """One page that loads nothing: no script, font, image or style of anywhere else."""
    facts: dict[str, Any] = {
        "word": WORDS[proof.status],
        "colour": COLOURS[proof.status],
        "method": METHODS[proof.method],
    }
    return _template().render(proof=proof, proven=proof.status == PROVEN, clock=_clock, **facts)


def _clock(seconds: float) -> str:
    """UTC time of day; empty for 0, which nobody noted."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S") if seconds else ""


@lru_cache(1)
def _template() -> Template:
    text = Path(__file__).with_name("report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)

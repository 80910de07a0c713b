"""Two examples for the help of every command, as they are typed on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from local_agent.errors import as_typed_here

# By command; what belongs to a group of commands stands behind the group's name.
EXAMPLES: Mapping[str, Sequence[str]] = {
    "start": ("start --profile small", 'start --persona "You are the front desk of a small hotel." --port 8081'),
    "talk": ("talk question.m4a", "talk question.wav --output reply.wav --json"),
    "console": ("console", "console --text --profile small"),
    "ask": ('ask "What is 15% of 80?"', 'ask "What is the capital of France?" "And of Spain?" --json'),
    "say": ('say "Dinner is on 3/4 at 7:30 PM."', 'say "Hello there." --output hello.wav'),
    "transcribe": ("transcribe memo.m4a", "transcribe --language de --json interview.mp3"),
    "doctor": ("doctor", "doctor --quick --json"),
    "prove": ("prove --quick", "prove --html proof.html"),
    "download": ("download --list", "download --profile medium --language de"),
    "setup": ("setup", "setup --profile starter --quiet"),
    "version": ("version", "version"),
    "bundle": (
        "bundle --profile starter --output starter.tar",
        "bundle --with-programs --profile small --output all.tar",
    ),
    "install": ("install starter.tar", "install all.tar --into /opt/local_agent"),
    "licenses": ("licenses", "licenses --json"),
    "recording decrypt": (
        "recording decrypt call.recording --output call.wav",
        "recording decrypt call.recording --key recording.key --output call.wav",
    ),
    "bench": ("bench --count 12", "bench --callers 4 --against naive"),
    "bench stt": ("bench stt", "bench stt --every 3 --differences"),
    "bench llm": ("bench llm", "bench llm --profile medium --rounds 3"),
    "bench tts": ("bench tts", "bench tts --json tts.json"),
    "bench turns": ("bench turns", "bench turns --json turns.json"),
    "bench tools": ("bench tools", "bench tools --profile medium --json tools.json"),
    "bench answers": ("bench answers", "bench answers --profile medium"),
    "bench interruption": ("bench interruption", "bench interruption --json barge-in.json"),
}


def add(app: typer.Typer) -> None:
    """Put them below the options in the help of each command of `app` and of its groups."""
    for command, name in _commands(app, ""):
        if name in EXAMPLES:
            shown = "\n\n".join(
                as_typed_here(f"python -m local_agent {line}") for line in dict.fromkeys(EXAMPLES[name])
            )
            command.epilog = f"Examples:\n\n{shown.replace('[', chr(92) + '[')}"


def _commands(app: typer.Typer, group: str) -> list[tuple[typer.models.CommandInfo | typer.models.TyperInfo, str]]:
    found: list[tuple[typer.models.CommandInfo | typer.models.TyperInfo, str]] = []
    for command in app.registered_commands:
        own = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
        found.append((command, f"{group} {own}".strip()))
    for inner in app.registered_groups:
        name = f"{group} {inner.name or ''}".strip()
        if inner.name:
            found.append((inner, name))
        if inner.typer_instance is not None:
            found += _commands(inner.typer_instance, name)
    return found

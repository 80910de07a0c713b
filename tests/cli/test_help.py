"""Every command's help ends with examples that the command itself takes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from local_agent import __version__
from local_agent.cli import examples
from local_agent.cli.app import app


def commands(group: TyperGroup, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that a person can type."""
    for name, command in group.commands.items():
        here = (*before, name)
        if isinstance(command, TyperGroup):
            yield from ([here] if command.invoke_without_command else [])
            yield from commands(command, here)
        else:
            yield here


def test_every_command_has_examples_that_it_takes() -> None:
    examples.add(app)
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    wrong = []
    for words in commands(root):
        given = examples.EXAMPLES.get(" ".join(words), ())
        if len(given) < 2:
            wrong.append(f"{' '.join(words)}: {len(given)} examples")
        for line in given:
            typed = shlex.split(line)
            if tuple(typed[: len(words)]) != words:
                wrong.append(f"{' '.join(words)}: not about it: {line}")
            command: Any = root
            for word in words:
                command = command.commands[word]
            try:
                command.make_context(words[-1], typed[len(words) :])
            except Exception as error:  # whatever the parser calls it
                wrong.append(f"{line}: {error}")
    assert not wrong, "\n".join(wrong)


def test_help_shows_them_as_they_are_typed_here() -> None:
    examples.add(app)
    shown = CliRunner().invoke(app, ["ask", "--help"], env={"COLUMNS": "200"}).output
    assert 'local-agent ask "What is 15% of 80?"' in shown and "Examples" in shown


def test_the_version_is_told_by_either_word() -> None:
    told = {CliRunner().invoke(app, [word]).stdout for word in ("version", "--version")}
    assert told == {f"{__version__}\n"}

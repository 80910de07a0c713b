"""`recording decrypt`: the way to open what `start --record` wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from local_agent.cli.options import Config
from local_agent.cli.options import settings as settings_from

app = typer.Typer(no_args_is_help=True, help="Open encrypted recordings.")


@app.callback()
def recording() -> None:
    """Open encrypted recordings."""


@app.command()
def decrypt(
    file: Annotated[Path, typer.Argument(help="a .recording file")],
    output: Annotated[Path, typer.Option("--output", "-o", help="where to write the sound (WAV)")],
    key: Annotated[Path | None, typer.Option("--key", help="key file; none: that of the settings")] = None,
    config: Config = None,
) -> None:
    """Write a recording as a WAV file: the caller on the left, the agent on the right."""
    from local_agent.recording import decrypt as opening
    from local_agent.recording import encrypted_file

    settings = settings_from({"config": config}, prepare=False)
    secret = encrypted_file.read_key(key or opening.key_file(settings))
    seconds, fault = opening.write_wav(file, secret, output)
    print(f"{seconds:.1f} s in {output}", file=sys.stderr)
    if fault is not None:
        raise fault

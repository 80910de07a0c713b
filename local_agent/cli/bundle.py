"""`python -m local_agent bundle`, `install` and `licenses`: one function a command, no work of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from local_agent.cli.options import ModelsDir, settings

app = typer.Typer()


@app.command()
def bundle(
    output: Annotated[Path, typer.Option("--output", "-o", help="the file to write, such as starter.tar")],
    names: Annotated[
        list[str] | None, typer.Argument(help="models of the catalogue; none: those of the profile")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="set of models; with no name either: starter")] = None,
    with_programs: Annotated[
        bool,
        typer.Option(
            "--with-programs",
            help="also all programs, for a machine that has only Python: uses the network, because pip fetches the "
            "pinned packages anew (350 MB); needs the checkout that make setup was run in",
        ),
    ] = False,
    models_dir: ModelsDir = None,
) -> None:
    """Pack weights, their licences, hashes and a list of components into one file, for a machine without a network.

    Without programs it needs no network itself, and installs on any machine that has local_agent.
    """
    from local_agent.bundle.command import bundle_command

    folder = settings({"models_dir": models_dir}, prepare=False).models_dir
    raise typer.Exit(bundle_command(names or [], profile, folder, output, programs=with_programs))


@app.command()
def install(
    bundle: Annotated[Path, typer.Argument(help="a file made by `bundle`")],
    into: Annotated[
        Path | None,
        typer.Option("--into", help="a folder for a whole new installation, programs included", show_default=False),
    ] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="as printed when the bundle was made", show_default=False)
    ] = None,
    models_dir: ModelsDir = None,
) -> None:
    """Put the models of a bundle in place, as download does, without a network. Every byte is checked first."""
    from local_agent.bundle.installer import install_command

    folder = settings({"models_dir": models_dir}, prepare=False).models_dir
    raise typer.Exit(install_command(bundle, folder, into, digest))


@app.command()
def licenses(
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False, models_dir: ModelsDir = None
) -> None:
    """Print the licence of everything in use: models, packages, what is inside them, programs, the page."""
    from local_agent.bundle.licence import licenses_command

    raise typer.Exit(licenses_command(settings({"models_dir": models_dir}, prepare=False).models_dir, as_json=json))

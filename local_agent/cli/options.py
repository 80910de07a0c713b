"""Command line options that several commands share, and the settings that come of them.

Typer and pydantic are all that may be imported here: the process is made ready for its first heavy import afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from local_agent.config import sources
from local_agent.config.settings import FIELDS, Settings
from local_agent.errors import ConfigError

ModelsDir = Annotated[Path | None, typer.Option("--models-dir", help="folder of the weights", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="another local_agent.toml", show_default=False)]
Device = Annotated[str | None, typer.Option("--device", help="auto, cpu or cuda", show_default=False)]
Profile = Annotated[
    str | None, typer.Option("--profile", help="set of models, see download --list", show_default=False)
]
Language = Annotated[str | None, typer.Option("--language", help="ISO 639-1 code, or auto", show_default=False)]
WhisperModel = Annotated[
    str | None, typer.Option("--whisper-model", help="name of a Whisper, or its folder", show_default=False)
]
Voice = Annotated[
    str | None, typer.Option("--voice", help="name of the catalogue, or an .onnx file", show_default=False)
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="all that was looked at, as a table")]
Lan = Annotated[
    bool | None, typer.Option("--lan", help="let phones of the local network call (https, a key)", show_default=False)
]
LogLevel = Annotated[str | None, typer.Option("--log-level", help="debug, info, warning or error", show_default=False)]
LogTranscripts = Annotated[
    bool | None, typer.Option("--log-transcripts", help="write what is said into the log", show_default=False)
]
TEXTS, LONGEST_NAME = (".txt", ".md"), 255  # of a file that holds a persona; bytes of a name on Linux


def flags(context: typer.Context, **otherwise: Any) -> dict[str, Any]:
    """What a command was given of the options that are settings, each by its setting's name, and the file of --config.

    otherwise: what is taken where nothing was given.
    """
    given = {name: value for name, value in context.params.items() if name in FIELDS or name == "config"}
    return given | {name: value for name, value in otherwise.items() if not given.get(name)}


def persona(given: str) -> str:
    """Instructions: those of a file, where the words given are one's name. Raises ConfigError for one that is not there
    or holds no text.
    """
    if not given.strip():
        raise ConfigError(
            "--persona is empty",
            expected="instructions, or a text file that holds them",
            fix="write them in quotes, or leave --persona out",
        )
    file = Path(given)
    if "\n" in given or len(given) > LONGEST_NAME or not (file.suffix in TEXTS or file.exists()):
        return given
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ConfigError(
            f"--persona {given} can't be read ({why}); expected instructions, or a text file that holds them; "
            f"fix: check the path {Path.cwd() / file}, or write the instructions themselves in quotes"
        ) from None


def which(found: Sequence[Any]) -> Any:
    """Ask the person which of the `server.lan.Address`es phones can reach."""
    for number, address in enumerate(found, 1):
        typer.echo(f"  {number}  {address}", err=True)
    chosen = 0
    while not 1 <= chosen <= len(found):
        chosen = typer.prompt("In which of these networks is the phone?", type=int, default=1, err=True)
    return found[chosen - 1]


def settings(flags: dict[str, Any], *, prepare: bool = True, serves: bool = False) -> Settings:
    """Settings from every source; the process is made ready for its first heavy import. Raises ConfigError.

    prepare: the models of these settings will be used: where a setting is wrong, what is wrong with the others beside
    their models is told with it. serves: so is what keeps the service from its ports, files and LiveKit server.
    """
    from local_agent.hardware.probe import usable_cores

    try:
        found = sources.load(flags)
    except ConfigError as error:
        raise (_with_more(error, flags, serves) if prepare else error) from None
    if prepare:
        done = sources.prepare_process(found.threads or usable_cores())
        for name in done.removed:
            print(f"{name} is set and would make a library call out or write down too much: ignored", file=sys.stderr)
    return found


def _with_more(error: ConfigError, flags: dict[str, Any], serves: bool) -> ConfigError:
    """The error, and what else would be found once it is mended."""
    from local_agent.hardware.probe import probe, usable_cores

    what_holds, _, _ = sources.load_what_holds(flags)
    sources.prepare_process(what_holds.threads or usable_cores())
    from local_agent.engines.registry import judged

    _, more = judged(what_holds, probe())
    if serves:
        from local_agent.recording import recorder
        from local_agent.server import obstacles

        more += obstacles.found(what_holds, also=recorder.questions(what_holds))
    return ConfigError("\n  ".join([str(error), *map(str, more)])) if more else error

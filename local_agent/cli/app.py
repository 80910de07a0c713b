"""python -m local_agent COMMAND: one function a command, no work of its own."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from local_agent import __version__
from local_agent.cli import bench, examples
from local_agent.cli import bundle as bundles
from local_agent.cli.options import (
    Config,
    Device,
    Lan,
    Language,
    LogLevel,
    LogTranscripts,
    ModelsDir,
    Profile,
    Verbose,
    Voice,
    flags,
    persona,
    which,
)
from local_agent.cli.options import settings as settings_from
from local_agent.config import sources as config
from local_agent.config.languages import AUTO
from local_agent.errors import LocalAgentError, as_typed_here
from local_agent.isolation import seal
from local_agent.process.exit import leave, print_anything
from local_agent.server import destination

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=as_typed_here(
        """A voice agent that hears (Whisper), thinks (llama.cpp) and speaks (Piper) on this machine only.

    After `pip install`: [bold]python -m local_agent setup[/bold] brings livekit-server and weights.
    Or: [bold]python -m local_agent download[/bold] fetches the starter weights (240 MB, once), and with
    [bold]--profile auto[/bold] what this machine carries well.
    Then: [bold]python -m local_agent start[/bold], open the address it prints, press Talk.

    Every option is also a line in local_agent.toml or a variable LOCAL_AGENT_...; see .env.example."""
    ),
)
app.add_typer(bench.app, name="bench")
recordings = typer.Typer(no_args_is_help=True, help="Open encrypted recordings.")
app.add_typer(recordings, name="recording")
app.add_typer(bundles.app)  # bundle, install, licenses


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version, and end")
    ] = False,
) -> None:
    """Nothing but what holds for every command."""


@app.command()
def start(
    context: typer.Context,
    livekit_url: Annotated[
        str | None, typer.Option("--url", help="LiveKit server to join instead of running our own", show_default=False)
    ] = None,
    host: Annotated[str | None, typer.Option(help="address of the page", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="port of the page, 0: a free one", show_default=False)] = None,
    lan: Lan = None,
    livekit_port: Annotated[
        int | None, typer.Option(help="port of our livekit-server, 0: a free one", show_default=False)
    ] = None,
    max_calls: Annotated[int | None, typer.Option(help="calls at once, 0: automatic", show_default=False)] = None,
    llm_model: Annotated[
        str | None, typer.Option("--llm", help="language model: name, or a GGUF file", show_default=False)
    ] = None,
    voice: Voice = None,
    instructions: Annotated[
        str | None,
        typer.Option("--persona", help="who the agent is: a text, or a file that holds it", show_default=False),
    ] = None,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="record callers who agree, encrypted, into this folder", show_default=False),
    ] = None,
    agent: Annotated[
        Path | None,
        typer.Option("--agent", help="answer with the agent in this Python file, not with ours", show_default=False),
    ] = None,
    log_level: LogLevel = None,
    log_transcripts: LogTranscripts = None,
    verbose: Verbose = False,
    config: Config = None,
) -> None:
    """Answer calls: runs a LiveKit server of its own, or joins the one that --url names.

    Ctrl-C ends the calls politely, a second one at once; SIGTERM lets running calls finish first.
    """
    said = {"instructions": persona(instructions)} if instructions is not None else {}
    settings = settings_from(flags(context) | said, serves=True)
    if settings.lan:  # before the seal, which lets it listen there
        from local_agent.server import lan as network

        network.await_address(settings, lambda line: print(f"local_agent: {line}", file=sys.stderr, flush=True))
        settings = network.prepared(settings, ask=which if sys.stdin is not None and sys.stdin.isatty() else None)
    seal.close(seal.reach(settings) if destination.meant(settings) else seal.HERE)
    from local_agent.cli import start as starting

    raise typer.Exit(starting.run(settings, agent, verbose=verbose))


@app.command()
def talk(
    context: typer.Context,
    question: Annotated[Path, typer.Argument(help="a recording of a spoken question: WAV, M4A, MP3, a video ...")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="where to write the reply (WAV)")] = None,
    json: Annotated[bool, typer.Option("--json", help="print heard, said, wait_s, stages and reply_s as JSON")] = False,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Ask one recorded question and hear the answer: the same agent, without any server, in real time."""
    settings = settings_from(flags(context, log_level="warning"))
    seal.close(seal.HERE)
    from local_agent.cli import talk as talking

    raise typer.Exit(talking.run(settings, question, output, as_json=json))


@app.command()
def console(
    context: typer.Context,
    text: Annotated[bool, typer.Option("--text", help="type instead of speaking")] = False,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Talk with microphone and loudspeaker of this machine (with echo cancellation), or type."""
    settings = settings_from(flags(context, log_level="warning"))
    seal.close(seal.HERE)
    from local_agent.cli import console as consoling

    raise typer.Exit(consoling.run(settings, text=text))


@app.command()
def ask(
    context: typer.Context,
    texts: Annotated[
        list[str],
        typer.Argument(help="a question, or several of one conversation; -: lines of stdin", metavar="TEXT..."),
    ],
    json: Annotated[
        bool, typer.Option("--json", help="a line for each: question, answer, calls, first_clause_s, words, model")
    ] = False,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Ask in writing, and read what a caller would hear: the same prompt, functions and sampling as in a call."""
    settings = settings_from(flags(context, log_level="warning"))
    seal.close(seal.HERE)
    from local_agent.cli import ask as asking

    raise typer.Exit(asking.run(settings, texts, as_json=json))


@app.command(context_settings={"ignore_unknown_options": True})  # a text may begin with a minus: -5 °C
def say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="what to say; -: from stdin", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", help="write it there (WAV) instead of playing it", show_default=False)
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="only print the words that the voice gets, on one line; no sound")
    ] = False,
    voice: Voice = None,
    speed: Annotated[float | None, typer.Option("--speed", help="2 is twice as fast", show_default=False)] = None,
    speaker: Annotated[
        int | None, typer.Option("--speaker", help="of a voice with several", show_default=False)
    ] = None,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Say a text in the agent's voice, as in a call."""
    settings = settings_from(flags(context, log_level="warning"))
    seal.close(seal.HERE)
    from local_agent.cli import say as saying

    raise typer.Exit(saying.run(settings, text, output, show=show))


@app.command()
def transcribe(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(help="sound or video files of this machine; -: stdin")],
    json: Annotated[
        bool, typer.Option("--json", help="a line for each: file, text, language, seconds, segments; or file, error")
    ] = False,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Write down what is said in recordings (WAV, M4A, MP3, OGG, FLAC, MP4 ...). Nothing leaves this machine.

    Exit status 1 when a file could not be read; the others are written down all the same.
    """
    settings = settings_from(flags(context, log_level="warning"))
    seal.close(seal.HERE)
    from local_agent.cli import transcribe as transcribing

    raise typer.Exit(transcribing.run(settings, files, as_json=json))


@app.command()
def doctor(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="print what, status, found and fix as JSON")] = False,
    quick: Annotated[bool, typer.Option("--quick", "--offline", help="neither ask nor start servers")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="hash all weights again")] = False,
    livekit_url: Annotated[str | None, typer.Option("--url", help="LiveKit server to join", show_default=False)] = None,
    lan: Lan = None,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    config: Config = None,
) -> None:
    """Check everything that a call needs, and say how to mend what is wrong; exit status 1 when something is."""
    raise typer.Exit(_examine(flags(context), as_json=json, quick=quick, deep=deep, verbose=verbose))


@app.command()
def prove(
    context: typer.Context,
    json: Annotated[Path | None, typer.Option("--json", help="write the report there as JSON")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="write it there as one page, for an auditor")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="keep logs and packets (pcap)")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="the plain run only")] = False,
    strace: Annotated[bool, typer.Option("--strace", help="the weaker audit, where namespaces are forbidden")] = False,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """Prove that nothing leaves: a call, the doctor and more in a network whose only way out is counted (Linux).

    Exit status 0: no packet tried to leave. 1: some did, and the report names them and who sent them. 2: no proof.
    """
    settings = settings_from(flags(context), prepare=False)
    from local_agent.prove import run as proving
    from local_agent.prove.scenarios import SECTIONS

    sections = ("plain",) if quick else tuple(SECTIONS)
    options = proving.Options(json=json, html=html, keep=keep, sections=sections, audit=strace)
    raise typer.Exit(proving.run(settings, options))


@app.command()
def download(
    names: Annotated[list[str] | None, typer.Argument(help="models of the catalogue")] = None,
    profile: Annotated[
        str | None, typer.Option(help="set of models, auto: what suits this machine; with no name either: starter")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="of the set: models that know it in place of those that don't", show_default=False),
    ] = None,
    models_dir: ModelsDir = None,
    list_models: Annotated[bool, typer.Option("--list", help="show the catalogue and what is here")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="only check what is here or named, byte by byte")] = False,
) -> None:
    """Fetch weights: resumable, verified by sha256 before they count. The only command that uses the network."""
    from local_agent.weights.copies import HUB, Sources
    from local_agent.weights.download import download_command

    found = settings_from({"models_dir": models_dir, "language": language}, prepare=False)
    sources = Sources(hub=found.hub or HUB)
    profile = found.profile if profile == AUTO and found.profile != AUTO else profile
    if profile == AUTO and not (names or list_models or verify):
        from local_agent.cli import fitting

        raise typer.Exit(fitting.run(found, sources))
    if found.language != "en" and (profile or not (names or list_models or verify)):
        from local_agent.hardware.model_choice import whole_set

        speaking = whole_set(profile or "starter", found.language, found.models_dir)
        names, profile = [*(names or []), *speaking], None if speaking else profile
    raise typer.Exit(download_command(names or [], profile, found.models_dir, list_models, verify, sources=sources))


@app.command()
def setup(
    profile: Annotated[str, typer.Option(help="set of models, auto: what suits this machine")] = AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", help="say little unless it fails")] = False,
    language: Language = None,
    models_dir: ModelsDir = None,
) -> None:
    """After `pip install`: build livekit-server and fetch weights, once, with the network. A checkout: make setup."""
    from local_agent.cli import setup as setting_up
    from local_agent.weights.copies import HUB, Sources

    found = settings_from({"models_dir": models_dir, "language": language}, prepare=False)
    raise typer.Exit(setting_up.run(found, Sources(hub=found.hub or HUB), profile=profile, quiet=quiet))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _examine(flags: dict[str, Any], *, as_json: bool, quick: bool, deep: bool, verbose: bool) -> int:
    """Exit status of the doctor, which must run where settings do not even load."""
    from local_agent.hardware.probe import usable_cores

    settings, sources, fault = config.load_what_holds(flags)
    ignored = config.prepare_process(settings.threads or usable_cores()).removed
    from local_agent.doctor import report
    from local_agent.doctor.context import Case
    from local_agent.server import lan as network

    with contextlib.suppress(LocalAgentError):  # the check of the local network says why not
        settings = network.prepared(settings, keep=False)
    case = Case(settings, Path.cwd(), fault, sources, ignored, deep=deep, quick=quick)
    return report.run(case, as_json=as_json, verbose=verbose)


@recordings.callback()
def recording() -> None:
    """Open encrypted recordings."""


@recordings.command()
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


def main() -> None:
    """Entry point: an error of ours is one line on stderr and exit status 1, never a traceback."""
    status: int | str | None = None
    print_anything()
    examples.add(app)
    try:
        app()
    except LocalAgentError as error:
        print(f"local_agent: {error}", file=sys.stderr)
        status = 1
    except SystemExit as ended:
        status = ended.code
    leave(status)

"""`python -m local_agent bench` and its parts, one function a command; no work of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from local_agent.cli.options import Config, Device, Language, LogLevel, ModelsDir, Profile, WhisperModel, flags
from local_agent.cli.options import settings as settings_from
from local_agent.config.settings import Settings
from local_agent.isolation import seal

app = typer.Typer(
    no_args_is_help=False,
    rich_markup_mode="rich",
    help="""Measure how long callers wait, in real calls on this machine; or one stage alone.

    Everything it needs it starts, and ends; nothing leaves the machine. Takes about ten seconds a turn.""",
)

Json = Annotated[Path | None, typer.Option("--json", help="write the figures there, as JSON", show_default=False)]
Clips = Annotated[
    Path | None,
    typer.Option("--clips", help="folder of WAV files, best with a manifest.jsonl", show_default=False),
]


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    callers: Annotated[int, typer.Option(min=1, help="calls at once")] = 1,
    count: Annotated[int, typer.Option(min=1, help="turns of each caller")] = 12,
    clips: Clips = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="naive|naive-vad",
            help="also call a simple stack of the same weights, in turns; with the turn detector that livekit-agents "
            "takes by default, or with voice activity alone",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        str | None,
        typer.Option(
            metavar="process|thread",
            help="call somebody's own program instead: a stock AgentServer with local_agent.session(), whose jobs are "
            "processes or threads; also tells the memory of each process",
            show_default=False,
        ),
    ] = None,
    json: Json = None,
    picture: Annotated[Path | None, typer.Option(help="draw where the waits went (.svg)", show_default=False)] = None,
    device: Device = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    log_level: LogLevel = None,
    config: Config = None,
) -> None:
    """Hold real calls in real rooms and tell how long their callers wait, and for what."""
    if context.invoked_subcommand is not None:
        return
    if against not in (None, "naive", "naive-vad"):
        raise typer.BadParameter("naive and naive-vad are known", param_hint="--against")
    if jobs not in (None, "process", "thread"):
        raise typer.BadParameter("process and thread are known", param_hint="--jobs")
    chosen = _alone(flags(context, log_level="warning"))
    from local_agent.bench import response_time

    options = response_time.Options(callers, clips, count, against, jobs, json, picture)  # type: ignore[arg-type]  # checked above
    raise typer.Exit(response_time.run(chosen, options))


@app.command()
def stt(
    context: typer.Context,
    clips: Clips = None,
    every: Annotated[int, typer.Option(min=1, help="take every n-th clip")] = 1,
    longest: Annotated[float, typer.Option(help="leave out files longer than this, seconds")] = 20.0,
    whole: Annotated[bool, typer.Option("--whole", help="keep the silence before and after the speech")] = False,
    differences: Annotated[bool, typer.Option("--differences", help="print the texts that differ")] = False,
    spoken: Annotated[
        str,
        typer.Option(
            metavar="CODES|all|foreign",
            help="languages of the clips, comma separated; foreign: all but English; default: --language, or en",
            show_default=False,
        ),
    ] = "",
    beam: Annotated[int, typer.Option(min=1, help="of faster-whisper's search")] = 1,
    json: Json = None,
    whisper_model: WhisperModel = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """Word error rate and time of our Whisper, beside faster-whisper's with its window of 30 s.

    Both are told each clip's language; with --language auto they find it out.
    """
    chosen = _alone(flags(context))
    from local_agent.bench import stages

    stages.hear(
        chosen,
        clips,
        json,
        every=every,
        longest=longest,
        whole=whole,
        differences=differences,
        spoken=spoken,
        beam=beam,
    )


@app.command()
def llm(
    context: typer.Context,
    rounds: Annotated[int, typer.Option(min=1, help="take the median of so many")] = 5,
    json: Json = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """Time to first token at 0, 500 and 2,000 tokens of history; tokens per second for 1, 2, 4 and 8 conversations."""
    chosen = _alone(flags(context))
    from local_agent.bench import stages

    stages.think(chosen, json, rounds=rounds)


@app.command()
def tools(
    context: typer.Context,
    json: Json = None,
    profile: Profile = None,
    device: Device = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """How many of twelve requests make the function call that they need, and of six that need none make none."""
    chosen = _alone(flags(context, log_level="warning"))
    from local_agent.bench import tools as calls

    calls.run(chosen, json)


@app.command()
def tts(
    context: typer.Context,
    rounds: Annotated[int, typer.Option(min=1, help="take the median of so many")] = 7,
    json: Json = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """Time to the first audio, and seconds of computing for a second of speech."""
    chosen = _alone(flags(context))
    from local_agent.bench import stages

    stages.speak(chosen, json, rounds=rounds)


@app.command()
def turns(
    context: typer.Context,
    clips: Clips = None,
    every: Annotated[int, typer.Option(min=1, help="take every n-th clip")] = 1,
    json: Json = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """How long the end of a turn is waited for, and how often a pause inside one is taken for it."""
    chosen = _alone(flags(context))
    from local_agent.bench import turns as pausing

    pausing.run(clips, json, chosen, every=every)


@app.command()
def answers(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--show", help="print every answer")] = False,
    json: Json = None,
    device: Device = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """How many of 60 everyday questions are answered rightly, how many calls of functions are right, and how soon."""
    chosen = _alone(flags(context, log_level="error"))
    from local_agent.bench import answers as answering

    answering.run(chosen, json, show=show)


@app.command()
def interruption(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, help="recordings of speech, a call each")] = 10,
    kinds: Annotated[str, typer.Option(help="which sounds, separated by commas")] = "speech,noise,backchannel,echo",
    clips: Clips = None,
    json: Json = None,
    profile: Profile = None,
    language: Language = None,
    models_dir: ModelsDir = None,
    config: Config = None,
) -> None:
    """How soon the agent falls silent when it is talked over; whether noise, listening or its echo interrupt it."""
    chosen = _alone(flags(context, log_level="warning"))
    from local_agent.bench import interruption as talked_over

    wanted = [kind.strip() for kind in kinds.split(",")]
    if unknown := set(wanted) - set(talked_over.KINDS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not one of them", param_hint="--kinds")
    talked_over.run(chosen, talked_over.Options(count, wanted, clips, json))


def _alone(flags: dict[str, Any]) -> Settings:
    """The settings, in a process that talks to nobody but this machine."""
    found = settings_from(flags)
    seal.close(seal.HERE)
    return found

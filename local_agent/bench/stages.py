"""`bench stt`, `bench llm` and `bench tts`: one stage alone, with the weights and threads that are planned here."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from livekit.agents import APIError
from livekit.agents.llm import ChatMessage
from rich.console import Console

from local_agent.bench import clips, llm, long_conversation, report, stt, tts
from local_agent.call import session
from local_agent.call.assistant import opening as begun_with
from local_agent.config.settings import Settings
from local_agent.engines.piper.engine import Piper
from local_agent.engines.registry import Engines
from local_agent.engines.whisper.onnx_export import made_for
from local_agent.errors import BadInput, EngineError
from local_agent.hardware.plan import EnginePlan, Plan
from local_agent.weights import hash_cache, store

PATIENCE = 600.0  # s that a piece of work may take: what a call would give up is measured here


def hear(
    settings: Settings,
    folder: Path | None,
    json: Path | None,
    *,
    every: int = 1,
    longest: float = 20.0,
    whole: bool = False,
    differences: bool = False,
    spoken: str = "",
    beam: int = 1,
) -> None:
    """Whisper against the full window, on the same clips in turn; both detect the language where it is set to auto.

    spoken: languages of the clips, as `stt.languages` takes them; "": the one that is set, English for auto. Raises
    LocalAgentError.
    """
    report.demand_writable(json)
    engines, language = Engines(settings), "en" if settings.language == "auto" else settings.language
    plan = engines.plan
    model = _whole(settings, plan.whisper)
    graphs, _ = made_for(plan.whisper, model, hash_cache.of(settings.data_dir))
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local_agent-bench-")))
        voice = partial(_voice, settings, plan, stack)
        found, source = clips.folder(folder, voice, scratch, language)
        chosen = _texts(found, spoken or language, longest, whole)[::every]
        for each in {clip.language for clip in chosen}:
            engines.suits("whisper", language=each)
        screen = Console(stderr=True)
        with screen.status("") as status:
            rows = stt.compare(
                model.path,
                chosen,
                plan.whisper.threads,
                graphs=graphs,
                detect=settings.language == "auto",
                beam=beam,
                tell=lambda row: status.update(row.clip.name),
            )
    if differences:
        Console().print(stt.differences(rows), highlight=False)
    Console().print(stt.table(rows))
    told = dict(zip(("local_agent", "faster-whisper"), stt.figures(rows), strict=True))
    report.save_json(json, report.heading() | {"clips": source, "count": len(rows), "stt": told})


def think(settings: Settings, json: Path | None, *, rounds: int) -> None:
    """The language model alone. Raises LocalAgentError."""
    report.demand_writable(json)
    plan = Engines(settings).plan
    model = _whole(settings, plan.llama).path
    with Console(stderr=True).status("writing"):
        figures = llm.measure(model, threads=(plan.llama.threads,), rounds=rounds)
        long = _long(settings, rounds)
    Console().print(llm.table(figures))
    Console().print(str(long))
    told = {"llm": [asdict(figure) for figure in figures], "long": asdict(long)}
    report.save_json(json, report.heading() | told)


def _long(settings: Settings, rounds: int) -> long_conversation.Span:
    """A long conversation with the context, prompt and weights of a call, and the time that a slow model takes."""
    engines = Engines(settings.model_copy(update={"engine_timeout": PATIENCE}))
    try:
        opening = begun_with(settings, engines.plan.llama.model)
        opening.items.insert(0, ChatMessage(role="system", content=[settings.instructions]))
        return asyncio.run(long_conversation.compare(partial(session.mind, settings, engines), opening, rounds=rounds))
    except APIError as error:
        raise EngineError(f"the long conversation was not held: {error}", fix="use a smaller model") from error
    finally:
        engines.close()


def speak(settings: Settings, json: Path | None, *, rounds: int) -> None:
    """The voice alone. Raises LocalAgentError."""
    report.demand_writable(json)
    plan = Engines(settings).plan
    voice = _whole(settings, plan.piper).path
    with Console(stderr=True).status("speaking"):
        figures = tts.measure(voice, threads=(plan.piper.threads,), rounds=rounds)
    Console().print(tts.table(figures))
    report.save_json(json, report.heading() | {"tts": [asdict(figure) for figure in figures]})


def _texts(folder: Path, spoken: str, longest: float, whole: bool) -> list[stt.Clip]:
    """Clips of which it is known what is said. Raises BadInput where there are none."""
    try:
        wanted = stt.languages(folder, spoken)
        found = stt.read(folder, languages=wanted, longest=longest, whole=whole)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{folder} can't be read: {error}",
            expected=f"16 kHz mono WAV files, and a {clips.MANIFEST} with file, text and language of each",
        ) from error
    if not found:
        named = ", ".join(map(repr, wanted)) or repr(spoken)
        raise BadInput(f"{folder} has no clip in language {named}", fix="name another folder with --clips")
    return found


def _whole(settings: Settings, engine: EnginePlan) -> store.Model:
    """A model that is all there. Raises WeightsError for another."""
    found = store.find(engine.model, settings.models_dir)
    store.verify(found, noted=hash_cache.of(settings.data_dir))
    return found


def _voice(settings: Settings, plan: Plan, stack: ExitStack) -> Piper:
    voice = Piper(_whole(settings, plan.piper).path, threads=plan.piper.threads)
    stack.callback(voice.close)
    return voice

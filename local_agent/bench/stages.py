"""`bench stt`, `bench llm` and `bench tts`: one stage alone, with the weights and threads that are planned here."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from livekit.agents import APIError
from livekit.agents.llm import ChatMessage
from rich.console import Console

from local_agent.bench import clips, llm, long_conversation, report, stt, tts
from local_agent.bench.word_error_rate import error_rate
from local_agent.call import session
from local_agent.call.assistant import opening as begun_with
from local_agent.config.settings import Settings
from local_agent.engines.piper.engine import Piper
from local_agent.engines.registry import Engines, decoder_graphs
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
) -> None:
    """Whisper against the full window, on the same clips in turn. Raises LocalAgentError."""
    report.demand_writable(json)
    plan, language = Engines(settings).plan, "en" if settings.language == "auto" else settings.language
    model = _whole(settings, plan.whisper)
    graphs = decoder_graphs(plan.whisper, model, hash_cache.of(settings.data_dir))
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local_agent-bench-")))
        voice = partial(_voice, settings, plan, stack)
        found, source = clips.folder(folder, voice, scratch, language)
        chosen = _texts(found, language, longest, whole)[::every]
        screen = Console(stderr=True)
        with screen.status("") as status:
            rows = stt.compare(
                model.path,
                chosen,
                plan.whisper.threads,
                graphs=graphs,
                language=language,
                tell=lambda row: status.update(row.clip),
            )
    if differences:
        _differences(rows)
    Console().print(stt.table(rows, language))
    both = {"local_agent": [row.ours.text for row in rows], "faster-whisper": [row.theirs for row in rows]}
    times = {"local_agent": [row.ours.compute_s for row in rows], "faster-whisper": [row.theirs_s for row in rows]}
    said = [row.reference for row in rows]
    told = {name: _hearing(said, texts, times[name], language) for name, texts in both.items()}
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


def _texts(folder: Path, language: str, longest: float, whole: bool) -> list[stt.Clip]:
    """Clips of which it is known what is said. Raises BadInput where there are none."""
    try:
        found = stt.read(folder, language=language, longest=longest, whole=whole)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{folder} can't be read: {error}",
            expected=f"16 kHz mono WAV files, and a {clips.MANIFEST} with file, text and language of each",
        ) from error
    if not found:
        raise BadInput(f"{folder} has no clip in language {language!r}", fix="name another folder with --clips")
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


def _hearing(said: Sequence[str], heard: Sequence[str], seconds: Sequence[float], language: str) -> dict[str, Any]:
    median, late = np.quantile(seconds, [0.5, 0.95])
    rate = error_rate(zip(said, heard, strict=True), language)
    return {"word_error_rate": round(rate, 4), "p50_s": round(float(median), 4), "p95_s": round(float(late), 4)}


def _differences(rows: Sequence[stt.Row]) -> None:
    screen = Console()
    for row in rows:
        if row.ours.text != row.theirs:
            texts = f"  said   {row.reference}\n  ours   {row.ours.text}\n  theirs {row.theirs}"
            screen.print(f"{row.clip}\n{texts}", highlight=False)

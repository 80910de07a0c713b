"""What the simple stack of `bench --against` is made of: our own weights, prompt and sampling."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from local_agent.call.assistant import opening
from local_agent.config import prompt, small_model
from local_agent.config.settings import Settings
from local_agent.hardware.plan import Plan
from local_agent.hardware.probe import usable_cores
from local_agent.weights import store

Against = Literal["naive", "naive-vad"]


@dataclass(frozen=True)
class Recipe:
    """What the engines are made of, and what is said. Plain values: it travels as JSON.

    whisper, llama, piper, livekit_server: paths. threads: of each engine. sampling: as llama-cpp-python names it.
    opening: (role, text). calls: at once. detector: livekit-agents' bundled turn detector has a say in when a turn
    is over, as by default since 1.8; else voice activity alone has.
    """

    whisper: str
    llama: str
    piper: str
    livekit_server: str
    threads: int
    language: str
    device: str = "cpu"
    compute_type: str = "int8"
    gpu_layers: int = 0
    context: int = 4096
    instructions: str = ""
    opening: list[tuple[str, str]] = field(default_factory=list)
    greeting: str = ""
    sampling: dict[str, Any] = field(default_factory=dict)
    calls: int = 1
    detector: bool = True


def recipe(settings: Settings, plan: Plan, livekit_server: str, against: Against, calls: int) -> Recipe:
    """The same weights, devices, prompt, examples and sampling as ours."""
    find = store.find
    context = opening(settings, plan.llama.model)
    return Recipe(
        whisper=str(find(plan.whisper.model, settings.models_dir).path),
        llama=str(find(plan.llama.model, settings.models_dir).path),
        piper=str(find(plan.piper.model, settings.models_dir).path),
        livekit_server=livekit_server,
        threads=settings.threads or usable_cores(),
        language=settings.language,
        device=plan.whisper.device,
        compute_type=plan.whisper.compute_type,
        gpu_layers=plan.llama.gpu_layers,
        context=plan.context,
        instructions=prompt.instructions(settings, plan.language_model, dt.datetime.now()),
        opening=[(item.role, item.text_content or "") for item in context.messages()],
        greeting=settings.greeting,
        sampling=_sampling(settings, shown=small_model.shown(settings, plan.llama.model)),
        calls=calls,
        detector=against == "naive",
    )


def _sampling(settings: Settings, *, shown: bool) -> dict[str, Any]:
    return {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "min_p": settings.min_p,
        "repeat_penalty": settings.repeat_penalty,
        "max_tokens": settings.max_tokens,
        "seed": None if settings.seed < 0 else settings.seed,
        "stop": list(small_model.STOP) if shown else [],
    }

"""What runs where: `plan(settings, hardware, installed, facts)` decides, and says why, line by line.

Pure: facts come from `probe` and `model_facts`, wishes from Settings, and the same always give the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from local_agent.config import phrases
from local_agent.config.languages import AUTO, told
from local_agent.config.settings import GREETING, Settings
from local_agent.config.small_model import LanguageModel
from local_agent.errors import HardwareError, as_typed_here
from local_agent.hardware import capacity
from local_agent.hardware.capacity import ALONE, ROOM, SPARE_SEQUENCES, Sizes
from local_agent.hardware.model_choice import Choice, choose
from local_agent.hardware.model_facts import Facts
from local_agent.hardware.probe import GIB, Gpu, Hardware, gib, probe, usable_cores
from local_agent.weights.catalogue import CATALOGUE

__all__ = [
    "ROOM",
    "SPARE_SEQUENCES",
    "EnginePlan",
    "Gpu",
    "Hardware",
    "Line",
    "Plan",
    "Sizes",
    "devices",
    "fall_back",
    "language_threads",
    "models",
    "plan",
    "probe",
    "usable_cores",
]

SET_UP_CUDA = "make setup GPU=cuda"
NO_FACTS = Facts()
# Whisper models whose decoder, most of their work, is slower with two threads than with one
# (docs/decisions/threads.md).
HALVED = frozenset({"whisper-tiny.en"})


class Line(NamedTuple):
    """One row of what `start` prints. warning: the person asked for something else, or would profit from a change.
    offer: something better that is to be had here.
    """

    what: str
    choice: str
    reason: str
    warning: bool = False
    offer: bool = False


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """model: name or path. device: cpu or cuda. compute_type: CTranslate2's word (Whisper only, else empty).

    threads: CPU threads. gpu_layers: llama.cpp's count, -1 all, 0 none (0 for the other engines).
    """

    model: str
    device: str
    threads: int
    compute_type: str = ""
    gpu_layers: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """profile: its name. turn: the model that hears from the sound whether a caller has finished, None for none.
    context: tokens of one conversation. max_calls: conversations at once. lines: why. voices: of other languages, which
    calls change to. facts: of the models. failed: what engines said that did not load on the GPU, by engine.
    """

    profile: str
    whisper: EnginePlan
    llama: EnginePlan
    piper: EnginePlan
    context: int
    max_calls: int
    lines: tuple[Line, ...]
    turn: EnginePlan | None = None
    voices: tuple[str, ...] = ()
    facts: Facts = NO_FACTS
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def models(self) -> dict[str, str]:
        """Names or paths of the models in use, by engine."""
        engines = {"whisper": self.whisper, "llama": self.llama, "piper": self.piper, "turn": self.turn}
        return {name: engine.model for name, engine in engines.items() if engine is not None}

    @property
    def language_model(self) -> LanguageModel:
        """Its name and size."""
        known = self.facts.llama
        return LanguageModel(self.llama.model, known.parameters if known is not None else 0)

    @property
    def devices(self) -> dict[str, str]:
        """cuda or cpu, by engine."""
        return {"whisper": self.whisper.device, "llama": self.llama.device, "piper": self.piper.device}


class _Device(NamedTuple):
    name: str
    reason: str
    warning: bool = False


def devices(settings: Settings, hardware: Hardware) -> dict[str, str]:
    """cuda or cpu, by engine, as long as nothing fails to load. Raises HardwareError as `plan` does."""
    return {engine: device.name for engine, device in _devices(settings, hardware, {}).items()}


def language_threads(settings: Settings, hardware: Hardware, device: str) -> int:
    """CPU threads of a language model on that device."""
    where = {"whisper": "cpu", "llama": device, "piper": "cpu"}
    return _threads(settings, hardware, where, "")[0]["llama"]


def models(settings: Settings, hardware: Hardware, installed: frozenset[str] = frozenset()) -> Mapping[str, str]:
    """Names or paths of the models that `plan` will use, by engine, for `facts.read`. Raises as `plan` does."""
    return _choice(settings, hardware, _devices(settings, hardware, {}), installed).models


def plan(
    settings: Settings,
    hardware: Hardware,
    installed: frozenset[str] = frozenset(),
    facts: Facts = NO_FACTS,
    *,
    failed: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Decide everything. installed: names of the catalogue's models that are on disk (`weights.installed`). facts: of
    the models that `models` names. failed: what engines said that did not load on the GPU, by engine.

    Raises HardwareError for a device or compute type that was demanded and is not there, ConfigError for an unknown
    profile.
    """
    devices = _devices(settings, hardware, failed)
    choice = _choice(settings, hardware, devices, installed)
    voices = _voices(settings, choice.models["piper"], installed)
    made = _arranged(settings, hardware, choice, devices, facts, _turn(choice.profile.turn, installed), voices)
    return replace(made, failed=dict(failed)) if failed else made


def _arranged(
    settings: Settings,
    hardware: Hardware,
    choice: Choice,
    devices: dict[str, _Device],
    facts: Facts,
    turn: tuple[EnginePlan | None, Line],
    voices: tuple[str, ...],
) -> Plan:
    """Devices, threads, context and calls for models that are chosen."""
    names, sizes = choice.models, Sizes.of(choice.models, facts, voices)
    context = capacity.context(settings, hardware, names["llama"], sizes)
    devices = devices | {"llama": _roomy(settings, hardware, devices, names, sizes, context.value)}
    where = {engine: device.name for engine, device in devices.items()}
    calls = capacity.calls(settings, hardware, choice.profile.name, sizes, context.value, where)
    threads, threads_line = _threads(settings, hardware, where, names["whisper"])
    compute_type, compute_line = _compute_type(settings, hardware, where["whisper"])
    return Plan(
        profile=choice.profile.name,
        whisper=EnginePlan(names["whisper"], where["whisper"], threads["whisper"], compute_type),
        llama=EnginePlan(
            names["llama"],
            where["llama"],
            threads["llama"],
            gpu_layers=settings.gpu_layers if where["llama"] == "cuda" else 0,
        ),
        piper=EnginePlan(names["piper"], where["piper"], threads["piper"]),
        context=context.value,
        max_calls=calls.value,
        lines=(
            Line("profile", choice.name, choice.reason, choice.lacking),
            *(Line("better", name, why, offer=here) for name, why, here in choice.better),
            *(
                Line(
                    f"{engine} ({names[engine]})",
                    device.name,
                    _why(device, choice.replaced.get(engine)),
                    device.warning,
                )
                for engine, device in devices.items()
            ),
            turn[1],
            compute_line,
            threads_line,
            *_lacks(settings, names["llama"], facts),
            *(_compiled(hardware) if where["llama"] == "cpu" else ()),
            *_cache(names["llama"], facts, context.value),
            *_followed(settings, voices),
            Line("context", f"{context.value} tokens", context.reason, context.warning),
            Line("calls at once", str(calls.value), calls.reason, calls.warning),
        ),
        turn=turn[0],
        voices=voices,
        facts=facts,
    )


def _voices(settings: Settings, own: str, installed: frozenset[str]) -> tuple[str, ...]:
    """Voices of other languages that calls may change to: those that are named, and one for each further language of
    which the catalogue has one on disk.
    """
    if settings.language != AUTO:
        return ()
    named = [name for name in settings.voices if name != own]
    spoken = {CATALOGUE[name].languages[0] for name in (own, *named) if name in CATALOGUE}
    for name, entry in CATALOGUE.items():
        if entry.role == "tts" and name in installed and entry.languages[0] not in spoken:
            spoken.add(entry.languages[0])
            named.append(name)
    return tuple(named)


def _followed(settings: Settings, voices: tuple[str, ...]) -> Iterator[Line]:
    """Which voices follow a caller into another language."""
    if settings.language == AUTO:
        held = "held beside the first one's as soon as a caller speaks their language; callers of others are told that "
        yield Line("voices", ", ".join(voices) or "one", f"{held}no voice here does")


def _lacks(settings: Settings, model: str, facts: Facts) -> Iterator[Line]:
    """What a caller will miss, though everything works; and whether the model sees images, where it might."""
    if not phrases.greeting(settings) and settings.greeting == GREETING:
        reason = f"none is known in {told(settings.language)}, and the apology is in English; fix: "
        yield Line("greeting", "none", reason + settings.line("greeting", "its words in that language"), True)
    if facts.llama is not None and not facts.llama.unfit and not facts.llama.template:
        reason = f"{model} brings no chat template, and may not know the one that is used instead; fix: "
        yield Line("template", "another's", reason + "name an instruct or chat model in LOCAL_AGENT_LLM_MODEL", True)
    if facts.llama is not None and facts.llama.images[0]:
        yield Line("images", *facts.llama.images)


def _compiled(hardware: Hardware) -> Iterator[Line]:
    """What another llama.cpp than that of `make setup` costs here."""
    build = hardware.llama_build
    if found := build.dies or build.slow:
        yield Line("llama.cpp", "another build", as_typed_here(f"{found}; fix: {build.fix}"), True)


def _cache(model: str, facts: Facts, tokens: int) -> Iterator[Line]:
    """What a cache costs that is not one of plain attention, of which any part can be taken back."""
    known = facts.llama
    if known is None or known.unfit:
        return
    if known.state_bytes:
        reason = f"{model} remembers {known.state_bytes / 1e6:.0f} MB a conversation in states that can't be cut back: "
        reason += "where a turn parts from what was read, all of it is read again"
        yield Line("cache", "hybrid", f"{reason}; fix: a model with plain attention answers sooner", True)
    elif known.window:
        size = known.cache_bytes * tokens / 1e6
        reason = f"{model} looks back {known.window} tokens in most layers; all {tokens} are kept, {size:.0f} MB a "
        yield Line("cache", "sliding window, kept whole", reason + "conversation, so that a part can be taken back")


def fall_back(
    before: Plan,
    engine: str,
    error: str,
    settings: Settings,
    hardware: Hardware,
    installed: frozenset[str] = frozenset(),
) -> Plan:
    """The plan anew, with the same models, after `engine` (whisper, llama or piper) failed on the GPU with `error`.

    It runs on the CPU then, with as many threads, and if it is the language model as many calls and tokens, as suit
    that. What other engines were given stays: they may have loaded with it.
    """
    names = {name: model for name, model in before.models.items() if name != "turn"}
    pinned = {"profile": before.profile, "whisper_model": names["whisper"], "llm_model": names["llama"]}
    pinned |= {"voice": names["piper"]} | ({"compute_type": "auto"} if engine == "whisper" else {})
    failed = {**before.failed, engine: error}
    anew = plan(settings.model_copy(update=pinned), hardware, installed, before.facts, failed=failed)
    kept: dict[str, Any] = {name: getattr(before, name) for name in names if name != engine}
    lines = (before.lines[0], *anew.lines[1:])
    if engine != "llama":
        kept |= {"context": before.context, "max_calls": before.max_calls}
        lines = (*lines[:-2], *before.lines[-2:])
    return replace(anew, lines=lines, **kept)


def _devices(settings: Settings, hardware: Hardware, failed: Mapping[str, str]) -> dict[str, _Device]:
    gaps = {
        "whisper": _whisper_gap(hardware),
        "llama": _llama_gap(settings, hardware),
        "piper": _piper_gap(hardware),
    }
    return {
        engine: _Device(
            "cpu", f"loading on the GPU failed: {failed[engine]}; fix: {SET_UP_CUDA}, or device = cpu", True
        )
        if engine in failed
        else _device(settings, hardware, engine, gap)
        for engine, gap in gaps.items()
    }


def _choice(
    settings: Settings, hardware: Hardware, devices: Mapping[str, _Device], installed: frozenset[str]
) -> Choice:
    where = {engine: device.name for engine, device in devices.items()}
    return choose(settings, hardware, where, installed, _gpu_words(hardware))


def _why(device: _Device, replaced: str | None) -> str:
    return f"{device.reason}; {replaced}" if replaced else device.reason


def _roomy(
    settings: Settings,
    hardware: Hardware,
    devices: Mapping[str, _Device],
    names: Mapping[str, str],
    sizes: Sizes,
    context: int,
) -> _Device:
    """The language model's device: the CPU where the GPU can't hold it and one conversation."""
    device = devices["llama"]
    where = {engine: device.name for engine, device in devices.items()}
    words = capacity.too_large(hardware, sizes, context, where)
    if device.name == "cpu" and settings.gpu_layers > 0:
        wish = f"gpu_layers = {settings.gpu_layers} ({settings.origin('gpu_layers')})"
        return device._replace(reason=f"{device.reason}, so {wish} does nothing", warning=True)
    if not words or settings.gpu_layers > 0:
        return device
    words = f"{' and '.join(names[engine] for engine in ('llama', 'whisper') if where[engine] == 'cuda')}: {words}"
    if settings.device == "cuda":
        raise HardwareError(words, fix="use a smaller profile or --gpu-layers, or --device auto")
    return _Device("cpu", f"{words}; fix: use a smaller profile or --gpu-layers", True)


def _whisper_gap(hardware: Hardware) -> str:
    """Why Whisper can't use the GPU; empty when it can."""
    fault = hardware.fault("ctranslate2") or (hardware.fault("cuda") if hardware.has_gpu else "")
    if fault:
        return f"CTranslate2 can't use the GPU ({fault})"
    return "" if hardware.whisper_gpus else "CTranslate2 sees no CUDA device"


def _llama_gap(settings: Settings, hardware: Hardware) -> str:
    if settings.gpu_layers == 0:
        return "gpu_layers = 0"
    if fault := hardware.fault("llama_cpp"):
        return f"llama.cpp does not load ({fault})"
    return "" if hardware.llama_offload else "llama.cpp was built without GPU code"


def _piper_gap(hardware: Hardware) -> str:
    return "" if "CUDAExecutionProvider" in hardware.providers else "ONNX Runtime has no CUDA provider"


def _device(settings: Settings, hardware: Hardware, engine: str, gap: str) -> _Device:
    """Piper and an explicit gpu_layers = 0 stay on the CPU even where cuda is demanded: that is no loss, or a wish."""
    if settings.device == "cpu":
        return _Device("cpu", f"device = cpu ({settings.origin('device')})")
    demanded = settings.device == "cuda"
    if not hardware.has_gpu:
        if demanded:
            told = hardware.fault("nvidia-smi") or hardware.fault("ctranslate2")
            raise HardwareError(
                f"device = cuda ({settings.origin('device')}) but there is no CUDA device"
                + (f" ({told})" if told else ""),
                expected="an NVIDIA GPU whose driver answers nvidia-smi",
                fix="use --device auto or --device cpu, or install the driver",
            )
        return _Device("cpu", "no CUDA device")
    if not gap:
        return _Device("cuda", _gpu_words(hardware))
    if demanded and engine != "piper" and gap != "gpu_layers = 0":
        raise HardwareError(
            f"device = cuda ({settings.origin('device')}) but {gap}", expected=f"{engine} on the GPU", fix=SET_UP_CUDA
        )
    if gap == "gpu_layers = 0":
        return _Device("cpu", f"{gap} ({settings.origin('gpu_layers')})")
    return _Device("cpu", f"there is a GPU, but {gap}; fix: {SET_UP_CUDA}", engine != "piper")


def _gpu_words(hardware: Hardware) -> str:
    gpu = hardware.gpus[0] if hardware.gpus else Gpu("CUDA device")
    return f"{gpu.name}, {gib(gpu.memory)}" if gpu.memory else f"{gpu.name}, memory unknown"


def _turn(model: str, installed: frozenset[str]) -> tuple[EnginePlan | None, Line]:
    """Always on the CPU and one thread: a thirtieth of a second beside Whisper."""
    if model in installed:
        return EnginePlan(model, "cpu", 1), Line(f"turn ({model})", "cpu", "hears whether a caller has finished")
    fix = f"python -m local_agent download {model}"
    reason = f"{model} is not on disk, so the end of a turn is told from the words alone; fix: {fix}"
    return None, Line("turn", "words", reason, True)


def _threads(
    settings: Settings, hardware: Hardware, devices: dict[str, str], whisper: str
) -> tuple[dict[str, int], Line]:
    """CPU threads of each engine: never more runnable ones than cores, since threads that fight cost most of all."""
    cores = hardware.cores
    if settings.threads:
        each = min(settings.threads, cores)
        reason = settings.origin("threads") + (
            f", cut to the {cores} cores there are" if each < settings.threads else ""
        )
        return dict.fromkeys(devices, each), Line("threads", f"{each} each", reason, each < settings.threads)
    if cores < ALONE:
        threads = dict.fromkeys(devices, cores)
        if whisper in HALVED:
            threads["whisper"] = max(1, cores // 2)
        reason = f"{cores} cores: one engine at a time, by right of way"
    else:
        piper = min(4, max(2, cores // 6))
        llama = capacity.language_threads(cores)
        threads = {"whisper": min(8, cores - llama - piper), "llama": llama, "piper": piper}
        reason = f"{cores} cores: the engines work side by side"
    # An engine on the GPU keeps one thread that feeds it.
    threads = {name: 1 if devices[name] == "cuda" else count for name, count in threads.items()}
    return threads, Line("threads", "/".join(str(threads[name]) for name in devices), f"whisper/llama/piper; {reason}")


def _compute_type(settings: Settings, hardware: Hardware, device: str) -> tuple[str, Line]:
    supported = hardware.cuda_types if device == "cuda" else hardware.cpu_types
    if settings.compute_type != "auto":
        if supported and settings.compute_type not in supported:
            raise HardwareError(
                f"compute_type = {settings.compute_type} ({settings.origin('compute_type')}) does not work on {device}",
                expected=f"one of {', '.join(sorted(supported))}",
                fix="leave compute_type at auto",
            )
        return settings.compute_type, Line("precision", settings.compute_type, settings.origin("compute_type"))
    if device == "cpu":
        return "int8", Line("precision", "int8", "the least work on a CPU")
    memory = (hardware.gpus[0].memory if hardware.gpus else None) or 0
    wanted = ("float16", "int8_float16") if memory >= 10 * GIB else ("int8_float16", "float16")
    choice = next((name for name in wanted if name in supported), "int8" if "int8" in supported else "float32")
    return choice, Line("precision", choice, f"{gib(memory)} of GPU memory" if memory else "GPU memory unknown")

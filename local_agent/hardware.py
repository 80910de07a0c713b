"""What runs where: `plan(settings, hardware, installed)` decides, and says why, line by line.

Pure: facts come from `local_agent.machine`, wishes from Settings, and the same two always give the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from local_agent.catalogue import CATALOGUE, PROFILES, Profile
from local_agent.errors import ConfigError, HardwareError, nearest
from local_agent.machine import GIB, Gpu, Hardware, probe, usable_cores
from local_agent.settings import Settings

__all__ = ["EnginePlan", "Gpu", "Hardware", "Line", "Plan", "fall_back", "plan", "probe", "usable_cores"]

SET_UP_CUDA = "make setup GPU=cuda"

SHOWN = 0.92  # a GPU shows so much of the memory that it is sold with, at least
RANK = ("starter", "multilingual", "small", "medium", "large")
# Calls that one core carries: a reply of 4 tokens/s a call costs little, the burst after each turn is what counts.
CALLS_PER_CORE = {"starter": 2.0, "multilingual": 1.0, "small": 1.0, "medium": 0.5, "large": 0.25}
# From the models' own headers: layers x KV heads x head size x 2 (keys, values) x 2 bytes (fp16).
KV_BYTES = {
    "smollm2-135m-instruct": 30 * 3 * 64 * 4,
    "qwen2.5-0.5b-instruct": 24 * 2 * 64 * 4,
    "qwen2.5-1.5b-instruct": 28 * 2 * 128 * 4,
    "qwen3-4b-instruct": 36 * 8 * 128 * 4,
    "qwen2.5-7b-instruct": 28 * 4 * 128 * 4,
}
KV_BYTES_UNKNOWN = 32 * 8 * 128 * 4  # an 8B model with grouped queries
WEIGHTS_UNKNOWN = 5 * GIB
# A reply that is read while the room's earlier one still holds its place (more than a step long) takes one of its own.
SPARE_SEQUENCES = 1
ROOM = 20 << 20  # bytes a room may add: audio, voice activity detection, WebRTC
LIBRARIES = 600 << 20  # bytes of the process before weights
MOST_CALLS = 64
# Whisper models whose decoder, most of their work, is slower with two threads than with one
# (docs/decisions/threads.md).
HALVED = frozenset({"whisper-tiny.en"})
ALONE = 8  # from this many cores on the engines work side by side


class Line(NamedTuple):
    """One row of what `start` prints. warning: the person asked for something else, or would profit from a change."""

    what: str
    choice: str
    reason: str
    warning: bool = False


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
    context: tokens of one conversation. max_calls: conversations at once. lines: why.
    """

    profile: str
    whisper: EnginePlan
    llama: EnginePlan
    piper: EnginePlan
    context: int
    max_calls: int
    lines: tuple[Line, ...]
    turn: EnginePlan | None = None

    @property
    def models(self) -> dict[str, str]:
        """Names or paths of the models in use, by engine."""
        engines = {"whisper": self.whisper, "llama": self.llama, "piper": self.piper, "turn": self.turn}
        return {name: engine.model for name, engine in engines.items() if engine is not None}


class _Device(NamedTuple):
    name: str
    reason: str
    warning: bool = False


def plan(settings: Settings, hardware: Hardware, installed: frozenset[str] = frozenset()) -> Plan:
    """Decide everything. installed: names of the catalogue's models that are on disk (`weights.installed`).

    Raises HardwareError for a device or compute type that was demanded and is not there, ConfigError for an unknown
    profile.
    """
    devices = {
        "whisper": _device(settings, hardware, "whisper", _whisper_gap(hardware)),
        "llama": _device(settings, hardware, "llama", _llama_gap(settings, hardware)),
        "piper": _device(settings, hardware, "piper", _piper_gap(hardware)),
    }
    profile, profile_line = _profile(settings, hardware, devices, installed)
    stt, llm = settings.whisper_model or profile.stt, settings.llm_model or profile.llm
    voice = settings.voice or _voice(profile, settings.language, installed)
    context, context_line = _context(settings, hardware, llm)
    devices["llama"] = _roomy(settings, hardware, devices["llama"], (stt, llm), context)
    calls, calls_line = _calls(settings, hardware, profile, (stt, llm, voice), context, devices["llama"].name == "cuda")
    threads, threads_line = _threads(settings, hardware, {name: device.name for name, device in devices.items()}, stt)
    compute_type, compute_line = _compute_type(settings, hardware, devices["whisper"].name)
    on_gpu = devices["llama"].name == "cuda"
    turn, turn_line = _turn(profile.turn, installed)
    return Plan(
        profile=profile.name,
        whisper=EnginePlan(stt, devices["whisper"].name, threads["whisper"], compute_type),
        llama=EnginePlan(llm, devices["llama"].name, threads["llama"], gpu_layers=settings.gpu_layers if on_gpu else 0),
        piper=EnginePlan(voice, devices["piper"].name, threads["piper"]),
        context=context,
        max_calls=calls,
        lines=(
            profile_line,
            *(
                Line(f"{engine} ({model})", device.name, device.reason, device.warning)
                for (engine, device), model in zip(devices.items(), (stt, llm, voice), strict=True)
            ),
            turn_line,
            compute_line,
            threads_line,
            context_line,
            calls_line,
        ),
        turn=turn,
    )


def fall_back(plan: Plan, engine: str, error: str) -> Plan:
    """The plan with `engine` (whisper, llama or piper) on the CPU, after it failed to load on the GPU with `error`.

    It gets as many threads as the busiest engine: those of a GPU's plan would leave the cores idle.
    """
    threads = max(plan.whisper.threads, plan.llama.threads, plan.piper.threads)
    reason = f"loading on the GPU failed: {error}; fix: {SET_UP_CUDA}, or device = cpu"
    lines = (*plan.lines, Line(engine, "cpu", reason, True))
    if engine == "whisper":
        return replace(plan, whisper=EnginePlan(plan.whisper.model, "cpu", threads, "int8"), lines=lines)
    if engine == "llama":
        return replace(plan, llama=EnginePlan(plan.llama.model, "cpu", threads), lines=lines)
    return replace(plan, piper=EnginePlan(plan.piper.model, "cpu", threads), lines=lines)


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
    return f"{gpu.name}, {_gib(gpu.memory)}" if gpu.memory else f"{gpu.name}, memory unknown"


def _profile(
    settings: Settings, hardware: Hardware, devices: dict[str, _Device], installed: frozenset[str]
) -> tuple[Profile, Line]:
    """The profile asked for, or the best one that suits the machine and lies on disk."""
    if settings.profile != "auto":
        if settings.profile not in PROFILES:
            near = nearest(settings.profile, PROFILES)
            raise ConfigError(
                f"no profile is named {settings.profile!r} ({settings.origin('profile')})",
                expected=", ".join(("auto", *PROFILES)),
                fix=f"use --profile {near}" if near else "use --profile auto",
            )
        return PROFILES[settings.profile], Line("profile", settings.profile, settings.origin("profile"))
    suited, machine = _suited(hardware, devices)
    # English needs no second Whisper of the same size; other languages need one that is not English only.
    order = [name for name in RANK if name != ("multilingual" if settings.language == "en" else "starter")]
    suited = suited if suited in order else order[0]
    fitting = order[: order.index(suited) + 1]
    chosen = next((name for name in reversed(fitting) if _complete(PROFILES[name], settings, installed)), None)
    if chosen == suited:
        return PROFILES[suited], Line("profile", suited, machine)
    fix = f"python -m local_agent download --profile {suited}"
    if chosen is None:
        reason = f"{machine} would carry {suited}, but no profile is whole on disk; fix: {fix}"
        return PROFILES[order[0]], Line("profile", order[0], reason, True)
    return PROFILES[chosen], Line("profile", chosen, f"{machine} would carry {suited}, which is not on disk: {fix}")


def _suited(hardware: Hardware, devices: dict[str, _Device]) -> tuple[str, str]:
    """Name of the profile that the machine carries, and the machine in words."""
    if devices["whisper"].name == devices["llama"].name == "cuda":
        memory = (hardware.gpus[0].memory if hardware.gpus else None) or 0
        carried = [p for p in PROFILES.values() if p.gpu and memory >= p.gpu * GIB * SHOWN]
        return max(carried, key=_rank).name if carried else "starter", _gpu_words(hardware)
    carried = [
        p
        for p in PROFILES.values()
        if p.name != "multilingual" and 0 < p.cores <= hardware.cores and p.memory * GIB <= hardware.memory
    ]
    words = f"{hardware.cores} cores, {_gib(hardware.memory)}"
    return max(carried, key=_rank).name if carried else "starter", words


def _rank(profile: Profile) -> int:
    return RANK.index(profile.name)


def _complete(profile: Profile, settings: Settings, installed: frozenset[str]) -> bool:
    """Whether all that the settings do not replace is on disk."""
    parts = ((profile.stt, settings.whisper_model), (profile.llm, settings.llm_model), (profile.tts, settings.voice))
    return all(name in installed for name, own in parts if own is None)


def _voice(profile: Profile, language: str, installed: frozenset[str]) -> str:
    """A voice that speaks the language, one that is on disk first; the profile's for `auto` or where none is known."""
    known = CATALOGUE.get(profile.tts)
    if language == "auto" or (known and language in known.languages):
        return profile.tts
    voices = [name for name, entry in CATALOGUE.items() if entry.role == "tts" and language in entry.languages]
    return next((name for name in voices if name in installed), voices[0] if voices else profile.tts)


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
        llama = min(16, cores // 2)
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
    return choice, Line("precision", choice, f"{_gib(memory)} of GPU memory" if memory else "GPU memory unknown")


def _context(settings: Settings, hardware: Hardware, llm: str) -> tuple[int, Line]:
    """Tokens of one conversation: what was asked for, or what memory allows, and no more than the model has use for."""
    entry = CATALOGUE.get(llm)
    useful = entry.context if entry else None
    by_memory = 4096 if hardware.memory >= 4 * GIB else 2048
    tokens = settings.context or by_memory
    reason = settings.origin("context") if settings.context else f"a conversation; {_gib(hardware.memory)} of memory"
    if useful is None or tokens <= useful:
        return tokens, Line("context", f"{tokens} tokens", reason)
    cut = bool(settings.context)
    if cut:
        reason += f", cut from {tokens}"
    return useful, Line("context", f"{useful} tokens", f"{reason}; {llm} answers later and no better with more", cut)


def _calls(
    settings: Settings, hardware: Hardware, profile: Profile, models: tuple[str, ...], context: int, on_gpu: bool
) -> tuple[int, Line]:
    """Conversations at once: the smaller of what computes them and what remembers them."""
    if settings.max_calls:
        return settings.max_calls, Line("calls at once", str(settings.max_calls), settings.origin("max_calls"))
    on_core = 4.0 if on_gpu else CALLS_PER_CORE[profile.name]  # beside a GPU the cores still speak and carry audio
    by_cores = max(1, int(hardware.cores * on_core))
    memory = _gpu_memory(hardware) if on_gpu else hardware.memory_free
    if memory is None:
        calls = min(by_cores, MOST_CALLS)
        return calls, Line("calls at once", str(calls), f"{hardware.cores} cores carry about {by_cores}")
    left = memory * 4 // 5 - _weights(models) - SPARE_SEQUENCES * _cache(models[1], context)
    by_memory = left // _room(models[1], context)
    calls = max(1, min(by_cores, by_memory, MOST_CALLS))
    reason = f"{hardware.cores} cores carry about {by_cores}, {_gib(memory)} of free memory {max(0, by_memory)}"
    if by_memory < 1:
        reason += "; fix: use a smaller profile, or fewer tokens of context"
    return calls, Line("calls at once", str(calls), reason, by_memory < 1)


def _roomy(settings: Settings, hardware: Hardware, device: _Device, models: tuple[str, str], context: int) -> _Device:
    """The language model's device: the CPU where the GPU can't hold it and one conversation."""
    sequences = 1 + SPARE_SEQUENCES
    memory, needed = _gpu_memory(hardware), _weights(models) + sequences * _cache(models[1], context) + ROOM
    if device.name == "cpu" or memory is None or needed <= memory or settings.gpu_layers > 0:
        return device
    words = f"{models[1]} and {models[0]} need {_gib(needed)} but the GPU has {_gib(memory)} free"
    if settings.device == "cuda":
        raise HardwareError(words, fix="use a smaller profile or --gpu-layers, or --device auto")
    return _Device("cpu", f"{words}; fix: use a smaller profile or --gpu-layers", True)


def _gpu_memory(hardware: Hardware) -> int | None:
    """Bytes free on the first GPU; None where nothing could tell."""
    gpu = hardware.gpus[0] if hardware.gpus else Gpu("")
    return gpu.memory if gpu.free is None else gpu.free


def _weights(models: tuple[str, ...]) -> int:
    """Bytes that these models and the libraries around them take."""
    return LIBRARIES + sum(CATALOGUE[name].size if name in CATALOGUE else WEIGHTS_UNKNOWN for name in models)


def _room(llm: str, context: int) -> int:
    """Bytes that one conversation takes."""
    return _cache(llm, context) + ROOM


def _cache(llm: str, context: int) -> int:
    """Bytes of one sequence of the language model's key-value cache."""
    return KV_BYTES.get(llm, KV_BYTES_UNKNOWN) * context


def _gib(count: int | None) -> str:
    return f"{(count or 0) / GIB:.1f} GB".replace(".0 ", " ")

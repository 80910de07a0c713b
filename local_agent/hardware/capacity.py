"""How much fits: bytes of weights and conversations, tokens of a conversation, conversations at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_agent.config.settings import MOST_CALLS, Settings
from local_agent.hardware.model_facts import Facts
from local_agent.hardware.probe import GIB, Gpu, Hardware, gib
from local_agent.weights.catalogue import CATALOGUE, PROFILES

KV_BYTES_UNKNOWN = 32 * 8 * 128 * 4  # an 8B model with grouped queries
WEIGHTS_UNKNOWN = 5 * GIB
VOICE_UNKNOWN = max(entry.size for entry in CATALOGUE.values() if entry.role == "tts")  # one of medium quality
# Calls that one core carries: a reply of 4 tokens/s a call costs little, the burst after each turn is what counts.
CALLS_PER_CORE = {
    "starter": 2.0, "multilingual": 1.0, "small": 1.0, "medium": 0.5, "large": 0.25, "largest": 0.25
}  # fmt: skip
ALONE = 8  # from this many cores on the engines work side by side
ALIKE = 1.5  # times as many bytes: another quantization of the same
# The same by the language model's weights in bytes, for one that is not the profile's.
_CALLS_BY_SIZE = tuple((CATALOGUE[profile.llm].size, CALLS_PER_CORE[name]) for name, profile in PROFILES.items())
# A reply that is read while the room's earlier one still holds its place (more than a step long) takes one of its own.
SPARE_SEQUENCES = 1
ROOM = 20 << 20  # bytes a room may add: audio, voice activity detection, WebRTC
LIBRARIES = 600 << 20  # bytes of the process before weights
MOST_BY_ITSELF = 64  # calls, where nobody asked for more
SPOKEN_ROOM = 256  # tokens kept free between turns for what the caller says next
REPLY_RESERVE = 64  # tokens of slack beside max_tokens: the template's own, and tokens that merge differently


@dataclass(frozen=True)
class Sizes:
    """Bytes. weights: by engine. token, sequence: of the language model's cache for a token, and for a conversation
    besides. trained: tokens that it was trained on, None where unknown.
    """

    weights: Mapping[str, int]
    token: int
    sequence: int = 0
    trained: int | None = None

    @classmethod
    def of(cls, models: Mapping[str, str], facts: Facts, voices: Sequence[str] = ()) -> Sizes:
        """From the files where they are there, else from the catalogue, else as of an 8B model. voices: those that
        calls may need besides; each is loaded once, and stays.
        """
        weights = {
            engine: CATALOGUE[name].size if name in CATALOGUE else WEIGHTS_UNKNOWN if engine == "llama" else 0
            for engine, name in models.items()
        }
        weights["piper"] += sum(CATALOGUE[name].size if name in CATALOGUE else VOICE_UNKNOWN for name in voices)
        llm, known = models["llama"], facts.llama
        if known is None:
            entry = CATALOGUE.get(llm)
            return cls(weights, entry.llm.cache_bytes if entry and entry.llm else KV_BYTES_UNKNOWN)
        return cls(weights | {"llama": known.size}, known.cache_bytes, known.state_bytes, known.context or None)

    def cache(self, context: int) -> int:
        """Of one conversation of so many tokens."""
        return self.token * context + self.sequence

    def held(self, engines: Mapping[str, str], device: str) -> int:
        """Of the weights of those engines (device by engine) that are on `device`, and of the libraries."""
        return LIBRARIES + sum(size for engine, size in self.weights.items() if engines.get(engine) == device)


@dataclass(frozen=True)
class Decided:
    """A number with its reason. warning: something else was asked for, or a change would help."""

    value: int
    reason: str
    warning: bool = False


def context(settings: Settings, hardware: Hardware, llm: str, sizes: Sizes) -> Decided:
    """Tokens of one conversation: what was asked for, or what memory allows and the model has use for; never more than
    it was trained on.
    """
    if settings.context:
        asked, reason = settings.context, settings.origin("context")
        if sizes.trained and asked > sizes.trained:
            return Decided(sizes.trained, f"{reason}, cut from {asked}: {llm} was trained on {sizes.trained}", True)
        useful = CATALOGUE[llm].context if llm in CATALOGUE else None
        late = f"; {llm} answers later and no better with more than {useful}" if useful and asked > useful else ""
        return Decided(asked, reason + late)
    by_memory = 4096 if hardware.memory >= 4 * GIB else 2048
    reason = f"a conversation; {gib(hardware.memory)} of memory"
    useful = CATALOGUE[llm].context if llm in CATALOGUE else None
    if useful is not None and useful < by_memory:
        return Decided(useful, f"{reason}; {llm} answers later and no better with more")
    if sizes.trained and sizes.trained < by_memory:
        return Decided(sizes.trained, f"{reason}; {llm} was trained on {sizes.trained}")
    return Decided(by_memory, reason)


def calls(
    settings: Settings, hardware: Hardware, profile: str, sizes: Sizes, tokens: int, engines: Mapping[str, str]
) -> Decided:
    """Conversations at once: the smaller of what computes them and what remembers them; what was asked for, as far as
    memory has room for it. engines: device by engine.
    """
    on_gpu = engines["llama"] == "cuda"
    on_core = 4.0 if on_gpu else _on_core(profile, sizes.weights["llama"])  # beside a GPU the cores still speak
    by_cores = max(1, int(hardware.cores * on_core))
    memory, conversations = by_memory(hardware, sizes, tokens, engines)
    carried = f"{hardware.cores} cores carry about {by_cores}"
    if conversations is not None:
        carried += f", {gib(memory)} of free memory {max(0, conversations)}"
    if settings.max_calls:
        return _asked(settings, carried, by_cores, conversations)
    found = max(1, min(by_cores, MOST_BY_ITSELF, *([] if conversations is None else [conversations])))
    tight = conversations is not None and conversations < 1
    fix = "; fix: use a smaller profile, or fewer tokens of context" if tight else ""
    return Decided(found, carried + fix, tight)


def language_threads(cores: int) -> int:
    """Threads that the language model gets of so many cores: all where one engine works at a time."""
    return cores if cores < ALONE else min(16, cores // 2)


def _on_core(profile: str, size: int) -> float:
    """Calls that one core carries, with a language model of so many bytes."""
    largest, fewest = _CALLS_BY_SIZE[-1]
    like = [calls for known, calls in _CALLS_BY_SIZE if size <= known * ALIKE] or [fewest * largest / size]
    return min(CALLS_PER_CORE[profile], like[0])


def _asked(settings: Settings, carried: str, by_cores: int, conversations: int | None) -> Decided:
    """What the person asked for, cut to what memory has room for."""
    asked, origin = settings.max_calls, settings.origin("max_calls")
    if conversations is not None and asked > max(1, conversations):
        return Decided(max(1, conversations), f"{origin}, cut from {asked}: {carried}", True)
    if asked > by_cores:
        return Decided(asked, f"{origin}, though {carried}: callers will wait for each other", True)
    return Decided(asked, origin)


def by_memory(
    hardware: Hardware, sizes: Sizes, tokens: int, engines: Mapping[str, str]
) -> tuple[int | None, int | None]:
    """(bytes free, conversations that they have room for); None where nothing could tell."""
    device = engines["llama"]
    memory = gpu_memory(hardware) if device == "cuda" else hardware.memory_free
    if memory is None:
        return None, None
    left = memory * 4 // 5 - sizes.held(engines, device) - SPARE_SEQUENCES * sizes.cache(tokens)
    return memory, min(MOST_CALLS, left // (sizes.cache(tokens) + ROOM))


def too_large(hardware: Hardware, sizes: Sizes, tokens: int, engines: Mapping[str, str]) -> str:
    """Why the GPU can't hold the language model and one conversation; "" where it can, or nobody knows."""
    sequences = 1 + SPARE_SEQUENCES
    memory, needed = gpu_memory(hardware), sizes.held(engines, "cuda") + sequences * sizes.cache(tokens) + ROOM
    if engines["llama"] == "cpu" or memory is None or needed <= memory:
        return ""
    return f"they need {gib(needed)} but the GPU has {gib(memory)} free"


def gpu_memory(hardware: Hardware) -> int | None:
    """Bytes free on the first GPU; None where nothing could tell."""
    gpu = hardware.gpus[0] if hardware.gpus else Gpu("")
    return gpu.memory if gpu.free is None else gpu.free

"""Which profiles a machine carries well: in its memory, and with the first clause soon enough behind the words. Pure.

A model that was measured here is judged by that (`hardware.speed`), another one by its bytes, the machine's memory and
the width of its processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from local_agent.config.settings import Settings
from local_agent.hardware import capacity, speed
from local_agent.hardware.model_facts import Facts
from local_agent.hardware.probe import Hardware, gib
from local_agent.hardware.speed import Speed
from local_agent.weights.catalogue import CATALOGUE, Profile

SOON = 0.6  # s from the last words to the first clause: what a caller takes for an answer, not for a silence
LAST_WORDS = 12  # tokens that are not read ahead while the caller speaks
# Tokens of a first clause behind a model that writes slowly, which is cut at its first comma (plugins/first_clause.py):
# .29 s at 76 ms a token, 12 calls' turns with Qwen2.5-Coder-1.5B.
CLAUSE = 4

# Two AVX-512 cores (VNNI), llama.cpp alone, Qwen2.5-Coder-1.5B Q4_K_M, .98 GB behind a token: twelve tokens are read at
# 53.8 a second, and written 20.1 a second with one thread, 31.5 with two. Bytes of weights a second and core:
READS_PER_CORE, WRITES_PER_CORE = 26e9, 20e9
# Shares of these, by the widest products that a processor has; only the first one was measured, the others are what
# half as wide and plain registers should do.
WIDTHS = (
    (frozenset({"avx512_vnni"}), 1.0, "AVX-512"),
    (frozenset({"avx2", "asimddp"}), 0.5, ""),
    (frozenset[str](), 0.2, ""),
)
MEMORY_PER_CORE = 12e9  # bytes a second, where nobody measured
GPU_CALLS = 2  # conversations that a GPU must have room for
FILLED = 0.8  # of the memory, at most: the rest is the system's, and what a GPU shows less than it is sold with


class Fit(NamedTuple):
    """One profile on one machine. models: by engine. seconds: until its first clause, None where nobody can tell.

    measured: here, rather than estimated. lacks: why it does not fit, "" where it does.
    """

    profile: Profile
    models: Mapping[str, str]
    seconds: float | None
    measured: bool
    lacks: str

    @property
    def points(self) -> int | None:
        """Of 60, for everyday questions."""
        entry = CATALOGUE.get(self.models["llama"])
        return entry.llm.points if entry is not None and entry.llm is not None else None

    @property
    def pace(self) -> str:
        """When its first clause comes, in words; "" where nobody can tell."""
        if self.seconds is None:
            return ""
        return f"its first clause {'comes' if self.measured else 'is expected'} {self.seconds:.2f} s after the words"


def judge(
    settings: Settings, hardware: Hardware, devices: Mapping[str, str], profile: Profile, models: Mapping[str, str]
) -> Fit:
    """Judge one profile. devices: cuda or cpu by engine. models: that it has in these settings, by engine."""
    llm = models["llama"]
    found = expected(hardware, devices["llama"], llm)
    seconds, measured = found if found is not None else (None, False)
    lacks = _too_few_cores(profile, hardware, devices) or _too_little_memory(settings, hardware, devices, models)
    if not lacks and seconds is not None and seconds > SOON:
        when = "comes" if measured else "would come"
        lacks = f"its first clause {when} {seconds:.2f} s after the words, and {SOON:g} s is the limit"
    return Fit(profile, models, seconds, measured, lacks)


def expected(hardware: Hardware, device: str, model: str) -> tuple[float, bool] | None:
    """(seconds from the last words to the first clause, whether that was measured); None where nobody can tell."""
    entry = CATALOGUE.get(model)
    if entry is None or entry.llm is None:
        return None
    known = hardware.measured.of(speed.name_of(entry.files[0].sha256 or "", device))
    if known is None and device == "cuda":
        return None
    used = known or estimated(hardware, entry.llm.reads)
    return LAST_WORDS / used.read + CLAUSE / used.write, known is not None


def estimated(hardware: Hardware, reads: int) -> Speed:
    """Of a language model on the CPU that nobody measured. reads: bytes of weights behind a token."""
    threads = capacity.language_threads(hardware.cores)
    share = next(share for flags, share, _ in WIDTHS if flags & hardware.cpu_flags or not flags)
    memory = hardware.measured.memory or hardware.cores * MEMORY_PER_CORE
    return Speed(READS_PER_CORE * share * threads / reads, min(WRITES_PER_CORE * share * threads, memory) / reads)


def processor(hardware: Hardware) -> str:
    """Cores and memory in words."""
    wide = next(name for flags, _, name in WIDTHS if flags & hardware.cpu_flags or not flags)
    cores = f"{hardware.cores} core{'s' if hardware.cores != 1 else ''}"
    return f"{cores}{f' with {wide}' if wide else ''}, {gib(hardware.memory)}"


def _too_few_cores(profile: Profile, hardware: Hardware, devices: Mapping[str, str]) -> str:
    if devices["whisper"] == "cuda":
        return ""
    if profile.cores == 0:
        return f"{profile.stt} takes a GPU"
    if profile.cores > hardware.cores:
        return f"{profile.stt} takes {profile.cores} cores, or a GPU"
    return ""


def _too_little_memory(
    settings: Settings, hardware: Hardware, devices: Mapping[str, str], models: Mapping[str, str]
) -> str:
    if models["llama"] not in CATALOGUE:
        return ""  # somebody's own: whoever named it knows, and the plan looks at the file
    sizes = capacity.Sizes.of(models, Facts())
    tokens = capacity.context(settings, hardware, models["llama"], sizes).value
    if devices["llama"] == "cuda":
        there = hardware.gpus[0].memory if hardware.gpus else None
        if there is None:
            return "nobody can tell how much memory the GPU has"
        sequences = GPU_CALLS + capacity.SPARE_SEQUENCES
        needed = sizes.held(devices, "cuda") + sequences * sizes.cache(tokens) + GPU_CALLS * capacity.ROOM
        return (
            ""
            if needed <= there * FILLED
            else f"it takes a GPU of {gib(int(needed / FILLED))}, and there is {gib(there)}"
        )
    needed = sizes.held(devices, "cpu") + (1 + capacity.SPARE_SEQUENCES) * sizes.cache(tokens) + capacity.ROOM
    if needed <= hardware.memory * FILLED:
        return ""
    return f"it takes {gib(int(needed / FILLED))} of memory, and there are {gib(hardware.memory)}"

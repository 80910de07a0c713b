"""The machine as it is: facts measured once, at start.

`usable_cores()` is cheap and imports nothing heavy, so that `config.prepare_process` can run before `probe()`, which
loads the three native libraries to ask what they were built for. A probe that fails becomes a fact, never a crash.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import psutil

from local_agent.hardware import cgroup, llama_build
from local_agent.hardware.llama_build import AS_SET_UP, LlamaBuild
from local_agent.hardware.speed import UNMEASURED, Measured, kept, machine_name
from local_agent.process.operating_system import processor_flags, usable_processors

T = TypeVar("T")
GIB = 1 << 30
FLAGS = frozenset({"avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "asimd", "asimddp"})
CUBLAS = "libcublas.so.12"  # what CTranslate2's wheels open by name at their first product on the GPU


@dataclass(frozen=True, slots=True)
class Gpu:
    """memory, free: bytes, or None where nothing could tell."""

    name: str
    memory: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Hardware:
    """Facts about the machine and the libraries.

    cores: physical cores this process may use. memory, memory_free: bytes of RAM. gpus: what the driver shows.
    whisper_gpus: CUDA devices that CTranslate2 sees. cpu_types, cuda_types: what CTranslate2 computes in there.
    llama_offload: llama.cpp was built with GPU code. llama_build: what else it lacks. providers: ONNX Runtime's.
    faults: (library, what it said). measured: how fast it is, as far as that was measured.
    """

    cores: int
    memory: int
    memory_free: int
    cpu_flags: frozenset[str] = frozenset()
    gpus: tuple[Gpu, ...] = ()
    whisper_gpus: int = 0
    cpu_types: frozenset[str] = frozenset({"int8", "int8_float32", "float32"})
    cuda_types: frozenset[str] = frozenset()
    llama_offload: bool = False
    llama_build: LlamaBuild = AS_SET_UP
    providers: frozenset[str] = frozenset({"CPUExecutionProvider"})
    faults: tuple[tuple[str, str], ...] = ()
    measured: Measured = UNMEASURED

    @property
    def has_gpu(self) -> bool:
        return bool(self.gpus) or self.whisper_gpus > 0

    def fault(self, library: str) -> str:
        """What that library said when it failed; empty when it did not."""
        return next((words for name, words in self.faults if name == library), "")


def gib(count: int | None) -> str:
    """Bytes in words: `4 GB`, `1.5 GB`."""
    return f"{(count or 0) / GIB:.1f} GB".replace(".0 ", " ")


def usable_cores(limits: cgroup.Limits | None = None, cpus: Path = Path("/sys/devices/system/cpu")) -> int:
    """Physical cores that this process may keep busy: its affinity, two hyperthreads as one, and the cgroup's quota."""
    limits = cgroup.limits() if limits is None else limits
    allowed = usable_processors()
    cores = len({_siblings(cpus / f"cpu{cpu}" / "topology" / "thread_siblings_list", cpu) for cpu in allowed})
    return max(1, cores if limits.cpus is None else min(cores, int(limits.cpus)))


def probe() -> Hardware:
    """Ask the operating system and the native libraries. Call it after `config.prepare_process`."""
    limits = cgroup.limits()
    memory = psutil.virtual_memory()
    faults: dict[str, str] = {}
    no_gpus: tuple[Gpu, ...] = ()
    no_types: frozenset[str] = frozenset()
    gpus = _ask("nvidia-smi", _gpus, no_gpus, faults)
    if gpus:
        _ask("cuda", load_cuda_libraries, None, faults)
    whisper_gpus, cpu_types, cuda_types = _ask("ctranslate2", _ctranslate2, (0, no_types, no_types), faults)
    return Hardware(
        cores=usable_cores(limits),
        memory=min(memory.total, limits.memory or memory.total),
        memory_free=min(memory.available, memory.available if limits.memory_free is None else limits.memory_free),
        cpu_flags=_ask("cpuinfo", _cpu_flags, no_types, faults),
        gpus=gpus,
        whisper_gpus=whisper_gpus,
        cpu_types=cpu_types,
        cuda_types=cuda_types,
        llama_offload=_ask("llama_cpp", _llama_offload, False, faults),
        llama_build=_ask("llama_cpp's build", llama_build.look, AS_SET_UP, faults),
        providers=_ask("onnxruntime", _providers, no_types, faults),
        faults=tuple(faults.items()),
    )


def named(hardware: Hardware) -> str:
    """What measurements of this machine are kept under."""
    return machine_name(hardware.cores, tuple(gpu.name for gpu in hardware.gpus))


def with_speed(hardware: Hardware, data_dir: Path) -> Hardware:
    """The machine with what was measured on it before."""
    return replace(hardware, measured=kept(data_dir, named(hardware)))


def load_cuda_libraries() -> None:
    """Load cuBLAS, from the system or from the installed packages of NVIDIA, so that CTranslate2 finds it by name.

    CTranslate2's count of devices needs only the driver: without this a missing library shows in the middle of a call.
    Raises OSError where it is nowhere.
    """
    try:
        ctypes.CDLL(CUBLAS, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        spec = importlib.util.find_spec("nvidia")
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(place) / "cublas" / "lib" / CUBLAS).is_file():
                # cuBLAS names cublasLt by its bare name too: it must be there first.
                for name in ("libcublasLt.so.12", CUBLAS):
                    ctypes.CDLL(str(Path(place) / "cublas" / "lib" / name), mode=ctypes.RTLD_GLOBAL)
                return
        raise


def _ask(library: str, question: Callable[[], T], otherwise: T, faults: dict[str, str]) -> T:
    """The answer, or `otherwise` with the failure noted: native libraries fail in every way there is."""
    try:
        return question()
    except Exception as error:
        faults[library] = f"{type(error).__name__}: {error}".splitlines()[0]
        return otherwise


def _siblings(path: Path, cpu: int) -> str:
    """Names one physical core; the processor itself where the kernel does not tell."""
    return path.read_text(encoding="ascii").strip() if path.is_file() else str(cpu)


def _cpu_flags() -> frozenset[str]:
    return FLAGS & processor_flags()


def _gpus() -> tuple[Gpu, ...]:
    """The driver's devices; none where nvidia-smi is not installed."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
    if done.returncode != 0:
        raise OSError((done.stdout + done.stderr).strip() or f"nvidia-smi ended with {done.returncode}")
    rows = [[word.strip() for word in line.rsplit(",", 2)] for line in done.stdout.splitlines() if line.strip()]
    return tuple(Gpu(row[0], *(_mebibytes(word) for word in row[1:])) for row in rows)


def _mebibytes(word: str) -> int | None:
    """Bytes; None for what the driver does not know (`[N/A]`)."""
    return int(word) << 20 if word.isdigit() else None


def _ctranslate2() -> tuple[int, frozenset[str], frozenset[str]]:
    import ctranslate2

    count = ctranslate2.get_cuda_device_count()
    cuda = ctranslate2.get_supported_compute_types("cuda") if count else ()
    return count, frozenset(ctranslate2.get_supported_compute_types("cpu")), frozenset(cuda)


def _llama_offload() -> bool:
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def _providers() -> frozenset[str]:
    import onnxruntime

    return frozenset(onnxruntime.get_available_providers())

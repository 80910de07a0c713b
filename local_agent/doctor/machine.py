"""Cores, memory, disk, and the native libraries on this processor."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import mmap
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from local_agent.doctor.check import Finding, check, fails, ok, skipped, warning
from local_agent.doctor.context import NATIVE, Case
from local_agent.errors import in_checkout
from local_agent.hardware.plan import ROOM, Sizes
from local_agent.hardware.probe import GIB
from local_agent.process.operating_system import processor_flags
from local_agent.weights.progress import megabytes

FEATURES = "CPU features"
PLAN = "plan"
# Each prints what it is. They run in processes of their own: a library built for another processor ends its process.
LOADS = {
    "ctranslate2": "import ctranslate2 as m; m.get_supported_compute_types('cpu'); print(m.__version__)",
    "llama_cpp": "import llama_cpp as m; m.llama_backend_init(); print(m.__version__)",
    "onnxruntime": "import onnxruntime as m, piper.espeakbridge; m.get_available_providers(); print(m.__version__)",
    "livekit.rtc": "from livekit import rtc as m; m.AudioResampler(48000, 16000); print(m.__version__)",
    "livekit.local_inference": "from livekit.local_inference import VAD; VAD(); print('voice activity')",
}
DISTRIBUTIONS = {
    "llama_cpp": "llama-cpp-python",
    "livekit.rtc": "livekit",
    "livekit.local_inference": "livekit-local-inference",
    "onnxruntime": "onnxruntime piper-tts",
}
# livekit's native library aborts now and then while its process ends (1.1.21): what it said before that counts.
AT_ONCE = "\nimport os, sys; sys.stdout.flush(); os._exit(0)"
LOADING = 60.0  # s for one library; half a second on an idle machine

# Names of ggml's features (ggml/src/ggml-cpu) as Linux spells them in /proc/cpuinfo.
FLAGS = {
    "SSE3": "pni", "SSSE3": "ssse3", "AVX": "avx", "AVX2": "avx2", "F16C": "f16c", "FMA": "fma", "BMI2": "bmi2",
    "AVX_VNNI": "avx_vnni", "AVX512": "avx512f", "AVX512_VBMI": "avx512vbmi", "AVX512_VNNI": "avx512_vnni",
    "AVX512_BF16": "avx512_bf16", "AMX_INT8": "amx_int8",
}  # fmt: skip
WORTHWHILE = ("AVX2", "FMA")  # what a build must not leave unused: two to four times the speed

TELEMETRY_HOSTS = ("events.data.microsoft.com", "applicationinsights.azure.com", "vortex.data.microsoft.com")
NATIVE_PACKAGES = (
    "onnxruntime", "ctranslate2", "llama_cpp", "piper", "livekit.rtc", "livekit.local_inference", "tokenizers", "av",
)  # fmt: skip
WATCHED = 0.5  # s
DATA_NEEDED = 50 << 20  # bytes for keys and logs


@check(NATIVE, seconds=LOADING * 3)
def native_libraries(case: Case) -> Finding:
    """Each native library loads and answers, in a process of its own."""
    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(LOADS, pool.map(load_alone, LOADS.values()), strict=True))
    broken = {name: words for name, (loaded, words) in told.items() if not loaded}
    if not broken:
        return ok(", ".join(f"{name} {words}" for name, (_, words) in told.items()))
    repair = " ".join(DISTRIBUTIONS.get(name, name) for name in broken)
    return fails("; ".join(f"{name} does not load: {words}" for name, words in broken.items()), reinstall(repair))


def reinstall(distributions: str) -> str:
    """The command that puts packages right. In a checkout: all anew, as pip takes what is broken for installed."""
    return "make clean setup" if in_checkout() else f"python -m pip install --force-reinstall {distributions}"


def load_alone(code: str) -> tuple[bool, str]:
    """(it worked, the last line it printed or how its process ended)."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code + AT_ONCE], capture_output=True, text=True, timeout=LOADING, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {LOADING:g} s"
    last = ([line for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["it said nothing"])[-1]
    if done.returncode == -signal.SIGILL:
        return False, "illegal instruction: it was built for another processor"
    if done.returncode < 0:
        return False, f"its process was ended by {signal.Signals(-done.returncode).name}"
    return done.returncode == 0, last.strip()


@check(FEATURES, needs=(NATIVE,))
def cpu_features(case: Case) -> Finding:
    """llama.cpp was built for this processor: for nothing that it lacks, and for what makes it fast."""
    import llama_cpp

    flags = processor_flags()
    if not flags & set(FLAGS.values()):
        return skipped("all builds fit this kind of processor, or this system does not list what it can do")
    lacking, unused = compare_features(llama_cpp.llama_print_system_info().decode(), flags)
    rebuild = reinstall("--no-cache-dir --no-deps llama-cpp-python")
    if lacking:
        return fails(f"llama.cpp was built for {', '.join(lacking)}, which this processor lacks", rebuild)
    if unused:
        return warning(f"llama.cpp was built without {', '.join(unused)}, which this processor has", rebuild)
    return ok(f"llama.cpp fits: {', '.join(name for name, flag in FLAGS.items() if flag in flags)}")


def compare_features(system_info: str, flags: frozenset[str]) -> tuple[list[str], list[str]]:
    """(features that llama.cpp was built for and the processor lacks, worthwhile ones that it has and the build lacks).

    system_info: llama.cpp's own words, `CPU : AVX = 1 | AVX2 = 1 | ...`.
    """
    built = set(re.findall(r"(\w+) = 1", system_info))
    lacking = [name for name, flag in FLAGS.items() if name in built and flag not in flags]
    return lacking, [name for name in WORTHWHILE if name not in built and FLAGS[name] in flags]


@check("telemetry in libraries", seconds=60.0)
def telemetry(case: Case) -> Finding:
    """No native library knows where to report to."""
    found = native_telemetry(package_folders())
    version = importlib.metadata.version("onnxruntime")
    if found:
        return warning(
            f"{'; '.join(found)} (onnxruntime {version}); silenced by ORT_DISABLE_TELEMETRY=1 at every start",
            "make setup, which installs versions without such addresses (onnxruntime 1.28.0)",
        )
    return ok(f"no such address in {len(package_folders())} packages; onnxruntime {version}")


def package_folders() -> list[Path]:
    """Folders of the installed packages with native code, and of the libraries bundled with them."""
    folders = []
    for name in NATIVE_PACKAGES:
        spec = importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            bundled = Path(place).with_name(f"{Path(place).name}.libs")
            folders += [Path(place), *([bundled] if bundled.is_dir() else [])]
    return folders


def native_telemetry(paths: Iterable[Path]) -> list[str]:
    """`FILE holds HOST` for every telemetry host in the native libraries below `paths`; each file once."""
    found = []
    files = {
        file.resolve() for path in paths for pattern in ("*.so*", "*.dylib", "*.dll") for file in path.rglob(pattern)
    }
    for file in sorted(files):
        if not file.is_file() or file.stat().st_size == 0:
            continue
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found += [f"{file.name} holds {host}" for host in TELEMETRY_HOSTS if _holds(content, host)]
    return found


def _holds(content: mmap.mmap, host: str) -> bool:
    return content.find(host.encode()) >= 0 or content.find(host.encode("utf-16-le")) >= 0


@check(PLAN)
def plan(case: Case) -> Finding:
    """What runs where, and whether that is what was asked for."""
    lines = case.plan.lines
    warnings = [f"{line.what}: {line.choice}, {line.reason}" for line in lines if line.warning]
    if warnings:
        return warning("; ".join(warnings), "what each of them says")
    engines = (case.plan.whisper, case.plan.llama, case.plan.piper)
    return ok(f"profile {case.plan.profile}: " + ", ".join(f"{Path(e.model).name} on {e.device}" for e in engines))


@check("threads and cores", needs=(PLAN,))
def threads(case: Case) -> Finding:
    """No engine gets more threads than there are cores."""
    cores, asked = case.hardware.cores, case.settings.threads
    each = "/".join(str(engine.threads) for engine in (case.plan.whisper, case.plan.llama, case.plan.piper))
    found = f"{cores} physical cores, threads {each} (whisper/llama/piper), {case.plan.max_calls} calls at once"
    if asked > cores:
        return warning(f"threads = {asked} is cut to the {cores} cores there are", "leave LOCAL_AGENT_THREADS out")
    busy = busy_elsewhere()
    return ok(f"{found}; others keep {busy:.1f} of {os.cpu_count()} processors busy" if busy > 1 else found)


def busy_elsewhere(seconds: float = WATCHED) -> float:
    """Logical processors of the whole machine that other processes keep busy, measured for some seconds.

    The load average is another figure: it counts who waits for a disk or a processor as well, and our own processes.
    """
    own, began = time.process_time(), time.monotonic()
    share = float(psutil.cpu_percent(interval=seconds)) / 100
    ours = (time.process_time() - own) / (time.monotonic() - began)
    return max(0.0, share * (os.cpu_count() or 1) - ours)


@check("memory", needs=(PLAN,))
def memory(case: Case) -> Finding:
    """Weights, libraries and the conversations of the plan fit the free memory."""
    chosen, free = case.plan, case.hardware.memory_free
    sizes = Sizes.of(chosen.models, chosen.facts, chosen.voices)
    each = ROOM + (sizes.cache(chosen.context) if chosen.llama.device == "cpu" else 0)
    held = sizes.held(chosen.devices, "cpu")
    found = f"{free / GIB:.1f} GB free, {held / GIB:.1f} GB for the models and {each / GIB:.2f} GB a call are needed"
    if case.page is not None and not case.page.own:
        return ok(f"{found}; the running agent holds its share already")
    if free < held + each:
        return fails(found, "end other programs, or use a smaller --profile or LOCAL_AGENT_CONTEXT")
    if free < held + each * case.plan.max_calls:
        return warning(f"{found}, {case.plan.max_calls} calls", "lower LOCAL_AGENT_MAX_CALLS or LOCAL_AGENT_CONTEXT")
    return ok(found)


@check("disk")
def disk(case: Case) -> Finding:
    """The folder for keys can be written, and what is missing of the weights fits the disk."""
    data, models = _nearest(case.settings.data_dir), _nearest(case.settings.models_dir)
    if not os.access(data, os.W_OK):
        return fails(f"{data} may not be written", "set LOCAL_AGENT_DATA_DIR to a folder that may")
    free = shutil.disk_usage(data).free
    if free < DATA_NEEDED:
        return fails(f"{megabytes(free)} are free in {data}", "make room: keys and logs need some megabytes")
    return ok(f"{megabytes(shutil.disk_usage(models).free)} free for weights in {models}; {data} may be written")


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())


CHECKS = (native_libraries, cpu_features, telemetry, plan, threads, memory, disk)
